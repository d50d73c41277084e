"""The commands that build packages, compare them and share them."""
