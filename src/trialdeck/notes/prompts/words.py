"""The words of prompts, and how much alike two prompts are."""

import re
from typing import TypeVar

_T = TypeVar("_T")

_WORD = re.compile(r"[^\W_]+(?:[.·'’-][^\W_]+)*")
# What a question is made of, whatever it is about.
_COMMON = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "did", "do", "does", "for", "from",
    "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "may", "more", "most", "not", "of", "on",
    "or", "over", "so", "such", "than", "that", "the", "their", "them", "they", "this", "to", "under", "versus",
    "vs", "was", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "should", "could",
})  # fmt: skip


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters, in their order."""
    return [word.casefold() for word in _WORD.findall(text)]


def telling_words(text: str) -> frozenset[str]:
    """Return the words of a text that say what it is about."""
    return frozenset(words_of(text)) - _COMMON


def likeness(one: frozenset[_T], other: frozenset[_T]) -> float:
    """Return how much two sets of words have in common, from 0 to 1: the Jaccard index."""
    return len(one & other) / len(one | other) if one or other else 1.0
