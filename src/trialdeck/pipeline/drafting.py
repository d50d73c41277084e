"""Draft a record from a trial page."""

from trialdeck.cards.markup import escape_markdown
from trialdeck.records.draft import Draft, draft_record
from trialdeck.records.page import read_page


def draft(content: bytes, trial_id: str | None, schema: str | None) -> Draft:
    """Draft a record from the bytes of a trial page; see `trialdeck.records.draft`."""
    return draft_record(read_page(content), escape_markdown, id=trial_id, schema=schema)
