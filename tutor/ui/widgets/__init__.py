"""Small nouns that know values, not stores; the messages they send are nested in them."""
