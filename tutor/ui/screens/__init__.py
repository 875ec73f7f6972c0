"""One module a screen; each has its styles beside it."""
