"""Plot the ratios of several trials below one another."""

from collections.abc import Iterable

import msgspec

from trialdeck.markdown.render import render_plain
from trialdeck.notes.plots.effects import KEY_TO_RATIO, drawn, effect_scale
from trialdeck.notes.plots.rows import EffectRow, effect_grid
from trialdeck.notes.plots.words import digits, label_html, plain, range_words, sentences, setting, shortened
from trialdeck.records.model import Result
from trialdeck.records.results.effect import RATIOS

CROSS_TRIAL = "Cross-trial: not compared head to head"


class ForestRow(msgspec.Struct, frozen=True):
    """One trial in a forest plot; its name is Markdown, as in the record."""

    trial: str
    result: Result


def forest_plot(rows: Iterable[ForestRow], endpoint: str) -> str:
    """Return the ratios of several trials on one log axis as HTML, or nothing where no trial has one to draw.

    A row without a ratio keeps its words. There is no pooled estimate: the trials were not compared with one another.
    """
    rows = tuple(rows)
    scale = effect_scale([row.result for row in rows if row.result.measure in RATIOS])
    if scale is None:
        return ""
    title = shortened(plain(endpoint), 160)
    return effect_grid([_row(row) for row in rows], scale, sentences([title, CROSS_TRIAL, KEY_TO_RATIO]))


def _row(row: ForestRow) -> EffectRow:
    result = row.result
    estimate, *interval = (drawn(result) if result.measure in RATIOS else ()) or (None,)
    return EffectRow(
        label=label_html(row.trial),
        sub=render_plain(setting(result)),
        estimate=estimate,
        interval=tuple(interval),
        value=render_plain(digits(result.estimate)) if result.estimate is not None else "no estimate",
        value_sub=render_plain(range_words(result.ci)) if result.ci else "",
    )
