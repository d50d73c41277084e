"""A deck map: any number of fields, and faults with their place and what to do."""

from pathlib import Path

import pytest

from trialdeck.anki.importing.deck_map import DeckMap, FaultyMapError, FieldText, read_deck_map
from trialdeck.apkg.reader import PackedType
from trialdeck.records.model import Perspective

TYPES = (
    PackedType(1, "Basic", ("Front", "Back", "Study", "Link"), (), "", 0),
    PackedType(2, "Cloze", ("Text", "Back Extra"), (), "", 0),
)


def read(tmp_path: Path, text: str) -> DeckMap:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return read_deck_map(path, TYPES)


def test_one_map_takes_several_note_types(tmp_path: Path) -> None:
    text = """\
format: 1
perspective: reviewer
topic_tags: "topic::"
note_types:
  Basic:
    question: Front
    response: [Back, {field: Study, heading: Study}]
    trial: Study
    source_url: Link
    sections: {limitations: Back}
    reversed: true
  Cloze: {cloze: Text, response: Back Extra, section: design, perspective: mechanism}
"""
    found = read(tmp_path, text)
    basic, cloze = found.note_types["Basic"], found.note_types["Cloze"]
    assert found.topic_tags == "topic::"
    assert basic.response == (FieldText("Back"), FieldText("Study", "Study"))
    assert (basic.facts, basic.is_reversed, basic.perspective) == (
        {"trial": "Study", "source_url": "Link"}, True, Perspective.REVIEWER,
    )  # fmt: skip
    assert basic.fields == ("Front", "Back", "Study", "Link")
    assert (cloze.cloze, cloze.section, cloze.perspective) == ("Text", "design", Perspective.MECHANISM)


@pytest.mark.parametrize(
    ("text", "place", "code", "message", "hint"),
    [
        ("note_types:\n  Basc: {question: Front, response: Back}\n", (3, 3), "TD305",
         "the deck has no note type 'Basc'", "did you mean 'Basic'?"),
        ("note_types:\n  Basic: {question: Frnt, response: Back}\n", (3, 21), "TD305",
         "the note type 'Basic' has no field 'Frnt'", "did you mean 'Front'?"),
        ("note_types:\n  Basic: {question: Front}\n", (3, 3), "TD104", "'response' is missing", "add `response:`"),
        ("note_types:\n  Basic: {trial: Study}\n", (3, 3), "TD305", "nothing is taken of this note type",
         "add `question:` and `response:`, or `cloze:`, or write `take: false`"),
        ("trial_tag: x\n", (1, 1), "TD305", "it names no field", "list the note types under `note_types`"),
        ("note_types:\n  Basic: {qestion: Front, response: Back}\n", (3, 11), "TD103", "unknown property 'qestion'",
         "did you mean 'question'?"),
        ("note_types:\n  Basic: {question: Front, response: Back, reversed: yes}\n", (3, 54), "TD105",
         "'reversed' should be true or false, not 'yes'", "write true, in small letters and without quotes"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place_and_a_remedy(
    text: str, place: tuple[int, int], code: str, message: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(FaultyMapError) as raised:
        read(tmp_path, f"format: 1\n{text}")
    [problem] = raised.value.problems
    assert ((problem.line, problem.column), problem.code) == (place, code)
    assert (problem.message, problem.hint) == (message, hint)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FaultyMapError) as raised:
        read(tmp_path, "format: 1\nnote_types:\n  Basic: {question: A, response: B}\n  Clze: {cloze: Text}\n")
    assert len(raised.value.problems) == 3
