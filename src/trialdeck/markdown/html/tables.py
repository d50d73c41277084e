"""The rows of a table in HTML, all of one length."""

from collections.abc import Iterable, Iterator

from bs4.element import PageElement, Tag

from trialdeck.markdown.html.elements import CELLS, implied, number_of
from trialdeck.markdown.html.looks import alignment_of

_ROW = frozenset({"tr"})
_PARTS = ("thead", "tbody", "tfoot")
_CAPTION = ("caption", "table")
_WIDEST = 100
"""How many columns a table has at most; a cell that says it takes more is not believed."""

Cells = list[list[PageElement]]


def rows_of(table: Tag) -> tuple[list[Cells], tuple[str, ...], bool]:
    """Return the contents of the cells by row, how each column is aligned, and whether cells were merged.

    A cell over several columns or rows stands in the first; the others are empty, and so is the end of a short row.
    """
    rows: list[Cells] = []
    align: list[str] = []
    below: dict[int, int] = {}
    is_merged = False
    for row in _rows(table):
        cells: Cells = []
        for cell, children in (part for tag in row for part in implied(tag, CELLS)):
            _skip_taken(cells, below)
            align += [alignment_of(cell)] if len(align) == len(cells) else []
            columns, height = (min(max(number_of(cell, name, 1), 1), _WIDEST) for name in ("colspan", "rowspan"))
            is_merged = is_merged or columns > 1 or height > 1
            for offset in range(columns):
                if height > 1:
                    below[len(cells)] = height - 1
                cells.append([] if offset else children)
                align += [""] if len(align) < len(cells) else []
        _skip_taken(cells, below)
        rows.append(cells)
    width = max((len(row) for row in rows), default=0)
    return [[*row, *([] for _ in range(width - len(row)))] for row in rows], tuple(align[:width]), is_merged


def strays_of(table: Tag) -> Iterator[PageElement]:
    """Yield what stands in a table and in none of its cells, without its captions."""
    for child in table.children:
        if isinstance(child, Tag) and child.name in (*_PARTS, "tr"):
            yield from strays_of(child)
        elif not isinstance(child, Tag) or (child.name not in CELLS and (child.name, table.name) != _CAPTION):
            yield child


def _skip_taken(cells: Cells, below: dict[int, int]) -> None:
    """Add an empty cell wherever a cell of a row above reaches down."""
    while below.get(len(cells), 0):
        below[len(cells)] -= 1
        cells.append([])


def _rows(table: Tag) -> Iterator[list[Tag]]:
    """Yield the cells of each row; those in no row are one."""
    loose: list[Tag] = []
    for child in table.children:
        if not isinstance(child, Tag):
            continue
        if child.name in CELLS:
            loose.append(child)
            continue
        if loose:
            yield loose
            loose = []
        if child.name == "tr":
            yield from (_cells(children) for _, children in implied(child, _ROW))
        elif child.name in _PARTS:
            yield from _rows(child)
    if loose:
        yield loose


def _cells(children: Iterable[PageElement]) -> list[Tag]:
    return [child for child in children if isinstance(child, Tag) and child.name in CELLS]
