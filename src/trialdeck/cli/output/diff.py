"""Differences between two packages or two editions, as lines for the terminal."""

from collections.abc import Iterable, Iterator, Sequence

import click

from trialdeck.cli.output.problems import release_text
from trialdeck.core.text import printable
from trialdeck.editions.compare.diff import Changes, FieldChange, NoteChange, NoteState
from trialdeck.editions.compare.word_diff import Piece, PieceKind, abridged, word_pieces
from trialdeck.editions.report.wording import (
    UNKNOWN,
    UNSENT,
    compared,
    facts_heading,
    facts_lines,
    field_of,
    label_of,
    reason_of,
    summary,
    type_lines,
    way_of,
)


def changes_text(changes: Changes) -> Iterator[str]:
    """Yield lines of text, a part for each kind of change, and a closing line with the counts.

    Removed words are printed as `[-old-]`, added words as `{+new+}`, as `git diff --word-diff` does, and in colour if
    the terminal has it.
    """
    yield from _notes_text("new", changes.new)
    yield from _part_text("changed", (line for change in changes.changed for line in _change_text(change)))
    yield from _part_text("moved", (f"  {_named(move.note)}: {printable(way_of(move))}" for move in changes.moved))
    yield from _part_text("retired", (f"  {_titled(note)}{reason_of(note)}" for note in changes.retired))
    yield from _notes_text("returned", changes.returned)
    yield from _notes_text("gone (Anki keeps these notes)", changes.gone)
    yield from _part_text("note types", _types_text(changes))
    yield from _part_text(facts_heading(changes), _facts_text(changes))
    release = changes.release or ()
    yield from _part_text("for learners who have the deck", (f"  {line}" for line in release_text(release, release)))
    yield summary(changes)


def _part_text(heading: str, lines: Iterable[str]) -> Iterator[str]:
    items = list(lines)
    if items:
        yield from (click.style(f"{heading}:", bold=True), *items)


def _notes_text(heading: str, notes: Sequence[NoteState]) -> Iterator[str]:
    return _part_text(heading, (f"  {_titled(note)}" for note in notes))


def _types_text(changes: Changes) -> Iterator[str]:
    return (f"  {printable(line)}" for line in type_lines(changes))


def _facts_text(changes: Changes) -> Iterator[str]:
    for facts in changes.facts:
        first, *others = facts_lines(facts, printable, lambda fact: field_text(field_of(fact)))
        yield from (f"  {first}", *(f"    {line}" for line in others))


def _named(note: NoteState) -> str:
    return click.style(printable(note.name), bold=True)


def _titled(note: NoteState) -> str:
    label = label_of(note)
    return f"{_named(note)}: {printable(label)}" if label else _named(note)


def _change_text(change: NoteChange) -> Iterator[str]:
    yield f"  {_titled(change.note)}"
    if change.former_type:
        yield f"    note type: {_removed(change.former_type)} {_added(change.note.note_type)}"
    if change.fields is None:
        yield f"    {UNKNOWN}"
    for field in change.fields or ():
        yield f"    {field_text(field)}"
    tags = [*map(_removed, change.tags_removed), *map(_added, change.tags_added)]
    if tags:
        yield f"    tags: {' '.join(tags)}"
    if not change.sent:
        yield f"    {UNSENT}"


def field_text(field: FieldChange) -> str:
    """Return the differences of a field, word by word, in one line."""
    heading, pieces = compared(field)
    return f"{printable(heading)}: {''.join(map(_piece_text, pieces))}"


def words_text(before: str, after: str) -> str:
    """Return the differences between two texts, word by word, in one line."""
    return "".join(map(_piece_text, abridged(word_pieces(before, after))))


def _piece_text(piece: Piece) -> str:
    match piece.kind:
        case PieceKind.REMOVED:
            return _removed(piece.text)
        case PieceKind.ADDED:
            return _added(piece.text)
        case PieceKind.SAME:
            return printable(piece.text)


def _removed(text: str) -> str:
    return click.style(f"[-{printable(text)}-]", fg="red", strikethrough=True)


def _added(text: str) -> str:
    return click.style(f"{{+{printable(text)}+}}", fg="green")
