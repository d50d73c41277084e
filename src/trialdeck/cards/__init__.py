"""The cards of records as Anki shows them, kept up to date while their author writes."""
