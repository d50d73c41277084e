"""Draw the values of arms: medians, rates and percentages as bars, means as squares with their spread."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import msgspec

from trialdeck.notes.plots.effects import BAND, draw_axis, span
from trialdeck.notes.plots.svg import (
    LINE,
    SOFT,
    STRONG,
    WIDTH,
    Axis,
    Sheet,
    axis_of,
    element,
    has_place,
    in_drawing,
    shortened,
    text,
    width_of,
    wrapped,
)
from trialdeck.notes.plots.words import digits, named, plain
from trialdeck.records.analysis import compared_names
from trialdeck.records.arm_values import (
    events_words,
    interval_of_arm,
    is_worked_out,
    level_of_arm,
    mean_label,
    mean_words,
    rate_words,
    share_of,
    share_words,
)
from trialdeck.records.model import Arm, Result

_KEY_TO_OPEN_BAR = "; dashed, without an end: not reached"
_PERCENTAGES = "Percentage of patients"
_WORKED_OUT = "worked out from the counts"
_SPOKEN = "{}% confidence interval"
# The height of a bar, alone and with the room below it.
_BAR, _BELOW_BAR = 9.0, 14.0
# How much of the width the longest bar takes beside one without an end.
_BESIDE_OPEN = Decimal("0.7")


class _Bar(msgspec.Struct, frozen=True):
    """A bar: how much of the width it takes, None for no bar, and where its interval begins and ends."""

    share: Decimal | None
    interval: tuple[Decimal, ...] = ()


# --- Medians


def draw_medians(sheet: Sheet, result: Result) -> None:
    """Draw the medians as bars from 0; one that was not reached has no end."""
    arms = [arm for arm in result.arms if arm.states_median]
    if not arms:
        return
    sheet.space(8)
    sheet.write(_median_heading(result))
    room = Decimal(1) if all(arm.median_reached for arm in arms) else _BESIDE_OPEN
    longest = _longest(arms, "median")
    for arm in arms:
        _draw_label(sheet, arm, _size(arm), _median(arm))
        if arm.median_reached:
            _draw_bar(sheet, _bar(arm, "median", arm.median, longest / room), is_own=_is_own(arm, result))
        else:
            outline = f"M{WIDTH:.0f} {sheet.y + 0.5:.1f}H.5v{_BAR - 1:.0f}H{WIDTH:.0f}"
            sheet.mark(element("path", d=outline, fill="none", stroke="currentColor", stroke_dasharray="4 3"))
            sheet.y += _BELOW_BAR


def _median_heading(result: Result) -> str:
    return f"Median ({shortened(result.unit, 60)})" if result.unit else "Median"


def _median(arm: Arm) -> str:
    return digits(arm.median) if arm.median_reached and arm.median is not None else "not reached"


# --- Rates


def draw_rates(sheet: Sheet, result: Result) -> None:
    """Draw the rates as bars from 0, those of each unit together: others cannot be compared."""
    arms = [arm for arm in result.arms if arm.rate is not None]
    for unit in dict.fromkeys(arm.rate_unit for arm in arms):
        alike = [arm for arm in arms if arm.rate_unit == unit]
        sheet.space(8)
        sheet.write(_rate_heading(unit))
        for arm in alike:
            assert arm.rate is not None
            _draw_label(sheet, arm, _size(arm), digits(arm.rate))
            _draw_bar(sheet, _bar(arm, "rate", arm.rate, _longest(alike, "rate")), is_own=_is_own(arm, result))


def _rate_heading(unit: str) -> str:
    return f"Rate ({shortened(unit, 60)})" if unit else "Rate"


# --- Percentages


def draw_shares(sheet: Sheet, result: Result) -> None:
    """Draw the percentages as bars from 0 to 100, with the counts beside the names."""
    arms = [arm for arm in result.arms if arm.states_share]
    if not arms:
        return
    sheet.space(8)
    sheet.write(_PERCENTAGES)
    if any(map(is_worked_out, arms)):
        sheet.write(_worked_out_of(arms), soft=True)
    for arm in arms:
        _draw_label(sheet, arm, _counts(arm), _percentage(arm))
        sheet.parts.append(element("rect", y=sheet.y, width=WIDTH, height=_BAR, opacity="0.12"))
        _draw_bar(sheet, _bar(arm, "percent", share_of(arm), Decimal(100)), is_own=_is_own(arm, result))
    ends = (text("0", 0, sheet.y + 6), text("100%", WIDTH - 1, sheet.y + 6, text_anchor="end"))
    sheet.parts.append(element("g", *ends, **SOFT))
    sheet.y += 11


def _worked_out_of(arms: Sequence[Arm]) -> str:
    """Return that percentages are worked out, and of which arms if not of all."""
    names = [shortened(plain(arm.name), 40) for arm in arms if is_worked_out(arm)]
    return _WORKED_OUT if len(names) == len(arms) else f"{_WORKED_OUT}: {', '.join(names)}"


def _counts(arm: Arm) -> str:
    return f" ({events_words(arm)})" if arm.counts_patients else _size(arm)


def _percentage(arm: Arm) -> str:
    share = share_of(arm)
    return f"{digits(share)}%" if share is not None else ""


# --- Means


def draw_means(sheet: Sheet, result: Result) -> None:
    """Draw the means as squares on an axis of their own, with the spread that all of them state."""
    arms = [arm for arm in result.arms if arm.mean is not None and has_place(arm.mean, log=False)]
    if not arms:
        return
    sheet.space(8)
    sheet.write(_mean_heading(result))
    name, spread = _spread(result, arms)
    if name:
        sheet.write(f"Line: {name}", soft=True)
    axis = axis_of([value for arm in arms for value in _drawn_mean(arm, spread)], None, log=False)
    for arm in arms:
        _draw_label(sheet, arm, _size(arm), _mean(arm))
        _draw_mean(sheet, axis, _drawn_mean(arm, spread), is_own=_is_own(arm, result))
    draw_axis(sheet, axis)


def _draw_mean(sheet: Sheet, axis: Axis, places: Sequence[Decimal], *, is_own: bool) -> None:
    mean, *ends = map(axis.x, places)
    sheet.mark(*span(mean, ends, sheet.y + BAND / 2 - 3, is_other=not is_own))
    sheet.y += BAND


_Spread = Callable[[Arm], tuple[Decimal, Decimal] | None]


def _spread(result: Result, arms: Sequence[Arm]) -> tuple[str, _Spread]:
    """Return the first spread that all arms state, with its name: interval, standard deviation, or standard error."""
    levels = {level_of_arm(arm, result) for arm in arms}
    level = next(iter(levels)) if len(levels) == 1 else None
    called = f"{digits(level)}% CI" if level is not None else "confidence interval"
    spreads: tuple[tuple[str, _Spread], ...] = (
        (called, lambda arm: _bounds(arm) if arm.value_of_interval == "mean" else None),
        ("one SD each way", lambda arm: _around(arm.mean, arm.sd)),
        ("one SE each way", lambda arm: _around(arm.mean, arm.se)),
    )
    return next((each for each in spreads if all(map(each[1], arms))), ("", lambda _: None))


def _bounds(arm: Arm) -> tuple[Decimal, Decimal] | None:
    """Return the bounds of an arm's interval if both were reached."""
    low, high = arm.ci or (None, None)
    return (low, high) if low is not None and high is not None else None


