"""What a feed has that a learner has not: newer editions of the decks that he follows, and what there is to choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .feed import Feed, FeedDeck
    from .subscriptions import Subscription


@dataclass(frozen=True)
class News:
    """The decks with an edition that the learner has not, and the ids of those that the feed has no more."""

    decks: tuple[FeedDeck, ...]
    gone: tuple[str, ...]


def news_of(subscription: Subscription, feed: Feed) -> News:
    """Compare what was applied with what there is."""
    found = [(name, feed.deck(name)) for name in subscription.decks]
    decks = tuple(deck for _, deck in found if deck and _is_newer(deck, subscription))
    return News(decks, tuple(name for name, deck in found if not deck))


def _is_newer(deck: FeedDeck, subscription: Subscription) -> bool:
    seen = subscription.seen.get(deck.id)
    return seen is None or deck.changed > seen.changed


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


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun: 1 note, 2 notes."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
