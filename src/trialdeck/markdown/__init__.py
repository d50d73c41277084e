"""Markdown to the safe HTML of a card and back, cloze deletions, and formulas."""
