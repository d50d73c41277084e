"""The cache of what was computed for each record."""
