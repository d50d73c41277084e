"""The open profile: its settings, its log, and its main window."""

from __future__ import annotations

import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aqt

from ..core import TrialdeckError
from ..core.subscriptions import Settings, Store, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable

    from aqt.main import AnkiQt


def window() -> AnkiQt:
    """Return Anki's main window."""
    assert aqt.mw is not None
    return aqt.mw


def store() -> Store:
    """Return the files of the profile."""
    return Store(Path(window().pm.profileFolder()))


def settings() -> Settings:
    """Return the settings of the profile; if their file is damaged, it has been put aside, and the learner is told."""
    found, warning = store().load()
    if warning:
        _warn(warning)
    return found


def subscriptions() -> tuple[Subscription, ...]:
    """Return the subscriptions, with what is known of the updates that the collection has."""
    from ..core.updating.traces import as_applied

    return tuple(as_applied(window().col, each) for each in settings().subscriptions)


def _warn(warning: str) -> None:
    from .widgets import show_message

    log(warning)
    show_message(window(), warning)


def change(how: Callable[[Settings], Settings]) -> Settings:
    """Change the settings as they are on the disk now, and return them; raises TrialdeckError if the disk refuses."""
    found, warning = store().load()
    if warning and store().path.exists():
        # It was not put aside: what is written now would replace it.
        raise TrialdeckError(warning)
    changed = how(found)
    store().save(changed)
    return changed


def choose(**options: Any) -> Settings:
    """Change some options of the profile."""
    return change(lambda found: replace(found, **options))


def log(line: str) -> None:
    """Add a line to the log of the profile."""
    store().log(line, time.time())


def log_error(error: BaseException) -> None:
    """Add an error to the log, with where it came from unless it is one that says what to do."""
    if isinstance(error, TrialdeckError):
        log(str(error))
        return
    for line in traceback.format_exception(type(error), error, error.__traceback__):
        log(line)


def is_open() -> bool:
    """Tell whether a profile is open, so that its collection may be used."""
    return aqt.mw is not None and aqt.mw.col is not None
