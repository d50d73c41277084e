"""What stands in a record where the author has yet to write something."""

YET_TO_BE_WRITTEN = "Yet to be written."
"""The text that drafts put where a description or a licence is asked for; `check` warns of it."""
