"""What differs between two packages, or two editions, as text, JSON or Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from trialdeck.cards.readable import in_markdown
from trialdeck.decks.changes import Changes, FieldChange, Move, Names, NoteChange, NoteState, TypeChange
from trialdeck.decks.words import Piece, PieceKind, abridged, field_difference, word_pieces
from trialdeck.report.terminal import json_text, printable

NOTHING = "no differences"
_UNKNOWN = "the former text is not known"


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
    yield summary(changes)


def changes_json(changes: Changes) -> str:
    """Return the same as one JSON document, with whole texts; keys and their order are stable.

        {"new": [{"guid": "8Yw…", "name": "dawn-1/question/why", "note_type": "Trialdeck Question",
                  "label": "Why does dawnol work?"}],
         "changed": [{"guid": …, "name": …, "note_type": …, "label": …,
                      "former_note_type": null,
                      "fields": [{"name": "Response", "before": "<p>It binds.</p>", "after": "<p>It blocks.</p>"}],
                      "tags_added": [], "tags_removed": ["trialdeck::audience::student"]}],
         "moved": [{"guid": …, "name": …, "note_type": …, "label": …, "before": ["A::B"], "after": ["A::C"]}],
         "retired": [{"guid": …, "name": …, "note_type": …, "label": …, "retired": "2026-11-23",
                      "reason": "The updated analysis found no difference."}],
         "returned": [{"guid": …, …}],
         "gone": [{"guid": …, …}],
         "note_types": {"new": ["Basic"], "gone": [],
                        "changed": [{"name": "Cloze", "fields": null,
                                     "templates": {"before": ["Cloze"], "after": ["Cloze", "More"]},
                                     "templates_changed": ["Cloze"], "style": true}]},
         "summary": {"new": 1, "changed": 1, "retired": 1, "returned": 1, "moved": 1, "gone": 1, "note_types": 2}}

    `fields` of a changed note are null where the former text is not known; `fields` and `templates` of a note type are
    null where their names are the same. Texts of fields are HTML.
    """
    document = {
        "new": [_note_json(note) for note in changes.new],
        "changed": [_change_json(change) for change in changes.changed],
        "moved": [{**_note_json(move.note), **_sides(move)} for move in changes.moved],
        "retired": [{**_note_json(note), "retired": note.retired, "reason": note.reason} for note in changes.retired],
        "returned": [_note_json(note) for note in changes.returned],
        "gone": [_note_json(note) for note in changes.gone],
        "note_types": {
            "new": changes.note_types.new,
            "gone": changes.note_types.gone,
            "changed": [_type_json(change) for change in changes.note_types.changed],
        },
        "summary": _counts(changes),
    }
    return json_text(document)


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
    ]
    blocks = ["\n".join([f"## {heading}", "", *lines]) for heading, lines in parts if lines]
    return "\n\n".join([*blocks, f"{summary(changes).capitalize()}."])


def summary(changes: Changes) -> str:
    """Return the closing line: how many notes and note types differ, or that nothing does."""
    if not changes:
        return NOTHING
    counts = _counts(changes)
    types = counts.pop("note_types")
    # What is rare is told only when it happens.
    told = [f"{number} {name}" for name, number in counts.items() if number or name not in {"returned", "gone"}]
    return ", ".join([*told, f"{types} note type{'' if types == 1 else 's'} changed"])


def _counts(changes: Changes) -> dict[str, int]:
    names = ("new", "changed", "retired", "returned", "moved", "gone", "note_types")
    return {name: len(getattr(changes, name)) for name in names}


def _label(note: NoteState) -> str:
    """Return the visible text of a note's first field, if that says more than its name."""
    return "" if note.label == note.name else note.label


def _reason(note: NoteState) -> str:
    return f" ({printable(note.reason)})" if note.reason else ""


def _way(move: Move) -> str:
    return f"{', '.join(move.before)} → {', '.join(move.after)}"


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


def _named(note: NoteState) -> str:
    return click.style(printable(note.name), bold=True)


def _titled(note: NoteState) -> str:
    label = _label(note)
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


# --- JSON


def _note_json(note: NoteState) -> dict[str, Any]:
    return {"guid": note.guid, "name": note.name, "note_type": note.note_type, "label": _label(note)}


def _change_json(change: NoteChange) -> dict[str, Any]:
    fields = change.fields
    return {
        **_note_json(change.note),
        "former_note_type": change.former_type or None,
        "fields": None if fields is None else [{"name": each.name, **_sides(each)} for each in fields],
        "tags_added": change.tags_added,
        "tags_removed": change.tags_removed,
    }


def _type_json(change: TypeChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "fields": _sides(change.fields) if change.fields else None,
        "templates": _sides(change.templates) if change.templates else None,
        "templates_changed": change.templates_changed,
        "style": change.style,
    }


def _sides(change: FieldChange | Move | Names) -> dict[str, Any]:
    return {"before": change.before, "after": change.after}


# --- Markdown


def _escaped(text: str) -> str:
    return in_markdown(printable(" ".join(text.split())))


def _title(note: NoteState) -> str:
    label = _label(note)
    return f"**{_escaped(note.name)}**" + (f": {_escaped(label)}" if label else "")


_BEFORE_SIGN = re.compile(r" (?=[,.;:!?])")


def _change_markdown(change: NoteChange) -> Iterator[str]:
    yield f"- {_title(change.note)}"
    if change.former_type:
        yield f"  - note type: ~~{_escaped(change.former_type)}~~ **{_escaped(change.note.note_type)}**"
    if change.fields is None:
        yield f"  - {_UNKNOWN}"
    for field in change.fields or ():
        heading, pieces = _compared(field)
        # Marks of emphasis count only where space or punctuation is beside them.
        words = " ".join(filter(None, map(_piece_markdown, pieces)))
        yield f"  - {_escaped(heading)}: {_BEFORE_SIGN.sub('', words)}"
    tags = [f"~~{_escaped(tag)}~~" for tag in change.tags_removed]
    tags += [f"**{_escaped(tag)}**" for tag in change.tags_added]
    if tags:
        yield f"  - tags: {' '.join(tags)}"


def _piece_markdown(piece: Piece) -> str:
    text = _escaped(piece.text)
    around = {PieceKind.REMOVED: "~~", PieceKind.ADDED: "**", PieceKind.SAME: ""}[piece.kind]
    return f"{around}{text}{around}" if text else ""
