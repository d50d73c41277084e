"""The HTML of the note types, and the labels in it."""
