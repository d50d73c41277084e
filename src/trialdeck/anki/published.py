"""What was pushed before: a digest of each text that an author has published, and when.

With it, a note that the learner has only written `Extra` into is told from one whose text the learner has edited: the
first has a text that was published. It is a cache: without it, Anki alone decides by the time of the last change.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

FILE = "published.sqlite"
_TABLE = """CREATE TABLE IF NOT EXISTS published
    (guid TEXT, digest BLOB, changed INTEGER, PRIMARY KEY (guid, digest)) WITHOUT ROWID"""
_REMEMBER = """INSERT INTO published VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET changed = max(changed, excluded.changed)"""


class Published(msgspec.Struct, frozen=True):
    """Published texts in a SQLite file."""

    connection: sqlite3.Connection

    def changed(self, guid: str, digest: bytes) -> int | None:
        """Return from when a text of a note is, in seconds of Unix time; None where it is not known."""
        query = "SELECT changed FROM published WHERE guid = ? AND digest = ?"
        with suppress(sqlite3.Error):  # a cache that cannot be read knows nothing
            row = self.connection.execute(query, (guid, digest)).fetchone()
            return row[0] if row and isinstance(row[0], int) else None
        return None

    def remember(self, texts: Iterable[tuple[str, bytes, int]]) -> None:
        """Keep texts, each as guid, digest and time; of one that is known, the later time."""
        with suppress(sqlite3.Error), self.connection:  # a cache that cannot be written keeps nothing
            self.connection.executemany(_REMEMBER, texts)


@contextmanager
def open_published(folder: Path) -> Iterator[Published]:
    """Open the file in a folder; a broken one is begun anew. Where none can be kept, it lasts for this call."""
    with closing(_opened(folder) or _prepared(":memory:")) as connection:
        yield Published(connection)


def _opened(folder: Path) -> sqlite3.Connection | None:
    for is_second in (False, True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _prepared(folder / FILE)
        except (sqlite3.OperationalError, OSError):
            return None  # in use, or not to be written
        except sqlite3.DatabaseError:
            if is_second:
                return None
            (folder / FILE).unlink(missing_ok=True)
    return None


def _prepared(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5)
    try:
        with connection:
            connection.execute(_TABLE)
            # Takes the lock of writing for a moment: where that is refused, nothing is remembered.
            connection.execute("DELETE FROM published WHERE guid IS NULL")
    except BaseException:
        connection.close()
        raise
    return connection
