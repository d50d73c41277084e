"""The preview and the share page: every card as Anki shows it, and the decks to download, as plain files."""
