"""What a build remembers: it changes how long a build takes, and nothing else."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from matrices import IS_FULL
from projects import NOW, Project
from trialdeck.core.serialise import DamagedDataError, packed, unpacked
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note import OwnNotes
from trialdeck.project import build as building
from trialdeck.project.build_result import BuildResult
from trialdeck.project.cache.store import FILE, open_store
from trialdeck.project.context import BuildOptions
from trialdeck.project.record_loader import ParsedRecord, ProjectRecord, RecordLoader
from trialdeck.records.model import Perspective
from trialdeck.records.settings import DeckDefinition, Order, Split

BY_PERSPECTIVE = DeckDefinition("", "", split=Split.PERSPECTIVE)
BY_TRIAL = DeckDefinition("trial", "", split=Split.TRIAL, subdecks=Split.NONE)
SHUFFLED = DeckDefinition("whole", "All", order=Order.SHUFFLED, subdecks=Split.PERSPECTIVE)
INTERLEAVED = DeckDefinition("turns", "Turns", order=Order.INTERLEAVED)
WANTED = DeckRequest((BY_PERSPECTIVE, BY_TRIAL, SHUFFLED, INTERLEAVED))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    for name in ("dawn-1", "noon-1", "eve-2"):
        made.record(name)
    return made


def built(
    project: Project, out: Path, cache: Path | None, time: int = NOW, count: int = 1, allow: tuple[str, ...] = ()
) -> BuildResult:
    return building.build([project.seeds], replace(WANTED, allow=allow), out, time, BuildOptions(count, cache=cache))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".trialdeck.lock"}


def signs(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.iterdir()}


def test_nothing_is_read_where_nothing_was_touched(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialdeck.project.build_index._SETTLED", -(10**12))
    first = built(project, tmp_path / "out", tmp_path / "cache")
    before = signs(tmp_path / "out")
    monkeypatch.setattr(building, "with_loader", None)
    again = built(project, tmp_path / "out", tmp_path / "cache", NOW + 60)
    assert again.built == first.built
    assert not again.counts
    assert again.changed_files == ()
    assert signs(tmp_path / "out") == before


def touched(folder: Path) -> None:
    (folder / "trial-noon-1.apkg").write_bytes(b"touched")


def removed(folder: Path) -> None:
    (folder / "reviewer.apkg").unlink()


def lost(folder: Path) -> None:
    (folder / "ledger.jsonl").unlink()


@pytest.mark.parametrize("harm", [touched, removed, lost])
def test_a_file_that_is_not_as_it_was_written_is_mended(
    harm: Callable[[Path], None], project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialdeck.project.build_index._SETTLED", -(10**12))
    built(project, tmp_path / "out", tmp_path / "cache")
    before = contents(tmp_path / "out")
    harm(tmp_path / "out")
    built(project, tmp_path / "out", tmp_path / "cache", allow=("ledger-lost",))
    assert contents(tmp_path / "out") == before


def untouched(_: Project) -> None:
    """Edit nothing."""


def swap(project: Project, trial: str, old: str, new: str) -> None:
    path = project.seeds / f"{trial}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


EDITS: list[Callable[[Project], object]] = [
    lambda project: swap(project, "dawn-1", "It binds", "It blocks"),
    lambda project: swap(project, "noon-1", "Dawnol delayed relapse.", "Dawnol delayed it."),
    lambda project: swap(project, "eve-2", "acronym: EVE-2", "acronym: EVE-TWO"),
    lambda project: swap(project, "noon-1", "estimate: 0.70", "estimate: 0.71"),
    lambda project: swap(project, "noon-1", "{id: dusk-2,", "{id: dawn-1,"),
    lambda project: swap(project, "eve-2", "perspective: mechanism", "perspective: reviewer"),
    lambda project: swap(project, "eve-2", "id: eve-2\n", "id: eve-3\nformerly: [eve-2]\n"),
    lambda project: (project.seeds / "eve-2.yaml").unlink(),
    lambda project: project.record("zen-4"),
    lambda project: (project.seeds / "dawn-1.yaml").rename(project.seeds / "zenith.yaml"),
    lambda project: (project.seeds / "zenith.yaml").rename(project.seeds / "dawn-1.yaml"),
    lambda project: project.settings("edition: 2027.1"),
    lambda project: project.settings("report: errors@example.org"),
]


@pytest.mark.uncounted
@pytest.mark.parametrize(("count", "edits"), [(1, EDITS), (2, EDITS if IS_FULL else [EDITS[0], *EDITS[6:9]])])
def test_a_build_that_remembers_gives_what_one_that_does_not_gives(
    count: int,
    edits: list[Callable[[Project], object]],
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One edit after the other, of every kind; beside it a second folder whose builds remember nothing.

    Two workers get an answer, an id, a record less and a record more; what they are sent is the same for the others.
    """
    monkeypatch.setattr("trialdeck.project.build_index._SETTLED", -(10**12))
    monkeypatch.setattr("trialdeck.project.parallel.processes._START_TAKES", {"fork": 0.0, "spawn": 0.0})
    with_cache, without = tmp_path / "with", tmp_path / "without"
    for number, edit in enumerate([untouched, *edits, untouched]):
        edit(project)
        time = NOW + 3600 * number
        one = built(project, with_cache, tmp_path / "cache", time, count)
        other = built(project, without, None, time)
        assert contents(with_cache) == contents(without), number
        assert (one.counts, one.built[0].notes) == (other.counts, other.built[0].notes), number


