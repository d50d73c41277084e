"""Turn a result into a question and an answer with interval, level and data cut."""

from collections.abc import Iterator, Sequence

from trialdeck.core.text import is_blank
from trialdeck.core.words import translate
from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.plots.arms import Values, headline_values, values_of
from trialdeck.notes.plots.result import result_plot
from trialdeck.notes.plots.words import plain, short_interval
from trialdeck.records.entries import current
from trialdeck.records.model import Result, Trial
from trialdeck.records.results.analysis import analysis_words, decision_words, setting_of
from trialdeck.records.results.effect import effect_words, measure_of, number_words, p_phrase, unit_words


def result_front(result: Result, trial: str) -> str:
    """Return the front's HTML; `trial` is the HTML of the trial's name.

    It asks for one number: the effect, or the values of the arms where there is none.
    """
    analysis = analysis_words(result.analysis) if result.analysis else ""
    setting = list(setting_of(result))[bool(analysis) :]
    arms = _in_line([render_inline(name) for name in result.between or [arm.name for arm in result.arms]], result)
    subject = ", ".join(filter(None, [trial, arms, analysis]))
    endpoint = f"<strong>{render_inline(result.endpoint)}</strong>"
    cut = f'<p class="td-cut">{render_plain(" · ".join(setting))}</p>' if setting else ""
    asked = translate("{asked} for {endpoint}?", asked=_asked(result), endpoint=endpoint)
    return f"<p>{subject}: {asked}</p>{cut}"


def result_back(result: Result, trial: str, comparisons: Sequence[Result] = ()) -> tuple[str, str]:
    """Return the back's HTML and that of its picture: one number in large type, and the plots that say the rest.

    Args:
        result: The result.
        trial: The name of its trial in Markdown.
        comparisons: Other comparisons of the same outcome, for the picture.

    Returns:
        The HTML of both.

    """
    decision = decision_words(result)
    below = f'<p class="td-decision">{render_plain(decision)}</p>' if decision else ""
    method = "" if is_blank(result.method) else translate("Method: {method}", method=result.method)
    caption = f'<figcaption class="td-cut">{render_plain(method)}</figcaption>' if method else ""
    return f"{_headline(result)}{below}", f"{result_plot(result, trial, comparisons)}{caption}"


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


# --- The front


def _in_line(names: Sequence[str], result: Result) -> str:
    if result.estimate is not None or result.p:
        return f" {translate('v')} ".join(names)
    return ", ".join(names) if len(names) != 2 else f" {translate('and')} ".join(names)


_QUESTIONS = {
    "median": ("what was the median", "what were the medians"),
    "percent": ("what was the percentage", "what were the percentages"),
    "mean": ("what was the mean", "what were the means"),
    "rate": ("what was the rate", "what were the rates"),
    "events": ("what was the number of events", "what were the numbers of events"),
}


def _asked(result: Result) -> str:
    """Return the question for the one number that the back has in large type."""
    if result.estimate is not None:
        return translate(f"what was the {result.measure or 'estimate'}")
    values = next(values_of(result), None)
    return _asked_of(values) if values else translate("what was the P value")


def _asked_of(values: Values) -> str:
    return translate(_QUESTIONS[values.kind][len(values.arms) > 1])


# --- The back


def _headline(result: Result) -> str:
    """Return the answer in large type, and what belongs to it in small type beside it."""
    large, beside = _large(result)
    small = [part for part in (*beside, p_phrase(result)) if part]
    if not large and small:
        large = f"<strong>{render_plain(small.pop())}</strong>"
    after = "".join(f' <span class="td-beside">{render_plain(part)}</span>' for part in small)
    return f'<p class="td-hero">{large}{after}</p>' if large else ""


def _large(result: Result) -> tuple[str, tuple[str, ...]]:
    """Return the number in large type as HTML, and what belongs to it; the values of two arms are a little smaller."""
    interval = short_interval(result.ci, result.ci_level) if result.ci else ""
    if result.estimate is not None:
        return f"<strong>{render_plain(number_words(result.estimate))}</strong>", (unit_words(result).strip(), interval)
    not_stated = f"{translate('{measure} not stated', measure=measure_of(result))}, {interval}" if interval else ""
    values = headline_values(result)
    if values is None:
        return "", (not_stated,)
    first, *others = (render_plain(value.number) for value in values.arms)
    if not others:
        return f"<strong>{first}</strong>", (*_beside(values), not_stated)
    versus = "".join(f' <span class="td-whole">{translate("v")} {other}</span>' for other in others)
    return f'<strong class="td-several"><span class="td-whole">{first}</span>{versus}</strong>', (
        *_beside(values),
        not_stated,
    )


def _beside(values: Values) -> Iterator[str]:
    """Yield the unit of values in a headline, and whose they are."""
    yield values.unit
    if len(values.arms) > 1:
        yield f" {translate('v')} ".join(plain(value.arm.name) for value in values.arms)


def effect_html(result: Result) -> str:
    """Return an estimate with its interval and P value as HTML; if no estimate is stated, it says so."""
    return effect_words(result, strong=lambda estimate: f"<strong>{estimate}</strong>", text=render_plain)
