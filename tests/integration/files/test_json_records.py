"""A JSON record does all that a YAML record does: check, build, sheets, review, new, citations, decks of others."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from conftest import RECORD
from foreign_decks import run_import, write_deck
from projects import NOW, Project
from studies import analysis, as_file, outcome, study
from trialdeck.cli import main
from trialdeck.cli.watch import _is_edited_by_hand
from trialdeck.review.session import Verdict, items_of, sign
from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.jsonfile.text import record_json


def as_json(text: str) -> str:
    document, problems = parse_document(text.encode(), "x.yaml")
    assert document is not None, problems
    return record_json(document.data)


def run(*words: str | Path) -> Result:
    return CliRunner(env={"SOURCE_DATE_EPOCH": str(NOW)}).invoke(main, list(map(str, words)))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a record that is JSON and one that is YAML, from within it."""
    made = Project(tmp_path)
    made.record("noon-2")
    (made.seeds / "dawn-1.json").write_text(as_json(RECORD), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return made


def data_of(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def test_the_packages_are_those_of_the_yaml_record_byte_for_byte(tmp_path: Path) -> None:
    built = {}
    for kind in ("yaml", "json"):
        project = Project(tmp_path / kind)
        for trial in ("dawn-1", "noon-2"):
            path = project.record(trial)
            if kind == "json":
                path.with_suffix(".json").write_text(as_json(path.read_text(encoding="utf-8")), encoding="utf-8")
                path.unlink()
        project.define("all", "name: All")
        project.build()
        built[kind] = [path.read_bytes() for path in sorted(project.decks.glob("*.apkg"))]
    assert built["json"] == built["yaml"]
    assert built["json"]


def test_a_record_that_becomes_json_is_no_change_for_learners(project: Project) -> None:
    project.define("all", "name: All")
    project.build()
    before = (project.decks / "all.apkg").read_bytes()
    path = project.seeds / "noon-2.yaml"
    (project.seeds / "noon-2.json").write_text(as_json(path.read_text(encoding="utf-8")), encoding="utf-8")
    path.unlink()
    assert run("diff").output == "no differences\n"
    assert not any(msgspec.structs.astuple(project.build(NOW + 1).counts))
    assert (project.decks / "all.apkg").read_bytes() == before


def test_check_names_the_place_in_the_file_and_what_json_has_to_say(project: Project) -> None:
    path = project.seeds / "dawn-1.json"
    text = (
        path.read_text(encoding="utf-8")
        .replace('"ci_level": 95', '"ci_level": "95"')
        .replace('"p": "<0.001"', '"p": 7')
    )
    path.write_text(text.replace('      "perspective": "clinical",\n', ""), encoding="utf-8")
    said = run("check").output
    line = text.splitlines().index('      "ci_level": "95",') + 1
    assert f"seeds/dawn-1.json:{line}:19: error [TD105] 'ci_level' should be a number, not text\n" in said
    assert f" {line} | " in said
    assert "    write it without quotes\n" in said
    assert "seeds/dawn-1.json" in said
    assert 'for example `"perspective": "mechanism"`' in said


def test_quality_and_comments_of_yaml_in_a_text_are_no_suppressions(project: Project) -> None:
    path = project.seeds / "dawn-1.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Why does dawnol work?", "Why 😀 # trialdeck: ignore[TD6]?"), encoding="utf-8")
    result = run("check")
    assert result.exit_code == 0, result.output
    assert "TD506" not in result.output


def test_one_id_in_two_files_is_the_error_that_it_is_in_yaml(project: Project) -> None:
    project.record("dawn-1")
    said = run("check").output
    assert "TD202" in said
    assert "seeds/dawn-1.json" in said
    assert "seeds/dawn-1.yaml" in said


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (
            as_file(study(outcome(analysis()))),
            "this is a study of ClinicalTrials.gov, not a record",
            "`trialdeck ingest`",
        ),
        (
            as_file({"studies": [study()]}) + b" " * 2_000_000,
            "this is a study of ClinicalTrials.gov",
            "trialdeck ingest",
        ),
        (b'{"name": "x", "version": "1"}', "this JSON is not a record", 'begins with `"format": 1`'),
        (b'[{"DOI": "10.1/x"}]', "this JSON is not a record", "`trialdeck ingest`"),
        (b'[{"format": 1, "id": "a"}]', "this is a list of records", "write each of them into a file of its own"),
    ],
)
def test_json_that_is_no_record_is_one_error(content: bytes, message: str, hint: str, project: Project) -> None:
    (project.seeds / "NCT1.json").write_bytes(content)
    result = run("check")
    assert result.exit_code == 1
    assert f"seeds/NCT1.json:1:1: error [TD126] {message}" in result.output
    assert hint in result.output
    assert result.output.count("NCT1.json") == 1


