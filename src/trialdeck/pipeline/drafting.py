"""Draft a record from a trial page."""

import sys
from pathlib import Path

from trialdeck.cards.markup import escape_markdown
from trialdeck.inputs import needed_input
from trialdeck.records.draft import Draft, draft_record
from trialdeck.records.page import LARGEST, read_page

STANDARD_INPUT = "-"


def content_of(page: str) -> bytes:
    """Return the bytes of a saved page, of one that is too large no more than shows it; `-` is standard input.

    Raises TrialdeckError where it cannot be read.
    """
    if page == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST + 1)
    return needed_input(Path(page), page, LARGEST)


def draft(content: bytes, trial_id: str | None, schema: str | None) -> Draft:
    """Draft a record from the bytes of a trial page; see `trialdeck.records.draft`.

    Raises TrialdeckError where the page or the record is too large.
    """
    return draft_record(read_page(content), escape_markdown, id=trial_id, schema=schema)
