"""Two texts word by word: which words only one of them has."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from .matching import opcodes
from .pieces import text_of, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Run:
    """A stretch of a text, and whether the other text has it not."""

    text: str
    is_own: bool


def differences(mine: str, theirs: str) -> tuple[list[Run], list[Run]]:
    """Compare two plain texts by words."""
    left, right = words_of(mine), words_of(theirs)
    own_left, own_right = [True] * len(left), [True] * len(right)
    for kind, start, end, other, other_end in opcodes(left, right):
        if kind == "equal":
            own_left[start:end] = [False] * (end - start)
            own_right[other:other_end] = [False] * (other_end - other)
    return _runs(left, own_left), _runs(right, own_right)


def field_differences(mine: str, theirs: str) -> tuple[list[Run], list[Run]]:
    """Compare two fields by what a reader sees; by their HTML if a reader sees the same."""
    seen = text_of(mine), text_of(theirs)
    return differences(*seen) if seen[0] != seen[1] else differences(mine, theirs)


def _runs(words: Sequence[str], own: list[bool]) -> list[Run]:
    """Join words to runs; a space between two words that only this text has belongs to them."""
    for number, word in enumerate(words):
        if word == " " and 0 < number < len(words) - 1 and own[number - 1] and own[number + 1]:
            own[number] = True
    runs: list[Run] = []
    for word, is_own in zip(words, own):
        if runs and runs[-1].is_own == is_own:
            runs[-1] = Run(runs[-1].text + word, is_own)
        else:
            runs.append(Run(word, is_own))
    return runs


def marked(runs: Sequence[Run], colour: str) -> str:
    """Return runs as HTML; what only this text has is bold on a coloured ground, so that colour alone says nothing."""
    return "".join(_marked(run, colour) for run in runs)


def _marked(run: Run, colour: str) -> str:
    text = escape(run.text).replace("\n", "<br>")
    return f'<b style="background-color: {colour}"><u>{text}</u></b>' if run.is_own else text
