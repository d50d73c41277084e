"""Decks as other people have them, from the folder of cases beside the repository."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from folders import ROOT
from foreign_decks import records, run_import
from matrices import ONLY_FULL
from trialdeck.project.check import check

MAKER = ROOT.parent / "shared" / "cases" / "decks.py"


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not MAKER.is_file():
        pytest.skip(f"there is no {MAKER}")
    folder = tmp_path_factory.mktemp("decks")
    subprocess.run([sys.executable, "-W", "ignore", str(MAKER), str(folder)], check=True)
    return folder


def last_line(decks: Path, name: str, seeds: Path) -> str:
    result = run_import(decks / f"{name}.apkg", seeds)
    assert result.exit_code == 0, result.output
    assert check([seeds]).errors == ()
    return result.stdout.splitlines()[-1]


def test_cloze_and_basic(decks: Path, tmp_path: Path) -> None:
    assert last_line(decks, "cloze-and-basic", tmp_path) == "taken 4 of 4 notes"
    record = records(tmp_path)["dawn"]
    statements = [text for point in record["key_findings"] for text in point["cloze"].values()]
    assert statements == ["In DAWN, {{c1::dawnol}} cut events by {{c2::26%::how much}}", "HR was {{c1::0.74}}"]
    asked = [each["question"] for each in record["questions"]]
    assert asked == ["Which drug did DAWN test?", "DAWN", "Dawnol v placebo"]


def test_order(decks: Path, tmp_path: Path) -> None:
    last_line(decks, "order", tmp_path)
    asked = [each["question"] for each in records(tmp_path)["order"]["questions"]]
    assert asked == [f"Step {number}: what comes?" for number in range(12)]


def test_decks_of_one_last_name_are_two_records(decks: Path, tmp_path: Path) -> None:
    last_line(decks, "same-names", tmp_path)
    assert {name: record["title"] for name, record in records(tmp_path).items()} == {
        "a-basics": "A – Basics", "b-basics": "B – Basics",
    }  # fmt: skip


def test_wide(decks: Path, tmp_path: Path) -> None:
    assert last_line(decks, "wide", tmp_path) == "taken 1 of 1 note"
    record = records(tmp_path)["dawn-1"]
    assert (record["acronym"], record["tested"]) == ("DAWN-1", "Dawnol v placebo")
    assert record["source"] == {"citation": "DAWN-1, 2014", "url": "https://example.org/dawn-1"}
    assert record["limitations"][0]["text"] == "Open label; short"
    assert record["questions"][0]["response"] == "Adults with X"


@ONLY_FULL
def test_large(decks: Path, tmp_path: Path) -> None:
    start = time.process_time()
    first = run_import(decks / "large.apkg", tmp_path)
    between = time.process_time()
    second = run_import(decks / "large.apkg", tmp_path)
    assert first.stdout.splitlines()[-1] == "taken 9,000 of 9,000 notes"
    assert second.stdout.splitlines()[-1] == "taken 0 of 9,000 notes, 9,000 there already"
    assert between - start < 30
    assert time.process_time() - between < 10
    made = records(tmp_path)
    assert sum(len(record["questions"]) for record in made.values()) == 9000
    assert [record["title"] for name, record in made.items() if name == "large-part-2"] == ["Large (part 2)"]
