"""What a card rests on and how it is learned: every rule has an example that fires and one that does not."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from projects import Project
from quality_examples import RULES, record
from trialdeck.cli import main
from trialdeck.core.codes import CODES
from trialdeck.core.problem import Problem
from trialdeck.lint.provenance import unnamed_numbers
from trialdeck.lint.suppressions import ignores_of
from trialdeck.notes.prompts.authored import asked_of
from trialdeck.notes.prompts.words import likeness
from trialdeck.records.load import load_record_text
from trialdeck.review.card_report import appraise

TODAY = date(2026, 1, 1)
BUILT = 1_750_000_000
"""The build before: 2025-06-15."""


def warnings(folder: Path, example: Mapping[str, Any]) -> list[Problem]:
    said = dict(example)
    another, built = said.pop("another_trial", None), said.pop("built_before", None)
    paths = [folder / "dawn-1.yaml"]
    if built:
        project = Project(folder)
        paths = [project.text("dawn-1", record(**{**said, **built}))]
        project.build(BUILT)
    paths[0].write_text(record(**said), encoding="utf-8")
    if another:
        paths.append(folder / "dusk-2.yaml")
        paths[1].write_text(record("dusk-2", **another), encoding="utf-8")
    checked = appraise(paths, TODAY, 730).checked
    assert checked.errors == ()
    return [problem for problem in checked.problems if problem.code >= "TD500"]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_fires_on_its_example_alone(code: str, tmp_path: Path) -> None:
    found = warnings(tmp_path, RULES[code]["fires"])
    assert {problem.code for problem in found} == {code}
    assert all(problem.message and problem.hint for problem in found)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_silent_where_nothing_is_wrong(code: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, RULES[code]["silent"]) == []


def test_every_rule_has_examples_and_the_docs_show_them(root: Path) -> None:
    assert list(RULES) == [code for code in CODES if code >= "TD500"]
    text = (root / "docs" / "quality.md").read_text(encoding="utf-8")
    for code, rule in RULES.items():
        assert f"| {code} | {CODES[code].title} | {rule['why']} | {rule['after']} |" in text
        for name in ("fires", "silent"):
            assert example(rule[name]) in text


def example(said: Mapping[str, Any]) -> str:
    """An example as the docs show it."""
    lines = yaml.safe_dump(dict(said), sort_keys=False, allow_unicode=True, width=1000).splitlines()
    return "\n".join(lines)


def test_the_shipped_records_have_no_warning(root: Path) -> None:
    checked = appraise([root / "seeds"], TODAY, 730).checked
    assert checked.problems == ()


def test_an_ignored_warning_of_the_shipped_records_has_a_reason(root: Path) -> None:
    for path in (root / "seeds").glob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "trialdeck: ignore[" not in line or line.partition("]: ")[2]


def test_the_page_that_was_ingested_has_the_faults_of_a_page(root: Path, tmp_path: Path) -> None:
    """The page's fronts are long, ask two things at once, and cite guidelines without a day."""
    pages = sorted((root.parent / "shared" / "pages").glob("*.txt"))
    if not pages:
        pytest.skip("../shared/pages is not here")
    out = tmp_path / "page.yaml"
    assert CliRunner().invoke(main, ["ingest", str(pages[0]), "--id", "page", "-o", str(out)]).exit_code == 0
    codes = {problem.code for problem in appraise([out], TODAY, 730).checked.problems}
    assert {"TD501", "TD601", "TD603", "TD604", "TD612"} <= codes


# --- Numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("median 20.6 months (95% CI 0.59–0.94)", ["20.6", "95", "0.59", "0.94"]),
        ("grade 3 or 4 rash in 19% of 360 patients", ["19", "360"]),
        ("del(17p), t(4;14), CD38, 1q21, TOURMALINE-MM1 and IL-6", []),
        ("25 mg on days 1, 8 and 15 of a 28-day cycle, one to 3 prior lines, 2:1", []),
        ("stopped at 18 cycles in 2016; 12 months later 7% were left", ["12", "7"]),
        ("phase 3, with 722 patients, version 1.2", ["722"]),
        (r"[It](https://doi.org/10.1016/S0140-6736\(05\)67394-1) gave 31.2 of <https://example.org/99.5>", ["31.2"]),
    ],
)
def test_numbers_that_state_something_are_found(text: str, numbers: list[str]) -> None:
    assert unnamed_numbers(text) == numbers


@given(st.text(max_size=300))
def test_any_text_has_numbers_or_none(text: str) -> None:
    assert all(float(number) >= 0 for number in unnamed_numbers(text))


@given(st.frozensets(st.text(max_size=3)), st.frozensets(st.text(max_size=3)))
def test_likeness_is_a_share(one: frozenset[str], other: frozenset[str]) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= likeness(one, one) == 1


def test_what_is_asked_is_plain_text() -> None:
    trial = load_record_text(
        record(question="What was *tested* in DAWN-1?", cloze={"a": "**Dawn** {{c1::breaks::verb}} early"}).encode(), ""
    ).trial
    assert trial
    question, statement = asked_of(trial)
    assert (question.front, question.answer, question.is_split) == ("What was tested in DAWN-1?", "Dawnol.", True)
    assert (statement.front, statement.answers, statement.hints) == ("Dawn … early", ("breaks",), ("verb",))


