"""`trialdeck diff` without packages: the records held against the last edition."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from trialdeck.cli import main
from trialdeck.notes import note_types as notetypes
from trialdeck.project.packages import PackageWriter

DAY = 86_400
NOW = 1_790_000_000
Write = Callable[..., Path]
WHY = "dawn-1/question/why"
DECK = """\
format: 1
id: dawn
name: Dawn
split: none
subdecks: none
"""


@pytest.fixture
def project(write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was built once, in its only edition."""
    write_record("seeds/dawn-1.yaml")
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "dawn.yaml").write_text(DECK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run("build", at=NOW)
    return tmp_path


def run(*arguments: str, at: int = NOW + DAY) -> str:
    result = CliRunner(env={"SOURCE_DATE_EPOCH": str(at)}).invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def changes(*arguments: str) -> Any:
    return json.loads(run("diff", "--format", "json", *arguments))


def test_nothing_differs_after_a_build(project: Path) -> None:
    before = {path: path.read_bytes() for path in (project / "decks").iterdir()}
    assert run("diff") == "no differences\n"
    assert {path: path.read_bytes() for path in (project / "decks").iterdir()} == before


def test_an_edit_is_shown_word_by_word(project: Path, write_record: Write) -> None:
    write_record("seeds/dawn-1.yaml", {"It binds **dawnin**": "It blocks **dawnin**", "[student]": "[fellow]"})
    assert run("diff").splitlines() == [
        "changed:",
        f"  {WHY}: Why does dawnol work?",
        "    Response: It [-binds-]{+blocks+} dawnin.",
        "    Audience: [-student-]{+fellow+}",
        "    tags: [-trialdeck::audience::student-] {+trialdeck::audience::fellow+}",
        "for learners who have the deck:",
        f"  low risk, content-replaced: Anki replaces the text of 1 note ({WHY}), and what learners wrote into it",
        "0 new, 1 changed, 0 retired, 0 moved, 0 note types changed",
    ]


def test_what_comes_goes_and_returns(project: Path, write_record: Write) -> None:
    text = (project / "seeds" / "dawn-1.yaml").read_text(encoding="utf-8")
    question = text[text.index("  - id: why") : text.index("  - id: whom")]
    write_record(
        "seeds/dawn-1.yaml", {question: "  - {id: how, perspective: clinical, question: How?, response: So.}\n"}
    )
    found = changes()
    assert [each["name"] for each in found["new"]] == ["dawn-1/question/how"]
    assert [(each["name"], each["label"], each["retired"]) for each in found["retired"]] == [
        (WHY, "Why does dawnol work?", "2026-09-22")
    ]
    run("build")
    write_record("seeds/dawn-1.yaml")
    assert [each["name"] for each in changes()["returned"]] == [WHY]


def test_a_rename_is_a_change_of_the_same_note(project: Path, write_record: Write) -> None:
    write_record("seeds/dawn-1.yaml", {"id: why\n": "id: reason\n    formerly: [why]\n"})
    (change,) = changes()["changed"]
    assert change["name"] == "dawn-1/question/reason"
    assert change["fields"] == [{"name": "Key", "before": WHY, "after": "dawn-1/question/reason"}]


def test_another_name_of_the_deck_moves_its_notes(project: Path) -> None:
    (project / "decks" / "dawn.yaml").write_text(DECK.replace("name: Dawn", "name: Daybreak"), encoding="utf-8")
    found = changes()
    assert len(found["moved"]) == 10
    assert (found["moved"][0]["before"], found["moved"][0]["after"]) == (
        ["Landmark Trials::Dawn"],
        ["Landmark Trials::Daybreak"],
    )


TITLE = {"title: Dawnol for Example Disease": "title: Dawnol for the Example Disease"}


def test_new_facts_are_summed_up_by_trial(project: Path, write_record: Write) -> None:
    write_record("seeds/dawn-1.yaml", TITLE)
    (facts,) = changes()["facts"]
    # The title is the own content of the note of the trial, and shared by the others.
    assert (facts["trial"], facts["notes"], facts["since_last_edition"], facts["since_earlier_editions"]) == (
        "dawn-1", 8, 8, 0
    )  # fmt: skip
    (glance,) = (each for each in facts["fields"] if each["name"] == "About")
    assert glance["notes"] == 8
    assert "Dawnol for Example Disease" in glance["before"]
    assert "Dawnol for the Example Disease" in glance["after"]
    told = run("diff")
    # Once for the note of the trial, then once for each field that all others share.
    assert told.count("Dawnol for {+the +}Example Disease") == 1 + 2
    assert "\nnew facts (`build --refresh` sends them):\n  8 notes carry new facts of dawn-1\n" in told
    assert "- 8 notes carry new facts of dawn-1\n" in run("diff", "--format", "markdown")
    assert told.splitlines()[-1].endswith("1 changed, 0 retired, 0 moved, 8 with new facts, 0 note types changed")


@pytest.mark.parametrize("address", ["errors@example.org", "https://github.com/jane/decks/issues/new"])
def test_a_new_address_for_errors_is_one_change(project: Path, address: str) -> None:
    """It has the key of the note in it."""
    (project / "decks" / "project.yaml").write_text("format: 1\nreport: me@example.org\n", encoding="utf-8")
    run("build")
    (project / "decks" / "project.yaml").write_text(f"format: 1\nreport: {address}\n", encoding="utf-8")
    facts = {each["trial"]: each for each in changes()["facts"]}
    (fact,) = facts["dawn-1"]["fields"]
    assert (fact["name"], fact["notes"], facts["dawn-1"]["more"]) == ("Report", facts["dawn-1"]["notes"], 0)
    assert "me@example.org" in fact["before"]
    assert address in fact["after"]
    assert run("diff").count("issues/new" if "issues" in address else "{+errors+}@") == len(facts)


def test_a_new_doi_is_one_change_of_each_field(project: Path, write_record: Write) -> None:
    """It stands beside the data cut on some notes, and alone on others."""
    write_record("seeds/dawn-1.yaml", {"doi: 10.1000/dawn": "doi: 10.1000/dawn.2"})
    (facts,) = (each for each in changes()["facts"] if each["trial"] == "dawn-1")
    assert [(each["name"], each["notes"]) for each in facts["fields"]] == [("Source", facts["notes"])]
    assert facts["more"] == 0


def test_facts_wait_until_a_note_changes(project: Path, write_record: Write) -> None:
    write_record("seeds/dawn-1.yaml", TITLE)
    run("build")
    (facts,) = changes()["facts"]
    assert (facts["notes"], facts["since_last_edition"], facts["fields"]) == (8, 0, [])
    assert "  8 notes carry new facts of dawn-1 since earlier builds\n" in run("diff")
    write_record("seeds/dawn-1.yaml", {**TITLE, "topics: [example-disease]": "topics: [example-disease, more]"})
    assert all(facts["tags_added"] == ["trialdeck::topic::more"] for facts in changes()["facts"])
    write_record("seeds/dawn-1.yaml", {**TITLE, "It binds": "It blocks"})
    (facts,) = changes()["facts"]
    assert facts["notes"] == 7
    assert [change["name"] for change in changes()["changed"]] == [WHY]


def test_facts_of_which_the_former_text_is_not_known(project: Path, write_record: Write) -> None:
    (project / "decks" / "dawn.apkg").unlink()
    write_record("seeds/dawn-1.yaml", TITLE)
    (facts,) = changes()["facts"]
    assert (facts["notes"], facts["unknown"], facts["fields"]) == (8, 8, [])
    assert "    the former text of 8 notes is not known\n" in run("diff")


def test_words_of_shared_content_are_those_of_the_last_edition(project: Path, write_record: Write) -> None:
    """A package of an earlier edition has the same time stamps, but not the same facts."""
    older = (project / "decks" / "dawn.apkg").read_bytes()
    write_record("seeds/dawn-1.yaml", TITLE)
    run("build")
    (project / "decks" / "dawn.apkg").write_bytes(older)
    write_record("seeds/dawn-1.yaml", {key: f"{value}, Again" for key, value in TITLE.items()})
    (facts,) = changes()["facts"]
    assert (facts["notes"], facts["unknown"]) == (8, 8)


def test_a_diff_makes_no_package(project: Path, write_record: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PackageWriter, "write", lambda *_: pytest.fail("a package is made"))
    write_record("seeds/dawn-1.yaml", {"It binds": "It blocks"})
    assert [change["name"] for change in changes()["changed"]] == [WHY]


def test_a_pull_makes_no_package(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PackageWriter, "write", lambda *_: pytest.fail("a package is made"))
    run("pull", "decks/dawn.apkg")


def test_a_renamed_trial_keeps_its_notes(project: Path, write_record: Write) -> None:
    (project / "seeds" / "dawn-1.yaml").unlink()
    write_record("seeds/dawn-2.yaml", {"id: dawn-1\n": "id: dawn-2\nformerly: [dawn-1]\n"})
    found = changes()
    assert (found["new"], found["retired"]) == ([], [])
    assert {change["name"].partition("/")[0] for change in found["changed"]} == {"dawn-2"}


def test_a_new_look_is_a_change_of_the_note_types(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = notetypes._file
    monkeypatch.setattr(notetypes, "_file", lambda name: files(name) + ("\n.td {}" if name == "style.css" else ""))
    notetypes.note_type.cache_clear()
    try:
        kinds = changes()["note_types"]["changed"]
    finally:
        monkeypatch.undo()
        notetypes.note_type.cache_clear()
    assert [(kind["name"], kind["style"], kind["templates_changed"]) for kind in kinds] == [
        ("Trialdeck Cloze", True, []),
        ("Trialdeck Question", True, []),
        ("Trialdeck Trial", True, []),
    ]


def test_without_the_packages_the_ledger_still_tells_which_notes(project: Path, write_record: Write) -> None:
    (project / "decks" / "dawn.apkg").unlink()
    write_record("seeds/dawn-1.yaml", {"It binds": "It blocks"})
    result = CliRunner().invoke(main, ["diff"])
    assert "    the former text is not known\n" in result.stdout
    assert "put the packages of the last edition into decks" in result.stderr
    assert [change["name"] for change in changes()["changed"]] == [WHY]


def test_a_package_of_another_edition_gives_no_words(project: Path, write_record: Write) -> None:
    older = (project / "decks" / "dawn.apkg").read_bytes()
    write_record("seeds/dawn-1.yaml", {"It binds": "It blocks"})
    run("build")
    (project / "decks" / "dawn.apkg").write_bytes(older)
    write_record("seeds/dawn-1.yaml", {"It binds": "It grips", "Whom does": "Which patients does"})
    fields = {change["name"]: change["fields"] for change in changes()["changed"]}
    assert fields[WHY] is None
    assert [field["name"] for field in fields["dawn-1/question/whom"]] == ["Question"]


def test_records_that_were_never_built_are_new(write_record: Write, tmp_path: Path) -> None:
    found = changes(str(write_record("new/dawn-1.yaml").parent), "--out", str(tmp_path / "nowhere"))
    assert len(found["new"]) == 10
    assert not (tmp_path / "nowhere").exists()


def test_faulty_records_are_told_and_not_compared(project: Path, write_record: Write) -> None:
    write_record("seeds/dawn-1.yaml", {"perspective: mechanism": "perspective: mechanics"})
    result = CliRunner().invoke(main, ["diff"])
    assert result.exit_code == 1
    assert "TD109" in result.stderr
