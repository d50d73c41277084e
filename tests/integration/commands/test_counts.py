"""`build`, `check --stats`, `status` and the site count the same notes and cards, each once."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import RECORD
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.decks.counts import Tally, tally_entry, tally_of
from trialdeck.notes.builder import own_notes
from trialdeck.records.load import load_record_text

Numbers = tuple[int, int]
REVIEW = "review: {status: reviewed, by: A. Reader, on: 2026-01-02}"


def run(*arguments: str) -> str:
    result = CliRunner(env={"SOURCE_DATE_EPOCH": str(NOW + DAY), "COLUMNS": "200"}).invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def numbers(pattern: str, text: str) -> Numbers:
    (found,) = re.findall(pattern, text)
    return int(found[0]), int(found[1])


def said_by_all() -> Iterator[tuple[str, Numbers]]:
    """What each command says of the notes and cards in the decks of the project that it is run in."""
    counted = r"([0-9]+) notes?, ([0-9]+) cards? in [0-9]+ packages?"
    yield "build", numbers(counted, run("build"))
    yield "check --stats", numbers(counted, run("check", "--stats"))
    yield "status", numbers(r"in the decks +([0-9]+) +([0-9]+)", run("status"))
    found = json.loads(run("status", "--format", "json"))["notes"]["decks"]
    yield "status in JSON", (found["notes"], found["cards"])
    yield "site", numbers(r"([0-9]+) notes?, ([0-9]+) cards?, [0-9]+ packages?", run("site"))
    yield "front page", numbers(counted, Path("site/index.html").read_text(encoding="utf-8"))


def packed(project: Project) -> Numbers:
    """The notes with cards of all packages, each once, and their cards, as the packages have them."""
    cards = {(key, ordinal) for package in project.packages.values() for key, ordinal, *_ in package.cards}
    return len({key for key, _ in cards}), len(cards)


def of_records() -> Numbers:
    found = json.loads(run("status", "--format", "json"))["notes"]["records"]
    assert numbers(r"notes, cards +([0-9]+), ([0-9]+)", run("check", "--stats")) == (found["notes"], found["cards"])
    return found["notes"], found["cards"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_all_count_alike_in_the_shipped_project(project: Project, root: Path) -> None:
    shutil.copytree(root / "seeds", project.seeds)
    # Without the ledger, which may be ahead of the clock of this test.
    shutil.copytree(root / "decks", project.decks, ignore=shutil.ignore_patterns("*.apkg", "ledger.jsonl"))
    said = dict(said_by_all())
    assert set(said.values()) == {packed(project)} == {of_records()}


def test_all_count_alike_with_decks_of_reviewed_notes_and_a_retired_note(project: Project) -> None:
    path = project.record()
    one, two = "{id: short, text: Follow-up was short.", "{id: small, text: It was small.}"
    text = RECORD.replace(f"{one}}}", f"{one}, {REVIEW}}}\n  - {two}")
    text = text.replace("  - id: why\n", f"  - id: why\n    {REVIEW}\n")
    path.write_text(text.replace("  - id: whom\n", f"  - id: whom\n    {REVIEW}\n"), encoding="utf-8")
    project.record("noon-1")
    project.define("checked", "name: Checked", "select: {reviewed_only: true}", "split: trial")
    project.define("clinical", "name: Clinical", "select: {reviewed_only: true, perspectives: [clinical]}")
    project.build()
    # The question that loses its id is retired; under its new one it is a new note.
    text = path.read_text(encoding="utf-8").replace("id: whom", "id: when")
    path.write_text(text.replace("Whom does dawnol help?", "When is dawnol given?"), encoding="utf-8")
    said = dict(said_by_all())
    assert set(said.values()) == {packed(project)} == {(2, 2)}
    assert project.ledger.retired
    # A list that is asked is one note, with a card for each of its two points here; both records name one other trial.
    assert of_records() == (19, 28)


def test_records_with_errors_are_not_counted(project: Project) -> None:
    project.record()
    project.text("noon-1", "format: 1\nid: noon-1\n")
    output = CliRunner().invoke(main, ["check", "--stats"]).output
    assert re.search(r"records +1$", output, re.MULTILINE)
    assert "10 notes, 15 cards in 1 package" in output


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_note_is_counted_once_however_often_it_comes(count: int, record_text: str) -> None:
    trial = load_record_text(record_text.encode(), "x.yaml").trial
    assert trial
    notes = [note for note in own_notes(trial).notes if note.cards]
    tally = tally_of(notes * count)
    assert tally.notes == (len(notes) if count else 0)
    assert tally.cards == (sum(len(note.cards) for note in notes) if count else 0)
    assert sum(tally.perspectives.values()) == tally.notes
    whole = Tally()
    whole.add(b"".join(map(tally_entry, notes * count)))
    assert (whole.notes, whole.cards, whole.reviewed) == (tally.notes, tally.cards, tally.reviewed)
