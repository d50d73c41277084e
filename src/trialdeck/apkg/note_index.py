"""Index the notes of packages by guid, in a temporary database that need not fit into memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.apkg.reader import PackedNote
from trialdeck.core.errors import TrialdeckError
from trialdeck.notes.tags import own_tags

_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE notes (guid TEXT, changed INTEGER, digest BLOB, row INTEGER, words BLOB);
    CREATE TABLE decks (guid TEXT, deck TEXT);
"""
# Made once all notes are in, which is much faster than to keep them up to date with each note.
_INDEXES = """
    CREATE INDEX notes_by_guid ON notes (guid, changed DESC);
    CREATE INDEX decks_by_guid ON decks (guid, deck);
"""
_TAKE, _PLACE = "INSERT INTO notes VALUES (?, ?, ?, ?, ?)", "INSERT INTO decks VALUES (?, ?)"
_NOTES = "SELECT guid, changed, digest, row FROM notes ORDER BY guid, changed DESC, rowid"
_WORDS = "SELECT words FROM notes WHERE guid = ? ORDER BY changed DESC, rowid LIMIT 1"
_DECKS = "SELECT DISTINCT guid, deck FROM decks ORDER BY guid, deck"
_DECKS_OF = "SELECT DISTINCT deck FROM decks WHERE guid = ? ORDER BY deck"
_AT_ONCE = 1_000
"""The number of rows that are written together."""

Decks = tuple[str, ...]


class Indexed(msgspec.Struct, frozen=True):
    """A note in an index: its time stamp, the digest of its content, and the id of its row in the package."""

    guid: str
    changed: int
    digest: bytes
    row: int


class NoteIndex:
    """Notes by guid, and the decks of each; if a note is added several times, the newest text counts.

    All notes are added before the first query.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, list[tuple[Any, ...]]] = {_TAKE: [], _PLACE: []}
        self._is_ordered = False
        self._names: dict[Decks, Decks] = {}

    def take(self, note: PackedNote, *, with_words: bool = False) -> None:
        """Add a note, with its whole content if `with_words`."""
        words = msgspec.msgpack.encode(note) if with_words else None
        self._write(_TAKE, (note.guid, note.changed, _digest(note), note.row_id, words))
        for deck in {card.deck for card in note.cards}:
            self.place(note.guid, deck)

    def place(self, guid: str, deck: str) -> None:
        """Add a deck of a note."""
        self._write(_PLACE, (guid, deck))

    def notes(self) -> Iterator[tuple[str, Indexed]]:
        """Yield all notes by guid."""
        for guid, rows in groupby(self._read(_NOTES), key=itemgetter(0)):
            yield guid, Indexed(*next(rows))

    def words(self, guid: str) -> PackedNote | None:
        """Return the content of a note, or None if it was added without its words."""
        (words,) = next(self._read(_WORDS, guid), (None,))
        return msgspec.msgpack.decode(words, type=PackedNote) if words else None

    def decks(self) -> Iterator[tuple[str, Decks]]:
        """Yield the names of the decks of each note that has cards, sorted, by guid."""
        for guid, rows in groupby(self._read(_DECKS), key=itemgetter(0)):
            names = tuple(deck for _, deck in rows)
            # Ten thousand notes can share one tuple: they lie in the same deck.
            yield guid, self._names.setdefault(names, names)

    def decks_of(self, guid: str) -> Decks:
        """Return the names of the decks of a note, sorted."""
        return tuple(deck for (deck,) in self._read(_DECKS_OF, guid))

    def _write(self, statement: str, row: tuple[Any, ...]) -> None:
        rows = self._waiting[statement]
        rows.append(row)
        if len(rows) >= _AT_ONCE:
            with _disk_refusals():
                self._connection.executemany(statement, rows)
            rows.clear()

    def _read(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        with _disk_refusals():
            if not self._is_ordered:
                for statement, rows in self._waiting.items():
                    self._connection.executemany(statement, rows)
                self._connection.executescript(_INDEXES)
                self._is_ordered = True
            return self._connection.execute(query, values)


@contextmanager
def _disk_refusals() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise TrialdeckError(f"no temporary file can be used: {error}", "make room for it, or set TMPDIR") from error


@contextmanager
def note_index(path: Path) -> Iterator[NoteIndex]:
    """Open an empty index in a new file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_TABLES)
        yield NoteIndex(connection)


def joined(one: Iterable[tuple[str, Any]], other: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the values of two series, each sorted by its keys, by key; the value is None if a series lacks the key."""
    left, right = iter(one), iter(other)
    first, second = next(left, None), next(right, None)
    while first or second:
        key = min(item[0] for item in (first, second) if item)
        of_first, of_second = (item[1] if item and item[0] == key else None for item in (first, second))
        yield key, of_first, of_second
        first = next(left, None) if first and first[0] == key else first
        second = next(right, None) if second and second[0] == key else second


def _digest(note: PackedNote) -> bytes:
    """Return the digest of a note without its cards: if it differs, the note has changed."""
    content = msgspec.msgpack.encode([note.note_type, list(note.fields.items()), own_tags(note.tags)])
    return blake2b(content, digest_size=16).digest()
