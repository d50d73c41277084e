"""What is measured: each function takes its ways in turn and adds rows, and tables, to the findings."""

import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count as count_from
from pathlib import Path
from statistics import median

import peers
from datasets import Datasets, mistype
from growing import growth_table, memory_table
from measure import ASIDE, Run, Step, emptied, in_turn, run
from ours import COMMAND, STATED_TIME, Build, dask_cluster, knows
from table import MEGABYTES, MILLISECONDS, SECONDS, Cells, Table, bounded, compared, missing, spread, stated

ALL_NOTES = 10**9
IMPORTS = (sys.executable, "-c", "import click, yaml")
"""The least that a program with these two libraries does."""
ARITHMETIC = Path(__file__).parent / "scripts" / "arithmetic.py"
EACH, MERGED = "anki-yaml-tool, a package a record", "anki-yaml-tool, merged"


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements share: a folder to work in, the sizes, and how many turns are taken.

    `slow_runs` is how many of those turns are taken that last minutes.
    """

    folder: Path
    runs: int
    slow_runs: int
    small: int = 1_000
    large: int = 10_000
    written: tuple[int, ...] = (10_000, 100_000)
    rows: list[Cells] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @property
    def data(self) -> Datasets:
        """The data sets."""
        return Datasets(self.folder / "data")

    def build(self, name: str, seeds: Path, by: str, *options: str) -> Build:
        """Return a build that keeps what it writes under a name."""
        return Build(seeds, by, self.folder / "builds" / name, options)

    def place(self, name: str) -> Path:
        """Return an empty folder for what a peer writes."""
        return emptied(self.folder / "peers" / name)

    def tidy(self) -> None:
        """Remove what earlier turns have written."""
        for aside in self.folder.glob(f"*/{ASIDE}"):
            shutil.rmtree(aside)

    def add(self, *rows: Cells) -> None:
        """Add rows to the findings."""
        self.rows.extend(rows)

    def perspective_package(self) -> Path:
        """Return the largest of the packages by perspective of the large project."""
        build = self.build("perspectives", self.data.full(self.large), "perspective")
        if not build.packages:
            build.cold()
        return max(build.packages, key=lambda package: package.stat().st_size)

    def collection(self) -> Path:
        """Return the database in that package."""
        with zipfile.ZipFile(self.perspective_package()) as archive:
            return Path(archive.extract("collection.anki2", self.folder))


def one_record(bench: Bench) -> None:
    """One record from nothing, and the start of the program."""
    tool, deck, out = peers.anki_yaml_tool(), bench.data.peer_file(1), bench.place("one") / "deck.apkg"
    series = in_turn(
        {
            "whole": lambda: bench.build("one-whole", bench.data.full(1), "trial").cold().seconds,
            "questions": lambda: bench.build("one-questions", bench.data.questions(1), "trial").cold().seconds,
            "peer": lambda: run([tool, "build", "--file", f"{deck}", "--output", f"{out}"]).seconds,
            "imports": lambda: run([*IMPORTS]).seconds,
        },
        2 * bench.runs,
    )
    starts = in_turn(
        {
            "help": lambda: run([*COMMAND, "--help"]).seconds,
            "imports": lambda: run([*IMPORTS]).seconds,
        },
        3 * bench.runs,
        warm_up=2,
    )
    bench.add(
        compared("1 whole record, cold v anki-yaml-tool, its questions", series["whole"], series["peer"], 0.25),
        compared("1 record of questions, cold v anki-yaml-tool", series["questions"], series["peer"], 0.25),
        compared("import click, yaml v anki-yaml-tool, 1 record", series["imports"], series["peer"]),
        compared("trialdeck --help v import click, yaml", starts["help"], starts["imports"], 1.5),
    )


def many_records(bench: Bench) -> None:
    """Many records from nothing, beside all peers on the same questions."""
    count = bench.small
    ways = {**_our_ways(bench), **_peer_ways(bench)}
    runs: dict[str, list[Run]] = {name: [] for name in ways}

    def kept(name: str) -> Step:
        def step() -> float:
            runs[name].append(ways[name]())
            return runs[name][-1].seconds

        return step

    series = in_turn({name: kept(name) for name in ways}, bench.runs)
    n = f"{count:,} records"
    limits = {("trial", False): 0.12, ("trial", True): 0.3}
    for by, (peer, how) in {"trial": (EACH, "a package each"), "perspective": (MERGED, "merged")}.items():
        for whole in (False, True):
            what = f"{n}{'' if whole else ' of questions'} by {by} v anki-yaml-tool, {how}"
            bench.add(compared(what, series[_ours(by, whole=whole)], series[peer], limits.get((by, whole))))
    cells = [(name, spread(series[name], SECONDS), _memory(runs[name]), _packages(bench, name)) for name in ways]
    bench.tables.append(Table(f"{n}, cold", ("way", "time", "largest process", "packages"), cells))


def _ours(by: str, *, whole: bool = False) -> str:
    return f"trialdeck, {'whole records' if whole else 'questions'} by {by}"


def _our_ways(bench: Bench) -> Mapping[str, Callable[[], Run]]:
    projects = {False: bench.data.questions(bench.small), True: bench.data.full(bench.small)}
    builds = [
        bench.build(_ours(by, whole=whole), projects[whole], by)
        for by in ("trial", "perspective")
        for whole in (False, True)
    ]
    return {build.folder.name: build.cold for build in builds}


def _peer_ways(bench: Bench) -> Mapping[str, Callable[[], Run]]:
    count = bench.small
    tool, files, file = peers.anki_yaml_tool(), bench.data.peer_files(count), bench.data.peer_file(count)
    batch = [tool, "batch-build", "--input-dir", f"{files}", "--pattern", "*.yaml", "--output-dir"]
    records = bench.data.questions(count)

    commands: Mapping[str, Callable[[Path], list[str]]] = {
        EACH: lambda out: [*batch, f"{out}"],
        MERGED: lambda out: [*batch, f"{out}", "--merge"],
        "anki-yaml-tool, one file": lambda out: [tool, "build", "--file", f"{file}", "--output", f"{out}/deck.apkg"],
        "genanki and yaml.safe_load": lambda out: peers.script("plain_genanki", records, out / "deck.apkg"),
        "Anki's backend and yaml.safe_load": lambda out: peers.script("plain_anki", records, out / "deck.apkg"),
    }

    def way(name: str) -> Run:
        return run(commands[name](bench.place(name)))

    return {name: partial(way, name) for name in commands}


def _memory(runs: list[Run]) -> str:
    return MEGABYTES(median(each.largest for each in runs))


def _packages(bench: Bench, name: str) -> str:
    folders = (bench.folder / "builds" / name / "out", bench.folder / "peers" / name)
    sizes = [package.stat().st_size for folder in folders for package in folder.glob("*.apkg")]
    return f"{len(sizes):,}, {MEGABYTES(sum(sizes))}"


def write_stage(bench: Bench) -> None:
    """Prepared notes, written."""
    collection = bench.collection()
    for count in bench.written:
        _write_stage(bench, collection, count)


def _write_stage(bench: Bench, collection: Path, count: int) -> None:
    reports: dict[str, Mapping[str, float]] = {}
    out = bench.place("write")

    def written(script: str, *how: str) -> float:
        name = " ".join((script, *how))
        package = out / f"{name}.apkg"
        package.unlink(missing_ok=True)
        report = peers.timed_inside(peers.script(f"write_{script}", collection, count, package, *how))
        reports[name] = {**report, "size": package.stat().st_size}
        return report["seconds"]

    ways = ("trialdeck stored", "floor stored", "genanki", "trialdeck deflated", "floor deflated", "anki")
    series = in_turn({way: partial(written, *way.split()) for way in ways}, bench.runs)
    sizes = {name: [report["size"]] for name, report in reports.items()}
    stored, deflated = series["trialdeck stored"], series["trialdeck deflated"]
    n = f"{int(reports['genanki']['notes']):,} prepared notes"
    bench.add(
        compared(f"{n} v genanki, both stored", stored, series["genanki"], 0.5),
        compared(f"{n} v the floor, stored", stored, series["floor stored"], 1.3),
        compared(f"{n} v the floor, deflated", deflated, series["floor deflated"], 1.3),
        compared(f"{n}: package v genanki's", sizes["trialdeck deflated"], sizes["genanki"], 0.35, unit=MEGABYTES),
    )
    cells = [(way, spread(series[way], SECONDS), MEGABYTES(*sizes[way])) for way in ways]
    bench.tables.append(Table(f"{n}, written", ("way", "time", "package"), cells))


def build_again(bench: Bench) -> None:
    """A large project again: nothing changed, or one record."""
    seeds, count = bench.data.full(bench.large), bench.large
    builds = {by: bench.build(f"again-{by}", seeds, by) for by in ("trial", "perspective")}
    turns = count_from(0)

    def changed(build: Build) -> float:
        mistype(seeds, count, next(turns))
        return build.again().seconds

    steps: dict[str, Step] = {}
    for by, build in builds.items():
        steps[f"full {by}"] = partial(_cold_seconds, build)
        steps[f"nothing {by}"] = partial(_again_seconds, build)
        steps[f"one {by}"] = partial(changed, build)
    small = bench.build("small", bench.data.full(bench.small), "perspective")
    steps["small"] = partial(_cold_seconds, small)
    series = in_turn(steps, bench.slow_runs, warm_up=0)
    for by, limit in (("trial", 0.03), ("perspective", 0.30)):
        full, n = series[f"full {by}"], f"{count:,} records by {by}"
        bench.add(compared(f"{n}: nothing changed v full", series[f"nothing {by}"], full, 0.02))
        bench.add(compared(f"{n}: one record changed v full", series[f"one {by}"], full, limit))
    each = [
        [seconds / records for seconds in series[name]]
        for name, records in (("full perspective", count), ("small", bench.small))
    ]
    what = f"{count:,} v {bench.small:,} records: time per record"
    bench.add(compared(what, each[0], each[1], 1.2, unit=MILLISECONDS))


def _cold_seconds(build: Build, stated_time: Mapping[str, str] | None = None) -> float:
    return build.cold(stated=stated_time).seconds


def _again_seconds(build: Build) -> float:
    return build.again().seconds


def scale(bench: Bench) -> None:
    """Memory as projects grow."""
    counts = (bench.small, bench.large)
    builds = {count: bench.build(f"scale-{count}", bench.data.full(count), "perspective") for count in counts}
    trees: dict[int, list[float]] = {count: [] for count in counts}

    def peak(count: int) -> float:
        ended = builds[count].cold(sampled=True)
        trees[count].append(ended.tree)
        return ended.largest

    largest = in_turn({f"{count}": partial(peak, count) for count in counts}, bench.slow_runs, 0)
    small, large = (f"{count}" for count in counts)
    v = f"{counts[1]:,} v {counts[0]:,} records"
    bench.add(
        compared(f"{v}: peak memory, all processes", trees[counts[1]], trees[counts[0]], 1.5, unit=MEGABYTES),
        compared(f"{v}: peak memory, largest process", largest[large], largest[small], 1.5, unit=MEGABYTES),
        bounded(f"{counts[1]:,} records: peak memory, all processes", trees[counts[1]], 300e6, unit=MEGABYTES),
    )


def workers(bench: Bench) -> None:
    """One worker, two, a Dask cluster, and one that dies."""
    if not knows("--workers"):
        bench.add(missing("one worker v two"))
        return
    seeds, n = bench.data.full(bench.large), f"{bench.large:,} records"
    one, two = (bench.build(f"workers-{count}", seeds, "trial", "--workers", count) for count in "12")
    builds = {"one": one, "two": two}
    for count in "12":
        name = f"{count} perspective"
        builds[name] = bench.build(f"workers {name}", seeds, "perspective", "--workers", count)
    with dask_cluster(2) as address:
        if knows("--dask"):
            builds["dask"] = bench.build("workers-dask", seeds, "trial", "--dask", address)
        steps = {name: partial(_cold_seconds, build, STATED_TIME) for name, build in builds.items()}
        # What two workers can give at most, in the same minutes: the cores of a small cloud machine share much.
        steps |= {f"arithmetic {count}": partial(_arithmetic_seconds, count) for count in "12"}
        series = in_turn(steps, bench.slow_runs, 0)
    digests = {name: build.digest for name, build in builds.items()}
    # While records are read: half-way through a build its workers rest, and the ledger is written.
    two.cold(stated=STATED_TIME, kill_after=median(series["two"]) / 4)
    bench.add(
        compared(f"{n} by trial: one worker v two", series["one"], series["two"], 1.6, at_least=True),
        compared(f"{n} by perspective: one worker v two", series["1 perspective"], series["2 perspective"]),
        compared("arithmetic alone: one process v two", series["arithmetic 1"], series["arithmetic 2"]),
        stated(
            f"{n}: one worker and two give the same bytes",
            holds=digests["one"] == digests["two"] and digests["1 perspective"] == digests["2 perspective"],
        ),
        stated(f"{n}: the same bytes when a worker is killed", holds=two.digest == digests["one"]),
    )
    if "dask" in series:
        bench.add(compared(f"{n}: Dask cluster of two processes v two workers", series["dask"], series["two"]))
        bench.add(stated(f"{n}: Dask gives the same bytes", holds=digests["dask"] == digests["one"]))
    else:
        bench.add(missing("Dask cluster of two processes v two workers"))


def _arithmetic_seconds(processes: str) -> float:
    return run([sys.executable, os.fspath(ARITHMETIC), processes]).seconds


def imports(bench: Bench) -> None:
    """A large package into Anki."""
    ours, theirs = bench.perspective_package(), bench.place("import") / "genanki.apkg"
    peers.timed_inside(peers.script("write_genanki", bench.collection(), ALL_NOTES, theirs))
    reports: dict[str, Mapping[str, float]] = {}

    def imported(name: str, package: Path) -> float:
        reports[name] = peers.timed_inside(peers.script("import_package", os.fspath(package)))
        return reports[name]["seconds"]

    steps = {"trialdeck": partial(imported, "trialdeck", ours), "genanki": partial(imported, "genanki", theirs)}
    series = in_turn(steps, bench.runs, 0)
    what = f"{int(reports['trialdeck']['notes']):,} notes imported into Anki v genanki's package of them"
    bench.add(compared(what, series["trialdeck"], series["genanki"]))
    cells = [
        (name, *(f"{int(report[each]):,}" for each in ("notes", "cards")), spread(series[name], SECONDS))
        for name, report in reports.items()
    ]
    bench.tables.append(Table("Imported into Anki", ("package", "notes", "cards", "time"), cells))


def growth(bench: Bench) -> None:
    """The worst texts at twice the length."""
    bench.tables.append(growth_table(bench.folder))


def memory(bench: Bench) -> None:
    """What commands on a whole project take."""
    bench.tables.append(memory_table(bench.data.full(bench.large), bench.folder, bench.large))


ALL: Mapping[str, Callable[[Bench], None]] = {
    "one": one_record,
    "many": many_records,
    "write": write_stage,
    "again": build_again,
    "scale": scale,
    "workers": workers,
    "import": imports,
    "growth": growth,
    "memory": memory,
}
