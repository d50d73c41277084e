"""Turn saved HTML into lines of text, one for each block element."""

import re
import warnings
from collections.abc import Iterator

import msgspec
from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.element import CData, NavigableString, PageElement, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup

from trialdeck.core.text import is_blank
from trialdeck.drafts.lines import Notice, PageLine, clean
from trialdeck.markdown.scripts import RAISED

# Atomic and possessive, so that a text that is no document fails in one pass.
_DOCUMENT = re.compile(r"(?>\s+|<!--.*?-->|<\?.*?>)*+<(?:!doctype\b|html[\s/>])", re.DOTALL | re.IGNORECASE)

_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "col", "colgroup", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol",
    "optgroup", "option", "p", "pre", "search", "section", "select", "summary", "table", "tbody", "td", "textarea",
    "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_NEVER_SHOWN = frozenset({"script", "style", "template", "noscript", "title"})
_HIDDEN = "hidden on the web page; left out"
# Menus and dialogs are hidden until they are needed, but so are paragraphs that can be unfolded.
_HIDDEN_PARAGRAPH = 60
_DISPLAY_NONE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# Text around the trial is no part of the record, but it is reported.
_AROUND = {"nav": "in the navigation of the web page; left out", "footer": "in the footer of the web page; left out"}

# Authors may omit these end tags; the parser then puts the following elements inside.
_ENDED_BY = {
    "p": _BLOCKS - {"button"}, "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option"},
    "td": {"td", "th", "tr"}, "th": {"td", "th", "tr"}, "tr": {"tr"},
}  # fmt: skip
_EXPONENT = re.compile(r"[+\-−–]?[0-9]+")
_LONGEST_EXPONENT = 8
_MARKED_SECTION = re.compile(r"<!\[(?:(?:if|else|endif)\b([^\]<>]*)\]>)?", re.IGNORECASE)
_NO_NUMBER = re.compile(r"&#(?![0-9]|[xX][0-9a-fA-F])")


def is_html(text: str) -> bool:
    """Whether a text is a whole HTML document, and not a text with tags in it."""
    return bool(_DOCUMENT.match(text))


def html_lines(text: str) -> tuple[list[PageLine], tuple[Notice, ...]] | None:
    """Return the lines of an HTML document and notices of hidden text; `None` if it cannot be parsed."""
    soup = parsed_html(text)
    if soup is None:
        return None
    reader = _Reader(_without_loose_ends(text))
    reader.read(soup)
    return reader.lines, tuple(reader.notices)


