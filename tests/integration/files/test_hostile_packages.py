"""Packages that want to harm: one clear line each, little memory, and no file anywhere."""

import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import genanki
import pytest
import zstandard
from click.testing import CliRunner

from matrices import ONLY_FULL
from measured import measured
from trialdeck.apkg.reader import MOST_NOTES
from trialdeck.cli import main

MODEL = genanki.Model(
    9, "Facts", fields=[{"name": "A"}, {"name": "B"}], templates=[{"name": "C", "qfmt": "{{A}}", "afmt": "{{B}}"}]
)
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of a good package."""
    path = tmp_path_factory.mktemp("good") / "good.apkg"
    deck = genanki.Deck(10, "Facts")
    deck.add_note(genanki.Note(MODEL, ["one", "two"], guid="one"))
    genanki.Package(deck).write_to_file(path)
    with zipfile.ZipFile(path) as archive:
        return archive.read("collection.anki2")


def pack(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def altered(database: bytes, *statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(database)
        connection.executescript("PRAGMA writable_schema = ON")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        return connection.serialize()


# What each does to a good database before it is packed.
ALTERED = {
    "a view in place of notes": ("ALTER TABLE notes RENAME TO other", "CREATE VIEW notes AS SELECT * FROM other"),
    "a view in place of cards": (
        "DROP TABLE cards",
        "CREATE VIEW cards AS SELECT 1 AS nid, 0 AS ord, 1 AS did",
    ),
    "a view that never ends": (
        "ALTER TABLE notes RENAME TO other",
        "CREATE VIEW notes AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS id FROM c",
    ),
    "a trigger": ("CREATE TRIGGER t AFTER UPDATE ON notes BEGIN DELETE FROM notes; END",),
    "a virtual table": ("CREATE VIRTUAL TABLE f USING fts5(a)",),
    "an index on an unknown function": (
        "INSERT INTO sqlite_master VALUES ('index', 'i', 'notes', 0, 'CREATE INDEX i ON notes (nowhere(flds))')",
    ),
    "a schema that cannot be read": ("UPDATE sqlite_master SET sql = 'CREATE TABLE notes (' WHERE name = 'notes'",),
    "no notes": ("DROP TABLE notes",),
    "no cards": ("DROP TABLE cards",),
    "no collection": ("DROP TABLE col",),
    "a schema from the future": ("UPDATE col SET ver = 99",),
    "a schema that is text": ("UPDATE col SET ver = 'x'",),
    "note types without end": ("UPDATE col SET models = '" + "[" * 100_000 + "'",),
    "decks that are a number": ("UPDATE col SET decks = '7'",),
    "a note of no type": ("UPDATE notes SET mid = 1",),
    "a note without fields": ("UPDATE notes SET flds = ''",),
    "fields that are bytes": ("UPDATE notes SET flds = x'ff1fff'",),
    "a thousand fields": (f"UPDATE notes SET flds = '{chr(31) * 1000}'",),
    "a time that is none": ("UPDATE notes SET mod = 'soon'",),
}


def zip_bomb(path: Path, _database: bytes) -> None:
    """Two and a half gigabytes of zeros in some megabytes."""
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("collection.anki2", "w", force_zip64=True) as member:
        for _ in range(2_400):
            member.write(bytes(MEGABYTE))


def zstd_bomb(path: Path, _database: bytes) -> None:
    packed = zstandard.ZstdCompressor(level=3).compressobj()
    content = b"".join(packed.compress(bytes(MEGABYTE)) for _ in range(2_400)) + packed.flush()
    pack(path, {"collection.anki21b": content, "meta": b"\x08\x03", "media": b""})


def zstd_window(path: Path, _database: bytes) -> None:
    """A frame that wants two gigabytes of memory to be unpacked."""
    frame = b"\x28\xb5\x2f\xfd" + bytes([0x00, 21 << 3]) + b"\x01\x00\x00"
    pack(path, {"collection.anki21b": frame, "meta": b"\x08\x03"})


def cut_off(path: Path, database: bytes) -> None:
    content = pack(path, {"collection.anki2": database}).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def encrypted(path: Path, database: bytes) -> None:
    content = bytearray(pack(path, {"collection.anki2": database}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)


def wrong_sum(path: Path, database: bytes) -> None:
    content = bytearray(pack(path, {"collection.anki2": database}).read_bytes())
    content[-60] ^= 0xFF
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)


def overlapping(path: Path, database: bytes) -> None:
    """A directory that says that the database is elsewhere."""
    content = bytearray(pack(path, {"a": b"x" * 500, "collection.anki2": database}).read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 42 : place + 46] = struct.pack("<I", 5)
    path.write_bytes(content)


def members(**named: bytes) -> Callable[[Path, bytes], None]:
    def make(path: Path, database: bytes) -> None:
        pack(
            path, {"collection.anki2": database, **{name.replace("_", "."): content for name, content in named.items()}}
        )

    return make


def half_a_database(path: Path, database: bytes) -> None:
    pack(path, {"collection.anki2": database[: len(database) // 2]})


def no_database(path: Path, _database: bytes) -> None:
    pack(path, {"collection.anki2": b"SQLite format 3\0" + b"\xff" * 5000})


def no_zip(path: Path, _database: bytes) -> None:
    path.write_bytes(zlib.compress(b"no zip"))


def a_link(path: Path, _database: bytes) -> None:
    member = zipfile.ZipInfo("collection.anki2")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "/etc/passwd")


FILES: dict[str, Callable[[Path, bytes], None]] = {
    "zip bomb": zip_bomb,
    "zstd bomb": zstd_bomb,
    "zstd window": zstd_window,
    "cut off": cut_off,
    "encrypted": encrypted,
    "wrong sum": wrong_sum,
    "overlapping": overlapping,
    "half a database": half_a_database,
    "no database": no_database,
    "no zip": no_zip,
    "a link": a_link,
    "meta that never ends": members(meta=b"\x08" + b"\xff" * 100),
    "a format from the future": members(meta=b"\x08\x63"),
    "a collection from the future": members(collection_anki99=b"x"),
    "media that are no JSON": members(media=b"{"),
    "media that are a list": members(media=b"[1]"),
    "media without end": members(media=b"[" * 200_000),
    "a list of media of 60 MB": members(media=b'{"0": "' + b"a" * 60_000_000 + b'"}'),
}


def one_error(result_code: int, told: str) -> None:
    assert result_code == 1, told
    lines = told.splitlines()
    assert lines[0].startswith("error: "), told
    assert len(lines) <= 2
    assert "Traceback" not in told
    assert "fault of trialdeck" not in told
    assert all(len(line) < 600 for line in lines)


@pytest.mark.parametrize("name", ALTERED)
def test_a_hostile_database(name: str, database: bytes, tmp_path: Path) -> None:
    path = pack(tmp_path / "x.apkg", {"collection.anki2": altered(database, *ALTERED[name]), "media": b"{}"})
    for command in (["inspect", "--notes", str(path)], ["diff", str(path), str(path)]):
        result = CliRunner().invoke(main, command)
        one_error(result.exit_code, result.output)
    assert [each.name for each in tmp_path.iterdir()] == ["x.apkg"]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file(name: str, database: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.apkg"
    FILES[name](path, database)
    code, _, told, peak = measured(tmp_path, "inspect", str(path))
    one_error(code, told)
    assert str(path) in told
    assert peak < 300_000_000
    assert [each.name for each in tmp_path.iterdir()] == ["x.apkg"]


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/etc/cron.d/evil", "..\\evil.png", "C:evil.png", "a/b.png", "..", "a\x00.png"]
)
def test_names_that_lead_away_are_told_and_never_followed(name: str, database: bytes, tmp_path: Path) -> None:
    path = pack(
        tmp_path / "x.apkg", {"collection.anki2": database, "media": json.dumps({"0": name}).encode(), "0": b"x"}
    )
    result = CliRunner().invoke(main, ["inspect", str(path)])
    assert result.exit_code == 0
    assert "  media whose names lead out of their folder\n" in result.output
    assert [each.name for each in tmp_path.iterdir()] == ["x.apkg"]


def test_what_a_package_says_cannot_move_the_cursor(database: bytes, tmp_path: Path) -> None:
    evil = altered(database, "UPDATE notes SET flds = char(27) || '[2J' || char(31) || 'b', guid = char(27) || 'c'")
    path = pack(tmp_path / "x.apkg", {"collection.anki2": evil, "media": b'{"0": "\\u001b[31m.png"}'})
    for options in ([], ["--notes"]):
        assert "\x1b" not in CliRunner().invoke(main, ["inspect", str(path), *options]).output


def many_notes(folder: Path, database: bytes, count: int) -> Path:
    """Write a package of so many small notes."""
    collection = folder / "collection.anki2"
    collection.write_bytes(database)
    with closing(sqlite3.connect(collection, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        rows = ((place, f"g{place}") for place in range(1, count + 1))
        connection.executemany(
            "INSERT INTO notes SELECT ?, ?, 9, 1, -1, '', 'one' || char(31) || 'two', 'one', 0, 0, ''", rows
        )
        connection.execute(
            "INSERT INTO cards SELECT id, id, 10, 0, 1, -1, 0,0,0,0,0,0,0,0,0,0,0,'' FROM notes WHERE id <= ?",
            (count,),
        )
        connection.execute("COMMIT")
    path = folder / "many.apkg"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(collection, collection.name)
        archive.writestr("media", "{}")
    collection.unlink()
    return path


@pytest.mark.parametrize("count", [200_000, pytest.param(1_000_000, marks=ONLY_FULL)])
def test_very_many_notes_take_little_memory(database: bytes, tmp_path: Path, count: int) -> None:
    path, most = many_notes(tmp_path, database, count), 50_000_000 + 250 * count
    code, said, _, peak = measured(tmp_path, "inspect", "--format", "json", str(path))
    assert code == 0
    assert json.loads(said)["notes"] == count + 1
    assert peak < most
    code, said, _, peak = measured(tmp_path, "inspect", "--notes", str(path))
    assert (code, said.count("\n")) == (0, count + 1)
    assert peak < most


def test_many_notes_are_compared_in_little_memory(database: bytes, tmp_path: Path) -> None:
    """Read as a whole, they take 150 MB, and one by one 40 MB."""
    path = many_notes(tmp_path, database, 100_000)
    code, said, _, peak = measured(tmp_path, "diff", str(path), str(path))
    assert (code, said) == (0, "no differences\n")
    assert peak < 80_000_000


def test_half_a_million_notes_are_too_many_to_import(database: bytes, tmp_path: Path) -> None:
    path = many_notes(tmp_path, database, MOST_NOTES)
    code, _, told, peak = measured(tmp_path, "import", str(path))
    one_error(code, told)
    assert "is too large to be read as a whole" in told
    assert peak < 300_000_000