def _around(mean: Decimal | None, spread: Decimal | None) -> tuple[Decimal, Decimal] | None:
    return (mean - spread, mean + spread) if mean is not None and spread is not None else None


def _drawn_mean(arm: Arm, spread: _Spread) -> tuple[Decimal, ...]:
    """Return the mean and the ends of its spread as far as they can be drawn."""
    assert arm.mean is not None
    ends = spread(arm) or ()
    return (arm.mean, *(ends if all(has_place(end, log=False) for end in ends) else ()))


def _mean_heading(result: Result) -> str:
    return f"{mean_label(result)} ({shortened(result.unit, 60)})" if result.unit else mean_label(result)


def _mean(arm: Arm) -> str:
    return digits(arm.mean) if arm.mean is not None else ""


# --- Labels and bars


def _draw_label(sheet: Sheet, arm: Arm, size: str, value: str) -> None:
    """Write an arm's name and size to the left and its value to the right, above its bar."""
    name = plain(arm.name)
    lines = wrapped(name, WIDTH - 12 - width_of(size) - width_of(value), lines=3) or [""]
    parts = [text(line, 0, sheet.y + LINE * number - 4) for number, line in enumerate(lines[:-1], start=1)]
    sheet.y += LINE * len(lines)
    parts += [text(f"{lines[-1]}{size}", 0, sheet.y - 4)]
    is_whole = "".join(lines).replace(" ", "") == name.replace(" ", "")
    sheet.parts += parts if is_whole else [element("g", element("title", in_drawing(shortened(name, 200))), *parts)]
    sheet.parts.append(text(value, WIDTH - 1, sheet.y - 4, text_anchor="end", **STRONG))


