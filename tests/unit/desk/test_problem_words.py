"""What the form says of problems: no property, no syntax of the file; who fills it in sees labels and buttons."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import trialdeck as td
from conftest import RECORD
from folders import SUPPORT
from quality_examples import RULES, record
from trialdeck.core.codes import CODES
from trialdeck.desk.forms.problem_words import Said, fix_label, said_in_form

WHY = "    question: Why does"
SAID = "It binds **dawnin**."
ARMS = "arms: [{name: dawnol, n: 100, median: 12.0}, {name: placebo, n: 99, median: not reached}]"
UNSIGNED = "review: {status: unreviewed}"
RETIRED = "retired: {on: 2026-01-01, reason: No.}"
OLD = "id: old, perspective: clinical, question: Why?, response: So."
FIGURE = "figures: [{file: a.png, alt: Yet to be written., license: CC0}]"
RATIO = """\
hazard ratio
    estimate: 0.70
    ci: [0.60, 0.90]
    ci_level: 95
    p: "<0.001"
    unit: months
    """
EDITS = (
    (RATIO + ARMS,
     "mean difference\n    estimate: -4\n    unit: kg\n    arms: [{name: A, mean: 9}, {name: B, mean: 5}]"),
    (ARMS, ARMS.replace("}]", "}, {name: third, n: 9}]")),
    (ARMS, "arms: [{name: A, rate: 4}]"),
    ("hazard ratio\n    estimate: 0.70\n    ci: [0.60, 0.90]",
     "mean difference\n    estimate: 1\n    ci: [-1, 11]\n    hypothesis: noninferiority\n    margin: -10"),
    ("results:\n", "results:\n  - {id: os, endpoint: Survival}\n"),
    ("    endpoint: Relapse", f"    {RETIRED}\n    endpoint: Relapse"),
    (UNSIGNED, "review: {status: reviewed}"),
    (UNSIGNED, "review: {status: disputed}"),
    (UNSIGNED, "review: {status: unreviewed, reason: No.}"),
    (UNSIGNED, "review: {status: reviewed, by: A, on: 2029-01-01}"),
    (UNSIGNED, "review: {status: reviewed, by: A, on: 2019-01-01}"),
    (SAID, "|\n      The trial gave dawnol to three hundred adults who had not been\n      treated before."),
    (SAID, '"1. a\\n1. b"'),
    (SAID, '"| a | b |\\n|---|---|\\n| P(x|y) | 0.5 |"'),
    (SAID, "It binds #2 of them."),
    (SAID, '"It\\0 binds."'),
    (SAID, "Yet to be written."),
    (SAID, f"{SAID}\n    {RETIRED[:-1]}, instead: hwom}}"),
    (SAID, f"{SAID}\n    {RETIRED[:-1]}, instead: old}}\n  - {{{OLD}, {RETIRED}}}"),
    ("id: dawn-1", "id: con"),
    (WHY, f"    {FIGURE}\n{WHY}"),
    ("text: Follow-up", f"card: false, {FIGURE}, text: Follow-up"),
    ("cards: [summary,", "cards: [history,"),
    ("key_findings:\n", "significance: ''\nkey_findings:\n"),
)  # fmt: skip
ELSEWHERE = {
    *("TD100", "TD101", "TD106", "TD107", "TD112", "TD120", "TD122", "TD126"),  # the text is shown
    *("TD202", "TD210", "TD216", "TD402", "TD407", "TD417", "TD418", "TD420", "TD441", "TD442", "TD503", "TD506",
      "TD610"),  # other records or editions are compared
    *("TD301", "TD302", "TD303", "TD304", "TD305", "TD406", "TD408", "TD410"),  # of settings and files
    *("TD125", "TD214", "TD411"),  # needs a large file, or a photo: its hint is one sentence without a property
}  # fmt: skip
"""The codes of problems that the form of one record does not show."""
OF_THE_FILE = re.compile(
    r"`\w|\b(yaml|mapping|deletion|cloze|property|in line [0-9]|true|false|without quotes)\b|[a-z]_[a-z]"
)
QUOTED = re.compile(r"'[^']*'|\{\{.*?(\}\}|$)|<\w+>|\S+/\S+")


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[td.PlacedProblem]:
    """What is wrong with records that have all kinds of faults."""
    own = tmp_path_factory.mktemp("faulty")
    for number, (old, new) in enumerate(EDITS):
        assert old in RECORD
        (own / f"edited-{number}.yaml").write_text(RECORD.replace(old, new))
    for code, rule in RULES.items():
        (own / f"{code}.yaml").write_text(record(**{**rule["fires"], "another_trial": None}))
    files = [*own.iterdir(), *(SUPPORT / "broken").glob("*.*"), *(SUPPORT / "broken_many").glob("*.*")]
    records = [td.read_record(path, at=datetime(2027, 1, 1, tzinfo=UTC)) for path in files]
    return [problem for read in records if read.data is not None for problem in read.problems]


def assert_no_word_of_the_file(placed: td.PlacedProblem) -> None:
    said = said_in_form(placed.problem, placed.path)
    labels = [fix_label(placed.problem, placed.path, fix) for fix in placed.fixes]
    text = QUOTED.sub("", "; ".join([said.message, said.hint, *labels]))
    assert not OF_THE_FILE.search(text), (placed.problem.code, said)


def test_the_form_speaks_of_every_problem_in_its_own_words(problems: list[td.PlacedProblem]) -> None:
    missing = set(CODES) - {placed.problem.code for placed in problems}
    assert sorted(missing ^ ELSEWHERE) == []
    for placed in problems:
        assert_no_word_of_the_file(placed)


def test_what_only_a_comparison_finds_is_in_these_words_too(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "dawn-1.yaml").write_text(RECORD.replace("id: dawn-1", "id: dawn-1\nformerly: [dawn-0]"))
    noon = RECORD.replace("tested: Duskol", "tested: Another").replace("id: dawn-1", "id: noon-1")
    related = "related_trials:\n  - {id: dim, name: Dim}\n  - {id: dawn-0, name: Dawn, tested: Dawnol}\n"
    retired = "  - {id: dawn-1, name: DAWN-1, retired: {on: 2026-01-01, reason: No.}}\n"
    (seeds / "noon-1.yaml").write_text(noon.replace("related_trials:\n", related + retired))
    (seeds / "noon-2.yaml").write_text(noon.replace("Why does", "How does"))
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "other.yaml").write_text(
        "format: 1\nid: other\nname: Other\nsplit: trial\nselect: {trials: [noon-1]}\n"
    )
    found = td.overview(td.load(tmp_path)).problems
    placed = [each for file in seeds.iterdir() for each in td.compared_problems(td.read_record(file), found)]
    assert {"TD202", "TD402", "TD407", "TD410", "TD417", "TD418"} <= {each.problem.code for each in placed}
    for each in placed:
        assert_no_word_of_the_file(each)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        (SAID, '""', "“Answer” is empty", "fill it in, or remove it"),
        (
            "estimate: 0.70",
            'estimate: "0.70"',
            "“Estimate” should be a number, not text",
            "the text has quotes around it: let the button correct that",
        ),
        ("measure: hazard ratio", "measure: HR", "unknown measure 'HR'", "choose one that the form has"),
        (
            "[0.60, 0.90]",
            "0.60",
            "“Confidence interval” is written in another way than the form can show",
            "correct it in the text",
        ),
        (
            "{name: dawnol, n: 100, median: 12.0}",
            "{name: dawnol, rate: 4}",
            "the rate 4 does not say by what it is counted",
            "add “per 100 patient-years” under “Rate counted per”, or whatever it is",
        ),
        (
            "topics: [example-disease]",
            "topics: [Example Disease]",
            "'Example Disease' is not written as “Topics” are",
            "did you mean 'example-disease'?",
        ),
        (
            "results:\n",
            "results:\n  - {id: os, endpoint: Survival}\n",
            "this result has no numbers",
            "add an estimate, or the arms' medians, means, rates or percentages; until then it gives no card",
        ),
        (
            WHY,
            f"    cloze: {{x: Nothing.}}\n{WHY}",
            "this sentence hides nothing",
            "mark the words that are to be hidden, and choose Gap",
        ),
        ("response: It", "respons: It", "the form has no field “respons”", "did you mean “Answer”?"),
    ],
)
def test_a_problem_names_fields_by_their_labels(tmp_path: Path, old: str, new: str, message: str, hint: str) -> None:
    path = tmp_path / "dawn-1.yaml"
    path.write_text(RECORD.replace(old, new, 1))
    said = [said_in_form(placed.problem, placed.path) for placed in td.read_record(path).problems]
    assert Said(message, hint) in said
