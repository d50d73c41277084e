"""Plot the values of arms: medians, rates and percentages as bars, means as squares with their spread."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import msgspec

from trialdeck.core.words import translate
from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.plots.marks import bar_mark, interval_mark, open_bar_mark
from trialdeck.notes.plots.rows import Row, effect_axis, plot
from trialdeck.notes.plots.scale import Scale, has_place
from trialdeck.notes.plots.words import digits, range_words, sentences, short_interval, shortened
from trialdeck.records.model import Arm, Result
from trialdeck.records.results.analysis import compared_names
from trialdeck.records.results.arm_values import (
    WORKED_OUT,
    events_words,
    is_worked_out,
    level_of_arm,
    mean_label,
    share_of,
    spreads_of,
)
from trialdeck.records.results.effect import INTERVAL

# How much of the width the longest bar takes beside one without an end.
_BESIDE_OPEN = Decimal("0.7")
_NOT_REACHED = "not reached"
_MOST_IN_HEADLINE = 2


class ArmValue(msgspec.Struct, frozen=True):
    """One value of an arm, in plain text: the number with its unit, and what belongs to it (interval, spread)."""

    arm: Arm
    number: str
    beside: tuple[str, ...] = ()


class Values(msgspec.Struct, frozen=True):
    """One kind of value, as the arms of a result state it, with its unit."""

    kind: str
    name: str
    unit: str
    arms: tuple[ArmValue, ...]


def values_of(result: Result) -> Iterator[Values]:
    """Yield each kind of value that arms state: medians, per cents, means, then rates, those of each unit together."""
    for kind, name, unit, value in (
        ("median", translate("Median"), result.unit, _median),
        ("percent", translate("Percentage of patients"), "", _share),
        ("mean", mean_label(result), result.unit, _mean),
    ):
        stated = tuple(found for arm in result.arms if (found := value(arm, result)))
        if stated:
            yield Values(kind, name, unit, stated)
    with_rate = [arm for arm in result.arms if arm.rate is not None]
    for unit in dict.fromkeys(arm.rate_unit for arm in with_rate):
        rates = tuple(_rate(arm, result) for arm in with_rate if arm.rate_unit == unit)
        yield Values("rate", translate("Rate"), unit, rates)
    if counted := tuple(_events(arm) for arm in result.arms if arm.events is not None and not _says_events(arm)):
        yield Values("events", translate("Events"), "", counted)


def headline_values(result: Result) -> Values | None:
    """Return the values that a card says in large type: the first of one or two arms, where there is no effect."""
    values = None if result.estimate is not None else next(values_of(result), None)
    return values if values and len(values.arms) <= _MOST_IN_HEADLINE else None


def values_plot(result: Result, values: Values, *, is_said: bool = False) -> str:
    """Return the plot of one kind of value.

    Args:
        result: The result.
        values: What its arms state.
        is_said: Whether the card says the numbers already, so that a row has what belongs to them alone.

    Returns:
        The HTML of one block; a row whose number has no place is words alone.

    """
    marks, axis, note = _marks(result, values)
    rows = [
        Row(
            render_inline(value.arm.name),
            _size_of(value.arm),
            mark,
            "" if is_said else render_plain(value.number),
            "<br>".join(f'<span class="td-whole">{render_plain(words)}</span>' for words in value.beside),
        )
        for value, mark in zip(values.arms, marks, strict=True)
    ]
    called = f"{values.name} ({values.unit})" if values.unit else values.name
    heading = render_plain(called) + (f' <span class="td-sub">· {render_plain(note)}</span>' if note else "")
    return plot(rows, sentences([shortened(called, 120), note]), axis=axis, heading=heading)


# --- The values in words


def _median(arm: Arm, result: Result) -> ArmValue | None:
    if not arm.states_median:
        return None
    number = digits(arm.median) if arm.median_reached and arm.median is not None else translate(_NOT_REACHED)
    return ArmValue(arm, number, _interval(arm, result, "median"))


def _share(arm: Arm, result: Result) -> ArmValue | None:
    share = share_of(arm)
    if share is None:
        return None
    beside = (translate(WORKED_OUT),) if is_worked_out(arm) else ()
    return ArmValue(arm, f"{digits(share)}%", (*beside, *_interval(arm, result, "percent")))


def _mean(arm: Arm, result: Result) -> ArmValue | None:
    if arm.mean is None:
        return None
    spreads = tuple(f"{name} {digits(number)}" for name, number in spreads_of(arm))
    return ArmValue(arm, digits(arm.mean), (*spreads, *_interval(arm, result, "mean")))


def _rate(arm: Arm, result: Result) -> ArmValue:
    assert arm.rate is not None
    return ArmValue(arm, digits(arm.rate), _interval(arm, result, "rate"))


def _events(arm: Arm) -> ArmValue:
    return ArmValue(arm, str(arm.events))


def _says_events(arm: Arm) -> bool:
    """Return whether the name of an arm is followed by its events: where they make a share, or stand beside a rate."""
    return share_of(arm) is not None or arm.rate is not None


def _interval(arm: Arm, result: Result, value: str) -> tuple[str, ...]:
    """Return the interval of a value; its level stands once above all rows, unless they differ."""
    if arm.ci is None or arm.value_of_interval != value:
        return ()
    is_said = _level_name(result.arms, result, value) is not None
    return (range_words(arm.ci) if is_said else short_interval(arm.ci, level_of_arm(arm, result)),)


def _level_name(arms: Sequence[Arm], result: Result, value: str) -> str | None:
    """Return what the intervals of a value are called, if all are of one level that is stated."""
    levels = {level_of_arm(arm, result) for arm in arms if arm.ci is not None and arm.value_of_interval == value}
    (level,) = levels if len(levels) == 1 else (None,)
    return translate(INTERVAL, level=digits(level)) if level is not None else None


def _size_of(arm: Arm) -> str:
    """Return how many patients an arm has, or how many of them had an event."""
    events = events_words(arm) if _says_events(arm) else ""
    size = f"n\u00a0=\u00a0{arm.n}" if arm.n and "/" not in events else ""
    return render_plain(" · ".join(filter(None, [size, events])))


# --- The values as marks


def _marks(result: Result, values: Values) -> tuple[list[str], str, str]:
    """Return the mark of each arm, the axis below them, and what their lines are."""
    arms, kind = [value.arm for value in values.arms], values.kind
    if kind == "mean":
        return _mean_marks(result, arms)
    if kind == "events":
        return ["" for _ in arms], "", ""
    longest = Decimal(100) if kind == "percent" else _longest(arms, kind)
    marks = [_bar(arm, kind, longest, soft=not _is_own(arm, result)) for arm in arms]
    return marks, "", _note(result, arms, kind)


def _note(result: Result, arms: Sequence[Arm], kind: str) -> str:
    """Return what the lines on bars are, or else the level of intervals that are stated and not drawn."""
    name = _level_name(arms, result, kind)
    if any(_ends(arm, kind) for arm in arms):
        return translate("line: {what}", what=name or translate("confidence interval"))
    return translate("with {what}", what=name) if name else ""


def _bar(arm: Arm, kind: str, longest: Decimal, *, soft: bool) -> str:
    """Return the bar of an arm, of which the longest would take the whole width; nothing for a number without place."""
    if kind == "median" and not arm.median_reached:
        return open_bar_mark(soft=soft)
    length = _length(_number(arm, kind))
    if length is None:
        return ""
    if not length or not longest:
        return bar_mark(0.0)
    share = float(min(length / longest, Decimal(1)))
    return bar_mark(share, [float(min(end / longest, Decimal(1))) for end in _ends(arm, kind)], soft=soft)


def _longest(arms: Sequence[Arm], kind: str) -> Decimal:
    """Return the number that fills the width: the largest of all, or more where a bar beside it has no end."""
    lengths = [_length(number) for arm in arms for number in (_number(arm, kind), *_ends(arm, kind))]
    largest = max((length for length in lengths if length is not None), default=Decimal(0))
    is_open = kind == "median" and not all(arm.median_reached for arm in arms)
    return largest / _BESIDE_OPEN if is_open else largest


def _number(arm: Arm, kind: str) -> Decimal | None:
    return {"median": arm.median, "rate": arm.rate, "percent": share_of(arm)}[kind]


def _ends(arm: Arm, kind: str) -> tuple[Decimal, ...]:
    """Return the bounds of the interval of a value, if they can be drawn beside a bar."""
    bounds = _bounds(arm) if arm.value_of_interval == kind else None
    return bounds if bounds and all(_length(bound) is not None for bound in bounds) else ()


def _length(value: Decimal | None) -> Decimal | None:
    """Return what a bar can show of a number: nothing that is below 0 or is none."""
    return value if value is not None and has_place(value, log=False) and value >= 0 else None


def _is_own(arm: Arm, result: Result) -> bool:
    """Tell whether an arm is the one that a result is about: the first of those compared, or of all."""
    names = compared_names(result) or (result.arms[0].name,)
    return arm.name == names[0]


# --- Means


_Spread = Callable[[Arm], tuple[Decimal, Decimal] | None]


def _mean_marks(result: Result, arms: Sequence[Arm]) -> tuple[list[str], str, str]:
    name, spread = _spread(result, arms)
    placed = [arm for arm in arms if arm.mean is not None and has_place(arm.mean, log=False)]
    if not placed:
        return ["" for _ in arms], "", ""
    scale = Scale.of(
        [place for arm in placed for place in (_mean_of(arm), *_drawn_spread(arm, spread))], None, log=False
    )
    marks = [
        interval_mark(scale, _mean_of(arm), _drawn_spread(arm, spread), soft=not _is_own(arm, result))
        if arm in placed
        else ""
        for arm in arms
    ]
    return marks, effect_axis(scale), translate("line: {what}", what=name) if name else ""


def _mean_of(arm: Arm) -> Decimal:
    assert arm.mean is not None
    return arm.mean


def _spread(result: Result, arms: Sequence[Arm]) -> tuple[str, _Spread]:
    """Return the first spread that all arms state, with its name: interval, standard deviation, or standard error."""
    spreads: tuple[tuple[str, _Spread], ...] = (
        (
            _level_name(arms, result, "mean") or translate("confidence interval"),
            lambda arm: _bounds(arm) if arm.value_of_interval == "mean" else None,
        ),
        (translate("one SD each way"), lambda arm: _around(arm.mean, arm.sd)),
        (translate("one SE each way"), lambda arm: _around(arm.mean, arm.se)),
    )
    return next((spread for spread in spreads if all(map(spread[1], arms))), ("", lambda _: None))


def _drawn_spread(arm: Arm, spread: _Spread) -> tuple[Decimal, ...]:
    """Return the ends of the spread of a mean if they can be drawn."""
    ends = spread(arm) or ()
    return ends if all(has_place(end, log=False) for end in ends) else ()


def _bounds(arm: Arm) -> tuple[Decimal, Decimal] | None:
    """Return the bounds of an arm's interval if both were reached."""
    low, high = arm.ci or (None, None)
    return (low, high) if low is not None and high is not None else None


def _around(mean: Decimal | None, spread: Decimal | None) -> tuple[Decimal, Decimal] | None:
    return (mean - spread, mean + spread) if mean is not None and spread is not None else None
