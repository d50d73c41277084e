"""Write packages.

The schema of the database, and the JSON of note types and decks, are genanki's. What it would do otherwise is decided
here: which cards a note has, every id and time stamp (so that the same notes give the same bytes), rows in bulk with
the indexes last, and the zip file (deflated, without times of the day). See `trialdeck.cards.notetypes` for why the ids
of fields and templates are written.
"""

import gc
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from trialdeck.cards.notetypes import Kind, NoteType, note_type
from trialdeck.decks.genanki_format import genanki_format
from trialdeck.decks.rows import Collection, Entry
from trialdeck.records.model import Media

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
# All other media are compressed already.
_DEFLATED = ".svg"
_ANKI_KINDS = {Kind.QUESTION: 0, Kind.TRIAL: 0, Kind.CLOZE: 1}
_ANY_DECK = 1
_LARGE = "PRAGMA page_size = 16384; PRAGMA cache_size = -4000"
"""For a large database: larger pages are filled better, and it takes fewer of them."""
_SMALL = "PRAGMA page_size = 1024"
"""For a small database, of which most pages would be nearly empty."""
_INDEX = "CREATE INDEX"
_OF_ONE_VALUE = re.compile(r"on (?:notes|cards) \((?:usn|csum)\)")


class Cover(msgspec.Struct, frozen=True):
    """What a package says of itself.

    `title` is the deck above all of its decks, `description` the HTML below the name of each, and `looks` are when the
    note types last changed, in seconds of Unix time.
    """

    title: str
    description: str
    looks: Mapping[Kind, int]