# --- Ignores


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("a: b  # trialdeck: ignore[TD601]\n", [(1, 1)]),
        ("# trialdeck: ignore[TD601, TD602]: why\n\n# more\na: b\n", [(1, 4)]),
        ("a:  # trialdeck: ignore[TD6]\n  b\n", [(1, 2)]),
        ("a: |  # trialdeck: ignore[TD6]\n  # trialdeck: ignore[TD5]\n", [(1, 1)]),
        ('a: "x # trialdeck: ignore[TD6]"\n', []),
        ("a: 'x'  #trialdeck:ignore[TD6]\n", [(1, 1)]),
        ("a: x#trialdeck:ignore[TD6]\n", []),
        ("a: x\u2028b\u2029c\x85d  # trialdeck: ignore[TD6]\n", [(1, 1)]),
    ],
)
def test_a_comment_is_for_its_line_or_the_next_that_is_written(text: str, targets: list[tuple[int, int]]) -> None:
    assert [(each.line, each.target) for each in ignores_of(text)] == targets


def test_an_error_is_never_ignored_and_an_unknown_code_is_told(tmp_path: Path) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(record().replace("id: tested", "id: Tested  # trialdeck: ignore[TD1, TD999]"), encoding="utf-8")
    assert [problem.code for problem in appraise([path], TODAY, 730).checked.problems] == ["TD111"]
    path.write_text(record().replace("id: tested", "id: tested  # trialdeck: ignore[TD999]"), encoding="utf-8")
    [problem] = appraise([path], TODAY, 730).checked.problems
    assert (problem.code, problem.line, problem.message) == ("TD506", 27, "there is no code 'TD999'")


# --- The command


OF_RECORD = {"TD502", "TD505", "TD506"}
"""The warnings that are not about an entry."""


@pytest.mark.parametrize("code", RULES)
def test_what_is_retired_is_not_looked_at(code: str, tmp_path: Path) -> None:
    said = RULES[code]["fires"] | {"retired": True}
    if "built_before" in said:
        said |= {"built_before": said["built_before"] | {"retired": False}}
    found = {problem.code for problem in warnings(tmp_path, said)}
    assert found == ({code} if code in OF_RECORD else set())


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner(env={"SOURCE_DATE_EPOCH": "1767225600"}).invoke(main, [str(each) for each in arguments])
    return result.exit_code, result.output


def test_warnings_are_selected_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(record(response="It depends.", source={}), encoding="utf-8")
    for options, codes in {
        (): ["TD505", "TD611"],
        ("--select", "td6"): ["TD611"],
        ("--ignore", "TD505,TD611"): [],
        ("--select", "TD5", "--select", "TD6", "--ignore", "TD61"): ["TD505"],
    }.items():
        code, output = run("check", path, *options)
        assert code == 0
        assert re.findall(r"^\S+: warning \[(TD[0-9]{3})\] ", output, re.MULTILINE) == codes
        assert f"1 record, 0 errors, {len(codes)} warning" in output
    assert run("check", path, "--strict")[0] == 1
    assert run("check", path, "--strict", "--ignore", "TD")[0] == 0
    assert "there is no code 'TD7'" in run("check", path, "--select", "TD7")[1]


def test_how_old_a_review_may_be_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(record(review={"status": "reviewed", "by": "A", "on": "2025-06-01"}), encoding="utf-8")
    assert "TD502" not in run("check", path)[1]
    assert "reviewed on 2025-06-01, which is too long ago" in run("check", path, "--stale-after", "6m")[1]
    assert "'soon' is not an age" in run("check", path, "--stale-after", "soon")[1]


REVIEW = {"status": "disputed", "by": "A", "reason": "No.", "on": "2026-01-03"}
RETIRED = "    retired: {on: 2026-01-03, reason: It was withdrawn.}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (record(review=REVIEW), "disputed on 2026-01-03"),
        (record(review={**REVIEW, "on": "2025-12-01", "as_of": "2026-06-01"}), "as of 2026-06-01"),
        (f"{record()}takeaways:\n  - id: start\n    perspective: clinical\n    text: Start.\n{RETIRED}",
         "retired on 2026-01-03"),
    ],
)  # fmt: skip
def test_a_day_that_has_not_come(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(text, encoding="utf-8")
    assert f"warning [TD419] {message}, a day that has not come\n" in run("check", path)[1]
    # It may be tomorrow already where the author lives.
    path.write_text(text.replace("2026-01-03", "2026-01-02").replace("2026-06-01", "2026-01-02"), encoding="utf-8")
    assert "TD419" not in run("check", path)[1]


def test_figures_of_one_screen(root: Path) -> None:
    # The ledger of the shipped decks is younger than the day of these tests.
    code, output = run("check", "--stats", "--ignore", "TD420", root / "seeds")
    assert code == 0
    assert "words on a front" in output
    assert "no problems" in output
    assert output.count("\n") < 25
