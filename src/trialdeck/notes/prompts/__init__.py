"""What the cards of a record ask, in plain text: in its own words, and in those that trialdeck makes."""
