"""genanki writes our packages, and takes our notes into packages of its own."""

import io
from pathlib import Path
from typing import Any

import genanki
import pytest
from msgspec.structs import replace

from anki_releases import NEWEST, REPORT, Report, run
from projects import NOW
from trialdeck.apkg.reader import PackedNote, ReadPackage, read_package
from trialdeck.apkg.rows import PackageEntry, Timestamp
from trialdeck.apkg.writer import Cover, StreamedPackage
from trialdeck.notes.builder import notes_of
from trialdeck.notes.genanki_notes import GenankiNote, genanki_model
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.trial_notes import trial_notes
from trials import trial

DECK = "Landmark Trials::DAWN-1"
RETIRED = "retired: {on: 2026-01-01, reason: It was disproved.}"
COVER = Cover("Landmark Trials", "About", dict.fromkeys(Kind, NOW))


@pytest.fixture
def notes(record_text: str) -> list[Note]:
    """The notes of a record, of all types, one of them retired."""
    dawn = trial(record_text, {"  - id: why\n": f"  - id: why\n    {RETIRED}\n"})
    made = list(notes_of(dawn, trial_notes([dawn])))
    assert {note.kind for note in made} == set(Kind)
    assert "dawn-1/question/why" in {note.key for note in made if note.retired}
    return made


@pytest.fixture
def ours(notes: list[Note], tmp_path: Path) -> Path:
    """A package as a build writes it."""
    with (tmp_path / "ours.apkg").open("w+b") as target:
        entries = [PackageEntry(note, Timestamp(NOW, NOW), DECK, (1,) * len(note.cards)) for note in notes]
        StreamedPackage(COVER, entries).write_to_file(target)
    return tmp_path / "ours.apkg"


@pytest.fixture
def plain(notes: list[Note], tmp_path: Path) -> Path:
    """A package of the same notes, as a script writes it with nothing but genanki."""
    deck = genanki.Deck(2059400110, DECK, "About")
    for note in notes:
        deck.add_note(note.to_genanki())
    genanki.Package(deck).write_to_file(tmp_path / "plain.apkg", timestamp=NOW)
    return tmp_path / "plain.apkg"


def without_ids(package: ReadPackage) -> list[PackedNote]:
    return [replace(note, row_id=0) for note in package.notes]


def trialdecks(report: Report) -> list[dict[str, Any]]:
    """Our note types in a collection; Anki gives its own new ids each time."""
    found = [each for each in report.notetypes if each["name"].startswith("Trialdeck ")]
    assert len(found) == len(Kind)
    return found


def test_a_note_is_a_note_of_genanki(notes: list[Note]) -> None:
    for note in notes:
        made = note.to_genanki()
        assert isinstance(made, genanki.Note)
        assert made.model is genanki_model(note.kind)
        assert (made.guid, made.fields, made.tags) == (note.guid, list(note.fields), list(note.tags))
        assert made.sort_field == note.fields[0]
        assert [card.ord for card in made.cards] == list(note.cards)


def test_a_package_is_a_package_of_genanki(notes: list[Note]) -> None:
    package = StreamedPackage(COVER, [PackageEntry(notes[1], Timestamp(NOW, NOW), DECK)])
    package.write_to_file(io.BytesIO())
    assert isinstance(package, genanki.Package)
    [deck] = package.decks
    assert type(deck) is genanki.Deck
    assert (deck.name, deck.description) == (DECK, "About")


@pytest.mark.parametrize("kind", Kind)
def test_a_note_type_is_as_genanki_writes_it_but_for_required_fields(kind: Kind) -> None:
    ours = note_type(kind)
    plain = genanki.Model(
        ours.id,
        ours.name,
        fields=[{"name": field.name, "id": field.id} for field in ours.fields],
        templates=[
            {"name": side.name, "id": side.id, "qfmt": side.front, "afmt": side.back} for side in ours.templates
        ],
        css=ours.style,
        model_type=1 if kind is Kind.CLOZE else 0,
    )
    model = genanki_model(kind)
    assert isinstance(model, genanki.Model)
    for _ in range(2):
        written = model.to_json(NOW, 1)
        assert {**written, "req": plain._req} == plain.to_json(NOW, 1)
        assert [needed for _, _, [needed] in written["req"]] == [
            ours.field_names.index(template.needs) for template in ours.templates
        ]


def test_a_script_with_genanki_alone_writes_the_same_notes_and_cards(ours: Path, plain: Path) -> None:
    one, other = read_package(ours), read_package(plain)
    assert without_ids(one) == without_ids(other)
    assert one.note_types == other.note_types
    assert one.decks.items() <= other.decks.items() | {("Default", "")}
    assert sum(len(note.cards) for note in one.notes) > len(one.notes) / 2


def test_anki_takes_the_notes_of_both_packages_for_the_same(ours: Path, plain: Path, notes: list[Note]) -> None:
    # A report ends with Check Database, which gives a retired note a card: so each is of a collection of its own.
    [new, one] = run(NEWEST, ours, REPORT)
    [_, again, both] = run(NEWEST, ours, plain, REPORT)
    assert (new["new"], again["new"], again["updated"]) == (len(notes), 0, 0)
    assert trialdecks(both) == trialdecks(one)
    assert len(both.notetypes) == len(one.notetypes)
    assert sorted(both.schedules) == sorted(one.schedules)
    assert len(both.schedules) == sum(len(note.cards) for note in notes)


def test_the_tag_of_the_edition_stands_in_its_place(notes: list[Note]) -> None:
    tags = GenankiNote(notes[1], edition="2026").tags
    assert "trialdeck::edition::2026" in tags
    assert tags == sorted([*notes[1].tags, "trialdeck::edition::2026"])


def test_a_note_with_too_few_fields_is_refused(notes: list[Note]) -> None:
    short = replace(notes[1], fields=notes[1].fields[:-1])
    with pytest.raises(ValueError, match="Number of fields in Model does not match"):
        StreamedPackage(COVER, [PackageEntry(short, Timestamp(NOW, NOW), DECK)]).write_to_file(io.BytesIO())
