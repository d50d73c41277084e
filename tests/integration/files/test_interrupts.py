"""Ctrl-C that comes at the wrong moment waits for the right one."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import trialdeck.__main__
import trialdeck.entry
from trialdeck.core.interrupts import defer_sigint


def work(done: list[str], *, fails: bool = False) -> None:
    """Something that must be whole, which is interrupted in a part of it."""
    with defer_sigint():
        with defer_sigint():
            signal.raise_signal(signal.SIGINT)
            done.append("a part")
        if fails:
            raise ValueError
        done.append("the rest")


def test_what_must_be_whole_is_done_before_ctrl_c_is_obeyed() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(done)
    assert done == ["a part", "the rest"]


def test_an_error_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        work([], fails=True)
    assert isinstance(caught.value.__context__, ValueError)


def test_nothing_is_held_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with defer_sigint():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_another_thread_does_without() -> None:
    handlers = []

    def work() -> None:
        with defer_sigint():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]


INTERRUPTED = """
import signal, sys

class Finder:
    def find_spec(self, name, *where):
        if name == module:
            signal.raise_signal(signal.SIGINT)

module = sys.argv.pop(1)
sys.meta_path.insert(0, Finder())
from trialdeck.entry import run
run()
"""
"""Starts the program, and interrupts it as it imports a module."""


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("trialdeck.cli", []),
        ("click", []),
        ("trialdeck.core.errors", []),
        ("trialdeck.cli.terminal.streams", []),
        ("trialdeck.core.problem", ["biuld"]),
        ("trialdeck.cli.packages.build", ["build"]),
        ("trialdeck.project.build", ["build"]),
        ("msgspec", ["build"]),
        ("trialdeck.site.server", ["site", "--help"]),
    ],
)
def test_ctrl_c_during_the_start_ends_it_without_a_traceback(module: str, arguments: list[str], tmp_path: Path) -> None:
    home = str(Path(trialdeck.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, *arguments], input="", capture_output=True, text=True, check=False,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": home},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "\nAborted!\n")


def test_nothing_but_the_light_module_is_imported_before() -> None:
    code = "import sys; before = set(sys.modules); import trialdeck.entry; print(sorted(set(sys.modules) - before))"
    home = str(Path(trialdeck.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": home}
    )
    assert done.stdout == "['trialdeck', 'trialdeck.entry']\n"
    assert vars(trialdeck.__main__)["run"] is trialdeck.entry.run
