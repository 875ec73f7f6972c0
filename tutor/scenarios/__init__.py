"""Question packs: their types, how they are read and how they are proven."""
