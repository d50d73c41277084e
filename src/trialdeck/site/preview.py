"""The preview picture of a trial, which other pages show beside a link: a glance at 1200 × 630, as SVG and as PNG.

The SVG needs nothing. A PNG, which is what most services ask for, needs the extra `preview`: resvg draws it, with a
font that comes along, so that it is the same on every machine.
"""

from collections.abc import Iterator
from decimal import Decimal
from html import escape

import msgspec

from trialdeck.markdown.plain_text import readable
from trialdeck.notes.footer import citation_html
from trialdeck.notes.glance import NOT_REACHED, Glance, glance_of, pair_of_values, setting_in_short
from trialdeck.notes.plots.effects import drawn
from trialdeck.notes.plots.scale import Scale, tick_label
from trialdeck.notes.plots.words import digits, plain, short_interval, shortened
from trialdeck.records.model import Arm, Result, Trial
from trialdeck.records.results.analysis import compared_arms, null_of
from trialdeck.records.results.arm_values import WORKED_OUT, events_words, is_worked_out
from trialdeck.records.results.effect import RATIOS, measure_of, unit_words

try:
    import font_roboto  # type: ignore[import-untyped]
    import resvg_py
except ImportError:  # the extra `preview` is not installed
    HAS_PNG = False
else:
    HAS_PNG = True

WIDTH, HEIGHT = 1200, 630
_LEFT, _RIGHT, _MIDDLE = 76, 1132, 640
_INK, _SOFT, _LINE, _PAPER = "#1c2430", "#566173", "#d5dae2", "#fdfdfc"
_ACCENT, _GREY, _WARN, _FINE = "#1b5ea6", "#7d8693", "#a11a1a", "#0b6b53"
_FONTS = "Roboto, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_PILLS = {"reviewed": ("Reviewed", _FINE), "disputed": ("Disputed", _WARN)}
_Point = tuple[float, float]
# How wide a letter is, about, in units of the size of the text.
_LETTER, _STRONG = 0.53, 0.57


def preview_svg(trial: Trial) -> str:
    """Return the preview picture of a trial as an SVG file."""
    parts = "".join(_parts(glance_of(trial)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" font-family="{_FONTS}"><title>{escape(preview_words(trial))}</title>{parts}</svg>\n'
    )


def preview_png(svg: str) -> bytes:
    """Return a preview picture as a PNG file, from its SVG.

    Raises RuntimeError without the extra `preview`: see `HAS_PNG`.
    """
    if not HAS_PNG:
        raise RuntimeError("the extra `preview` is not installed")
    fonts = [font_roboto.Roboto, font_roboto.RobotoBold]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, skip_system_fonts=True, font_files=fonts, font_family="Roboto", sans_serif_family="Roboto"
        )
    )


def preview_words(trial: Trial) -> str:
    """Return in a sentence or two, as plain text, what the preview picture shows."""
    glance = glance_of(trial)
    said = [f"{plain(trial.name)}: {plain(trial.title)}" if trial.acronym else plain(trial.title)]
    if glance.effects:
        lead = glance.effects[0]
        said.append(f"{plain(lead.endpoint)}: {measure_of(lead)} {_estimate(lead)}{_interval(lead)}")
    return ". ".join(said)


class _Style(msgspec.Struct, frozen=True):
    """How a line of text looks: its size, colour and weight, and which end of it stands at its place."""

    size: float
    colour: str = _INK
    strong: bool = False
    anchor: str = "start"

    def lines(self, words: str, width: float, most: int) -> list[str]:
        """Return a text in lines that fit into a width, judged by the usual width of a letter; the last may be cut."""
        letters = int(width / (self.size * (_STRONG if self.strong else _LETTER)))
        made: list[str] = []
        for word in words.split():
            if made and len(made[-1]) + 1 + len(word) <= letters:
                made[-1] = f"{made[-1]} {word}"
            else:
                made.append(shortened(word, letters))
        if len(made) > most:
            made[most - 1 :] = [shortened(" ".join(made[most - 1 :]), letters)]
        return made


_TITLE = _Style(30, _SOFT)
_ENDPOINT = _Style(32, strong=True)
_BESIDE = _Style(30, _SOFT)
_TICK = _Style(24, _SOFT, anchor="middle")
_TERM, _SMALL = _Style(26, _SOFT), _Style(26, _SOFT)


def _parts(glance: Glance) -> Iterator[str]:
    trial = glance.trial
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_PAPER}"/>'
    yield f'<rect width="14" height="{HEIGHT}" fill="{_ACCENT}"/>'
    yield from _head(trial)
    if glance.effects:
        yield from _effect(glance.effects[0])
    elif glance.shares:
        yield from _share(glance.shares[0])
    else:
        yield from _statement(trial)
    yield from _foot(trial)


def _head(trial: Trial) -> Iterator[str]:
    """Yield the name and, below an acronym, the title."""
    name = plain(trial.name)
    style = _Style(66 if len(name) <= 26 else 46, strong=True)
    y = 104.0
    for line in style.lines(name, _RIGHT - _LEFT, 1 if trial.acronym else 3):
        yield _text(line, _LEFT, y, style)
        y += style.size * 1.15
    if trial.acronym:
        lines = _TITLE.lines(plain(trial.title), _RIGHT - _LEFT, 2)
        yield from (_text(line, _LEFT, 152 + 40 * place, _TITLE) for place, line in enumerate(lines))


_TOP = 256.0
"""Where the part below the head begins."""


