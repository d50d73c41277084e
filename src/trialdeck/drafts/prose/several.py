"""Tell whether notes are about several trials, and part them."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.drafts.headings import heading_of
from trialdeck.drafts.prose.marks import label_of
from trialdeck.drafts.prose.names import ACRONYM, CITATION, LEFT, POINTER, TITLE, Part, part_of
from trialdeck.drafts.prose.pieces import Document, Kind, Piece
from trialdeck.drafts.source import source_text

_BEFORE = "before the first trial"
_OF_ANY_TEXT = frozenset({ACRONYM, CITATION, LEFT, POINTER, TITLE})


class Trial(msgspec.Struct, frozen=True):
    """The notes of one trial: its name, the line that it begins on, and its pieces."""

    name: str
    number: int
    document: Document


def trial_pages_in(text: str) -> list[tuple[str, int, str]]:
    """Return the trial pages in a text: the title of each, its line, and its text behind as many blank lines.

    A page begins with the line above its `Source:`; there are several if a heading comes again behind another source.
    """
    lines = text.split("\n")
    sources = [index for index, line in enumerate(lines) if source_text(line.strip()) is not None]
    if len(sources) < 2:
        return [("", 1, text)]
    starts = [_title_above(lines, index) for index in sources]
    ends = [*starts[1:], len(lines)]
    headings = [
        {heading_of(line.strip()) for line in lines[start:end]} - {None}
        for start, end in zip(starts, ends, strict=True)
    ]
    if not all(one & headings[0] for one in headings):
        return [("", 1, text)]
    starts[0] = 0
    return [
        (lines[_title_above(lines, source)].strip(), start + 1, "\n" * start + "\n".join(lines[start:end]))
        for source, start, end in zip(sources, starts, ends, strict=True)
    ]


def _title_above(lines: Sequence[str], source: int) -> int:
    return next((index for index in range(source - 1, -1, -1) if lines[index].strip()), source)


def trials_in(document: Document) -> list[Trial]:
    """Return the trials of some notes.

    Headings that nobody knows are trials if several of one level have a part of the same name below them.
    """
    pieces = document.pieces
    starts = _starts(pieces)
    if len(starts) < 2:
        return [Trial("", 1, document)]
    ends = [*starts[1:], len(pieces)]
    groups = [pieces[start:end] for start, end in zip(starts, ends, strict=True)]
    before = tuple((unit, _BEFORE) for piece in pieces[: starts[0]] for unit in piece.units)
    trials = [
        Trial(
            group[0].text[:80],
            group[0].number,
            Document(_with_title(group), losses=document.losses if not index else ()),
        )
        for index, group in enumerate(groups)
    ]
    first = replace(trials[0].document, left=(*before, *document.left), hidden=document.hidden, facts=document.facts,
                    looks=document.looks)  # fmt: skip
    return [replace(trials[0], document=first), *trials[1:]]


def _with_title(group: Sequence[Piece]) -> tuple[Piece, ...]:
    return (replace(group[0], level=1), *group[1:]) if group[0].kind is Kind.HEADING else tuple(group)


def _starts(pieces: Sequence[Piece]) -> list[int]:
    labels = [index for index, piece in enumerate(pieces) if _names_trial(piece)]
    if len(labels) > 1:
        return labels
    found: list[int] = []
    for level in sorted({piece.level for piece in pieces if piece.kind is Kind.HEADING}):
        groups = dict(_groups(pieces, level))
        counts = Counter(name for names in groups.values() for name in names)
        named = [index for index, names in groups.items() if names]
        # Trials may stand below headings of their fields: the level with most of them is theirs.
        if any(count > 1 for count in counts.values()) and len(named) > len(found):
            found = named
    return found


def _names_trial(piece: Piece) -> bool:
    label = label_of(piece.first_line) if piece.kind in (Kind.TEXT, Kind.ITEM) else None
    return bool(label and label.rest and label.part.property in (ACRONYM, TITLE))


def _groups(pieces: Sequence[Piece], level: int) -> Iterator[tuple[int, set[str]]]:
    """Yield each unknown heading of a level by its index, and the parts that stand below it."""
    start, names = -1, set[str]()
    for index, piece in enumerate(pieces):
        if piece.kind is Kind.HEADING and piece.level <= level:
            if start >= 0:
                yield start, names
            is_trial = piece.level == level and _part(piece) is None
            start, names = (index if is_trial else -1), set()
        elif start >= 0 and (part := _part(piece)) and part.property not in _OF_ANY_TEXT:
            names.add(part.property)
    if start >= 0:
        yield start, names


def _part(piece: Piece) -> Part | None:
    if piece.kind is Kind.HEADING:
        return part_of(piece.text)
    label = label_of(piece.first_line) if piece.kind in (Kind.TEXT, Kind.ITEM) else None
    return label.part if label else None
