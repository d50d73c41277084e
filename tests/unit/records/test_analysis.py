"""What a margin decides, and whether an estimate fits its arms."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.records.model import Arm, Perspective, Result
from trialdeck.records.results.analysis import decision_words, margins_of, runs_against_arms, setting_words
from trialdeck.records.results.effect import DIFFERENCES, RATIOS, effect_words


def result(measure: str = "hazard ratio", ci: str = "", margin: str = "", **parts: Any) -> Result:
    """A result of non-inferiority unless told otherwise; the interval is two numbers with a blank between."""
    bounds = tuple(map(Decimal, ci.split()))
    stated = {"hypothesis": "noninferiority", "margin": Decimal(margin) if margin else None, **parts}
    interval = (bounds[0], bounds[1]) if bounds else None
    return Result(id="r", perspective=Perspective.CLINICAL, endpoint="E", measure=measure, ci=interval, **stated)


@pytest.mark.parametrize(
    ("decided", "words"),
    [
        (result("hazard ratio", "0.74 1.08", "1.30"), "Upper bound 1.08 is below the margin 1.30: non-inferior"),
        (
            result("hazard ratio", "0.90 1.35", "1.30"),
            "Upper bound 1.35 is not below the margin 1.30: non-inferiority is not shown",
        ),
        (
            result("hazard ratio", "0.90 1.30", "1.3"),
            "Upper bound 1.30 is not below the margin 1.3: non-inferiority is not shown",
        ),
        (result("risk ratio", "0.85 1.20", "0.80"), "Lower bound 0.85 is above the margin 0.80: non-inferior"),
        (
            result("risk difference", "-5.2 3.1", "-10", unit="percentage points"),
            "Lower bound −5.2 percentage points is above the margin −10 percentage points: non-inferior",
        ),
        (
            result("mean difference", "-12 3", "-10"),
            "Lower bound −12 is not above the margin −10: non-inferiority is not shown",
        ),
        (
            result("ratio of geometric means", "0.94 1.11", "1.25", hypothesis="equivalence"),
            "Interval 0.94 to 1.11 lies within the margins 1/1.25 to 1.25: equivalent",
        ),
        (
            result("ratio of geometric means", "0.79 1.11", "0.80", hypothesis="equivalence"),
            "Interval 0.79 to 1.11 does not lie within the margins 0.80 to 1/0.80: equivalence is not shown",
        ),
        (
            result("mean difference", "-4 2", "5", hypothesis="equivalence"),
            "Interval −4 to 2 lies within the margins −5 to 5: equivalent",
        ),
        # Nothing follows from a margin without an interval, of no known measure, or at no effect.
        (result("hazard ratio", "", "1.30"), "Margin of non-inferiority: 1.30"),
        (result("", "0.74 1.08", "1.30"), "Margin of non-inferiority: 1.30"),
        (result("hazard ratio", "0.74 1.08", "1.0"), "Margin of non-inferiority: 1.0"),
        (result("hazard ratio", "0.74 1.08", ""), ""),
        (result("hazard ratio", "0.74 1.08", "1.30", hypothesis="superiority"), ""),
        (result("hazard ratio", "0.74 1.08", "1.30", hypothesis=""), ""),
    ],
)
def test_a_margin_decides_what_follows_from_numbers(decided: Result, words: str) -> None:
    assert decision_words(decided) == words


NUMBERS = st.decimals("-50", "50", places=2)


@given(st.sampled_from(sorted(RATIOS | DIFFERENCES)), NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "equivalence"]))
def test_no_interval_beyond_its_margin_is_called_non_inferior(
    measure: str, low: Decimal, high: Decimal, margin: Decimal, hypothesis: str
) -> None:
    low, high = sorted((low, high))
    decided = result(measure, f"{low} {high}", str(margin), hypothesis=hypothesis or "noninferiority")
    verdict = decision_words(decided).rpartition(": ")[2]
    if verdict == "equivalent":
        assert margins_of(decided)[0] < low <= high < margins_of(decided)[1]
    if verdict == "non-inferior":
        null = Decimal(1 if measure in RATIOS else 0)
        assert high < margin if margin > null else low > margin


@pytest.mark.parametrize(
    ("p", "hypothesis", "words"),
    [
        ("<0.001", "noninferiority", "P < 0.001 for non-inferiority"),
        ("0.01", "equivalence", "P = 0.01 for equivalence"),
        ("0.01", "superiority", "P = 0.01 for superiority"),
        ("0.01", "", "P = 0.01"),
        ("0.01 for non-inferiority", "noninferiority", "P = 0.01 for non-inferiority"),
        ("0.01 (Noninferiority)", "noninferiority", "P = 0.01 (Noninferiority)"),
    ],
)
def test_a_p_value_says_what_it_tests_once(p: str, hypothesis: str, words: str) -> None:
    assert effect_words(result(p=p, hypothesis=hypothesis)) == words


@pytest.mark.parametrize(
    ("measure", "estimate", "first", "second", "against"),
    [
        ("mean difference", "-2", {"mean": 3}, {"mean": 5}, False),
        ("mean difference", "2", {"mean": 3}, {"mean": 5}, True),
        ("mean difference", "0", {"mean": 3}, {"mean": 5}, False),
        ("odds ratio", "0.5", {"events": 10, "n": 100}, {"percent": 20}, False),
        ("risk ratio", "1.5", {"events": 10, "n": 100}, {"percent": 20}, True),
        ("rate ratio", "1.5", {"rate": 3}, {"rate": 2}, False),
        ("rate difference", "-1", {"rate": 3}, {"rate": 2}, True),
        ("hazard ratio", "1.5", {"median": 3}, {"median": 2}, False),
        ("mean difference", "2", {"mean": 3}, {}, False),
        ("", "2", {"mean": 3}, {"mean": 5}, False),
    ],
)
def test_an_estimate_runs_against_its_arms(
    measure: str, estimate: str, first: dict[str, int], second: dict[str, int], against: bool
) -> None:
    arms = tuple(Arm(name, **_numbers(numbers)) for name, numbers in (("A", first), ("B", second)))
    assert runs_against_arms(result(measure, estimate=Decimal(estimate), arms=arms)) is against


def _numbers(numbers: dict[str, int]) -> dict[str, Any]:
    return {name: value if name in {"n", "events"} else Decimal(value) for name, value in numbers.items()}


def test_a_setting_says_what_is_stated() -> None:
    assert setting_words(result(hypothesis="")) == ""
    stated = result(analysis="later", timepoint="Week 12", population="Per protocol", data_cut="2020", method="Cox")
    words = "Later analysis · Time point: Week 12 · Population: Per protocol · Data cut: 2020 · Method: Cox"
    assert setting_words(stated) == words
    assert setting_words(result(hypothesis="", outcome="os")) == ""
