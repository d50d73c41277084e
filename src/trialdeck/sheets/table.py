"""A table: one sheet as rows of text, and the places of its cells."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from trialdeck.core.problem import CellLocation
from trialdeck.sheets.cells import CellFault, DateCell, NumberCell
from trialdeck.sheets.columns import SheetForm

MAX_ROWS, MAX_COLUMNS = 100_000, 1_000
"""The largest number of rows that are not empty, and of columns, that are read from a sheet."""
MOST_ROWS, MOST_TEXT = MAX_ROWS - 1, 40_000_000
"""The largest number of rows, and of characters in them, that are written into a part of a sheet."""

PART = "part"
"""The word before the number of a further part of a sheet: `Questions part 2`."""

Cell = str | CellFault | NumberCell | DateCell
"""The text, number or day of a cell, or the reason why it has none."""


def shown(cell: Cell) -> str:
    """Return what a cell holds, as its program shows it; empty if that is not known."""
    match cell:
        case NumberCell():
            return cell.shown
        case DateCell():
            return cell.text
        case CellFault():
            return ""
    return cell


class Row(msgspec.Struct, frozen=True):
    """The cells of a row, and its number as the spreadsheet program shows it, from 1."""

    number: int
    cells: Sequence[Cell]


class Table(msgspec.Struct, frozen=True):
    """A sheet to read: its name, the path of its file, and its rows.

    `sheet` is its name in a workbook, empty for a CSV file.

    The rows can be iterated once: they are read from the file lazily, which may raise TrialdeckError.
    """

    name: str
    path: str
    sheet: str
    rows: Iterable[Row]

    def place(self, column: int, row: int) -> CellLocation:
        """Return the location of a cell; columns count from 0, rows from 1."""
        return CellLocation(self.path, self.sheet, row, column + 1)


Owned = tuple[str, Sequence[str]]
"""The path of the record of a row, and the texts of its cells in the order of the form's columns."""


class WrittenSheet(msgspec.Struct, frozen=True):
    """A sheet to write: its form and name, the number of its rows, and a function that yields them.

    `widths` are the lengths of the longest line in each column; empty if there are no rows.
    """

    form: SheetForm
    name: str
    count: int = 0
    widths: Sequence[int] = ()
    rows: Callable[[], Iterator[Owned]] = lambda: iter(())
