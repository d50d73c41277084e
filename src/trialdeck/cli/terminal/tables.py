"""Tables that fit the terminal: columns, or one paragraph a row if it is narrow.

No line is broken within a number, a path or a word.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import click

from trialdeck.cli.terminal.printing import shown_width, width
from trialdeck.core.text import printable

_GAP = "  "
_INDENT = "    "


def table_lines(head: Sequence[str], rows: Iterable[Sequence[str]], texts: Collection[str]) -> Iterator[str]:
    """Yield the lines of a table; the columns named in `texts` are aligned left, the others are numbers.

    A cell of the first column may take several lines. A row of one cell is a heading above the rows that follow.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    whole = [row for row in cells if len(row) == len(head)]
    widths = [max(map(shown_width, column)) for column in zip(head, *whole, strict=True)]
    is_text = [name in texts for name in head]
    room = width() - sum(widths[1:]) - len(_GAP) * (len(widths) - 1)
    widths[0] = min(widths[0], room)
    is_narrow = room < max(shown_width(part) for row in (head, *whole) for part in _words(row[0]))
    if not is_narrow:
        yield click.style(_line(head, widths, is_text), bold=True)
    for row in cells:
        if len(row) < len(head):
            yield click.style(row[0], bold=True)
        elif is_narrow:
            yield from _paragraph(head, row)
        else:
            first, *more = wrapped(_words(row[0]), " ", room)
            yield _line([first, *row[1:]], widths, is_text)
            yield from more


def _words(cell: str) -> list[str]:
    """Return the words of a cell, the first of them with the spaces before it."""
    text = cell.lstrip(" ")
    first, *others = text.split(" ")
    return [" " * (len(cell) - len(text)) + first, *others]


def fact_lines(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each fact, its name and its value; a value that is too long takes several lines."""
    pairs = [(name, printable(value)) for name, value in facts]
    first = max(shown_width(name) for name, _ in pairs) + len(_GAP)
    for name, value in pairs:
        head, *more = wrapped(value.split(" "), " ", width() - first)
        yield _padded(name, first) + head
        yield from (" " * first + line for line in more)


def wrapped(pieces: Iterable[str], between: str, most: int) -> Iterator[str]:
    """Yield lines of whole pieces, as many as fit into `most` columns; a longer piece has a line of its own."""
    line = ""
    for piece in pieces:
        longer = f"{line}{between}{piece}" if line else piece
        if line and shown_width(longer) > most:
            yield f"{line}{between}".rstrip()
            longer = piece
        line = longer
    yield line


def _paragraph(head: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    yield from (click.style(line, bold=True) for line in wrapped(_words(row[0]), " ", width()))
    pieces = [f"{name}: {cell}" for name, cell in zip(head[1:], row[1:], strict=True)]
    room = width() - len(_INDENT) - 1
    for line in wrapped(pieces, ", ", room):
        # A piece that is longer than a line is broken between words.
        yield from (f"{_INDENT}{part}" for part in wrapped(line.split(" "), " ", room))


def _line(cells: Sequence[str], widths: Sequence[int], is_text: Sequence[bool]) -> str:
    padded = (
        _padded(cell, most) if text else " " * (most - shown_width(cell)) + cell
        for cell, most, text in zip(cells, widths, is_text, strict=True)
    )
    return _GAP.join(padded).rstrip()


def _padded(text: str, most: int) -> str:
    return text + " " * (most - shown_width(text))
