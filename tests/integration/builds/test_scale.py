"""Large builds: the same bytes whoever works, what genanki writes, and an end in the middle that leaves nothing."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import genanki
import pytest
from click.testing import CliRunner
from test_workers import ON_POSIX, cluster

from projects import NOW, Project
from trialdeck.apkg import rows
from trialdeck.apkg.rows import PackageEntry, Timestamp
from trialdeck.apkg.writer import Cover, StreamedPackage
from trialdeck.cli import main
from trialdeck.notes.note import Note, new_note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.model import Perspective

RECORDS = 40
LOOKS = dict.fromkeys(Kind, NOW)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of some forty records."""
    made = Project(tmp_path_factory.mktemp("library"))
    for number in range(RECORDS):
        made.record(f"trial-{number}")
    return made


def run(project: Project, out: Path, *options: str) -> dict[str, bytes]:
    """Build by perspective and by trial with some options, and return all files."""
    for by in ("perspective", "trial"):
        call = ["build", str(project.seeds), "--by", by, "--out", str(out / by), *options]
        result = CliRunner().invoke(main, call, env={"SOURCE_DATE_EPOCH": str(NOW)}, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.[aj]*") if path.is_file()}


@pytest.fixture(scope="module")
def alone(library: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process gives."""
    return run(library, tmp_path_factory.mktemp("alone"), "--workers", "1", "--no-cache")


def test_a_library_has_packages_of_both_ways(alone: dict[str, bytes]) -> None:
    assert len([name for name in alone if name.startswith("trial/") and name.endswith(".apkg")]) == RECORDS
    assert {"perspective/clinical.apkg", "perspective/ledger.jsonl", "trial/ledger.jsonl"} <= set(alone)


def test_two_workers_give_the_same_bytes(alone: dict[str, bytes], library: Project, tmp_path: Path) -> None:
    assert run(library, tmp_path, "--workers", "2", "--no-cache") == alone


def test_a_cache_gives_the_same_bytes(alone: dict[str, bytes], library: Project, tmp_path: Path) -> None:
    assert run(library, tmp_path / "first") == alone
    assert run(library, tmp_path / "second") == alone


def test_a_dask_cluster_gives_the_same_bytes(alone: dict[str, bytes], library: Project, tmp_path: Path) -> None:
    with cluster(tmp_path) as (address, _):
        assert run(library, tmp_path / "out", "--dask", address, "--no-cache") == alone


def test_workers_and_a_cluster_exclude_each_other(library: Project) -> None:
    result = CliRunner().invoke(main, ["build", str(library.seeds), "--workers", "2", "--dask", "tcp://nowhere:1"])
    assert result.exit_code == 2
    assert "--dask takes the place of --workers" in result.output


def test_a_cluster_that_nobody_runs_is_one_line(library: Project, tmp_path: Path) -> None:
    call = ["build", str(library.seeds), "--out", str(tmp_path / "out"), "--dask", "localhost"]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 1
    assert "localhost" in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.rglob("*.apkg"))


@ON_POSIX
@pytest.mark.parametrize("delay", [0.3, 0.7, 1.1])
def test_ctrl_c_leaves_the_old_files_and_no_process(delay: float, library: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(library, out)
    before = {path: path.read_bytes() for path in (out / "trial").iterdir() if path.is_file()}
    bigger = Project(tmp_path / "bigger")
    for number in range(3 * RECORDS):
        bigger.record(f"trial-{number}", response="It surely binds")
    command = [sys.executable, "-m", "trialdeck", "build", str(bigger.seeds), "--by", "trial", "--workers", "2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command, "--out", str(out / "trial")], stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as build:
        time.sleep(delay)
        os.killpg(build.pid, signal.SIGINT)  # as a terminal does
        _, told = build.communicate(timeout=30)
    assert "Traceback" not in told
    if build.returncode:
        assert build.returncode in {1, -signal.SIGINT}
        after = {path: path.read_bytes() for path in (out / "trial").iterdir() if path.is_file()}
        kept = [after[path] == content for path, content in before.items() if path.suffix == ".apkg"]
        # It may have come after the commit.
        assert all(kept) or not any(kept)
    with pytest.raises(ProcessLookupError):
        os.killpg(build.pid, 0)


# rows, beside those of genanki


def notes(count: int) -> list[Note]:
    """Notes of all types, of several trials, some with the letters that any writer has to take care of."""
    made = []
    for number in range(count):
        kind = list(Kind)[number % len(Kind)]
        trial = f"trial-{number // 7}"
        key = f"{trial}/{kind}/{number}"
        width = len(note_type(kind).fields)
        body = [f"<p>{number} ≤ 5 &amp; “ü” 😀</p>", *[f"part {place}" for place in range(1, width - 1)]]
        if kind is Kind.CLOZE:
            body[0] = f"{{{{c1::one {number}}}}} and {{{{c2::two}}}}"
        made.append(
            new_note(
                key=key,
                identity=key,
                kind=kind,
                fields=(*body, key),
                cards=(0, 1) if kind is Kind.CLOZE else (0,),
                tags=("trialdeck", f"trialdeck::trial::{trial}"),
                trial=trial,
                perspective=Perspective.CLINICAL,
            )
        )
    return made


def entries(count: int) -> list[PackageEntry]:
    return [
        PackageEntry(note, Timestamp(NOW, NOW + place % 3, "2026"), f"Trials::{note.trial}", (place,) * len(note.cards))
        for place, note in enumerate(notes(count))
    ]


def database(package: Path) -> bytes:
    with zipfile.ZipFile(package) as archive:
        return archive.read("collection.anki2")


def stored(content: bytes, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return connection.execute(query).fetchall()


NOTES = "SELECT guid, mid, tags, flds, sfld, csum, flags, data FROM notes ORDER BY guid"
CARDS = """SELECT guid, cards.ord, cards.type, cards.queue, cards.due, cards.ivl, cards.factor, cards.reps,
  cards.lapses, cards.left, cards.odue, cards.odid, cards.flags, cards.data
  FROM cards JOIN notes ON nid = notes.id ORDER BY 1, 2"""


def shown(kind: Kind, field: str) -> str:
    """The front of a card that shows one field."""
    return "{{" + ("cloze:" if kind is Kind.CLOZE else "") + field + "}}"


def by_genanki(path: Path, every: list[PackageEntry]) -> None:
    """Write the same notes with genanki alone, a deck for each."""
    decks: dict[str, genanki.Deck] = {}
    for each in every:
        kind = note_type(each.note.kind)
        model = genanki.Model(
            kind.id,
            kind.name,
            fields=[{"name": field.name} for field in kind.fields],
            templates=[{"name": "card", "qfmt": shown(each.note.kind, kind.fields[0].name), "afmt": "answer"}],
            model_type=1 if each.note.kind is Kind.CLOZE else 0,
        )
        note = genanki.Note(model, list(each.note.fields), guid=each.note.guid, due=each.due[0])
        note.tags = sorted([*each.note.tags, "trialdeck::edition::2026"])
        decks.setdefault(each.deck, genanki.Deck(len(decks) + 5, each.deck)).add_note(note)
    genanki.Package(list(decks.values())).write_to_file(path)


@pytest.fixture(params=["in memory", "on the disk"])
def written(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The database of 1,200 notes, written in both ways, and several times some of them."""
    monkeypatch.setattr(rows, "_AT_ONCE", 9_000)
    scratch = tmp_path if request.param == "on the disk" else None
    with (tmp_path / "ours.apkg").open("w+b") as target:
        StreamedPackage(Cover("Trials", "About", LOOKS), iter(entries(1_200)), scratch=scratch).write_to_file(target)
    return database(tmp_path / "ours.apkg")


def test_rows_are_those_of_genanki(written: bytes, tmp_path: Path) -> None:
    by_genanki(tmp_path / "theirs.apkg", entries(1_200))
    theirs = database(tmp_path / "theirs.apkg")
    assert stored(written, NOTES) == stored(theirs, NOTES)
    assert stored(written, CARDS) == stored(theirs, CARDS)


def test_many_at_a_time_give_the_rows_of_few(written: bytes, tmp_path: Path) -> None:
    with (tmp_path / "once.apkg").open("w+b") as target:
        StreamedPackage(Cover("Trials", "About", LOOKS), iter(entries(1_200))).write_to_file(target)
    once = database(tmp_path / "once.apkg")
    for query in ("SELECT * FROM notes ORDER BY id", "SELECT * FROM cards ORDER BY id", "SELECT * FROM col"):
        assert stored(written, query) == stored(once, query)


def test_the_ids_of_a_trial_lie_together(written: bytes) -> None:
    trials = [
        str(fields).rpartition("\x1f")[2].partition("/")[0]
        for (fields,) in stored(written, "SELECT flds FROM notes ORDER BY id")
    ]
    runs = 1 + sum(one != two for one, two in pairwise(trials))
    assert runs <= 1.1 * len(set(trials))


def test_every_deck_has_its_name(written: bytes) -> None:
    [(decks,)] = stored(written, "SELECT decks FROM col")
    named = {deck["name"] for deck in json.loads(str(decks)).values()}
    assert named == {"Default", *(each.deck for each in entries(1_200))}
