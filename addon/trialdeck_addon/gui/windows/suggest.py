"""The window in which a learner corrects a card, says why, and sees all that will be sent, before it goes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import aqt.utils
from aqt.qt import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
    qconnect,
)

from ...core import TrialdeckError
from ...core.suggest import Draft, Letter, Way, Words, draft_of, letter
from ...texts.pieces import PICTURE, text_of
from ...texts.rewrite import rewritten
from .. import profile
from ..widgets import GrowingBox, Window, button, label, line, row, show_error, text_box

if TYPE_CHECKING:
    from aqt.qt import QPlainTextEdit

_GOES = {
    (Way.MAIL, True): (
        "Your mail program opens a new mail to {report} with this text. It goes when you send it there.",
        "Open the mail",
    ),
    (Way.MAIL, False): (
        (
            "Your mail program opens a new mail to {report}. The text is too long to be filled in, so it is copied: "
            "paste it there, or save it as a file and attach that. It goes when you send it there."
        ),
        "Copy it, and open the mail",
    ),
    (Way.ISSUE, True): (
        "Your browser opens {report} with this text. It goes when you send it there.",
        "Open the page",
    ),
    (Way.ISSUE, False): (
        "Your browser opens {report}. The text is copied: paste it there. It goes when you send it there.",
        "Copy it, and open the page",
    ),
    (Way.FILE, False): (
        "These decks name no address for corrections. Save this as a file, and send it to their authors.",
        "Save it as a file…",
    ),
}
"""How a suggestion goes its way, and what the button says, by the way and by whether the address brings the text."""


class FieldEditor(QWidget):
    """One field of a note: its text as a reader sees it, or its HTML for those who ask for it."""

    def __init__(self, name: str, html: str) -> None:
        super().__init__()
        self.name = name
        self._html = html
        self._text = text_of(html)
        self._shows_html = False
        self.box = GrowingBox(self._text, least=1, most=12)
        self.box.setObjectName(f"field-{name}")
        title = label(name)
        title.setBuddy(self.box)
        self.box.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self.box)

    @property
    def html(self) -> str:
        """The field as it should be."""
        shown = self.box.toPlainText()
        if self._shows_html:
            return shown
        return self._html if shown == self._text else rewritten(self._html, shown)

    def show_html(self, is_on: bool) -> None:
        """Show the field as HTML, or as text."""
        self._html = self.html
        self._text = text_of(self._html)
        self._shows_html = is_on
        self.box.setPlainText(self._html if is_on else self._text)


class SuggestWindow(Window):
    """The window; it has two pages, the second shows what will be sent."""

    def __init__(self, parent: QWidget, draft: Draft) -> None:
        super().__init__(parent, "Suggest a correction", "trialdeck-suggest", (560, 640))
        self._draft = draft
        self._letter: Letter | None = None
        self._pages = QStackedWidget()
        self.column.addWidget(self._pages)
        self._pages.addWidget(self._edit_page())
        self._pages.addWidget(self._send_page())

    # What should be there instead

    def _edit_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label("Write what the card should say. Your own card stays as it is.", name="words"))
        column.addWidget(self._fields(), 1)
        as_html = QCheckBox("Show the fields as &HTML")
        as_html.setObjectName("html")
        for editor in self._editors:
            qconnect(as_html.toggled, editor.show_html)
        column.addWidget(as_html)
        column.addWidget(line())
        self._reason = GrowingBox("", least=2, most=6)
        self._source, self._contributor = QLineEdit(), QLineEdit(profile.settings().contributor)
        self._source.setPlaceholderText("a DOI, a citation, an address")
        self._contributor.setPlaceholderText("if you want to be thanked")
        parts = [("&Why?", self._reason, "reason"), ("Where can it be &looked up?", self._source, "source"),
                 ("Your &name (may be empty)", self._contributor, "contributor")]  # fmt: skip
        for text, box, name in parts:
            title = label(text)
            title.setBuddy(box)
            box.setObjectName(name)
            box.setAccessibleName(text.replace("&", ""))
            column.addWidget(title)
            column.addWidget(box)
        self._said = label(name="said")
        column.addWidget(self._said)
        forward = button("See what will be sent", "next", self._see, is_default=True)
        column.addLayout(row(None, button("Cancel", "cancel", self.reject), forward))
        return page

    def _fields(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        shown = [(name, html) for name, html in self._draft.fields if text_of(html) not in {"", PICTURE}]
        self._editors = [FieldEditor(name, html) for name, html in shown]
        for editor in self._editors:
            column.addWidget(editor)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        return area

    # What will be sent

    def _send_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self._goes = label(name="goes")
        self._text: QPlainTextEdit = text_box("letter", is_fixed=True, lines=10)
        self._text.setAccessibleName("What will be sent")
        self._send = button("", "send", self._send_now)
        column.addWidget(label("This is all that will be sent:", is_title=True))
        column.addWidget(self._text, 1)
        column.addWidget(self._goes)
        column.addLayout(
            row(
                button("Back", "back", lambda: self._pages.setCurrentIndex(0)),
                None,
                button("Copy", "copy", self._copy),
                button("Save as a file…", "save", self._save),
                self._send,
            )
        )
        return page

    def _see(self) -> None:
        changed = {editor.name: editor.html for editor in self._editors}
        words = Words(
            changed, self._reason.toPlainText().strip(), self._source.text().strip(), self._contributor.text().strip()
        )
        try:
            self._letter = letter(self._draft, words, self._draft.report, self._draft.feed, date.today().isoformat())
        except TrialdeckError as error:
            self._said.setText(str(error))
            return
        self._said.setText("")
        self._remember(words.contributor)
        goes, press = _GOES[self._letter.way, self._letter.is_filled_in]
        self._goes.setText(goes.format(report=self._draft.report))
        self._text.setPlainText(self._letter.text)
        self._send.setText(press)
        self._pages.setCurrentIndex(1)
        self._send.setFocus()

    def _remember(self, name: str) -> None:
        if name != profile.settings().contributor:
            try:
                profile.choose(contributor=name)
            except TrialdeckError as error:
                profile.log_error(error)  # what the learner wants is to send the suggestion

    def _send_now(self) -> None:
        assert self._letter is not None
        way, is_filled_in = self._letter.way, self._letter.is_filled_in
        if way is Way.FILE:
            if not self._save():
                return
        else:
            if not is_filled_in:
                self._copy()
            aqt.utils.openLink(self._letter.address)
        self._done(f"a suggestion on {self._draft.key} was handed to {self._draft.report or 'the learner, as a file'}")

    def _copy(self) -> None:
        assert self._letter is not None
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self._letter.text)
        aqt.utils.tooltip("Copied", parent=self)

    def _save(self) -> bool:
        """Save the suggestion as a file that the learner chooses, and tell whether it was."""
        assert self._letter is not None
        name, _ = QFileDialog.getSaveFileName(self, "Save the suggestion", self._letter.file_name, "JSON (*.json)")
        if not name:
            return False
        try:
            Path(name).write_bytes(self._letter.file)
        except OSError as error:
            show_error(self, TrialdeckError(f"{name} cannot be written ({error.strerror}): choose another folder"))
            return False
        profile.log(f"a suggestion on {self._draft.key} was saved as {name}")
        return True

    def _done(self, line_of_log: str) -> None:
        profile.log(line_of_log)
        self.accept()
        aqt.utils.tooltip("Thank you for the correction", parent=self.parentWidget())


def suggest(parent: QWidget, note_id: int) -> None:
    """Open the window for a note, or say why there is nothing to suggest."""
    try:
        draft = draft_of(profile.window().col, note_id, profile.settings().subscriptions)
    except TrialdeckError as error:
        show_error(parent, error)
        return
    SuggestWindow(parent, draft).open()
