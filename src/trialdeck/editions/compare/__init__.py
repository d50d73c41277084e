"""Compare two editions: their notes, their note types and their words."""
