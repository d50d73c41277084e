"""Which words two texts have in common, in a time that a learner can wait."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_PAIRS = 4_000_000
"""The most pairs of equal words that are looked at: more would freeze Anki's windows for seconds."""


def opcodes(left: Sequence[str], right: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Return how one list of words becomes another, in the form of difflib.

    Of two texts that are too large to compare, all between the first and the last difference differs.
    """
    counts = Counter(right)
    if sum(counts[word] for word in left) <= _MOST_PAIRS:
        return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    ends = len(left) - end, len(right) - end
    codes = [
        ("equal", 0, start, 0, start),
        ("replace", start, ends[0], start, ends[1]),
        ("equal", ends[0], len(left), ends[1], len(right)),
    ]
    return [code for code in codes if code[1] < code[2] or code[3] < code[4]]


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many words two lists begin with alike."""
    least = min(len(left), len(right))
    return next((number for number in range(least) if left[number] != right[number]), least)
