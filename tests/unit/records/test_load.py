"""From a file to a trial: what was written arrives, digit by digit, and what is broken leaves the rest standing."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from trialdeck.core.codes import CODES
from trialdeck.lint.record import check_record
from trialdeck.records import model
from trialdeck.records.load import Record, load_record, load_record_text
from trialdeck.records.model import Arm, Audience, Cloze, Perspective, Review, Source, Statement, Trial
from trialdeck.records.schema import load_schema
from trialdeck.records.summary import present_ids

HEAD = "format: 1\nid: dawn-1\ntitle: Dawnol for Example Disease\n"


def loaded(text: str) -> Record:
    return load_record_text(text.encode(), "dawn-1.yaml")


def trial_of(text: str) -> Trial:
    """The trial of a record, which is to be sound."""
    record = loaded(text)
    assert record.problems == ()
    assert record.trial is not None
    return record.trial


def test_a_record_becomes_a_trial(record_text: str) -> None:
    trial = trial_of(record_text)
    assert (trial.id, trial.acronym, trial.title) == ("dawn-1", "DAWN-1", "Dawnol for Example Disease")
    assert trial.source == Source(doi="10.1000/dawn", registry="NCT00000001")
    assert (trial.specialties, trial.topics) == (("cardiology",), ("example-disease",))
    assert trial.statement == Statement("Dawnol", "Adults with example disease", "Placebo", "Relapse-free survival")
    assert trial.summary == "Dawnol delayed relapse."
    assert trial.review == Review("unreviewed")


def test_its_points_arrive(record_text: str) -> None:
    trial = trial_of(record_text)
    statement = "DAWN-1: dawnol delayed relapse by {{c1::two months}}, against {{c2::placebo}}."
    assert [point.text for point in trial.key_findings] == ["Dawnol delayed relapse by two months."]
    assert trial.key_findings[0].cloze == (Cloze("delay", statement),)
    assert trial.key_findings[0].results == ("rfs",)
    assert [point.id for point in trial.limitations] == ["short"]
    assert trial.design == ()


def test_its_results_arrive(record_text: str) -> None:
    [result] = trial_of(record_text).results
    assert (result.id, result.endpoint, result.data_cut) == ("rfs", "Relapse-free survival", "Primary analysis")
    assert (result.measure, result.p, result.unit) == ("hazard ratio", "<0.001", "months")
    assert (result.estimate, result.ci, result.ci_level) == (
        Decimal("0.7"),
        (Decimal("0.6"), Decimal("0.9")),
        Decimal(95),
    )
    assert result.arms == (
        Arm("dawnol", 100, Decimal(12)),
        Arm("placebo", 99, None, median_reached=False),
    )


def test_its_questions_arrive_in_order(record_text: str) -> None:
    why, whom = trial_of(record_text).questions
    assert (why.id, why.perspective, why.audience) == ("why", Perspective.MECHANISM, (Audience.STUDENT,))
    assert (why.question, why.response) == ("Why does dawnol work?", "It binds **dawnin**.")
    assert (whom.id, whom.perspective, whom.audience) == ("whom", Perspective.CLINICAL, ())


def test_its_landscape_and_takeaways_arrive(record_text: str) -> None:
    trial = trial_of(record_text)
    assert [(related.id, related.name) for related in trial.related_trials] == [("dusk-2", "DUSK-2")]
    assert trial.related_trials[0].statement == Statement(tested="Duskol", endpoint="Survival")
    [takeaway] = trial.takeaways
    assert (takeaway.id, takeaway.text) == ("start", "Start early.")
    assert (takeaway.audience, takeaway.specialties) == ((Audience.FELLOW,), ("oncology",))


def test_a_file_is_loaded_as_its_text(tmp_path: Path, record_text: str) -> None:
    (tmp_path / "dawn-1.yaml").write_text(record_text, encoding="utf-8")
    record = load_record(tmp_path / "dawn-1.yaml", "seeds/dawn-1.yaml")
    assert record.path == "seeds/dawn-1.yaml"
    assert record.trial == loaded(record_text).trial


def test_sections_have_perspectives_of_their_own() -> None:
    point = "[{id: a, text: b, endpoint: c}]"
    sections = ("key_findings", "design", "limitations", "results", "takeaways")
    trial = loaded(HEAD + "".join(f"{name}: {point}\n" for name in sections)).trial
    assert [getattr(trial, name)[0].perspective for name in sections] == [
        Perspective.CLINICAL,
        Perspective.REVIEWER,
        Perspective.REVIEWER,
        Perspective.CLINICAL,
        Perspective.CLINICAL,
    ]


@pytest.mark.parametrize("name", ["key_findings", "design", "limitations", "results", "takeaways", "questions"])
def test_an_entry_may_say_otherwise(name: str) -> None:
    shared = "perspective: mechanism, audience: [peer-reviewer, student], formerly: [old, older]"
    own = "source: {citation: C, doi: 10.1000/x, registry: NCT00000001, url: 'https://example.org'}"
    review = "review: {status: reviewed, by: A. Reviewer, on: 2020-02-29, as_of: 2020-01-01}"
    text = {"results": "endpoint: b", "questions": "question: b, response: c"}.get(name, "text: b")
    [entry] = getattr(trial_of(f"{HEAD}{name}: [{{id: a, {text}, {shared}, {own}, {review}}}]\n"), name)
    assert entry.perspective is Perspective.MECHANISM
    assert entry.audience == (Audience.PEER_REVIEWER, Audience.STUDENT)
    assert entry.formerly == ("old", "older")
    assert entry.source == Source("C", "10.1000/x", "NCT00000001", "https://example.org")
    assert entry.review == Review("reviewed", "A. Reviewer", "2020-02-29", "2020-01-01")


def test_what_is_not_written_is_empty() -> None:
    assert trial_of(HEAD) == Trial("dawn-1", "Dawnol for Example Disease")
    entry = trial_of(f"{HEAD}design: [{{id: a, text: b}}]\n").design[0]
    assert (entry.source, entry.review) == (None, None)


def test_what_is_written_but_empty_is_empty() -> None:
    names = sorted(load_schema("trial")["properties"].keys() - {"format", "id", "title"})
    assert trial_of(HEAD + "".join(f"{name}:\n" for name in names)) == Trial("dawn-1", "Dawnol for Example Disease")


def test_a_review_without_a_status_is_none() -> None:
    assert trial_of(f"{HEAD}review: {{by: A. Reviewer}}\n").review == Review("unreviewed", "A. Reviewer")


def test_a_trial_is_called_by_its_acronym_or_title() -> None:
    assert trial_of(f"{HEAD}acronym: DAWN-1\n").name == "DAWN-1"
    assert trial_of(HEAD).name == "Dawnol for Example Disease"


# Scalars that YAML would take for something else


@pytest.mark.parametrize(
    "written", ["NO", "yes", "1.10", "0.70", "2016-11-01", "12:30", "0x1F", "1_000", ".5", "1e3", "on"]
)
def test_a_text_is_read_as_it_was_written(written: str) -> None:
    trial = trial_of(
        f"format: 1\nid: dawn-1\ntitle: {written}\nsummary: {written}\nsource: {{citation: {written}}}\n"
        f"design: [{{id: a, text: {written}, cloze: {{b: {written}}}}}]\n"
        f"results: [{{id: a, endpoint: {written}, p: {written}, arms: [{{name: {written}}}]}}]\n"
    )
    found = [
        trial.title,
        trial.summary,
        trial.source.citation,
        trial.design[0].text,
        trial.design[0].cloze[0].text,
        trial.results[0].endpoint,
        trial.results[0].p,
        trial.results[0].arms[0].name,
    ]
    assert found == [written] * 8
    assert {type(text) for text in found} == {str}


@pytest.mark.parametrize("written", ["0.70", "1.00", "0.5", "12", "100.0"])
def test_a_number_keeps_its_digits(written: str) -> None:
    [result] = trial_of(
        f"{HEAD}results: [{{id: a, endpoint: b, estimate: {written}, ci: [{written}, {written}],"
        f" arms: [{{name: c, median: {written}, percent: {written}}}]}}]\n"
    ).results
    assert result.ci is not None
    found = [result.estimate, *result.ci, result.arms[0].median, result.arms[0].percent]
    assert [str(number) for number in found] == [written] * 5


def test_an_id_may_look_like_a_number() -> None:
    trial = trial_of("format: 1\nid: 2016\ntitle: x\ntopics: [1, 0x1]\ndesign: [{id: 007, text: x}]\n")
    assert (trial.id, trial.topics, trial.design[0].id) == ("2016", ("1", "0x1"), "007")


# What is broken


def test_broken_yaml_gives_no_trial() -> None:
    record = loaded("title: [\n")
    assert (record.document, record.trial) == (None, None)
    assert [problem.code for problem in record.problems] == ["TD101"]


@pytest.mark.parametrize("text", ["", "- a\n", "Dawn\n"])
def test_what_is_no_mapping_gives_no_trial(text: str) -> None:
    record = loaded(text)
    assert record.document is not None
    assert record.trial is None
    assert len(record.problems) == 1


def test_an_entry_of_a_wrong_kind_keeps_its_place() -> None:
    record = loaded(f"{HEAD}questions:\n  - why\n  - {{id: whom, perspective: far, question: [x], response: y}}\n")
    assert record.trial is not None
    assert [question.id for question in record.trial.questions] == ["", "whom"]
    assert (record.trial.questions[1].question, record.trial.questions[1].response) == ("", "y")
    assert record.trial.questions[1].perspective is Perspective.CLINICAL
    assert [problem.code for problem in record.problems] == ["TD105", "TD109", "TD105"]


def test_parts_of_a_wrong_kind_are_left_out() -> None:
    record = loaded(
        f"{HEAD}summary: {{a: b}}\nsource: x\nreview: [y]\ntopics: [a, [b], c]\ndesign: x\n"
        "results: [{id: a, endpoint: b, estimate: big, ci: [1, x], audience: [student, nurse],"
        " arms: [{name: c, n: 1.5, median: never, percent: '5'}, d]}]\n"
        "limitations: [{id: a, text: b, cloze: {c: [d], e: f}, results: g}]\n"
    )
    trial = record.trial
    assert trial is not None
    assert (trial.summary, trial.source, trial.review) == ("", Source(), Review())
    assert (trial.topics, trial.design) == (("a", "c"), ())
    [result] = trial.results
    assert (result.estimate, result.ci, result.audience) == (None, None, (Audience.STUDENT,))
    assert result.arms == (Arm("c"), Arm(""))
    assert trial.limitations[0].cloze == (Cloze("c", ""), Cloze("e", "f"))
    assert trial.limitations[0].results == ()


def test_problems_come_in_the_order_of_the_file_and_once() -> None:
    problems = loaded("a: b\nid: X\nacronym: ':'\ntitle: ' '\n").problems
    assert [(problem.line, problem.code) for problem in problems] == [
        (1, "TD103"),
        (1, "TD104"),
        (2, "TD111"),
        (3, "TD108"),
        (4, "TD117"),
    ]


NAMES = sorted({name for kind in load_schema("trial")["$defs"].values() for name in kind.get("properties", {})})
TOP = sorted(load_schema("trial")["properties"])
ANYTHING = st.recursive(
    st.none()
    | st.integers(-3, 3)
    | st.floats(allow_nan=True)
    | st.text(max_size=5)
    | st.sampled_from(["clinical", "student", "not reached", "a", "reviewed", "2020-02-29", "{{c1::a}}", "{{c1::"]),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), part, max_size=5)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(TOP) | st.text(max_size=3), ANYTHING, max_size=10))
def test_no_data_breaks_the_loader_or_the_rules(data: dict[str, Any]) -> None:
    record = loaded(yaml.safe_dump(data, sort_keys=False))
    problems = list(record.problems)
    if record.trial and record.document:
        problems += check_record(record.trial, record.document)
    assert all(problem.code in CODES and problem.message for problem in problems)
    assert record.document is None or record.trial is not None


PIECES = st.text("ab %1.-:é'\"{}", min_size=1, max_size=20).filter(str.strip)
QUESTIONS = st.lists(
    st.fixed_dictionaries(
        {"id": st.from_regex("[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(lambda text: len(text) <= 80)}
        | {"perspective": st.sampled_from(Perspective).map(str), "question": PIECES, "response": PIECES}
        | {"audience": st.lists(st.sampled_from(Audience).map(str), unique=True)}
    ),
    max_size=3,
)


@given(QUESTIONS)
def test_sound_questions_arrive_unchanged(questions: list[dict[str, Any]]) -> None:
    trial = trial_of(HEAD + yaml.safe_dump({"questions": questions}))
    found = [
        {name: value for name, value in asdict(question).items() if name in questions[0]}
        for question in trial.questions
    ]
    assert found == [question | {"audience": tuple(question["audience"])} for question in questions]


def test_the_model_is_frozen() -> None:
    kinds = [kind for kind in vars(model).values() if hasattr(kind, "__struct_config__")]
    assert model.Trial in kinds
    assert all(kind.__struct_config__.frozen for kind in kinds)


def test_an_earlier_id_means_the_trial_that_has_it_now() -> None:
    trials = [Trial("dawn-2", "Dawn 2", formerly=("dawn-0", "dawn-1")), Trial("dawn-1", "Dawn 1")]
    assert present_ids(trials) == {"dawn-0": "dawn-2"}
    assert [trial.first_id for trial in trials] == ["dawn-0", "dawn-1"]


EVERY_FIELD = """
results:
  - id: weight
    endpoint: Weight loss
    outcome: weight
    analysis: primary
    timepoint: Week 24
    population: Intention to treat
    measure: ratio of geometric means
    estimate: 0.90
    ci: [0.85, 0.95]
    ci_level: 97.5
    unit: kg
    between: [Low dose, Placebo]
    hypothesis: noninferiority
    margin: 1.30
    method: ANCOVA
    arms:
      - {name: Low dose, n: 120, events: 0, percent: 0.0, mean: -12.40, sd: 9.8, se: 0.90, ci: [-14.1, -10.7],
         ci_level: 95}
      - {name: Placebo, n: 118, rate: 4.20, rate_unit: per 100 patient-years}
      - {name: High dose, median: not reached, ci: [12.0, not reached]}
"""


def test_results_of_every_kind_arrive_with_their_digits() -> None:
    (result,) = trial_of(HEAD + EVERY_FIELD).results
    assert (result.outcome, result.analysis, result.timepoint) == ("weight", "primary", "Week 24")
    assert (result.population, result.method) == ("Intention to treat", "ANCOVA")
    assert (result.between, result.hypothesis, str(result.margin)) == (
        ("Low dose", "Placebo"),
        "noninferiority",
        "1.30",
    )
    low, placebo, high = result.arms
    assert (low.events, str(low.percent), str(low.mean), str(low.sd), str(low.se)) == (
        0,
        "0.0",
        "-12.40",
        "9.8",
        "0.90",
    )
    assert (low.ci, low.ci_level) == ((Decimal("-14.1"), Decimal("-10.7")), Decimal(95))
    assert (str(placebo.rate), placebo.rate_unit) == ("4.20", "per 100 patient-years")
    assert high == Arm("High dose", median_reached=False, ci=(Decimal("12.0"), None))
    assert (low.states_share, placebo.states_share, placebo.states_numbers, high.states_numbers) == (
        True,
        False,
        True,
        True,
    )
