"""Turn a result into a question and an answer with interval, level and data cut."""

from collections.abc import Iterator

from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.plots import result_plot
from trialdeck.records.effect import effect_words, measure_of, share_words
from trialdeck.records.model import Arm, Result


def result_front(result: Result, trial: str) -> str:
    """Return the front's HTML; `trial` is the HTML of the trial's name."""
    arms = " v ".join(render_inline(arm.name) for arm in result.arms)
    between = f" ({arms})" if arms else ""
    asked = _asked(result)
    verb = "was" if asked in (["estimate"], ["P value"], [result.measure]) else "were"
    cut = f'<p class="td-cut">{render_plain(result.data_cut)}</p>' if result.data_cut else ""
    endpoint = f"<strong>{render_inline(result.endpoint)}</strong>"
    return f"<p>{trial}{between}: what {verb} the {' and the '.join(asked)} for {endpoint}?</p>{cut}"


def result_back(result: Result, trial: str) -> tuple[str, str]:
    """Return the back's HTML and that of its picture, if there is one; the data cut stands below whichever is last.

    The back has a line each for the effect, the medians and the percentages; `trial` is the trial's name in Markdown.
    """
    lines = "".join(f"<li>{line}</li>" for line in _lines(result))
    cut = f"Data cut: {render_plain(result.data_cut) if result.data_cut else 'not stated'}"
    plot = result_plot(result, trial)
    if plot:
        return f"<ul>{lines}</ul>", f'{plot}<figcaption class="td-cut">{cut}</figcaption>'
    return f'<ul>{lines}</ul><p class="td-cut">{cut}</p>', ""


def _asked(result: Result) -> list[str]:
    asked = [measure_of(result)] if result.estimate is not None else []
    asked += ["medians"] if any(arm.states_median for arm in result.arms) else []
    if any(arm.states_share for arm in result.arms):
        asked.append("percentages" if any(arm.percent is not None for arm in result.arms) else "numbers of events")
    return asked or (["P value"] if result.p else [])


def _lines(result: Result) -> Iterator[str]:
    if effect := effect_html(result):
        yield effect
    medians = [_median(arm, result.unit) for arm in result.arms if arm.states_median]
    if medians:
        yield f"Median: {'; '.join(medians)}"
    shares = [f"{_arm(arm)} {share_words(arm)}" for arm in result.arms if arm.states_share]
    if shares:
        yield "; ".join(shares)


def effect_html(result: Result) -> str:
    """Return an estimate with its interval and P value as HTML; if no estimate is stated, it says so."""
    return effect_words(result, strong=lambda estimate: f"<strong>{estimate}</strong>", text=render_plain)


def _median(arm: Arm, unit: str) -> str:
    if not arm.median_reached:
        return f"{_arm(arm)} not reached"
    return f"{_arm(arm)} {arm.median}{f' {render_plain(unit)}' if unit else ''}"


def _arm(arm: Arm) -> str:
    return render_inline(arm.name) + (f" (n = {arm.n})" if arm.n else "")
