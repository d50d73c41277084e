"""Somebody else's deck as it is read: a package, a text export, or a table."""
