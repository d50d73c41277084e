"""Draw results as SVG: effects with intervals, medians and percentages, alone or across trials.

Every number is printed with the digits that were published. A drawing says nothing that the record does not: no side of
the line of no effect is called better, and nothing is pooled. A `result_plot` says its data cut in words for a screen
reader, and the card prints it right below; a `forest_plot` prints those of its rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline
from trialdeck.notes.svg import (
    LINE,
    SOFT,
    STRONG,
    WIDTH,
    Axis,
    Sheet,
    axis_of,
    centred,
    drawing,
    element,
    has_place,
    in_drawing,
    shortened,
    text,
    tick_label,
    width_of,
    wrapped,
)
from trialdeck.records.effect import (
    DIFFERENCES,
    INTERVAL,
    RATIOS,
    interval_words,
    measure_of,
    number_words,
    unit_words,
    with_minus_sign,
)
from trialdeck.records.model import Arm, Result

CROSS_TRIAL = "Cross-trial: not compared head to head"

_KEY_TO_RATIO = "Square: estimate; line: confidence interval, on a logarithmic axis with no effect at 1"
_KEY_TO_DIFFERENCE = "Square: estimate; line: confidence interval, on an axis with no effect at 0"
_KEY_TO_OPEN_BAR = "; dashed, without an end: not reached"
_PERCENTAGES = "Percentage of patients"
# The height of a bar, alone and with the room below it.
_BAR, _BELOW_BAR = 9.0, 14.0
# The height of an estimate with its interval.
_BAND = 20.0
# How much of the width the longest bar takes beside one without an end.
_BESIDE_OPEN = Decimal("0.7")


class ForestRow(msgspec.Struct, frozen=True):
    """One trial in a forest plot; its name is Markdown, as in the record."""

    trial: str
    result: Result


def result_plot(result: Result, trial: str = "") -> str:
    """Return the drawing of a result as an SVG, or nothing where there is nothing to draw.

    `trial` is the trial's name in Markdown. Ratios stand on a log axis against 1, differences on a linear one against
    0; medians and percentages are bars from 0.
    """
    sheet = Sheet()
    _draw_effect(sheet, result)
    _draw_medians(sheet, result)
    _draw_percentages(sheet, result)
    if not sheet.has_marks:
        return ""
    title = shortened(": ".join(filter(None, [_plain(trial), _plain(result.endpoint)])), 160)
    words = [title, _data_cut(result), _effect(result, "{}% confidence interval"), *_arm_words(result)]
    return drawing(sheet.parts, sheet.y, title, _sentences(_keys(result)), _sentences(words))


def forest_plot(rows: Iterable[ForestRow], endpoint: str) -> str:
    """Return the ratios of several trials on one log axis as an SVG, or nothing where no trial has one to draw.

    A row without a ratio keeps its words. There is no pooled estimate: the trials were not compared with one another.
    Eight rows of usual length stay below 6 kB.
    """
    rows = tuple(rows)
    axis = _axis([row.result for row in rows if row.result.measure in RATIOS])
    if axis is None:
        return ""
    sheet = Sheet()
    title = shortened(_plain(endpoint), 160)
    sheet.write(title)
    sheet.write(CROSS_TRIAL, soft=True)
    words, bands = [title, CROSS_TRIAL], list[float]()
    for row in rows:
        trial, effect = shortened(_plain(row.trial), 80), _effect(row.result) or "no estimate"
        sheet.space(8)
        for line in (trial, effect, _data_cut(row.result)):
            sheet.write(line, soft=line is not trial)
        if row.result.measure in RATIOS and _drawn(row.result):
            bands.append(_draw_interval(sheet, row.result, axis))
        words += [f"{trial}: {effect}", _data_cut(row.result)]
    sheet.space(4)
    _draw_axis(sheet, axis, bands)
    return drawing(sheet.parts, sheet.y, title, _sentences([_KEY_TO_RATIO, CROSS_TRIAL]), _sentences(words))


# --- The effect


def _draw_effect(sheet: Sheet, result: Result) -> None:
    if result.estimate is None:
        return
    sheet.write(_estimate(result))
    sheet.write(_interval(result), soft=True)
    axis = _axis([result])
    if axis:
        _draw_axis(sheet, axis, [_draw_interval(sheet, result, axis)])


def _axis(results: Sequence[Result]) -> Axis | None:
    """Return an axis for the effects of results, which are all ratios or all differences; none if none has a place."""
    log = all(result.measure in RATIOS for result in results)
    values = [value for result in results for value in _drawn(result)]
    return axis_of(values, Decimal(1 if log else 0), log=log) if values else None


def _drawn(result: Result) -> tuple[Decimal, ...]:
    """Return what of an effect can be drawn: estimate and bounds, the estimate alone, or nothing."""
    log = result.measure in RATIOS
    is_known = log or result.measure in DIFFERENCES
    if result.estimate is None or not is_known or not has_place(result.estimate, log=log):
        return ()
    bounds = result.ci if result.ci and all(has_place(bound, log=log) for bound in result.ci) else ()
    return (result.estimate, *bounds)


def _draw_interval(sheet: Sheet, result: Result, axis: Axis) -> float:
    """Draw a line from bound to bound with a square on the estimate, and return where its band starts."""
    top, middle = sheet.y, sheet.y + _BAND / 2
    sheet.y += _BAND
    estimate, *bounds = map(axis.x, _drawn(result))
    parts = []
    if bounds:
        line = f"M{bounds[0]:.1f} {middle - 4:.1f}v8m0-4H{bounds[1]:.1f}m0-4v8"
        parts.append(element("path", class_="td-plot-line", d=line, fill="none", stroke="currentColor", stroke_width=2))
    parts.append(element("rect", class_="td-plot-mark", x=estimate - 4, y=middle - 4, width=8, height=8))
    sheet.mark(*parts)
    return top


def _draw_axis(sheet: Sheet, axis: Axis, bands: Sequence[float]) -> None:
    """Draw the axis with its ticks, and the line of no effect behind the bands."""
    null = "".join(f"M{axis.x(axis.null):.1f} {top:.1f}v{_BAND:.0f}" for top in bands)
    sheet.parts.insert(0, element("path", class_="td-plot-null", d=null, stroke="currentColor", stroke_dasharray="3 2"))
    ticks = axis.ticks
    line = f"M0 {sheet.y:.1f}H{WIDTH:.0f}" + "".join(f"M{axis.x(tick):.1f} {sheet.y:.1f}v4" for tick in ticks)
    labels = [centred(tick_label(tick), axis.x(tick), sheet.y + 15) for tick in ticks]
    labels.append(centred("no effect", axis.x(axis.null), sheet.y + 28))
    sheet.parts.append(element("path", class_="td-plot-axis", d=line, stroke="currentColor"))
    sheet.parts.append(element("g", *labels, **SOFT, text_anchor="middle"))
    sheet.y += 33


def _effect(result: Result, interval: str = INTERVAL) -> str:
    """Return the effect and its interval in words, or nothing; `interval` is what one of a known level is called."""
    return f"{_estimate(result)}, {_interval(result, interval)}" if result.estimate is not None else ""


def _estimate(result: Result) -> str:
    if result.estimate is None:
        return ""
    return f"{measure_of(result).capitalize()} {_digits(result.estimate)}{unit_words(result)}"


def _interval(result: Result, called: str = INTERVAL) -> str:
    if result.ci is None:
        return "interval not given"
    drawn = " (not drawn)" if len(_drawn(result)) == 1 else ""
    return interval_words(result, called, _digits) + drawn


# --- The arms


def _draw_medians(sheet: Sheet, result: Result) -> None:
    arms = [arm for arm in result.arms if arm.states_median]
    if not arms:
        return
    sheet.space(8)
    sheet.write(_median_heading(result))
    longest = max((length for arm in arms if (length := _length(arm.median)) is not None), default=Decimal(0))
    room = Decimal(1) if all(arm.median_reached for arm in arms) else _BESIDE_OPEN
    for arm in arms:
        _draw_label(sheet, arm, _median(arm))
        if arm.median_reached:
            length = _length(arm.median)
            _draw_bar(sheet, length and room * length / longest, is_first=arm is result.arms[0])
        else:
            outline = f"M{WIDTH:.0f} {sheet.y + 0.5:.1f}H.5v{_BAR - 1:.0f}H{WIDTH:.0f}"
            sheet.mark(element("path", d=outline, fill="none", stroke="currentColor", stroke_dasharray="4 3"))
            sheet.y += _BELOW_BAR


def _draw_percentages(sheet: Sheet, result: Result) -> None:
    arms = [arm for arm in result.arms if arm.percent is not None]
    if not arms:
        return
    sheet.space(8)
    sheet.write(_PERCENTAGES)
    for arm in arms:
        _draw_label(sheet, arm, _percentage(arm))
        sheet.parts.append(element("rect", y=sheet.y, width=WIDTH, height=_BAR, opacity="0.12"))
        length = _length(arm.percent)
        _draw_bar(sheet, length and min(length / 100, Decimal(1)), is_first=arm is result.arms[0])
    ends = (text("0", 0, sheet.y + 6), text("100%", WIDTH - 1, sheet.y + 6, text_anchor="end"))
    sheet.parts.append(element("g", *ends, **SOFT))
    sheet.y += 11


def _draw_label(sheet: Sheet, arm: Arm, value: str) -> None:
    """Write an arm's name and size to the left and its value to the right, above its bar."""
    size = f" (n\u00a0=\u00a0{arm.n})" if arm.n else ""
    name = _plain(arm.name)
    lines = wrapped(name, WIDTH - 12 - width_of(size) - width_of(value), lines=3) or [""]
    parts = [text(line, 0, sheet.y + LINE * number - 4) for number, line in enumerate(lines[:-1], start=1)]
    sheet.y += LINE * len(lines)
    parts += [text(f"{lines[-1]}{size}", 0, sheet.y - 4)]
    is_whole = "".join(lines).replace(" ", "") == name.replace(" ", "")
    sheet.parts += parts if is_whole else [element("g", element("title", in_drawing(shortened(name, 200))), *parts)]
    sheet.parts.append(text(value, WIDTH - 1, sheet.y - 4, text_anchor="end", **STRONG))


