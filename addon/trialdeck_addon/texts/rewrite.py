"""Put an edited text back into the HTML that it was read from: only the words that were changed change."""

from __future__ import annotations

import re
from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING

from .matching import opcodes
from .pieces import PICTURE, POINT, Piece, pieces_of, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLOSES_INLINE = re.compile("/(?:a|abbr|b|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|var)")
_EMPTY = re.compile(r"<(p|li|ul|ol|div|b|strong|i|em|u|sub|sup|span|h[1-6])(?: [^<>]*)?>(?:\s|<br>)*</\1>")
_VOID = frozenset({"br", "hr", "img", "wbr", "input", "source", "col", "!", "space"})


def rewritten(html: str, text: str) -> str:
    """Return HTML that shows another text.

    Markup stays as it is around all words that stay. A new word stands in the markup of the word that it replaces, or
    of the word before it; a new line in a list that begins with a bullet is a new point. Pictures and tables stay. What
    an edit leaves empty goes, such as a paragraph whose words were all taken out.

    Args:
        html: A field.
        text: What `text_of(html)` was edited to.
    """
    page = _Page(pieces_of(html))
    after = words_of(text.strip("\n"))
    for kind, start, end, new_start, new_end in opcodes(page.words, after):
        if kind != "equal":
            page.replace(start, end, after[new_start:new_end])
    result = "".join(page.sources)
    return result if _EMPTY.search(html) else _without_empty(result)


def _without_empty(html: str) -> str:
    shorter = _EMPTY.sub("", html)
    while shorter != html:
        html, shorter = shorter, _EMPTY.sub("", shorter)
    return html


class _Page:
    """The pieces of a field while it is edited: its words, the pieces of each, and the sources that will be joined."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.sources = [piece.source for piece in pieces]
        seen = [number for number, piece in enumerate(pieces) if piece.text]
        self.words = words_of("".join(pieces[number].text for number in seen))
        # A word may be of several pieces, as B<sub>12</sub> is.
        ends = list(accumulate(len(pieces[number].text) for number in seen))
        self.members: list[list[int]] = []
        position = used = 0
        for word in self.words:
            position += len(word)
            first = used
            while used < len(ends) and ends[used] <= position:
                used += 1
            self.members.append(seen[first:used])

    def replace(self, start: int, end: int, new: Sequence[str]) -> None:
        """Replace words by others; the numbers are those of the words before any change."""
        place, is_before = self._place(start, end, new)
        for number in (number for members in self.members[start:end] for number in members):
            self._take_out(number)
        source = self._source_of(new, place)
        if not self.pieces:
            self.sources.append(source)
        elif is_before:
            self.sources[place] = source + self.sources[place]
        else:
            self.sources[place] += source

    def _place(self, start: int, end: int, new: Sequence[str]) -> tuple[int, bool]:
        """Return beside which piece new words go, and whether before it."""
        begins_line = bool(new) and new[0].startswith("\n")
        own = [number for members in self.members[start:end] for number in members]
        words = [number for number in own if not _is_tag(self.pieces[number])]
        if words:
            return words[0], True
        before = self.members[start - 1][-1:] if start else []
        if before and (begins_line or not _is_tag(self.pieces[before[0]])):
            return (self._past_inline(before[0]) if begins_line else before[0]), False
        following = self.members[end][:1] if end < len(self.members) else []
        if following and not _is_tag(self.pieces[following[0]]):
            return following[0], True
        return (before or own or [len(self.pieces) - 1])[0], False

    def _past_inline(self, number: int) -> int:
        """Return the last of the tags that close what is inline around a piece, so that a new line begins outside."""
        while number + 1 < len(self.pieces) and _CLOSES_INLINE.fullmatch(self.pieces[number + 1].tag):
            number += 1
        return number

    def _take_out(self, number: int) -> None:
        piece = self.pieces[number]
        if not _is_tag(piece) or piece.tag == "br":
            self.sources[number] = ""
        elif piece.text.startswith("\n"):
            self._join_blocks(number)

    def _join_blocks(self, number: int) -> None:
        """Join two blocks of the same kind between which only this new line lies; others stay apart."""
        first, last = number, number
        while first and not self.pieces[first - 1].text:
            first -= 1
        while last + 1 < len(self.pieces) and not self.pieces[last + 1].text:
            last += 1
        tags = [place for place in range(first, last + 1) if self.pieces[place].tag not in {"space", "!", ""}]
        names = [self.pieces[place].tag for place in tags]
        if len(names) == 2 and names[0] == f"/{names[1]}":
            for place in tags:
                self.sources[place] = ""

    def _source_of(self, words: Sequence[str], place: int) -> str:
        around = self._open_at(place)
        in_point = bool(around) and around[-1] == "li"
        return "".join(_source_of(word, in_point=in_point) for word in words)

    def _open_at(self, place: int) -> list[str]:
        """Return the names of the elements that are open behind a piece."""
        names: list[str] = []
        for piece in self.pieces[: place + 1]:
            name = piece.tag.lstrip("/")
            if not name or name in _VOID or piece.source.endswith("/>") or piece.text == PICTURE:
                continue
            if not piece.tag.startswith("/"):
                names.append(name)
            elif name in names:
                del names[len(names) - 1 - names[::-1].index(name) :]
        return names


def _is_tag(piece: Piece) -> bool:
    return piece.tag not in {"", "space"}


def _source_of(word: str, *, in_point: bool) -> str:
    if word in {POINT, POINT.lstrip()} and in_point:
        return "</li><li>"
    if word.startswith("\n"):
        return f"<br>{word[1:]}"
    return escape(word, quote=False)
