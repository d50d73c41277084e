"""The window of *Tools → Trialdeck…*: what the learner follows, what is new there, and what he has chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aqt
from aqt import gui_hooks
from aqt.operations import QueryOp
from aqt.qt import (
    QCheckBox,
    QComboBox,
    QGroupBox,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    Qt,
    QVBoxLayout,
    qconnect,
)

from ...core import TrialdeckError
from ...core.address import moved, parse_address
from ...core.fetch import fetch_feed
from .. import profile
from ..new_decks import offer_decks
from ..updates import Updates
from ..widgets import NAME, Window, ask, button, error_line, label, row, show_error, view
from .subscription_texts import details_html, state_of, summary_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from anki.collection import OpChanges
    from aqt.main import AnkiQt

    from ...core.feed import Feed
    from ...core.subscriptions import Settings, Subscription

RETIRED = {
    "keep": "Keep them as they are, marked as retired",
    "suspend": "Suspend their cards",
    "remove": "Remove them",
}
"""What a learner may want of notes that the authors have withdrawn."""


class SubscriptionsWindow(Window):
    """The window. It looks for news when it is opened; only *Update now* and *Add…* change the collection."""

    def __init__(self, parent: AnkiQt) -> None:
        super().__init__(parent, NAME, "trialdeck", (560, 600))
        self._feeds: dict[str, Feed] = {}
        self._faults: dict[str, str] = {}
        self._updates = Updates(self, progressed=self._show_progress, refreshed=self.refresh, updated=self._updated)
        self._make_list()
        self._make_options()
        self.column.addLayout(
            row(button("Log…", "log", self._show_log), None, button("Close", "close", self.close))
        )  # fmt: skip
        self.show()
        self.refresh()
        self.look()
        gui_hooks.operation_did_execute.append(self._executed)

    # What is to be seen

    def _make_list(self) -> None:
        self._empty = label(
            "You follow no decks yet. Choose Add…, and paste the address of a page with decks that Trialdeck has made.",
            name="empty",
        )
        self._list = QListWidget()
        self._list.setObjectName("subscriptions")
        self._list.setAccessibleName("Subscriptions")
        self._list.setWordWrap(True)
        self._list.setAlternatingRowColors(True)
        qconnect(self._list.currentRowChanged, lambda _: self._show_details())
        self._details = view("details")
        self._details.setAccessibleName("Decks of the subscription")
        self._bar = QProgressBar()
        self._bar.setObjectName("bar")
        self._bar.setAccessibleName("How far the download is")
        self._stop = button("Stop", "stop", self._updates.stop)
        self._update = button("Update now", "update", self.update_all, is_default=True)
        self._see = button("What would change…", "see", self._see_first)
        self._decks = button("Choose decks…", "decks", self._choose_decks)
        self._remove = button("Remove…", "remove", self._ask_to_remove)
        self._again = button("Look again", "look", self.look)
        self.column.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self._list, 1)
        self.column.addWidget(self._details, 2)
        self.column.addLayout(row(self._bar, self._stop))
        self.column.addLayout(row(button("Add…", "add", self._add), self._again, None, self._update))
        self.column.addLayout(row(self._see, self._decks, self._remove, None))

    def _make_options(self) -> None:
        found = profile.settings()
        box = QGroupBox("In this profile")
        inner = QVBoxLayout(box)
        self._offer = QCheckBox("Tell me after a sync if there is something new (at most once a day)")
        self._offer.setObjectName("offer")
        self._offer.setChecked(found.offer_after_sync)
        qconnect(self._offer.toggled, lambda is_on: self._choose(offer_after_sync=is_on))
        self._retired = QComboBox()
        self._retired.setObjectName("retired")
        for value, text in RETIRED.items():
            self._retired.addItem(text, value)
        self._retired.setCurrentIndex(self._retired.findData(found.retired))
        qconnect(self._retired.currentIndexChanged, lambda _: self._choose(retired=self._retired.currentData()))
        words = label("Notes that the authors have withdrawn:")
        words.setBuddy(self._retired)
        inner.addWidget(self._offer)
        inner.addWidget(words)
        inner.addWidget(self._retired)
        inner.addLayout(row(button("Notes that stay as you have them…", "kept", self._show_kept), None))
        self.column.addWidget(box)

    def _choose(self, **options: Any) -> None:
        self._change(lambda found: replace(found, **options))

    def _change(self, how: Callable[[Settings], Settings]) -> bool:
        """Change the settings, or say why the disk refuses, and tell whether they were changed."""
        try:
            profile.change(how)
        except TrialdeckError as error:
            show_error(self, error)
            return False
        return True

    def refresh(self) -> None:
        """Show the subscriptions as the settings have them, and what is known of their feeds."""
        subscriptions = profile.subscriptions()
        chosen = max(self._list.currentRow(), 0)
        self._list.clear()
        for each in subscriptions:
            self._list.addItem(QListWidgetItem(f"{summary_of(each)}\n{self._state(each)}"))
        self._list.setCurrentRow(min(chosen, len(subscriptions) - 1))
        self._empty.setVisible(not subscriptions)
        self._list.setVisible(bool(subscriptions))
        self._details.setVisible(bool(subscriptions))
        is_busy = self._updates.is_busy
        self._bar.setVisible(is_busy)
        self._stop.setVisible(is_busy)
        for each_button in (self._update, self._see, self._decks, self._remove, self._again):
            each_button.setEnabled(bool(subscriptions) and not is_busy)
        self._show_details()

    def _state(self, subscription: Subscription) -> str:
        return self._faults.get(subscription.address) or state_of(subscription, self._feeds.get(subscription.address))

    def _show_details(self) -> None:
        subscription = self._current()
        self._details.setHtml(details_html(subscription, self._feeds.get(subscription.address)) if subscription else "")

    def _current(self) -> Subscription | None:
        subscriptions = profile.subscriptions()
        number = self._list.currentRow()
        return subscriptions[number] if 0 <= number < len(subscriptions) else None

    def _executed(self, changes: OpChanges, _handler: object | None) -> None:
        """Show what the collection has after an undo or a redo, which may be of an update."""
        if (changes.note or changes.notetype) and not self.is_closed and not self._updates.is_busy:
            self.refresh()

    # Looking for news

    def look(self) -> None:
        """Fetch the feeds; each is shown when it is there."""
        for each in profile.settings().subscriptions:
            self._faults.pop(each.address, None)
            self._look_at(each.address)

    def _look_at(self, address: str) -> None:
        def shown(feed: Feed) -> None:
            self._feeds[address] = feed
            self._after_look()
            target = moved(parse_address(address), feed.moved_to)
            if target is not None and not self.is_closed:
                self._offer_move(address, feed.name, target.text)
            else:
                self._offer_decks(address, feed)

        def failed(error: Exception) -> None:
            self._faults[address] = error_line(error)
            profile.log_error(error)
            self._after_look()

        operation = QueryOp(parent=self, op=lambda _: fetch_feed(parse_address(address)), success=shown)
        operation.without_collection().failure(failed).run_in_background()

    def _after_look(self) -> None:
        if not self.is_closed:
            self.refresh()

    def _offer_decks(self, address: str, feed: Feed) -> None:
        """Offer new decks, unless an update is on its way: its report says that there are some."""
        subscription = profile.settings().subscription(address) if not self.is_closed else None
        fresh = subscription.fresh(feed) if subscription and not self._updates.is_busy else ()
        if fresh:
            offer_decks(self, address, feed, fresh, lambda follows: self._answered(address, follows))

    def _answered(self, address: str, follows: bool) -> None:
        self.refresh()
        if follows:
            self.update_these([address])

    def _offer_move(self, address: str, name: str, target: str) -> None:
        text = f"{name} has moved to {target}. Follow it there? Your cards stay as they are."
        ask(self, text, "Follow", lambda: self._move(address, target), name="trialdeck-moved")

    def _move(self, address: str, target: str) -> None:
        if self._change(lambda settings: settings.with_moved(address, target)):
            self.refresh()
            self.look()

    # Updating

    def update_all(self) -> None:
        """Update all subscriptions, one after the other."""
        self.update_these([each.address for each in profile.settings().subscriptions])

    def update_these(self, addresses: list[str]) -> None:
        """Update the subscriptions to these addresses, one after the other."""
        self._updates.begin(addresses)

    def _see_first(self) -> None:
        current = self._current()
        if current is not None:
            self._updates.begin([current.address], shows_first=True)

    def _show_progress(self, done: int, of: int) -> None:
        self._bar.setRange(0, of)
        self._bar.setValue(done)

    def _updated(self, address: str, feed: Feed) -> None:
        self._feeds[address] = feed
        self._faults.pop(address, None)

    # The other windows

    def _add(self) -> None:
        from .add import AddWindow

        AddWindow(self, None, self._added).open()

    def _choose_decks(self) -> None:
        from .add import AddWindow

        AddWindow(self, self._current(), self._added).open()

    def _added(self, subscription: Subscription) -> None:
        if self._change(lambda found: found.with_choice(subscription)):
            self.refresh()
            self.update_these([subscription.address])

    def _ask_to_remove(self) -> None:
        current = self._current()
        if current is not None:
            text = f"Stop following {current.name}? Your cards stay as they are, and get no more updates."
            ask(self, text, "Remove", lambda: self._remove_now(current.address), name="trialdeck-remove")

    def _remove_now(self, address: str) -> None:
        if self._change(lambda found: found.without(address)):
            profile.log(f"removed the subscription to {address}")
            self.refresh()

    def _show_kept(self) -> None:
        from .kept import KeptWindow

        KeptWindow(self).open()

    def _show_log(self) -> None:
        from .log import LogWindow

        LogWindow(self).open()

    def done(self, result: int) -> None:
        """Stop what is on its way; Anki's manager of dialogs has to know that the window is closed."""
        self._updates.stop()
        gui_hooks.operation_did_execute.remove(self._executed)
        aqt.dialogs.markClosed(NAME)
        super().done(result)


def open_window() -> SubscriptionsWindow:
    """Open the window, or bring it to the front."""
    window: SubscriptionsWindow = aqt.dialogs.open(NAME, profile.window())
    return window


def is_window_open() -> bool:
    """Tell whether the window is open, and so says itself what is new."""
    return bool(aqt.dialogs._dialogs[NAME][1])
