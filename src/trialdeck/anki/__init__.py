"""A learner's or author's Anki: push packages, pull edits, and import decks that others made."""
