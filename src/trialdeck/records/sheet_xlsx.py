"""Sheets as one workbook (.xlsx), through openpyxl, which is an extra.

All cells are text, so that no spreadsheet program makes dates or formulas of them or takes zeros away. Characters that
XML cannot hold are written as Excel does it: `_x000D_`. Links and macros of a workbook are never loaded.
"""

import io
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from trialdeck.errors import TrialdeckError
from trialdeck.files import refusals
from trialdeck.inputs import open_input
from trialdeck.records.sheet_cells import Flaw, number_text
from trialdeck.records.sheet_csv import too_large
from trialdeck.records.sheet_form import Column, Form, Kind
from trialdeck.records.sheet_table import MAX_COLUMNS, MAX_ROWS, Cell, Row, Table, Written, letters

ENDINGS = (".xlsx", ".xlsm")
LARGEST = 200_000_000
"""How many bytes a workbook may have once it is unpacked; a small file can pretend to hold far more."""
LONGEST_CELL = 32_767
"""How many characters Excel lets a cell have."""

_LAST_ROW = 1 << 20
_SPARE_ROWS = 2_000
_NARROWEST, _WIDEST = 10, 60
_AGAIN = "save it as an Excel workbook (.xlsx) once more, and try again"
# Underscores that begin what looks like such a character are written as one, so that all can be told apart.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WRITTEN = re.compile("_x([0-9A-Fa-f]{4})_")


def require_openpyxl() -> None:
    """Raise TrialdeckError where openpyxl is not installed."""
    try:
        import openpyxl  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        message = "sheets in .xlsx need the library openpyxl"
        raise TrialdeckError(message, "pip install 'trialdeck[sheets]'; sheets as CSV files need nothing") from error


def escaped(text: str) -> str:
    """Return a text as a workbook holds it."""
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Return the text that a workbook holds."""
    return _WRITTEN.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    # Half a character is none.
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def workbook_bytes(sheets: Sequence[Written], guide: Sequence[str]) -> bytes:
    """Return the content of a workbook: its first sheet is the guide, a line a row."""
    require_openpyxl()
    from openpyxl import Workbook  # noqa: PLC0415 - an extra
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415

    book = Workbook()
    first = book.active
    first.title = "Instructions"
    first.column_dimensions["A"].width = 110
    for number, line in enumerate(guide, 1):
        cell = first.cell(number, 1)
        _write(cell, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=number == 1)
    for sheet in sheets:
        _add_sheet(book, sheet)
    stream = io.BytesIO()
    # The rows of each sheet go through a temporary file; a fault there must not leave the archive open.
    with refusals(Path(tempfile.gettempdir())), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    return stream.getvalue()


def _add_sheet(book: Any, sheet: Written) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415 - an extra
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    page = book.create_sheet(sheet.form.name)
    wrapped = Alignment(wrap_text=True, vertical="top")
    for index, column in enumerate(sheet.form.columns):
        cell = page.cell(1, index + 1, column.name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFF2CC" if column.is_required else "E7E6E6")
        cell.comment = Comment(_comment(column), "trialdeck", width=320, height=160)
        # What is typed below the last row is text as well.
        whole = page.column_dimensions[letters(index)]
        whole.number_format, whole.alignment = "@", wrapped
        whole.width = _width(column, [row[index] for row in sheet.rows])
        _add_choice(page, sheet.form, column, index, len(sheet.rows))
    for number, row in enumerate(sheet.rows, 2):
        for index, text in enumerate(row, 1):
            cell = page.cell(number, index)
            cell.number_format, cell.alignment = "@", wrapped
            if text:
                _write(cell, text)
    page.freeze_panes = f"{letters(len(sheet.form.keys))}2"


def _write(cell: Any, text: str) -> None:
    cell.value = escaped(text)
    # Never a formula, and never an error: `=` and `#N/A` are texts like others.
    cell.data_type = "s"
    if text[:1] in "=+-@'":
        cell.quotePrefix = True


def _comment(column: Column) -> str:
    separator = "Separate by commas" if column.kind is Kind.WORDS else "One of"
    lines = [
        column.description,
        *(["Needed in every row."] if column.is_required else []),
        *([f"{separator}: {', '.join(column.allowed)}."] if column.allowed else []),
        *([f"For example: {column.example}"] if column.example else []),
    ]
    return "\n".join(lines)


def _width(column: Column, texts: Sequence[str]) -> int:
    longest = max((len(line) for text in (column.name, *texts) for line in text.split("\n")), default=0)
    usual = 30 if column.kind is Kind.TEXT and column.path and not column.allowed else _NARROWEST
    return min(_WIDEST, max(usual, longest + 2))


def _add_choice(page: Any, form: Form, column: Column, index: int, rows: int) -> None:
    """Let the cells of a column be chosen from a list, where they hold one word of a few."""
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 - an extra

    if not column.allowed or column.kind is not Kind.TEXT:
        return
    choice = DataValidation("list", formula1=f'"{",".join(column.allowed)}"', allow_blank=True)
    choice.showErrorMessage = True
    choice.errorTitle, choice.error = (
        f"{form.name}: {column.name}",
        f"Choose one of: {', '.join(column.allowed)}."[:255],
    )
    choice.add(f"{letters(index)}2:{letters(index)}{rows + _SPARE_ROWS}")
    page.add_data_validation(choice)


def workbook_tables(path: Path) -> list[Table]:
    """Return the sheets of a workbook; raises TrialdeckError where it cannot be read, or is far too large."""
    require_openpyxl()
    # openpyxl leaves a file open where it cannot read it, so the file is opened here.
    with _open_workbook(path) as file:
        try:
            # It warns of what it does not know, all of which may stay unknown.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _tables(path, file)
        except TrialdeckError:
            raise
        except Exception as error:
            # A workbook that is not well made raises whatever comes first in openpyxl.
            raise TrialdeckError(f"{path} cannot be read as a workbook: {error}", _AGAIN) from error


@contextmanager
def _open_workbook(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is packed as a workbook is, and not far too large; raises TrialdeckError where it is not."""
    with ExitStack() as opened:
        try:
            file = opened.enter_context(open_input(path))
            with zipfile.ZipFile(file) as archive:
                size = sum(member.file_size for member in archive.infolist())
        except OSError as error:
            hint = "see that it is there, and not open in another program"
            raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", hint) from error
        except zipfile.BadZipFile as error:
            raise TrialdeckError(f"{path} is no Excel workbook, or is damaged: {error}", _AGAIN) from error
        if size > LARGEST:
            message = f"{path} holds more than {LARGEST // 1_000_000} MB when it is unpacked"
            raise TrialdeckError(message, "is it really a sheet of trialdeck?")
        yield file


