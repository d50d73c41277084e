"""What a record is held to beyond its form. Faults are made in a sound record; `⟦` marks where each is to be found."""

import pytest

from trialdeck.core.problem import Problem, Severity
from trialdeck.lint.record import RULES, check_record
from trialdeck.records.load import load_record_text

HEAD = "format: 1\nid: dawn-1\ntitle: Dawnol for Example Disease\n"
QUESTION = "questions:\n  - {id: why, perspective: mechanism, question: Why?, response: Because.}\n"


def checked(text: str) -> list[Problem]:
    """The problems that schema and rules find in a record."""
    record = load_record_text(text.encode(), "dawn-1.yaml")
    assert record.document is not None
    assert record.trial is not None
    return sorted([*record.problems, *check_record(record.trial, record.document)])


def marked(text: str) -> tuple[str, tuple[int, int]]:
    """A text without its mark, and where the mark stood: line and column."""
    before, after = text.split("⟦")
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


def only(text: str, code: str) -> Problem:
    """The only problem of a record, which is to have this code and to stand where the mark is."""
    text, place = marked(text)
    problems = checked(text)
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [(code, *place)]
    return problems[0]


def test_a_sound_record_has_no_problem(record_text: str) -> None:
    assert checked(record_text) == []


def test_every_rule_is_checked(record_text: str) -> None:
    record = load_record_text(record_text.replace("id: why", "id: whom").encode(), "dawn-1.yaml")
    assert record.document is not None
    assert record.trial is not None
    found = [problem for rule in RULES for problem in rule(record.trial, record.document)]
    assert list(check_record(record.trial, record.document)) == found != []


REVIEW = "review: {status: unreviewed}"
_WITHDRAWN = "    response: It binds **dawnin**.\n"
WHOM = "    question: Whom"


@pytest.mark.parametrize(
    ("old", "new", "code", "said", "hint"),
    [
        ("id: whom", "id: ⟦why", "TD201", "'why' is taken", "another one"),
        ("id: start,", "id: start, text: x}\n  - {id: ⟦start,", "TD201", "'start' is taken", "another one"),
        (WHOM, f"    formerly: [x, ⟦why]\n{WHOM}", "TD208", "'why' belongs to 'why' as well", "one entry"),
        (WHOM, f"    formerly: [⟦whom]\n{WHOM}", "TD208", "'whom' is still the id of this entry", "one entry"),
        ('{delay: "', '{delay: ⟦"{{c3::}} ', "TD204", "the deletion {{c3::}} DAWN-1:", "{{c1::answer::hint}}"),
        ("{delay:", "{dose: ⟦5 mg, delay:", "TD203", "'dose' hides nothing", "{{c1::answer}}"),
        ("{delay:", "{dose: ⟦'{{5 mg}} daily', delay:", "TD203", "'dose' hides nothing", "{{c1::5 mg}}"),
        ("results: [rfs]", "results: [rfs, ⟦os]", "TD206", "no result 'os'", "results of this record: rfs"),
        (_WITHDRAWN, f"{_WITHDRAWN}    retired: {{on: 2026-09-22, reason: No., instead: ⟦hwom}}\n", "TD217",
         "no other entry 'hwom' in this record", "did you mean 'whom'?"),
        (_WITHDRAWN, f"{_WITHDRAWN}    retired: {{on: 2026-09-22, reason: No., instead: ⟦why}}\n", "TD217",
         "no other entry 'why'", "name an entry of this record: whom"),
        ("text: Start", "retired: {on: 2026-09-22, reason: No., instead: ⟦zzz}, text: Start", "TD217",
         "no other entry 'zzz'", "or leave `instead` out"),
        (_WITHDRAWN, f"{_WITHDRAWN}    retired: {{on: 2026-09-22, reason: No., instead: ⟦short}}\n", "TD413",
         "'short', named as the replacement of 'why', is retired itself", "name 'start'"),
        ("cards: [summary,", "cards: [summary, ⟦history,", "TD443", "'history' is asked, and", "out"),
        ("results: [rfs]", "results: [⟦rfs]", "TD414", "'relapse' cites 'rfs', which is retired", "check the numbers"),
        ("id: dusk-2", "id: ⟦dawn-1", "TD206", "'dawn-1' is this trial itself", "remove it"),
        ("[0.60, 0.90]", "⟦[0.90, 0.60]", "TD207", "downward: 0.90 to 0.60", "lower bound first"),
        ("[0.60, 0.90]", "⟦[0.71, 0.90]", "TD207", "estimate 0.70 lies outside its interval 0.71 to 0.90", "source"),
        ("[0.60, 0.90]", "⟦[0.50, 0.69]", "TD207", "estimate 0.70 lies outside its interval 0.50 to 0.69", "source"),
        ("n: 100,", "n: 100, events: ⟦101,", "TD207", "101 patients with an event are more than the 100", "compare"),
        (REVIEW, "⟦review: {status: reviewed}", "TD403", "not by whom", "`by:`"),
        (REVIEW, "⟦review: {status: reviewed, by: A}", "TD403", "not by whom", "`on:`"),
        (REVIEW, "⟦review: {status: reviewed, on: 2020-02-29}", "TD403", "not by whom", "`by:`"),
        ("id: short,", "id: short, ⟦review: {status: reviewed, by: ' ', on: 2020-02-29},", "TD403", "whom", "`by:`"),
    ],
)  # fmt: skip
def test_a_rule_finds_its_fault(record_text: str, old: str, new: str, code: str, said: str, hint: str) -> None:
    if code == "TD413":
        record_text = record_text.replace(
            "was short.}", "was short., retired: {on: 2026-09-22, reason: No., instead: start}}"
        )
    if code == "TD414":
        record_text = record_text.replace("unit: months", "unit: months\n    retired: {on: 2026-09-22, reason: No.}")
    assert old in record_text
    problem = only(record_text.replace(old, new, 1), code)
    assert said in problem.message
    assert hint in problem.hint


