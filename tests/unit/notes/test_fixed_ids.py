"""What learners have is named and numbered as it was."""

import pytest

from fixed_ids import GUIDS, NOTE_TYPES
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


def test_guids_are_the_same_for_good() -> None:
    assert {key: guid_of(key) for key in GUIDS} == GUIDS, _HARM
