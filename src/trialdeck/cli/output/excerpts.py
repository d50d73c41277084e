"""The line or the cell that a problem is about, with a caret and tildes below the words that it means."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from trialdeck.cli.terminal.printing import shown_as, shown_width, width
from trialdeck.core.inputs import read_input
from trialdeck.core.problem import CellLocation, FileLocation, letters

_MARGIN = 4
"""How many columns the number of a line takes at least."""
_WRITTEN = {".yaml", ".yml", ".json", ".jsonl"}
_MOST = 4_000_000
"""How many bytes of a file are read: more than a record or a settings file may have."""
_LINE_END = re.compile(r"\r\n|\n|\r")
_KEY = re.compile(r"[\w.-]+(?=:(?:\s|$))")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_IN_BRACKETS = re.compile(r"[^,\[\]{}]*")
_COMMENT = re.compile(r"\s#.*")
_LINK = "…"
_WINDOW = 2_000
"""How many characters before and after a position are looked at: more than a terminal has columns."""
_BEFORE = 3
"""In a line that is cut, the caret stands after one part in so many of the room."""


def excerpt_lines(location: FileLocation, lines: Sequence[str], colour: str) -> Iterator[str]:
    """Yield two lines, the one that a location names and the mark below it; nothing if the file has no such line.

    Tabs are shown as spaces, control characters spelt out, and a line that is too long for the terminal is cut around
    the mark.

    Args:
        location: A location in a file.
        lines: The lines of that file.
        colour: The colour of the mark.
    """
    line = lines[location.line - 1] if 1 <= location.line <= len(lines) else ""
    if not 1 <= location.column <= len(line):
        return
    start = location.column - 1
    end = start + max(len(_meant(line, start)), 1)
    parts = line[:start].lstrip()[-_WINDOW:], line[start:end][:_WINDOW], line[end:][:_WINDOW]
    yield from _marked_lines(str(location.line), parts, colour)


def cell_lines(location: CellLocation, text: str, colour: str) -> Iterator[str]:
    """Yield two lines, what a cell of a sheet holds and the mark below it; nothing if it holds nothing."""
    if text.strip():
        yield from _marked_lines(f"{letters(location.column)}{location.line}", ("", text.strip()[:_WINDOW], ""), colour)


def _marked_lines(name: str, parts: tuple[str, str, str], colour: str) -> Iterator[str]:
    """Yield the line made of three parts, and the mark below the second of them.

    Args:
        name: The number of the line, or the name of the cell.
        parts: What stands before the marked text, that text, and what follows.
        colour: The colour of the mark.
    """
    before, marked, after = (shown_as(part.replace("\t", "    ")) for part in parts)
    name = f"{name:>{_MARGIN}}"
    before, marked, after = _cut(before, marked, after.rstrip(), width() - len(name) - len(" | ") - 1)
    mark = "^" + "~" * (shown_width(marked) - 1)
    yield f"{name} | {before}{marked}{after}".rstrip()
    yield f"{' ' * len(name)} | {' ' * shown_width(before)}{click.style(mark, fg=colour, bold=True)}"


def lines_in(path: str) -> Sequence[str]:
    """Return the lines of a record, of settings or of a ledger; a picture has none.

    A file that cannot be read has none either: that is a problem which the caller prints anyway.
    """
    if Path(path).suffix.lower() not in _WRITTEN:
        return ()
    try:
        text = read_input(Path(path), _MOST).decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        return ()
    return _LINE_END.split(text)


def _meant(line: str, start: int) -> str:
    """Return what stands at a position: a key, a quoted text, a value in brackets, or the rest of the line."""
    for pattern in (_KEY, _QUOTED):
        if found := pattern.match(line, start):
            return found[0]
    rest = _COMMENT.sub("", line[start:]).rstrip()
    opened = sum(line.count(sign, 0, start) for sign in "[{") - sum(line.count(sign, 0, start) for sign in "]}")
    if opened > 0 and (found := _IN_BRACKETS.match(rest)):
        return found[0].rstrip()
    return rest


def _cut(before: str, marked: str, after: str, room: int) -> tuple[str, str, str]:
    """Return the three parts of a line so that they fit into a number of columns, with an ellipsis where text is gone.

    What is marked stays in sight, at least its beginning.
    """
    if shown_width(before + marked + after) <= room:
        return before, marked, after
    marked = _first(marked, room - room // _BEFORE)
    left = room - shown_width(marked)
    before = _last(before, max(left // _BEFORE, left - shown_width(after)))
    return before, marked, _first(after, left - shown_width(before))


def _first(text: str, room: int) -> str:
    """Return the beginning of a text that fits into a number of columns."""
    if shown_width(text) <= room:
        return text
    length = _most(len(text), room, lambda length: text[:length] + _LINK)
    return text[:length] + _LINK if length > 0 else ""


def _last(text: str, room: int) -> str:
    """Return the end of a text that fits into a number of columns."""
    if shown_width(text) <= room:
        return text
    length = _most(len(text), room, lambda length: _LINK + text[len(text) - length :])
    return _LINK + text[len(text) - length :] if length > 0 else ""


def _most(length: int, room: int, shown: Callable[[int], str]) -> int:
    """Return how many characters, at most, can be shown in a number of columns; -1 if not even the ellipsis fits."""
    return bisect_right(range(length + 1), room, key=lambda count: shown_width(shown(count))) - 1
