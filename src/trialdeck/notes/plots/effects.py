"""Plot effects: an estimate with its interval on an axis, other comparisons below it, and a margin across them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from trialdeck.core.words import translate
from trialdeck.markdown.render import render_plain
from trialdeck.notes.plots.rows import Directions, EffectRow, effect_grid
from trialdeck.notes.plots.scale import Scale, has_place
from trialdeck.notes.plots.words import digits, plain, range_words, sentences, shortened, versus
from trialdeck.records.model import Result
from trialdeck.records.results.analysis import compared_names, decision_words, margins_of, null_of, runs_against_arms
from trialdeck.records.results.effect import (
    DIFFERENCES,
    HAZARD_RATIO,
    INTERVAL,
    RATIOS,
    capitalised,
    interval_words,
    measure_of,
    plural_of,
    unit_words,
)

KEY_TO_RATIO = "Square: estimate; line: confidence interval, on a logarithmic axis with no effect at 1"
_KEY_TO_DIFFERENCE = "Square: estimate; line: confidence interval, on an axis with no effect at 0"
_KEY_TO_MARGIN = "; dotted line across: margin"
_SPOKEN = "{level}% confidence interval"
LOWER = {
    HAZARD_RATIO: "hazard",
    "odds ratio": "odds",
    "risk ratio": "risk",
    "rate ratio": "rate",
    "risk difference": "risk",
    "rate difference": "rate",
}
"""What is lower or higher on the sides of no effect, by measure; of other measures the value itself."""


def effect_plot(result: Result, comparisons: Sequence[Result] = (), title: str = "") -> str:
    """Return the plot of an effect, with other comparisons of the same outcome softly below it.

    Empty if nothing of the effect has a place on an axis. An effect alone has no words beside it: the card says them
    above.
    """
    scale = effect_scale([result, *comparisons]) if drawn(result) else None
    if scale is None:
        return ""
    rows = [_row(result, is_named=bool(comparisons)), *(_row(other, is_named=True, soft=True) for other in comparisons)]
    name = sentences([title, *_spoken(result, comparisons), _key(result)])
    return effect_grid(rows, scale, name, directions_of(result), margins_of(result))


def effect_scale(results: Sequence[Result]) -> Scale | None:
    """Return a scale for the effects of results, which are all ratios or all differences; none if none has a place.

    The margins of the first of them have a place as well.
    """
    log = all(result.measure in RATIOS for result in results)
    values = [value for result in results for value in drawn(result)]
    margins = [margin for result in results[:1] for margin in margins_of(result) if has_place(margin, log=log)]
    return Scale.of([*values, *margins], Decimal(1 if log else 0), log=log) if values else None


def drawn(result: Result) -> tuple[Decimal, ...]:
    """Return what of an effect can be drawn: estimate and bounds, the estimate alone, or nothing."""
    log = result.measure in RATIOS
    is_known = log or result.measure in DIFFERENCES
    if result.estimate is None or not is_known or not has_place(result.estimate, log=log):
        return ()
    bounds = result.ci if result.ci and all(has_place(bound, log=log) for bound in result.ci) else ()
    return (result.estimate, *bounds)


def directions_of(result: Result) -> Directions | None:
    """Return what lies on each side of no effect; None if the arms are not known, or their numbers say otherwise."""
    names = compared_names(result)
    if not names or null_of(result.measure) is None or runs_against_arms(result):
        return None
    name = shortened(plain(names[0]), 40)
    sides = sides_of(LOWER.get(result.measure, ""))
    return Directions(*(translate("{side} with {arm}", side=side, arm=name) for side in sides))


def sides_of(thing: str) -> tuple[str, str]:
    """Return what lies on the two sides of no effect: `lower hazard` and `higher hazard`; `thing` may be empty."""
    lower, higher = (f"{side} {thing}".rstrip() for side in ("lower", "higher"))
    return translate(lower), translate(higher)


def effect(result: Result, interval: str = INTERVAL) -> str:
    """Return the effect and its interval in words, or nothing; `interval` is what one of a known level is called."""
    if result.estimate is None:
        return ""
    estimate = f"{capitalised(measure_of(result))} {digits(result.estimate)}{unit_words(result)}"
    return f"{estimate}, {_interval(result, interval)}"


def _row(result: Result, *, is_named: bool, soft: bool = False) -> EffectRow:
    """Return the row of an effect; with other rows beside it, it has the words of its comparison."""
    estimate, *bounds = drawn(result) or (None,)
    if not is_named:
        return EffectRow(estimate=estimate, interval=tuple(bounds))
    return EffectRow(
        label=render_plain(versus(result) or plain(result.endpoint)),
        estimate=estimate,
        interval=tuple(bounds),
        value=render_plain(digits(result.estimate)) if result.estimate is not None else "",
        value_sub=range_words(result.ci) if result.ci else "",
        soft=soft,
    )


def _spoken(result: Result, comparisons: Sequence[Result]) -> Iterator[str]:
    """Yield what a plot of effects shows, as it is read out."""
    if comparisons:
        # The rows say the numbers.
        yield capitalised(plural_of(result.measure))
        return
    yield effect(result, _SPOKEN)
    yield decision_words(result)


def _key(result: Result) -> str:
    """Return how to read the plot of an effect."""
    key = translate(KEY_TO_RATIO if result.measure in RATIOS else _KEY_TO_DIFFERENCE)
    return key + (translate(_KEY_TO_MARGIN) if margins_of(result) else "")


def _interval(result: Result, called: str = INTERVAL) -> str:
    if result.ci is None:
        return translate("interval not given")
    not_drawn = f" ({translate('not drawn')})" if len(drawn(result)) == 1 else ""
    return interval_words(result, called, digits) + not_drawn
