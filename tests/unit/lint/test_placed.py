"""Problems of one record, each at the value that it is about; a fix mends its problem."""

from datetime import date
from pathlib import Path

import pytest

from conftest import RECORD
from folders import ROOT
from trialdeck.lint.placed.problems import PlacedProblem, placed_problems
from trialdeck.project.record_loader import problems_of
from trialdeck.records.editing.apply import apply
from trialdeck.records.load import load_record_text
from trialdeck.yamlfile.document import DataPath

BROKEN = sorted((ROOT / "tests" / "support" / "broken").glob("*.*"))
TODAY = date(2027, 1, 1)


def placed(content: bytes, name: str = "dawn-1.yaml") -> tuple[PlacedProblem, ...]:
    return placed_problems(content, name, ROOT / "tests" / "support" / "broken", TODAY, 730)[1]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_every_error_of_a_check_has_a_place(path: Path) -> None:
    content = path.read_bytes()
    record = load_record_text(content, path.name, path.parent)
    found = placed(content, path.name)
    assert set(problems_of(record)) <= {each.problem for each in found}
    is_mapping = record.document is not None and isinstance(record.document.data, dict)
    assert not is_mapping or all(each.path or each.problem.code == "TD209" for each in found)


def test_a_fix_mends_its_problem_and_makes_no_other() -> None:
    mended = set()
    for path in BROKEN:
        content = path.read_bytes()
        before = placed(content, path.name)
        for problem in before:
            for fix in problem.fixes:
                outcome = apply(content, fix.changes, path.name, together=True)
                assert (outcome.conflicts, outcome.refused) == ((), ()), path.name
                errors = {each.problem.message for each in placed(outcome.content, path.name)}
                assert problem.problem.message not in errors, (path.name, fix.label)
                mended.add(problem.problem.code)
    assert len(mended) > 12


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "labels"),
    [
        ("perspective: mechanism", "perspective: mech", "TD109", ("questions", 0, "perspective"), ["Write mechanism"]),
        ("- id: why\n    ", "- ", "TD104", ("questions", 0, "id"), ["Write dawnol-work"]),
        ("measure: hazard ratio", "measure: HR", "TD108", ("results", 0, "measure"), ["Write hazard ratio"]),
        ("estimate: 0.70", 'estimate: "0.70"', "TD105", ("results", 0, "estimate"), ["Write it as a number"]),
        ("estimate: 0.70", "estimate: \u22120\u00b770", "TD105", ("results", 0, "estimate"), ["Write -0.70"]),
        ("doi: 10.1000/dawn", "doi: doi:10.1000/dawn", "TD113", ("source", "doi"), ["Write 10.1000/dawn"]),
        ("NCT00000001", "nct00000001", "TD114", ("source", "registry"), ["Write NCT00000001"]),
        ("summary: ", "sumary: ", "TD103", ("sumary",), ["Call it summary", "Remove it"]),
        ("results: [rfs]", "results: [rfz]", "TD206", ("key_findings", 0, "results", 0), ["Write rfs", "Remove it"]),
        ("format: 1", "format: 2", "TD123", ("format",), ["Write 1"]),
        ("cards: [summary,", "cards: [history,", "TD443", ("cards", 0), ["Remove it"]),
    ],
)
def test_a_problem_knows_its_value_and_what_mends_it(
    old: str, new: str, code: str, path: DataPath, labels: list[str]
) -> None:
    assert old in RECORD
    found = next(each for each in placed(RECORD.replace(old, new, 1).encode()) if each.problem.code == code)
    assert (found.path, [fix.label for fix in found.fixes]) == (path, labels)


def test_the_quality_of_cards_is_judged_and_comments_suppress() -> None:
    text = RECORD.replace("Start early.", "Guidelines recommend dawnol.", 1)
    assert "TD501" in {each.problem.code for each in placed(text.encode())}
    ignored = text.replace("dawnol.}", "dawnol.}  # trialdeck: ignore[TD501]", 1)
    assert "TD501" not in {each.problem.code for each in placed(ignored.encode())}


def test_a_text_that_cannot_be_read_has_its_problems() -> None:
    document, problems = placed_problems(b"a: [", "dawn-1.yaml", Path(), TODAY, 730)
    assert document is None
    assert [(each.problem.code, each.path) for each in problems] == [("TD101", ())]
