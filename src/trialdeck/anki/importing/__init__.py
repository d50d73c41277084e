"""Import decks of other authors: notes become entries of records, as a deck map says."""
