"""Differences between two packages or editions, as text or Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

import click

from trialdeck.cli.output.release import facts_lines, release_markdown, release_text
from trialdeck.cli.output.terminal import printable
from trialdeck.editions.diff import Changes, FieldChange, Move, NoteChange, NoteState
from trialdeck.editions.facts import Fact
from trialdeck.editions.note_type_diff import Names, TypeChange
from trialdeck.editions.word_diff import Piece, PieceKind, abridged, field_difference, word_pieces
from trialdeck.markdown.plain_text import in_markdown

NOTHING = "no differences"
_UNKNOWN = "the former text is not known"
_UNSENT = "not sent: its time stamp is not newer, so that learners who have the note keep the former text"


def changes_text(changes: Changes) -> Iterator[str]:
    """Yield lines of text, a part for each kind of change, and a closing line with the counts.

    Words that were removed stand as `[-old-]`, words that were added as `{+new+}`, as `git diff --word-diff` has them;
    colour comes on top where the terminal has it.
    """
    yield from _notes_text("new", changes.new)
    yield from _part_text("changed", (line for change in changes.changed for line in _change_text(change)))
    yield from _part_text("moved", (f"  {_named(move.note)}: {printable(_way(move))}" for move in changes.moved))
    yield from _part_text("retired", (f"  {_titled(note)}{_reason(note)}" for note in changes.retired))
    yield from _notes_text("returned", changes.returned)
    yield from _notes_text("gone (Anki keeps these notes)", changes.gone)
    yield from _part_text("note types", _types_text(changes))
    yield from _part_text(_facts_heading(changes), _facts_text(changes))
    release = changes.release or ()
    yield from _part_text("for learners who have the deck", (f"  {line}" for line in release_text(release, release)))
    yield summary(changes)


def changes_markdown(changes: Changes) -> str:
    """Return release notes in Markdown, as GitHub shows them; the texts of cards show exactly as they are."""
    parts = [
        ("New", [f"- {_title(note)}" for note in changes.new]),
        ("Changed", [line for change in changes.changed for line in _change_markdown(change)]),
        ("Moved", [f"- **{_escaped(move.note.name)}**: {_escaped(_way(move))}" for move in changes.moved]),
        ("Retired", [f"- {_title(note)}{_escaped(_reason(note))}" for note in changes.retired]),
        ("Returned", [f"- {_title(note)}" for note in changes.returned]),
        ("Gone (Anki keeps these notes)", [f"- {_title(note)}" for note in changes.gone]),
        ("Note types", [f"- {_escaped(line)}" for line in _type_lines(changes)]),
        (_facts_heading(changes).capitalize(), list(_facts_markdown(changes))),
        ("For learners who have the deck", release_markdown(changes.release or ())),
    ]
    blocks = ["\n".join([f"## {heading}", "", *lines]) for heading, lines in parts if lines]
    return "\n\n".join([*blocks, f"{summary(changes).capitalize()}."])


def summary(changes: Changes) -> str:
    """Return the closing line: how many notes and note types differ, or that nothing does."""
    if not changes:
        return NOTHING
    counts = counts_of(changes)
    types = counts.pop("note_types")
    # What is rare is told only when it happens.
    facts = [f"{number} with new facts" for number in [counts.pop("facts")] if number]
    told = [f"{number} {name}" for name, number in counts.items() if number or name not in {"returned", "gone"}]
    return ", ".join([*told, *facts, f"{types} note type{'' if types == 1 else 's'} changed"])


def counts_of(changes: Changes) -> dict[str, int]:
    """Return how many notes and note types differ, by kind of difference."""
    names = ("new", "changed", "retired", "returned", "moved", "gone", "note_types")
    notes = sum(facts.notes for facts in changes.facts)
    return {**{name: len(getattr(changes, name)) for name in names}, "facts": notes}


def _facts_heading(changes: Changes) -> str:
    # Between packages nothing can be sent any more.
    way = "Anki does not update these notes" if changes.release is None else "`build --refresh` sends them"
    return f"new facts ({way})"


def label_of(note: NoteState) -> str:
    """Return the visible text of a note's first field, if that says more than its name."""
    return "" if note.label == note.name else note.label


def _reason(note: NoteState) -> str:
    return f" ({printable(note.reason)})" if note.reason else ""