def test_an_id_that_is_taken_names_where_it_was_first_used(record_text: str) -> None:
    first = record_text[: record_text.index("id: why")].count("\n") + 1
    problem = only(record_text.replace("id: whom", "id: ⟦why"), "TD201")
    assert f"first used in line {first};" in problem.hint


def test_every_repetition_of_an_id_is_a_fault() -> None:
    more = QUESTION.partition("\n")[2]
    problems = checked(HEAD + QUESTION + more + more)
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [
        ("TD201", 6, 10),
        ("TD201", 7, 10),
    ]
    assert [problem.hint.split(";")[0] for problem in problems] == ["it was first used in line 5"] * 2


def test_lists_have_ids_of_their_own(record_text: str) -> None:
    assert checked(record_text.replace("id: whom", "id: rfs").replace("id: short", "id: relapse")) == []


def test_entries_without_ids_have_no_other_fault() -> None:
    problems = checked(f"{HEAD}{QUESTION}results: [{{endpoint: x}}, {{endpoint: y}}]\n")
    assert [problem.code for problem in problems] == ["TD104", "TD104"]


def test_an_empty_earlier_id_has_no_other_fault() -> None:
    problems = checked(
        f"{HEAD}{QUESTION}takeaways: [{{text: x, formerly: ['']}}, {{id: a, text: y, formerly: ['']}}]\n"
    )
    assert [problem.code for problem in problems] == ["TD104", "TD111", "TD111"]


def test_trials_without_ids_are_not_taken_for_one_another() -> None:
    problems = checked("format: 1\ntitle: x\n" + QUESTION + "related_trials: [{name: y}]\n")
    assert [problem.code for problem in problems] == ["TD104", "TD104"]


def test_only_a_related_trial_may_not_have_the_id_of_the_trial(record_text: str) -> None:
    assert checked(record_text.replace("id: whom", "id: dawn-1")) == []


def test_an_earlier_id_belongs_to_one_entry_only(record_text: str) -> None:
    text = record_text.replace("    question: Why", "    formerly: [reason]\n    question: Why")
    assert checked(text) == []
    problem = only(text.replace(WHOM, f"    formerly: [⟦reason]\n{WHOM}"), "TD208")
    assert "'reason' belongs to 'why' as well" in problem.message


def test_an_earlier_id_may_not_belong_to_a_later_entry(record_text: str) -> None:
    problem = only(record_text.replace("    question: Why", "    formerly: [⟦whom]\n    question: Why"), "TD208")
    assert "'whom' belongs to 'whom' as well" in problem.message


def test_an_earlier_id_may_be_that_of_another_list(record_text: str) -> None:
    assert checked(record_text.replace(WHOM, f"    formerly: [rfs, start, short]\n{WHOM}")) == []


def test_an_earlier_id_twice_in_one_entry_is_one_fault(record_text: str) -> None:
    only(record_text.replace(WHOM, f"    formerly: [x, ⟦x]\n{WHOM}"), "TD124")


@pytest.mark.parametrize("interval", ["[0.70, 0.90]", "[0.60, 0.70]", "[0.7, 0.700]"])
def test_an_estimate_may_lie_on_a_bound(record_text: str, interval: str) -> None:
    assert checked(record_text.replace("[0.60, 0.90]", interval)) == []


