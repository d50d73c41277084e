"""The window in which a learner begins to follow decks, or chooses others of the same page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aqt.operations import QueryOp
from aqt.qt import (
    QFileDialog,
    QLineEdit,
    QProgressBar,
    Qt,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
    qconnect,
)
from aqt.theme import theme_manager

from ...core.choice import groups_of, size_text
from ...core.finding import find_feed
from ...core.json_form import counted
from ...core.subscriptions import Subscription
from .. import profile
from ..widgets import Window, button, error_line, label, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...core.address import Address
    from ...core.choice import Group
    from ...core.feed import Feed

_ID = Qt.ItemDataRole.UserRole
Check = Qt.CheckState


class AddWindow(Window):
    """The window: an address, what is there, and which of its decks to follow.

    Args:
        parent: The window before it.
        subscription: The one whose decks are chosen anew, or None for a new one.
        subscribe: Is given what the learner has chosen.
    """

    def __init__(
        self, parent: QWidget, subscription: Subscription | None, subscribe: Callable[[Subscription], object]
    ) -> None:
        title = "Choose decks" if subscription else "Follow decks"
        super().__init__(parent, title, "trialdeck-add", (520, 520))
        self._former = subscription
        self._subscribe = subscribe
        self._address: Address | None = None
        self._feed: Feed | None = None
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        self._make_address()
        self._make_decks()
        self._agree = button("Choose" if subscription else "Subscribe", "subscribe", self._agreed)
        self._agree.setEnabled(False)
        self.column.addLayout(row(None, button("Cancel", "cancel", self.reject), self._agree))
        if subscription:
            self._line.setText(subscription.address)
            self._line.setReadOnly(True)
            self._folder.setVisible(False)
            self._look()

    def _make_address(self) -> None:
        self._line = QLineEdit()
        self._line.setObjectName("address")
        self._line.setPlaceholderText("https://example.org/decks/")
        self._line.setClearButtonEnabled(True)
        words = label("Address of the page with the decks, or a folder on this computer:")
        words.setBuddy(self._line)
        self._folder = button("Folder…", "folder", self._choose_folder)
        self._go = button("Look", "look", self._look, is_default=True)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setVisible(False)
        self._said = label(name="said")
        self.column.addWidget(words)
        self.column.addWidget(self._line)
        self.column.addLayout(row(self._folder, None, self._go))
        self.column.addWidget(self._busy)
        self.column.addWidget(self._said)

    def _make_decks(self) -> None:
        self._name = label(name="name", is_title=True)
        self._about = label(name="about")
        self._decks = QTreeWidget()
        self._decks.setObjectName("decks")
        self._decks.setAccessibleName("Decks")
        self._decks.setHeaderLabels(["Deck", "Notes", "Size"])
        self._decks.setUniformRowHeights(True)
        _outline_boxes(self._decks)
        qconnect(self._decks.itemChanged, self._checked)
        self._hint = label(name="hint")
        for part in (self._name, self._about):
            self.column.addWidget(part)
        self.column.addWidget(self._decks, 1)
        self.column.addWidget(self._hint)

    # Looking

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "The folder of the site")
        if folder:
            self._line.setText(folder)
            self._look()

    def _look(self) -> None:
        text = self._line.text()
        self._busy.setVisible(True)
        self._go.setEnabled(False)
        self._said.setText("")
        operation = QueryOp(parent=self, op=lambda _: find_feed(text), success=lambda found: self._found(*found))
        operation.without_collection().failure(self._failed).run_in_background()

    def _failed(self, error: Exception) -> None:
        profile.log_error(error)
        if not self.is_closed:
            self._show_busy_no_more()
            self._said.setText(error_line(error))
            self._line.setFocus()
            self._line.selectAll()

    def _show_busy_no_more(self) -> None:
        self._busy.setVisible(False)
        self._go.setEnabled(True)

    def _found(self, address: Address, feed: Feed) -> None:
        if self.is_closed:
            return
        self._show_busy_no_more()
        self._address, self._feed = address, feed
        self._line.setText(address.text)
        self._name.setText(feed.name)
        self._about.setText(_about(feed, address))
        self._fill(groups_of(feed))
        self._agree.setDefault(True)
        self._decks.setFocus()

    # Choosing

    def _fill(self, groups: tuple[Group, ...]) -> None:
        self._decks.blockSignals(True)
        self._decks.clear()
        self._groups = []
        for number, group in enumerate(groups):
            top = QTreeWidgetItem([group.name, f"{group.notes:,}", ""])
            self._decks.addTopLevelItem(top)
            items = [top if len(group.decks) == 1 else QTreeWidgetItem(top) for _ in group.decks]
            self._groups.append((top, items))
            top.setFlags(top.flags() | Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable)
            for deck, item in zip(group.decks, items):
                name = deck.name if item is top else deck.name.rpartition(" › ")[2]
                for column, text in enumerate([name, f"{deck.notes:,}", size_text(deck.package.size)]):
                    item.setText(column, text)
                item.setData(0, _ID, deck.id)
                item.setCheckState(0, Check.Checked if self._is_chosen(deck.id, number) else Check.Unchecked)
            top.setExpanded(len(group.decks) < 9)
        for column in range(3):
            self._decks.resizeColumnToContents(column)
        self._decks.blockSignals(False)
        self._show_choice()

    def _is_chosen(self, deck_id: str, group: int) -> bool:
        """Tell whether a deck is chosen at first: those that were chosen before, or the first group."""
        return deck_id in self._former.decks if self._former else group == 0

    def _checked(self, changed: QTreeWidgetItem, _column: int) -> None:
        """Take the other groups out: they hold the same notes, and Anki shows a note in one deck only."""
        top = changed.parent() or changed
        if changed.checkState(0) != Check.Unchecked:
            self._decks.blockSignals(True)
            for other in (item for group, items in self._groups if group is not top for item in (group, *items)):
                other.setCheckState(0, Check.Unchecked)
            self._decks.blockSignals(False)
        self._show_choice()

    def _show_choice(self) -> None:
        feed, chosen = self._feed, self._chosen()
        if feed is None:
            return
        decks = [deck for deck in feed.decks if deck.id in chosen]
        size = size_text(sum(deck.package.size for deck in decks) + feed.published.size)
        cards = counted(sum(deck.cards for deck in decks), "card")
        words = f"{counted(len(decks), 'deck')}, {cards}, {size} to fetch." if decks else "Choose a deck."
        if len({deck.group for deck in feed.decks}) > 1:
            words += " The groups may hold the same notes, so you follow one of them."
        self._hint.setText(words)
        self._agree.setEnabled(bool(chosen))

    def _chosen(self) -> tuple[str, ...]:
        items = [item for _, items in self._groups for item in items]
        return tuple(item.data(0, _ID) for item in items if item.checkState(0) == Check.Checked)

    def _agreed(self) -> None:
        assert self._feed is not None
        assert self._address is not None
        known = self._former or profile.settings().subscription(self._address.text)
        name = self._feed.name or self._address.text
        new = Subscription(self._address.text, name, (), report=self._feed.report)
        seen = tuple(deck.id for deck in self._feed.decks)
        chosen = replace(known or new, name=name, decks=self._chosen(), report=self._feed.report, known=seen)
        self.accept()
        self._subscribe(chosen)


def _outline_boxes(tree: QTreeWidget) -> None:
    """Let boxes that are not checked be seen on a dark ground: Anki draws their edges in its colour."""
    if theme_manager.night_mode:
        tree.setStyleSheet("QTreeView::indicator:unchecked { border: 1px solid #909090; border-radius: 2px }")


def _about(feed: Feed, address: Address) -> str:
    """Return who offers the decks, under which licence, and where corrections go, in lines."""
    lines = [
        f"From: {address.text}",
        f"Home page: {feed.homepage}" if feed.homepage else "",
        f"Edition: {feed.edition}",
        f"Licence: {feed.license or 'the page names none'}",
        f"Corrections go to: {feed.report}" if feed.report else "",
    ]
    return "\n".join(filter(None, lines))
