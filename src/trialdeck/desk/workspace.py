"""What the views work on: one folder, read anew by each request."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import msgspec

import trialdeck as td
from trialdeck.desk.events import Events

_ENDINGS = {".yaml", ".yml", ".json"}
_State = tuple[int, int] | None
"""The size of a file and the time of its last change; None if there is no file."""


@dataclass(slots=True)
class Workspace:
    """The folder of a project, and what one session of the desk keeps about it.

    `folder` need not be a project yet. `scratch` is for uploads: it is private, and removed at the end of the session.
    `reviewer` is the name by which reviews are signed, once it was given. `events` tells open pages what changes;
    `ended` is set when the desk ends, and long work should end then.
    """

    folder: Path
    scratch: Path
    cache: Path | None = None
    reviewer: str = ""
    events: Events = field(default_factory=Events)
    ended: threading.Event = field(default_factory=threading.Event)
    _locks: dict[str, threading.RLock] = field(default_factory=dict, repr=False)
    _locks_lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _written: dict[str, _State] = field(default_factory=dict, repr=False)
    _title: tuple[_State, str] = (None, "")
    _checked: dict[Path, int] = field(default_factory=dict, repr=False)
    # The clock makes the numbers of a desk that was started again greater than those of the one before.
    _readings: Iterator[int] = field(default_factory=lambda: count(time.monotonic_ns() // 1000), repr=False)

    @property
    def project(self) -> td.Project:
        """The project, with the cache; each call on it reads the disk.

        Raises TrialdeckError if a link in it leads out of the folder: nothing outside may be read.
        """
        project = td.load(self.folder, workers=0, cache=self.cache)
        # A new entry changes the time of its folder.
        if not self._checked or any(_changed_at(folder) != at for folder, at in self._checked.items()):
            checked = {folder: _changed_at(folder) for folder in self._folders()}
            if links := td.links_out(project):
                message = f"{links[0]} is a link that leads out of the folder"
                raise td.TrialdeckError(message, "put the file itself in its place, or remove the link")
            self._checked = checked
        return project

    @property
    def is_project(self) -> bool:
        """Whether the folder is a project already."""
        return self.seeds.is_dir()

    @property
    def has_records(self) -> bool:
        """Whether there is any record."""
        return any(path.suffix in _ENDINGS for path in self.seeds.rglob("*"))

    @property
    def seeds(self) -> Path:
        """The folder of the records."""
        return self.folder / "seeds"

    @property
    def decks(self) -> Path:
        """The folder of settings, deck definitions and packages."""
        return self.folder / "decks"

    @property
    def title(self) -> str:
        """What the collection is called: the deck above all decks, or else the folder."""
        file = self.decks / "project.yaml"
        state = _state_of(file)
        if state is None or file.is_symlink() or self.decks.is_symlink():
            return self.folder.name
        if state != self._title[0]:
            root = td.settings(td.load(self.folder)).project.values.get("root")
            self._title = (state, root if isinstance(root, str) else "")
        return self._title[1] or self.folder.name

    def record_path(self, name: str) -> Path:
        """Return the file of a record, which need not exist.

        Args:
            name: The path below the folder of records, with `/` between its parts.

        Raises:
            TrialdeckError: The name is no name of a record, or leads out of the folder of records.
        """
        return td.record_path(td.load(self.folder), name)

    def _folders(self) -> Iterator[Path]:
        yield self.folder
        for home in (self.seeds, self.decks):
            for path, _, _ in os.walk(home):
                yield Path(path)

    def record_name(self, path: Path) -> str:
        """Return the name of a record: its path below the folder of records."""
        return path.relative_to(self.seeds).as_posix()

    def named(self, problem: td.Problem) -> td.Problem:
        """Return a problem that names other records as pages do: by their paths below the folder of records."""
        message, hint = (self.without_folder(text) for text in (problem.message, problem.hint))
        return msgspec.structs.replace(problem, message=message, hint=hint)

    def without_folder(self, text: str) -> str:
        """Return a message that calls files as pages do: by their paths below the folder of records, or the project."""
        for folder in (self.seeds, self.folder):
            text = text.replace(f"{folder}{os.sep}", "").replace(f"{folder.as_posix()}/", "")
        return text

    def end(self) -> None:
        """End the streams of events and long work."""
        self.ended.set()
        self.events.close()

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock of a record, or of anything else with a name: read, compare and write in one go."""
        with self._locks_lock:
            lock = self._locks.setdefault(name, threading.RLock())
        with lock:
            yield

    def reading(self) -> int:
        """Return a number greater than all before: of two answers about a record, it tells which was read later.

        Call this while the lock of the record is held, so that nothing is written between reading and numbering.
        """
        return next(self._readings)

    def wrote(self, name: str, tab: str = "") -> None:
        """Tell the open pages that the desk has written or removed a record.

        Call this while the lock of the record is held. `tab` is the page that asked for it; see `pages.tab_of`.
        """
        self._written[name] = _state_of(self.seeds / name)
        self.events.tell({"record": name, "tab": tab})

    def changed(self, path: Path) -> None:
        """Tell the open pages that a file was changed, unless it was the desk that did it."""
        below = next((path.relative_to(home) for home in (self.seeds, self.decks) if home in path.parents), None)
        if below is None or any(part.startswith(".") for part in below.parts):
            return
        if self.decks in path.parents or path.suffix not in _ENDINGS:
            self.events.tell({"file": path.relative_to(self.folder).as_posix(), "outside": True})
            return
        name = below.as_posix()
        with self.lock(name):
            is_own = name in self._written and self._written[name] == _state_of(path)
        if not is_own:
            self.events.tell({"record": name, "outside": True})


def _changed_at(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return 0


def _state_of(path: Path) -> _State:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
