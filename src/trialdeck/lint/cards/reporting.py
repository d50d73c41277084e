"""Rules for the reporting of results: warnings of what a reader needs to know beside the numbers.

The items are those of CONSORT 2010 (BMJ 2010;340:c332) and CONSORT 2025 (BMJ 2025;389:e081123). A brief result, which
states an effect, medians and percentages alone, is not held to them: `TD615` asks it for its data cut.
"""

from collections.abc import Iterator, Sequence

from trialdeck.core.text import is_blank
from trialdeck.lint.finding import Finding, Rule
from trialdeck.notes.prompts.authored import Asked
from trialdeck.records.entries import numbered
from trialdeck.records.model import Arm, Result, Trial
from trialdeck.records.sections import RESULTS


def values_have_time_points(trial: Trial, _asked: Sequence[Asked]) -> Iterator[Finding]:
    """A mean or a percentage belongs to a time (CONSORT 2010, item 6a; CONSORT 2025, item 14)."""
    for index, result in _detailed(trial):
        states_mean = any(arm.mean is not None for arm in result.arms)
        is_dated = not is_blank(result.timepoint) or (not states_mean and not is_blank(result.data_cut))
        if (states_mean or any(arm.states_share for arm in result.arms)) and not is_dated:
            what = "a mean" if states_mean else "a percentage"
            message = f"'{result.id}' states {what}, but not at which time point"
            hint = "add `timepoint: Week 12`, or whenever it was (CONSORT 2010, item 6a; 2025, item 14)"
            yield Finding("TD621", (RESULTS.property, index), message, hint)


def results_have_populations(trial: Trial, _asked: Sequence[Asked]) -> Iterator[Finding]:
    """A number depends on who was analysed (CONSORT 2010, item 16; CONSORT 2025, item 21b)."""
    for index, result in _detailed(trial):
        if is_blank(result.population):
            message = f"'{result.id}' does not say who was analysed"
            hint = "add `population: Intention to treat`, or whoever it was (CONSORT 2010, item 16; 2025, item 21b)"
            yield Finding("TD622", (RESULTS.property, index), message, hint)


def analyses_are_told_apart(trial: Trial, _asked: Sequence[Asked]) -> Iterator[Finding]:
    """Two analyses of one outcome say which each is (CONSORT 2010, items 17a and 18; CONSORT 2025, item 26)."""
    results = list(_detailed(trial))
    for index, result in results:
        others = [other.id for _, other in results if other is not result and _is_alike(other, result)]
        if result.outcome and not result.analysis and others:
            message = f"'{result.id}' does not say which analysis it is; '{others[0]}' is of the same outcome"
            hint = "add `analysis: primary`, or whichever it is (CONSORT 2010, item 18; 2025, item 26)"
            yield Finding("TD623", (RESULTS.property, index), message, hint)


def _detailed(trial: Trial) -> Iterator[tuple[int, Result]]:
    stated = ((index, result) for index, result in numbered(trial.results) if result.states_numbers)
    return ((index, result) for index, result in stated if not _is_brief(result))


def _is_brief(result: Result) -> bool:
    """Tell whether a result states nothing but an effect, its data cut, and medians and percentages of arms."""
    said = (result.outcome, result.analysis, result.timepoint, result.population, result.hypothesis, result.method)
    arms = (arm for arm in result.arms if arm != Arm(arm.name, arm.n, arm.median, arm.median_reached, arm.percent))
    return not any((*said, result.between, next(arms, None))) and result.margin is None


def _is_alike(one: Result, other: Result) -> bool:
    """Tell whether two results could be taken for each other: of one outcome, between the same arms."""
    return one.outcome == other.outcome and one.between == other.between


REPORTING_RULES: tuple[Rule, ...] = (values_have_time_points, results_have_populations, analyses_are_told_apart)
