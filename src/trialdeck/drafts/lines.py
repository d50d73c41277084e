"""Split a page into clean, numbered lines, and remove bullets from list items."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec
from msgspec.structs import replace

from trialdeck.core.text import is_blank

MOST_ALIKE = 20
"""How many lines with the same fault of encoding are reported one by one."""

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Joiners carry meaning in scripts other than Latin and in emoji; marks of direction and soft hyphens never do here.
_ZERO_WIDTH = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|(?<![^\x00-\x7f])[\u200c\u200d]"
)


class Notice(msgspec.Struct, frozen=True):
    """A part of source material that is not in the record, or that a human must look at.

    `line` counts from 1; it is 0 in material that has no lines, where `place` says what is meant (`outcome 3`).
    `group` is the part of the material (`statusModule`) whose notices are printed in one line; empty for a line each.
    """

    line: int
    message: str
    text: str
    place: str = ""
    group: str = ""


class PageLine(msgspec.Struct, frozen=True):
    """One line of a page.

    `links` are the targets of its links; `is_title` means that it is the main heading of saved HTML, `is_heading` one
    of those below it.
    """

    number: int
    text: str
    links: tuple[str, ...] = ()
    is_title: bool = False
    is_heading: bool = False


def decode(content: bytes) -> tuple[str, tuple[Notice, ...]]:
    r"""Return the text of a file with `\n` as its only line end, and notices of bytes that could not be decoded."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _LINE_END.sub("\n", content.decode("utf-16", errors="replace"))
        return text, (Notice(1, "the page was saved as UTF-16, not as UTF-8; compare it with the record", ""),)
    text = _LINE_END.sub("\n", content.decode("utf-8", errors="replace").lstrip("\ufeff"))
    return text, () if _is_utf8(content) else tuple(_notices_of_undecoded(text))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _notices_of_undecoded(text: str) -> Iterator[Notice]:
    message = "the page is not UTF-8; what could not be read shows as \ufffd"
    lines = (PageLine(number, clean(line)) for number, line in enumerate(text.split("\n"), start=1) if "\ufffd" in line)
    return alike(message, lines)


def alike(message: str, lines: Iterable[PageLine]) -> Iterator[Notice]:
    """Yield a notice for each of the first lines, and one for all others: a file that is no text has thousands."""
    remaining = iter(lines)
    for line in islice(remaining, MOST_ALIKE):
        yield Notice(line.number, message, line.text)
    for line in islice(remaining, 1):
        more = sum(1 for _ in remaining)
        yield Notice(line.number, f"{message} (so do {more} lines that follow)" if more else message, line.text)


def clean(text: str) -> str:
    """Return a line as a record can hold it: white space folded to single spaces, control characters replaced."""
    return " ".join(shown_characters(text).split())


def shown_characters(text: str) -> str:
    """Return a text with control characters replaced, and without characters of no width."""
    return _ZERO_WIDTH.sub("", _NOT_TEXT.sub("\ufffd", text))


def text_lines(text: str) -> list[PageLine]:
    """Return the lines of a page of plain text, unchanged."""
    return [PageLine(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def clean_lines(lines: Sequence[PageLine]) -> tuple[list[PageLine], tuple[Notice, ...]]:
    """Return the lines with visible text, cleaned, and notices of those with control characters."""
    controls = (replace(line, text=clean(line.text)) for line in lines if _NOT_TEXT.search(line.text))
    message = "a control character was replaced by \ufffd"
    cleaned = [replace(line, text=clean(line.text)) for line in lines]
    return [line for line in cleaned if not is_blank(line.text)], tuple(alike(message, controls))


_BULLETS = "-*+•‣▪▫◦●○■□◆➢➤✓✔–—·∙"
_BULLET = re.compile(rf"[{re.escape(_BULLETS)}]\s+(?=\S)")
_NUMBER = re.compile(r"\(?([0-9]{1,3})[.)]\s+(?=\S)")


def without_bullets(lines: Iterable[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """Return the points of a list, and the lines that consist of a bullet alone."""
    points: list[PageLine] = []
    lone: list[PageLine] = []
    last = 0
    for line in lines:
        mark = _NUMBER.match(line.text)
        # Only a number that continues the count is a mark: `2. line treatment` may be a text.
        if mark and int(mark[1]) in (1, last + 1):
            last = int(mark[1])
        else:
            mark = _BULLET.match(line.text)
        if len(line.text) == 1 and line.text in _BULLETS:
            lone.append(line)
        else:
            points.append(_without_mark(line, mark))
    return points, lone


def _without_mark(line: PageLine, mark: re.Match[str] | None) -> PageLine:
    text = line.text[mark.end() :] if mark else line.text
    return replace(line, text=text) if not is_blank(text) else line
