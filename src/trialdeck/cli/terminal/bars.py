"""The bars of long stages; importing this module imports rich, which is slow."""

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn


class Bars:
    """A bar for each stage under way, drawn by the caller's thread: with another thread, no fork is safe."""

    def __init__(self, stream: TextIO) -> None:
        details = [TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in ("rate", "left")]
        columns = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), *details]
        # Standard output may be a pipe: what goes there must not be drawn above the bar.
        self._screen = Progress(
            *columns, console=Console(file=stream), auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._screen.start()

    def add(self, what: str, total: int) -> int:
        """Add a bar and return its number."""
        return self._screen.add_task(what, total=total, rate="", left="")

    def draw(self, bar: int, count: int, total: int, seconds: float) -> None:
        """Draw how much of a stage is done.

        Args:
            bar: The number of its bar.
            count: How many of its items are done.
            total: How many items it has.
            seconds: How long it has been under way.
        """
        rate = count / seconds
        left = f"{_clock_time(max(0, total - count) / rate)} left"
        self._screen.update(TaskID(bar), completed=count, rate=f"{rate:,.1f}/s", left=left, refresh=True)

    def remove(self, bar: int) -> None:
        """Remove the bar of a stage."""
        self._screen.remove_task(TaskID(bar))

    def end(self) -> None:
        """Remove all bars."""
        self._screen.stop()


def _clock_time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
