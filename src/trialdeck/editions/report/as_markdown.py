"""What differs between two packages, or two editions, as release notes in Markdown."""

import re
from collections.abc import Iterator, Sequence

from trialdeck.core.text import printable
from trialdeck.editions.compare.diff import Changes, FieldChange, NoteChange, NoteState
from trialdeck.editions.compare.word_diff import Piece, PieceKind
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
from trialdeck.editions.risks import ReleaseChange
from trialdeck.markdown.plain_text import in_markdown


def changes_markdown(changes: Changes) -> str:
    """Return release notes in Markdown, as GitHub shows them; the texts of cards show exactly as they are."""
    parts = [
        ("New", [f"- {_title(note)}" for note in changes.new]),
        ("Changed", [line for change in changes.changed for line in _change_markdown(change)]),
        ("Moved", [f"- **{_escaped(move.note.name)}**: {_escaped(way_of(move))}" for move in changes.moved]),
        ("Retired", [f"- {_title(note)}{_escaped(reason_of(note))}" for note in changes.retired]),
        ("Returned", [f"- {_title(note)}" for note in changes.returned]),
        ("Gone (Anki keeps these notes)", [f"- {_title(note)}" for note in changes.gone]),
        ("Note types", [f"- {_escaped(line)}" for line in type_lines(changes)]),
        (facts_heading(changes).capitalize(), list(_facts_markdown(changes))),
        ("For learners who have the deck", _release_markdown(changes.release or ())),
    ]
    blocks = ["\n".join([f"## {heading}", "", *lines]) for heading, lines in parts if lines]
    return "\n\n".join([*blocks, f"{summary(changes).capitalize()}."])


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
        yield f"  - {UNKNOWN}"
    for field in change.fields or ():
        yield f"  - {_field_markdown(field)}"
    tags = [f"~~{_escaped(tag)}~~" for tag in change.tags_removed]
    tags += [f"**{_escaped(tag)}**" for tag in change.tags_added]
    if tags:
        yield f"  - tags: {' '.join(tags)}"
    if not change.sent:
        yield f"  - {UNSENT}"


def _facts_markdown(changes: Changes) -> Iterator[str]:
    for facts in changes.facts:
        first, *rest = facts_lines(facts, _escaped, lambda fact: _field_markdown(field_of(fact)))
        yield from (f"- {first}", *(f"  - {line}" for line in rest))


def _field_markdown(field: FieldChange) -> str:
    heading, pieces = compared(field)
    # Marks of emphasis count only where space or punctuation is beside them.
    words = " ".join(filter(None, map(_piece_markdown, pieces)))
    return f"{_escaped(heading)}: {_BEFORE_SIGN.sub('', words)}"


def _piece_markdown(piece: Piece) -> str:
    text = _escaped(piece.text)
    around = {PieceKind.REMOVED: "~~", PieceKind.ADDED: "**", PieceKind.SAME: ""}[piece.kind]
    return f"{around}{text}{around}" if text else ""


def _release_markdown(changes: Sequence[ReleaseChange]) -> list[str]:
    """Return what an edition changes for learners who have the deck, as points of a list."""
    return [
        f"- **{change.risk} risk**, `{change.code}`: {in_markdown(printable(change.message))}" for change in changes
    ]
