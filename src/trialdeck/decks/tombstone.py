"""A tombstone: what is left of a note that its record no longer has.

It travels on in packages as a note without cards. Whoever has the note already gets the mark of retirement on the card,
whose schedule stays; a new learner gets no card.
"""

from html import escape

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.tags import RETIRED, values_of
from trialdeck.decks.ledger import Line
from trialdeck.records.model import Audience, Perspective

# A field that shows what the card was about; for cloze statements it is plain text, because only without a deletion
# does Anki count the card as empty.
_FIRST_FIELD = {Kind.QUESTION: "Question", Kind.CLOZE: "Text", Kind.TRIAL: "Name"}


def tombstone(line: Line) -> Note:
    """Return the note of a retired line; `line.kind` is known."""
    kind = Kind(line.kind)
    label = {_FIRST_FIELD[kind]: escape(line.label, quote=False)}
    return Note(
        key=line.key,
        identity=line.identity,
        kind=kind,
        fields=note_type(kind).filled(**label, Retired=line.retired, Key=line.key),
        cards=(),
        tags=tuple(sorted([*line.tags, RETIRED])),
        trial=line.trial,
        perspective=_perspective(line),
        audience=tuple(Audience(name) for name in values_of(line.tags, "audience") if name in set(Audience)),
        specialties=values_of(line.tags, "specialty"),
        known_guid=line.guid,
    )


def _perspective(line: Line) -> Perspective:
    named = [name for name in values_of(line.tags, "perspective") if name in set(Perspective)]
    return Perspective(named[0]) if named else Perspective.CLINICAL
