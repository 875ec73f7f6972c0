"""The app in a browser: who may come in, who they are, and how a session begins and ends."""
