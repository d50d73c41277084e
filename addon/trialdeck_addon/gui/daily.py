"""Look for news after a sync, at most once a day, and offer them when no review is going on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aqt import gui_hooks
from aqt.qt import QTimer

from ..core import TrialdeckError
from . import profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..core.feed import Feed
    from ..core.subscriptions import Subscription
    from ..core.updating.news import News
    from .arrived import ArrivalCheck

DAY = 24 * 60 * 60
_SOON = 3000
"""After how many milliseconds a look begins, so that the start of Anki is over."""


class DailyLook:
    """Looks, and keeps what it has found until the learner is back from his reviews."""

    def __init__(self) -> None:
        self._is_closing = False
        self._is_looking = False
        self._found: dict[str, News] = {}
        self._fresh: dict[str, News] = {}
        self._check: ArrivalCheck | None = None

    def install(self) -> None:
        """Listen to Anki. Before 26.9 it does not tell when a day begins; the next sync or start does instead."""
        gui_hooks.profile_did_open.append(self._opened)
        gui_hooks.profile_will_close.append(self._closing)
        gui_hooks.sync_did_finish.append(self._synced)
        gui_hooks.state_did_change.append(lambda _new, _old: self._offer())
        if hasattr(gui_hooks, "day_did_change"):
            gui_hooks.day_did_change.append(self._without_sync)

    def _opened(self) -> None:
        self._is_closing = False
        self._found.clear()
        self._fresh.clear()
        self._check = None
        self._without_sync()

    def _closing(self) -> None:
        # Anki syncs once more when a profile is closed; that is no time for an update.
        self._is_closing = True
        if self._check is not None:
            self._check.stop()

    def _without_sync(self) -> None:
        """Look at the start, or at the beginning of a day, for those who never sync."""
        if not profile.window().pm.sync_auth():
            self._synced()

    def _synced(self) -> None:
        if not self._is_closing:
            QTimer.singleShot(_SOON, self.look)

    def look(self) -> None:
        """Look for news if the learner wants it and it is time."""
        if self._is_closing or self._is_looking or self._check is not None or not profile.is_open():
            return
        settings = profile.settings()
        due = time.time() - settings.looked_at
        if settings.offer_after_sync and settings.subscriptions and not 0 <= due < DAY:
            self._is_looking = True
            self._look_at(settings.subscriptions)

    def _look_at(self, subscriptions: Sequence[Subscription]) -> None:
        from aqt.operations import QueryOp

        folder = profile.store().folder
        operation = QueryOp(
            parent=profile.window(),
            op=lambda _: _feeds_of(subscriptions),
            success=lambda found: self._looked(folder, found),
        )
        operation.without_collection().failure(lambda error: self._failed(folder, error)).run_in_background()

    def _is_gone(self, folder: Path) -> bool:
        """Tell whether the profile of a look is closed. Another one has subscriptions of its own, and is looked at."""
        self._is_looking = False
        if self._is_closing or not profile.is_open():
            return True
        if profile.store().folder == folder:
            return False
        self._without_sync()
        return True

    def _failed(self, folder: Path, error: Exception) -> None:
        if not self._is_gone(folder):
            profile.log_error(error)

    def _looked(self, folder: Path, found: tuple[dict[str, Feed], list[Exception]]) -> None:
        from ..core.updating.news import news_of

        if self._is_gone(folder):
            return
        feeds, errors = found
        for error in errors:
            profile.log_error(error)
        if not errors:
            self._remember()
        col, subscriptions = profile.window().col, profile.settings().subscriptions
        news = [news_of(col, each, feeds[each.address]) for each in subscriptions if each.address in feeds]
        self._found = {each.subscription.address: each for each in news if each.decks and not each.may_be_here}
        self._fresh = {each.subscription.address: each for each in news if each.fresh}
        self._make_sure([each for each in news if each.may_be_here])

    def _make_sure(self, unsure: Sequence[News]) -> None:
        """Offer what was found, once it is known which of these editions another device has brought."""
        if not unsure:
            self._offer()
            return
        from .arrived import ArrivalCheck

        self._check = ArrivalCheck(unsure, self._arrived)
        self._check.start()

    def _arrived(self, new: Sequence[News]) -> None:
        self._check = None
        self._found.update({each.subscription.address: each for each in new})
        self._offer()

    def _remember(self) -> None:
        """Remember that it was looked at today; a disk that refuses is no reason to stop."""
        try:
            profile.choose(looked_at=int(time.time()))
        except TrialdeckError as error:
            profile.log_error(error)

    def _offer(self) -> None:
        """Offer what was found, unless the learner is at a review or has the window open."""
        window = profile.window()
        if not (self._found or self._fresh) or self._is_closing or window.state not in {"deckBrowser", "overview"}:
            return
        from .widgets import ask
        from .windows.subscriptions import is_window_open

        found, fresh = _as_of_now(self._found), _as_of_now(self._fresh)
        self._found, self._fresh = {}, {}
        if is_window_open():
            return
        found = {address: news for address, news in found.items() if news.decks}
        fresh = {address: news for address, news in fresh.items() if news.fresh}
        if found:
            # The report of the update says that there are new decks; they are offered once nothing else is.
            lines = [each.line for each in found.values()]
            text = "\n".join([*lines, "", "Update now? Nothing that you wrote is lost, and Undo takes it back."])
            ask(window, text, "Update", lambda: _update(list(found)), name="trialdeck-offer")
        else:
            for each in fresh.values():
                _offer_decks(each)


def _as_of_now(found: Mapping[str, News]) -> dict[str, News]:
    """Compare feeds once more: the learner may have updated, answered or unsubscribed since the look."""
    from ..core.updating.news import news_of

    col, settings = profile.window().col, profile.settings()
    pairs = [(settings.subscription(address), news.feed) for address, news in found.items()]
    return {each.address: news_of(col, each, feed) for each, feed in pairs if each}


def _offer_decks(news: News) -> None:
    from .new_decks import offer_decks

    address = news.subscription.address

    def answered(follows: bool) -> None:
        if follows:
            _update([address])

    offer_decks(profile.window(), address, news.feed, news.fresh, answered)


def _feeds_of(subscriptions: Sequence[Subscription]) -> tuple[dict[str, Feed], list[Exception]]:
    """Return the feeds of subscriptions by address, and the errors of others; it uses the network."""
    from ..core.address import parse_address
    from ..core.fetch import fetch_feed

    feeds: dict[str, Feed] = {}
    errors: list[Exception] = []
    for each in subscriptions:
        try:
            feed = fetch_feed(parse_address(each.address))
        except TrialdeckError as error:
            errors.append(error)
            continue
        feeds[each.address] = feed
    return feeds, errors


def _update(addresses: list[str]) -> None:
    from .windows.subscriptions import open_window

    open_window().update_these(addresses)
