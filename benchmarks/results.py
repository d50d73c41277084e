"""The results as a page of Markdown, with the machine on which they were measured."""

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from table import Cells, Table

PROFILE = Path(__file__).parent / "PROFILE.md"
"""Where the time goes, written by hand after a profile was taken."""

_INTRODUCTION = """\
# How fast it is

Measured by `make bench`, side by side in one run: the ways to do the same are taken in turn, and ratios are those of
each turn. Shown are medians, and the least and the greatest ratio. *Cold* means an empty folder and an empty cache.
Times are those of whole processes; only writing prepared notes and importing are timed inside. Records are made up:
9 kB each, 7 questions, about 24 notes. The peers get the questions alone; trialdeck gets them alone as well, or the
whole records. *The floor* is what Python's standard library needs to write the same rows into SQLite and the file into
a zip archive. The memory of all processes is the sum of their proportional shares (PSS), sampled 50 times a second in
runs of their own. genanki is spared what it does for each deck, which takes minutes where there are thousands.
"""


def page(tables: Sequence[Table], versions: Mapping[str, str], day: date) -> str:
    """Return the page."""
    parts = [_INTRODUCTION, *(f"## {table.title}\n\n{_markdown(table)}\n" for table in tables)]
    profile = PROFILE.read_text(encoding="utf-8")
    facts = [*machine().items(), *versions.items(), ("date", day.isoformat())]
    return "\n".join([*parts, profile, f"## On which machine\n\n{_markdown(Table('', ('what', 'which'), facts))}\n"])


def machine() -> dict[str, str]:
    """Return what the machine is."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{pages * size / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _markdown(table: Table) -> str:
    lines: list[Cells] = [table.columns, ("---",) * len(table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