def _way(move: Move) -> str:
    """Return the decks that a note leaves and those that it enters; if there is none of a kind, all of that side."""
    left = [deck for deck in move.before if deck not in move.after] or move.before
    entered = [deck for deck in move.after if deck not in move.before] or move.after
    return f"{', '.join(left)} → {', '.join(entered)}"


def _lists(names: Names) -> str:
    return f"{', '.join(names.before)} → {', '.join(names.after)}"


def _type_lines(changes: Changes) -> Iterator[str]:
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


# --- text


def _part_text(heading: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from (click.style(f"{heading}:", bold=True), *found)


def _notes_text(heading: str, notes: Sequence[NoteState]) -> Iterator[str]:
    return _part_text(heading, (f"  {_titled(note)}" for note in notes))


def _types_text(changes: Changes) -> Iterator[str]:
    return (f"  {printable(line)}" for line in _type_lines(changes))


def _facts_text(changes: Changes) -> Iterator[str]:
    for facts in changes.facts:
        first, *rest = facts_lines(facts, printable, lambda fact: field_text(_field_of(fact)))
        yield from (f"  {first}", *(f"    {line}" for line in rest))


def _field_of(fact: Fact) -> FieldChange:
    return FieldChange(fact.field, fact.before, fact.after)


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
        yield f"    {_UNKNOWN}"
    for field in change.fields or ():
        yield f"    {field_text(field)}"
    tags = [*map(_removed, change.tags_removed), *map(_added, change.tags_added)]
    if tags:
        yield f"    tags: {' '.join(tags)}"
    if not change.sent:
        yield f"    {_UNSENT}"


def field_text(field: FieldChange) -> str:
    """Return what differs in a field, word by word, in a line."""
    heading, pieces = _compared(field)
    return f"{printable(heading)}: {''.join(map(_piece_text, pieces))}"


def words_text(before: str, after: str) -> str:
    """Return what differs between two texts, word by word, in a line."""
    return "".join(map(_piece_text, abridged(word_pieces(before, after))))


def _compared(field: FieldChange) -> tuple[str, tuple[Piece, ...]]:
    """Return the heading of a changed field, and its shortened words."""
    difference = field_difference(field.before, field.after)
    return f"{field.name} (markup only)" if difference.of_markup else field.name, abridged(difference.pieces)


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


# --- Markdown


def _escaped(text: str) -> str:
    return in_markdown(printable(" ".join(text.split())))


def _title(note: NoteState) -> str:
    label = label_of(note)
    return f"**{_escaped(note.name)}**" + (f": {_escaped(label)}" if label else "")


_BEFORE_SIGN = re.compile(r" (?=[,.;:!?])")


def _change_markdown(change: NoteChange) -> Iterator[str]:
    yield f"- {_title(change.note)}"
    if change.former_type:
        yield f"  - note type: ~~{_escaped(change.former_type)}~~ **{_escaped(change.note.note_type)}**"
    if change.fields is None:
        yield f"  - {_UNKNOWN}"
    for field in change.fields or ():
        yield f"  - {_field_markdown(field)}"
    tags = [f"~~{_escaped(tag)}~~" for tag in change.tags_removed]
    tags += [f"**{_escaped(tag)}**" for tag in change.tags_added]
    if tags:
        yield f"  - tags: {' '.join(tags)}"
    if not change.sent:
        yield f"  - {_UNSENT}"


def _facts_markdown(changes: Changes) -> Iterator[str]:
    for facts in changes.facts:
        first, *rest = facts_lines(facts, _escaped, lambda fact: _field_markdown(_field_of(fact)))
        yield from (f"- {first}", *(f"  - {line}" for line in rest))


def _field_markdown(field: FieldChange) -> str:
    heading, pieces = _compared(field)
    # Marks of emphasis count only where space or punctuation is beside them.
    words = " ".join(filter(None, map(_piece_markdown, pieces)))
    return f"{_escaped(heading)}: {_BEFORE_SIGN.sub('', words)}"


def _piece_markdown(piece: Piece) -> str:
    text = _escaped(piece.text)
    around = {PieceKind.REMOVED: "~~", PieceKind.ADDED: "**", PieceKind.SAME: ""}[piece.kind]
    return f"{around}{text}{around}" if text else ""
