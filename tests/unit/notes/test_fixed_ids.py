"""What learners have is named and numbered as it was."""

import re

import pytest

from fixed_ids import GUIDS, NOTE_TYPES
from folders import ROOT
from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, note_type

_HARM = "Anki would make a second one for every learner; put what is new into a field or template that is there"


@pytest.mark.parametrize("kind", Kind)
def test_note_types_fields_and_templates_are_the_same_for_good(kind: Kind) -> None:
    made = note_type(kind)
    number, fields, templates = NOTE_TYPES[made.name]
    assert made.id == number, _HARM
    assert [(field.name, field.id) for field in made.fields] == list(fields.items()), _HARM
    assert [(template.name, template.id) for template in made.templates] == list(templates.items()), _HARM


def test_the_page_on_note_types_has_every_number() -> None:
    rows = re.findall(r"(?m)^\| (.*) \|$", (ROOT / "docs" / "note-types.md").read_text(encoding="utf-8"))
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    fields = [row for row in cells if len(row) == 6][2:]
    templates = [row for row in cells if len(row) == 3][2:]
    for column, (name, (number, its_fields, its_templates)) in enumerate(NOTE_TYPES.items()):
        assert f"{name} ({number})" in cells[0]
        stated = [(row[2 * column], row[2 * column + 1]) for row in fields if row[2 * column]]
        assert stated == [(field, str(field_id)) for field, field_id in its_fields.items()]
        assert [(row[1], int(row[2])) for row in templates if row[0] == name] == list(its_templates.items())


def test_guids_are_the_same_for_good() -> None:
    assert {key: guid_of(key) for key in GUIDS} == GUIDS, _HARM
