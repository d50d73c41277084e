"""The marks of a plot: parts of an SVG that stretches with its row, placed in per cent, without any text.

An SVG of ours has no viewBox, so lengths in `em` grow with the reader's text while places follow the width. Elements
are closed as a browser writes them (`<rect …></rect>`): Anki's editor then leaves a field as it is.
"""

from collections.abc import Sequence
from decimal import Decimal

from trialdeck.notes.plots.scale import Scale, has_place

# Where the parts of a bar without an end begin, how wide they are, and how pale.
_FADING = ((62.0, 10.0, 0.7), (72.0, 9.0, 0.5), (81.0, 9.0, 0.32), (90.0, 10.0, 0.16))
_SQUARE = 0.62


def svg(*parts: str) -> str:
    """Return the SVG that fills the place of a row's mark; what it shows is said in words beside it."""
    return f'<svg class="td-mark" aria-hidden="true">{"".join(parts)}</svg>' if any(parts) else ""


def interval_mark(
    scale: Scale, estimate: Decimal | None, interval: Sequence[Decimal] = (), *, soft: bool = False
) -> str:
    """Return a square on an estimate, with a line from bound to bound if there is an interval.

    What a scale cannot hold, such as 0 on a logarithmic one, is not drawn.
    """
    if estimate is None or not has_place(estimate, log=scale.log):
        return ""
    look = "td-grey" if soft else "td-accent"
    parts = []
    if interval and all(has_place(bound, log=scale.log) for bound in interval):
        low, high = (scale.percent(bound) for bound in interval)
        parts.append(_span(low, high, look))
    parts.append(
        f'<rect class="td-square {look}" x="{percent(scale.percent(estimate))}" y="50%" '
        f'width="{_SQUARE}em" height="{_SQUARE}em"></rect>'
    )
    return "".join(parts)


def null_line(scale: Scale) -> str:
    """Return the line of no effect across the height of a row; empty if the scale has none."""
    return "" if scale.null is None else _upright(scale.percent(scale.null), "td-null")


def margin_lines(scale: Scale, margins: Sequence[Decimal]) -> str:
    """Return the lines of margins across the height of a row."""
    drawn = [margin for margin in margins if has_place(margin, log=scale.log)]
    return "".join(_upright(scale.percent(margin), "td-margin") for margin in drawn)


def bar_mark(share: float, interval: Sequence[float] = (), *, soft: bool = False) -> str:
    """Return a bar on its rail, as a share of it (0 to 1), with the interval of its end as a line."""
    look = "td-grey" if soft else "td-accent"
    pale = " td-pale" if interval else ""
    parts = [_rail(), _bar(0.0, 100 * share, f"{look}{pale}")]
    if interval:
        low, high = (min(max(100 * end, 0.5), 99.5) for end in interval)
        parts.append(_span(low, high, "td-over"))
    return "".join(parts)


def open_bar_mark(*, soft: bool = False) -> str:
    """Return a bar that fades out: its end was not reached."""
    look = "td-grey" if soft else "td-accent"
    faded = (_bar(start, width, look, opacity) for start, width, opacity in _FADING)
    return "".join([_rail(), _bar(0.0, _FADING[0][0], look), *faded])


def percent(place: float) -> str:
    """Return a place as an attribute has it, with one decimal at most."""
    written = f"{place:.1f}".removesuffix(".0")
    return f"{'0' if written == '-0' else written}%"


def _upright(place: float, look: str) -> str:
    return f'<line class="{look}" x1="{percent(place)}" x2="{percent(place)}" y1="0" y2="100%"></line>'


def _span(low: float, high: float, look: str) -> str:
    ends = "".join(
        f'<rect class="td-end {look}" x="{percent(place)}" y="50%" width="2" height="{_SQUARE}em"></rect>'
        for place in (low, high)
    )
    return f'<line class="td-span {look}" x1="{percent(low)}" x2="{percent(high)}" y1="50%" y2="50%"></line>{ends}'


def _rail() -> str:
    return '<rect class="td-bar td-rail" x="0" y="50%" width="100%" height=".7em"></rect>'


def _bar(start: float, width: float, look: str, opacity: float = 1.0) -> str:
    pale = f' opacity="{opacity}"' if opacity < 1 else ""
    return (
        f'<rect class="td-bar {look}" x="{percent(start)}" y="50%" width="{percent(width)}" height=".7em"{pale}></rect>'
    )
