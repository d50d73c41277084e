"""What the add-on does when Anki starts: it adds its menus, and listens for the end of a sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqt import dialogs

from . import menus
from .daily import DailyLook

if TYPE_CHECKING:
    from aqt.main import AnkiQt


def install() -> None:
    """Add the menus and the daily look."""
    menus.install()
    DailyLook().install()
    dialogs.register_dialog("Trialdeck", _window)


def _window(parent: AnkiQt) -> object:
    """Make the window; Anki's manager of dialogs keeps one of it, and closes it with the profile."""
    from .windows.subscriptions import SubscriptionsWindow

    return SubscriptionsWindow(parent)
