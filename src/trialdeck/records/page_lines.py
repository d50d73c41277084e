"""The lines of a saved trial page: plain text or a whole HTML document, as a reader sees them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trialdeck.records.saved_html import html_lines, is_html

_LINE_END = re.compile(r"\r\n|\n|\r")
# Other characters that end a line somewhere; an editor does not count them.
_INNER_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, its white space folded; `number` counts from 1: an editor's lines, or the blocks of HTML."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of a page that found no place in the record, or that a human must look at."""

    line: int
    message: str
    text: str = ""


def page_lines(content: bytes) -> tuple[tuple[Line, ...], str, tuple[Notice, ...]]:
    """Return the lines that are not blank, the address that "View publication" leads to, and what could not be read."""
    text = content.decode("utf-8", errors="replace").lstrip("\ufeff")
    address = ""
    if is_html(text):
        raw, address = html_lines(text)
    else:
        raw = _LINE_END.split(text)
    notices: list[Notice] = []
    if "\ufffd" in text and not _decodes(content):
        notices.append(Notice(1, "the page is not UTF-8; what could not be read shows as \ufffd"))
    lines = tuple(_clean(raw, notices))
    return lines, address, tuple(notices)


def _decodes(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _clean(raw: list[str], notices: list[Notice]) -> Iterator[Line]:
    for number, whole in enumerate(raw, start=1):
        for part in _INNER_END.split(whole):
            shown = _NOT_TEXT.sub("\ufffd", _INVISIBLE.sub("", part))
            text = " ".join(shown.split())
            if _NOT_TEXT.search(part):
                notices.append(Notice(number, "a control character was replaced by \ufffd", text))
            if text:
                yield Line(number, text)
