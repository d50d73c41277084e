"""The cache: results for each record, by a digest of everything they depend on.

It is a cache: it can be deleted at any time, is emptied when it is damaged, and is private to its user, because what is
in it is taken for sanitised. Where it cannot be kept, or must not be, it lives in a temporary folder for one call.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from trialdeck.core.serialise import DamagedDataError

FILE = "readings.sqlite"
_COMMIT_AFTER = 500
"""After how many new entries they are kept, also if the call is then interrupted."""


class Store(msgspec.Struct):
    """Bytes by key, in a SQLite file; every method raises DamagedError where the file does not do what it should.

    `is_kept` says whether the next call will find them.
    """

    connection: sqlite3.Connection
    is_kept: bool
    fresh: int = 0

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept under a key."""
        with _damage():
            row = self.connection.execute("SELECT key, value FROM item WHERE key = ?", (key,)).fetchone()
        if row is not None and (row[0] != key or type(row[1]) is not bytes):
            raise DamagedDataError("an entry of the cache stands under a wrong key")
        return None if row is None else row[1]

    def need(self, key: bytes) -> bytes:
        """Return what is kept under a key, which must be there."""
        value = self.get(key)
        if value is None:
            raise DamagedDataError("an entry of the cache has gone")
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value under a key."""
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
        """Give back the memory that speeds up a row of calls."""
        with _damage():
            self.connection.commit()
            self.connection.execute("PRAGMA shrink_memory")

    def forget(self, keys: Collection[bytes]) -> None:
        """Take entries out, and give their room back."""
        with _damage():
            self.connection.executemany("DELETE FROM item WHERE key = ?", [(key,) for key in keys])
            self.connection.commit()
            self.connection.execute("VACUUM")


@contextmanager
def open_store(folder: Path | None) -> Iterator[Store]:
    """Open the store in a folder; where there is none, or it cannot be used, one for this call alone."""
    kept = _opened(folder) if folder else None
    # A database without a name is a file that goes with its connection.
    with _damage(), closing(kept or _prepared(sqlite3.connect(""))) as connection:
        try:
            yield Store(connection, kept is not None)
        finally:
            with suppress(sqlite3.Error):
                connection.commit()


def _opened(folder: Path) -> sqlite3.Connection | None:
    """Open the store in a folder, if it can be used; one that is no database is begun anew."""
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
