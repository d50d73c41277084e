"""What a learner may choose of a feed: groups of decks, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .feed import Feed, FeedDeck


@dataclass(frozen=True)
class Group:
    """The decks of one definition, of which a learner chooses one group: other groups may hold the same notes."""

    id: str
    name: str
    decks: tuple[FeedDeck, ...]

    @property
    def notes(self) -> int:
        """The number of notes in all of its decks."""
        return sum(deck.notes for deck in self.decks)


def groups_of(feed: Feed) -> tuple[Group, ...]:
    """Return the groups, the one first that a learner is offered: with the most notes, in the fewest decks."""
    by_id: dict[str, list[FeedDeck]] = {}
    for deck in feed.decks:
        by_id.setdefault(deck.group, []).append(deck)
    groups = [Group(name, _name_of(decks), tuple(decks)) for name, decks in by_id.items()]
    return tuple(sorted(groups, key=lambda group: (-group.notes, len(group.decks), group.id)))


def _name_of(decks: Sequence[FeedDeck]) -> str:
    """Return the deck above all decks of a group, without the one above all groups; the name of the only deck."""
    if len(decks) == 1:
        return decks[0].name
    above = {deck.name.rpartition(" › ")[0] for deck in decks}
    return next(iter(above)) if len(above) == 1 and above != {""} else decks[0].group


def size_text(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(size / 1000, 0.1):.1f} kB"
