"""Draw effects: an estimate with its interval on an axis, other comparisons below it, and a margin across them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from trialdeck.notes.plots.svg import (
    SMALL,
    SOFT,
    WIDTH,
    Axis,
    Sheet,
    axis_of,
    centred,
    element,
    has_place,
    text,
    tick_label,
    width_of,
    wrapped,
)
from trialdeck.notes.plots.words import digits, plain, versus
from trialdeck.records.model import Result
from trialdeck.records.results.analysis import compared_names, decision_words, margins_of, runs_against_arms
from trialdeck.records.results.effect import DIFFERENCES, INTERVAL, RATIOS, interval_words, measure_of, unit_words

KEY_TO_RATIO = "Square: estimate; line: confidence interval, on a logarithmic axis with no effect at 1"
_KEY_TO_DIFFERENCE = "Square: estimate; line: confidence interval, on an axis with no effect at 0"
_KEY_TO_MARGIN = "; dotted line across: margin"
# The height of an estimate with its interval.
BAND = 20.0
# The height of a further line of labels below an axis.
_LABEL = 13.0


def draw_effect(sheet: Sheet, result: Result, comparisons: Sequence[Result] = ()) -> None:
    """Draw an effect, with other comparisons of the same outcome softly below it."""
    if result.estimate is None:
        return
    if comparisons:
        sheet.write(versus(result))
    sheet.write(_estimate(result))
    for line in filter(None, (_interval(result), decision_words(result))):
        sheet.write(line, soft=True)
    axis = effect_axis([result, *comparisons])
    if not axis:
        return
    bands = [draw_interval(sheet, result, axis)]
    for other in comparisons:
        for line in (versus(other), effect(other)):
            sheet.write(line, soft=True)
        if drawn(other):
            bands.append(draw_interval(sheet, other, axis, is_other=True))
    draw_axis(sheet, axis, bands)
    _draw_margins(sheet, axis, result, bands)
    _draw_directions(sheet, result)


def effect_axis(results: Sequence[Result]) -> Axis | None:
    """Return an axis for the effects of results, which are all ratios or all differences; none if none has a place."""
    log = all(result.measure in RATIOS for result in results)
    values = [value for result in results for value in drawn(result)]
    margins = [margin for result in results[:1] for margin in margins_of(result) if has_place(margin, log=log)]
    return axis_of([*values, *margins], Decimal(1 if log else 0), log=log) if values else None


def drawn(result: Result) -> tuple[Decimal, ...]:
    """Return what of an effect can be drawn: estimate and bounds, the estimate alone, or nothing."""
    log = result.measure in RATIOS
    is_known = log or result.measure in DIFFERENCES
    if result.estimate is None or not is_known or not has_place(result.estimate, log=log):
        return ()
    bounds = result.ci if result.ci and all(has_place(bound, log=log) for bound in result.ci) else ()
    return (result.estimate, *bounds)


def draw_interval(sheet: Sheet, result: Result, axis: Axis, *, is_other: bool = False) -> float:
    """Draw a line from bound to bound with a square on the estimate, and return where its band starts."""
    top, middle = sheet.y, sheet.y + BAND / 2
    sheet.y += BAND
    estimate, *bounds = map(axis.x, drawn(result))
    sheet.mark(*span(estimate, bounds, middle, is_other=is_other))
    return top


def span(place: float, bounds: Sequence[float], middle: float, *, is_other: bool = False) -> Iterator[str]:
    """Yield a line between two bounds, if there are any, and a square on a place.

    Args:
        place: Where the square stands.
        bounds: Where the line begins and ends; empty for none.
        middle: The height of both.
        is_other: Whether they are soft, beside others that a card is about.

    Yields:
        The elements.

    """
    if bounds:
        line = f"M{bounds[0]:.1f} {middle - 4:.1f}v8m0-4H{bounds[1]:.1f}m0-4v8"
        look = {"opacity": "0.6"} if is_other else {"class_": "td-plot-line"}
        yield element("path", **look, d=line, fill="none", stroke="currentColor", stroke_width=2)
    look = {"opacity": "0.6"} if is_other else {"class_": "td-plot-mark"}
    yield element("rect", **look, x=place - 4, y=middle - 4, width=8, height=8)


def draw_axis(sheet: Sheet, axis: Axis, bands: Sequence[float] = ()) -> None:
    """Draw the axis with its ticks, and the line of no effect behind the bands, if there is one."""
    ticks = axis.ticks
    line = f"M0 {sheet.y:.1f}H{WIDTH:.0f}" + "".join(f"M{axis.x(tick):.1f} {sheet.y:.1f}v4" for tick in ticks)
    labels = [centred(tick_label(tick), axis.x(tick), sheet.y + 15) for tick in ticks]
    height = 20.0
    if axis.null is not None:
        across = _across(axis.x(axis.null), bands)
        look = {"stroke": "currentColor", "stroke_dasharray": "3 2"}
        sheet.parts.insert(0, element("path", class_="td-plot-null", d=across, **look))
        labels.append(centred("no effect", axis.x(axis.null), sheet.y + 28))
        height = 33.0
    sheet.parts.append(element("path", class_="td-plot-axis", d=line, stroke="currentColor"))
    sheet.parts.append(element("g", *labels, **SOFT, text_anchor="middle"))
    sheet.y += height


def _across(x: float, bands: Sequence[float]) -> str:
    return "".join(f"M{x:.1f} {top:.1f}v{BAND:.0f}" for top in bands)


def _draw_margins(sheet: Sheet, axis: Axis, result: Result, bands: Sequence[float]) -> None:
    """Draw the margins of a hypothesis across the bands, with their numbers below the axis."""
    margins = [margin for margin in margins_of(result) if has_place(margin, log=axis.log)]
    if not margins or result.margin is None:
        return
    across = "".join(_across(axis.x(margin), bands) for margin in margins)
    look: dict[str, str | float] = {"stroke": "currentColor", "stroke_width": 2, "stroke_dasharray": "1 3"}
    sheet.parts.append(element("path", class_="td-plot-margin", d=across, **look))
    label = centred(f"margin {digits(result.margin)}", axis.x(result.margin), sheet.y + 8)
    sheet.parts.append(element("g", label, **SOFT, text_anchor="middle"))
    sheet.y += _LABEL


def _draw_directions(sheet: Sheet, result: Result) -> None:
    """Write below the axis in which arm the outcome is lower and higher, unless the arms' numbers say otherwise."""
    names = compared_names(result)
    if result.is_brief or not names or runs_against_arms(result):
        return
    name = plain(names[0])
    left, right = f"← lower with {name}", f"higher with {name} →"
    if width_of(left, SMALL) + width_of(right, SMALL) > WIDTH - SMALL:
        right = "higher →"
        room = WIDTH - SMALL - width_of(right, SMALL)
        left = wrapped(left, room, lines=1, size=SMALL)[0]
    labels = (text(left, 0, sheet.y + 8), text(right, WIDTH - 1, sheet.y + 8, text_anchor="end"))
    sheet.parts.append(element("g", *labels, **SOFT))
    sheet.y += _LABEL


