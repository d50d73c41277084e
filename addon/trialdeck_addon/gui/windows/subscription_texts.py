"""What the window of the subscriptions says of each: in a line, and in full."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...core.json_form import counted

if TYPE_CHECKING:
    from ...core.feed import Feed, FeedDeck
    from ...core.subscriptions import Subscription


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
    return "Nothing new."


def details_html(subscription: Subscription, feed: Feed | None) -> str:
    """Return the decks of a subscription as HTML."""
    parts = [f"<p>{escape(subscription.address)}</p>"]
    if feed is None:
        return "".join(parts)
    for name in subscription.decks:
        deck = feed.deck(name)
        parts.append(_deck(deck, subscription) if deck else _gone(name))
    return "".join(parts)


def _deck(deck: FeedDeck, subscription: Subscription) -> str:
    seen = subscription.seen.get(deck.id)
    yours = f"you have {seen.edition}, there is {deck.edition}" if seen else f"there is {deck.edition}"
    counts = f"{counted(deck.notes, 'note')}, {counted(deck.cards, 'card')}"
    is_new = seen is None or deck.changed > seen.changed
    what = escape(deck.changes.text).replace("\n", "<br>") if is_new else "Nothing new."
    return f"<p><b>{escape(deck.name)}</b> ({counts})<br>{escape(yours)}</p><p>{what}</p>"


def _gone(name: str) -> str:
    return f"<p><b>{escape(name)}</b><br>The page has this deck no more. Your cards stay.</p>"