def test_an_edit_reads_the_notes_of_no_other_record(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialdeck.project.build_index._SETTLED", -(10**12))
    request, options = DeckRequest((BY_TRIAL,)), BuildOptions(1, cache=tmp_path / "cache")
    building.build([project.seeds], request, tmp_path / "out", NOW, options)
    project.edit("dawn-1", response="It blocks")
    read: list[str] = []
    own_notes = RecordLoader.own_notes

    def spied(loader: RecordLoader, record: ProjectRecord) -> OwnNotes:
        read.append(record.id)
        return own_notes(loader, record)

    monkeypatch.setattr(RecordLoader, "own_notes", spied)
    plan = building.build([project.seeds], request, tmp_path / "out", NOW + 60, options)
    assert plan.counts.changed
    assert set(read) == {"dawn-1"}


def test_a_retired_note_goes_into_the_packages_that_had_it(project: Project, tmp_path: Path) -> None:
    built(project, tmp_path / "out", tmp_path / "cache")
    (project.seeds / "noon-1.yaml").unlink()
    plan = built(project, tmp_path / "out", tmp_path / "cache", NOW + 60)
    assert plan.counts.retired
    changed = {name.removesuffix(".apkg") for name in plan.changed_files if name.endswith(".apkg")}
    assert {*map(str, Perspective), "whole", "turns", "trial-noon-1"} <= changed


# harm


def halved(cache: Path) -> None:
    for path in cache.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbled(cache: Path) -> None:
    for path in cache.rglob("*"):
        if path.is_file():
            path.write_bytes(b"garbage")


def exchanged(cache: Path) -> None:
    """Give every entry the value of another one."""
    with sqlite3.connect(next(cache.rglob(FILE))) as connection:
        rows = connection.execute("SELECT key, value FROM item ORDER BY key").fetchall()
        values = [value for _, value in rows]
        connection.executemany(
            "UPDATE item SET value = ? WHERE key = ?",
            [(value, key) for (key, _), value in zip(rows, [*values[1:], values[0]], strict=True)],
        )
    for path in cache.rglob("*.index"):
        path.unlink()


def flipped(cache: Path) -> None:
    """Flip a bit in the middle of every value."""
    with sqlite3.connect(next(cache.rglob(FILE))) as connection:
        for key, value in connection.execute("SELECT key, value FROM item").fetchall():
            half = len(value) // 2
            spoilt = value[:half] + bytes([value[half] ^ 1]) + value[half + 1 :]
            connection.execute("UPDATE item SET value = ? WHERE key = ?", (spoilt, key))
    for path in cache.rglob("*.index"):
        path.unlink()


def emptied(cache: Path) -> None:
    with sqlite3.connect(next(cache.rglob(FILE))) as connection:
        connection.execute("DELETE FROM item WHERE length(key) > 0 AND rowid % 2")


@pytest.mark.parametrize("harm", [halved, garbled, flipped, exchanged, emptied, shutil.rmtree])
def test_a_damaged_cache_is_not_trusted(harm: Callable[[Path], None], project: Project, tmp_path: Path) -> None:
    built(project, tmp_path / "out", tmp_path / "cache")
    harm(tmp_path / "cache")
    swap(project, "dawn-1", "It binds", "It blocks")
    built(project, tmp_path / "out", tmp_path / "cache", NOW + 60)
    built(project, tmp_path / "whole", None)
    swap(project, "dawn-1", "It blocks", "It binds")
    built(project, tmp_path / "out", tmp_path / "cache", NOW + 120)
    assert set(contents(tmp_path / "out")) == set(contents(tmp_path / "whole"))
    fresh = tmp_path / "fresh"
    shutil.copytree(tmp_path / "out", fresh)
    built(project, fresh, None, NOW + 120)
    assert contents(fresh) == contents(tmp_path / "out")


def test_a_cache_that_cannot_be_kept_is_done_without(project: Project, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file is in the way")
    built(project, tmp_path / "out", tmp_path / "cache")
    built(project, tmp_path / "other", None)
    assert contents(tmp_path / "out") == contents(tmp_path / "other")


def test_a_cache_that_is_in_use_is_done_without(project: Project, tmp_path: Path) -> None:
    means = BuildOptions(1, cache=tmp_path / "cache")
    with open_store(means.folder_of(project.folder.resolve())) as store:
        store.put(b"key", b"value")
        built(project, tmp_path / "out", tmp_path / "cache")
        assert store.get(b"key") == b"value"
    assert contents(tmp_path / "out")


def test_git_sees_nothing_of_it(project: Project, tmp_path: Path) -> None:
    built(project, project.decks, tmp_path / "cache")
    names = {path.name for path in project.folder.rglob("*") if path.is_file()}
    assert not any("index" in name or "sqlite" in name for name in names)


def test_bytes_that_were_not_packed_are_refused() -> None:
    reading = packed(ParsedRecord(()))
    assert unpacked(reading, ParsedRecord) == ParsedRecord(())
    for wrong in (b"", reading[:-1], reading[:-2] + b"\0\0", packed({"no": "reading"})):
        with pytest.raises(DamagedDataError):
            unpacked(wrong, ParsedRecord)


def test_what_is_not_needed_any_more_is_forgotten(project: Project, tmp_path: Path) -> None:
    for number in range(12):
        swap(project, "dawn-1", "two months" if not number else f"{number} months", f"{number + 1} months")
        built(project, tmp_path / "out", tmp_path / "cache", NOW + number)
    with sqlite3.connect(next((tmp_path / "cache").rglob(FILE))) as connection:
        (count,) = connection.execute("SELECT count(*) FROM item").fetchone()
    assert 3 * 4 <= count <= 2 * 3 * 4 + 4