def _draw_bar(sheet: Sheet, share: Decimal | None, *, is_first: bool) -> None:
    """Draw a bar that takes a share of the width; the first arm's in the colour of the marks."""
    if share is not None:
        look = {"class_": "td-plot-mark"} if is_first else {"opacity": "0.5"}
        sheet.mark(element("rect", **look, y=sheet.y, width=float(share) * WIDTH, height=_BAR))
    sheet.y += _BELOW_BAR


def _length(value: Decimal | None) -> Decimal | None:
    """Return what a bar can show of a number: nothing that is below 0 or is none."""
    return value if value is not None and has_place(value, log=False) and value >= 0 else None


def _arm_words(result: Result) -> Iterator[str]:
    """Yield what the arms state, as it is read out."""
    medians = [f"{_named(arm)}: {_median(arm)}" for arm in result.arms if arm.states_median]
    percentages = [f"{_named(arm)}: {_percentage(arm)}" for arm in result.arms if arm.percent is not None]
    if medians:
        yield f"{_median_heading(result)}: {'; '.join(medians)}"
    if percentages:
        yield f"{_PERCENTAGES}: {'; '.join(percentages)}"


def _median_heading(result: Result) -> str:
    return f"Median ({shortened(result.unit, 60)})" if result.unit else "Median"


