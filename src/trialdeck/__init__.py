"""Landmark clinical-trial records in, Anki decks out."""

__version__ = "0.5.0"
