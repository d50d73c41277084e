"""Turn a field of a note into Markdown, and find the pictures and sounds that it shows."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

import msgspec

from trialdeck.markdown.from_html import converted
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.prose import prose

__all__ = ["FieldMarkdown", "UnsayableError", "markdown_of_field"]

_MEDIUM = re.compile(r"<img\b[^<>]*+>|\[sound:([^\[\]]*+)\]", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""", re.IGNORECASE)
_ONLINE = re.compile(r"[a-z][a-z0-9+.-]*+:", re.IGNORECASE)


class FieldMarkdown(msgspec.Struct, frozen=True):
    """The Markdown of a field, and what that does not hold.

    `media` are the files that the field shows, `online` pictures that lie elsewhere, `losses` names what else no record
    can hold: "the colour of 'it'".
    """

    text: str
    media: tuple[str, ...] = ()
    online: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()


def markdown_of_field(html: str, *, cloze: bool = False) -> FieldMarkdown:
    """Return a field as Markdown; formatting such as colours and sizes may be lost and is named, the words never.

    Raises UnsayableError if no Markdown shows the same; its message says why.
    """
    bare = html.strip()
    if prose(bare, inline=True):
        return FieldMarkdown(bare)
    names = list(_names(html))
    bare = _MEDIUM.sub(" ", html) if names else html
    result = converted(bare, cloze=cloze)
    return FieldMarkdown(
        result.text.strip(),
        tuple(name for name in names if not _ONLINE.match(name)),
        tuple(name for name in names if _ONLINE.match(name)),
        result.losses,
    )


def _names(html: str) -> Iterator[str]:
    for medium in _MEDIUM.finditer(html):
        if medium[1] is not None:
            yield unescape(medium[1]).strip()
        elif source := _SOURCE.search(medium[0]):
            name = unescape(source[1] or source[2] or source[3] or "").strip()
            # Anki writes some characters of a file's name as in a web address.
            yield name if _ONLINE.match(name) else unquote(name)
