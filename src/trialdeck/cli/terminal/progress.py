"""The progress of long stages, as bars on standard error."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

from trialdeck.project.context import Progress, silent

if TYPE_CHECKING:
    from trialdeck.cli.terminal.bars import Bars

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds after which a stage shows its bar: a shorter stage needs none."""
_REFRESH = 0.2
"""Seconds between two pictures of the bar."""


@contextmanager
def progress(stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Lend a callback that shows the progress of stages on standard error; silent if that is no terminal.

    All bars have disappeared at the end, so that an error's message stands alone.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or os.environ.get("TERM") in {"dumb", "unknown"}:
        yield silent
        return
    stages = _Stages(stream, clock)
    try:
        yield stages
    finally:
        stages.end()


class _Stages:
    """The stages under way; each has a bar once it has taken a while."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._bars: Bars | None = None
        self._count = 0

    def __call__(self, items: Iterable[T], what: str, total: int) -> Iterator[T]:
        """Yield the items of a stage, and draw how many have come."""
        start = self._clock()
        due = start + _PATIENCE
        bar = None
        try:
            for count, item in enumerate(items, start=1):
                now = self._clock()
                if now >= due:
                    bar = self._begin(what, total) if bar is None else bar
                    if self._bars is not None:
                        self._bars.draw(bar, count, total, now - start)
                    due = now + _REFRESH
                yield item
        finally:
            if bar is not None:
                self._finish(bar)

    def end(self) -> None:
        """Remove all bars."""
        bars, self._bars, self._count = self._bars, None, 0
        if bars is not None:
            bars.end()

    def _begin(self, what: str, total: int) -> int:
        # Few builds take long enough to need it: rich is slow to import, and a test holds that it is not.
        from trialdeck.cli.terminal.bars import Bars  # noqa: PLC0415

        self._bars = self._bars or Bars(self._stream)
        self._count += 1
        return self._bars.add(what, total)

    def _finish(self, bar: int) -> None:
        if self._bars is None:
            return
        self._count -= 1
        if self._count:
            self._bars.remove(bar)
        else:
            self.end()
