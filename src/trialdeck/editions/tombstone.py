"""A tombstone: a retired note as it stays in packages, without cards.

Learners who have the note see on its cards, whose schedule stays, that it is retired; a new learner gets no card.
"""

from trialdeck.editions.ledger import Line
from trialdeck.markdown.editor_form import as_editor_leaves
from trialdeck.markdown.render import render_plain
from trialdeck.notes.note import Note, new_note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.retirement import reason_of
from trialdeck.notes.tags import RETIRED, values_of
from trialdeck.records.model import Audience, Perspective

_PERSPECTIVES = {str(perspective): perspective for perspective in Perspective}


def tombstone(line: Line) -> Note:
    """Return the note of a retired line, whose kind is known."""
    return new_note(
        key=line.key,
        identity=line.identity,
        kind=Kind(line.kind),
        fields=kept_fields(line) or _without_text(line),
        cards=(),
        tags=tuple(sorted([*line.tags, RETIRED])),
        trial=line.trial,
        perspective=perspective_of(line),
        audience=tuple(Audience(name) for name in values_of(line.tags, "audience") if name in set(Audience)),
        specialties=values_of(line.tags, "specialty"),
        guid=line.guid,
        label=line.label,
    )


def kept_fields(line: Line) -> tuple[str, ...]:
    """Return the fields that a line keeps, as Anki stores them; empty if none.

    Those that the note types of its time did not have are empty.
    """
    stored = tuple(as_editor_leaves(html) for html in line.kept)
    return note_type(Kind(line.kind)).completed(stored) if stored else ()


def _without_text(line: Line) -> tuple[str, ...]:
    """Return the fields of a note whose text is not known: its first field has the label.

    For a cloze statement that is plain text: Anki counts such a card as empty only when there is no deletion.
    """
    its_type = note_type(Kind(line.kind))
    first = {its_type.field_names[0]: render_plain(line.label)}
    return its_type.filled(**first, Retired=line.retired, Key=line.key)


def reason_for(line: Line) -> str:
    """Return why a note was retired and what replaces it, as plain text; empty if neither is stated."""
    names = note_type(Kind(line.kind)).field_names
    return reason_of(line.kept[names.index("Retired")]) if line.kept else ""


def perspective_of(line: Line) -> Perspective:
    """Return the perspective of a note; clinical if its tags name none."""
    named = (name for name in values_of(line.tags, "perspective") if name in _PERSPECTIVES)
    return _PERSPECTIVES[next(named, Perspective.CLINICAL)]
