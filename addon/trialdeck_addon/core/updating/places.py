"""In which deck of the learner's new cards belong: where their siblings lie, under whatever name.

Anki knows decks by their names when it imports, so a deck that the learner has renamed or moved would come back.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def siblings_places(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the learner's deck for decks of a package; `pairs` are the two names of the deck of each known card."""
    counts: dict[str, Counter[str]] = {}
    for packed, local in pairs:
        counts.setdefault(packed, Counter())[local] += 1
    return {packed: _most(local) for packed, local in counts.items()}


def place_of(name: str, known: Mapping[str, str]) -> str:
    """Return the name of the learner's deck for a deck of a package.

    A deck that is not among the `known` ones goes where those beside it went, if these kept the ends of their names.
    """
    if name in known:
        return known[name]
    for above in _above(name):
        moved = Counter(_start(known[other], other[len(above) :]) for other in known if _is_at(other, above))
        moved.pop("", None)
        if moved:
            return _most(moved) + name[len(above) :]
    return name


def _above(name: str) -> Iterator[str]:
    """Yield the decks above a deck, the nearest first."""
    while "::" in name:
        name = name.rpartition("::")[0]
        yield name


def _is_at(name: str, above: str) -> bool:
    return name == above or name.startswith(f"{above}::")


def _start(name: str, end: str) -> str:
    return name[: len(name) - len(end)] if name.endswith(end) and len(name) > len(end) else ""


def _most(counts: Counter[str]) -> str:
    """Return what is counted most often; of several, the first by name, so that every run says the same."""
    return min(counts, key=lambda name: (-counts[name], name))