def _median(arm: Arm) -> str:
    return _digits(arm.median) if arm.median_reached and arm.median is not None else "not reached"


def _percentage(arm: Arm) -> str:
    return f"{_digits(arm.percent)}%" if arm.percent is not None else ""


def _named(arm: Arm) -> str:
    return shortened(_plain(arm.name), 80) + (f" (n = {arm.n})" if arm.n else "")


# --- Words


def _keys(result: Result) -> Iterator[str]:
    """Yield how to read each part of a drawing."""
    if _drawn(result):
        yield _KEY_TO_RATIO if result.measure in RATIOS else _KEY_TO_DIFFERENCE
    if any(arm.states_median for arm in result.arms):
        yield "Bars from 0: medians" + ("" if all(arm.median_reached for arm in result.arms) else _KEY_TO_OPEN_BAR)
    if any(arm.percent is not None for arm in result.arms):
        yield "Bars from 0 to 100%: percentages"


def _data_cut(result: Result) -> str:
    return f"Data cut: {shortened(result.data_cut, 200) or 'not stated'}"


def _sentences(words: Iterable[str]) -> str:
    return " ".join(f"{sentence}." for sentence in words if sentence)


def _digits(number: Decimal) -> str:
    """Return a number as it was published; one with very many digits in powers of ten."""
    digits = f"{number:f}"
    return with_minus_sign(digits) if len(digits) <= 20 else number_words(number)


def _plain(markdown: str) -> str:
    return readable(render_inline(markdown))
