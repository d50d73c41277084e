"""Split a page into clean, numbered lines, and remove bullets from list items."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec
from msgspec.structs import replace

MOST_ALIKE = 20
"""How many lines with the same fault of encoding are reported one by one."""

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Joiners carry meaning in scripts other than Latin and in emoji; marks of direction and soft hyphens never do here.
_ZERO_WIDTH = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|(?<![^\x00-\x7f])[\u200c\u200d]"
)
_UNSEEN = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0]+"
)


class Notice(msgspec.Struct, frozen=True):
    """A line of a page that found no place in the record, or that a human must look at; lines count from 1."""

    line: int
    message: str
    text: str


class PageLine(msgspec.Struct, frozen=True):
    """One line of a page.

    `links` are the targets of the links in it; `is_title` tells that saved HTML has it as its main heading.
    """

    number: int
    text: str
    links: tuple[str, ...] = ()
    is_title: bool = False


def decode(content: bytes) -> tuple[str, tuple[Notice, ...]]:
    r"""Return the text of a file with `\n` as its only line end, and what could not be read in it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _LINE_END.sub("\n", content.decode("utf-16", errors="replace"))
        return text, (Notice(1, "the page was saved as UTF-16, not as UTF-8; compare it with the record", ""),)
    text = _LINE_END.sub("\n", content.decode("utf-8", errors="replace").lstrip("\ufeff"))
    return text, () if _is_utf8(content) else tuple(_undecoded(text))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undecoded(text: str) -> Iterator[Notice]:
    message = "the page is not UTF-8; what could not be read shows as \ufffd"
    lines = (PageLine(number, clean(line)) for number, line in enumerate(text.split("\n"), start=1) if "\ufffd" in line)
    return alike(message, lines)


def alike(message: str, lines: Iterable[PageLine]) -> Iterator[Notice]:
    """Yield one notice a line, and one for all lines beyond the first few: a file that is no text has thousands."""
    rest = iter(lines)
    for line in islice(rest, MOST_ALIKE):
        yield Notice(line.number, message, line.text)
    for line in islice(rest, 1):
        more = sum(1 for _ in rest)
        yield Notice(line.number, f"{message} (so do {more} lines that follow)" if more else message, line.text)


def clean(text: str) -> str:
    """Return a line as a record can hold it: white space folded to single spaces, control characters replaced."""
    return " ".join(_ZERO_WIDTH.sub("", _NOT_TEXT.sub("\ufffd", text)).split())


def shows_something(text: str) -> bool:
    """Whether there is anything in a text that can be seen."""
    return bool(_UNSEEN.sub("", text))


def text_lines(text: str) -> list[PageLine]:
    """Return the lines of a page that is plain text, as they are."""
    return [PageLine(number, line) for number, line in enumerate(text.split("\n"), start=1)]


def clean_lines(lines: Sequence[PageLine]) -> tuple[list[PageLine], tuple[Notice, ...]]:
    """Return the lines that show something, cleaned, and notices of those with control characters."""
    controls = (replace(line, text=clean(line.text)) for line in lines if _NOT_TEXT.search(line.text))
    message = "a control character was replaced by \ufffd"
    cleaned = [replace(line, text=clean(line.text)) for line in lines]
    return [line for line in cleaned if shows_something(line.text)], tuple(alike(message, controls))


_BULLETS = "-*+•‣▪▫◦●○■□◆➢➤✓✔–—·∙"
_BULLET = re.compile(rf"[{re.escape(_BULLETS)}]\s+(?=\S)")
_NUMBER = re.compile(r"\(?([0-9]{1,3})[.)]\s+(?=\S)")


def without_bullets(lines: Iterable[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """Return the points of a list, and the lines that are a bullet and nothing else."""
    points: list[PageLine] = []
    lone: list[PageLine] = []
    last = 0
    for line in lines:
        mark = _NUMBER.match(line.text)
        # Only a number that goes on counting belongs to the list: `2. line treatment` may be a text.
        if mark and int(mark[1]) in (1, last + 1):
            last = int(mark[1])
        else:
            mark = _BULLET.match(line.text)
        if len(line.text) == 1 and line.text in _BULLETS:
            lone.append(line)
        else:
            points.append(_bare(line, mark))
    return points, lone


def _bare(line: PageLine, mark: re.Match[str] | None) -> PageLine:
    text = line.text[mark.end() :] if mark else line.text
    return replace(line, text=text) if shows_something(text) else line
