"""Somebody else's deck becomes records: its words, trial by trial, and nothing silently left out."""

from pathlib import Path
from typing import Any

import genanki
import pytest
import yaml
from click.testing import CliRunner, Result

from trialdeck.cli import main
from trialdeck.project.check import check

MODEL = genanki.Model(
    1607392319,
    "Study facts",
    fields=[{"name": name} for name in ("Ask", "Tell", "Study", "Notes")],
    templates=[{"name": "Card", "qfmt": "{{Ask}}", "afmt": "{{Tell}}"}],
)
MAP = {"format": 1, "question": "Ask", "response": "Tell", "trial_field": "Study"}
NOTES = [
    ("Why does dawnol work?", "It <b>binds</b> dawnin,<br>p&lt;0.001.", "DAWN-1", ["study::DAWN-1"]),
    ("<div>Whom does it help?</div>", '<span style="color:red">Adults</span> with <u>it</u>', "DAWN-1", []),
    ("Does duskol work?", "No<img src='x.png'>[sound:no.mp3]", "DUSK-2 trial", ["study::DUSK-2"]),
    ("Empty?", "", "DAWN-1", []),
    ("Of no trial?", "Yes", "", []),
]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    deck = genanki.Deck(1, "Cardiology::DAWN-1")
    for ask, tell, study, tags in NOTES:
        deck.add_note(genanki.Note(MODEL, [ask, tell, study, ""], tags=tags))
    genanki.Package(deck).write_to_file(tmp_path / "facts.apkg")
    return tmp_path / "facts.apkg"


def adopt(package: Path, form: dict[str, Any] | str, *options: str) -> Result:
    path = package.parent / "map.yaml"
    path.write_text(form if isinstance(form, str) else yaml.safe_dump(form), encoding="utf-8")
    call = ["import", str(package), "--map", str(path), "--out", str(package.parent / "seeds"), *options]
    return CliRunner().invoke(main, call, catch_exceptions=False)


def records(package: Path) -> dict[str, Any]:
    folder = package.parent / "seeds"
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}


def test_each_trial_becomes_a_good_record(package: Path) -> None:
    result = adopt(package, {**MAP, "perspective": "mechanism"})
    assert result.exit_code == 0, result.output
    made = records(package)
    assert list(made) == ["dawn-1", "dusk-2"]
    questions = {each["question"]: each["response"] for each in made["dawn-1"]["questions"]}
    assert questions == {
        "Why does dawnol work?": "It **binds** dawnin,\np<0.001.",
        "Whom does it help?": "Adults with it",
    }
    assert made["dusk-2"]["questions"] == [
        {"id": "duskol-work", "perspective": "mechanism", "question": "Does duskol work?", "response": "No"}
    ]
    assert check([package.parent / "seeds"]).errors == ()


def test_what_is_left_out_is_told(package: Path) -> None:
    result = adopt(package, MAP)
    lines = [
        "note 2 \"Whom does it help?\", field Tell: the colour of 'Adults'",
        "note 2 \"Whom does it help?\", field Tell: the underline of 'it'",
        "note 3 \"Does duskol work?\": 'x.png' is not in the deck",
        "note 3 \"Does duskol work?\": 'no.mp3' is not in the deck",
        'note 4 "Empty?", field Tell: no text',
        'note 5 "Of no trial?": it names no trial',
    ]
    assert result.stderr.splitlines() == [f"not taken: {line}" for line in lines]
    file = package.parent / "seeds" / "facts.not-taken.txt"
    assert file.read_text(encoding="utf-8").splitlines()[1:] == lines
    reasons = "1 with no text in Tell, 1 because it names no trial"
    counts = f"taken 3 of 5 notes; not taken: {reasons}; parts of 2 notes not taken"
    assert result.stdout.splitlines()[-1] == f"{counts} (listed in {file.as_posix()})"


def test_a_second_time_changes_nothing(package: Path) -> None:
    adopt(package, MAP)
    first = {path: path.read_bytes() for path in (package.parent / "seeds").iterdir()}
    assert adopt(package, MAP).stdout.startswith("taken 0 of 5 notes, 3 there already; not taken: 1 with no text")
    assert {path: path.read_bytes() for path in (package.parent / "seeds").iterdir()} == first


def test_a_record_that_is_there_gets_what_it_lacks(package: Path, record_text: str) -> None:
    seeds = package.parent / "seeds"
    seeds.mkdir()
    (seeds / "dawn-1.yaml").write_text(record_text, encoding="utf-8")
    result = adopt(package, MAP)
    assert "dawn-1.yaml got 1 new entry\n" in result.stdout
    after = (seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    new = """\
  - id: help
    perspective: clinical
    question: Whom does it help?
    response: Adults with it
"""
    assert after == record_text.replace("related_trials:", f"{new}related_trials:")


def test_a_dry_run_writes_nothing(package: Path) -> None:
    assert "dawn-1.yaml would get 2 new entries" in adopt(package, MAP, "--dry-run").stdout
    assert not (package.parent / "seeds").exists()


@pytest.mark.parametrize(
    ("place", "trials"),
    [
        ({"trial_tag": "study::"}, ["dawn-1", "dusk-2"]),
        ({"trial_id": "noon-1"}, ["noon-1"]),
        ({}, ["dawn-1"]),
    ],
)
def test_a_trial_is_named_in_many_ways(place: dict[str, str], trials: list[str], package: Path) -> None:
    adopt(package, {"format": 1, "question": "Ask", "response": "Tell", **place})
    assert list(records(package)) == trials


def test_without_a_map_one_to_start_with_is_printed(package: Path) -> None:
    result = CliRunner().invoke(main, ["import", str(package)], catch_exceptions=False)
    printed = result.stdout
    assert result.stderr.startswith("This map takes 3 of 5 notes.")
    assert "#   Study facts (5 notes): Ask, Tell, Study, Notes" in printed
    assert yaml.safe_load(printed) == {
        "format": 1,
        "note_types": {"Study facts": {"question": "Ask", "response": "Tell", "trial": "Study"}},
    }
    assert adopt(package, printed).exit_code == 0
    assert list(records(package)) == ["dawn-1", "dusk-2"]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({**MAP, "question": "Front"}, "map.yaml:2:11: error [TD305] the note type 'Study facts' has no field 'Front'"),
        ({**MAP, "note_type": "Basic"}, "error [TD305] the deck has no note type 'Basic'\n"),
        ("format: 1\nquestion: Ask\n", "map.yaml:1:1: error [TD104]"),
        ("format: 1\nquestion: Ask\nresponse: Tell\ntrail_id: x\n", "map.yaml:4:1: error [TD103]"),
        ("format: [", "map.yaml:1:10: error [TD101]"),
    ],
)
def test_a_map_that_does_not_fit_is_one_error(form: Any, told: str, package: Path) -> None:
    result = adopt(package, form)
    assert result.exit_code == 1
    assert told in result.output
    assert not (package.parent / "seeds").exists()
