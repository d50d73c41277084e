"""The texts that were pushed before: a digest of each, and its time.

A note whose text was published is one that the learner has not edited, even if they have filled its field `Extra`. This
is a cache: without it, Anki alone decides by the time of the last change.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

FILE = "published.sqlite"
_TABLE = """CREATE TABLE IF NOT EXISTS published
    (guid TEXT, digest TEXT, changed INTEGER, PRIMARY KEY (guid, digest)) WITHOUT ROWID"""
_REMEMBER = """INSERT INTO published VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET changed = max(changed, excluded.changed)"""


class Published(msgspec.Struct, frozen=True):
    """Published texts in a SQLite file."""

    connection: sqlite3.Connection

    def changed(self, guid: str, digest: str) -> int | None:
        """Return the time of a text of a note, in seconds of Unix time; `None` if it is unknown."""
        query = "SELECT changed FROM published WHERE guid = ? AND digest = ?"
        with suppress(sqlite3.Error):  # an unreadable cache counts as empty
            row = self.connection.execute(query, (guid, digest)).fetchone()
            return row[0] if row and isinstance(row[0], int) else None
        return None

    def remember(self, texts: Iterable[tuple[str, str, int]]) -> None:
        """Store texts, each as guid, digest and time; a text that is known gets the later time."""
        with suppress(sqlite3.Error), self.connection:  # an unwritable cache stays as it is
            self.connection.executemany(_REMEMBER, texts)


@contextmanager
def open_published(folder: Path) -> Iterator[Published]:
    """Open the file in a folder; a damaged one is replaced. If none can be written, it is in memory."""
    with closing(_open_file(folder) or _connect(":memory:")) as connection:
        yield Published(connection)


def _open_file(folder: Path) -> sqlite3.Connection | None:
    for is_second in (False, True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _connect(folder / FILE)
        except (sqlite3.OperationalError, OSError):
            return None  # in use, or not to be written
        except sqlite3.DatabaseError:
            if is_second:
                return None
            (folder / FILE).unlink(missing_ok=True)
    return None


def _connect(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5)
    try:
        with connection:
            connection.execute(_TABLE)
            # Takes the write lock for a moment, so that a file that cannot be written fails here.
            connection.execute("DELETE FROM published WHERE guid IS NULL")
    except BaseException:
        connection.close()
        raise
    return connection
