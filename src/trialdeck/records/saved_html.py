"""A web page saved as a whole HTML document: its text, block by block."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

_DOCUMENT = re.compile(r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_UNSEEN = {"head", "noscript", "script", "style", "template", "title"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "button", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip


def is_html(text: str) -> bool:
    """Tell whether a text is a whole HTML document; stray tags in a text do not make it one."""
    return bool(_DOCUMENT.match(text))


def html_lines(text: str) -> tuple[list[str], str]:
    """Return the visible text, one line a block element or <br>, and the address that "View publication" leads to."""
    soup = BeautifulSoup(text, "html.parser")
    for unseen in soup.find_all(_is_unseen):
        unseen.decompose()
    return list(_blocks(soup)), _publication(soup)


def _is_unseen(tag: Tag) -> bool:
    style = str(tag.get("style") or "").replace(" ", "").lower()
    return tag.name in _UNSEEN or tag.has_attr("hidden") or "display:none" in style


def _blocks(soup: BeautifulSoup) -> Iterator[str]:
    """Yield the text between the borders of block elements; inline elements do not split it."""
    parts: list[str] = []
    block: object = None
    for node in soup.descendants:
        if isinstance(node, Tag):
            starts_anew = node.name not in _INLINE
        else:
            starts_anew = _block_of(node) is not block
            block = _block_of(node)
        if starts_anew and parts:
            yield "".join(parts)
            parts = []
        if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            # A line break in the source is a space to the reader.
            parts.append(re.sub(r"[\r\n]+", " ", node))
    if parts:
        yield "".join(parts)


def _block_of(node: PageElement) -> object:
    """Return the nearest block element around a node."""
    parent = node.parent
    while parent is not None and parent.name in _INLINE:
        parent = parent.parent
    return parent


def _publication(soup: BeautifulSoup) -> str:
    for link in soup.find_all("a", href=True):
        if link.get_text().strip().lower().startswith("view publication"):
            return str(link["href"]).strip()
    return ""
