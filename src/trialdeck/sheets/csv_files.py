"""Read and write sheets as CSV files: UTF-8, with the byte order mark that Excel needs.

A spreadsheet program treats a text that starts with =, +, -, @ or a tab as a formula. Such a text gets an apostrophe
in front, as does a text in which apostrophes precede such a sign; an import removes one apostrophe from both. Numbers
are not changed.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_input
from trialdeck.records.schema import NUMBER
from trialdeck.sheets.columns import forms, normal
from trialdeck.sheets.table import MAX_COLUMNS, MAX_ROWS, Row, Table, WrittenSheet

ENDING = ".csv"
LARGEST = 200_000_000
"""The largest size of a file in bytes."""

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_STATED = re.compile(r'"?sep=(.)"?\r?(?:\n|\Z)')
_LINE = re.compile(r"[^\r\n]*+(?:\r\n?|\n)|[^\r\n]++")
_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1 << 24
_AS_UTF8 = "save it as 'CSV UTF-8', or as .xlsx"
_ZEROS = b"\0\0"


def write_csv(sheet: WrittenSheet, file: BinaryIO) -> None:
    """Write a sheet into a CSV file."""
    stream = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(stream)
    writer.writerow([column.name for column in sheet.form.columns])
    writer.writerows([guarded(text) for text in row] for _, row in sheet.rows())
    stream.detach()


def guarded(text: str) -> str:
    """Return a text in a form that no spreadsheet program takes for a formula."""
    return f"'{text}" if _RISKY.match(text) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was called with."""
    return text[1:] if _GUARDED.match(text) else text


def csv_table(path: Path) -> Table:
    """Return the sheet in a CSV file; iterating over its rows raises TrialdeckError if the file cannot be read."""
    return Table(path.stem, path.as_posix(), "", _table_rows(path))


def _table_rows(path: Path) -> Iterator[Row]:
    text = _text(path)
    # Excel itself may write a first line that names the delimiter.
    stated = _STATED.match(text)
    header = _LINE.search(text.lstrip("\r\n"))
    delimiter = stated[1] if stated else _delimiter(header[0] if header else "")
    # An io.StringIO of the text would take four times the memory.
    lines = (line[0] for line in _LINE.finditer(text, stated.end() if stated else 0))
    yield from _rows(path, lines, delimiter, 2 if stated else 1)


def _text(path: Path) -> str:
    try:
        content = read_input(path, LARGEST)
    except OSError as error:
        raise TrialdeckError(
            f"cannot read {path}: {error.strerror or error}", "see that it is there, and not open in another program"
        ) from error
    if len(content) > LARGEST:
        raise TrialdeckError(f"{path} has more than {LARGEST // 1_000_000} MB", "is it really a sheet of trialdeck?")
    # Excel's "Unicode text".
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # The names of columns begin with plain letters; a character of zero in a cell is another fault.
    if _ZEROS in (content[0:3:2], content[1:4:2]):
        raise TrialdeckError(f"{path} is not in UTF-8: it has bytes of zero, as UTF-16 has", _AS_UTF8)
    try:
        return content.decode("utf-16" if wide else "utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TrialdeckError(f"{path} is not in UTF-8: see line {line}", _AS_UTF8) from error


def _delimiter(header: str) -> str:
    """Return the delimiter that splits the header into the most known names of columns, or else into most parts."""
    names = {normal(column.name) for form in forms() for column in form.columns}
    counts = {sign: sum(normal(name) in names for name in header.split(sign)) for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: (counts[sign], header.count(sign)))


def _rows(path: Path, lines: Iterable[str], delimiter: str, number: int) -> Iterator[Row]:
    """Yield the rows of a CSV file.

    Args:
        path: The file, for messages.
        lines: The lines of the file, with their line ends.
        delimiter: The character between cells.
        number: The number of the first row.

    Returns:
        The rows, without the apostrophes of `guarded`.

    Raises:
        TrialdeckError: The file is malformed, or has too many rows or columns.
    """
    former = csv.field_size_limit(_LONGEST_CELL)
    try:
        for cells in csv.reader(lines, delimiter=delimiter, strict=True):
            if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise too_large(path)
            yield Row(number, _unguarded(cells))
            number += 1
    except csv.Error as error:
        message = f"{path} is broken after row {number - 1}: {error}"
        raise TrialdeckError(message, f"a quote that is opened has to be closed; {_AS_UTF8}") from error
    finally:
        csv.field_size_limit(former)


def _unguarded(cells: Sequence[str]) -> Sequence[str]:
    return [unguarded(cell) for cell in cells]


def too_large(path: Path) -> TrialdeckError:
    """Return the error for a sheet with more rows or columns than trialdeck ever writes."""
    message = f"{path} has a sheet of more than {MAX_ROWS} rows or {MAX_COLUMNS} columns"
    return TrialdeckError(message, "is it really a sheet of trialdeck?")
