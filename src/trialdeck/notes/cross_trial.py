"""Show one endpoint across related trials, side by side and never pooled."""

from collections.abc import Mapping, Sequence

import msgspec

from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.notes.footer import source_html
from trialdeck.notes.lists import verdicts_of
from trialdeck.notes.plots.forest import CROSS_TRIAL, ForestRow, forest_plot
from trialdeck.notes.results import effect_html
from trialdeck.records.analysis import setting_words
from trialdeck.records.effect import RATIOS, plural_of
from trialdeck.records.entries import current
from trialdeck.records.model import Result, Review, Trial
from trialdeck.records.review import worst_of

MOST = 8
"""How many trials one picture holds at most: more cannot be read on a phone."""


class Reported(msgspec.Struct, frozen=True):
    """One result, and the trial that reported it."""

    trial: Trial
    result: Result

    @property
    def review(self) -> Review:
        """The review that counts for the result."""
        return self.result.review or self.trial.review


def reported_across(trial: Trial, result: Result, records: Mapping[str, Trial]) -> Sequence[Reported]:
    """Return the result of a trial and those of its related trials with the same endpoint and the same ratio.

    `records` are the trials that have records, by id. Only one result is left where no related trial has one.
    """
    rows = [Reported(trial, result)]
    for related in current(trial.related_trials):
        other = records.get(related.id)
        if other and other.id != trial.id:
            rows += [
                Reported(other, candidate) for candidate in current(other.results) if _same_measure(candidate, result)
            ][:1]
    return rows[:MOST]


def is_comparable(result: Result) -> bool:
    """Tell whether a result can stand beside those of other trials: it states a ratio."""
    return result.measure in RATIOS and result.estimate is not None


def _same_measure(one: Result, other: Result) -> bool:
    same = _folded(one.endpoint) == _folded(other.endpoint) and one.measure == other.measure
    return same and is_comparable(one)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def across_front(rows: Sequence[Reported]) -> str:
    """Return the front's HTML; the first row is that of the trial that the card belongs to."""
    own = rows[0]
    endpoint = f"<strong>{render_inline(own.result.endpoint)}</strong>"
    others = "a related trial" if len(rows) == 2 else f"{len(rows) - 1} related trials"
    asked = f"which {plural_of(own.result.measure)} were reported for {endpoint}"
    return f"<p>{render_inline(own.trial.name)} and {others}: {asked}, each against its own comparator?</p>"


def across_back(rows: Sequence[Reported]) -> str:
    """Return the back's HTML: a line each, with interval and data cut, and that they were not compared.

    Where their reviews differ, a line shows its own.
    """
    verdicts = verdicts_of([row.review for row in rows])
    lines = "".join(f"<li>{_line(row)}{verdict}</li>" for row, verdict in zip(rows, verdicts, strict=True))
    return f'<ul>{lines}</ul><p class="td-cut">{CROSS_TRIAL}.</p>'


def _line(row: Reported) -> str:
    setting = f' <span class="td-cut">{render_plain(words)}</span>' if (words := setting_words(row.result)) else ""
    return f"{render_inline(row.trial.name)}: {effect_html(row.result)}{setting}"


def across_picture(rows: Sequence[Reported]) -> str:
    """Return the forest plot."""
    return forest_plot([ForestRow(row.trial.name, row.result) for row in rows], rows[0].result.endpoint)


def across_source(rows: Sequence[Reported]) -> str:
    """Return the sources of the numbers as HTML."""
    return "<br>".join(
        f"{render_inline(row.trial.name)}: {source_html(row.result.source or row.trial.source)}" for row in rows
    )


def across_review(rows: Sequence[Reported]) -> Review:
    """Return the worst review among those of the numbers."""
    return worst_of(row.review for row in rows)
