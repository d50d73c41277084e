"""Hear of what an editor, git or the command line changes in the folder, and tell the open pages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from watchfiles import watch

from trialdeck.desk.workspace import Workspace

_LATER = 0.5
"""After how many seconds it is looked again whether there is a project by now."""


@contextmanager
def watching(workspace: Workspace) -> Iterator[None]:
    """Tell open pages of each change in the records and settings until the end of the block."""
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=[workspace, stop], name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=2)


def _watch(workspace: Workspace, stop: threading.Event) -> None:
    while not stop.is_set():
        places = [folder for folder in (workspace.seeds, workspace.decks) if folder.is_dir()]
        # A folder may go while it is watched: then look again.
        with suppress(OSError, RuntimeError):
            _watch_places(workspace, places, stop)
        stop.wait(_LATER)


def _watch_places(workspace: Workspace, places: list[Path], stop: threading.Event) -> None:
    """Watch folders until the end, or until there are others to watch."""
    if not places:
        return
    for changes in watch(*places, stop_event=stop, debounce=200, rust_timeout=1000, yield_on_timeout=True):
        for path in sorted({Path(name) for _, name in changes}):
            workspace.changed(path)
        if places != [folder for folder in (workspace.seeds, workspace.decks) if folder.is_dir()]:
            return
