"""Review records entry by entry, and report how good the cards are and how much is reviewed."""
