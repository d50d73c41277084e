"""A progress bar for long stages."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

from trialdeck.project.context import Progress, silent

if TYPE_CHECKING:
    from rich.progress import Progress as Screen

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds after which a stage shows its bar: what is done before needs none."""
_REFRESH = 0.2
"""Seconds between two pictures of the bar."""


@contextmanager
def progress(stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Lend what tells the progress of stages on standard error; silent if that is no terminal.

    All bars have disappeared at the end, so that an error's message stands alone.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or os.environ.get("TERM") in {"dumb", "unknown"}:
        yield silent
        return
    bars = _Bars(stream, clock)
    try:
        yield bars
    finally:
        bars.end()


class _Bars:
    """A bar for each stage under way. They are drawn when an item comes, by no thread: with one, no fork is safe."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._screen: Screen | None = None
        self._stages = 0

    def __call__(self, items: Iterable[T], what: str, total: int) -> Iterator[T]:
        """Yield the items, and draw how many have come."""
        began = self._clock()
        due = began + _PATIENCE
        bar = None
        try:
            for count, item in enumerate(items, start=1):
                now = self._clock()
                if now >= due:
                    bar = self._begin(what, total) if bar is None else bar
                    self._draw(bar, count, total, now - began)
                    due = now + _REFRESH
                yield item
        finally:
            if bar is not None:
                self._finish(bar)

    def end(self) -> None:
        """Remove all bars."""
        screen, self._screen, self._stages = self._screen, None, 0
        if screen is not None:
            screen.stop()

    def _begin(self, what: str, total: int) -> int:
        self._screen = self._screen or self._start()
        self._stages += 1
        return self._screen.add_task(what, total=total, rate="", left="")

    def _draw(self, bar: int, count: int, total: int, seconds: float) -> None:
        from rich.progress import TaskID  # noqa: PLC0415 - rich is slow to import

        if self._screen is not None:
            rate = count / seconds
            left = f"{_clock_time(max(0, total - count) / rate)} left"
            self._screen.update(TaskID(bar), completed=count, rate=f"{rate:,.1f}/s", left=left, refresh=True)

    def _finish(self, bar: int) -> None:
        from rich.progress import TaskID  # noqa: PLC0415 - rich is slow to import

        if self._screen is None:
            return
        self._stages -= 1
        if self._stages:
            self._screen.remove_task(TaskID(bar))
        else:
            self.end()

    def _start(self) -> "Screen":
        from rich.console import Console  # noqa: PLC0415 - rich is slow to import
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
        from rich.progress import Progress as Screen  # noqa: PLC0415

        details = [TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in ("rate", "left")]
        columns = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), *details]
        # What goes to standard output is perhaps in a pipe: it must not be drawn above the bar.
        screen = Screen(
            *columns, console=Console(file=self._stream), auto_refresh=False, transient=True, redirect_stdout=False
        )
        screen.start()
        return screen


def _clock_time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