def _effect(result: Result) -> Iterator[str]:
    """Yield an effect: its endpoint, its number large, its place on an axis, and its arms."""
    for line in _ENDPOINT.lines(plain(result.endpoint), _RIGHT - _LEFT, 1):
        yield _text(line, _LEFT, _TOP, _ENDPOINT)
    number = _estimate(result)
    style = _Style(min(150.0, 500 / (len(number) * _STRONG)), _ACCENT, strong=True)
    yield _text(number, _LEFT, _TOP + 148, style)
    setting = setting_in_short(result)
    measure = " · ".join(filter(None, [f"{measure_of(result)}{unit_words(result)}", setting]))
    yield _text(shortened(measure, 38), _LEFT, _TOP + 200, _BESIDE)
    if result.ci:
        yield _text(short_interval(result.ci, result.ci_level), _LEFT, _TOP + 240, _BESIDE)
    yield from _axis(result, _TOP + 74)
    yield from _arms(result, _TOP + 190, _MIDDLE)


def _axis(result: Result, y: float) -> Iterator[str]:
    """Yield an estimate with its interval above an axis."""
    scale = Scale.of(drawn(result), null_of(result.measure), log=result.measure in RATIOS)

    def x(value: Decimal) -> float:
        return _MIDDLE + scale.percent(value) / 100 * (_RIGHT - _MIDDLE)

    estimate, *bounds = map(x, drawn(result))
    if scale.null is not None:
        null = x(scale.null)
        yield _line((null, y - 44), (null, y + 36), _SOFT, 2, dash="7 6")
    if bounds:
        yield _line((bounds[0], y), (bounds[1], y), _ACCENT, 5)
        yield from (_line((bound, y - 13), (bound, y + 13), _ACCENT, 5) for bound in bounds)
    yield f'<rect x="{estimate - 14:.1f}" y="{y - 14:.1f}" width="28" height="28" fill="{_ACCENT}"/>'
    yield _line((_MIDDLE, y + 36), (_RIGHT, y + 36), _LINE, 2)
    yield from (_text(tick_label(tick), x(tick), y + 68, _TICK) for tick in scale.ticks)


def _arms(result: Result, y: float, left: float, *, is_said: bool = False) -> Iterator[str]:
    """Yield a line for each of two arms: its name, its size and what it states, unless that is said above."""
    arms = compared_arms(result)
    values, unit = pair_of_values(result) if arms and not is_said else ((), "")
    for place, arm in enumerate(arms):
        bottom = y + 46 * place
        yield f'<circle cx="{left + 10:.1f}" cy="{bottom - 10:.1f}" r="10" fill="{(_ACCENT, _GREY)[place]}"/>'
        yield _text(_named(arm), left + 34, bottom, _Style(30))
        if values:
            stated = _stated(arm, values[place], unit)
            yield _text(stated, _RIGHT, bottom, _Style(30, strong=True, anchor="end"))


def _stated(arm: Arm, value: str, unit: str) -> str:
    """Return what an arm states with its unit; of a per cent that is worked out, the counts that were published."""
    if unit == "%" and is_worked_out(arm):
        return events_words(arm)
    return value if value == NOT_REACHED else f"{value}{unit}"


def _named(arm: Arm) -> str:
    size = f" · n = {arm.n}" if arm.n else ""
    return f"{shortened(plain(arm.name), 24 - len(size))}{size}"


def _share(result: Result) -> Iterator[str]:
    """Yield the per cents of two arms, large, below the endpoint."""
    for line in _ENDPOINT.lines(plain(result.endpoint), _RIGHT - _LEFT, 1):
        yield _text(line, _LEFT, _TOP, _ENDPOINT)
    values, unit = pair_of_values(result)
    yield _text(f"{' v '.join(values)}{unit}", _LEFT, _TOP + 130, _Style(110, _ACCENT, strong=True))
    if any(map(is_worked_out, compared_arms(result))):
        yield _text(WORKED_OUT, _RIGHT, _TOP + 130, _Style(30, _SOFT, anchor="end"))
    yield from _arms(result, _TOP + 210, _LEFT, is_said=True)


def _statement(trial: Trial) -> Iterator[str]:
    """Yield what a trial tested, against what and in whom, where there are no numbers to show."""
    y, said = _TOP + 34, trial.statement
    for term, words in (("Tested", said.tested), ("Against", said.comparator), ("In", said.population)):
        lines = _Style(34).lines(plain(words), _RIGHT - _LEFT - 150, 2)
        if lines:
            yield _text(term, _LEFT, y, _TERM)
        yield from (_text(line, _LEFT + 150, y + 46 * place, _Style(34)) for place, line in enumerate(lines))
        y += 46 * len(lines) + 12


def _foot(trial: Trial) -> Iterator[str]:
    yield _line((_LEFT, 552), (_RIGHT, 552), _LINE, 2)
    source = trial.source
    parts = [readable(citation_html(source)), source.registry if source.citation else ""]
    yield _text(shortened(" · ".join(filter(None, parts)), 62), _LEFT, 593, _SMALL)
    words, colour = _PILLS.get(trial.review.status, ("Not yet reviewed", _SOFT))
    yield _text(words, _RIGHT, 593, _Style(26, colour, anchor="end"))


def _estimate(result: Result) -> str:
    return digits(result.estimate) if result.estimate is not None else ""


def _interval(result: Result) -> str:
    return f" ({short_interval(result.ci, result.ci_level)})" if result.ci else ""


def _text(words: str, x: float, y: float, style: _Style) -> str:
    weight = ' font-weight="700"' if style.strong else ""
    aligned = f' text-anchor="{style.anchor}"' if style.anchor != "start" else ""
    look = f'font-size="{style.size:.0f}" fill="{style.colour}"{weight}{aligned}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


def _line(start: _Point, end: _Point, colour: str, width: float, *, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"{dashed}/>'
