"""The window that says what an update did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aqt

from ...core.json_form import counted
from .. import profile
from ..widgets import Window, button, label, row, view
from .plan import plan_html

if TYPE_CHECKING:
    from aqt.qt import QWidget

    from ...core.fetch import Edition
    from ...core.update import Report
    from ..update_flow import UpdateFlow


_MOST = 500
"""How many notes a search names one by one."""


class ReportWindow(Window):
    """The window; the notes that were written are one press away in Anki's browser."""

    def __init__(self, parent: QWidget, flow: UpdateFlow, report: Report) -> None:
        super().__init__(parent, "Updated", "trialdeck-report", (480, 420))
        tags = tags_of(flow.edition) if flow.edition else ""
        self._search = search_of(flow.note_ids, tags)
        self.column.addWidget(label(report.subscription.name, is_title=True))
        self.column.addWidget(label(report.words, name="words"))
        notes = view("notes")
        notes.setAccessibleName("Notes")
        notes.setHtml(plan_html(flow.plan))
        self.column.addWidget(notes, 1)
        words = [f"All notes that this edition has changed: {tags}"] if tags else []
        words += ["Edit → Undo in Anki's main window takes the update back."] if report.changes else []
        fresh = report.subscription.fresh(flow.edition.feed) if flow.edition else ()
        words += (
            [f"The page has {counted(len(fresh), 'new deck')}: Tools → Trialdeck… → Choose decks…"] if fresh else []
        )
        self.column.addWidget(label("\n".join(words), name="hints"))
        show = button("Show in browser", "browse", self._browse)
        show.setEnabled(bool(self._search))
        self.column.addLayout(row(show, None, button("Close", "close", self.accept, is_default=True)))

    def _browse(self) -> None:
        aqt.dialogs.open("Browser", profile.window(), search=(self._search,))


def tags_of(edition: Edition) -> str:
    """Return the search for the notes that the newest editions of these decks have changed."""
    names = sorted({package.deck.edition for package in edition.packages})
    return " or ".join(f'"tag:trialdeck::edition::{name}"' for name in names)


def search_of(note_ids: tuple[int, ...], tags: str) -> str:
    """Return the search for the notes that were written; by their tags if they are too many to name each."""
    if not note_ids:
        return ""
    return f"nid:{','.join(map(str, note_ids))}" if len(note_ids) <= _MOST else tags
