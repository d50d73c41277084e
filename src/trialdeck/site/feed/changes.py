"""What an edition changed in one deck: counts, and a text for learners."""

from collections.abc import Iterable, Sequence

import msgspec

from trialdeck.core.text import counted
from trialdeck.editions.ledger import Line
from trialdeck.editions.release_notes import is_retired_now
from trialdeck.editions.tombstone import reason_for

MOST = 20
"""How many notes of a kind the text names; it says how many more there are."""


class DeckChanges(msgspec.Struct, frozen=True):
    """How many notes of a deck an edition made, changed and retired, and what they are, as plain text in lines.

    A retired note that came back counts as changed.
    """

    new: int
    changed: int
    retired: int
    text: str


def deck_changes(lines: Iterable[Line], edition: str, notes: int) -> DeckChanges:
    """Return what an edition changed; `lines` are those of the deck's notes, `notes` how many of these have cards."""
    new, changed, retired = list[Line](), list[Line](), list[Line]()
    for line in sorted(lines, key=lambda line: (line.key, line.guid)):
        if line.edition == edition:
            (retired if is_retired_now(line) else new if line.since == edition else changed).append(line)
    named = [("Changed", changed), ("Retired", retired)]
    if len(new) == notes > 0:
        parts = [f"New: all of its {counted(notes, 'note')}", *_parts(named)]
    else:
        parts = list(_parts([("New", new), *named]))
    return DeckChanges(len(new), len(changed), len(retired), "\n".join(parts))


def _parts(groups: Iterable[tuple[str, Sequence[Line]]]) -> Iterable[str]:
    for title, lines in groups:
        if lines:
            yield f"{title}: {counted(len(lines), 'note')}"
            yield from (f"- {_said(line)}" for line in lines[:MOST])
            if len(lines) > MOST:
                yield f"- and {len(lines) - MOST} more"


def _said(line: Line) -> str:
    reason = reason_for(line) if line.retired else ""
    label = line.label or line.key
    return f"{label}: {reason}" if reason else label
