"""From an answer to a grade with evidence."""
