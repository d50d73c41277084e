"""The cache: results for each record, by a digest of everything they depend on.

It is a cache: it can be deleted at any time, is emptied if it is damaged, and is private to its user, because its
entries count as sanitised. If it cannot be kept, or must not be, it is in a temporary file for one call.
"""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import RLock

import msgspec

from trialdeck.core.serialise import DamagedDataError

FILE = "readings.sqlite"
_COMMIT_AFTER = 500
"""The number of new entries after which they are committed, so that an interrupted call keeps them."""
_IN_USE: defaultdict[str, RLock] = defaultdict(RLock)
"""The locks of stores: another thread of this process waits for its turn, where another process would do without."""


class Store(msgspec.Struct):
    """Bytes by key, in a SQLite file; every method raises DamagedDataError if the file cannot be used.

    `is_kept` says whether the next call will find them.
    """

    connection: sqlite3.Connection
    is_kept: bool
    fresh: int = 0

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        with _damage():
            row = self.connection.execute("SELECT key, value FROM item WHERE key = ?", (key,)).fetchone()
        if row is not None and (row[0] != key or type(row[1]) is not bytes):
            raise DamagedDataError("an entry of the cache stands under a wrong key")
        return None if row is None else row[1]

    def need(self, key: bytes) -> bytes:
        """Return the value of a key; raises DamagedDataError if there is none."""
        value = self.get(key)
        if value is None:
            raise DamagedDataError("an entry of the cache has gone")
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Set the value of a key."""
        with _damage():
            self.connection.execute("INSERT OR REPLACE INTO item VALUES (?, ?)", (key, value))
            self.fresh += 1
            if self.fresh % _COMMIT_AFTER == 0:
                self.connection.commit()

    def keys(self) -> set[bytes]:
        """Return all keys."""
        with _damage():
            return {key for (key,) in self.connection.execute("SELECT key FROM item")}

    def relax(self) -> None:
        """Commit, and release the memory of SQLite's page cache."""
        with _damage():
            self.connection.commit()
            self.connection.execute("PRAGMA shrink_memory")

    def forget(self, keys: Collection[bytes]) -> None:
        """Remove entries and shrink the file."""
        with _damage():
            self.connection.executemany("DELETE FROM item WHERE key = ?", [(key,) for key in keys])
            self.connection.commit()
            self.connection.execute("VACUUM")


@contextmanager
def open_store(folder: Path | None) -> Iterator[Store]:
    """Open the store in a folder; without a folder, or if it cannot be used, a store for this call alone."""
    with _IN_USE[os.path.abspath(folder)] if folder else nullcontext():  # noqa: PTH100 - the folder need not exist
        kept = _opened(folder) if folder else None
        # A database without a name is a file that goes with its connection.
        with _damage(), closing(kept or _prepared(sqlite3.connect(""))) as connection:
            try:
                yield Store(connection, kept is not None)
            finally:
                with suppress(sqlite3.Error):
                    connection.commit()


def _opened(folder: Path) -> sqlite3.Connection | None:
    """Open the store in a folder, or return None if it cannot be used; replace a file that is no database."""
    for is_second in (False, True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _prepared(sqlite3.connect(folder / FILE, timeout=0.5))
        except sqlite3.OperationalError:
            return None  # in use, or not to be written
        except (sqlite3.DatabaseError, OSError):
            if is_second:
                return None
            with suppress(OSError):
                (folder / FILE).unlink()
    return None


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        # A killed process leaves a journal, from which SQLite recovers; only a crash of the machine can do harm, and
        # then checksums tell.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA cache_size = -8000")
        connection.execute("CREATE TABLE IF NOT EXISTS item (key BLOB PRIMARY KEY, value BLOB)")
        # Takes the lock that is held from here on: of two builds at once, one keeps the cache.
        connection.execute("DELETE FROM item WHERE key IS NULL")
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DamagedDataError(f"the cache cannot be used: {error}") from error
