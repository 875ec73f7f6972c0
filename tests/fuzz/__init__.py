"""Hostile input, made up by hypothesis for as long as one likes: `python -m tests.fuzz --seconds 600`."""
