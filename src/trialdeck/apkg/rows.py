"""Turn notes into database rows with genanki, and insert them in bulk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter
from sqlite3 import Cursor
from typing import Any

import msgspec

from trialdeck.notes.note import Note

_AT_ONCE = 2_000_000
"""The number of characters of notes that are sorted and put into the database together."""
_BATCH = 500
"""The size of a batch is a multiple of this number of notes."""


class Timestamp(msgspec.Struct, frozen=True):
    """When a note was first built and last changed, in seconds of Unix time, and the edition of the latter."""

    created: int
    changed: int
    edition: str = ""


class PackageEntry(msgspec.Struct, frozen=True):
    """A note on its way into a package; a tombstone has no cards and no deck. `due` says when each card is due."""

    note: Note
    stamp: Timestamp
    deck: str = ""
    due: tuple[int, ...] = ()


def batches(entries: Iterable[PackageEntry]) -> Iterator[list[PackageEntry]]:
    """Yield entries in batches, so that a large package is never in memory as a whole."""
    batch, characters = list[PackageEntry](), 0
    for entry in entries:
        batch.append(entry)
        characters += sum(map(len, entry.note.fields)) + len(entry.note.fields) - 1
        if characters > _AT_ONCE and len(batch) % _BATCH == 0:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class BulkCursor:
    """Stands in for a cursor while genanki writes notes one by one, and inserts their rows all together."""

    def __init__(self) -> None:
        self._rows = defaultdict[str, list[tuple[Any, ...]]](list)
        self.lastrowid = 0

    def execute(self, statement: str, row: tuple[Any, ...]) -> None:
        """Take the row of an INSERT statement, which begins with its id."""
        self._rows[statement].append(row)
        self.lastrowid = row[0]

    def insert_into(self, cursor: Cursor) -> None:
        """Insert the rows in the order of their ids, so that SQLite fills one page after the other."""
        for statement, rows in self._rows.items():
            cursor.executemany(statement, sorted(rows, key=itemgetter(0)))
