"""Which forests a project has: by topic and outcome, one row a trial, and at most eight."""

import pytest

from forest_trials import four_trials, trial_of
from trialdeck.notes.across.forests import MOST, Forest, ForestRow, forests_of
from trialdeck.records.model import Trial
from trialdeck.records.summary import outline_of


def forests(*trials: Trial, titled: tuple[str, ...] = ()) -> tuple[Forest, ...]:
    return forests_of(map(outline_of, trials), titled)


def rows_of(*trials: Trial) -> dict[str, tuple[str, ...]]:
    return {f"{forest.topic}/{forest.outcome}": forest.trials for forest in forests(*trials)}


def test_trials_of_one_topic_and_outcome_share_a_forest() -> None:
    (forest,) = forests(*four_trials())
    assert forest == Forest(
        "example-disease", "pfs", tuple(ForestRow(name, "pfs") for name in ("dawn-1", "dusk-2", "noon-3", "rain-4"))
    )
    assert forest.across_id == "across:example-disease"


def test_the_words_of_an_endpoint_join_nothing() -> None:
    same_words = trial_of("DUSK-2", outcome="os"), trial_of("DAWN-1")
    assert forests(*same_words) == ()
    other_words = trial_of("DUSK-2", endpoint="Time without progression or death"), trial_of("DAWN-1")
    assert rows_of(*other_words) == {"example-disease/pfs": ("dawn-1", "dusk-2")}


@pytest.mark.parametrize(
    "changes",
    [{"outcome": "null"}, {"measure": "odds ratio"}, {"topics": "other"}, {"analysis": "subgroup"}],
    ids=["no outcome", "another measure", "another topic", "a subgroup"],
)
def test_what_is_no_row(changes: dict[str, str]) -> None:
    others = trial_of("DAWN-1"), trial_of("NOON-3")
    assert rows_of(*others, trial_of("DUSK-2", **changes)) == {"example-disease/pfs": ("dawn-1", "noon-3")}


def test_one_trial_alone_has_no_forest() -> None:
    assert forests(trial_of("DAWN-1")) == ()


@pytest.mark.parametrize(
    ("one", "other", "is_worth_a_card"),
    [
        ("[0.60, 0.90]", "[0.62, 0.91]", False),
        ("[0.60, 0.90]", "[0.80, 1.10]", True),
        ("[0.60, 0.70]", "[0.71, 0.90]", True),
        ("[0.80, 1.10]", "[0.85, 1.30]", False),
        ("[0.80, 1.10]", "null", False),
    ],
    ids=["both clear", "one clear", "apart", "both unclear", "one without an interval"],
)
def test_two_trials_alone_must_have_shown_different_things(one: str, other: str, *, is_worth_a_card: bool) -> None:
    pair = [trial_of("DUSK-2", "0.85", ci=one), trial_of("NOON-3", "0.85", ci=other)]
    assert bool(forests(*pair)) is is_worth_a_card
    assert len(forests(*pair, trial_of("RAIN-4"))) == 1


def test_secondary_results_alone_give_no_card() -> None:
    later = [trial_of(name, outcome="os", analysis="later") for name in ("DAWN-1", "DUSK-2", "NOON-3")]
    assert forests(*later) == ()
    assert len(forests(*later, trial_of("RAIN-4", outcome="os"))) == 1


def test_a_retired_result_has_no_row() -> None:
    text = "outcome: pfs\n    retired: {on: 2026-01-01, reason: It was wrong.}"
    retired = trial_of("NOON-3", outcome=text.removeprefix("outcome: "))
    assert rows_of(trial_of("DAWN-1"), trial_of("DUSK-2"), retired) == {"example-disease/pfs": ("dawn-1", "dusk-2")}


SECOND = """pfs
    endpoint: Progression-free survival
    outcome: pfs
    analysis: {analysis}
    data_cut: An earlier or later one
    population: Intention to treat
    measure: hazard ratio
    estimate: 0.5
    ci: [0.4, 0.6]
    ci_level: 95
  - id: first"""


