"""How time and memory grow: the worst texts at twice the length, and every command that reads ten thousand records."""

import os
from collections.abc import Mapping
from pathlib import Path

from measure import Run, emptied, run
from ours import COMMAND
from table import MEGABYTES, SECONDS, Cells, Table

SIZES = (80_000, 160_000, 320_000)
LIMIT = 300e6
"""How many bytes of memory all processes of a command may take."""
PAGE = "{}\nSummary\nA summary.\nGuided Discussion\nWhat was new?\nKey Response\n{}\n"
RECORD = """\
format: 1
id: a-1
acronym: A-1
title: A title
questions:
  - id: one
    perspective: clinical
    question: |
      What was new in A-1?
    response: |
      {}
"""
TEXTS: Mapping[str, tuple[str, str]] = {
    "ingest, a page of `ABC-1 `": ("page", "ABC-1 "),
    "ingest, a page of `10.1234/`": ("page", "10.1234/"),
    "ingest, a page of `students  and `": ("page", "students  and "),
    "check, a record of `1.2 to `": ("record", "1.2 to "),
    "check, a record of `and what is `": ("record", "and what is "),
    "check, a record of `{{c1::`": ("record", "{{c1::"),
}
"""What is written over and over, and into what."""


def growth_table(folder: Path) -> Table:
    """Time the commands that read what is the worst for them, at each size."""
    cells = [(what, *(_seconds(folder, kind, unit, size) for size in SIZES)) for what, (kind, unit) in TEXTS.items()]
    return Table("Twice the text", ("what", *(f"{size // 1000} kB" for size in SIZES)), cells)


def _seconds(folder: Path, kind: str, unit: str, size: int) -> str:
    text = unit * (size // len(unit))
    place = emptied(folder / "growth")
    if kind == "page":
        # Half of it is the title, half a response.
        (place / "page.txt").write_text(PAGE.format(text[: size // 2], text[size // 2 :]), encoding="utf-8")
        command = ["ingest", f"{place / 'page.txt'}", "--id", "a-1", "-o", f"{place / 'a-1.yaml'}", "--force"]
    else:
        (place / "a-1.yaml").write_text(RECORD.format(text), encoding="utf-8")
        command = ["check", f"{place / 'a-1.yaml'}"]
    return SECONDS(min(_run(place, command).seconds for _ in range(3)))


def memory_table(seeds: Path, folder: Path, count: int) -> Table:
    """Measure what commands that read a whole project take at the peak, one after the other with one cache."""
    place = emptied(folder / "memory")
    commands: Mapping[str, list[str]] = {
        "check, nothing known": ["check", f"{seeds}"],
        "check again": ["check", f"{seeds}"],
        "check --format json": ["check", f"{seeds}", "--format", "json"],
        "status": ["status", f"{seeds}"],
        "status --format json": ["status", f"{seeds}", "--format", "json"],
        "sheet export, CSV files": ["sheet", "export", f"{seeds}", "--out", f"{place / 'sheets'}"],
        "sheet export, a workbook": ["sheet", "export", f"{seeds}", "--out", f"{place / 'sheets.xlsx'}"],
        "site": ["site", f"{seeds}", "--out", f"{place / 'site'}"],
    }
    cells = [_memory(what, _run(place, command)) for what, command in commands.items()]
    columns = ("command", "largest process", "all processes", "time", "limit", "holds")
    return Table(f"{count:,} records: memory at the peak", columns, cells)


def _memory(what: str, ended: Run) -> Cells:
    limit = ("", "") if what == "site" else (f"≤ {MEGABYTES(LIMIT)}", "yes" if ended.tree <= LIMIT else "NO")
    return (what, MEGABYTES(ended.largest), MEGABYTES(ended.tree), SECONDS(ended.seconds), *limit)


def _run(place: Path, command: list[str]) -> Run:
    (place / "cache").mkdir(exist_ok=True)
    return run([*COMMAND, *command], {"TRIALDECK_CACHE": os.fspath(place / "cache")}, sampled=True)
