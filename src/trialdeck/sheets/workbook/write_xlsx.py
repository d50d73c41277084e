"""Write sheets as one workbook.

All cells are text, so that no spreadsheet program turns them into dates or formulas, or drops zeros.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.writer.excel import ExcelWriter

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals
from trialdeck.core.problem import letters, shortened
from trialdeck.sheets.columns import CellKind, Column, SheetForm
from trialdeck.sheets.guide import GUIDE_SHEET
from trialdeck.sheets.table import WrittenSheet
from trialdeck.sheets.workbook.read_xlsx import LONGEST_CELL, escaped, is_plausible

_SPARE_ROWS = 2_000
_NARROWEST, _WIDEST = 10, 60
_QUOTED = "=+-@'"


def write_workbook(sheets: Sequence[WrittenSheet], guide: Sequence[str], file: BinaryIO) -> None:
    """Write a workbook whose first sheet is the guide, one line a row; `file` must be readable too.

    Raises TrialdeckError if a text is longer than a cell of a workbook can hold, or the disk refuses.
    """
    with refusals(Path(tempfile.gettempdir())), _new_book() as book:
        _add_guide(book, guide)
        for sheet in sheets:
            _add_sheet(book, sheet)
        # An error here must not leave the archive open.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            ExcelWriter(book, archive).write_data()
            is_readable = is_plausible(archive)
        if not is_readable:
            _store_uncompressed(file)


@contextmanager
def _new_book() -> Iterator[Any]:
    """Open a workbook; the rows of each sheet are written into a temporary file, which is removed if writing fails."""
    book = Workbook(write_only=True)
    try:
        yield book
    except BaseException:
        for page in book.worksheets:
            _discard(page)
        raise


def _discard(page: Any) -> None:
    """Close what a sheet has open, and remove its file; the error that led here is the one to report.

    openpyxl itself would continue to write when its generators are collected.
    """
    writer = page._writer  # openpyxl has no public access to an unfinished sheet
    for generator in (page._rows, writer and writer.xf):
        # If the disk is full, one generator has ended, and the other, which feeds it, raises a RuntimeError.
        with suppress(OSError, RuntimeError, ValueError):
            if generator is not None:
                generator.close()
    if writer is not None:
        with suppress(OSError):
            Path(writer.out).unlink(missing_ok=True)


def _store_uncompressed(file: BinaryIO) -> None:
    """Write the members of an archive again uncompressed: repetitive text packs as densely as a zip bomb."""
    with tempfile.TemporaryFile() as stored:
        with zipfile.ZipFile(file) as packed, zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
            for member in packed.infolist():
                with packed.open(member) as source, archive.open(member.filename, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)
        stored.seek(0)
        file.seek(0)
        file.truncate()
        shutil.copyfileobj(stored, file)


def _add_guide(book: Any, guide: Sequence[str]) -> None:
    page = book.create_sheet(GUIDE_SHEET)
    page.column_dimensions["A"].width = 110
    for number, line in enumerate(guide, 1):
        cell = WriteOnlyCell(page)
        _write(cell, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=number == 1)
        page.append([cell])


def _add_sheet(book: Any, sheet: WrittenSheet) -> None:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = f"{letters(len(sheet.form.keys) + 1)}2"
    wrapped = Alignment(wrap_text=True, vertical="top")
    widths = sheet.widths or [0] * len(sheet.form.columns)
    for index, (column, longest) in enumerate(zip(sheet.form.columns, widths, strict=True)):
        # Cells that users fill later, empty ones or below the last row, are text as well.
        whole = page.column_dimensions[letters(index + 1)]
        whole.number_format, whole.alignment = "@", wrapped
        whole.width = _width(column, longest)
        _add_choice(page, sheet.form, column, index, sheet.count)
    page.append([_header(page, column) for column in sheet.form.columns])
    for cells in _cells(page, sheet, wrapped):
        page.append(cells)


def _header(page: Any, column: Column) -> Any:
    cell = WriteOnlyCell(page, column.name)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="FFF2CC" if column.is_required else "E7E6E6")
    cell.comment = Comment(_comment(column), "trialdeck", width=320, height=160)
    return cell


def _cells(page: Any, sheet: WrittenSheet, look: Any) -> Iterator[list[Any]]:
    """Yield the cells of each row; the same cell objects are reused for every row.

    Empty cells are written too, so that what users type into them is text as well.
    """
    empty, plain, quoted = ([_cell(page, look, is_quoted=kind == 2) for _ in sheet.form.columns] for kind in range(3))
    for owner, row in sheet.rows():
        cells = list(empty)
        for index, text in enumerate(row):
            if text:
                cells[index] = (quoted if text[0] in _QUOTED else plain)[index]
                _write(cells[index], text)
                if len(cells[index].value) >= LONGEST_CELL:
                    _refuse_too_long(owner, sheet.form.columns[index], text)
        yield cells


def _cell(page: Any, look: Any, *, is_quoted: bool) -> Any:
    cell = WriteOnlyCell(page)
    cell.number_format, cell.alignment, cell.quotePrefix = "@", look, is_quoted
    return cell


def _refuse_too_long(owner: str, column: Column, text: str) -> None:
    if len(escaped(text)) > LONGEST_CELL:
        message = f"{owner}: '{column.name}' is too long for a workbook: '{shortened(text)}'"
        hint = f"a cell takes {LONGEST_CELL} characters; shorten it, or export to a folder of CSV files"
        raise TrialdeckError(message, hint)


def _write(cell: Any, text: str) -> None:
    cell.value = escaped(text)
    # Never a formula or an error: `=` and `#N/A` are ordinary texts.
    cell.data_type = "s"


def _comment(column: Column) -> str:
    separator = "Separate by commas" if column.kind is CellKind.WORDS else "One of"
    lines = [
        column.description,
        *(["Needed in every row."] if column.is_required else []),
        *([f"{separator}: {', '.join(column.allowed)}."] if column.allowed else []),
        *([f"For example: {column.example}"] if column.example else []),
    ]
    return "\n".join(lines)


def _width(column: Column, longest: int) -> int:
    usual = 30 if column.kind is CellKind.TEXT and column.path and not column.allowed else _NARROWEST
    return min(_WIDEST, max(usual, longest + 2, len(column.name) + 2))


def _add_choice(page: Any, form: SheetForm, column: Column, index: int, rows: int) -> None:
    """Add a list of choices to the cells of a column that takes one of a few words.

    Args:
        page: The sheet of openpyxl.
        form: The form of the sheet.
        column: The column.
        index: The index of the column.
        rows: The number of rows of the sheet.
    """
    if not column.allowed or column.kind not in {CellKind.TEXT, CellKind.FLAG}:
        return
    choice = DataValidation("list", formula1=f'"{",".join(column.allowed)}"', allow_blank=True)
    choice.showErrorMessage = True
    choice.errorTitle, choice.error = (
        f"{form.name}: {column.name}",
        f"Choose one of: {', '.join(column.allowed)}."[:255],
    )
    choice.add(f"{letters(index + 1)}2:{letters(index + 1)}{rows + _SPARE_ROWS}")
    page.data_validations.append(choice)
