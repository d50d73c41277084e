"""What the pages on source material and on JSON show is what happens: commands, questions, tables, the record."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from folders import ROOT
from trialdeck.cli import main
from trialdeck.cli.records import new as command
from trialdeck.core.problem import Severity
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import drafts_of
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text

INGEST = (ROOT / "docs" / "ingest.md").read_text(encoding="utf-8")
JSON = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
SAMPLES = ROOT.parent / "shared" / "registry"
ROW = re.compile(r"\| (NCT[0-9]{8}) \| (.*) \| ([0-9]+) \| ([0-9]+) \| ([0-9]+) \| ([0-9]+) \|")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the examples, from within it, at a terminal."""
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "in_terminal", lambda: True)
    return tmp_path


def run(line: str, typed: str = "") -> Result:
    program, *words = shlex.split(line)
    assert program == "trialdeck"
    result = CliRunner(env={"SOURCE_DATE_EPOCH": "1790000000"}).invoke(main, words, input=typed)
    assert result.exit_code == 0, result.output
    return result


def test_the_commands_of_the_page_on_source_material_run(folder: Path) -> None:
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```$", INGEST, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    results = {line: run(line, "\n\n1\n1-2\nanaem\n1\n" if " new " in line else "") for line in lines}
    assert len(results) == 5
    (asked,) = (result.output for line, result in results.items() if " new " in line)
    (shown,) = re.findall(r"^    Outcomes\n.*?\[1\]: ", INGEST, re.MULTILINE | re.DOTALL)
    assert re.sub("(?m)^    ", "", shown) in asked
    chosen = (folder / "new" / "chosen.yaml").read_text(encoding="utf-8")
    assert "endpoint: Anaemia (serious)" in chosen
    assert "doi: 10.1000/dawn" in chosen
    assert "margin: 1.30" in chosen
    assert list((folder / "new" / "decks").glob("*.apkg"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of the registry are not here")
def test_the_table_of_studies_is_true() -> None:
    rows = {match[1]: match.groups()[1:] for match in ROW.finditer(INGEST)}
    assert sorted(rows) == sorted(path.stem for path in SAMPLES.glob("*.json"))
    for name, (acronym, *counts) in rows.items():
        content = (SAMPLES / f"{name}.json").read_bytes()
        material = read_material(content, name)
        (study,) = material.studies
        (made,) = drafts_of([material])
        outcomes = study.module("outcomeMeasuresModule")["outcomeMeasures"]
        analyses = sum(len(outcome.get("analyses", [])) for outcome in outcomes)
        comments = re.sub(r"\n *# ?", " ", made.draft.text)
        taken = set(re.findall(r"Registry, (outcome [0-9]+, analysis [0-9]+)", comments))
        listed = {notice.place for notice in made.draft.not_taken if ", analysis " in notice.place}
        assert [len(outcomes), analyses, len(taken), len(listed)] == [int(count) for count in counts]
        assert acronym == (study.text("identificationModule.acronym") or "–")


def test_the_record_of_the_page_on_json_is_a_good_one(folder: Path) -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", JSON, re.MULTILINE | re.DOTALL)
    assert json.loads(block)["id"] == "dawn-1"
    problems = problems_of(load_record_text(block.encode(), "dawn-1.json"))
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    (line,) = re.findall(r"`(trialdeck new .*?)`", JSON)
    run(line, "\n" * 5)
    assert json.loads(Path("dawn-1.json").read_text(encoding="utf-8"))["title"] == "Dawnol for Example Disease"
