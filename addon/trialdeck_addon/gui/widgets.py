"""Labels, views and buttons as all windows of the add-on have them.

Names and texts of decks come from the network: they are shown as plain text, or escaped.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from aqt.qt import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QResizeEvent,
    QSize,
    QSizePolicy,
    Qt,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
    qconnect,
)
from aqt.theme import theme_manager

from ..core import TrialdeckError
from . import profile

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "Trialdeck"
MINE = {"light": "#ffe3a8", "dark": "#6b4e00"}
"""The ground of words that only the learner's text has."""
THEIRS = {"light": "#bfe3ff", "dark": "#0b4a75"}
"""The ground of words that only the authors' text has."""


def colour(colours: dict[str, str]) -> str:
    """Return the colour for the look that Anki has now."""
    return colours["dark" if theme_manager.night_mode else "light"]


def label(text: str = "", *, name: str = "", is_title: bool = False) -> QLabel:
    """Return a label of plain text that breaks its lines and can be copied."""
    made = QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    # A label that breaks its lines asks for much width and little height, and would be cut off in a narrow window.
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if is_title:
        font = made.font()
        font.setBold(True)
        made.setFont(font)
    return made


def view(name: str) -> QTextBrowser:
    """Return a view of HTML that we have made; it follows no link."""
    made = QTextBrowser()
    made.setObjectName(name)
    made.setOpenLinks(False)
    made.setTabChangesFocus(True)
    return made


class GrowingBox(QPlainTextEdit):
    """A box for plain text that is as high as its text, between a few lines and many."""

    def __init__(self, text: str, *, least: int, most: int) -> None:
        super().__init__()
        self._least, self._most = least, most
        self.setTabChangesFocus(True)
        self.setPlainText(text)
        qconnect(self.textChanged, self._fit)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Fit the height to the lines that the new width gives."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        document = self.document()
        assert document is not None
        # The height of a document of plain text is counted in lines.
        lines = min(max(round(document.size().height()), self._least), self._most)
        edges = 2 * (self.frameWidth() + round(document.documentMargin())) + 4
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + edges)


def text_box(name: str, text: str = "", *, is_fixed: bool = False, lines: int = 4) -> QPlainTextEdit:
    """Return a box for plain text that takes the room that there is; Tab leaves it."""
    made = QPlainTextEdit(text)
    made.setObjectName(name)
    made.setReadOnly(is_fixed)
    made.setTabChangesFocus(True)
    made.setMinimumHeight(made.fontMetrics().lineSpacing() * lines + 12)
    return made


def button(text: str, name: str, pressed: Callable[[], object], *, is_default: bool = False) -> QPushButton:
    """Return a button; Return presses the default one."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAutoDefault(is_default)
    made.setDefault(is_default)
    qconnect(made.clicked, lambda _=False: pressed())
    return made


def row(*parts: QWidget | None) -> QHBoxLayout:
    """Return widgets beside each other; None is a space that grows."""
    made = QHBoxLayout()
    for part in parts:
        if part is None:
            made.addStretch(1)
        else:
            made.addWidget(part)
    return made


def line() -> QFrame:
    """Return a line between two parts of a window."""
    made = QFrame()
    made.setFrameShape(QFrame.Shape.HLine)
    made.setFrameShadow(QFrame.Shadow.Sunken)
    return made


class Window(QDialog):
    """A window of the add-on. It is closed with the profile, and Escape closes it."""

    silentlyClose = True  # noqa: N815 - so Anki calls it

    def __init__(self, parent: QWidget, title: str, name: str, size: tuple[int, int]) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName(name)
        self.column = QVBoxLayout(self)
        self._fit(size)

    def _fit(self, size: tuple[int, int]) -> None:
        """Take the size, which is for letters of the usual height, as far as the screen has room for it."""
        scale = max(1.0, self.fontMetrics().height() / 17)
        wanted = QSize(int(size[0] * scale), int(size[1] * scale))
        screen = self.screen()
        self.resize(wanted.boundedTo(screen.availableSize()) if screen else wanted)

    @property
    def is_closed(self) -> bool:
        """Whether the window or the profile is closed: what comes from a thread then has no place any more."""
        return not self.isVisible() or not profile.is_open()


class _Box(QMessageBox):
    silentlyClose = True  # noqa: N815 - so Anki calls it


def show_message(parent: QWidget, text: str, *, details: str = "", name: str = "trialdeck-message") -> QMessageBox:
    """Show a message that does not stop anything else; the details are behind a button."""
    box = _Box(parent)
    box.setObjectName(name)
    box.setWindowTitle(NAME)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setDetailedText(details)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def show_error(parent: QWidget, error: BaseException) -> QMessageBox:
    """Show an error as one line, with where it came from behind a button, and log it."""
    profile.log_error(error)
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return show_message(parent, error_line(error), details=details, name="trialdeck-error")


def error_line(error: BaseException) -> str:
    """Return an error as one line."""
    if isinstance(error, TrialdeckError):
        return str(error)
    return f"Trialdeck has met an error that it does not know, and has stopped: {type(error).__name__}: {error}"


def ask(parent: QWidget, text: str, yes: str, on_yes: Callable[[], object], *, name: str) -> QMessageBox:
    """Ask whether to do something."""
    box = show_message(parent, text, name=name)
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    box.addButton(button(yes, "yes", on_yes, is_default=True), QMessageBox.ButtonRole.AcceptRole)
    return box
