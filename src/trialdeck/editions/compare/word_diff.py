"""Compare two texts word by word; fields are compared as a reader sees them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import takewhile

import msgspec

from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.scripts import LOWERED, RAISED

CONTEXT = 8
"""How many words of what is the same are left on each side of a difference."""

# A mark of a cloze deletion, a short tag, a number or word (`20.6`, `NCT01564537`, `patient's`), space, or one sign.
_TOKEN = re.compile(r"\{\{c\d+::|<[^<>]{1,80}>|\w+(?:[.,'’]\w+)*|\s+|.", re.DOTALL)
# Raised or lowered text is short; the limits keep the search linear where a closing mark is missing.
_SCRIPT = re.compile(r"<(su[bp])\b[^<>]{0,80}>(.{0,120}?)</\1>", re.DOTALL | re.IGNORECASE)
# Longer texts than this, in tokens of both, count as replaced: the time grows with the square of the length.
_LONGEST = 5_000


class PieceKind(StrEnum):
    """On which side a piece of text stands: on both, in the old text, or in the new one."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text that was kept, taken out or put in."""

    kind: PieceKind
    text: str


class Difference(msgspec.Struct, frozen=True):
    """What differs between two fields; with `of_markup` they read the same, and the pieces are HTML."""

    pieces: tuple[Piece, ...]
    of_markup: bool


def field_difference(before: str, after: str) -> Difference:
    """Compare the readable text of two fields, or their HTML if that alone differs."""
    old, new = _read(before), _read(after)
    if old == new:
        return Difference(word_pieces(before, after), of_markup=True)
    return Difference(word_pieces(old, new), of_markup=False)


def _read(html: str) -> str:
    """Return the readable text of a field, in which 10<sup>9</sup> is 10⁹ and not 109."""
    return readable(_SCRIPT.sub(_script, html))


def _script(found: re.Match[str]) -> str:
    """Return raised or lowered text as such characters, or behind `^` or `_` where one of them does not exist."""
    is_raised = found[1].lower() == "sup"
    characters, mark = (RAISED, "^") if is_raised else (LOWERED, "_")
    text = found[2]
    is_whole = all(character in characters for character in text)
    return "".join(characters[character] for character in text) if is_whole else f"{mark}({text})"


def word_pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Compare two texts word by word.

    The kept and the removed pieces, joined, are the old text; the kept and the added ones are the new text. No piece is
    empty, and a removal comes before the addition that follows it.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    return tuple(_joined(_edits(old, new)))


def abridged(pieces: Sequence[Piece], context: int = CONTEXT) -> tuple[Piece, ...]:
    """Shorten the kept pieces to some words beside each difference, with an ellipsis for the other words."""
    last = len(pieces) - 1
    return tuple(
        _shortened(piece, context if position else 0, context if position < last else 0) if _is_same(piece) else piece
        for position, piece in enumerate(pieces)
    )


_Edit = tuple[str, str, str]
"""A text that was kept, or else one that was removed and one that was added."""


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[_Edit]:
    start = _alike(zip(old, new, strict=False))
    remaining = min(len(old), len(new)) - start
    end = min(remaining, _alike(zip(reversed(old), reversed(new), strict=False)))
    yield "".join(old[:start]), "", ""
    yield from _edits_between(old[start : len(old) - end], new[start : len(new) - end])
    yield "".join(old[len(old) - end :]), "", ""


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """Return how many pairs are alike before the first that is not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _edits_between(old: Sequence[str], new: Sequence[str]) -> Iterator[_Edit]:
    if len(old) + len(new) > _LONGEST:
        yield "", "".join(old), "".join(new)
        return
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        yield (removed, "", "") if tag == "equal" else ("", removed, added)


def _joined(edits: Iterable[_Edit]) -> Iterator[Piece]:
    """Yield the pieces of all edits; changes with only a space between them become one, as a reader sees them."""
    same = removed = added = ""
    for kept, out, put_in in edits:
        if kept:
            same += kept
        elif same.isspace() and (removed or added):
            removed, added, same = removed + same + out, added + same + put_in, ""
        else:
            yield from _pieces(removed, added, same)
            same, removed, added = "", out, put_in
    yield from _pieces(removed, added, same)


def _pieces(removed: str, added: str, same: str) -> Iterator[Piece]:
    kinds = ((PieceKind.REMOVED, removed), (PieceKind.ADDED, added), (PieceKind.SAME, same))
    return (Piece(kind, text) for kind, text in kinds if text)


def _is_same(piece: Piece) -> bool:
    return piece.kind is PieceKind.SAME


def _shortened(piece: Piece, head: int, tail: int) -> Piece:
    """Keep some words at the start and at the end of a piece, unless that leaves out one word at most."""
    words = [word.span() for word in re.finditer(r"\S+", piece.text)]
    if len(words) <= head + tail + 1:
        return piece
    start = f"{piece.text[: words[head - 1][1]]} " if head else ""
    end = f" {piece.text[words[-tail][0] :]}" if tail else ""
    return Piece(piece.kind, f"{start}…{end}")
