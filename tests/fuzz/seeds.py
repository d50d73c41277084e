"""What each target begins with: made from what the project has already, so that it never goes stale.

What stands in `corpus/TARGET` and `found/TARGET` comes along: inputs of our own, and inputs that once broke something.
"""

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import genanki
import yaml
import zstandard

from fuzz.packed import small
from trialdeck.sheets.columns import forms

HERE = Path(__file__).parent
SUPPORT = HERE.parent / "support"
SHIPPED = HERE.parents[1] / "seeds"

_MODEL = genanki.Model(
    9, "Facts", fields=[{"name": "A"}, {"name": "B"}], templates=[{"name": "C", "qfmt": "{{A}}", "afmt": "{{B}}"}]
)


def kept(name: str) -> Iterator[tuple[str, bytes]]:
    """The inputs of a target that are files, with the names of these."""
    for folder in (HERE / "corpus" / name, HERE / "found" / name):
        for path in sorted(folder.glob("*")):
            yield f"{folder.name}/{path.name}", path.read_bytes()


def records() -> Iterator[bytes]:
    """Records that are sound, and records with every fault that a check knows."""
    for folder in (SHIPPED, SUPPORT / "broken", SUPPORT / "broken_many"):
        yield from _contents(folder, "*.yaml")


def settings() -> Iterator[bytes]:
    """Settings with every fault that a check knows."""
    yield from _contents(SUPPORT / "broken_settings", "**/*.yaml")
    yield b"name: Trials\nsplit: trial\n"
    yield b"title: Heart\nselect: {specialties: [cardiology], perspectives: [clinical]}\n"


def notes() -> Iterator[bytes]:
    """Notes of educators."""
    yield from _contents(HERE.parent.parent / "docs" / "examples", "*-notes.md")


def pages() -> Iterator[bytes]:
    """Pages, whole and in single lines."""
    yield from _contents(SUPPORT / "pages", "harbor-7.*")


def texts() -> Iterator[bytes]:
    """Every text of a record, and hostile texts."""
    for folder, pattern in ((SUPPORT / "hostile", "*.yaml"), (SHIPPED, "*.yaml")):
        for content in _contents(folder, pattern):
            for text in _strings(yaml.safe_load(content)):
                yield text.encode()


def drawings() -> Iterator[bytes]:
    """The drawings that come with the tests."""
    yield from _contents(SUPPORT / "broken", "**/*.svg")
    inside = b'<g style="fill: url(#a)"><a href="#b"><path d="M0 0"/></a></g>'
    yield b'<svg xmlns="http://www.w3.org/2000/svg">' + inside + b"</svg>"


def sheets() -> Iterator[bytes]:
    """A sheet of each kind with one row, in several dialects."""
    for form in forms():
        names = [column.name for column in form.columns]
        examples = [column.example.replace('"', "'") for column in form.columns]
        for sign in ",;\t":
            lines = (names, [f'"{each}"' for each in examples])
            yield "\r\n".join(sign.join(line) for line in lines).encode("utf-8-sig")


def databases() -> Iterator[bytes]:
    """A database of each layout."""
    with zipfile.ZipFile(_genanki_package()) as archive:
        old = archive.read("collection.anki2")
    yield small(old)
    yield small(_in_tables())


def packages() -> Iterator[bytes]:
    """Whole packages, of old and of today."""
    old, new = databases()
    for members in (
        {"collection.anki2": old, "media": b'{"0": "a.png"}', "0": b"x"},
        {"collection.anki21b": zstandard.compress(new), "meta": b"\x08\x03", "media": zstandard.compress(_MEDIA)},
    ):
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in members.items():
                    archive.writestr(zipfile.ZipInfo(name), content)
            file.seek(0)
            yield file.read()


_MEDIA = b"\x0a\x09\x0a\x05a.png\x10\x01"


def messages() -> Iterator[bytes]:
    """Messages of protobuf, and lists of media in JSON."""
    yield from (_MEDIA, b"\x08\x03", b"\x0a\x02\x08\x01\x15\x00\x00\x00\x00\x19" + bytes(8))
    yield json.dumps({"0": "a.png", "1": "../b.png"}).encode()


def _contents(folder: Path, pattern: str) -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted(folder.glob(pattern)) if path.is_file())


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        return (text for part in value.values() for text in _strings(part))
    if isinstance(value, list):
        return (text for part in value for text in _strings(part))
    return [value] if isinstance(value, str) else []


def _genanki_package() -> Path:
    path = Path(tempfile.mkdtemp(prefix="trialdeck-fuzz-"), "good.apkg")
    deck = genanki.Deck(10, "Facts", "<b>Few</b>")
    deck.add_note(genanki.Note(_MODEL, ["one", "two"], guid="one", tags=["edition::3"]))
    genanki.Package(deck).write_to_file(path, timestamp=1_790_000_000)
    return path


def _in_tables() -> bytes:
    """A database of today's layout, as small as can be."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(
            """
            CREATE TABLE col (ver integer); INSERT INTO col VALUES (18);
            CREATE TABLE notetypes (id integer PRIMARY KEY, name text, mtime_secs integer, config blob);
            CREATE TABLE fields (ntid integer, ord integer, name text);
            CREATE TABLE templates (ntid integer, ord integer, name text, config blob);
            CREATE TABLE decks (id integer PRIMARY KEY, name text, kind blob);
            CREATE TABLE notes (id integer PRIMARY KEY, guid text, mid integer, mod integer, tags text, flds text);
            CREATE TABLE cards (nid integer, ord integer, did integer, odid integer, reps integer);
            INSERT INTO notetypes VALUES (9, 'Facts', 5, x'1a0370203a');
            INSERT INTO fields VALUES (9, 0, 'A'), (9, 1, 'B');
            INSERT INTO templates VALUES (9, 0, 'C', x'0a057b7b417d7d12057b7b427d7d');
            INSERT INTO decks VALUES (10, 'Facts' || char(31) || 'Few', x'0a05220377686f');
            INSERT INTO notes VALUES (1, 'one', 9, 7, ' edition::3 ', 'one' || char(31) || 'two');
            INSERT INTO cards VALUES (1, 0, 10, 0, 2);
            """
        )
        return connection.serialize()
