"""Rules for the numbers of results: what cannot be true is an error, what is missing beside a number a warning."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from trialdeck.core.problem import Problem, nearest, shortened
from trialdeck.core.text import is_blank
from trialdeck.records.entries import numbered
from trialdeck.records.model import Arm, Result, Trial
from trialdeck.records.results.analysis import compared_values, is_noninferior, null_of, runs_against_arms
from trialdeck.records.results.effect import DIFFERENCES, HYPOTHESES, RATIOS, number_words, p_number, unit_words
from trialdeck.records.sections import RESULTS
from trialdeck.yamlfile.document import DataPath, Document

Rule = Callable[[Trial, Document], Iterator[Problem]]

_SOURCE = "compare the numbers with the source"
_TESTED = re.compile(r"\b(?:non-?\s?inferiority|superiority|equivalence)\b", re.IGNORECASE)
_NOT_REACHED = "not reached"
_IN_LETTERS = re.compile(r"[^a-z]")


def numbers_agree(trial: Trial, document: Document) -> Iterator[Problem]:
    """An interval runs upward and holds its estimate."""
    for index, result in enumerate(trial.results):
        fault = _interval_fault(result.ci, result.estimate, "the estimate")
        if fault:
            yield document.problem("TD207", document.spot(RESULTS.property, index, "ci"), *fault)


def arms_agree(trial: Trial, document: Document) -> Iterator[Problem]:
    """The numbers of an arm fit together: events and patients, per cent and counts, a value and its interval."""
    for path, _, arm in _arms(trial):
        for name, message, hint in _faults_of_arm(arm):
            yield document.problem("TD207", document.spot(*path, name), message, hint)


def _faults_of_arm(arm: Arm) -> Iterator[tuple[str, str, str]]:
    """Yield what contradicts each other in an arm: the property, the message and the hint."""
    if arm.events is not None and arm.n and arm.counts_patients:
        if arm.events > arm.n:
            message = f"{arm.events} patients with an event are more than the {arm.n} of the arm"
            yield "events", message, f"{_SOURCE}; events of which a patient may have several belong beside a `rate`"
        elif arm.percent is not None and not _rounds_to(Decimal(100 * arm.events) / arm.n, arm.percent):
            share = (Decimal(100 * arm.events) / arm.n).quantize(Decimal("0.01"))
            message = f"{arm.events} of {arm.n} patients are {share}%, not {arm.percent}%"
            hint = f"{_SOURCE}; of a per cent that was estimated (Kaplan-Meier), leave `events` out"
            yield "percent", message, hint
    if arm.se is not None and arm.sd is not None and arm.se > arm.sd:
        yield "se", f"the standard error {arm.se} is larger than the standard deviation {arm.sd}", _SOURCE
    stated = {"median": arm.median, "mean": arm.mean, "rate": arm.rate, "percent": arm.percent}
    name = arm.value_of_interval
    if fault := _interval_fault(arm.ci, stated.get(name), f"the {name}"):
        yield "ci", *fault


def _interval_fault(
    ci: tuple[Decimal | None, Decimal | None] | None, value: Decimal | None, called: str
) -> tuple[str, str] | None:
    """Return the message and the hint for an interval that runs downward or does not hold its value."""
    low, high = ci or (None, None)
    if low is not None and high is not None and low > high:
        return f"the interval runs downward: {low} to {high}", "lower bound first"
    is_below, is_above = (
        value is not None and low is not None and value < low,
        value is not None and high is not None and value > high,
    )
    if is_below or is_above:
        bounds = " to ".join("not reached" if bound is None else str(bound) for bound in (low, high))
        return f"{called} {value} lies outside its interval {bounds}", _SOURCE
    return None


def _rounds_to(exact: Decimal, published: Decimal) -> bool:
    """Tell whether a number may have been published so, rounded or cut off after its last digit."""
    exponent = published.as_tuple().exponent
    digit = Decimal(1).scaleb(min(exponent, 0)) if isinstance(exponent, int) else Decimal(1)
    return abs(exact - published) < digit


def numbers_are_possible(trial: Trial, document: Document) -> Iterator[Problem]:
    """A P value lies between 0 and 1, and a ratio above 0."""
    for index, result in enumerate(trial.results):
        path = (RESULTS.property, index)
        p = p_number(result.p)
        if p is not None and not 0 <= p <= 1:
            message = f"the P value {p} does not lie between 0 and 1"
            yield document.problem("TD207", document.spot(*path, "p"), message, "compare it with the source")
        stated = (("estimate", result.estimate), ("ci", min(result.ci or (1,))), ("margin", result.margin))
        for name, number in stated:
            if result.measure in RATIOS and number is not None and number <= 0:
                message = f"a {result.measure} of {number} is impossible: a ratio is more than 0"
                hint = "compare it with the source; of a difference, `measure` says so"
                yield document.problem("TD207", document.spot(*path, name), message, hint)


def hypotheses_are_stated(trial: Trial, document: Document) -> Iterator[Problem]:
    """A margin has a hypothesis and is not "no effect"; a P value of non-inferiority is not shown as superiority."""
    for index, result in enumerate(trial.results):
        for name, message, hint in _faults_of_hypothesis(result):
            yield document.problem("TD221", document.spot(RESULTS.property, index, name), message, hint)


def _faults_of_hypothesis(result: Result) -> Iterator[tuple[str, str, str]]:
    """Yield what does not fit the hypothesis of a result: the property, the message and the hint."""
    has_margin = result.hypothesis in {"noninferiority", "equivalence"}
    if result.margin is not None and not has_margin:
        stated = f"with `hypothesis: {result.hypothesis}`" if result.hypothesis else "without its hypothesis"
        hint = "write `hypothesis: noninferiority` or `hypothesis: equivalence`, or remove the margin"
        yield "margin", f"a margin {stated}", hint
    if result.margin is not None and result.margin == null_of(result.measure):
        message = f"a margin of {result.margin} means no effect at all"
        yield "margin", message, "write the largest difference that was accepted, for example `margin: 1.3`"
    tested = _TESTED.search(result.p)
    name = _IN_LETTERS.sub("", tested[0].casefold()) if tested else ""
    if tested and name != (result.hypothesis or "superiority"):
        shown = HYPOTHESES.get(result.hypothesis, "superiority")
        message = f"a P value of {tested[0].casefold()} would be shown as one of {shown}"
        yield "p", message, f"write `hypothesis: {name}`"


def comparisons_name_arms(trial: Trial, document: Document) -> Iterator[Problem]:
    """A comparison names two different arms of its result."""
    for index, result in enumerate(trial.results):
        names = [arm.name for arm in result.arms]
        for position, name in enumerate(result.between):
            spot = document.spot(RESULTS.property, index, "between", position)
            if name not in names:
                likely = nearest(name, names)
                hint = f"did you mean '{likely}'?" if likely else f"arms of this result: {shortened(', '.join(names))}"
                yield document.problem("TD206", spot, f"there is no arm '{shortened(name)}'", hint)


def comparisons_are_told(trial: Trial, document: Document) -> Iterator[Problem]:
    """An estimate among more than two arms says which two it compares."""
    for index, result in numbered(trial.results):
        if result.estimate is not None and len(result.arms) > 2 and not result.between:
            message = f"'{result.id}' has {len(result.arms)} arms, but not which two the estimate compares"
            hint = f"add `between:` with two of them: {shortened(', '.join(arm.name for arm in result.arms))}"
            yield document.problem("TD431", document.spot(RESULTS.property, index), message, hint)


def estimates_fit_their_arms(trial: Trial, document: Document) -> Iterator[Problem]:
    """An estimate lies on the side of no effect on which the values of its arms lie."""
    for index, result in numbered(trial.results):
        if runs_against_arms(result):
            assert result.estimate is not None
            first, second = map(number_words, compared_values(result))
            message = f"the {result.measure} {result.estimate} does not fit the arms, {first} against {second}"
            hint = "compare the first arm with the second, or name them in `between`; an adjusted estimate may differ"
            yield document.problem("TD432", document.spot(RESULTS.property, index, "estimate"), message, hint)


def margins_are_on_their_side(trial: Trial, document: Document) -> Iterator[Problem]:
    """A margin of a difference decides nothing that it would not decide with the other sign.

    Which values are worse is nowhere stated: of a cure rate the lower bound decides, of a death rate the upper one.
    """
    for index, result in numbered(trial.results):
        mirrored = _with_mirrored_margin(result)
        if mirrored and is_noninferior(result) and not is_noninferior(mirrored):
            other = mirrored.margin
            assert other is not None
            worse, end = ("lower", "lower") if other < 0 else ("higher", "upper")
            message = f"the margin {result.margin} is met, but the {end} bound lies beyond {other}"
            hint = f"if {worse} values are worse, write `margin: {other}`; else ignore this"
            yield document.problem("TD434", document.spot(RESULTS.property, index, "margin"), message, hint)


def _with_mirrored_margin(result: Result) -> Result | None:
    """Return a result of non-inferiority with its margin on the other side; None for a ratio, where 1.3 is no slip."""
    if result.margin is None or result.measure not in DIFFERENCES or result.hypothesis != "noninferiority":
        return None
    return replace(result, margin=-result.margin)


def rates_have_units(trial: Trial, document: Document) -> Iterator[Problem]:
    """A rate says by what it is counted, the same in all arms of a result."""
    for path, result, arm in _arms(trial):
        if arm.rate is None or result.retired:
            continue
        first = next(other.rate_unit for other in result.arms if other.rate is not None)
        hint = "add `rate_unit: per 100 patient-years`, or whatever it is"
        if is_blank(arm.rate_unit):
            message = f"the rate {arm.rate} does not say by what it is counted"
            yield document.problem("TD433", document.spot(*path, "rate"), message, hint)
        elif arm.rate_unit != first and not is_blank(first):
            message = f"'{shortened(arm.rate_unit)}' is not the unit of the first rate, '{shortened(first)}'"
            yield document.problem("TD433", document.spot(*path, "rate_unit"), message, "give all arms the same unit")


def _arms(trial: Trial) -> Iterator[tuple[DataPath, Result, Arm]]:
    """Yield every arm with its path and its result."""
    for index, result in enumerate(trial.results):
        for position, arm in enumerate(result.arms):
            yield (RESULTS.property, index, "arms", position), result, arm


def has_refused_number(result: Result, document: Document, index: int) -> bool:
    """Return whether the schema refused a number of a result: it is faulty, and must not count as missing."""
    written = document.data[RESULTS.property][index]
    arms = written.get("arms") if isinstance(written, dict) else None
    pairs: list[tuple[Result | Arm, Any]] = [
        (result, written),
        *zip(result.arms, arms if isinstance(arms, list) else (), strict=False),
    ]
    return any(_has_refused(value, each) for value, each in pairs if isinstance(each, dict))


def _has_refused(value: Result | Arm, written: dict[str, Any]) -> bool:
    return any(
        number not in (None, _NOT_REACHED) and getattr(value, str(name), number) in (None, "")
        for name, number in written.items()
    )


def unshown_values(result: Result) -> Iterator[tuple[DataPath, str]]:
    """Yield the paths of the values of a result that nothing shows, and what each of them needs."""
    if result.measure and result.estimate is None and result.ci is None:
        yield ("measure",), "an estimate"
    needs_level = result.ci or any(_shows_interval(arm) and arm.ci_level is None for arm in result.arms)
    if result.ci_level is not None and not needs_level:
        yield ("ci_level",), "an interval"
    has_number = bool(unit_words(result)) and result.estimate is not None
    has_value = any(arm.median is not None or arm.mean is not None for arm in result.arms)
    if not is_blank(result.unit) and not has_number and not has_value:
        yield ("unit",), "a median or mean" if result.measure in RATIOS else "a median, mean or difference"
    if result.hypothesis and not result.p and result.margin is None:
        yield ("hypothesis",), "a P value or a margin"
    if result.between and result.estimate is None and not result.p:
        yield ("between",), "an estimate"
    for position, arm in enumerate(result.arms):
        for name, needed in _unshown_of_arm(arm):
            yield ("arms", position, name), needed


def _shows_interval(arm: Arm) -> bool:
    return arm.ci is not None and bool(arm.value_of_interval)


def _unshown_of_arm(arm: Arm) -> Iterator[tuple[str, str]]:
    for name in ("sd", "se"):
        if getattr(arm, name) is not None and arm.mean is None:
            yield name, "a mean"
    if not is_blank(arm.rate_unit) and arm.rate is None:
        yield "rate_unit", "a rate"
    if arm.ci and not arm.value_of_interval:
        yield "ci", "a median, mean, rate or per cent"
    if arm.ci_level is not None and not _shows_interval(arm):
        yield "ci_level", "an interval"


RESULT_RULES: tuple[Rule, ...] = (
    numbers_agree,
    arms_agree,
    numbers_are_possible,
    hypotheses_are_stated,
    comparisons_name_arms,
    comparisons_are_told,
    estimates_fit_their_arms,
    margins_are_on_their_side,
    rates_have_units,
)
