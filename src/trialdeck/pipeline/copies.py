"""Lend a folder for the copy of a package that Anki imports in its place."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import time

from trialdeck.files import ABANDONED
from trialdeck.interrupts import uninterrupted
from trialdeck.pipeline.anki_connect import NoAnswerError
from trialdeck.scratch import scratch_folder

PREFIX = ".trialdeck.push-"
"""How the names of these hidden folders begin."""


@contextmanager
def copy_folder(package: Path) -> Iterator[Path]:
    """Make a hidden folder beside a package and remove it at the end; where that is refused, make one elsewhere.

    Anki can read what lies beside the package, also where it sees only some folders of this machine. The folder stays
    where Anki may still be reading from it: a later call removes it, as it does what a killed one has left.
    """
    _remove_left(package.parent)
    with ExitStack() as stack:
        try:
            folder = Path(mkdtemp(prefix=PREFIX, dir=package.parent))
            # Anki may run as another user, who can read the package.
            folder.chmod(package.parent.stat().st_mode & 0o777 | 0o700)
        except OSError:
            folder = stack.enter_context(scratch_folder())
        try:
            yield folder
        except (NoAnswerError, KeyboardInterrupt):
            raise
        except BaseException:
            _remove(folder)
            raise
        _remove(folder)


def _remove(folder: Path) -> None:
    with uninterrupted():
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            # To remove a pipe as a folder would wait for it without end.
            if left.is_dir() and left.stat().st_mtime < time() - ABANDONED:
                shutil.rmtree(left)
