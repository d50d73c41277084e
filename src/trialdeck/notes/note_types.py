"""The three note types: their fixed ids, fields and templates, and the style that they share.

This is version 1.0 of the note types, frozen for good: ids, names and order of fields and templates never change. Anki
makes a second note type of any other, and the learner's notes of the first are never updated again. Every field and
template carries an `id` of its own, by which Anki 23.10 and later recognise it even under another name. The HTML and
the style may change freely. `Extra` is the learner's own field: nothing here ever writes it. `Spare` is empty, for a
fact that nobody has thought of yet.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

import msgspec

from trialdeck.markdown.editor_form import as_editor_leaves
from trialdeck.notes.templates.labels import label_style, with_labels


class Kind(StrEnum):
    """Which note type a note has; the value is the name of its folder in `templates/`."""

    QUESTION = "question"
    CLOZE = "cloze"
    TRIAL = "trial"


class Field(msgspec.Struct, frozen=True):
    """One field and its stable id."""

    name: str
    id: int


class Template(msgspec.Struct, frozen=True):
    """One template, its stable id, the field without which it gives no card, and the HTML of its two sides."""

    name: str
    id: int
    needs: str
    front: str
    back: str


class NoteType(msgspec.Struct, frozen=True, dict=True):
    """One note type as Anki stores it."""

    kind: Kind
    id: int
    name: str
    fields: tuple[Field, ...]
    templates: tuple[Template, ...]
    style: str

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def shared_fields(self) -> frozenset[str]:
        """The names of the fields whose content stands on all notes of a trial, and not of this note alone."""
        return _SHARED

    def filled(self, **values: str) -> tuple[str, ...]:
        """Return the fields of a note in order, as Anki's editor would leave them; those not named stay empty."""
        if unknown := values.keys() - self.field_names:
            raise KeyError(f"{self.name} has no field {', '.join(sorted(unknown))}")
        return tuple([as_editor_leaves(values.get(name, "")) for name in self.field_names])

    def completed(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        """Return the fields of a note that was made before this version had its last fields: those are empty."""
        return (*fields, *("" for _ in self.field_names[len(fields) :]))

    def cards_of(self, fields: Sequence[str]) -> tuple[int, ...]:
        """Return the ordinals of the templates that give a card for these fields (not for cloze statements)."""
        values = dict(zip(self.field_names, fields, strict=True))
        return tuple(ordinal for ordinal, template in enumerate(self.templates) if values[template.needs])


_FIELDS = {
    Kind.QUESTION: (
        Field("Question", 5300100000000001),
        Field("Response", 5300100000000002),
        Field("Picture", 5300100000000003),
        Field("Trial", 5300100000000004),
        Field("Citation", 5300100000000005),
        Field("Perspective", 5300100000000006),
        Field("Audience", 5300100000000007),
        Field("Source", 5300100000000008),
        Field("Review", 5300100000000009),
        Field("About", 5300100000000010),
        Field("Report", 5300100000000011),
        Field("Retired", 5300100000000012),
        Field("Extra", 5300100000000013),
        Field("Key", 5300100000000014),
        Field("Link", 5300100000000015),
        Field("Spare", 5300100000000016),
    ),
    Kind.CLOZE: (
        Field("Text", 5300200000000001),
        Field("Back", 5300200000000002),
        Field("Picture", 5300200000000003),
        Field("Trial", 5300200000000004),
        Field("Citation", 5300200000000005),
        Field("Perspective", 5300200000000006),
        Field("Audience", 5300200000000007),
        Field("Source", 5300200000000008),
        Field("Review", 5300200000000009),
        Field("About", 5300200000000010),
        Field("Report", 5300200000000011),
        Field("Retired", 5300200000000012),
        Field("Extra", 5300200000000013),
        Field("Key", 5300200000000014),
        Field("Link", 5300200000000015),
        Field("Spare", 5300200000000016),
    ),
    Kind.TRIAL: (
        Field("Name", 5300300000000001),
        Field("Title", 5300300000000002),
        Field("Tested", 5300300000000003),
        Field("Population", 5300300000000004),
        Field("Comparator", 5300300000000005),
        Field("Endpoint", 5300300000000006),
        Field("Summary", 5300300000000007),
        Field("Picture", 5300300000000008),
        Field("Source", 5300300000000009),
        Field("Review", 5300300000000010),
        Field("About", 5300300000000011),
        Field("Report", 5300300000000012),
        Field("Retired", 5300300000000013),
        Field("Extra", 5300300000000014),
        Field("Key", 5300300000000015),
        Field("Citation", 5300300000000016),
        Field("Link", 5300300000000017),
        Field("Spare", 5300300000000018),
    ),
}
_SHARED = frozenset({"Trial", "Citation", "Source", "Review", "About", "Link", "Report", "Spare"})
"""The fields that a note shares with the other notes of its trial, follow from its own content, or are empty."""
_FILES = Path(__file__).parent / "templates"
# Name, stable id, the field that it needs, and the stem of the files that hold the two sides.
_TEMPLATES = {
    Kind.QUESTION: (("Question → Response", 5300190000000001, "Question", ""),),
    Kind.CLOZE: (("Cloze", 5300290000000001, "Text", ""),),
    Kind.TRIAL: (
        ("Trial → What was tested", 5300390000000001, "Tested", "tested-"),
        ("What was tested → Trial", 5300390000000002, "Tested", "name-"),
        ("Trial → Endpoint", 5300390000000003, "Endpoint", "endpoint-"),
    ),
}
_IDENTITY = {
    Kind.QUESTION: (1763853001001, "Trialdeck Question"),
    Kind.CLOZE: (1763853002001, "Trialdeck Cloze"),
    Kind.TRIAL: (1763853003001, "Trialdeck Trial"),
}
# A comment of one word stands for the file of that name.
_INCLUDED = re.compile(r"<!-- ([a-z-]+) -->")
_OWN_CARD = re.compile(r"\{\{([#/])own-card\}\}")
"""A condition that is true for the cards of one template; each template has it with the number of its cards.

Anki knows the numbers of cards as `{{#c1}}`, `{{#c2}}`, …, in note types without deletions too, but only when it shows
a card. When it looks for empty cards, and when it makes cards, the condition is false (measured in 2.1.49, 2.1.66,
24.11 and 26.9.3). So a retired card shows fields on both of its sides and is in Tools → Empty Cards all the same.
"""


@cache
def note_type(kind: Kind) -> NoteType:
    """Return a note type with the HTML and style of its files."""
    templates = tuple(
        Template(name, stable_id, needs, _front(kind, stem, number), _back(kind, stem, number))
        for number, (name, stable_id, needs, stem) in enumerate(_TEMPLATES[kind], start=1)
    )
    return NoteType(kind, *_IDENTITY[kind], _FIELDS[kind], templates, f"{_file('style.css')}\n{label_style()}")


def _front(kind: Kind, stem: str, number: int) -> str:
    asked = _file(f"{kind}/{stem}front.html")
    # Anki shows no back of a cloze card without deletions, so the front of a retired one has everything.
    whole = asked if kind is Kind.CLOZE else _file("front.html").replace("<!-- asked -->", asked)
    return _assembled(whole, kind, number)


def _back(kind: Kind, stem: str, number: int) -> str:
    return _assembled(_file(f"{kind}/{stem}back.html"), kind, number)


def _assembled(side: str, kind: Kind, number: int) -> str:
    """Return a side with the files that it includes, for the cards of the template with this number."""
    whole = with_labels(_INCLUDED.sub(lambda found: _file(f"{found[1]}.html"), side))
    # A cloze note has its cards by deletions, not by templates, and whether a card is empty depends on these alone.
    return _OWN_CARD.sub("" if kind is Kind.CLOZE else rf"{{{{\g<1>c{number}}}}}", whole)


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8").strip()