@pytest.mark.parametrize(
    ("analysis", "other", "shown"),
    [
        ("primary", "interim", "first"),
        ("primary", "final", "first"),
        ("interim", "final", "first"),
        ("final", "interim", "pfs"),
        ("final", "later", "first"),
        ("later", "primary", "pfs"),
    ],
)
def test_the_analysis_from_which_a_trial_is_known(analysis: str, other: str, shown: str) -> None:
    two = trial_of("NOON-3", result=SECOND.format(analysis=other), analysis=analysis)
    (forest,) = forests(trial_of("DAWN-1"), two)
    assert forest.rows == (ForestRow("dawn-1", "pfs"), ForestRow("noon-3", shown))


def test_the_measure_of_most_trials_counts() -> None:
    odds = [trial_of(name, measure="odds ratio") for name in ("RAIN-4", "SNOW-5")]
    three = [trial_of(name) for name in ("DAWN-1", "DUSK-2", "NOON-3")]
    assert rows_of(*odds, *three) == {"example-disease/pfs": ("dawn-1", "dusk-2", "noon-3")}


def test_differences_share_an_axis_only_with_their_unit() -> None:
    in_months, in_days = (f"mean difference\n    unit: {unit}" for unit in ("months", "days"))
    months = [trial_of(name, measure=in_months, ci=ci) for name, ci in (("DAWN-1", "[-1, 1]"), ("DUSK-2", "[0.5, 1]"))]
    days = trial_of("NOON-3", measure=in_days)
    assert rows_of(*months, days) == {"example-disease/pfs": ("dawn-1", "dusk-2")}


def test_more_trials_than_have_room_leave_those_with_the_widest_intervals_out() -> None:
    wide = [trial_of(f"WIDE-{number}", ci="[0.10, 5.00]") for number in range(3)]
    narrow = [trial_of(f"FINE-{number}") for number in range(MOST)]
    (forest,) = forests(*wide, *narrow)
    assert forest.trials == tuple(f"fine-{number}" for number in range(MOST))
    assert forest.left_out == ("wide-0", "wide-1", "wide-2")


TWO_TOPICS = "example-disease, rare-disease"


def test_topics_with_the_same_rows_have_one_forest() -> None:
    both = [trial_of(name, topics=TWO_TOPICS) for name in ("DAWN-1", "DUSK-2")]
    assert [forest.topic for forest in forests(*both)] == ["example-disease"]
    # The topic that fewer trials name is the narrower one, and stays right while the collection grows.
    other = trial_of("NOON-3", outcome="os")
    assert [forest.topic for forest in forests(*both, other)] == ["rare-disease"]
    assert [forest.topic for forest in forests(*both, other, titled=("example-disease",))] == ["example-disease"]


def test_a_topic_whose_rows_all_stand_in_another_forest_has_none_unless_it_has_a_title() -> None:
    trials = [trial_of("RAIN-4"), *(trial_of(name, topics=TWO_TOPICS) for name in ("DAWN-1", "NOON-3"))]
    assert [forest.topic for forest in forests(*trials)] == ["example-disease"]
    assert [forest.topic for forest in forests(*trials, titled=("rare-disease",))] == [
        "example-disease",
        "rare-disease",
    ]


def test_the_order_of_records_does_not_matter() -> None:
    trials = [trial_of(f"DAWN-{number}", f"0.{number}0", topics=f"t-{number % 3}, all") for number in range(1, 9)]
    assert forests(*trials) == forests(*reversed(trials))


def test_a_thousand_trials_of_a_topic_are_compared_with_none_of_the_others_pair_by_pair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each topic is held against those forests only with which it shares its first row."""
    compared = 0
    holds = frozenset.issubset

    class Counted(frozenset[ForestRow]):
        def issubset(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return holds(self, other)  # type: ignore[arg-type]

    monkeypatch.setattr("trialdeck.notes.across.forests.frozenset", Counted, raising=False)
    names = (f"{('DAWN', 'NOON')[number % 2]}-{number}" for number in range(1000))
    trials = [trial_of(name, topics=f"all, t-{number // 2}") for number, name in enumerate(names)]
    assert len(forests(*trials)) > 400
    assert 400 < compared < 10 * len(trials)