def _tables(path: Path, file: BinaryIO) -> list[Table]:
    values: Any = None
    tables = []
    for number, page in enumerate(_opened(file, values=False).worksheets):
        rows = list(_rows(path, page))
        if any(cell is None for row in rows for cell in row.cells):
            values = values or _opened(file, values=True)
            rows = _with_values(rows, _rows(path, values.worksheets[number]))
        tables.append(Table(page.title, f"{path.as_posix()}: {page.title}!", rows))
    return tables


def _opened(file: BinaryIO, *, values: bool) -> Any:
    """Return the workbook in an open file, with formulas or with the values that they had when it was saved."""
    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 - an extra

    reader = ExcelReader(file, read_only=True, data_only=values, keep_links=False)
    # openpyxl itself takes `x005F_` out of every text, whatever stands around it.
    reader.read_strings = partial(_read_strings, reader)
    reader.read()
    return reader.wb


def _read_strings(reader: Any) -> None:
    from openpyxl.cell.text import Text  # noqa: PLC0415 - an extra
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS  # noqa: PLC0415
    from openpyxl.xml.functions import iterparse  # noqa: PLC0415

    found = reader.package.find(SHARED_STRINGS)
    if found is None:
        return
    with reader.archive.open(found.PartName[1:]) as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                reader.shared_strings.append(Text.from_tree(node).content)
                node.clear()


def _rows(path: Path, page: Any) -> Iterator[Any]:
    """Yield the rows that have something in them; None stands for the value of a formula."""
    filled = 0
    # The size that a file states may be wrong.
    page.reset_dimensions()
    for number, cells in enumerate(page.iter_rows(), 1):
        texts = [_cell(cell) for cell in cells]
        while texts and texts[-1] == "":
            texts.pop()
        filled += bool(texts)
        # A row may state any number; those before it are handed out as empty ones.
        if filled > MAX_ROWS or len(texts) > MAX_COLUMNS or number > _LAST_ROW:
            raise too_large(path)
        if texts:
            yield Row(number, texts)


def _cell(cell: Any) -> Any:
    value, kind = cell.value, cell.data_type
    if kind == "f":
        return None
    if kind == "e":
        return Flaw(f"the cell holds the error {value}", "correct the formula, or write the text itself")
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        # What shows as 92.9% is kept as 0.929.
        return f"{number_text(value * 100)}%" if "%" in cell.number_format else number_text(value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def _with_values(rows: Sequence[Row], found: Iterator[Row]) -> list[Row]:
    values = {row.number: row.cells for row in found}
    return [Row(row.number, _filled(row.cells, values.get(row.number, ()))) for row in rows]


def _filled(cells: Sequence[Cell | None], values: Sequence[Cell]) -> list[Cell]:
    missing = Flaw("the formula here has no value yet", "open the file in a spreadsheet program and save it")
    found = [values[index] if index < len(values) else "" for index in range(len(cells))]
    return [cell if cell is not None else value or missing for cell, value in zip(cells, found, strict=True)]
