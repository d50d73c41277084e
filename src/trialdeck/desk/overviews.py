"""The overview of the project for Home, made in the background: it takes a second for a thousand trials.

A page does not wait long for it: it shows the last one that was made, and asks for the new one.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request

import trialdeck as td
from trialdeck.desk.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Shown:
    """An overview, or why there is none; `is_current` says whether the disk is still as it was when it was made.

    `state` stands for what the disk was like then.
    """

    overview: td.Overview | None = None
    error: td.TrialdeckError | None = None
    is_current: bool = False
    state: str = ""


class Overviews:
    """Makes overviews, one at a time, and keeps the last one."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._last = Shown()
        self._making: tuple[str, Future[Shown]] | None = None
        self.progress: td.Progress | None = None

    def shown(self, patience: float) -> Shown:
        """Return the overview of the disk as it is now; if that takes longer than `patience` seconds, the last one."""
        state = self._disk()
        with self._lock:
            if state == self._last.state:
                return self._last
            making = self._made_for(state)
        done, _ = wait([making], timeout=patience)
        if done:
            return making.result()
        return replace(self._last, is_current=False)

    def _made_for(self, state: str) -> "Future[Shown]":
        """Return the overview of a state of the disk that is being made, or begin it."""
        if self._making is None or self._making[0] != state:
            future: Future[Shown] = Future()
            self._making = (state, future)
            # The process may end while it is being made.
            threading.Thread(target=self._make, args=[state, future], name="overview", daemon=True).start()
        return self._making[1]

    def _make(self, state: str, future: "Future[Shown]") -> None:
        with self._turn:
            if not self._is_wanted(future):
                future.set_result(replace(self._last, is_current=False))
                return
            try:
                shown = Shown(td.overview(self._workspace.project, progress=self._hear), is_current=True, state=state)
            except td.TrialdeckError as error:
                shown = Shown(None, error, is_current=True, state=state)
            except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
                future.set_exception(error)
                self._give_up(future)
                return
            finally:
                self.progress = None
        with self._lock:
            self._last = shown
        future.set_result(shown)

    def _give_up(self, future: "Future[Shown]") -> None:
        """Let the next one who asks begin anew; what was asked for of a later state is still to be made."""
        with self._lock:
            if self._making is not None and self._making[1] is future:
                self._making = None

    def _is_wanted(self, future: "Future[Shown]") -> bool:
        """Tell whether nobody has asked for a later state since: who types must not have one made for each change."""
        with self._lock:
            return self._making is not None and self._making[1] is future

    def _hear(self, progress: td.Progress) -> None:
        if self._workspace.ended.is_set():
            raise td.TrialdeckError("the desk has ended")
        self.progress = progress

    def _disk(self) -> str:
        """Return a digest of the names, sizes and times of all files that the overview depends on."""
        digest = sha256()
        for folder in (self._workspace.seeds, self._workspace.decks):
            for line in sorted(_files(folder)):
                digest.update(line)
        return digest.hexdigest()


def overviews_of(request: Request) -> Overviews:
    """Return the overviews of the desk."""
    overviews: Overviews = request.app.state.overviews
    return overviews


def _files(folder: Path) -> Iterator[bytes]:
    waiting = [os.fsencode(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif not entry.name.startswith(b".") and not entry.name.endswith(b".apkg"):
                status = entry.stat(follow_symlinks=False)
                yield b"%s\0%d\0%d\n" % (entry.path, status.st_size, status.st_mtime_ns)
