r"""Convert between a cell and its value.

| kind | in the cell |
|---|---|
| text, date | the text; a date as YEAR-MONTH-DAY |
| number | the digits, as published |
| words | `student, fellow` |
| flag | `true` or `false` |
| lines | a text a line, as it is |
| statements | a line each, `id: text`; further lines of a text start with two spaces |
| parts | a line each, `name | n=360 | mean=-2.1 | ci=-3.0 to -1.2`; `\|`, `\\`, `\n`: bar, backslash, line break |
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.core.text import is_blank
from trialdeck.records.schema import NUMBER
from trialdeck.records.slugs import point_slug
from trialdeck.sheets.columns import FLAGS, CellKind, Column
from trialdeck.yamlfile.document import Plain

_RISKY = ("=", "+", "-", "@", "\t")
_STATEMENT = re.compile(r"([^\s:]+):(?: (.*)|)")
_WHOLE = r"[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,9}"
_SHARE = r"\(\s*(?P<percent>[0-9]{1,3}(?:[.·][0-9]{1,9})?)\s*%\s*\)"
COUNTS = re.compile(rf"(?P<events>{_WHOLE})(?:\s*(?:/|\bof\b)\s*(?P<n>{_WHOLE}))?\s*(?:{_SHARE})?")
"""How a table states an arm: `386/2373 (16.3%)`, also without its second or its third number."""
ENDS_IN_COUNTS = re.compile(
    rf"[\s:=,–-](?P<counts>(?P<events>{_WHOLE})(?:\s{{0,3}}(?:/|\bof\b)\s{{0,3}}(?P<n>{_WHOLE}))?\s{{0,3}}{_SHARE})\s*\Z"
)
"""The same behind the name of the arm, without a bar between them; then it states the share."""
HOLDS_VALUES = re.compile(
    r"\bn\s{0,3}=\s{0,3}[0-9]|±|[0-9]\s{0,3}\(\s{0,3}[0-9.·]{1,9}\s{0,3}%|\b(?:vs|versus)\b", re.IGNORECASE
)
"""What the name of an arm holds if its values, or a second arm, stand in it without a bar."""
_DIGITS_FIRST = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?)(?![0-9.,])")
_HIDDEN = re.compile(r"\{\{(?:c[0-9]{1,3}::)?([^{}:]{1,60})")
_INDENT = "  "
_TO = " to "
_ESCAPED = {"\\": "\\\\", "|": "\\|", "\n": "\\n"}
_UNESCAPED = {new: old for old, new in _ESCAPED.items()}
_TOKENS = re.compile(r"\\[\\|n]|.", re.DOTALL)
# Formats in which the day cannot be mistaken for the month.
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3}){1,9}(?:\.[0-9]{1,30})?")
_WITH_DOTS = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


class CellFault(msgspec.Struct, frozen=True):
    """What is wrong with a cell, and what to do about it."""

    message: str
    hint: str = ""


class NumberCell(msgspec.Struct, frozen=True):
    """A number that a workbook holds: as its cell shows it (`1,234`), and its bare digits (`1234`).

    `said` is what its author has to know: that the cell hides digits.
    """

    shown: str
    digits: str
    said: str = ""


class DateCell(msgspec.Struct, frozen=True):
    """A day that a workbook holds, as YEAR-MONTH-DAY; Excel makes days of texts such as MAR-1 and 3/4."""

    text: str


def cell_text(value: Any, column: Column) -> str:
    """Return the text of a cell for a value of a record, as the reader of records returns it."""
    if is_empty(value):
        return ""
    if column.kind is CellKind.WORDS:
        return ", ".join(value)
    if column.kind is CellKind.LINES:
        return "\n".join(value)
    if column.kind is CellKind.STATEMENTS:
        return "\n".join(f"{name}: {_indent_further_lines(text or '')}" for name, text in value.items())
    if column.kind is CellKind.PARTS:
        return "\n".join(_part_line(part, column) for part in value)
    return str(value)


def cell_value(text: str, column: Column) -> Any:
    """Return the value of a cell: `None` if it is empty, a `CellFault` if the text is not valid."""
    text = _with_line_feeds(text)
    return _READERS[column.kind](text, column) if not is_blank(text) else None


def is_empty(value: Any) -> bool:
    """Whether a value is empty or blank."""
    return is_blank(value) if isinstance(value, str) else not value


def is_unchanged(old: Any, new: Any) -> bool:
    """Whether two values are equal, apart from what spreadsheet programs do to blanks, line breaks and zeros."""
    if is_empty(old) or is_empty(new):
        return is_empty(old) and is_empty(new)
    if isinstance(old, str) and isinstance(new, str):
        new = as_meant(new, old)
        return _fold_blanks(old) == _fold_blanks(new) or _is_same_number(old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        return all(is_unchanged(old.get(name), new.get(name)) for name in old | new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(is_unchanged, old, new))
    return False


def as_meant(new: str, old: str) -> str:
    """Return a text without the apostrophe that the cell of its old text may have had.

    The apostrophe is removed when CSV is read (see `trialdeck.sheets.csv_files`), but not if a spreadsheet program has
    turned the CSV file into a workbook in between.
    """
    return new[1:] if old[:1] in _RISKY and new.startswith(f"'{old[:1]}") else new


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _fold_blanks(text: str) -> str:
    lines = [re.sub(r"(?<=\S)[ \t]+", " ", line).rstrip() for line in _with_line_feeds(text).split("\n")]
    return "\n".join(lines).strip()


def _is_same_number(old: str, new: str) -> bool:
    return bool(NUMBER.fullmatch(old) and NUMBER.fullmatch(new)) and Decimal(old) == Decimal(new)


def _text(text: str, _column: Column) -> Any:
    return text


def _number(text: str, _column: Column) -> Any:
    digits = text.strip().replace("\u2212", "-")
    if NUMBER.fullmatch(digits):
        return Plain(digits)
    with_point = digits.replace(",", ".")
    hint = f"write it with a point: {with_point}" if NUMBER.fullmatch(with_point) else _digits_alone(digits)
    if _THOUSANDS.fullmatch(digits):
        without = digits.replace(",", "")
        hint = f"write {without}, or {with_point}, as is meant" if NUMBER.fullmatch(with_point) else f"write {without}"
    return CellFault(f"'{shortened(text.strip())}' is not a number", hint)


def _digits_alone(text: str) -> str:
    """Return a hint with the number that a text begins with: of `0.80 (0.73-0.87)`, 0.80."""
    first = _DIGITS_FIRST.match(text)
    others = "" if text.endswith("%") else "; unit and interval have columns of their own"
    return f"write {first[1]} alone{others}" if first else "write digits alone, for example 0.74"


def _flag(text: str, _column: Column) -> Any:
    # The schema complains of any other word.
    return Plain(text.strip()) if text.strip() in FLAGS else text


def _date(text: str, _column: Column) -> Any:
    text = text.strip().removesuffix(" 00:00:00")
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
    elif match := _WITH_DOTS.fullmatch(text):
        day, month, year = match.groups()
    else:
        return text
    return f"{year}-{month:0>2}-{day:0>2}"


def _words(text: str, _column: Column) -> Any:
    return [word for part in re.split(r"[,;\n]", text) if (word := part.strip())]


def _lines(text: str, _column: Column) -> Any:
    return [line.strip() for line in text.split("\n") if not is_blank(line)]


def _statements(text: str, _column: Column) -> Any:
    statements: dict[str, list[str]] = {}
    for line in text.strip("\n").split("\n"):
        start = _STATEMENT.fullmatch(line)
        name = next(reversed(statements), "")
        if start and start[1] in statements:
            return CellFault(f"the statement '{shortened(start[1])}' stands twice in this cell", "give one another id")
        if start:
            statements[start[1]] = [start[2] or ""]
        elif name and (not line.strip() or line.startswith(_INDENT)):
            statements[name].append(line.removeprefix(_INDENT))
        else:
            hint = f"begin every statement with an id and a colon: `{_with_an_id(line)}`"
            return CellFault(
                f"the line '{shortened(line)}' has no id", f"{hint}; indent its further lines by two spaces"
            )
    return {name: "\n".join(lines).rstrip("\n") for name, lines in statements.items()}


def _with_an_id(line: str) -> str:
    """Return a statement with the id that what it hides suggests, or an example if it hides nothing."""
    hidden = _HIDDEN.search(line)
    name = point_slug(hidden[1]) if hidden else ""
    whole = line if "{{c" in line else line.replace("{{", "{{c1::")
    return f"{name}: {whole.strip()}" if name else "cereblon: Lenalidomide binds {{c1::cereblon}}."


def _indent_further_lines(text: str) -> str:
    """Return a text with its further lines indented, so that none can be mistaken for a statement."""
    first, *further = text.split("\n")
    return "\n".join([first, *(f"{_INDENT}{line}" if line else "" for line in further)])


def _parts(text: str, column: Column) -> Any:
    head, *labels = column.parts
    entries: list[dict[str, str]] = []
    for line in filter(str.strip, text.split("\n")):
        name, *parts = parts_of_line(line)
        if not parts and HOLDS_VALUES.search(name):
            return CellFault(f"'{shortened(name)}' has values without bars between them", _BARS)
        entry: dict[str, str] = {head: name}
        for part in filter(None, parts):
            key, sign, value = (side.strip() for side in part.partition("="))
            if not sign or key.lower() not in labels:
                return CellFault(f"'{shortened(part)}' is not one of {', '.join(labels)}", _labelled(part, labels))
            if key.lower() in entry:
                return CellFault(f"'{key}' stands twice in the line of '{shortened(name)}'", "keep one of the two")
            if value:
                entry[key.lower()] = _part_value(value, is_interval=key.lower() in column.intervals)
        entries.append(entry)
    return entries


_BARS = "write one arm a line, a bar before each value: `IRd | 129/360 (35.8%)`, `IRd | n=360 | mean=-2.1 | sd=0.4`"


def _labelled(part: str, labels: Sequence[str]) -> str:
    """Return a hint with the value under its label, if a label stands before it: `mean -1.4` is `mean=-1.4`."""
    label, _, value = part.partition("=")[0].replace(":", " ").strip().partition(" ")
    is_clear = label.lower() in labels and value.strip()
    example = f"{label.lower()}={value.strip()}" if is_clear else "IRd | n=360 | median=20.6"
    return f"write `{example}`"


def _part_value(text: str, *, is_interval: bool) -> Any:
    """Return a number, a text, or the two bounds of an interval; the schema complains of what is none."""
    bounds = text.split(_TO) if is_interval else []
    if len(bounds) == 2:
        return [_part_value(bound.strip(), is_interval=False) for bound in bounds]
    return Plain(text) if NUMBER.fullmatch(text) else text


def parts_of_line(line: str) -> list[str]:
    """Return what stands between the bars of a line, without blanks and escapes."""
    parts: list[list[str]] = [[]]
    for token in _TOKENS.findall(line):
        if token == "|":  # noqa: S105 - no password
            parts.append([])
        else:
            parts[-1].append(_UNESCAPED.get(token, token))
    return ["".join(part).strip() for part in parts]


def _part_line(part: Mapping[str, Any], column: Column) -> str:
    head, *labels = column.parts
    fields = [_escape(part.get(head)), *(f"{name}={_escape(part[name])}" for name in labels if part.get(name))]
    # The name of an arm may look like its counts; a bar behind it says that it is the name.
    looks_like_values = ENDS_IN_COUNTS.search(fields[0]) or HOLDS_VALUES.search(fields[0])
    return " | ".join(fields) if len(fields) > 1 or not looks_like_values else f"{fields[0]} |"


def _escape(value: Any) -> str:
    written = _TO.join(map(str, value)) if isinstance(value, list) else str(value or "")
    return "".join(_ESCAPED.get(char, char) for char in written)


_READERS: Mapping[CellKind, Callable[[str, Column], Any]] = {
    CellKind.TEXT: _text,
    CellKind.NUMBER: _number,
    CellKind.FLAG: _flag,
    CellKind.DATE: _date,
    CellKind.WORDS: _words,
    CellKind.LINES: _lines,
    CellKind.STATEMENTS: _statements,
    CellKind.PARTS: _parts,
}
