"""Turn a result into a question and an answer with interval, level and data cut."""

from collections.abc import Iterator, Sequence

from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.plots.result import result_plot
from trialdeck.records.entries import current
from trialdeck.records.model import Result, Trial
from trialdeck.records.results.analysis import decision_words, setting_of, setting_words
from trialdeck.records.results.arm_values import value_lines
from trialdeck.records.results.effect import effect_words, measure_of


def result_front(result: Result, trial: str) -> str:
    """Return the front's HTML; `trial` is the HTML of the trial's name."""
    is_compared = result.is_brief or result.estimate is not None or bool(result.p)
    names = [render_inline(name) for name in result.between or [arm.name for arm in result.arms]]
    arms = (" v " if is_compared else ", ").join(names)
    between = f" ({arms})" if arms else ""
    asked = _asked(result)
    verb = "was" if len(asked) == 1 and asked[0] in {"estimate", "P value", result.measure, *_SINGULAR} else "were"
    setting = result.data_cut if result.is_brief else " · ".join(setting_of(result))
    cut = f'<p class="td-cut">{render_plain(setting)}</p>' if setting else ""
    endpoint = f"<strong>{render_inline(result.endpoint)}</strong>"
    return f"<p>{trial}{between}: what {verb} the {' and the '.join(asked)} for {endpoint}?</p>{cut}"


def result_back(result: Result, trial: str, comparisons: Sequence[Result] = ()) -> tuple[str, str]:
    """Return the back's HTML and that of its picture, if there is one; the setting stands below whichever is last.

    The back has a line each for the effect, for what a margin decides, and for each kind of value of the arms.

    Args:
        result: The result.
        trial: The name of its trial in Markdown.
        comparisons: Other comparisons of the same outcome, for the picture.

    Returns:
        The HTML of both.

    """
    lines = "".join(f"<li>{line}</li>" for line in _lines(result))
    setting = render_plain(setting_words(result))
    plot = result_plot(result, trial, comparisons)
    if plot:
        caption = f'<figcaption class="td-cut">{setting}</figcaption>' if setting else ""
        return f"<ul>{lines}</ul>", f"{plot}{caption}"
    return f"<ul>{lines}</ul>" + (f'<p class="td-cut">{setting}</p>' if setting else ""), ""


def comparisons_of(trial: Trial, result: Result) -> tuple[Result, ...]:
    """Return the other comparisons of a result's outcome: other arms of the trial, by the same measure and analysis."""
    if not result.outcome or result.estimate is None:
        return ()
    return tuple(
        other
        for other in current(trial.results)
        if other.id != result.id and other.estimate is not None and _compared(other) == _compared(result)
    )


def _compared(result: Result) -> tuple[str, ...]:
    return (result.outcome, result.measure, result.analysis, result.timepoint, result.population, result.unit)


_IN_ARMS = (("median", "medians"), ("percentage", "percentages"), ("mean", "means"), ("rate", "rates"))
_EVENTS = ("number of events", "numbers of events")
_SINGULAR = frozenset(singular for singular, _ in (*_IN_ARMS, _EVENTS))


def _asked(result: Result) -> list[str]:
    """Return what the front asks for: one thing, or estimate, medians and percentages of a brief result."""
    asked = [measure_of(result)] if result.estimate is not None else []
    asked += _asked_of_arms(result)
    asked = asked or (["P value"] if result.p else [])
    return asked if result.is_brief else asked[:1]


def _asked_of_arms(result: Result) -> Iterator[str]:
    stated = (
        [arm.states_median for arm in result.arms],
        [arm.states_share for arm in result.arms],
        [arm.mean is not None for arm in result.arms],
        [arm.rate is not None for arm in result.arms],
    )
    are_several = result.is_brief or len(result.arms) > 1
    for names, in_arms in zip(_IN_ARMS, stated, strict=True):
        if any(in_arms):
            yield names[are_several]
    if any(arm.events is not None and not arm.states_share for arm in result.arms):
        yield _EVENTS[are_several]


def _lines(result: Result) -> Iterator[str]:
    if effect := effect_html(result):
        yield effect
    if decision := decision_words(result):
        yield render_plain(decision)
    yield from value_lines(result, lambda arm: render_inline(arm.name), render_plain)


def effect_html(result: Result) -> str:
    """Return an estimate with its interval and P value as HTML; if no estimate is stated, it says so."""
    return effect_words(result, strong=lambda estimate: f"<strong>{estimate}</strong>", text=render_plain)
