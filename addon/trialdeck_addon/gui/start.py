"""What the add-on does when Anki starts: it adds its menus, and listens for the end of a sync. Nothing else is imported."""

from __future__ import annotations

from aqt import dialogs

from . import menus
from .daily import DailyLook


def install() -> None:
    """Add the menus and the daily look."""
    menus.install()
    DailyLook().install()
    dialogs.register_dialog("Trialdeck", _window)


def _window(parent: object) -> object:
    """Make the window of the subscriptions, of which Anki's manager of dialogs keeps one, and closes it with the profile."""
    from .subscriptions_window import SubscriptionsWindow

    return SubscriptionsWindow(parent)
