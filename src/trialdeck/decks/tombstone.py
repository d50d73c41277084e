"""A tombstone: what is left of a note that its record no longer has.

It travels on in packages as a note without cards. Whoever has the note already gets the mark of retirement on the card,
whose schedule stays; a new learner gets no card.
"""

from trialdeck.cards.markup import render_plain
from trialdeck.cards.note import Note, new_note
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.retired import month_marks
from trialdeck.cards.tags import RETIRED, values_of
from trialdeck.decks.ledger import Line
from trialdeck.records.model import Audience, Perspective

_PERSPECTIVES = {str(each): each for each in Perspective}


def tombstone(line: Line) -> Note:
    """Return the note of a retired line, of which the kind is known.

    Its first field says what the card was about. For a cloze statement that is plain text: Anki counts such a card as
    empty only when there is no deletion.
    """
    kind = Kind(line.kind)
    names = note_type(kind).field_names
    shown = {names[0]: render_plain(line.label), **month_marks(names, line.retired)}
    return new_note(
        key=line.key,
        identity=line.identity,
        kind=kind,
        fields=note_type(kind).filled(**shown, Retired=line.retired, Key=line.key),
        cards=(),
        tags=tuple(sorted([*line.tags, RETIRED])),
        trial=line.trial,
        perspective=perspective_of(line),
        audience=tuple(Audience(name) for name in values_of(line.tags, "audience") if name in set(Audience)),
        specialties=values_of(line.tags, "specialty"),
        guid=line.guid,
        label=line.label,
    )


def perspective_of(line: Line) -> Perspective:
    """Return the perspective of a note; where its tags name none, it is clinical."""
    named = (name for name in values_of(line.tags, "perspective") if name in _PERSPECTIVES)
    return _PERSPECTIVES[next(named, Perspective.CLINICAL)]
