"""Measure trialdeck side by side with other ways to do the same, in one go, and write down the results.

python benchmarks/bench.py [--quick] [--only NAME...] [--runs N] [--slow-runs N] [--date DAY] [--results FILE]
"""

import argparse
import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import peers
from measure import FailedError
from results import page
from rich.console import Console
from rich.table import Table as Shown
from rows import ALL, Bench
from table import COLUMNS, Table, missing

WIDTH = 180
"""How wide the tables may be where nobody says how wide the screen is."""
RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Measure what is asked for, print it, and write it down if it is everything."""
    asked = _arguments()
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    with tempfile.TemporaryDirectory(prefix="trialdeck-bench-") as folder:
        bench = _bench(Path(folder), asked)
        for name in asked.only or ALL:
            Console(stderr=True).print(name, style="bold")
            try:
                ALL[name](bench)
            except FailedError as error:
                console.print(f"{name} failed: {error}", markup=False)
                bench.add(missing(f"{name}: failed"))
            bench.tidy()
    tables = [Table("Ratios", COLUMNS, bench.rows), *bench.tables]
    for table in tables:
        console.print(_shown(table))
    written = asked.results or (None if asked.quick or asked.only else RESULTS)
    if written:
        written.write_text(page(tables, peers.versions(), asked.date), encoding="utf-8")


def _bench(folder: Path, asked: argparse.Namespace) -> Bench:
    if asked.quick:
        runs = asked.runs or 2
        return Bench(folder, runs, asked.slow_runs or runs, small=50, large=200, written=(500, 2_000))
    runs = asked.runs or 5
    return Bench(folder, runs, asked.slow_runs or runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure trialdeck side by side with other ways to do the same.")
    parser.add_argument("--quick", action="store_true", help="small sizes and two turns: to try this script")
    parser.add_argument("--only", nargs="+", choices=ALL, metavar="NAME", help=f"of these: {', '.join(ALL)}")
    parser.add_argument("--runs", type=int, help="how many turns are taken (5)")
    parser.add_argument("--slow-runs", type=int, help="how many turns are taken of what lasts minutes (as --runs)")
    parser.add_argument("--date", type=date.fromisoformat, default=_today(), help="the day that the results name")
    parser.add_argument("--results", type=Path, help=f"where results go; {RESULTS.name} after a full run")
    return parser.parse_args()


def _today() -> date:
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    return (datetime.fromtimestamp(int(stated), UTC) if stated else datetime.now(UTC)).date()


def _shown(table: Table) -> Shown:
    shown = Shown(title=table.title, title_justify="left")
    for place, column in enumerate(table.columns):
        shown.add_column(column, justify="right" if place and _is_number(column) else "left")
    for cells in table.rows:
        shown.add_row(*cells)
    return shown


def _is_number(column: str) -> bool:
    return column not in {"which", "holds"}


if __name__ == "__main__":
    main()
