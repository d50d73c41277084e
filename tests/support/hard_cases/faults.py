"""What a command asks of the system when it writes: every call is counted, and one of them can fail or be the last."""

import errno
import io
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CALLS = ("open", "mkdir", "rmdir", "unlink", "remove", "rename", "replace", "link", "symlink", "chmod", "truncate")
CODES = {"create": errno.ENOSPC, "write": errno.ENOSPC, "mkdir": errno.ENOSPC, "fsync": errno.EIO}
"""How a call fails; all others are refused, every second time by a disk that is broken."""

Act = Callable[[int, str, str], str]
"""What becomes of a call (its number from 1 on, its name, the path).

It can `fail`; the process can be killed `before` or `after` it, or get an `interrupt` from the keyboard before it.
"""


class System:
    """The calls that change something below a folder, as `name path`; `act` says what becomes of each."""

    def __init__(self, root: Path, act: Act = lambda *_: "") -> None:
        self.root = os.fspath(root)
        self.act = act
        self.steps: list[str] = []
        self.folders: dict[int, str] = {}

    @contextmanager
    def watched(self) -> Iterator["System"]:
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, self._counted(name, getattr(os, name)))
            patch.setattr(os, "fsync", self._synced)
            for module in (io, sys.modules["builtins"]):
                patch.setattr(module, "open", self._opener(io.open))
            patch.setattr(tempfile, "tempdir", f"{self.root}/temporary")
            yield self

    @contextmanager
    def step(self, name: str, path: str, said: object = None) -> Iterator[None]:
        """Count a call below the folder, and let it fail as the system does, or the process end before or after it."""
        if not path.startswith(self.root):
            yield
            return
        self.steps.append(f"{name} {os.path.relpath(path, self.root)}")
        number = len(self.steps)
        what = self.act(number, name, path)
        if what == "fail":
            code = CODES.get(name, (errno.EACCES, errno.EIO)[number % 2])
            raise OSError(code, os.strerror(code), *([said] if said is not None else []))
        if what == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "interrupt":
            signal.raise_signal(signal.SIGINT)
        try:
            yield
        finally:
            if what == "after":
                os.kill(os.getpid(), signal.SIGKILL)

    def _path(self, path: Any, folder: int | None) -> str:
        said = self.folders.get(path, "") if isinstance(path, int) else os.fsdecode(path)
        return os.fspath(Path(self.folders.get(folder, "") if folder is not None else Path.cwd(), said))

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Any, *arguments: Any, **more: Any) -> Any:
            place = self._path(path, more.get("dir_fd"))
            with self.step(name, place, path):
                result = call(path, *arguments, **more)
            if name == "open":
                self.folders[result] = place
            return result

        return counted

    def _synced(self, descriptor: int) -> None:
        # Nothing is lost by these kills, so that the disk need not be waited for.
        with self.step("fsync", os.fspath(Path(f"/proc/self/fd/{descriptor}").readlink())):
            os.fstat(descriptor)

    def _opener(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
            place = "" if isinstance(path, int) else self._path(path, None)
            if "opener" in more or set(mode) <= set("rbt") or not place.startswith(self.root):
                return call(path, mode, *arguments, **more)
            with self.step("create", place, path):
                file = _Halves(path, mode.replace("b", "").replace("t", ""), self, place)
            binary = io.BufferedRandom(file) if "+" in mode else io.BufferedWriter(file)
            return binary if "b" in mode else io.TextIOWrapper(binary, encoding="utf-8")

        return opened


class _Halves(io.FileIO):
    """A file that takes half of what is written at first, so that a fault can strike in the middle of a content."""

    def __init__(self, path: Any, mode: str, system: System, place: str) -> None:
        super().__init__(path, mode)
        self.system = system
        self.place = place
        self.is_torn = False

    def write(self, content: Any) -> int:
        with self.system.step("write", self.place):
            part = bytes(content) if self.is_torn else bytes(content)[: (len(content) + 1) // 2]
            self.is_torn = True
            return super().write(part)


def at(moment: int, what: str) -> Act:
    """Let something become of one call."""
    return lambda number, *_: what if number == moment else ""
