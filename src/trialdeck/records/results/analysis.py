"""How a result was analysed, in words: which analysis, when, in whom, and what its margin decides."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from trialdeck.core.text import is_blank
from trialdeck.core.words import translate
from trialdeck.records.model import Arm, Result
from trialdeck.records.results.arm_values import share_of
from trialdeck.records.results.effect import (
    DIFFERENCES,
    HYPOTHESES,
    RATIOS,
    STANDARDISED,
    capitalised,
    number_words,
    unit_words,
)

_WITH_MARGIN = frozenset({"noninferiority", "equivalence"})


def setting_of(result: Result) -> Iterator[str]:
    """Yield which analysis a result is, its time point, its population and its data cut, as far as they are stated."""
    if result.analysis:
        yield capitalised(analysis_words(result.analysis))
    if not is_blank(result.timepoint):
        yield translate("Time point: {time}", time=result.timepoint)
    if not is_blank(result.population):
        yield translate("Population: {population}", population=result.population)
    if not is_blank(result.data_cut):
        yield translate("Data cut: {day}", day=result.data_cut)


def analysis_words(analysis: str) -> str:
    """Return what an analysis of the schema is called: `interim analysis`."""
    return translate(f"{analysis} analysis")


def setting_words(result: Result) -> str:
    """Return the setting and the method of a result in a line."""
    method = [] if is_blank(result.method) else [translate("Method: {method}", method=result.method)]
    return " · ".join([*setting_of(result), *method])


def null_of(measure: str) -> Decimal | None:
    """Return where there is no effect on the scale of a measure; None if the measure is not known."""
    if measure in RATIOS:
        return Decimal(1)
    return Decimal(0) if measure in DIFFERENCES else None


def margins_of(result: Result) -> tuple[Decimal, ...]:
    """Return the margins of a result from low to high: two of equivalence, one of non-inferiority, or none.

    Of a ratio the margin on the other side is its inverse, of a difference its negative.
    """
    null, margin = null_of(result.measure), result.margin
    if null is None or margin is None or margin == null or result.hypothesis not in _WITH_MARGIN:
        return ()
    if result.measure in RATIOS and margin <= 0:
        return ()
    if result.hypothesis == "noninferiority":
        return (margin,)
    return tuple(sorted((margin, 1 / margin if result.measure in RATIOS else -margin)))


def decision_words(result: Result) -> str:
    """Return what interval and margin decide, or the margin alone if nothing follows from numbers; empty without one.

    A margin above no effect is compared with the upper bound, one below it with the lower bound.
    """
    margins = margins_of(result)
    if not margins or result.ci is None or result.ci[0] > result.ci[1]:
        return _margin_alone(result)
    return _equivalence(result, result.ci, margins) if len(margins) > 1 else _noninferiority(result, result.ci)


def _margin_alone(result: Result) -> str:
    if result.margin is None or result.hypothesis not in _WITH_MARGIN:
        return ""
    margin = f"{number_words(result.margin)}{unit_words(result)}"
    return translate(f"Margin of {HYPOTHESES[result.hypothesis]}: {{margin}}", margin=margin)


def is_noninferior(result: Result) -> bool:
    """Tell whether the interval of a result of non-inferiority keeps to its margin."""
    null, margin = null_of(result.measure), result.margin
    if null is None or margin is None or result.ci is None:
        return False
    return result.ci[1] < margin if margin > null else result.ci[0] > margin


def _noninferiority(result: Result, ci: tuple[Decimal, Decimal]) -> str:
    null, margin = null_of(result.measure), result.margin
    assert null is not None
    assert margin is not None
    end, bound, side = ("Upper", ci[1], "below") if margin > null else ("Lower", ci[0], "above")
    is_met = is_noninferior(result)
    compared, verdict = (side, "non-inferior") if is_met else (f"not {side}", "non-inferiority is not shown")
    unit = unit_words(result)
    return translate(
        f"{end} bound {{bound}} is {compared} the margin {{margin}}: {verdict}",
        bound=f"{number_words(bound)}{unit}",
        margin=f"{number_words(margin)}{unit}",
    )


def _equivalence(result: Result, ci: tuple[Decimal, Decimal], margins: tuple[Decimal, ...]) -> str:
    is_met = margins[0] < ci[0] and ci[1] < margins[1]
    found = "lies within" if is_met else "does not lie within"
    verdict = "equivalent" if is_met else "equivalence is not shown"
    interval = translate("{low} to {high}", low=number_words(ci[0]), high=number_words(ci[1]))
    return translate(
        f"Interval {{interval}} {found} the margins {{margins}}: {verdict}",
        interval=f"{interval}{unit_words(result)}",
        margins=margin_range(result),
    )


def margin_range(result: Result) -> str:
    """Return both margins of equivalence in words: `1/1.25 to 1.25`, or `−5 to 5`."""
    assert result.margin is not None
    stated = number_words(result.margin)
    other = f"1/{stated}" if result.measure in RATIOS else number_words(-result.margin)
    low, high = (stated, other) if result.margin == margins_of(result)[0] else (other, stated)
    return f"{translate('{low} to {high}', low=low, high=high)}{unit_words(result)}"


def compared_names(result: Result) -> tuple[str, ...]:
    """Return the names of the two arms that an estimate compares, the first against the second; empty if not known."""
    if result.between:
        return result.between
    return tuple(arm.name for arm in result.arms) if len(result.arms) == 2 else ()


def compared_arms(result: Result) -> tuple[Arm, ...]:
    """Return the two arms that an estimate compares; empty if they are not among the arms of the result."""
    by_name = {arm.name: arm for arm in result.arms}
    arms = tuple(by_name[name] for name in compared_names(result) if name in by_name)
    return arms if len(arms) == 2 else ()


def compared_values(result: Result) -> tuple[Decimal, ...]:
    """Return the two values of arms that the measure of a result compares; empty if they are not both stated."""
    values = tuple(map(_VALUES[result.measure], compared_arms(result))) if result.measure in _VALUES else ()
    return tuple(value for value in values if value is not None) if None not in values else ()


def runs_against_arms(result: Result) -> bool:
    """Tell whether an estimate lies on one side of no effect, and what the arms state lies on the other."""
    null, values = null_of(result.measure), compared_values(result)
    if result.estimate is None or null is None or not values:
        return False
    return (result.estimate - null) * (values[0] - values[1]) < 0


_VALUES: Mapping[str, Callable[[Arm], Decimal | None]] = {
    "odds ratio": share_of,
    "risk ratio": share_of,
    "risk difference": share_of,
    "rate ratio": lambda arm: arm.rate,
    "rate difference": lambda arm: arm.rate,
    "ratio of means": lambda arm: arm.mean,
    "ratio of geometric means": lambda arm: arm.mean,
    "mean difference": lambda arm: arm.mean,
    STANDARDISED: lambda arm: arm.mean,
}
"""What an estimate compares in its arms; a hazard is not stated of an arm."""
