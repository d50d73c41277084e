"""What is made once and kept in `.venvs`: environments with Anki releases, sources that are cloned."""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import uv

from folders import ENVIRONMENTS

_ends: dict[str, BaseException] = {}
"""What could not be made, by its name: the failure, or the reason to skip."""


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of this name, which is made if need be.

    It is made under another name first: it is there whole, or not at all. What could not be made is not tried again by
    the many tests that need it: each of them fails, or is skipped, at once and with the same reason.

    Args:
        name: that of the folder.
        make: makes it at the path that it is given; fails with `pytest.fail`, or skips with `pytest.skip`.
    """
    place = ENVIRONMENTS / name
    if name in _ends:
        raise _ends[name].with_traceback(None)
    if not place.exists():
        try:
            _make(place, make)
        except (pytest.fail.Exception, pytest.skip.Exception) as end:
            _ends[name] = end
            raise
    return place


def _make(place: Path, make: Callable[[Path], None]) -> None:
    ENVIRONMENTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ENVIRONMENTS, prefix="new-") as folder:
        made = Path(folder) / place.name
        make(made)
        try:
            made.rename(place)
        except OSError:
            # Another test process was faster.
            if not place.exists():
                raise


def python_with(name: str, requirements: list[str], python: str | Path) -> Path:
    """Return the interpreter of an environment with these requirements, which is made if need be.

    Args:
        name: that of the environment's folder.
        requirements: as pip has them.
        python: the interpreter, or its version, that the environment is made from.
    """

    def make(made: Path) -> None:
        run_uv("venv", "--no-project", "--python", python, made)
        run_uv("pip", "install", "--python", made, *requirements)

    return kept(name, make) / "bin" / "python"


def run_uv(*arguments: str | Path) -> None:
    """Run uv; the test fails with what uv says if it does."""
    run_or_fail([uv.find_uv_bin(), *map(str, arguments)])


def run_or_fail(command: Sequence[str]) -> None:
    """Run a program; the test fails with what it says if it does, or if it takes twenty minutes."""
    try:
        subprocess.run(command, capture_output=True, encoding="utf-8", timeout=1200, check=True)
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", None) or ""
        pytest.fail(f"{error}\n{said}", pytrace=False)
