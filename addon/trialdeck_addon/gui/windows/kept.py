"""The window with the notes that stay as the learner has them, and the way back: to be asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqt.operations import CollectionOp
from aqt.qt import QListWidget, QListWidgetItem, Qt, qconnect

from ...core.updating.kept import KeptNote, ask_again, kept_notes, without_answers
from .. import profile
from ..widgets import Window, button, label, row, show_error

if TYPE_CHECKING:
    from aqt.qt import QWidget

_NOTE = Qt.ItemDataRole.UserRole


class KeptWindow(Window):
    """The window. A note that is asked for again keeps its text until the learner takes that of the authors."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Notes that stay as you have them", "trialdeck-kept", (520, 420))
        self._words = label(name="words")
        self._list = QListWidget()
        self._list.setObjectName("notes")
        self._list.setAccessibleName("Notes")
        self._list.setWordWrap(True)
        self._list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        qconnect(self._list.itemSelectionChanged, self._show_choice)
        self._again = button("Ask me again", "again", self._ask_again)
        self.column.addWidget(self._words)
        self.column.addWidget(self._list, 1)
        self.column.addLayout(row(self._again, None, button("Close", "close", self.accept, is_default=True)))
        self._fill()

    def _fill(self) -> None:
        self._list.clear()
        found = kept_notes(profile.window().col, profile.subscriptions())
        for note in found:
            item = QListWidgetItem(f"{note.label}  ({'always' if note.is_always else 'until it changes again'})")
            item.setData(_NOTE, note)
            self._list.addItem(item)
        self._words.setText(
            "The authors have changed these notes, and you have chosen your own text. Select those that you want to be "
            "asked for again at the next update."
            if found
            else "There are none. A note comes here if you answer “mine” when an update asks you."
        )
        self._show_choice()

    def _show_choice(self) -> None:
        self._again.setEnabled(bool(self._list.selectedItems()))

    def _ask_again(self) -> None:
        notes: list[KeptNote] = [item.data(_NOTE) for item in self._list.selectedItems()]
        operation = CollectionOp(self, lambda col: ask_again(col, notes))
        operation.success(lambda _: self._forget(notes)).failure(lambda error: show_error(self, error))
        operation.run_in_background()

    def _forget(self, notes: list[KeptNote]) -> None:
        try:
            profile.change(lambda settings: without_answers(settings, notes))
        except Exception as error:  # noqa: BLE001 - the disk may refuse in any way; the learner sees it
            show_error(self, error)
        self._fill()
