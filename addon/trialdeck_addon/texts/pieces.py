"""HTML cut into pieces, each with what a reader sees of it.

The sources of all pieces, joined, are the HTML again, and their texts, joined, are what a plain text editor shows:
words, spaces, and a new line where a block begins. So an edit of the text finds its way back into the HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = "[picture]"
"""What stands in a text for a picture, a drawing or a sound."""
POINT = "\n• "
"""How a point of a list begins, unless the text begins with it."""
_CELL = " | "

_TOKENS = re.compile(r"<!--.*?-->|<[/!?a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^'\">]){0,1000}>|[^<]+|<", re.DOTALL)
"""Without a limit, tags that never end would each be looked for up to the end of the field."""
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
_WORDS = re.compile(r"&[a-zA-Z0-9#]+;|\w+|[^\S\u00a0]+|.", re.DOTALL)
_SIGNS = re.compile(rf"({re.escape(PICTURE)}|{re.escape(_CELL)})")
_PARTS = re.compile(r"\w+|\s+|[^\w\s]")
_WHOLE = frozenset({"svg", "style", "script", "audio", "video", "object", "math"})
"""Elements that are one piece with all that is in them."""
_UNSEEN = frozenset({"style", "script"})
_BLOCK = re.compile(
    "address|article|aside|blockquote|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|"
    "section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_CELLS = frozenset({"td", "th"})


@dataclass(frozen=True)
class Piece:
    """A piece of HTML: its source, what a reader sees of it, and the name of its tag, with a slash if it closes one."""

    source: str
    text: str = ""
    tag: str = ""


def pieces_of(html: str) -> list[Piece]:
    """Cut HTML into pieces."""
    return list(_spaced(_raw(html)))


def text_of(html: str) -> str:
    """Return what a reader sees of a field, in lines."""
    return "".join(piece.text for piece in pieces_of(html))


def words_of(text: str) -> list[str]:
    """Cut a plain text as the text of HTML is cut: into words, signs, spaces, and beginnings of lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").split("\n")
    words: list[str] = []
    for number, line in enumerate(lines):
        is_point = line.startswith("• ")
        start = ("\n" if number else "") + ("• " if is_point else "")
        words += [start] if start else []
        words += _parts(line[2:] if is_point else line)
    return words


def _parts(line: str) -> Iterator[str]:
    """Yield words and signs, spaces one by one, and the signs for a picture and for a cell of a table whole."""
    for part in _SIGNS.split(line):
        if part in {PICTURE, _CELL}:
            yield part
            continue
        for found in _PARTS.findall(part):
            yield from found if found.isspace() else [found]


def _raw(html: str) -> Iterator[Piece]:
    """Yield the pieces without regard to the spaces around them; a block begins with a new line at both of its tags."""
    whole = ""
    held: list[str] = []
    depth = 0
    for token in _TOKENS.findall(html):
        name, closes = _tag(token)
        if whole:
            held.append(token)
            if name == whole and not token.endswith("/>"):
                depth += -1 if closes else 1
            if not depth:
                yield Piece("".join(held), "" if whole in _UNSEEN else PICTURE, whole)
                whole, held = "", []
        elif name in _WHOLE and not closes and not token.endswith("/>"):
            whole, held, depth = name, [token], 1
        else:
            yield from _piece(token, name, closes=closes)
    if held:
        yield Piece("".join(held), PICTURE, whole)


def _tag(token: str) -> tuple[str, bool]:
    """Return the name of a tag and whether it closes an element; no name for a text or a comment."""
    found = _NAME.match(token)
    return (found.group(1).lower(), token.startswith("</")) if found else ("", False)


def _piece(token: str, name: str, *, closes: bool) -> Iterator[Piece]:
    if not name:
        yield from [Piece(token, "", "!")] if token.startswith("<!") else _texts(token)
    elif name == "br":
        yield Piece(token, "\n", name)
    elif name == "img" or (name in _WHOLE and not closes):
        yield Piece(token, PICTURE, name)
    elif name in _CELLS:
        yield Piece(token, "" if closes else _CELL, f"/{name}" if closes else name)
    elif _BLOCK.fullmatch(name):
        start = POINT if name == "li" and not closes else "\n"
        yield Piece(token, start, f"/{name}" if closes else name)
    else:
        yield Piece(token, "", f"/{name}" if closes else name)


def _texts(token: str) -> Iterator[Piece]:
    """Yield the words, signs and spaces of a text; several spaces are one piece, but hard spaces are one each."""
    for source in _WORDS.findall(token):
        if source.isspace() and "\u00a0" not in source:
            yield Piece(source, " ", "space")
        else:
            yield Piece(source, unescape(source).replace("\u00a0", " "))


class _Gap:
    """What lies between two words that a reader sees: which of its pieces shows as a space or as a new line."""

    def __init__(self) -> None:
        self.spaces: list[int] = []
        self.lines: list[int] = []
        self.block = -1
        self.cell = -1

    def add(self, number: int, piece: Piece) -> bool:
        """Take a piece that a reader sees only if it lies between words, and tell whether it is such a piece."""
        if piece.tag == "space":
            self.spaces.append(number)
        elif piece.tag == "br":
            self.lines.append(number)
        elif piece.text == _CELL:
            self.cell = number
        elif piece.text in {POINT, "\n"}:
            # A point is seen, whichever blocks begin around it.
            self.block = number if piece.text == POINT or self.block < 0 else self.block
        else:
            return not piece.text
        return True

    def texts(self, pieces: list[Piece], *, begun: bool) -> dict[int, str]:
        """Return what its pieces show, by their numbers; `begun` if there is a word before it."""
        if self.block >= 0 and pieces[self.block].text == POINT:
            return {self.block: POINT if begun else POINT.lstrip()}
        if not begun:
            return {}
        if self.lines:
            # A line break at the end of a block is not seen; one in a block of its own is an empty line.
            own = [self.block] if 0 <= self.block < self.lines[0] else []
            return dict.fromkeys([*own, *self.lines], "\n")
        if self.cell >= 0 and not self._begins_row(pieces):
            return {self.cell: _CELL}
        if self.block >= 0:
            return {self.block: "\n"}
        return {self.spaces[0]: " "} if self.spaces else {}

    def _begins_row(self, pieces: list[Piece]) -> bool:
        return self.block >= 0 and any(piece.tag in {"tr", "/tr"} for piece in pieces[self.block : self.cell])


def _spaced(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Let only those spaces and new lines be seen that lie between words."""
    raw = list(pieces)
    shown: dict[int, str] = {}
    gap, begun = _Gap(), False
    for number, piece in enumerate(raw):
        if not gap.add(number, piece):
            shown.update(gap.texts(raw, begun=begun))
            shown[number] = piece.text
            gap, begun = _Gap(), True
    for number, piece in enumerate(raw):
        yield Piece(piece.source, shown.get(number, ""), piece.tag)
