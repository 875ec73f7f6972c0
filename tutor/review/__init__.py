"""Spaced repetition over what an answer lacked: cards, their questions, ratings and schedule. Values in, values out."""
