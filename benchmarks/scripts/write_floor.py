"""Write prepared rows with nothing but the standard library: the least that any writer of packages has to do.

python write_floor.py COLLECTION COUNT OUT.apkg stored|deflated
"""

import sqlite3
import sys
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from prepared import Prepared, read, reported_seconds

LEVEL = 6
"""How hard it deflates: the usual level of zlib, as trialdeck has it."""


def write(rows: Prepared, out: str, *, deflated: bool) -> None:
    """Write a package: rows in bulk, indexes last, no journal."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Path(folder) / "collection.anki2"
        with closing(sqlite3.connect(collection, isolation_level=None)) as connection:
            fill(connection, rows)
        method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
        with zipfile.ZipFile(out, "w", method, compresslevel=LEVEL) as archive:
            archive.write(collection, collection.name)
            archive.writestr("media", "{}")


def fill(connection: sqlite3.Connection, rows: Prepared) -> None:
    """Fill an empty database with rows, in one transaction."""
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
    for sql in rows.schema:
        if sql.startswith("CREATE TABLE"):
            connection.execute(sql)
    for table, values in (("col", [rows.settings]), ("notes", rows.notes), ("cards", rows.cards)):
        places = ",".join("?" * len(values[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608
    for sql in rows.schema:
        if sql.startswith("CREATE INDEX"):
            connection.execute(sql)
    connection.execute("COMMIT")


if __name__ == "__main__":
    prepared = read(sys.argv[1], int(sys.argv[2]))
    with reported_seconds(notes=len(prepared.notes), cards=len(prepared.cards)):
        write(prepared, sys.argv[3], deflated=sys.argv[4] == "deflated")
