"""What stands in a record where the author has yet to write something."""

YET_TO_BE_WRITTEN = "Yet to be written."
"""The text that drafts put where an author is asked for one: of an entry an error, of a figure a warning of `check`."""
