"""What a look at a feed finds for a learner: an edition to offer, and decks that have come to the groups he follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..json_form import counted
from ..note_types import NOTE_TYPES
from .merge import EDITION
from .traces import as_applied

if TYPE_CHECKING:
    from anki.collection import Collection

    from ..feed import Feed, FeedDeck
    from ..subscriptions import Subscription


@dataclass(frozen=True)
class News:
    """What a feed has: `decks` with a newer edition than is applied here, and `fresh` ones that are not followed.

    `may_be_here` says that the collection has notes of that edition: a sync or an import may have brought all of it.
    """

    subscription: Subscription
    feed: Feed
    decks: tuple[FeedDeck, ...]
    fresh: tuple[FeedDeck, ...]
    may_be_here: bool

    @property
    def line(self) -> str:
        """The offer of the edition."""
        return (
            f"{self.feed.name}: edition {self.feed.edition} is there, with news in {counted(len(self.decks), 'deck')}."
        )


def news_of(col: Collection, subscription: Subscription, feed: Feed) -> News:
    """Compare a feed with what the collection has of it."""
    applied = as_applied(col, subscription)
    decks = applied.news(feed)
    return News(subscription, feed, decks, applied.fresh(feed), any(_has_notes_of(col, deck.edition) for deck in decks))


def _has_notes_of(col: Collection, edition: str) -> bool:
    assert col.db is not None
    types = ",".join(map(str, NOTE_TYPES))
    query = f"select 1 from notes where mid in ({types}) and instr(tags, ?) limit 1"  # noqa: S608 - our own ids
    return bool(col.db.list(query, f" {EDITION}{edition} "))
