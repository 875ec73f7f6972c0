"""Long runs that look for what is lost or left behind: commands of their own, not tests."""