def parsed_html(text: str) -> BeautifulSoup | None:
    """Return the elements of an HTML document, with the lines that they stand on; `None` if it cannot be parsed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        try:
            return BeautifulSoup(_without_loose_ends(text), "html.parser")
        except ParserRejectedMarkup:
            return None


def _without_loose_ends(text: str) -> str:
    """Turn unclosed marks into text, without moving any line.

    Python's parser searches the whole remaining text for the end of each (CVE-2025-6069), fails at an unknown marked
    section, and treats all tags as text after a second `&#` without a number.
    """
    text = _MARKED_SECTION.sub(_without_condition, _NO_NUMBER.sub("&amp;#", text))
    for start, end in (("<!--", "-->"), ("<", ">")):
        last = text.rfind(end) + 1
        text = text[:last] + text[last:].replace(start, f"&lt;{start[1:]}")
    return text


def _without_condition(found: re.Match[str]) -> str:
    return "&lt;![" if found[1] is None else "\n" * found[1].count("\n")


class _Open(msgspec.Struct):
    """An element that is being read, its remaining parts, and the index at which its text starts."""

    tag: Tag
    parts: Iterator[PageElement]
    ended_before: int
    start: int


class _Reader(msgspec.Struct):
    """Walks the tree once, without recursion, and cuts its text at the edges of block elements.

    `hider` and `muter` are the depths of the elements that hide or mute text, or -1. Hidden text is reported; mute text
    (scripts, styles) is no text of the page at all.
    """

    source: str
    lines: list[PageLine] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)
    starts: list[int] = msgspec.field(default_factory=list)
    stack: list[_Open] = msgspec.field(default_factory=list)
    text: list[str] = msgspec.field(default_factory=list)
    links: list[str] = msgspec.field(default_factory=list)
    number: int = 1
    first: int = 0
    ended: int = 0
    titles: int = 0
    headings: int = 0
    link: str = ""
    hider: int = -1
    muter: int = -1
    reason: str = ""

    def read(self, soup: BeautifulSoup) -> None:
        self.starts = [0, *(newline.end() for newline in re.finditer("\n", self.source))]
        self.stack.append(_Open(soup, iter(soup.contents), 0, 0))
        while self.stack:
            part = next(self.stack[-1].parts, None)
            if part is None:
                self.leave(self.stack.pop())
            elif isinstance(part, Tag):
                self.enter(part)
            elif isinstance(part, NavigableString):
                self.add(part)
        self.end_line()

    def enter(self, tag: Tag) -> None:
        self.go_to(tag)
        if tag.name == "br" and self.titles:
            self.text.append(" ")
        elif tag.name in _BLOCKS or tag.name == "br":
            self.end_line()
        self.end_hider(tag)
        self.hide(tag)
        if tag.name == "a":
            self.link = str(tag.get("href", ""))
        self.titles += tag.name == "h1"
        self.headings += tag.name == "h2"
        self.stack.append(_Open(tag, iter(tag.contents), self.ended, len(self.text)))

    def leave(self, element: _Open) -> None:
        name, depth = element.tag.name, len(self.stack)
        if name == "sup" and element.ended_before == self.ended:
            self.raise_exponent(element.start)
        if name in _BLOCKS or depth == self.hider:
            self.end_line()
        if name == "a":
            self.link = ""
        self.titles -= name == "h1"
        self.headings -= name == "h2"
        self.hider = -1 if depth == self.hider else self.hider
        self.muter = -1 if depth == self.muter else self.muter

    def hide(self, tag: Tag) -> None:
        reason = _reason_to_hide(tag)
        if tag.name in _NEVER_SHOWN:
            self.muter = len(self.stack) if self.muter < 0 else self.muter
        elif reason and self.hider < 0:
            self.end_line()
            self.hider, self.reason = len(self.stack), reason

    def end_hider(self, tag: Tag) -> None:
        """End a hidden element if this tag closes it, because its own end tag was omitted."""
        if self.hider >= 0 and tag.name in _ENDED_BY.get(self.stack[self.hider].tag.name, ()):
            self.end_line()
            self.hider = -1

    def add(self, string: NavigableString) -> None:
        shown = not isinstance(string, PreformattedString) or isinstance(string, CData)
        if shown and self.muter < 0:
            lines = string.split("\n") if self.stack[-1].tag.name in ("pre", "textarea") else [string]
            for index, line in enumerate(lines):
                if index:
                    self.end_line()
                self.add_text(line, self.number + index)
        self.number += string.count("\n")

    def add_text(self, text: str, number: int) -> None:
        self.text.append(text)
        if is_blank(text):
            return
        if not self.first:
            self.first = number + text[: len(text) - len(text.lstrip())].count("\n")
        if self.link and self.link not in self.links[-1:]:
            self.links.append(self.link)

    def end_line(self) -> None:
        text = "".join(self.text).replace("\n", " ")
        if self.first and self.hider >= 0:
            if self.reason != _HIDDEN or len(clean(text)) >= _HIDDEN_PARAGRAPH:
                self.notices.append(Notice(self.first, self.reason, clean(text)))
        elif self.first:
            marks = {"is_title": self.titles > 0, "is_heading": self.headings > 0}
            self.lines.append(PageLine(self.first, text, tuple(self.links), **marks))
        self.text, self.links, self.first = [], [], 0
        self.ended += 1

    def raise_exponent(self, start: int) -> None:
        """Keep 10 to the power of 9 from becoming 109."""
        parts = self.text[start : start + _LONGEST_EXPONENT]
        before, inside = "".join(self.text[start - 1 : start])[-1:], "".join(parts).strip()
        short = start + len(parts) == len(self.text)
        if short and before.isdigit() and inside and inside[0] in "0123456789+-−–":
            is_exponent = _EXPONENT.fullmatch(inside)
            self.text[start:] = map(RAISED.__getitem__, inside) if is_exponent else [f"^{inside}"]

    def go_to(self, tag: Tag) -> None:
        """Take the line number from a tag; a `>` inside an attribute makes it wrong until the next tag."""
        if tag.sourceline is not None and tag.sourcepos is not None:
            start = self.starts[min(tag.sourceline, len(self.starts)) - 1] + tag.sourcepos
            self.number = tag.sourceline + self.source.count("\n", start, max(self.source.find(">", start), start))


def _reason_to_hide(tag: Tag) -> str:
    if tag.has_attr("hidden") or _DISPLAY_NONE.search(str(tag.get("style", ""))):
        return _HIDDEN
    return _AROUND.get(tag.name, "")
