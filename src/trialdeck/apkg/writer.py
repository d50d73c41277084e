"""Write packages with genanki.

Note types, notes, cards and decks are genanki's. This module decides what genanki would do otherwise: every id and
time stamp (so that the same notes give the same bytes), rows in bulk with the indexes last, and the zip file
(deflated, without times of the day).
"""

import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import genanki
import msgspec
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from trialdeck.apkg.row_ids import RowIds
from trialdeck.apkg.rows import BulkCursor, PackageEntry, batches
from trialdeck.notes.genanki_notes import GenankiNote, genanki_model
from trialdeck.notes.note_types import Kind
from trialdeck.records.model import Media

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
# All other media are compressed already.
_DEFLATED = ".svg"
_ANY_DECK = 1
"""The deck that a note type names; Anki ignores it."""
_LARGE = "PRAGMA page_size = 16384; PRAGMA cache_size = -4000"
"""For a large database: larger pages are filled better, and it takes fewer of them."""
_SMALL = "PRAGMA page_size = 1024"
"""For a small database, of which most pages would be nearly empty."""
_INDEX = "CREATE INDEX"
_OF_ONE_VALUE = re.compile(r"on (?:notes|cards) \((?:usn|csum)\)")


class Cover(msgspec.Struct, frozen=True):
    """The title, the description and the times of note types of a package.

    `title` is the deck above all of its decks, `description` the HTML below the name of each, and `type_times` says
    when each note type last changed, in seconds of Unix time. `own_description` returns the HTML that stands before
    the description of one deck, by its name; it is called after the last of the notes.
    """

    title: str
    description: str
    type_times: Mapping[Kind, int]
    own_description: Callable[[str], str] = lambda _: ""


