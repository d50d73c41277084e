"""The window with the log: what the add-on did in this profile, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqt.qt import QTextCursor
from aqt.utils import openFolder

from .. import profile
from ..widgets import Window, button, label, row, text_box

if TYPE_CHECKING:
    from pathlib import Path

    from aqt.qt import QWidget

_MOST = 200_000
"""How many of its last bytes are shown."""


class LogWindow(Window):
    """The window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Log", "trialdeck-log", (640, 420))
        path = profile.store().log_path
        self.column.addWidget(label("What Trialdeck did in this profile. It stays on this computer."))
        shown = text_box("lines", tail_of(path) or "Nothing yet.", is_fixed=True, lines=10)
        shown.setAccessibleName("Log")
        shown.moveCursor(QTextCursor.MoveOperation.End)
        self.column.addWidget(shown, 1)
        folder = button("Open its folder", "folder", lambda: openFolder(str(path.parent)))
        self.column.addLayout(row(folder, None, button("Close", "close", self.accept, is_default=True)))


def tail_of(path: Path) -> str:
    """Return the end of a log; empty if there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ""
    return data[-_MOST:].decode(errors="replace").strip()