def test_an_interval_needs_no_estimate(record_text: str) -> None:
    assert checked(record_text.replace("    estimate: 0.70\n", "")) == []
    only(record_text.replace("    estimate: 0.70\n", "").replace("[0.60", "⟦[0.99"), "TD207")


def test_questions_and_points_may_name_results(record_text: str) -> None:
    assert checked(record_text.replace(WHOM, f"    results: [rfs]\n{WHOM}")) == []
    problem = only(HEAD + QUESTION.replace("Because.", "Because., results: [⟦rfs]"), "TD206")
    assert problem.hint == "this record has no results"


def test_results_of_a_wrong_kind_are_not_called_missing() -> None:
    only(
        HEAD + QUESTION.replace("Because.", "Because., results: [rfs]") + "results: ⟦{id: rfs, endpoint: e}\n", "TD105"
    )


def test_the_results_that_are_listed_have_an_end() -> None:
    results = "".join(f"  - {{id: r{number}, endpoint: e, estimate: 1}}\n" for number in range(100))
    problem = only(HEAD + QUESTION.replace("Because.", "Because., results: [⟦r100]") + "results:\n" + results, "TD206")
    assert "r0, r1," in problem.hint
    assert len(problem.hint) < 100


def test_two_faults_of_one_statement_are_both_reported(record_text: str) -> None:
    problems = checked(record_text.replace("{{c2::placebo}}", "{{c0::placebo}} {{c2:x}}"))
    assert [problem.code for problem in problems] == ["TD204", "TD204"]
    assert problems[0].line == problems[1].line


def test_cloze_statements_of_questions_are_checked(record_text: str) -> None:
    only(record_text.replace(WHOM, f"    cloze: {{all: ⟦Adults}}\n{WHOM}"), "TD203")


def test_an_empty_cloze_statement_is_one_fault(record_text: str) -> None:
    only(record_text.replace("{delay:", "{dose: ⟦' ', delay:"), "TD117")


@pytest.mark.parametrize(
    "something",
    [
        "tested: Dawnol",
        "summary: Dawnol delayed relapse.",
        "history: Nothing delayed relapse.",
        "key_findings: [{id: a, text: b}]",
        "results: [{id: a, endpoint: b, estimate: 1}]",
        "related_trials: [{id: dusk-2, name: DUSK-2}]",
        "takeaways: [{id: a, text: b}]",
    ],
)
def test_anything_to_ask_about_is_enough_with_a_warning(something: str) -> None:
    problem = only(f"⟦{HEAD}{something}\n", "TD401")
    assert problem.message == "the record has no questions"
    assert "other cards" in problem.hint  # a result or a related trial has cards, too
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize(
    "nothing", ["", "acronym: DAWN-1\n", "tested: ' '\n", "population: Adults\n", "source: {doi: 10.1000/dawn.1}\n"]
)
def test_a_record_without_anything_to_ask_about_is_a_fault(nothing: str) -> None:
    problems = checked(HEAD + nothing)
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [("TD209", 1, 1), ("TD401", 1, 1)]


def test_an_empty_list_of_questions_is_pointed_at() -> None:
    only(f"{HEAD}summary: Dawnol delayed relapse.\n⟦questions: []\n", "TD401")


@pytest.mark.parametrize("name", ["summary", "significance", "history"])
@pytest.mark.parametrize("nothing", ["", "''", "' '", "|\n\n"])
def test_an_empty_text_is_pointed_at(name: str, nothing: str) -> None:
    assert f"'{name}' is empty" in only(f"{HEAD}{QUESTION}⟦{name}: {nothing}\n", "TD401").message


@pytest.mark.parametrize("name", ["key_findings", "design", "limitations", "results", "related_trials", "takeaways"])
@pytest.mark.parametrize("nothing", ["", "[]"])
def test_an_empty_list_is_pointed_at(name: str, nothing: str) -> None:
    assert f"'{name}' is empty" in only(f"{HEAD}{QUESTION}⟦{name}: {nothing}\n", "TD401").message


@pytest.mark.parametrize("name", ["questions", "summary", "results", "key_findings", "takeaways"])
def test_what_is_of_a_wrong_kind_is_not_called_empty(name: str) -> None:
    question = QUESTION if name != "questions" else ""
    only(f"{HEAD}{question}{name}: ⟦{{a: b}}\n", "TD105")


@pytest.mark.parametrize("status", ["unreviewed", "disputed, reason: It is wrong.", ""])
def test_only_who_calls_it_reviewed_must_sign(record_text: str, status: str) -> None:
    assert checked(record_text.replace(REVIEW, f"review: {{status: {status}}}")) == []


