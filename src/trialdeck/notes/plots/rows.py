"""Plots as rows of HTML: label, mark, value, and an axis below them.

All words and numbers are HTML, so they grow with the reader's text; the marks between them are SVG without text. Where
the text is too large for three columns, each row stacks: `style.css` does that without knowing the screen. A plot has
no script, no id and no address, and may hold anything that a card may hold: a label may be a cloze deletion.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from trialdeck.markdown.render import render_plain
from trialdeck.notes.plots.marks import interval_mark, margin_lines, null_line, percent, svg
from trialdeck.notes.plots.scale import Scale, label_percent, tick_label

# Where the line of no effect must stand so that words have room on both sides of it, in per cent.
_ROOM_FOR_BOTH = 33.0


class Row(msgspec.Struct, frozen=True):
    """One row of a plot; all texts are HTML.

    `label` and `sub` stand before the mark, `value` and `value_sub` behind it; `mark` are parts of an SVG
    (`trialdeck.notes.plots.marks`). `is_marked` sets the row apart from the others.
    """

    label: str = ""
    sub: str = ""
    mark: str = ""
    value: str = ""
    value_sub: str = ""
    is_marked: bool = False


class EffectRow(msgspec.Struct, frozen=True):
    """One effect: its row's texts as HTML, and the numbers that are drawn; those that have no place are not.

    `soft` draws it in grey, beside another that the card is about.
    """

    label: str = ""
    sub: str = ""
    estimate: Decimal | None = None
    interval: tuple[Decimal, ...] = ()
    value: str = ""
    value_sub: str = ""
    is_marked: bool = False
    soft: bool = False


class Directions(msgspec.Struct, frozen=True):
    """What lies on each side of the line of no effect, in plain text, for example `lower hazard with DRd`."""

    lower: str = ""
    higher: str = ""


def plot(rows: Sequence[Row], name: str, *, axis: str = "", heading: str = "") -> str:
    """Return a plot.

    Args:
        rows: Its rows, from the top.
        name: What it shows and how to read it, in plain text, for a screen reader. Where rows have words, these are
            read as well; where no row has any, the name must say all.
        axis: The axis below the rows as HTML (`effect_axis`), or empty.
        heading: What its values are, as HTML, or empty.

    Returns:
        The HTML of one block.

    """
    is_worded = any(row.label or row.value or row.value_sub for row in rows)
    has_values = any(row.value or row.value_sub for row in rows)
    look = "td-plot" if has_values else "td-plot td-bare" if is_worded else "td-plot td-alone"
    head = f'<div class="td-plot-head">{heading}</div>' if heading else ""
    body = "".join(_row(row, is_worded=is_worded) for row in rows)
    inside = f"{head}{body}{_axis_row(axis, is_worded=is_worded)}"
    return (
        f'<div class="{look}" role="{"group" if is_worded else "img"}" aria-label="{in_attribute(name)}">{inside}</div>'
    )


def effect_grid(
    rows: Sequence[EffectRow],
    scale: Scale,
    name: str,
    directions: Directions | None = None,
    margins: Sequence[Decimal] = (),
) -> str:
    """Return effects below one another on one axis, with one line of no effect across them.

    Args:
        rows: The effects.
        scale: Their common scale: `Scale.of(values, null, log=…)`.
        name: What the plot shows, in plain text; see `plot`.
        directions: What lies on each side of no effect.
        margins: The margins of a hypothesis, drawn across all rows.

    Returns:
        The HTML of one block.

    """
    lines = null_line(scale) + margin_lines(scale, margins)
    drawn = [
        Row(
            row.label,
            row.sub,
            lines + interval_mark(scale, row.estimate, row.interval, soft=row.soft),
            row.value,
            row.value_sub,
            row.is_marked,
        )
        for row in rows
    ]
    return plot(drawn, name, axis=effect_axis(scale, directions))


def effect_axis(scale: Scale, directions: Directions | None = None) -> str:
    """Return the ticks of a scale and the words on both sides of no effect, as HTML.

    A side without room for words has none: the other side says it.
    """
    ticks = scale.ticks
    marks = "".join(
        f'<line x1="{percent(scale.percent(tick))}" x2="{percent(scale.percent(tick))}" y1="0" y2="100%"></line>'
        for tick in ticks
    )
    labels = "".join(
        f'<span style="left:{percent(label_percent(scale, tick))}">{render_plain(tick_label(tick))}</span>'
        for tick in ticks
    )
    line = f'<svg class="td-ticks" aria-hidden="true">{marks}</svg>'
    return f'{line}<div class="td-numbers">{labels}</div>{_directions(scale, directions or Directions())}'


def in_attribute(words: str) -> str:
    """Return the HTML of plain text within an attribute; Anki's editor looks for formulas there as well."""
    return render_plain(words).replace("<span>\\</span>", "&#92;").replace('"', "&quot;")


def _row(row: Row, *, is_worded: bool) -> str:
    mark = f'<div class="td-place">{svg(row.mark)}</div>'
    look = "td-row td-marked" if row.is_marked else "td-row"
    if not is_worded:
        return f'<div class="{look}">{mark}</div>'
    label, value = _cell("td-label", row.label, row.sub), _cell("td-value", row.value, row.value_sub)
    return f'<div class="{look}">{label}{mark}{value}</div>'


def _cell(look: str, words: str, below: str) -> str:
    # Isolated from the direction of the page: in Arabic, 0.59–0.94 would read 0.94–0.59.
    sub = f'<div class="td-sub"><bdi>{below}</bdi></div>' if below else ""
    return f'<div class="{look}"><div><bdi>{words}</bdi></div>{sub}</div>'


def _axis_row(axis: str, *, is_worded: bool) -> str:
    if not axis:
        return ""
    # The axis runs from low to high in every script, as the marks do.
    place = f'<div class="td-place" dir="ltr">{axis}</div>'
    sides = ('<div class="td-label"></div>', '<div class="td-value"></div>') if is_worded else ("", "")
    return f'<div class="td-row td-axis" aria-hidden="true">{sides[0]}{place}{sides[1]}</div>'


def _directions(scale: Scale, directions: Directions) -> str:
    if scale.null is None:
        return ""
    null = scale.percent(scale.null)
    lower = f"← {directions.lower}" if directions.lower and null >= _ROOM_FOR_BOTH else ""
    higher = f"{directions.higher} →" if directions.higher and null <= 100 - _ROOM_FOR_BOTH else ""
    if not lower and not higher:
        return ""
    left = f'<div class="td-lower" style="width:{percent(null)}">{render_plain(lower)}</div>'
    right = f'<div class="td-higher" style="width:{percent(100 - null)}">{render_plain(higher)}</div>'
    return f'<div class="td-sides">{left if lower else _gap(null)}{right if higher else ""}</div>'


def _gap(width: float) -> str:
    return f'<div style="width:{percent(width)}"></div>'
