"""What is shared: the selection of notes, decks and packages."""
