"""What a result says, in words: its effect, the values of its arms, and how it was analysed."""
