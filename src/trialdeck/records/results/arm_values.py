"""The values of an arm in words: median, mean with its spread, rate, and events with their share of the patients."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from trialdeck.core.words import translate
from trialdeck.records.model import Arm, Result
from trialdeck.records.results.effect import INTERVAL, bounds_words, number_words

WORKED_OUT = "worked out"
"""What is said of a number that nobody published."""

Digits = Callable[[Decimal], str]


def share_of(arm: Arm) -> Decimal | None:
    """Return the per cent of patients as published, or as worked out from events and n; None if neither is stated."""
    if arm.percent is not None or arm.events is None or not arm.n or not arm.counts_patients:
        return arm.percent
    share = Decimal(100 * arm.events) / arm.n
    # One decimal, as most papers print; of a rare event the two digits that differ from 0.
    place = Decimal("0.1") if share >= 1 or not share else Decimal(1).scaleb(share.adjusted() - 1)
    return share.quantize(place, ROUND_HALF_UP)


def is_worked_out(arm: Arm) -> bool:
    """Tell whether the per cent of an arm is worked out, because the publication states counts alone."""
    return arm.percent is None and share_of(arm) is not None


def events_words(arm: Arm) -> str:
    """Return the events of an arm: `30/150`, or `30 events` if they are not patients of a known number."""
    if arm.events is None:
        return ""
    return (
        f"{arm.events}/{arm.n}"
        if arm.n and arm.counts_patients
        else translate("{count} event" if arm.events == 1 else "{count} events", count=arm.events)
    )


def share_words(arm: Arm, result: Result, digits: Digits = number_words) -> str:
    """Return events and per cent, for example `30/150 (20.0%, worked out)`; empty if neither is stated."""
    share, events = share_of(arm), events_words(arm) if arm.counts_patients else ""
    stated = f"{digits(share)}%" if share is not None else ""
    beside = [translate(WORKED_OUT)] if is_worked_out(arm) else []
    beside += [interval_of_arm(arm, result, "percent", digits=digits)]
    if not events:
        return _with_brackets(stated, beside)
    return _with_brackets(events, [", ".join(filter(None, [stated, *beside]))])


def median_words(arm: Arm, result: Result, digits: Digits = number_words) -> str:
    """Return the median with its unit and interval, or `not reached`; empty if it is not stated."""
    stated = _with_unit(arm.median, result.unit, digits) if arm.median_reached else translate("not reached")
    return _with_brackets(stated, [interval_of_arm(arm, result, "median", digits=digits)])


def mean_words(arm: Arm, result: Result, digits: Digits = number_words) -> str:
    """Return the mean with its unit and all spreads that are stated; empty if it is not stated."""
    spreads = [f"{name} {digits(number)}" for name, number in spreads_of(arm)]
    spreads.append(interval_of_arm(arm, result, "mean", digits=digits))
    return _with_brackets(_with_unit(arm.mean, result.unit, digits), spreads)


def rate_words(arm: Arm, result: Result, digits: Digits = number_words) -> str:
    """Return the rate with its unit, events and interval; empty if it is not stated."""
    stated = _with_unit(arm.rate, arm.rate_unit, digits)
    return _with_brackets(stated, [events_words(arm), interval_of_arm(arm, result, "rate", digits=digits)])


def interval_of_arm(arm: Arm, result: Result, value: str, called: str = INTERVAL, digits: Digits = number_words) -> str:
    """Return the interval of an arm in words if it is that of a value, else nothing.

    Args:
        arm: The arm.
        result: Its result, whose level holds where the arm states none.
        value: The name of the value: `median`, `mean`, `rate` or `percent`.
        called: The name of an interval of a known level.
        digits: Writes a number.

    Returns:
        The words, for example `95% CI 17.2 to 22.9`.

    """
    if arm.ci is None or arm.value_of_interval != value:
        return ""
    return bounds_words(arm.ci, level_of_arm(arm, result), called, digits)


def level_of_arm(arm: Arm, result: Result) -> Decimal | None:
    """Return the level of an arm's interval: its own, or that of the result."""
    return arm.ci_level if arm.ci_level is not None else result.ci_level


def mean_label(result: Result) -> str:
    """Return what the means of a result are called."""
    return translate("Geometric mean" if result.measure == "ratio of geometric means" else "Mean")


def spreads_of(arm: Arm) -> Iterator[tuple[str, Decimal]]:
    """Yield the spreads of a mean that an arm states, as they are called: SD and SE."""
    if arm.sd is not None:
        yield translate("SD"), arm.sd
    if arm.se is not None:
        yield translate("SE"), arm.se


def value_lines(result: Result, name: Callable[[Arm], str], text: Callable[[str], str]) -> Iterator[str]:
    """Yield a line for each kind of value, with all arms that state it.

    `name` writes the name of an arm, `text` what stands behind it.
    """
    labels = (f"{translate('Median')}: ", f"{mean_label(result)}: ", f"{translate('Rate')}: ", "")
    for label, words in zip(labels, (median_words, mean_words, rate_words, share_words), strict=True):
        stated = [(arm, words(arm, result)) for arm in result.arms]
        line = "; ".join(f"{name(arm)}{_size(arm, words)} {text(value)}" for arm, value in stated if value)
        if line:
            yield f"{label}{line}"


def _size(arm: Arm, words: Callable[[Arm, Result], str]) -> str:
    """Return how many patients an arm has, unless the words that follow say it."""
    is_said = words is share_words and arm.counts_patients
    return f" (n = {arm.n})" if arm.n and not is_said else ""


def _with_unit(number: Decimal | None, unit: str, digits: Digits) -> str:
    return f"{digits(number)} {unit}".rstrip() if number is not None else ""


def _with_brackets(stated: str, beside: list[str]) -> str:
    inside = "; ".join(filter(None, beside))
    return f"{stated} ({inside})" if stated and inside else stated
