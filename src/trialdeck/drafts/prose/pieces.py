"""The pieces of notes: headings, paragraphs, items of lists and tables, with the lines that each was made of."""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

import msgspec

from trialdeck.markdown.html.seen import Block, Line, Paragraph, Run, line_of, lines_of

BOLD, MARKED, LISTED = 7, 8, 10
"""The levels of headings that are no headings of HTML: a line in bold, a name or label alone, an item with a list."""


class Kind(Enum):
    """What a piece is; an END closes the headings from its level on."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    TABLE = "table"
    LOST = "lost"
    END = "end"


class Unit(msgspec.Struct, frozen=True):
    """One line of notes: its number, and what it says; `id` tells apart lines that share a number."""

    id: int
    number: int
    text: str


class Piece(msgspec.Struct, frozen=True):
    """A part of notes; `reason` says why a LOST one, such as a picture, cannot be taken.

    `folds` is a heading below which a page folds in its text; `is_row` a row of a table of names and texts.
    """

    kind: Kind
    units: tuple[Unit, ...]
    blocks: tuple[Block, ...] = ()
    level: int = 0
    reason: str = ""
    folds: bool = False
    is_row: bool = False

    @property
    def first_line(self) -> Line:
        """The first line that is seen; empty where there is none."""
        return next(lines_of(self.blocks), ())

    @property
    def text(self) -> str:
        """All that is seen, as plain text in one line."""
        return " ".join(plain(line) for line in lines_of(self.blocks))

    @property
    def number(self) -> int:
        """The number of the line that it begins on."""
        return self.units[0].number if self.units else 1


class Document(msgspec.Struct, frozen=True):
    """Notes, taken apart.

    `left` are lines that no piece has, each with the reason; `hidden` is text that a page does not show; `facts` is
    what stands in front matter, by its name; `looks` are kinds of looks that no record can hold.
    """

    pieces: tuple[Piece, ...]
    left: tuple[tuple[Unit, str], ...] = ()
    hidden: tuple[tuple[Unit, str], ...] = ()
    facts: tuple["Fact", ...] = ()
    looks: tuple[str, ...] = ()
    losses: tuple[tuple[int, str], ...] = ()


class Fact(msgspec.Struct, frozen=True):
    """One property of front matter."""

    name: str
    values: tuple[str, ...]
    units: tuple[Unit, ...]


def plain(line: Line) -> str:
    """Return a line without its marks."""
    return "".join(run.text for run in line).strip()


def is_bold(line: Line) -> bool:
    """Tell whether all words of a line are bold."""
    runs = [run for run in line if run.text.strip(" :：.")]
    return bool(runs) and all("strong" in run.marks for run in runs)


def without_bold(line: Line) -> Line:
    """Return a line in which nothing is bold."""
    return line_of(Run(run.text, run.marks - {"strong"}, run.link, run.is_formula) for run in line)


def without_start(line: Line, count: int) -> Line:
    """Return a line without its first characters."""
    left: list[Run] = []
    for run in line:
        if count >= len(run.text):
            count -= len(run.text)
            continue
        left.append(Run(run.text[count:], run.marks, run.link, run.is_formula))
        count = 0
    return line_of(left)


def with_first_line(blocks: Sequence[Block], line: Line) -> tuple[Block, ...]:
    """Return blocks in which another line stands in the place of the first one; an empty line takes it away."""
    first = blocks[0] if blocks else None
    if not isinstance(first, Paragraph):
        return (Paragraph((line,)), *blocks) if line else tuple(blocks)
    lines = (line, *first.lines[1:]) if line else first.lines[1:]
    return (Paragraph(lines), *blocks[1:]) if lines else tuple(blocks[1:])


def paragraphs(lines: Iterable[Line]) -> tuple[Block, ...]:
    """Return one paragraph of some lines."""
    kept = tuple(line for line in lines if line)
    return (Paragraph(kept),) if kept else ()


def text_line(text: str) -> Line:
    """Return a line of plain text."""
    return line_of([Run(text)])


def units_of(pieces: Iterable[Piece]) -> Iterator[Unit]:
    """Yield the lines of some pieces, each once."""
    yield from {unit.id: unit for piece in pieces for unit in piece.units}.values()
