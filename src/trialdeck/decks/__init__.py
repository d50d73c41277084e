"""Decks: which notes a deck takes, and which decks a package holds."""