def test_a_dispute_says_why() -> None:
    assert (
        only(f"{HEAD}{QUESTION}⟦review: {{status: disputed, by: A. Reviewer}}\n", "TD415").message
        == "disputed, but not why"
    )


@pytest.mark.parametrize(
    ("review", "name", "status"),
    [
        ("⟦by: A. Reviewer", "by", "unreviewed"),
        ("⟦on: 2020-02-29", "on", "unreviewed"),
        ("⟦reason: It is wrong.", "reason", "unreviewed"),
        ("status: reviewed, by: A. Reviewer, on: 2020-02-29, ⟦reason: It was wrong.", "reason", "reviewed"),
    ],
)
def test_what_a_review_says_without_its_status_is_on_no_card(review: str, name: str, status: str) -> None:
    problem = only(f"{HEAD}{QUESTION}review: {{{review}}}\n", "TD416")
    assert problem.message == f"no card shows `{name}` while the status is {status}"


@pytest.mark.parametrize(
    ("value", "needed"),
    [
        ("measure: hazard ratio", "an estimate"),
        ("ci_level: 95", "an interval"),
        ("unit: months", "a median, mean or difference"),
    ],
)
def test_a_value_of_a_result_that_needs_another_is_on_no_card_without_it(value: str, needed: str) -> None:
    problem = only(f'{HEAD}{QUESTION}results: [{{id: r, endpoint: Death, p: "0.04", ⟦{value}}}]\n', "TD416")
    assert problem.message == f"no card shows `{value.partition(':')[0]}` without {needed}"
    assert problem.hint.startswith(f"add {needed}, or remove")


def test_an_interval_shows_its_measure_and_level_without_an_estimate() -> None:
    result = '{id: r, endpoint: Death, p: "0.04", measure: odds ratio, ci: [1, 3], ci_level: 90}'
    assert checked(f"{HEAD}{QUESTION}results: [{result}]\n") == []


def test_a_signed_review_is_sound(record_text: str) -> None:
    assert checked(record_text.replace(REVIEW, "review: {status: reviewed, by: A. Reviewer, on: 2020-02-29}")) == []


@pytest.mark.parametrize(
    "number",
    [
        "estimate: 0.70",
        'p: "<0.001"',
        "arms: [{name: a, percent: 0}]",
        "arms: [{name: a, median: 0}]",
        "arms: [{name: a, median: not reached}]",
        "arms: [{name: a}, {name: b, median: 1}]",
    ],
)
def test_a_result_states_some_number(number: str) -> None:
    result = "results:\n  - ⟦id: rfs\n    endpoint: Relapse-free survival\n"
    assert checked(f"{HEAD}{QUESTION}{result}    {number}\n".replace("⟦", "")) == []
    problem = only(f"{HEAD}{QUESTION}{result}    arms: [{{name: a, n: 5}}]\n", "TD404")
    assert "'rfs' has no numbers" in problem.message


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ("measure: hazard ratio, estimate: ⟦−2.5", "TD105"),
        ("p: '0.04', estimate: 0.7, ci: ⟦0.59–0.94, ci_level: 95", "TD105"),
        ("arms: [{name: a, mean: ⟦'12', sd: 3}]", "TD105"),
    ],
)
def test_a_number_that_the_schema_refuses_is_not_missing(values: str, code: str) -> None:
    only(f"{HEAD}{QUESTION}results:\n  - {{id: r, endpoint: Death, {values}}}\n", code)


FIGURE = "    figures: [{file: a.png, alt: %s, license: %s}]\n"
PENDING = "Yet to be written."


@pytest.mark.parametrize(
    ("alt", "license", "message"),
    [
        (f"⟦{PENDING}", PENDING, "`alt` and `license` of 'a.png' are yet to be written"),
        ("A dot", f"⟦{PENDING}", "`license` of 'a.png' is yet to be written"),
        (f"⟦{PENDING}", "CC0", "`alt` of 'a.png' is yet to be written"),
    ],
)
def test_a_figure_asks_for_what_an_import_left_open(alt: str, license: str, message: str) -> None:  # noqa: A002
    text = f"{HEAD}questions:\n  - id: why\n    perspective: mechanism\n    question: Why?\n    response: So.\n"
    problem = only(text + FIGURE % (alt, license), "TD430")
    assert (problem.message, problem.severity) == (message, Severity.WARNING)


def test_a_figure_with_its_description_and_licence_is_sound() -> None:
    text = f"{HEAD}questions:\n  - id: why\n    perspective: mechanism\n    question: Why?\n    response: So.\n"
    assert checked(text + FIGURE % ("A dot", "CC0")) == []
