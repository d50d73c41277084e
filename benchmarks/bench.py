"""Measure trialdeck side by side with other ways to do the same, as whole processes, in one run.

Each pair runs in turn (A B A B …) after one warm-up, so that a machine that slows down slows both. Printed are the
medians, and the median, least and greatest ratio of the pairs.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
SEEDS = sorted((HERE.parent / "seeds").glob("*.yaml"))
RUNS = 7


def seconds(command: Sequence[str]) -> float:
    """Return how long a command takes, from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Run every pair and print one table."""
    table = Table("what", "trialdeck", "beside it", "ratio", "least", "greatest")
    with tempfile.TemporaryDirectory() as folder:
        for what, ours, other in pairs(Path(folder)):
            times = [(seconds(ours), seconds(other)) for _ in range(RUNS + 1)][1:]
            ratios = [mine / theirs for mine, theirs in times]
            medians = [f"{statistics.median(column):.3f} s" for column in zip(*times, strict=True)]
            shown = (statistics.median(ratios), min(ratios), max(ratios))
            table.add_row(what, *medians, *(f"{ratio:.2f}" for ratio in shown))
    Console().print(table)


def pairs(folder: Path) -> list[tuple[str, list[str], list[str]]]:
    """Return what is measured: a name, our command, and the command beside it."""
    ours = [sys.executable, "-m", "trialdeck"]
    plain = [sys.executable, str(HERE / "plain_genanki.py"), str(folder / "plain.apkg")]
    records = [str(path) for path in SEEDS]
    out = ["--out", str(folder)]
    return [
        ("--help v import click, yaml", [*ours, "--help"], [sys.executable, "-c", "import click, yaml"]),
        ("build 1 record v plain genanki", [*ours, "build", records[0], *out], [*plain, records[0]]),
        (f"build {len(records)} records v plain genanki", [*ours, "build", *records, *out], [*plain, *records]),
    ]


if __name__ == "__main__":
    main()
