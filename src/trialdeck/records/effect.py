"""The effect of a result in words: measure, estimate, interval with its level, P value."""

from collections.abc import Callable
from decimal import Decimal

from trialdeck.records.model import Result

HAZARD_RATIO = "hazard ratio"
RATIOS = frozenset({HAZARD_RATIO, "odds ratio", "risk ratio", "rate ratio"})
"""The measures that are 1 where there is no effect."""
DIFFERENCES = frozenset({"risk difference", "mean difference"})
"""The measures that are 0 where there is no effect."""
INTERVAL = "{}% CI"
"""What an interval of a known level is called."""


def measure_of(result: Result) -> str:
    """Return what was measured, or `estimate` if the record does not say."""
    return result.measure or "estimate"


def estimate_of(result: Result) -> str:
    """Return the estimate as it was published, or that it is not stated."""
    return "not stated" if result.estimate is None else str(result.estimate)


def interval_words(result: Result, called: str = INTERVAL, digits: Callable[[Decimal], str] = str) -> str:
    """Return the interval of a result with its level, for example `95% CI 0.59 to 0.94`; empty if it has none.

    `called` is what an interval of a known level is called, `digits` writes a number.
    """
    if result.ci is None:
        return ""
    level = called.format(digits(result.ci_level)) if result.ci_level is not None else "CI, level not stated:"
    return f"{level} {digits(result.ci[0])} to {digits(result.ci[1])}"


def effect_words(result: Result, strong: Callable[[str], str] = str, text: Callable[[str], str] = str) -> str:
    """Return the effect as one phrase; empty if neither estimate, interval nor P value is stated.

    `strong` marks up the estimate, `text` what the author wrote as the P value.
    """
    parts = []
    if result.estimate is not None or result.ci:
        stated = strong(estimate_of(result)) if result.estimate is not None else estimate_of(result)
        interval = interval_words(result)
        parts.append(f"{measure_of(result).capitalize()} {stated}{f' ({interval})' if interval else ''}")
    if result.p:
        has_sign = result.p.lstrip()[:1] in "<>=≤≥"
        parts.append(f"P {'' if has_sign else '= '}{text(result.p)}")
    return ", ".join(parts)