def test_json_in_decks_is_no_deck_definition_and_no_record(project: Project) -> None:
    project.define("all", "name: All")
    (project.decks / "feed.json").write_text("{}", encoding="utf-8")
    assert "2 records, 1 deck definition, 0 errors" in run("check").output
    assert "feed.json" not in run("check", "decks").output


def test_sheets_change_it_in_place(project: Project) -> None:
    path = project.seeds / "dawn-1.json"
    before = path.read_text(encoding="utf-8")
    assert run("sheet", "export", "-o", "sheets").exit_code == 0
    assert run("sheet", "import", "sheets").output.startswith("nothing differs")
    results = next(Path("sheets").glob("*esults*"))
    results.write_text(results.read_text(encoding="utf-8").replace("0.70", "0.710", 1), encoding="utf-8")
    said = run("sheet", "import", "sheets")
    assert said.exit_code == 0, said.output
    assert path.read_text(encoding="utf-8") == before.replace('"estimate": 0.70', '"estimate": 0.710')


def test_a_review_is_signed_in_it(project: Project) -> None:
    path = project.seeds / "dawn-1.json"
    before = data_of(path)
    item = items_of(path, date(2026, 9, 21), 730)[0]
    sign(path, item.entry, Verdict("reviewed", "A. Reviewer", "2026-09-21"), item.seen)
    text = path.read_text(encoding="utf-8")
    assert '"by": "A. Reviewer"' in text
    assert "0.70" in text
    assert {name: part for name, part in data_of(path).items() if before.get(name) != part}
    assert run("check").exit_code == 0


def test_a_citation_goes_into_it(project: Project) -> None:
    Path("paper.nbib").write_text("PMID- 7\nTI  - A paper.\nAU  - Doe J\nAID - 10.1000/dawn [doi]\nSO  - J. 2020.\n")
    result = run("ingest", "paper.nbib", "--into", "seeds/dawn-1.json")
    assert result.exit_code == 0, result.output
    assert data_of(project.seeds / "dawn-1.json")["source"] == {
        "doi": "10.1000/dawn", "registry": "NCT00000001", "citation": "Doe J. J. 2020.",
    }  # fmt: skip


def test_a_deck_of_others_goes_into_it(project: Project) -> None:
    deck = write_deck(Path("deck.apkg"), [("What is dawn?", "Morning")], name="Dawn-1")
    first = run_import(deck, project.seeds)
    assert first.exit_code == 0, first.output
    made = next(path for path in project.seeds.iterdir() if "Morning" in path.read_text(encoding="utf-8"))
    as_json_file = made.with_suffix(".json")
    as_json_file.write_text(as_json(made.read_text(encoding="utf-8")), encoding="utf-8")
    if made != as_json_file:
        made.unlink()
    deck = write_deck(
        Path("deck.apkg"), [("What is dawn?", "Early morning"), ("What is noon?", "Midday")], name="Dawn-1"
    )
    second = run_import(deck, project.seeds)
    assert second.exit_code == 0, second.output
    assert not made.exists() or made == as_json_file
    assert [question["response"] for question in data_of(as_json_file)["questions"]][-2:] == ["Early morning", "Midday"]


def test_new_begins_a_json_record(project: Project) -> None:
    (project.folder / "schemas").mkdir()
    (project.folder / "schemas" / "trial.schema.json").write_text("{}", encoding="utf-8")
    result = run("new", "dusk-3", "--title", "Duskol", "--doi", "10.1000/dusk", "-o", "seeds/dusk-3.json")
    assert result.exit_code == 0, result.output
    assert data_of(project.seeds / "dusk-3.json") == {
        "$schema": "../schemas/trial.schema.json", "format": 1, "id": "dusk-3", "title": "Duskol",
        "source": {"doi": "10.1000/dusk"},
        "questions": [{"id": "main-finding", "perspective": "clinical", "question": "What did this trial show?",
                       "response": "Yet to be written."}],
        "review": {"status": "unreviewed"},
    }  # fmt: skip
    assert "TD222" in run("check", "seeds/dusk-3.json").output
    assert "'dusk-3' is taken" in run("new", "dusk-3", "--title", "x").output


def test_a_draft_is_yaml(project: Project) -> None:
    Path("study.json").write_bytes(as_file(study(outcome(analysis()))))
    result = run("ingest", "study.json", "-o", "seeds/draft.json")
    assert result.exit_code == 1
    assert "a draft has comments, and JSON has none" in result.output
    assert "a FILE that ends in .yaml" in result.output
    assert not (project.seeds / "draft.json").exists()


def test_a_saved_json_record_is_built_again() -> None:
    assert _is_edited_by_hand(None, "seeds/dawn-1.json")
