"""What `ingest` prints: where each record went, what was inferred, and what was not taken."""

from collections.abc import Iterator

from trialdeck.cli.output.problems import notices_text
from trialdeck.core.text import printable
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.materials import Drafted


def drafted_text(drafted: Drafted, written: str) -> Iterator[str]:
    """Yield the lines about one record; `written` is its file, or empty."""
    name = drafted.names[0]
    inferred = (
        Notice(part.line, f"inferred: {part.message}", part.text, part.place) for part in drafted.draft.inferred
    )
    yield from notices_text(inferred, name)
    yield from notices_text(drafted.draft.notices, name)
    if written:
        yield f"{printable(written)}: {drafted.draft.id}, {drafted.draft.counts}"
    yield drafted.draft.balance
