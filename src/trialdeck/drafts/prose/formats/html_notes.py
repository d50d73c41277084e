"""Take notes in HTML apart: pages, exports of Google Docs and Word, and what mammoth makes of a Word file."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from trialdeck.drafts.prose.formats.elements import Numbers, Walker
from trialdeck.drafts.prose.pieces import Document, Unit, plain
from trialdeck.drafts.saved_html import parsed_html
from trialdeck.markdown.html.elements import text_of
from trialdeck.markdown.html.seen import Line

_RULE = re.compile(r"([^{}]{1,500})\{([^{}]*)\}")
_CLASS = re.compile(r"[a-z0-9]*\.([\w-]+)")
_KEPT_STYLES = ("font-weight", "font-style", "text-decoration", "vertical-align", "display")
_REDIRECT = "www.google.com"


def read_html(text: str) -> Document | None:
    """Return the pieces of notes in HTML; None if it cannot be parsed."""
    soup = parsed_html(text)
    if soup is None:
        return None
    _style_by_class(soup)
    _without_redirects(soup)
    walker = Walker(Numbers(at=_line, units=_Counter().units))
    walker.walk(soup.children)
    return Document(tuple(walker.pieces), hidden=tuple(walker.hidden), looks=tuple(walker.looks),
                    losses=tuple(walker.losses))  # fmt: skip


class _Counter:
    """Gives every visible line an id of its own: whole pages may be one line of HTML."""

    def __init__(self) -> None:
        self._last = 0

    def units(self, span: tuple[int, int], lines: Sequence[Line]) -> tuple[Unit, ...]:
        units: list[Unit] = []
        for line in lines:
            self._last += 1
            units.append(Unit(self._last, span[0], plain(line)))
        return tuple(units)


def _line(element: Tag, before: tuple[int, int]) -> tuple[int, int]:
    return (element.sourceline, element.sourceline) if element.sourceline else before


def _style_by_class(soup: BeautifulSoup) -> None:
    """Write into each element the look that its classes give it: Google Docs says by classes what is bold."""
    styles: dict[str, str] = {}
    for sheet in soup.find_all("style"):
        for selectors, declarations in _RULE.findall(text_of(sheet) or str(sheet.string or "")):
            kept = ";".join(part for part in declarations.split(";") if part.strip().startswith(_KEPT_STYLES))
            for selector in selectors.split(",") if kept else ():
                if found := _CLASS.fullmatch(selector.strip()):
                    styles[found[1]] = f"{styles.get(found[1], '')}{kept};"
    for element in soup.find_all(class_=True) if styles else ():
        given = "".join(styles.get(str(name), "") for name in element.get_attribute_list("class"))
        if given:
            element["style"] = f"{given}{element.get('style', '')}"


def _without_redirects(soup: BeautifulSoup) -> None:
    """Give links the address that they lead to; Google Docs leads them past itself."""
    for link in soup.find_all("a", href=True):
        address = str(link["href"])
        if _REDIRECT not in address:
            continue
        parts = urlsplit(address)
        if parts.netloc == _REDIRECT and (target := parse_qs(parts.query).get("q")):
            link["href"] = target[0]
