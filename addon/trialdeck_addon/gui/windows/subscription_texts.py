"""What the window of the subscriptions says of each: in a line, and in full."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...core.json_form import counted, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.feed import Feed, FeedDeck
    from ...core.subscriptions import Subscription

_MOST_NAMED = 10
"""How many new decks a question names."""


def summary_of(subscription: Subscription) -> str:
    """Return what a subscription is, as a line."""
    decks = counted(len(subscription.decks), "deck")
    editions = sorted({seen.edition for seen in subscription.seen.values()})
    yours = f"you have {editions[-1]}" if editions else "not fetched yet"
    return f"{subscription.name} · {decks} · {yours}"


def state_of(subscription: Subscription, feed: Feed | None) -> str:
    """Return whether there is something new, as a line; no feed while it is being fetched."""
    if feed is None:
        return "Looking for news…"
    news = subscription.news(feed)
    if news:
        return f"New: edition {feed.edition} in {counted(len(news), 'deck')}."
    if subscription.waiting:
        return f"Nothing new. {counted(subscription.waiting, 'note waits', 'notes wait')} for your answer."
    fresh = subscription.fresh(feed)
    if fresh:
        return f"Nothing new in your decks. {counted(len(fresh), 'new deck')} to choose."
    return "Nothing new."


def offer_of(feed: Feed, decks: Sequence[FeedDeck]) -> str:
    """Return the question whether to follow decks that are new on a page, as plain text."""
    lines = [f"{shortened(deck.name)} ({counted(deck.notes, 'note')})" for deck in decks[:_MOST_NAMED]]
    lines += [f"and {len(decks) - _MOST_NAMED:,} more"] if len(decks) > _MOST_NAMED else []
    which = "it" if len(decks) == 1 else "them"
    return "\n".join(
        [f"{shortened(feed.name)} has {counted(len(decks), 'new deck')}:", *lines, "", f"Follow {which} as well?"]
    )


def details_html(subscription: Subscription, feed: Feed | None) -> str:
    """Return the decks of a subscription as HTML."""
    parts = [f"<p>{escape(subscription.address)}</p>"]
    if feed is None:
        return "".join(parts)
    for name in subscription.decks:
        deck = feed.deck(name)
        parts.append(_deck(deck, subscription) if deck else _gone(name))
    parts += map(_fresh, subscription.fresh(feed))
    return "".join(parts)


def _deck(deck: FeedDeck, subscription: Subscription) -> str:
    seen = subscription.seen.get(deck.id)
    yours = f"you have {seen.edition}, there is {deck.edition}" if seen else f"there is {deck.edition}"
    counts = f"{counted(deck.notes, 'note')}, {counted(deck.cards, 'card')}"
    is_new = seen is None or deck.changed > seen.changed
    what = escape(deck.changes.text).replace("\n", "<br>") if is_new else "Nothing new."
    return f"<p><b>{escape(deck.name)}</b> ({counts})<br>{escape(yours)}</p><p>{what}</p>"


def _fresh(deck: FeedDeck) -> str:
    counts = f"{counted(deck.notes, 'note')}, {counted(deck.cards, 'card')}"
    return f"<p><b>{escape(deck.name)}</b> ({counts})<br>New here. Choose decks… lets you follow it.</p>"


def _gone(name: str) -> str:
    return f"<p><b>{escape(name)}</b><br>The page has this deck no more. Your cards stay.</p>"
