"""`trialdeck diff` without packages: the records held against the last edition."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from trialdeck.cards import notetypes
from trialdeck.cli import main

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
