"""Read sheets from a workbook.

Characters that XML cannot hold are written as Excel writes them: `_x000D_`. Links and macros of a workbook are never
loaded.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import open_input
from trialdeck.sheets.cells import CellFault, DateCell, NumberCell
from trialdeck.sheets.csv_files import too_large
from trialdeck.sheets.table import MAX_COLUMNS, MAX_ROWS, Cell, Row, Table
from trialdeck.sheets.workbook.number_formats import shown_number
from trialdeck.sheets.workbook.rich_text import is_marked, marked_by, marked_text

LARGEST, DENSEST = 200_000_000, 20
"""The largest unpacked size of a workbook: in bytes, or as a multiple of its packed size if that is more.

Text is packed to a fifth or a tenth of its size; a zip bomb claims a thousand times its size.
"""
LONGEST_CELL = 32_767
"""The largest number of characters that Excel allows in a cell."""

_LAST_ROW = 1 << 20
_AGAIN = "save it as an Excel workbook (.xlsx) once more, and try again"
# An underscore that starts such a sequence in a text is escaped too, so that the sequence is read as text.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WRITTEN = re.compile("_x([0-9A-Fa-f]{4})_")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# A font inside a cell of a sheet: openpyxl reads it in shared texts alone, where Excel puts all texts.
_INLINE_MARK = re.compile(rb'<(?:\w{1,20}:)?(?:vertAlign|strike)\b(?!\s{0,3}val="(?:0|false|baseline)")')
_CHUNK, _OVERLAP = 1 << 20, 64


def escaped(text: str) -> str:
    """Return a text in the form in which a workbook holds it."""
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Return the text of a form in which a workbook holds it."""
    return _WRITTEN.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    # A surrogate is no character.
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


