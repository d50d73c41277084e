"""Read a package, and verify that it is one of ours: note types, guids and texts that were published.

Only the form that trialdeck writes is read (`collection.anki2`), because that is what a feed has.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from . import TrialdeckError
from .contents import Contents, PackedNote, read_contents
from .json_form import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .feed import FeedDeck, Published

DATABASE = "collection.anki2"
MEDIA = "media"
_LARGEST = 1 << 30
"""The most bytes that a database, or all other members, may have once they are unpacked."""
_LARGEST_MEDIA = 32 << 20
_LARGEST_TEXT = 32 << 20
"""The most characters that the lists of note types and decks may have."""
_SMALL, _MOST_TIMES = 64 << 20, 100
"""A database that is not small is at most so many times as large as it is packed: a bomb is a thousand times."""
_MOST_NOTES, _MOST_CARDS = 500_000, 2_000_000
_MOST_MEMBERS = 100_000
_EXPORTED = {"collection.anki21", "collection.anki21b", "meta"}
_MEDIA_NAME = re.compile(r"trialdeck-([0-9a-f]{20})\.(png|jpg|webp|svg|mp3|ogg)")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Package:
    """A verified package: what is in it, and the names of its media with their members.

    `database` is its collection, unpacked beside it.
    """

    deck: FeedDeck
    path: Path
    database: Path
    contents: Contents
    media: Mapping[str, str]

    @property
    def notes(self) -> Mapping[str, PackedNote]:
        """Its notes by guid."""
        return self.contents.notes

    def media_content(self, name: str) -> bytes:
        """Return the content of a picture or sound; raises TrialdeckError if it is not what its name says."""
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.media[name]) as member:
                content = member.read(_LARGEST_MEDIA)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise TrialdeckError(f"the package of {shortened(self.deck.name)} is damaged: {name}") from error
        if not is_content_of(name, content):
            raise TrialdeckError(f"the package of {shortened(self.deck.name)} is damaged: {name} has another content")
        return content


def is_content_of(name: str, content: bytes) -> bool:
    """Whether a media file has the content that its name says by a hash."""
    named = _MEDIA_NAME.fullmatch(name)
    return bool(named and sha256(content).hexdigest()[:20] == named[1])


def read_package(path: Path, deck: FeedDeck, published: Published) -> Package:
    """Return a package of a feed, whose size and SHA-256 were checked.

    Raises TrialdeckError if it is damaged or not one of ours, or if it has a text that was not published.
    """
    name = f"the package of {shortened(deck.name)}"
    database = path.with_suffix(".anki2")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
            _unpack(archive, database)
            media = _media_of(archive)
        with closing(_open(database)) as connection:
            contents = read_contents(connection, deck, published)
    except TrialdeckError as error:
        raise TrialdeckError(f"{name} is refused: {error}") from error
    except (zipfile.BadZipFile, zlib.error, sqlite3.Error, RuntimeError, ValueError, KeyError, TypeError,
            AttributeError, EOFError) as error:  # fmt: skip
        raise TrialdeckError(f"{name} is damaged: {shortened(str(error), 100)}") from error
    except OSError as error:
        raise TrialdeckError(f"{name} could not be unpacked: {error.strerror or error}") from error
    return Package(deck, path, database, contents, media)


def _check_members(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if _EXPORTED & set(names):
        raise TrialdeckError("it was exported by Anki, and not built by trialdeck")
    if len(names) > _MOST_MEMBERS or len(set(names)) < len(names):
        raise TrialdeckError("it has too many files, or one of them twice")
    for member in archive.infolist():
        if member.filename not in {DATABASE, MEDIA} and not (member.filename.isascii() and member.filename.isdigit()):
            raise TrialdeckError(f"it has a file that is none of a package: '{shortened(member.filename)}'")
        if member.file_size > _most_of(member):
            raise TrialdeckError(f"it has a file of {member.file_size >> 20:,} MB, which is too large")
    if sum(member.file_size for member in archive.infolist()) > 2 * _LARGEST:
        raise TrialdeckError("its files are too large once they are unpacked")
    if not {DATABASE, MEDIA} <= set(names):
        raise TrialdeckError("it is no package of Anki")


def _most_of(member: zipfile.ZipInfo) -> int:
    if member.filename != DATABASE:
        return _LARGEST_MEDIA
    return min(_LARGEST, max(_SMALL, _MOST_TIMES * member.compress_size))


def _unpack(archive: zipfile.ZipFile, target: Path) -> None:
    """Unpack the database; `zipfile` reads no more than the member announces."""
    with archive.open(DATABASE) as member, target.open("wb") as file:
        while chunk := _read(member):
            file.write(chunk)


def _read(member: IO[bytes]) -> bytes:
    return member.read(_CHUNK)


def _media_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the names of media with those of their members; each is checked by its content when it is written."""
    listed = json.loads(archive.read(MEDIA).decode("utf-8"))
    if not isinstance(listed, dict):
        raise TrialdeckError("its list of media is none")
    members = set(archive.namelist())
    for member, name in listed.items():
        if not isinstance(name, str) or not _MEDIA_NAME.fullmatch(name):
            raise TrialdeckError(f"it has a media file that is none of ours: '{shortened(str(name))}'")
        if member not in members or not member.isdigit():
            raise TrialdeckError(f"it lacks the file {name}")
    return {name: member for member, name in listed.items()}


def _open(path: Path) -> sqlite3.Connection:
    """Open a database that somebody else made: to be read alone, without trust in its schema, for a limited time."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        connection.executescript("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON")
        steps = iter(range(20_000))
        connection.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
        _check_database(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_database(connection: sqlite3.Connection) -> None:
    others = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
    if row := connection.execute(others).fetchone():
        raise TrialdeckError(f"its database has more than tables: '{shortened(str(row[0]))}'")
    # A column or an index that is computed could be as large as it likes in a package of a few bytes.
    computed = "SELECT name FROM sqlite_master WHERE length(sql) - length(replace(sql, '(', '')) > 1"
    if row := connection.execute(computed).fetchone():
        raise TrialdeckError(f"its database has a table that is computed: '{shortened(str(row[0]))}'")
    (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise ValueError(f"the database is broken: {health}")
    for table, most in (("notes", _MOST_NOTES), ("cards", _MOST_CARDS)):
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
        if count > most:
            raise TrialdeckError(f"it has {count:,} {table}, and {most:,} is the most that this add-on takes")
    (size,) = connection.execute("SELECT max(length(models), length(decks)) FROM col").fetchone() or (0,)
    if size and size > _LARGEST_TEXT:
        raise TrialdeckError("its list of note types or decks is too large")
