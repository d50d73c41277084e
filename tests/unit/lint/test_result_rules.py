"""The numbers of a result: what contradicts the rest of it, and what no card shows."""

import pytest

from trialdeck.core.problem import Problem
from trialdeck.lint.record import check_record
from trialdeck.records.load import load_record_text

HEAD = """format: 1
id: dawn-1
title: Dawnol for Example Disease
questions: [{id: why, perspective: mechanism, question: Why?, response: Because.}]
results:
"""
RESULT = "{id: pain, endpoint: Pain, timepoint: Week 12, population: Intention to treat"
DIFFERENCE = "measure: mean difference, estimate: -4, ci: [-12, 3], ci_level: 95"


def checked(numbers: str) -> list[Problem]:
    """The problems of a result with some numbers, written as `name: value, name: value`."""
    record = load_record_text(f"{HEAD}  - {RESULT}, {numbers}}}\n".encode(), "dawn-1.yaml")
    assert record.trial
    assert record.document
    return sorted([*record.problems, *check_record(record.trial, record.document)])


@pytest.mark.parametrize(
    ("numbers", "code", "said", "hint"),
    [
        (f"{DIFFERENCE}, hypothesis: noninferiority, margin: 10", "TD434", "lower bound lies beyond -10",
         "if lower values are worse, write `margin: -10`"),
        ("measure: risk difference, estimate: 4, ci: [-3, 12], ci_level: 95, hypothesis: noninferiority, margin: -10",
         "TD434", "upper bound lies beyond 10", "if higher values are worse, write `margin: 10`"),
        (f"{DIFFERENCE}, arms: [{{name: A, n: 5}}, {{name: B, n: 5}}, {{name: C, n: 5}}]", "TD431",
         "'pain' has 3 arms", "`between:` with two of them: A, B, C"),
        (f"{DIFFERENCE}, arms: [{{name: A, mean: 9}}, {{name: B, mean: 5}}]", "TD432",
         "mean difference -4 does not fit the arms, 9 against 5", "or name them in `between`"),
        ("arms: [{name: A, rate: 4}]", "TD433", "the rate 4 does not say", "`rate_unit: per 100 patient-years`"),
        ("arms: [{name: A, rate: 4, rate_unit: per month}, {name: B, rate: 4, rate_unit: per year}]", "TD433",
         "'per year' is not the unit of the first rate, 'per month'", "the same unit"),
        ("arms: [{name: A, percent: 4, sd: 1}]", "TD416", "`sd` without a mean", "remove `sd`"),
        ("arms: [{name: A, percent: 4, rate_unit: per year}]", "TD416", "`rate_unit` without a rate", "a rate"),
        ("arms: [{name: A, n: 4, ci: [1, 2]}, {name: B, mean: 4}]", "TD416", "`ci` without a median", "remove `ci`"),
        ("arms: [{name: A, percent: 4, ci_level: 95}]", "TD416", "`ci_level` without an interval", "remove"),
        ("arms: [{name: A, percent: 4}], ci_level: 95", "TD416", "`ci_level` without an interval", "remove"),
        ("arms: [{name: A, percent: 4}], unit: kg", "TD416", "`unit` without a median, mean or difference", "remove"),
        ("arms: [{name: A, percent: 4}], hypothesis: equivalence", "TD416", "without a P value or a margin", "remove"),
        ("arms: [{name: A, percent: 4}, {name: B, n: 4}], between: [A, B]", "TD416", "without an estimate", "remove"),
        (f"{DIFFERENCE}, arms: [{{name: dawnol, n: 5}}], between: [dawnl, dawnol]", "TD206", "there is no arm 'dawnl'",
         "did you mean 'dawnol'?"),
        ("arms: [{name: A, n: 100, events: 21, percent: 12}]", "TD207", "21 of 100 patients are 21.00%, not 12%",
         "Kaplan-Meier"),
        (f"{DIFFERENCE}, margin: 10, hypothesis: superiority", "TD221", "a margin with `hypothesis: superiority`",
         "`hypothesis: noninferiority`"),
    ],
)  # fmt: skip
def test_a_rule_finds_its_fault(numbers: str, code: str, said: str, hint: str) -> None:
    (problem,) = checked(numbers)
    assert problem.code == code
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    "numbers",
    [
        # Rounded, or cut off, after the digit that is published.
        "arms: [{name: A, n: 238, events: 63, percent: 26.5}]",
        "arms: [{name: A, n: 238, events: 63, percent: 26.4}]",
        "arms: [{name: A, n: 238, events: 63, percent: 26}]",
        "arms: [{name: A, n: 238, events: 63, percent: 27}]",
        # Events beside a rate are not patients.
        "arms: [{name: A, n: 10, events: 63, rate: 6.3, rate_unit: per patient-year, percent: 50}]",
        # A margin that both signs decide alike, or that a ratio needs on this side.
        f"{DIFFERENCE}, hypothesis: noninferiority, margin: 15",
        f"{DIFFERENCE}, hypothesis: noninferiority, margin: -10",
        "measure: hazard ratio, estimate: 0.6, ci: [0.5, 0.7], ci_level: 95, hypothesis: noninferiority, margin: 1.3",
        f"{DIFFERENCE}, hypothesis: equivalence, margin: 10",
        f'{DIFFERENCE}, p: "0.2 (superiority)"',
        f'{DIFFERENCE}, p: "0.2 for Non-Inferiority", hypothesis: noninferiority, margin: -15',
        "arms: [{name: A, mean: 3, ci: [3, 4]}], ci_level: 95",
    ],
)
def test_what_can_be_true_is_no_fault(numbers: str) -> None:
    assert checked(numbers) == []
