"""The SQLite store behind the ports of `tutor.sessions`."""
