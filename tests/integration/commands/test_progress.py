"""Progress on the terminal: a bar after a second of work, gone at the end, and nothing anywhere else."""

import io
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

import pytest

from trialdeck.cli.terminal.progress import progress
from trialdeck.project.context import silent

TERMINAL = {"TERM": "xterm-256color", "COLUMNS": "100"}


class Clock:
    """A clock that only `passing` moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passing(self, count: int, seconds: float) -> Iterator[int]:
        """So many numbers, each of which takes so many seconds."""
        for number in range(count):
            self.now += seconds
            yield number


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in TERMINAL.items():
        monkeypatch.setenv(name, value)


def on_terminal(work: Callable[[TextIO], object]) -> str:
    """What some work writes to a terminal."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while part := os.read(ours, 65536):
                shown.append(part)
        except OSError:  # Linux says so when the other side is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
            work(stream)
    finally:
        reader.join()
        os.close(ours)
    return b"".join(shown).decode()


def stages(clock: Clock, *items: tuple[Iterable[int], str, int]) -> Callable[[TextIO], object]:
    """The work of stages, one after the other."""

    def work(stream: TextIO) -> None:
        with progress(stream, clock) as shown:
            for each, what, total in items:
                assert list(shown(each, what, total)) == list(range(total))

    return work


def test_a_long_stage_shows_a_bar() -> None:
    clock = Clock()
    shown = on_terminal(stages(clock, (clock.passing(40, 0.1), "reading records", 40)))
    assert "reading records" in shown
    assert "10/40" in shown
    assert "10.0/s" in shown
    assert "0:03 left" in shown


def test_a_bar_disappears_at_its_end() -> None:
    clock = Clock()
    shown = on_terminal(stages(clock, (clock.passing(40, 0.1), "reading records", 40)))
    assert shown.endswith("\x1b[2K")
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1, "the cursor comes back"


def test_a_bar_is_drawn_five_times_a_second_at_most() -> None:
    clock = Clock()
    shown = on_terminal(stages(clock, (clock.passing(2000, 0.001), "reading records", 2000)))
    assert 2 <= shown.count("reading records") <= 8


def test_a_short_stage_shows_nothing() -> None:
    clock = Clock()
    assert on_terminal(stages(clock, (clock.passing(9, 0.1), "reading records", 9))) == ""


def test_stages_have_a_second_each() -> None:
    clock = Clock()
    short, long = (clock.passing(9, 0.1), "reading records", 9), (clock.passing(20, 0.1), "writing packages", 20)
    shown = on_terminal(stages(clock, short, long))
    assert "reading records" not in shown
    assert "writing packages" in shown


def test_a_stage_within_a_stage_has_its_own_line() -> None:
    clock = Clock()

    def work(stream: TextIO) -> None:
        with progress(stream, clock) as shown:
            read = shown(clock.passing(40, 0.1), "reading records", 40)
            assert list(shown(read, "writing packages", 40)) == list(range(40))

    shown = on_terminal(work)
    assert "reading records" in shown
    assert "writing packages" in shown
    assert shown.count("\x1b[?25h") == 1


def test_an_error_finds_the_bar_gone() -> None:
    clock = Clock()

    def read(stream: TextIO) -> None:
        with progress(stream, clock) as shown:
            for number in shown(clock.passing(40, 0.1), "reading records", 40):
                if number == 30:
                    raise ValueError

    def work(stream: TextIO) -> None:
        # The traceback keeps the stage alive, as it does where a command's error becomes a message.
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - our own
            read(stream)
        stream.write("error: no")
        assert caught.tb

    shown = on_terminal(work)
    assert "reading records" in shown
    assert shown.endswith("error: no")
    assert shown.index("\x1b[?25h") < shown.index("error: no")


def test_what_is_said_may_hold_brackets() -> None:
    clock = Clock()
    assert "[bold]" in on_terminal(stages(clock, (clock.passing(40, 0.1), "[bold]", 40)))


def test_no_thread_is_started() -> None:
    clock = Clock()
    before = threading.active_count() + 1  # the test's own reader

    def work(stream: TextIO) -> None:
        with progress(stream, clock) as shown:
            assert {threading.active_count() for _ in shown(clock.passing(40, 0.1), "reading", 40)} == {before}

    assert "reading" in on_terminal(work)


def test_hours_and_minutes_are_left() -> None:
    clock = Clock()
    assert "2:45:00 left" in on_terminal(stages(clock, (clock.passing(100, 100.0), "reading records", 100)))


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_dumb_terminal_shows_nothing(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    clock = Clock()
    assert on_terminal(stages(clock, (clock.passing(40, 0.1), "reading records", 40))) == ""


def test_nothing_goes_into_a_pipe() -> None:
    clock = Clock()
    stream = io.StringIO()
    stages(clock, (clock.passing(40, 0.1), "reading records", 40))(stream)
    assert stream.getvalue() == ""


def test_silence_yields_all_items() -> None:
    assert list(silent([1, 2, 3], "reading records", 3)) == [1, 2, 3]


def test_rich_is_imported_only_for_a_bar() -> None:
    code = (
        "import sys; from trialdeck.cli.terminal.progress import progress\n"
        "with progress(sys.stdout) as shown: list(shown(range(9), 'reading', 9))\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'rich']"
    )

    def work(stream: TextIO) -> None:
        subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)

    assert on_terminal(work) == ""
