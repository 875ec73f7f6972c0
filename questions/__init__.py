"""Question packs and the grader's data; no code."""