def effect(result: Result, interval: str = INTERVAL) -> str:
    """Return the effect and its interval in words, or nothing; `interval` is what one of a known level is called."""
    return f"{_estimate(result)}, {_interval(result, interval)}" if result.estimate is not None else ""


def effect_words_of(result: Result, comparisons: Sequence[Result]) -> Iterator[str]:
    """Yield what a drawing of effects shows, as it is read out."""
    own = effect(result, _SPOKEN)
    yield f"{versus(result)}: {own}" if comparisons and own else own
    yield decision_words(result)
    yield from (f"{versus(other)}: {effect(other, _SPOKEN)}" for other in comparisons)


_SPOKEN = "{}% confidence interval"


def effect_key(result: Result) -> str:
    """Return how to read the drawing of an effect; empty if none is drawn."""
    if not drawn(result):
        return ""
    key = KEY_TO_RATIO if result.measure in RATIOS else _KEY_TO_DIFFERENCE
    return key + (_KEY_TO_MARGIN if margins_of(result) else "")


def _estimate(result: Result) -> str:
    if result.estimate is None:
        return ""
    return f"{measure_of(result).capitalize()} {digits(result.estimate)}{unit_words(result)}"


def _interval(result: Result, called: str = INTERVAL) -> str:
    if result.ci is None:
        return "interval not given"
    not_drawn = " (not drawn)" if len(drawn(result)) == 1 else ""
    return interval_words(result, called, digits) + not_drawn
