"""The words for what differs between two packages, or two editions, for text and Markdown alike."""

from collections.abc import Callable, Iterator

from trialdeck.core.text import counted, printable
from trialdeck.editions.compare.diff import Changes, FieldChange, Move, NoteState
from trialdeck.editions.compare.note_type_diff import Names, TypeChange
from trialdeck.editions.compare.word_diff import Piece, abridged, field_difference
from trialdeck.editions.facts import Fact, Facts

NOTHING = "no differences"
UNKNOWN = "the former text is not known"
UNSENT = "not sent: its time stamp is not newer, so that learners who have the note keep the former text"


def summary(changes: Changes) -> str:
    """Return the closing line: how many notes and note types differ, or that nothing does."""
    if not changes:
        return NOTHING
    counts = counts_of(changes)
    types = counts.pop("note_types")
    # Rare kinds of difference are named only if there are some.
    facts = [f"{number} with new facts" for number in [counts.pop("facts")] if number]
    parts = [f"{number} {name}" for name, number in counts.items() if number or name not in {"returned", "gone"}]
    return ", ".join([*parts, *facts, f"{counted(types, 'note type')} changed"])


def counts_of(changes: Changes) -> dict[str, int]:
    """Return how many notes and note types differ, by kind of difference."""
    names = ("new", "changed", "retired", "returned", "moved", "gone", "note_types")
    notes = sum(facts.notes for facts in changes.facts)
    return {**{name: len(getattr(changes, name)) for name in names}, "facts": notes}


def facts_heading(changes: Changes) -> str:
    """Return the heading of the changes of facts."""
    # Between packages nothing can be sent any more.
    way = "Anki does not update these notes" if changes.release is None else "`build --refresh` sends them"
    return f"new facts ({way})"


def label_of(note: NoteState) -> str:
    """Return the visible text of a note's first field; empty if that is its name."""
    return "" if note.label == note.name else note.label


def reason_of(note: NoteState) -> str:
    """Return why a note was retired, in brackets, if that is known."""
    return f" ({printable(note.reason)})" if note.reason else ""


def way_of(move: Move) -> str:
    """Return the decks that a note leaves and those that it enters; if it leaves or enters none, all of that side."""
    left = [deck for deck in move.before if deck not in move.after] or move.before
    entered = [deck for deck in move.after if deck not in move.before] or move.after
    return f"{', '.join(left)} → {', '.join(entered)}"


def field_of(fact: Fact) -> FieldChange:
    """Return a changed fact as a change of a field."""
    return FieldChange(fact.field, fact.before, fact.after)


def compared(field: FieldChange) -> tuple[str, tuple[Piece, ...]]:
    """Return the heading of a changed field, and its shortened words."""
    difference = field_difference(field.before, field.after)
    return f"{field.name} (markup only)" if difference.of_markup else field.name, abridged(difference.pieces)


def type_lines(changes: Changes) -> Iterator[str]:
    """Yield a line for each note type that differs."""
    yield from (f"{name}: new" for name in changes.note_types.new)
    yield from (f"{name}: gone" for name in changes.note_types.gone)
    yield from (f"{change.name}: {'; '.join(_type_parts(change))}" for change in changes.note_types.changed)


def _type_parts(change: TypeChange) -> Iterator[str]:
    if change.fields:
        yield f"fields: {_lists(change.fields)}"
    if change.templates:
        yield f"templates: {_lists(change.templates)}"
    if change.templates_changed:
        yield f"changed templates: {', '.join(change.templates_changed)}"
    if change.style:
        yield "changed style"


def _lists(names: Names) -> str:
    return f"{', '.join(names.before)} → {', '.join(names.after)}"


def facts_lines(facts: Facts, said: Callable[[str], str], shown: Callable[[Fact], str]) -> Iterator[str]:
    """Yield a line for a trial, then one for each change of a field and of tags.

    `said` escapes a text for the format, `shown` returns the words of a changed fact.
    """
    since = f", {facts.waiting} of them since earlier builds" if facts.waiting and facts.fresh else ""
    since = " since earlier builds" if facts.waiting and not facts.fresh else since
    carry = counted(facts.notes, "note carries", "notes carry")
    yield said(f"{carry} new facts of {facts.trial}{since}")
    for fact in facts.shown:
        yield f"{shown(fact)} ({_notes(fact.notes)})"
    tags = [*(f"-{tag}" for tag in facts.tags_removed), *(f"+{tag}" for tag in facts.tags_added)]
    if tags:
        yield said(f"tags: {' '.join(tags)}")
    if facts.more:
        yield f"{facts.more} more of the same kind"
    if facts.unknown:
        yield f"the former text of {_notes(facts.unknown)} is not known"


def _notes(count: int) -> str:
    return counted(count, "note")