def write_package(  # noqa: PLR0913 - one parameter an ingredient
    target: BinaryIO,
    cover: Cover,
    entries: Iterable[Entry],
    media: Callable[[], Iterable[Media]] = tuple,
    *,
    scratch: Path | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> None:
    """Write a package into a file that can be read and sought.

    Entries are taken once; `media`, the pictures and sounds that they show, by name, is asked for after the last of
    them. With a folder `scratch` the database is made there, and no more than some thousand notes are held at a time.
    """
    with zipfile.ZipFile(target, "w", compression, compresslevel=_LEVEL) as archive:
        collection = _member("collection.anki2", compression)
        if scratch:
            _make_large(scratch / collection.filename, cover, entries)
            with (scratch / collection.filename).open("rb") as file, archive.open(collection, "w") as packed:
                shutil.copyfileobj(file, packed, 1 << 20)
        else:
            archive.writestr(collection, _small(cover, entries))
        files = list(media())
        names = {str(number): each.name for number, each in enumerate(files)}
        archive.writestr(_member("media", compression), msgspec.json.encode(names))
        for number, each in enumerate(files):
            kind = compression if each.name.endswith(_DEFLATED) else zipfile.ZIP_STORED
            archive.writestr(_member(str(number), kind), each.content)


@contextmanager
def _no_garbage_sought() -> Iterator[None]:
    """Keep Python from looking for cycles among rows, of which there are many and none has any."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _member(name: str, compression: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _ZIP_TIME)
    member.external_attr = 0o644 << 16
    member.compress_type = compression
    # Python 3.13 has a public name for it; without a level of its own, the archive's counts for writestr alone.
    member._compresslevel = _LEVEL  # type: ignore[attr-defined]
    return member


def _make_large(path: Path, cover: Cover, entries: Iterable[Entry]) -> None:
    """Make a database on the disk, its indexes last: to sort everything once takes less than to keep it sorted."""
    tables, indexes = _schema()
    with _database(path) as connection:
        connection.executescript(f"{_LARGE}; BEGIN; {tables}")
        collection = _filled(connection, cover, entries)
        for index in indexes:
            connection.execute(index)
        connection.execute("COMMIT")
    # A connection of its own does not have the memory that so many rows took.
    with _database(path) as connection:
        _describe(connection, cover, collection)


def _small(cover: Cover, entries: Iterable[Entry]) -> bytes:
    """Return the bytes of a database that is made in memory."""
    with _database(":memory:") as connection:
        connection.deserialize(_empty())
        connection.execute("BEGIN")
        _describe(connection, cover, _filled(connection, cover, entries))
        connection.execute("COMMIT")
        return connection.serialize()


@cache
def _empty() -> bytes:
    """Return the bytes of a small database in which everything is but notes and cards: most of the work for few."""
    tables, indexes = _schema()
    with _database(":memory:") as connection:
        connection.executescript(";".join((_SMALL, "BEGIN", tables, *indexes, "COMMIT")))
        return connection.serialize()


@contextmanager
def _database(path: Path | str) -> Iterator[sqlite3.Connection]:
    """Open a database; one that is not finished is thrown away, so it needs no journal, and nothing need be synced."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, _no_garbage_sought():
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        yield connection


def _filled(connection: sqlite3.Connection, cover: Cover, entries: Iterable[Entry]) -> Collection:
    """Fill a database in the schema (11) that every Anki reads with notes and cards."""
    collection = Collection(cover.title, max(cover.looks.values()))
    for notes, cards in collection.rows(entries):
        connection.executemany("INSERT INTO notes VALUES (?,?,?,?,-1,?,?,?,0,0,'')", notes)
        connection.executemany("INSERT INTO cards VALUES (?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')", cards)
    return collection


def _describe(connection: sqlite3.Connection, cover: Cover, collection: Collection) -> None:
    """Write into a database what its collection says of decks and note types."""
    newest = collection.newest * 1000
    models = _models(tuple((kind, cover.looks[kind]) for kind in Kind if kind in collection.kinds))
    [[default]] = connection.execute("SELECT decks FROM col")
    first = msgspec.json.encode(msgspec.json.decode(default)).removesuffix(b"}")

    def pieces() -> Iterator[bytes]:
        yield first
        for name, deck in collection.decks.items():
            yield _deck(deck, name, cover.description)
        yield b"}"

    connection.execute(
        "UPDATE col SET mod = ?, scm = ?, models = ?, decks = CAST(zeroblob(?) AS TEXT)",
        (newest, newest, models, sum(map(len, pieces()))),
    )
    # Those of ten thousand trials are several megabytes, of which SQLite makes copies of its own: here they are made
    # piece by piece, once to be counted. What is written into a value later leaves it a text.
    with connection.blobopen("col", "decks", 1) as text:
        for piece in pieces():
            text.write(piece)


def _deck(deck: int, name: str, description: str) -> bytes:
    settings = {**genanki_format().deck, "id": deck, "name": name, "desc": description}
    return b',"%d":%b' % (deck, msgspec.json.encode(settings))


@cache
def _schema() -> tuple[str, list[str]]:
    """Return the SQL that makes the tables and the collection's one row, and the statements that make the indexes.

    Those on the columns `usn` and `csum` of notes and cards are left out: in a package they say the same in every row.
    """
    statements = [statement.strip() for statement in genanki_format().schema.split(";")]
    indexes = [each for each in statements if each.startswith(_INDEX)]
    tables = ";".join(each for each in statements if each not in indexes)
    return f"{tables}; {genanki_format().collection}", [each for each in indexes if not _OF_ONE_VALUE.search(each)]


@cache
def _models(looks: tuple[tuple[Kind, int], ...]) -> str:
    """Return the JSON of note types and when they last changed; which deck they name is of no account to Anki."""
    types = [(note_type(kind), changed) for kind, changed in looks]
    return msgspec.json.encode({str(each.id): _settings(each, changed) for each, changed in types}).decode()


def _settings(kind: NoteType, changed: int) -> dict[str, Any]:
    """Return a note type as a collection has it, its required fields stated: genanki would guess them wrong."""
    known = genanki_format()
    templates = [
        {"name": each.name, "id": each.id, "ord": place, "qfmt": each.front, "afmt": each.back}
        for place, each in enumerate(kind.templates)
    ]
    return {
        **known.note_type,
        "css": kind.style,
        "did": _ANY_DECK,
        "flds": [
            {**known.field, "name": each.name, "id": each.id, "ord": place} for place, each in enumerate(kind.fields)
        ],
        "id": str(kind.id),
        "mod": changed,
        "name": kind.name,
        "req": [[place, "any", [kind.field_names.index(each.needs)]] for place, each in enumerate(kind.templates)],
        "tmpls": [{**known.template, **each} for each in templates],
        "type": _ANKI_KINDS[kind.kind],
    }
