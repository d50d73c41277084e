"""A second import knows the first: nothing comes twice, what the deck has changed is updated, edits of authors stay."""

import cProfile
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from foreign_decks import records, run_import, write_deck
from trialdeck.core.transactions import COMMIT

ROWS = [("Why does dawnol work?", "It binds dawnin."), ("Whom does it help?", "Adults"), ("How long?", "12 months")]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    write_deck(tmp_path / "deck.apkg", ROWS)
    run_import(tmp_path / "deck.apkg", tmp_path / "seeds")
    return tmp_path / "seeds"


def again(seeds: Path, rows: list[tuple[str, str]], *options: str) -> str:
    result = run_import(write_deck(seeds.parent / "deck.apkg", rows), seeds, *options)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()[-1]


def questions(seeds: Path) -> list[tuple[str, str]]:
    return [(each["question"], each["response"]) for each in records(seeds)["dawn-1"]["questions"]]


def test_a_reworded_question_is_updated_and_keeps_its_id(seeds: Path) -> None:
    ids = [each["id"] for each in records(seeds)["dawn-1"]["questions"]]
    rows = [("How does dawnol work?", "It binds dawnin."), *ROWS[1:]]
    assert again(seeds, rows) == "taken 0 of 3 notes, 3 there already (1 updated)"
    assert questions(seeds) == rows
    assert [each["id"] for each in records(seeds)["dawn-1"]["questions"]] == ids
    assert again(seeds, rows) == "taken 0 of 3 notes, 3 there already"


def test_a_new_note_is_added(seeds: Path) -> None:
    assert again(seeds, [*ROWS, ("What for?", "Nothing")]) == "taken 1 of 4 notes, 3 there already"
    assert questions(seeds) == [*ROWS, ("What for?", "Nothing")]


def test_what_was_edited_in_the_record_stays(seeds: Path) -> None:
    path = seeds / "dawn-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Adults", "Adults with it"), encoding="utf-8")
    assert again(seeds, ROWS) == "taken 0 of 3 notes, 3 there already"
    last = again(seeds, [ROWS[0], ("Whom does it help?", "Children"), ROWS[2]])
    assert last.startswith("taken 0 of 3 notes, 3 there already; parts of 1 note not taken (listed in ")
    assert ("Whom does it help?", "Adults with it") in questions(seeds)
    listed = (seeds / "deck.not-taken.txt").read_text(encoding="utf-8")
    assert "changed in the deck and in dawn-1.yaml, which stays as it is" in listed


def test_a_question_that_was_taken_out_stays_out(seeds: Path) -> None:
    path = seeds / "dawn-1.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("  - id: help")
    path.write_text(text[:start] + text[text.index("  - id:", start + 5) :], encoding="utf-8")
    again(seeds, [ROWS[0], ("Whom does it help now?", "Adults"), ROWS[2]])
    assert questions(seeds) == [ROWS[0], ROWS[2]]


def test_a_record_that_was_removed_is_made_anew(seeds: Path) -> None:
    (seeds / "dawn-1.yaml").unlink()
    assert again(seeds, ROWS) == "taken 3 of 3 notes"


def test_without_its_memory_an_import_knows_questions_by_their_words(seeds: Path) -> None:
    (seeds / "imported-notes.jsonl").unlink()
    assert again(seeds, ROWS) == "taken 0 of 3 notes, 3 there already"
    assert questions(seeds) == ROWS


def test_guids_stand_in_the_memory_and_not_in_the_record(seeds: Path) -> None:
    lines = (seeds / "imported-notes.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["guid"] for line in lines] == ["guid-00000", "guid-00001", "guid-00002"]
    assert "guid" not in (seeds / "dawn-1.yaml").read_text(encoding="utf-8")


def test_a_damaged_memory_is_one_error(seeds: Path) -> None:
    (seeds / "imported-notes.jsonl").write_text("{\n", encoding="utf-8")
    result = run_import(seeds.parent / "deck.apkg", seeds)
    assert result.exit_code == 1
    assert "imported-notes.jsonl:1: the line cannot be read" in result.output


def test_a_dry_run_remembers_nothing(tmp_path: Path) -> None:
    run_import(write_deck(tmp_path / "deck.apkg", ROWS), tmp_path / "seeds", "--dry-run")
    assert not (tmp_path / "seeds").exists()


def test_an_import_into_records_takes_linear_time(tmp_path: Path) -> None:
    def calls(count: int) -> int:
        """Count the functions that an import of twice as many notes calls; a busy machine changes nothing of it."""
        deck, seeds = tmp_path / "deck.apkg", tmp_path / str(count)
        rows = [(f"Question {number} of DAWN?", f"answer {number}") for number in range(count)]
        run_import(write_deck(deck, rows), seeds)
        changed = [(f"{question} Why?", answer) for question, answer in rows]
        write_deck(deck, [*changed, *((f"New {row[0]}", row[1]) for row in rows)])
        profile = cProfile.Profile()
        profile.runcall(run_import, deck, seeds)
        return sum(entry.callcount for entry in profile.getstats())

    calls(10)
    assert calls(800) < 5 * calls(200)


def test_what_lies_beside_a_new_folder_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "other" / COMMIT).mkdir(parents=True)
    (tmp_path / "other" / COMMIT / "0-x").write_bytes(b"")
    result = run_import(write_deck(tmp_path / "deck.apkg", ROWS), tmp_path / "seeds")
    assert result.stdout.splitlines()[-1] == "taken 3 of 3 notes"


def test_a_folder_that_vanishes_while_records_are_sought_is_passed_by(
    seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (seeds / "gone").mkdir()
    scandir = os.scandir

    def scan(folder: str | int = ".") -> Iterator[os.DirEntry[str]]:
        if str(folder) == str(seeds / "gone") and (seeds / "gone").exists():
            (seeds / "gone").rmdir()
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", scan)
    assert again(seeds, [*ROWS, ("What for?", "Nothing")]) == "taken 1 of 4 notes, 3 there already"
    assert not (seeds / "gone").exists()


def test_a_record_with_updates_alone_is_named_so(seeds: Path) -> None:
    result = run_import(write_deck(seeds.parent / "deck.apkg", [*ROWS[:2], ("How long?", "A year")]), seeds)
    assert result.stdout.splitlines()[0] == f"{seeds.as_posix()}/dawn-1.yaml got its entries updated"


def test_many_losses_are_summed_up_by_kind(tmp_path: Path) -> None:
    rows = [(f"Question {number}?", f"<span style='color:red'>answer {number}</span>") for number in range(11)]
    rows[7] = (rows[7][0], "<u>seven</u>")
    result = run_import(write_deck(tmp_path / "deck.apkg", rows), tmp_path / "seeds")
    assert [line for line in result.stderr.splitlines() if "not taken" in line] == [
        "not taken: note 1 \"Question 0?\", field Back: the colour of 'answer 0' (and 9 like it)",
        "not taken: note 8 \"Question 7?\", field Back: the underline of 'seven'",
    ]
    listed = (tmp_path / "seeds" / "deck.not-taken.txt").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 1 + len(rows)
