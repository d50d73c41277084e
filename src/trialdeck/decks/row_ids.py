"""Ids for the rows of notes and cards, in milliseconds of Unix time as Anki has them.

They follow from a note's guid and from when it was first built alone, so that no other note's coming or going changes
them. They lie before that time, never after: Anki 2.1.54 rejects ids that lie in the future.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from trialdeck.cards.note import Note
from trialdeck.decks.ledger import Ledger

SPREAD = 10**9
"""Over how many milliseconds before its first build a note's ids are spread: eleven days, so that few collide."""


@dataclass(frozen=True, slots=True)
class RowIds:
    """The id of a note's row, and those of its cards' rows."""

    note: int
    cards: tuple[int, ...]


def row_ids(notes: Iterable[Note], ledger: Ledger) -> Mapping[str, RowIds]:
    """Return the row ids of all notes of a build, by guid: the same note has the same ids in every package."""
    taken: set[int] = set()
    unique = {note.guid: note for note in notes}
    ids = {}
    for guid in sorted(unique):
        note = unique[guid]
        created = ledger.note(note).created
        free = [_free(f"{guid}{card}", created, taken) for card in ("", *note.cards)]
        ids[guid] = RowIds(free[0], tuple(free[1:]))
    return ids


def created_at(guid: str, note_id: int) -> int:
    """Return when a note was first built, in seconds of Unix time, from the id of its row.

    An id that had to make way for another lies some milliseconds lower, which is less than the second that is rounded.
    """
    return -((-note_id - 1 - _offset(guid)) // 1000)


def _offset(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8]) % SPREAD


def _free(name: str, created: int, taken: set[int]) -> int:
    """Return an id for this name that is not taken yet, and take it."""
    row_id = created * 1000 - 1 - _offset(name)
    while row_id in taken:
        row_id -= 1
    taken.add(row_id)
    return row_id
