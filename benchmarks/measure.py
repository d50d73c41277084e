"""Time whole processes and their memory, and take several ways to do the same in turn.

In turn (A B C, A B C …), so that a machine that slows down slows all of them; ratios are taken turn by turn.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

WRAPPER = Path(__file__).parent / "scripts" / "wrapper.py"
ASIDE = "aside"
"""The folder, beside those that were emptied, of what was in them."""
Step = Callable[[], float]
"""Does something one way, and returns what it took: seconds, or bytes."""
Series = Mapping[str, Sequence[float]]
"""What each way took, turn by turn."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end: seconds, and bytes of memory at the peak.

    `largest` is the resident memory of its largest process, `tree` the sum of the proportional shares of all processes,
    0 where it was not sampled. `output` is what it printed, if that was wanted.
    """

    seconds: float
    largest: int
    tree: int
    output: str


class FailedError(Exception):
    """A command that is measured did not work."""


def emptied(folder: Path) -> Path:
    """Return a folder with nothing in it; what was there is moved aside, to be removed once nothing is measured.

    Right after many files were removed, ext4 takes about a millisecond for each new one, in place of less than a tenth
    of that: removing what a turn has written would be counted as time of the next.
    """
    if folder.exists():
        aside = folder.parent / ASIDE
        aside.mkdir(exist_ok=True)
        folder.rename(aside / f"{len(list(aside.iterdir()))}")
    folder.mkdir(parents=True)
    return folder


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    heard: bool = False,
    sampled: bool = False,
    kill_after: float = 0,
) -> Run:
    """Run a command to its end; raises FailedError if it fails.

    What it prints is thrown away unless it is `heard`: some print megabytes. `sampled` watches the memory of all of its
    processes, which disturbs the time a little. `kill_after` is after how many seconds the busiest process below it is
    killed.
    """
    with tempfile.NamedTemporaryFile() as report:
        options = [*(["--sample"] if sampled else []), f"--kill-after={kill_after}"]
        wrapped = [sys.executable, "-I", "-S", str(WRAPPER), report.name, *options, *command]
        output = subprocess.PIPE if heard else subprocess.DEVNULL
        settings = {**os.environ, **(environment or {})}
        # Everybody has compiled modules after a first run, unless this is set, as it is in some containers.
        settings.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            wrapped, env=settings, stdout=output, stderr=subprocess.PIPE, encoding="utf-8", check=False
        )
        if done.returncode:
            raise FailedError(f"{' '.join(command)}\n{done.stderr[-2000:]}")
        return Run(**json.load(report), output=done.stdout or "")


def in_turn(steps: Mapping[str, Step], runs: int, warm_up: int = 1) -> Series:
    """Take steps in turn, so many times after turns that do not count; return what each says it took, turn by turn."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    console = Console(stderr=True)
    for turn in range(-warm_up, runs):
        for name, step in steps.items():
            took = step()
            console.print(f"  {'warm-up' if turn < 0 else f'{turn + 1} of {runs}'}: {name}: {took:,.3f}", style="dim")
            if turn >= 0:
                taken[name].append(took)
    return taken