def _is_own(arm: Arm, result: Result) -> bool:
    """Tell whether an arm is the one that a result is about: the first of those compared, or of all."""
    names = compared_names(result) or (result.arms[0].name,)
    return arm.name == names[0]


def _size(arm: Arm) -> str:
    return f" (n\u00a0=\u00a0{arm.n})" if arm.n else ""


def _longest(arms: Sequence[Arm], value: str) -> Decimal:
    """Return the largest number that bars of a value have to hold."""
    lengths = [_length(number) for arm in arms for number in (getattr(arm, value), *_ends(arm, value))]
    return max((length for length in lengths if length is not None), default=Decimal(0))


def _ends(arm: Arm, value: str) -> tuple[Decimal, ...]:
    """Return the bounds of the interval of a value, if they can be drawn beside a bar."""
    bounds = _bounds(arm) if arm.value_of_interval == value else None
    return bounds if bounds and all(_length(bound) is not None for bound in bounds) else ()


def _bar(arm: Arm, value: str, number: Decimal | None, longest: Decimal) -> _Bar:
    """Return the bar of a number, of which the longest would take the whole width."""
    length = _length(number)
    if not length or not longest:
        return _Bar(length)
    return _Bar(min(length / longest, Decimal(1)), tuple(min(end / longest, Decimal(1)) for end in _ends(arm, value)))


def _draw_bar(sheet: Sheet, bar: _Bar, *, is_own: bool) -> None:
    """Draw a bar, in the colour of the marks if the result is about its arm; one with an interval is paler."""
    if bar.share is not None:
        look = {"class_": "td-plot-mark"} if is_own else {"opacity": "0.5"}
        if bar.interval:
            look["opacity"] = "0.55" if is_own else "0.3"
        sheet.mark(element("rect", **look, y=sheet.y, width=float(bar.share) * WIDTH, height=_BAR))
    if bar.interval:
        low, high = (min(max(float(end) * WIDTH, 1.0), WIDTH - 1) for end in bar.interval)
        line = f"M{low:.1f} {sheet.y + 1:.1f}v7m0-3.5H{high:.1f}m0-3.5v7"
        sheet.mark(element("path", d=line, fill="none", stroke="currentColor", stroke_width=1.5))
    sheet.y += _BELOW_BAR


def _length(value: Decimal | None) -> Decimal | None:
    """Return what a bar can show of a number: nothing that is below 0 or is none."""
    return value if value is not None and has_place(value, log=False) and value >= 0 else None


# --- Words


def arm_words(result: Result) -> Iterator[str]:
    """Yield what the arms state, as it is read out."""
    groups: tuple[tuple[str, Callable[[Arm], str]], ...] = (
        (_median_heading(result), lambda arm: _spoken_median(arm, result)),
        (mean_label(result), lambda arm: mean_words(arm, result, digits)),
        ("Rate", lambda arm: rate_words(arm, result, digits)),
        (_PERCENTAGES, lambda arm: share_words(arm, result, digits)),
    )
    for heading, words in groups:
        stated = [f"{named(arm)}: {value}" for arm in result.arms if (value := words(arm))]
        if stated:
            yield f"{heading}: {'; '.join(stated)}"


def _spoken_median(arm: Arm, result: Result) -> str:
    interval = interval_of_arm(arm, result, "median", _SPOKEN, digits)
    return ", ".join(filter(None, [_median(arm), interval])) if arm.states_median else ""


def arm_keys(result: Result) -> Iterator[str]:
    """Yield how to read the bars and squares of arms."""
    if any(arm.states_median for arm in result.arms):
        yield "Bars from 0: medians" + ("" if all(arm.median_reached for arm in result.arms) else _KEY_TO_OPEN_BAR)
    if any(arm.mean is not None for arm in result.arms):
        yield "Squares: means"
    if any(arm.rate is not None for arm in result.arms):
        yield "Bars from 0: rates"
    if any(arm.states_share for arm in result.arms):
        yield "Bars from 0 to 100%: percentages"
    if any(_bounds(arm) and arm.value_of_interval in {"median", "rate", "percent"} for arm in result.arms):
        yield "Line on a bar: confidence interval"