@contextmanager
def workbook_tables(path: Path) -> Iterator[list[Table]]:
    """Open the sheets of a workbook; raises TrialdeckError if it cannot be read, or is far too large.

    The rows are read lazily, and iterating over them raises TrialdeckError as well.
    """
    # openpyxl does not close a file that it cannot read, so the file is opened here.
    with _open_workbook(path) as file:
        with _readable(path):
            book = _load_workbook(file, values=False)
        yield [
            Table(page.title, path.as_posix(), page.title, _table_rows(path, file, number, page))
            for number, page in enumerate(book.worksheets)
        ]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn any error of openpyxl, or of unpacking, into a TrialdeckError."""
    try:
        # Its warnings are about unknown extensions, which do not matter here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except TrialdeckError:
        raise
    except Exception as error:
        # A malformed workbook can raise any error in openpyxl.
        raise TrialdeckError(f"{path} cannot be read as a workbook: {error}", _AGAIN) from error


@contextmanager
def _open_workbook(path: Path) -> Iterator[BinaryIO]:
    """Open a zip file of a plausible size; raises TrialdeckError if it is not one."""
    with ExitStack() as opened:
        try:
            file = opened.enter_context(open_input(path))
            with zipfile.ZipFile(file) as archive:
                may_be_read = is_plausible(archive)
                with _readable(path):
                    names = archive.namelist() if may_be_read else []
                    has_inline_marks = any(_has_inline_marks(archive, name) for name in names)
        except OSError as error:
            hint = "see that it is there, and not open in another program"
            raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", hint) from error
        except zipfile.BadZipFile as error:
            raise TrialdeckError(f"{path} is not an Excel workbook, or is damaged: {error}", _AGAIN) from error
        if not may_be_read:
            message = (
                f"{path} holds more than {LARGEST // 1_000_000} MB, and {DENSEST} times its size, when it is unpacked"
            )
            raise TrialdeckError(message, "is it really a sheet of trialdeck?")
        if has_inline_marks:
            message = f"{path} has raised, lowered or struck-out text in a form that cannot be read"
            raise TrialdeckError(message, "open it in a spreadsheet program, save it there, and try again")
        yield file


def _has_inline_marks(archive: zipfile.ZipFile, name: str) -> bool:
    """Return whether a sheet itself holds text that is raised, lowered or struck out."""
    if not _SHEET.fullmatch(name):
        return False
    with archive.open(name) as part:
        before = b""
        while chunk := part.read(_CHUNK):
            if _INLINE_MARK.search(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
    return False


def is_plausible(archive: zipfile.ZipFile) -> bool:
    """Whether an archive can be unpacked without harm: it is small, or not denser than packed text."""
    members = archive.infolist()
    packed, size = sum(member.compress_size for member in members), sum(member.file_size for member in members)
    return size <= max(LARGEST, DENSEST * packed)


def _table_rows(path: Path, file: BinaryIO, number: int, page: Any) -> Iterator[Row]:
    """Yield the rows of a sheet; formulas have the values that were saved with them.

    Args:
        path: The workbook, for messages.
        file: The open workbook.
        number: The index of the sheet in the workbook.
        page: The sheet of openpyxl.

    Returns:
        The rows that are not empty.

    Raises:
        TrialdeckError: The sheet cannot be read, or is too large.
    """
    values: Iterator[Row] | None = None
    ahead = Row(0, ())
    with _readable(path):
        for row in _rows(path, page):
            if None not in row.cells:
                yield row
                continue
            values = values or _rows(path, _load_workbook(file, values=True).worksheets[number], are_formulas=True)
            while ahead.number < row.number:
                ahead = next(values, Row(_LAST_ROW + 1, ()))
            yield Row(row.number, _with_saved_values(row.cells, ahead.cells if ahead.number == row.number else ()))


def _load_workbook(file: BinaryIO, *, values: bool) -> Any:
    """Return the workbook in an open file, with formulas or with the values that were saved with them."""
    reader = ExcelReader(file, read_only=True, data_only=values, keep_links=False)
    # openpyxl removes `x005F_` from every text, even if it is no escape.
    reader.read_strings = partial(_read_strings, reader)
    reader.read()
    return reader.wb


def _read_strings(reader: Any) -> None:
    part = reader.package.find(SHARED_STRINGS)
    if part is None:
        return
    with reader.archive.open(part.PartName[1:]) as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                reader.shared_strings.append(marked_text(Text.from_tree(node)))
                node.clear()


def _rows(path: Path, page: Any, *, are_formulas: bool = False) -> Iterator[Any]:
    """Yield the rows that are not empty; `None` stands for the value of a formula.

    `are_formulas` means that the values of formulas are wanted, and no others.
    """
    filled = 0
    # The size that is stated in a file may be wrong.
    page.reset_dimensions()
    for number, cells in enumerate(page.iter_rows(), 1):
        texts = [_cell(cell, is_formula=are_formulas) for cell in cells]
        while texts and texts[-1] == "":
            texts.pop()
        filled += bool(texts)
        # A row may have any number; openpyxl yields empty rows for the numbers that it skips.
        if filled > MAX_ROWS or len(texts) > MAX_COLUMNS or number > _LAST_ROW:
            raise too_large(path)
        if texts:
            yield Row(number, texts)


def _cell(cell: Any, *, is_formula: bool) -> Any:
    """Return what a cell holds; `None` for a formula."""
    content = _content(cell, is_formula=is_formula)
    if content is None or content == "" or isinstance(content, CellFault) or not is_marked(cell.font):
        return content
    if isinstance(content, str) and isinstance(cell.value, str):
        return marked_by(cell.font, content)
    return CellFault("the cell is raised, lowered or struck out", "format it as plain text, or empty it")


def _content(cell: Any, *, is_formula: bool) -> Any:
    value, kind = cell.value, cell.data_type
    if kind == "f":
        return None
    if kind == "e":
        return CellFault(f"the cell holds the error {value}", "correct the formula, or write the text itself")
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _number(value, cell.number_format, is_formula=is_formula)
    if isinstance(value, date | time):
        return _moment(value)
    return "" if value is None else str(value).upper() if isinstance(value, bool) else str(value)


def _moment(value: date | time) -> Cell:
    if isinstance(value, time):
        fault = (
            f"the cell holds the time {value:%H:%M:%S}, not what was typed: Excel turns texts such as 2:1 into times"
        )
        return CellFault(fault, "format the cell as text, and type it again")
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return DateCell(value.isoformat())


def _number(value: float, number_format: str, *, is_formula: bool) -> Cell:
    """Return a number as its cell shows it; digits that only the cell holds are dropped from the value of a formula."""
    number = shown_number(value, number_format, is_rounded=is_formula)
    said = f"the cell shows {number.seen}; {number.text}, which it holds, is read" if number.text != number.seen else ""
    digits = number.digits.replace(",", "")
    return digits if number.text == digits and not said else NumberCell(number.text, digits, said)


def _with_saved_values(cells: Sequence[Cell | None], values: Sequence[Cell]) -> list[Cell]:
    missing = CellFault("the formula here has no value yet", "open the file in a spreadsheet program and save it")
    saved = [values[index] if index < len(values) else "" for index in range(len(cells))]
    return [cell if cell is not None else value or missing for cell, value in zip(cells, saved, strict=True)]
