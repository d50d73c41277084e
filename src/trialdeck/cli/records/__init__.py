"""The commands that write, check and review records."""
