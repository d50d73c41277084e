"""Turn a field of a note into Markdown, and find the pictures and sounds that it shows."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

import msgspec

from trialdeck.markdown.from_html import markdown_of
from trialdeck.markdown.html_tokens import UnsayableError
from trialdeck.markdown.prose import prose
from trialdeck.markdown.sanitise import sanitised

__all__ = ["FieldMarkdown", "UnsayableError", "markdown_of_field"]

_MEDIUM = re.compile(r"<img\b[^<>]*+>|\[sound:([^\[\]]*+)\]", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""", re.IGNORECASE)
_ONLINE = re.compile(r"[a-z][a-z0-9+.-]*+:", re.IGNORECASE)


class FieldMarkdown(msgspec.Struct, frozen=True):
    """The Markdown of a field; `media` are the files that it shows, `online` pictures that lie elsewhere."""

    text: str
    media: tuple[str, ...] = ()
    online: tuple[str, ...] = ()


def markdown_of_field(html: str, *, cloze: bool = False) -> FieldMarkdown:
    """Return a field as Markdown; formatting such as colours and sizes may be lost, the words never.

    Raises UnsayableError if no Markdown gives the same words; its message says why, or is empty.
    """
    bare = html.strip()
    if prose(bare, inline=True):
        return FieldMarkdown(bare)
    names = list(_names(html))
    bare = _MEDIUM.sub(" ", html) if names else html
    return FieldMarkdown(
        _markdown(bare, cloze=cloze).strip(),
        tuple(name for name in names if not _ONLINE.match(name)),
        tuple(name for name in names if _ONLINE.match(name)),
    )


def _names(html: str) -> Iterator[str]:
    for medium in _MEDIUM.finditer(html):
        if medium[1] is not None:
            yield unescape(medium[1]).strip()
        elif source := _SOURCE.search(medium[0]):
            name = unescape(source[1] or source[2] or source[3] or "").strip()
            # Anki writes some characters of a file's name as in a web address.
            yield name if _ONLINE.match(name) else unquote(name)


@lru_cache(maxsize=512)
def _markdown(html: str, *, cloze: bool) -> str:
    try:
        return markdown_of(html, cloze=cloze)
    except UnsayableError:
        return markdown_of(sanitised(html.replace("</div>", "</div><br>")), cloze=cloze)
