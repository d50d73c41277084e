"""Look for news after a sync, at most once a day, and offer them when no review is going on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aqt import gui_hooks
from aqt.qt import QTimer

from ..core import TrialdeckError
from . import profile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..core.subscriptions import Subscription

DAY = 24 * 60 * 60
_SOON = 3000
"""After how many milliseconds a look begins, so that the start of Anki is over."""


class DailyLook:
    """Looks, and keeps what it has found until the learner is back from his reviews."""

    def __init__(self) -> None:
        self._is_closing = False
        self._is_looking = False
        self._found: dict[str, str] = {}

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
        self._without_sync()

    def _closing(self) -> None:
        # Anki syncs once more when a profile is closed; that is no time for an update.
        self._is_closing = True

    def _without_sync(self) -> None:
        """Look at the start, or at the beginning of a day, for those who never sync."""
        if not profile.window().pm.sync_auth():
            self._synced()

    def _synced(self) -> None:
        if not self._is_closing:
            QTimer.singleShot(_SOON, self.look)

    def look(self) -> None:
        """Look for news if the learner wants it and it is time."""
        if self._is_closing or self._is_looking or not profile.is_open():
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
            op=lambda _: _news_of(subscriptions),
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

    def _looked(self, folder: Path, found: tuple[dict[str, str], list[Exception]]) -> None:
        if self._is_gone(folder):
            return
        news, errors = found
        for error in errors:
            profile.log_error(error)
        if not errors:
            self._remember()
        self._found = news
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
        if not self._found or self._is_closing or window.state not in {"deckBrowser", "overview"}:
            return
        from .widgets import ask
        from .windows.subscriptions import is_window_open

        found, self._found = self._found, {}
        if is_window_open():
            return
        text = "\n".join([*found.values(), "", "Update now? Nothing that you wrote is lost, and Undo takes it back."])
        ask(window, text, "Update", lambda: _update(list(found)), name="trialdeck-offer")


def _news_of(subscriptions: Sequence[Subscription]) -> tuple[dict[str, str], list[Exception]]:
    """Return a line for each subscription with news, by address, and the errors of others; it uses the network."""
    from ..core.address import parse_address
    from ..core.fetch import fetch_feed
    from ..core.json_form import counted

    lines: dict[str, str] = {}
    errors: list[Exception] = []
    for each in subscriptions:
        try:
            feed = fetch_feed(parse_address(each.address))
        except TrialdeckError as error:
            errors.append(error)
            continue
        decks = each.news(feed)
        if decks:
            lines[each.address] = (
                f"{feed.name}: edition {feed.edition} is there, with news in {counted(len(decks), 'deck')}."
            )
    return lines, errors


def _update(addresses: list[str]) -> None:
    from .windows.subscriptions import open_window

    open_window().update_these(addresses)
