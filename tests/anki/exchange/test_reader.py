"""Packages of every kind and origin are read alike, and broken ones are refused with words."""

import contextlib
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import genanki
import pytest
import zstandard
from click.testing import CliRunner

from anki_exports import CLOZE, FILTERED, FORMATS, GREETING, exports, in_anki, package
from trialdeck.apkg import container as unpacking
from trialdeck.apkg.protobuf import bytes_field, number_field
from trialdeck.apkg.reader import (
    MISSING_DECK,
    PackedCard,
    PackedNote,
    PackedTemplate,
    PackedType,
    ReadPackage,
    read_package,
)
from trialdeck.cli import main
from trialdeck.core.errors import TrialdeckError
from trialdeck.notes.note_types import Kind, note_type

Members = dict[str, bytes]


@pytest.fixture(scope="session")
def anki_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exports(tmp_path_factory.getbasetemp() / "anki-exports")


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A package of plain genanki."""
    model = genanki.Model(
        1607392319,
        "Simple",
        fields=[{"name": "Question"}, {"name": "Answer"}],
        templates=[{"name": "Card 1", "qfmt": "{{Question}}", "afmt": "{{Answer}}"}],
        css=".card { color: black; }",
    )
    deck = genanki.Deck(2059400110, "Country::Capitals", "All of them")
    deck.add_note(genanki.Note(model, ["France?", "Paris"], guid="b", tags=["z", "a"]))
    deck.add_note(genanki.Note(model, ["Peru?", "Lima"], guid="a"))
    path = tmp_path / "plain.apkg"
    genanki.Package(deck).write_to_file(path, timestamp=1_700_000_000.25)
    return path


def by_guid(read: ReadPackage) -> dict[str, PackedNote]:
    return {note.guid: note for note in read.notes}


def test_a_package_of_genanki(plain: Path) -> None:
    read = read_package(plain)
    assert [note.guid for note in read.notes] == ["a", "b"]
    france = read.notes[1]
    assert france.note_type == "Simple"
    assert list(france.fields.items()) == [("Question", "France?"), ("Answer", "Paris")]
    assert (france.tags, france.changed) == (("a", "z"), 1_700_000_000)
    assert france.cards == (PackedCard(0, "Country::Capitals"),)
    templates = (PackedTemplate("Card 1", "{{Question}}", "{{Answer}}"),)
    assert read.note_types == (
        PackedType(1607392319, "Simple", ("Question", "Answer"), templates, ".card { color: black; }", 1_700_000_000),
    )
    assert read.decks == {"Country::Capitals": "All of them", "Default": ""}


def test_a_package_of_trialdeck(build_package: Callable[..., Path]) -> None:
    read = read_package(build_package())
    trial = next(note for note in read.notes if note.fields.get("Key") == "dawn-1/trial")
    assert trial.note_type == "Trialdeck Trial"
    assert tuple(trial.fields) == note_type(Kind.TRIAL).field_names
    assert [card.ordinal for card in trial.cards] == [0, 1, 2]
    assert {card.deck for note in read.notes for card in note.cards} == {"Landmark Trials::DAWN-1"}
    style = next(each.style for each in read.note_types if each.name == "Trialdeck Trial")
    assert style == note_type(Kind.TRIAL).style
    assert [note.guid for note in read.notes] == sorted(note.guid for note in read.notes)


@pytest.mark.parametrize("form", FORMATS)
def test_a_package_of_anki(form: str, anki_folder: Path) -> None:
    read = read_package(package(anki_folder, "first", form))
    notes = by_guid(read)
    assert set(notes) == {GREETING, CLOZE, FILTERED}
    assert notes[GREETING].fields == {"Front": "Hello?", "Back": "<b>Salut</b> à tous"}
    assert notes[GREETING].note_type == "Basic"
    assert notes[GREETING].tags == ("alpha", "zeta")
    assert notes[GREETING].cards == (PackedCard(0, "Lêarn::Words"),)
    assert notes[CLOZE].cards == (PackedCard(0, "Lêarn"), PackedCard(1, "Lêarn"))
    (filtered,) = notes[FILTERED].cards
    # Without scheduling, Anki writes a filtered deck as an ordinary one.
    home = "Filtered Deck" if form in {"plain", "legacy"} else "Lêarn::Words"
    assert filtered.deck.startswith(home)
    assert read.decks["Lêarn::Words"] == "What to <i>say</i>"
    basic = next(each for each in read.note_types if each.name == "Basic")
    assert basic.fields == ("Front", "Back")
    assert basic.templates[0].front == "{{Front}}"
    assert basic.templates[0].back == "{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}"
    assert "font-family: arial" in basic.style


def test_all_formats_of_anki_hold_the_same(anki_folder: Path) -> None:
    for stage in ("first", "edited"):
        packages = [read_package(package(anki_folder, stage, form)) for form in FORMATS]
        notes = [[note for note in read.notes if note.guid != FILTERED] for read in packages]
        assert all(each == notes[0] for each in notes)
        used = {note.note_type for note in packages[0].notes}
        types = [[each for each in read.note_types if each.name in used] for read in packages]
        assert all(each == types[0] for each in types)


def test_a_package_of_trialdeck_comes_through_anki_unchanged(
    build_package: Callable[..., Path], tmp_path: Path
) -> None:
    built, back = build_package(), tmp_path / "back.apkg"
    in_anki([{"import": str(built)}, {"export": {"path": str(back), "legacy": False, "scheduling": False}}])
    one, other = by_guid(read_package(built)), by_guid(read_package(back))
    assert {guid: (note.fields, note.tags, note.cards) for guid, note in one.items()} == {
        guid: (note.fields, note.tags, note.cards) for guid, note in other.items()
    }


# --- databases in detail


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def altered(source: Path, target: Path, *statements: str) -> Path:
    """Write a package anew after SQL statements."""
    members = members_of(source)
    name = next(str(name) for name in unpacking.ContainerFormat if name in members)
    content = members[name]
    if name.endswith("b"):
        content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_collation("unicase", lambda one, other: (one > other) - (one < other))
        connection.deserialize(content[:18] + b"\x01\x01" + content[20:])
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        content = connection.serialize()
    members[name] = zstandard.ZstdCompressor().compress(content) if name.endswith("b") else content
    return write_zip(target, members)


@pytest.mark.parametrize("schema", [15, 16, 17])
def test_former_schemas_with_tables(schema: int, anki_folder: Path, tmp_path: Path) -> None:
    source = package(anki_folder, "first", "plain")
    former = altered(source, tmp_path / "former.apkg", f"UPDATE col SET ver = {schema}")
    assert read_package(former) == read_package(source)


def test_the_newest_of_several_collections_counts(plain: Path, anki_folder: Path, tmp_path: Path) -> None:
    members = members_of(package(anki_folder, "first", "legacy"))
    assert {"collection.anki2", "collection.anki21"} <= set(members)
    members["collection.anki2"] = members_of(plain)["collection.anki2"]
    both = write_zip(tmp_path / "both.apkg", members)
    assert set(by_guid(read_package(both))) == {GREETING, CLOZE, FILTERED}


def test_a_style_and_a_description_may_be_empty(anki_folder: Path, tmp_path: Path) -> None:
    source = package(anki_folder, "first", "plain")
    read = read_package(altered(source, tmp_path / "bare.apkg", "UPDATE notetypes SET config = x''",
                                "UPDATE decks SET kind = x''"))  # fmt: skip
    assert {each.style for each in read.note_types} == {""}
    assert set(read.decks.values()) == {""}


def test_a_card_without_a_deck_is_told_as_such(plain: Path, tmp_path: Path) -> None:
    read = read_package(altered(plain, tmp_path / "lost.apkg", "UPDATE cards SET did = 7"))
    assert {card.deck for note in read.notes for card in note.cards} == {MISSING_DECK}


def test_one_guid_on_two_notes_gives_both(plain: Path, tmp_path: Path) -> None:
    read = read_package(altered(plain, tmp_path / "twice.apkg", "UPDATE notes SET guid = 'a'"))
    assert [note.guid for note in read.notes] == ["a", "a"]
    assert read.notes[0].row_id < read.notes[1].row_id


def test_reading_leaves_nothing_behind(
    plain: Path, anki_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = sorted(anki_folder.iterdir())
    for path in (plain, *(package(anki_folder, "first", form) for form in FORMATS)):
        content = path.read_bytes()
        read_package(path)
        assert path.read_bytes() == content
    assert list(scratch.iterdir()) == []
    assert sorted(anki_folder.iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain.apkg", "scratch"]


# --- what is broken


def refused(path: Path) -> TrialdeckError:
    with pytest.raises(TrialdeckError) as caught:
        read_package(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_missing_file(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "nothing.apkg").message


def test_a_folder(tmp_path: Path) -> None:
    assert "cannot read" in refused(tmp_path).message


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 half", bytes(5000)])
def test_a_file_that_is_no_zip(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.apkg"
    path.write_bytes(content)
    assert "is not an Anki package" in refused(path).message


def test_a_zip_without_a_collection(tmp_path: Path) -> None:
    assert "holds no collection" in refused(write_zip(tmp_path / "x.apkg", {"media": b"{}"})).message


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_package_that_was_cut_off(cut: float, plain: Path) -> None:
    content = plain.read_bytes()
    plain.write_bytes(content[: int(len(content) * cut)])
    refused(plain)


def test_a_package_whose_bytes_were_altered(plain: Path) -> None:
    content = bytearray(write_zip(plain, members_of(plain)).read_bytes())
    content[200:240] = bytes(40)
    plain.write_bytes(content)
    assert "damaged" in refused(plain).message


def test_an_encrypted_member(plain: Path) -> None:
    content = bytearray(plain.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    plain.write_bytes(content)
    assert "encrypted" in refused(plain).message


def test_an_unknown_compression(plain: Path) -> None:
    content = bytearray(plain.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + offset] = 99
    plain.write_bytes(content)
    assert "compression" in refused(plain).message


def test_a_database_that_is_none(tmp_path: Path) -> None:
    for content in (b"", b"nonsense", b"SQLite format 3\0", b"SQLite format 3\0" + b"x" * 5000):
        assert "damaged" in refused(write_zip(tmp_path / "x.apkg", {"collection.anki2": content})).message


def test_a_database_that_was_cut_off_or_altered(plain: Path, tmp_path: Path) -> None:
    whole = members_of(plain)["collection.anki2"]
    for content in (whole[: len(whole) // 2], whole[:4096] + b"\xff" * 4096 + whole[8192:]):
        assert "damaged" in refused(write_zip(tmp_path / "x.apkg", {"collection.anki2": content})).message


STATEMENTS = {
    "no table of notes": "DROP TABLE notes",
    "an empty col": "DELETE FROM col",
    "note types that are no JSON": "UPDATE col SET models = '{'",
    "note types that are a list": "UPDATE col SET models = '[]'",
    "a note type without fields": """UPDATE col SET models = '{"1607392319": {}}'""",
    "a note type that is missing": "UPDATE col SET models = '{}'",
    "decks that are no JSON": "UPDATE col SET decks = ''",
    "deeply nested decks": f"UPDATE col SET decks = '{'[' * 100_000}'",
    "a note with too many fields": "UPDATE notes SET flds = flds || char(31) || 'more'",
    "fields that are no text": "UPDATE notes SET flds = CAST(x'ff1f00' AS TEXT)",
    "a note without a time": "UPDATE notes SET mod = 'never'",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_a_database_that_holds_something_else(statement: str, plain: Path, tmp_path: Path) -> None:
    assert "is damaged" in refused(altered(plain, tmp_path / "x.apkg", statement)).message


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE templates SET config = x'0aff'",
        "UPDATE notetypes SET config = x'1a02ffff'",
        "UPDATE decks SET kind = x'0b'",
        "DROP TABLE fields",
    ],
)
def test_settings_that_are_damaged(statement: str, anki_folder: Path, tmp_path: Path) -> None:
    source = package(anki_folder, "first", "plain")
    assert "is damaged" in refused(altered(source, tmp_path / "x.apkg", statement)).message


def test_a_compressed_collection_that_is_damaged(anki_folder: Path, tmp_path: Path) -> None:
    members = members_of(package(anki_folder, "first", "plain"))
    whole = members["collection.anki21b"]
    for content in (b"", b"nonsense", whole[:100], whole[:-20], whole[:50] + b"\xff" * 50 + whole[100:]):
        path = write_zip(tmp_path / "x.apkg", {**members, "collection.anki21b": content})
        assert "damaged" in refused(path).message


@pytest.mark.parametrize("schema", [10, 19, 99])
@pytest.mark.parametrize("form", ["plain", "legacy"])
def test_an_unknown_schema(form: str, schema: int, anki_folder: Path, tmp_path: Path) -> None:
    source = package(anki_folder, "first", form)
    error = refused(altered(source, tmp_path / "x.apkg", f"UPDATE col SET ver = {schema}"))
    assert f"schema {schema}" in error.message
    assert "Support older Anki versions" in error.hint


@pytest.mark.parametrize("members", [{"collection.anki22": b""}, {"meta": b"\x08\x04"}])
def test_a_package_of_a_later_format(members: Members, plain: Path, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.apkg", {**members_of(plain), **members})
    assert "too new" in refused(path).message


def test_a_damaged_version_of_the_package(plain: Path, tmp_path: Path) -> None:
    assert "damaged" in refused(write_zip(tmp_path / "x.apkg", {**members_of(plain), "meta": b"\x08"})).message


@pytest.mark.parametrize("form", ["plain", "legacy"])
def test_what_would_fill_the_memory_is_refused(
    form: str, anki_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "LARGEST", 1_000_000)
    name = "collection.anki21b" if form == "plain" else "collection.anki2"
    zeros = bytes(20_000_000)
    content = zstandard.ZstdCompressor().compress(zeros) if form == "plain" else zeros
    path = write_zip(tmp_path / "bomb.apkg", {name: content})
    assert path.stat().st_size < 100_000
    assert "more than 0.001 GB" in refused(path).message


def test_no_byte_of_a_package_makes_a_traceback(plain: Path, tmp_path: Path) -> None:
    """One byte altered at a time: the package reads, or it is refused with words."""
    content = write_zip(plain, members_of(plain)).read_bytes()
    path = tmp_path / "x.apkg"
    for place in range(0, len(content), max(1, len(content) // 150)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        with contextlib.suppress(TrialdeckError):
            read_package(path)


def test_zstandard_is_imported_only_when_it_is_needed(plain: Path) -> None:
    code = (
        "import sys, pathlib; from trialdeck.apkg.reader import read_package; "
        f"read_package(pathlib.Path({str(plain)!r})); sys.exit('zstandard' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the wire format


@pytest.mark.parametrize(
    ("message", "number", "expected"),
    [
        (b"", 1, b""),
        (b"\x0a\x02hi", 1, b"hi"),
        (b"\x0a\x02hi\x0a\x03you", 1, b"you"),
        (b"\x08\x96\x01\x1a\x01x", 3, b"x"),
        (b"\x09" + bytes(8) + b"\x15" + bytes(4) + b"\x1a\x01x", 3, b"x"),
        (b"\xfa\x0f\x01x", 255, b"x"),
        (b"\x08\x05", 1, b""),
    ],
)
def test_a_field_of_bytes(message: bytes, number: int, expected: bytes) -> None:
    assert bytes_field(message, number) == expected


def test_a_field_of_a_number() -> None:
    assert number_field(b"\x08\x96\x01", 1) == 150
    assert number_field(b"\x0a\x01x", 1) == 0


@pytest.mark.parametrize("message", [b"\x08", b"\x0a\x05hi", b"\x0b", b"\x08" + b"\xff" * 11, b"\x09\x00"])
def test_a_damaged_message(message: bytes) -> None:
    with pytest.raises(ValueError, match="a setting"):
        bytes_field(message, 1)


@pytest.fixture
def build_package(write_record: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """Build the package of a record at a time, in a folder with a ledger of its own."""

    def build(changes: dict[str, str] | None = None, at: int = 1_790_000_000, out: str = "built") -> Path:
        record = write_record("dawn-1.yaml", changes)
        arguments = ["build", str(record), "--out", str(tmp_path / out)]
        done = CliRunner().invoke(main, arguments, env={"SOURCE_DATE_EPOCH": str(at)})
        assert done.exit_code == 0, done.output
        return tmp_path / out / "dawn-1.apkg"

    return build
