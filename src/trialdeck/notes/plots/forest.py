"""Draw the ratios of several trials below one another."""

from collections.abc import Iterable

import msgspec

from trialdeck.notes.plots.effects import KEY_TO_RATIO, draw_axis, draw_interval, drawn, effect, effect_axis
from trialdeck.notes.plots.svg import Sheet, drawing, shortened
from trialdeck.notes.plots.words import plain, sentences, setting
from trialdeck.records.model import Result
from trialdeck.records.results.effect import RATIOS

CROSS_TRIAL = "Cross-trial: not compared head to head"


class ForestRow(msgspec.Struct, frozen=True):
    """One trial in a forest plot; its name is Markdown, as in the record."""

    trial: str
    result: Result


def forest_plot(rows: Iterable[ForestRow], endpoint: str) -> str:
    """Return the ratios of several trials on one log axis as an SVG, or nothing where no trial has one to draw.

    A row without a ratio keeps its words. There is no pooled estimate: the trials were not compared with one another.
    Eight rows of usual length stay below 6 kB.
    """
    rows = tuple(rows)
    axis = effect_axis([row.result for row in rows if row.result.measure in RATIOS])
    if axis is None:
        return ""
    sheet = Sheet()
    title = shortened(plain(endpoint), 160)
    sheet.write(title)
    sheet.write(CROSS_TRIAL, soft=True)
    words, bands = [title, CROSS_TRIAL], list[float]()
    for row in rows:
        trial, stated = shortened(plain(row.trial), 80), effect(row.result) or "no estimate"
        sheet.space(8)
        for line in (trial, stated, setting(row.result)):
            sheet.write(line, soft=line is not trial)
        if row.result.measure in RATIOS and drawn(row.result):
            bands.append(draw_interval(sheet, row.result, axis))
        words += [f"{trial}: {stated}", setting(row.result)]
    sheet.space(4)
    draw_axis(sheet, axis, bands)
    return drawing(sheet.parts, sheet.y, title, sentences([KEY_TO_RATIO, CROSS_TRIAL]), sentences(words))
