"""Checks that need the rendered text, and checks across files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builds import build
from packages import open_package
from trialdeck.project.check import check
from trialdeck.records.settings import Split

Write = Callable[..., Path]


def found(*paths: Path) -> list[tuple[str, str, int, int]]:
    return [(Path(each.path).name, each.code, each.line, each.column) for each in check(paths).problems]


def test_a_guid_belongs_to_one_question(write_record: Write) -> None:
    guid = {"  - id: why\n": "  - id: why\n    guid: p3Q%8Y|x\n"}
    record = write_record("a.yaml", guid)
    other = write_record("b.yaml", {**guid, "id: dawn-1\n": "id: noon-1\n"})
    assert found(record) == []
    assert found(record, other) == [("b.yaml", "TD216", 33, 11)]
    twice = write_record("c/a.yaml", {**guid, "  - id: whom\n": "  - id: whom\n    guid: p3Q%8Y|x\n"})
    assert found(twice) == [("a.yaml", "TD216", 39, 11)]


def test_a_good_record_has_no_problems(write_record: Write) -> None:
    assert found(write_record()) == []


@pytest.mark.parametrize("nothing", ['"\\u200b"', "'[](https://example.org)'", '"&#8203;"', '"\\u00a0"'])
def test_a_front_that_shows_nothing(write_record: Write, nothing: str) -> None:
    record = write_record(changes={"question: Why does dawnol work?": f"question: {nothing}"})
    assert found(record) in ([("dawn-1.yaml", "TD205", 35, 15)], [("dawn-1.yaml", "TD117", 35, 15)])


def test_one_trial_id_in_two_files(write_record: Write) -> None:
    records = [write_record("a.yaml"), write_record("b.yaml")]
    assert found(*records) == [("b.yaml", "TD202", 2, 5)]


def test_a_clash_is_reported_in_the_file_that_was_asked_for(write_record: Write) -> None:
    asked = write_record("seeds/a.yaml")
    write_record("seeds/b.yaml")
    assert found(asked) == [("a.yaml", "TD202", 2, 5)]


def test_an_earlier_trial_id_that_is_in_use(write_record: Write) -> None:
    other = write_record("b.yaml", {"id: dawn-1\n": "id: noon-1\nformerly: [dawn-1]\n"})
    assert found(write_record("a.yaml"), other) == [("b.yaml", "TD208", 3, 12)]


def test_two_records_that_say_different_things_of_a_trial(write_record: Write) -> None:
    other = write_record("b.yaml", {"id: dawn-1\n": "id: noon-1\n", "tested: Duskol,": "tested: Something else,"})
    (problem,) = check([write_record("a.yaml"), other]).problems
    assert (Path(problem.path).name, problem.code, problem.severity) == ("b.yaml", "TD402", "warning")
    assert "differs from what" in problem.message
    assert problem.hint == "it says there: Duskol"


def test_the_own_record_of_a_trial_is_the_measure(write_record: Write) -> None:
    own = write_record("z.yaml", text="format: 1\nid: dusk-2\ntitle: T\ntested: Duskol daily\nsummary: S\n")
    problems = check([write_record("a.yaml"), own]).problems
    assert [(Path(each.path).name, each.code, each.hint) for each in problems if each.code == "TD402"] == [
        ("a.yaml", "TD402", "it says there: Duskol daily")
    ]


def test_other_white_space_is_no_difference(write_record: Write) -> None:
    other = write_record("b.yaml", {"id: dawn-1\n": "id: noon-1\n", "tested: Duskol,": "tested: '  Duskol ',"})
    assert found(write_record("a.yaml"), other) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"summary: Dawnol delayed relapse.": "summary:"}, "TD401"),
        ({"  - {id: short, text: Follow-up was short.}\n": ""}, "TD401"),
        ({"review: {status: unreviewed}": "review: {status: reviewed, by: A}"}, "TD403"),
        ({"review: {status: unreviewed}": "review: {status: disputed}"}, "TD415"),
        ({"arms: [{name: dawnol": "arms: [] #"}, "TD416"),
        ({"unit: months\n    arms: [{name: dawnol": "arms: [] #"}, None),
    ],
)
def test_warnings(write_record: Write, change: dict[str, str], code: str | None) -> None:
    checked = check([write_record(changes=change)])
    assert [problem.code for problem in checked.warnings] == ([code] if code else [])
    assert checked.errors == ()


def test_a_control_character_is_a_warning_and_shows_as_a_replacement_character(
    write_record: Write, tmp_path: Path
) -> None:
    record = write_record(changes={"response: It binds **dawnin**.": r'response: "\0It \abinds \L dawnin"'})
    assert [(problem.code, str(problem.severity)) for problem in check([record]).problems] == [("TD405", "warning")]
    (built,) = build([record], Split.TRIAL, tmp_path / "out", 1_790_000_000)
    response = open_package(built.path).notes["dawn-1/question/why"]["Response"]
    assert response == "<p>\ufffdIt \ufffdbinds \u2028 dawnin</p>"


def test_a_result_without_numbers_is_a_warning(write_record: Write) -> None:
    record = write_record(
        text="format: 1\nid: x\ntitle: X\nsummary: S\nresults: [{id: r, endpoint: E}]\nquestions: []\n"
    )
    assert [problem.code for problem in check([record]).problems] == ["TD404", "TD401"]


def test_one_run_reports_every_fault_of_every_file(write_record: Write) -> None:
    faulty = [
        write_record("a.yaml", {"perspective: mechanism": "perspective: mechanics", "10.1000/dawn": "dawn"}),
        write_record("b.yaml", {"id: dawn-1": "id: Noon"}),
        write_record("c.yaml", text="format: 1\nid: [\n"),
    ]
    assert [(name, code) for name, code, *_ in found(*faulty)] == [
        ("a.yaml", "TD113"),
        ("a.yaml", "TD109"),
        ("b.yaml", "TD111"),
        ("c.yaml", "TD101"),
    ]


OLD_NAME = (
    "format: 1\nid: ember-3\ntitle: E\nquestions: [{id: q, perspective: clinical, question: A?, response: B}]\n"
    "related_trials:\n  - {id: dawn-1, name: DAWN-1}\n"
)


NAMED = (
    "format: 1\nid: ember-3\ntitle: E\nquestions: [{id: q, perspective: clinical, question: A?, response: B}]\n"
    "related_trials:\n  - {id: dusk-2, name: DUSK-2, population: Adults, comparator: Placebo}\n"
)


@pytest.mark.parametrize("stated", ["tested: Duskol", "endpoint: Survival"])
def test_a_related_trial_gives_a_card_where_any_record_says_what_can_be_asked(stated: str, write_record: Write) -> None:
    named = write_record("seeds/ember-3.yaml", text=NAMED)
    (problem,) = check([named]).problems
    assert (problem.code, problem.line, problem.column) == ("TD417", 6, 5)
    assert problem.message == "'dusk-2' gives no card"
    write_record("seeds/other.yaml", text=NAMED.replace("ember-3", "other").replace("population: Adults", stated))
    assert check([named]).problems == ()


def test_a_related_trial_with_a_record_of_its_own_needs_no_more_than_its_id(write_record: Write) -> None:
    named = write_record("seeds/ember-3.yaml", text=NAMED)
    write_record("seeds/dusk-2.yaml", {"id: dawn-1": "id: dusk-2", "{id: dusk-2, name: DUSK-2": "{id: x, name: X"})
    assert [problem.code for problem in check([named]).problems] == ["TD402"]


RETIRED = NAMED.replace("population: Adults", "tested: Duskol").replace(
    "Placebo}", "Placebo, retired: {on: 2026-09-01, reason: It ended.}}"
)
HELD = {"id: dawn-1": "id: dusk-2", "{id: dusk-2, name: DUSK-2": "{id: x, name: X", "Duskol": "Dusk"}


@pytest.mark.parametrize("earlier", ["", "\nformerly: [dusk-2]"])
def test_a_trial_with_a_record_of_its_own_is_not_retired_elsewhere(write_record: Write, earlier: str) -> None:
    named = write_record("seeds/ember-3.yaml", text=RETIRED)
    assert found(named) == []
    changed = {**HELD, "id: dawn-1": f"id: dusk-3{earlier}"} if earlier else HELD
    own = write_record("seeds/dusk-2.yaml", changed).as_posix()
    (problem,) = (each for each in check([named]).problems if each.code == "TD418")
    assert (problem.line, problem.column) == (6, 69)
    assert problem.message == f"this has no effect: 'dusk-2' has a record of its own, {own}"
    assert problem.hint == f"remove it here; retire entries in {own}, or delete that record"


def test_a_trial_that_another_record_names_is_not_retired(write_record: Write) -> None:
    named = write_record("seeds/ember-3.yaml", text=RETIRED)
    without = NAMED.replace("ember-3", "other")
    write_record("seeds/other.yaml", text=without)
    assert found(named) == []
    other = write_record("seeds/other.yaml", text=without.replace("population: Adults", "tested: Duskol"))
    (problem,) = check([named]).problems
    assert (problem.code, problem.message) == ("TD418", f"this has no effect while {other.as_posix()} names 'dusk-2'")
    write_record("seeds/other.yaml", text=RETIRED.replace("ember-3", "other"))
    assert found(named) == []


def test_a_related_trial_under_an_earlier_id_is_the_same_trial(write_record: Write, tmp_path: Path) -> None:
    renamed = write_record("seeds/dawn-2.yaml", {"id: dawn-1": "id: dawn-2\nformerly: [dawn-1]"})
    other = write_record("seeds/ember-3.yaml", text=OLD_NAME)
    (problem,) = check([other]).problems
    assert (problem.code, problem.line, problem.column) == ("TD407", 6, 10)
    assert (problem.message, problem.hint) == ("'dawn-1' is called 'dawn-2' now", "write `id: dawn-2`")
    (built,) = build([renamed.parent], Split.PERSPECTIVE, tmp_path / "out", 1_790_000_000)[1:2]
    package = open_package(built.path)
    assert "dawn-2/trial" in package.notes
    assert "dawn-1/trial" not in package.notes
    assert len(set(package.guids.values())) == len(package.guids)


def test_an_id_that_is_in_use_again_is_no_earlier_id(write_record: Write) -> None:
    write_record("seeds/dawn-2.yaml", {"id: dawn-1": "id: dawn-2\nformerly: [dawn-1]", "DAWN-1": "DAWN-2"})
    write_record("seeds/dawn-1.yaml")
    assert [problem.code for problem in check([write_record("seeds/ember-3.yaml", text=OLD_NAME)]).problems] == []
