"""Serve the desk to the author's browser, until Ctrl-C or Quit."""

import os
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import uvicorn

import trialdeck as td
from trialdeck.desk.app import create_app
from trialdeck.desk.doors import open_door
from trialdeck.desk.guard import Door
from trialdeck.desk.watch import watching
from trialdeck.desk.workspace import Workspace

_PATIENCE = 2
"""How many seconds requests that still run at the end may take."""


def serve(  # noqa: PLR0913 - the options of the command, and how it tells what happens
    folder: Path,
    announce: Callable[[str], object],
    report: Callable[[Exception], object],
    *,
    cache: Path,
    port: int = 0,
    opens: bool = True,
) -> None:
    """Serve the desk of a folder until Ctrl-C or Quit.

    Args:
        folder: The folder of a project, or one where a project is to begin.
        announce: Tells the author the address, with its token.
        report: Tells the author of an error that no view expects.
        cache: The folder of the cache.
        port: The port; if it is 0, the one of the last session, or a free one.
        opens: Whether the address is opened in the browser.

    Raises:
        TrialdeckError: The folder is missing or cannot be written, or the port is not free.
    """
    home = _usable(folder)
    door, listening = open_door(home, cache, port)
    with listening, TemporaryDirectory(prefix="trialdeck-desk-", ignore_cleanup_errors=True) as scratch:
        workspace = Workspace(home, Path(scratch), cache)
        server = _Server(workspace, door, report)
        announce(door.address)
        if opens:
            # Some browsers hold up who starts them.
            threading.Thread(target=webbrowser.open, args=[door.address_with(door.new_ticket())], daemon=True).start()
        with watching(workspace), suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that ends the streams of events first: it would wait for them."""

    def __init__(self, workspace: Workspace, door: Door, report: Callable[[Exception], object]) -> None:
        app = create_app(workspace, door, self.end, report)
        super().__init__(
            uvicorn.Config(
                app,
                ws="none",
                lifespan="off",
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_PATIENCE,
            )
        )
        self._workspace = workspace

    def end(self) -> None:
        """End the desk cleanly."""
        self._workspace.end()
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the streams, and then the server, on Ctrl-C and on a request of the system to end."""
        self._workspace.end()
        super().handle_exit(sig, frame)


def _usable(folder: Path) -> Path:
    """Return the real path of the folder."""
    if not folder.is_dir():
        hint = f"begin a project there with `trialdeck init {folder}`, or name the folder of a project"
        raise td.TrialdeckError(f"there is no folder {folder}", hint)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise td.TrialdeckError(f"{folder} cannot be written", "see that you may write there, or name another folder")
    return folder.resolve()
