"""Open a database that somebody else made: read-only, and with limits, because nothing in it is trusted.

See https://www.sqlite.org/security.html for what an application should do that opens such files.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from trialdeck.core.files import refusals
from trialdeck.core.problem import shortened

LONGEST = 100_000_000
"""The most bytes that a single value may have."""

# A query is stopped after so many checks of the progress handler, which is some minutes of work; and how many steps of
# SQLite lie between two checks.
_MOST_CHECKS, _STEPS = 20_000, 1_000_000
_MAGIC = b"SQLite format 3\0"
_READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_PRAGMA,
    sqlite3.SQLITE_RECURSIVE,
}
_MORE_THAN_TABLES = """SELECT type, name FROM sqlite_master
    WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%' LIMIT 1"""


@contextmanager
def foreign_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database, which is a file of our own that somebody else has filled, to be read.

    Raises ValueError if it is not a database, is broken, or has more than tables and indexes, which no database of Anki
    has; sqlite3.Error if it cannot be read, then and later.
    """
    _without_log(path)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.executescript("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON")
        connection.create_collation("unicase", _compared)
        connection.set_authorizer(_allowed)
        checks = iter(range(_MOST_CHECKS))
        connection.set_progress_handler(lambda: next(checks, None) is None, _STEPS)
        if row := connection.execute(_MORE_THAN_TABLES).fetchone():
            raise ValueError(f"it has a {row[0]} called {shortened(str(row[1]))}")
        (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if health != "ok":
            raise ValueError(f"the database is broken: {health}")
        yield connection


def _without_log(path: Path) -> None:
    """Let a database be read that Anki has left in WAL mode, which would need a second file.

    Bytes 18 and 19 of the header say so (https://www.sqlite.org/fileformat2.html, 1.3.3); 1 is the ordinary mode.
    """
    with refusals(path), path.open("r+b") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError("it is not a database")
        file.seek(18)
        file.write(b"\x01\x01")


def _allowed(action: int, *_what: str | None) -> int:
    """Allow reads and nothing else: the schema of the database is not trusted."""
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _compared(one: str, other: str) -> int:
    """Compare as Anki's collation does: small and capital letters are the same."""
    left, right = one.casefold(), other.casefold()
    return (left > right) - (left < right)
