"""Is everything fine on this machine? Each check is a value: what was found, and the one command that mends it."""