class StreamedPackage(genanki.Package):  # type: ignore[misc]
    """A package whose notes are taken one after the other, and whose bytes follow from them alone.

    Args:
        cover: Title, description, and times of note types.
        entries: Its notes, taken once.
        media: Returns the pictures and sounds that the notes show, by name; called after the last of the notes.
        scratch: A folder for the database, so that no more than some thousand notes are in memory at a time.
        compression: How the members of the zip file are compressed.
    """

    def __init__(
        self,
        cover: Cover,
        entries: Iterable[PackageEntry],
        media: Callable[[], Iterable[Media]] = tuple,
        *,
        scratch: Path | None = None,
        compression: int = zipfile.ZIP_DEFLATED,
    ) -> None:
        self._decks: dict[str, genanki.Deck] = {}
        super().__init__(self._decks.values())
        self._cover, self._entries, self._media = cover, entries, media
        self._scratch, self._compression = scratch, compression
        self._kinds = set[Kind]()
        self._newest = max(cover.type_times.values())

    def write_to_file(self, file: BinaryIO, *_time: object) -> None:
        """Write the package into a file that can be read and sought; every note has its own time.

        Raises ValueError if a note has not as many fields as its note type: Anki refuses such a package.
        """
        with zipfile.ZipFile(file, "w", self._compression, compresslevel=_LEVEL) as archive:
            self._pack_collection(archive)
            media = list(self._media())
            names = {str(number): item.name for number, item in enumerate(media)}
            archive.writestr(_member("media", self._compression), msgspec.json.encode(names))
            for number, item in enumerate(media):
                compression = self._compression if item.name.endswith(_DEFLATED) else zipfile.ZIP_STORED
                archive.writestr(_member(str(number), compression), item.content)

    def _pack_collection(self, archive: zipfile.ZipFile) -> None:
        member = _member("collection.anki2", self._compression)
        if not self._scratch:
            archive.writestr(member, self._small_database())
            return
        path = self._scratch / member.filename
        with _database(path) as connection:
            connection.executescript(_LARGE)
            self.write_to_db(connection.cursor())
            connection.commit()
        with path.open("rb") as database, archive.open(member, "w") as packed:
            shutil.copyfileobj(database, packed, 1 << 20)

    def _small_database(self) -> bytes:
        """Return the bytes of a database that is made in memory."""
        with _database(":memory:") as connection:
            connection.deserialize(_empty())
            self._write_notes(connection.cursor())
            self._write_collection(connection.cursor())
            connection.commit()
            return connection.serialize()

    def write_to_db(self, cursor: sqlite3.Cursor, *_time_and_ids: object) -> None:
        """Write a large database in the schema (11) that every Anki reads; every note has its own time and ids.

        The indexes come last: sorting everything once is faster than keeping it sorted.
        """
        tables, indexes = _schema()
        cursor.executescript(f"BEGIN; {tables}; COMMIT")
        self._write_notes(cursor)
        for index in indexes:
            cursor.execute(index)
        # SQLite counts transactions in the file: with one less, all packages would change with this release.
        cursor.connection.commit()
        self._write_collection(cursor)

    def _write_notes(self, cursor: sqlite3.Cursor) -> None:
        ids = RowIds()
        for batch in batches(self._entries):
            self._write_batch(cursor, batch, ids)

    def _write_batch(self, cursor: sqlite3.Cursor, batch: Sequence[PackageEntry], ids: RowIds) -> None:
        notes = [entry.note for entry in batch]
        note_ids = ids.notes(
            [note.guid for note in notes], [note.trial for note in notes], [entry.stamp.created for entry in batch]
        )
        card_ids = iter(ids.cards(note_ids, [note.cards for note in notes]))
        rows = BulkCursor()
        for entry, note_id in zip(batch, note_ids, strict=True):
            note = GenankiNote(entry.note, edition=entry.stamp.edition, due=entry.due)
            note.write_to_db(rows, entry.stamp.changed, self._deck(entry.deck).deck_id, chain((note_id,), card_ids))
        rows.insert_into(cursor)
        self._kinds.update(note.kind for note in notes)
        self._newest = max(self._newest, *(entry.stamp.changed for entry in batch))

    def _deck(self, name: str) -> genanki.Deck:
        # Tombstones have no cards and so no deck in Anki; genanki has them in one.
        name = name or next(iter(self._decks), self._cover.title)
        if name not in self._decks:
            self._decks[name] = genanki.Deck(_deck_id(name), name)
        return self._decks[name]

    def _write_collection(self, cursor: sqlite3.Cursor) -> None:
        """Write the decks and note types into the row of the collection."""
        models = {kind: genanki_model(kind) for kind in Kind if kind in self._kinds}
        note_types = {
            str(model.model_id): model.to_json(self._cover.type_times[kind], _ANY_DECK)
            for kind, model in models.items()
        }
        for name, deck in self._decks.items():
            deck.description = self._cover.own_description(name) + self._cover.description
        [[default]] = cursor.execute("SELECT decks FROM col")
        decks = msgspec.json.decode(default) | {str(deck.deck_id): deck.to_json() for deck in self.decks}
        cursor.execute(
            "UPDATE col SET mod = ?, scm = ?, models = ?, decks = ?",
            (self._newest * 1000, self._newest * 1000, _json(note_types), _json(decks)),
        )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _member(name: str, compression: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _ZIP_TIME)
    member.external_attr = 0o644 << 16
    member.compress_type = compression
    # Python 3.13 has a public name for it; without a level of its own, the archive's counts for writestr alone.
    member._compresslevel = _LEVEL  # type: ignore[attr-defined]
    return member


@contextmanager
def _database(path: Path | str) -> Iterator[sqlite3.Connection]:
    """Open a database without a journal and without syncs: an unfinished one is thrown away."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        yield connection


@cache
def _empty() -> bytes:
    """Return the bytes of a small database without notes, so that the schema is read once for many packages."""
    tables, indexes = _schema()
    with _database(":memory:") as connection:
        connection.executescript(";".join([_SMALL, "BEGIN", tables, *indexes, "COMMIT"]))
        return connection.serialize()


def _schema() -> tuple[str, list[str]]:
    """Return the SQL that makes the tables and the collection's one row, and the statements that make the indexes.

    Indexes on the columns `usn` and `csum` of notes and cards are left out: in a package every row has the same value.
    """
    statements = [statement.strip() for statement in APKG_SCHEMA.split(";")]
    indexes = [statement for statement in statements if statement.startswith(_INDEX)]
    tables = [statement for statement in statements if statement not in indexes]
    return ";".join([*tables, APKG_COL]), [index for index in indexes if not _OF_ONE_VALUE.search(index)]


def _deck_id(name: str) -> int:
    """Return a stable id; Anki matches decks by name and gives them ids of its own."""
    return 1 << 40 | int.from_bytes(sha256(name.encode()).digest()[:4])
