"""Where the add-on is found in Anki: the Tools menu, the menus and keys of the reviewer and of the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aqt import gui_hooks
from aqt.qt import QAction, QKeySequence, qconnect

from . import profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from aqt.browser.browser import Browser
    from aqt.qt import QMenu
    from aqt.reviewer import Reviewer

SUGGEST = "Suggest a correction…"
KEY = "Ctrl+Shift+K"
"""The key for it: no other of Anki 24.11 to 26.9."""


def install() -> None:
    """Add the menus. What they open is imported when it is opened, so that Anki starts no later for it."""
    window = profile.window()
    action = QAction("Trial&deck…", window)
    action.setObjectName("trialdeck")
    qconnect(action.triggered, lambda _=False: _open_window())
    window.form.menuTools.addAction(action)
    gui_hooks.reviewer_will_show_context_menu.append(_in_reviewer)
    gui_hooks.state_shortcuts_will_change.append(_keys)
    gui_hooks.browser_menus_did_init.append(_in_browser)
    gui_hooks.browser_will_show_context_menu.append(_in_browser_context)


def _open_window() -> None:
    from .windows.subscriptions import open_window

    open_window()


def _in_reviewer(reviewer: Reviewer, menu: QMenu) -> None:
    card = reviewer.card
    if card is not None and _is_ours(card.note().mid):
        menu.addSeparator()
        action = menu.addAction(SUGGEST)
        assert action is not None
        action.setShortcut(QKeySequence(KEY))
        qconnect(action.triggered, lambda _=False: _suggest_in_reviewer())


def _keys(state: str, shortcuts: list[tuple[str, Callable[[], Any]]]) -> None:
    if state == "review":
        shortcuts.append((KEY, _suggest_in_reviewer))


def _suggest_in_reviewer() -> None:
    card = profile.window().reviewer.card
    if card is not None:
        _suggest(profile.window(), card.nid)


def _in_browser(browser: Browser) -> None:
    action = QAction(SUGGEST, browser)
    action.setObjectName("trialdeck-suggest")
    action.setShortcut(QKeySequence(KEY))
    qconnect(action.triggered, lambda _=False: _suggest_in_browser(browser))
    browser.form.menu_Notes.addSeparator()
    browser.form.menu_Notes.addAction(action)


def _in_browser_context(browser: Browser, menu: QMenu) -> None:
    notes = browser.selected_notes()
    if len(notes) == 1 and _is_ours(browser.col.get_note(notes[0]).mid):
        menu.addSeparator()
        action = menu.addAction(SUGGEST)
        assert action is not None
        qconnect(action.triggered, lambda _=False: _suggest_in_browser(browser))


def _suggest_in_browser(browser: Browser) -> None:
    """Suggest for the note that is selected, once the editor has saved what is being typed."""
    from .widgets import show_message

    notes = browser.selected_notes()
    if len(notes) != 1:
        show_message(browser, "Select one note first.")
    elif browser.editor is not None:
        browser.editor.call_after_note_saved(lambda: _suggest(browser, notes[0]), keepFocus=True)
    else:
        _suggest(browser, notes[0])


def _suggest(parent: Any, note_id: int) -> None:
    from .windows.suggest import suggest

    suggest(parent, note_id)


def _is_ours(type_id: int) -> bool:
    from ..core.note_types import NOTE_TYPES

    return type_id in NOTE_TYPES
