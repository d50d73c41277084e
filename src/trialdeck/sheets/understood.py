"""Understand what people type into cells: `Clinical`, an id `PARADIGM-HF`, a DOI with its address, `386/2373 (16.3%)`.

Each text becomes the text that `trialdeck.sheets.cells` reads. What `sheet export` writes stays as it is.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from trialdeck.core.problem import initials, shortened
from trialdeck.core.text import is_blank
from trialdeck.drafts.source import bare_doi
from trialdeck.sheets.cells import COUNTS, ENDS_IN_COUNTS, HOLDS_VALUES, CellFault, DateCell, NumberCell, parts_of_line
from trialdeck.sheets.columns import CellKind, Column, normal
from trialdeck.sheets.table import Cell

_JOINTS = re.compile(r"[\s_‐‑–—-]+")
_MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = re.compile(
    rf"[0-9]{{1,2}}-{_MONTHS}(?:-[0-9]{{2,4}})?|{_MONTHS}-[0-9]{{2}}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?: 00:00:00)?|[0-9]{1,2}([/.])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})"
)
_SHARE = re.compile(r"([0-9]{1,3}(?:[.·][0-9]{1,9})?)\s*%")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,3}")
_COMPARATORS = frozenset("<>=~±≤≥≈")
_LONGEST_SAID = 160
_BETWEEN = " \t:=,–-"
EXCEL = "Excel turns texts such as MAR-1 and 3/4 into days"
"""Why there is a day where nobody has typed one."""


class Understood(msgspec.Struct, frozen=True):
    """The text of a cell as it is read, or its fault; `said` is how that differs from what was typed, or empty."""

    text: str | CellFault
    said: str = ""


def is_day(text: str) -> bool:
    """Tell whether a text is a day as Excel shows one: `1-Mar`, `Mar-26`, `2026-03-01`, `3/1/2026`."""
    return _DAY.fullmatch(text.strip()) is not None


def day_fault(day: str, column: str) -> CellFault:
    """Return the fault of a cell whose text Excel has made a day."""
    hint = f"format the cell as text, and type the {column} again"
    return CellFault(f"the cell holds the day {day}, not what was typed: {EXCEL}", hint)


def understood(cell: Cell, column: Column) -> Understood:
    """Return the text of a cell as `cell_value` reads it."""
    if isinstance(cell, CellFault):
        return Understood(cell)
    if isinstance(cell, DateCell):
        return _understood_date(cell, column)
    if isinstance(cell, NumberCell):
        return _understood_number(cell, column)
    text = understood_text(cell, column)
    if text == cell:
        return Understood(text)
    typed, read = (shortened(each.strip(), _LONGEST_SAID) for each in (cell, text))
    return Understood(text, f"'{typed}' is read as '{read}'")


def _understood_number(cell: NumberCell, column: Column) -> Understood:
    """Return a number as its cell shows it; in a column of numbers its digits, unless a comparator is before them."""
    is_bare = column.kind is CellKind.NUMBER or column.is_id
    if not is_bare or set(cell.shown) & _COMPARATORS:
        return Understood(cell.shown, cell.said)
    is_whole = cell.shown.replace(",", "") == cell.digits
    said = cell.said or ("" if is_whole else f"the cell shows {cell.shown}; {cell.digits}, which it holds, is read")
    return Understood(cell.digits, said)


def _understood_date(cell: DateCell, column: Column) -> Understood:
    if column.kind is CellKind.DATE:
        return Understood(cell.text)
    is_any_text = bool(column.path) and not column.allowed and column.pattern in {"", r"\S"}
    if column.kind is CellKind.TEXT and is_any_text:
        return Understood(cell.text, f"the cell holds a day, which is read as '{cell.text}'")
    return Understood(day_fault(cell.text, column.name))


def understood_text(text: str, column: Column) -> str:
    """Return a text in the form of its column; the text itself if it has that form, or none that is known."""
    if is_blank(text):
        return text
    if column.kind is CellKind.WORDS:
        return _words(text, column)
    if column.kind is CellKind.PARTS:
        return "\n".join(_part_line(line, column) for line in text.split("\n"))
    return _word(text, column) if column.kind in {CellKind.TEXT, CellKind.FLAG} else text


def understood_id(text: str, pattern: str) -> str:
    """Return an id in small letters and with hyphens, `PARADIGM HF` as `paradigm-hf`; another text as it is."""
    if re.fullmatch(pattern, text) or is_day(text):
        return text
    slug = _JOINTS.sub("-", text.strip()).lower()
    return slug if re.fullmatch(pattern, slug) else text


def _word(text: str, column: Column) -> str:
    if text in column.allowed:
        return text
    if column.allowed:
        return _allowed_word(text, column.allowed)
    if column.is_id:
        return understood_id(text, column.pattern)
    name = column.path[-1] if column.path else ""
    if name == "registry":
        number = "".join(text.split()).upper()
        return number if re.fullmatch(column.pattern, number) else text
    return bare_doi(text.strip()) if name == "doi" and not re.fullmatch(column.pattern, text) else text


def _allowed_word(text: str, allowed: Sequence[str]) -> str:
    """Return the word that a text means: `Clinical`, its plural, or its initials if no other word has them."""
    typed = normal(text)
    alike = [word for word in allowed if typed in {normal(word), f"{normal(word)}s"}]
    abbreviated = [word for word in allowed if " " in word and initials(word) == typed]
    return next((words[0] for words in (alike, abbreviated) if len(words) == 1), text)


def _words(text: str, column: Column) -> str:
    if column.allowed:
        text = text.replace("/", ", ")
    typed = [word for part in re.split(r"[,;\n]", text) if (word := part.strip())]
    words = [_word(word, column) for word in typed]
    return text if words == typed else ", ".join(words)


def _part_line(line: str, column: Column) -> str:
    """Return the line of an arm with its counts under their labels: `IRd | events=386 | n=2373 | percent=16.3`."""
    name, *parts = parts_of_line(line)
    counts = ENDS_IN_COUNTS.search(name) if not parts else None
    if counts:
        name, parts = name[: counts.start()].rstrip(_BETWEEN), [counts["counts"]]
        if HOLDS_VALUES.search(name):
            return line
    labelled = [label for part in parts for label in _labelled(part, column)]
    return " | ".join([name, *labelled]) if counts or labelled != parts else line


def _labelled(part: str, column: Column) -> Iterator[str]:
    """Yield what one part of an arm's line states, each number under its label."""
    label, sign, value = (side.strip() for side in part.partition("="))
    counts, share = COUNTS.fullmatch(part), _SHARE.fullmatch(value if sign else part)
    if share and (not sign or label.lower() == "percent"):
        yield f"percent={_digits(share[1])}"
    elif sign and _THOUSANDS.fullmatch(value):
        yield f"{label}={_digits(value)}"
    elif counts and not sign and (counts["n"] or counts["percent"]) and "events" in column.parts:
        yield from (f"{name}={_digits(number)}" for name, number in counts.groupdict().items() if number)
    else:
        yield part


def _digits(number: str) -> str:
    return number.replace(",", "").replace("·", ".")
