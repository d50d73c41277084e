"""Small SVG drawings: escaped elements, text widths, and axes with ticks.

Coordinates are units of a drawing that is `WIDTH` wide: about one pixel each on a phone. No font is known here, so
widths are estimated, rather too wide than too narrow.
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from itertools import accumulate, pairwise

import msgspec

from trialdeck.markdown.render import render_plain
from trialdeck.records.results.effect import with_minus_sign

WIDTH = 288.0
SMALL = 11.0
LINE = 15.0
STRONG: dict[str, str | float] = {"font_weight": "600"}
SOFT: dict[str, str | float] = {"class_": "td-plot-soft", "font_size": SMALL}
# Room beside an axis, so that half of a label or of a mark fits there.
_MARGIN = 14.0
_MOST_TICKS = 7
# What an axis can hold; anything beyond is a slip, or no number of a trial.
_LARGEST = Decimal("1E12")

_NARROW = frozenset("iljtfrI.,:;'|!()[]{} -/\\\"`")
_BROAD = frozenset("mwMW@%—…&")


def element(name: str, *inside: str, **attributes: str | float) -> str:
    """Return an element; what is inside and the attributes' texts are HTML already; `_` in a name stands for `-`."""
    pairs = [f' {_attribute(key)}="{_value(value)}"' for key, value in attributes.items()]
    head = f"<{name}{''.join(pairs)}"
    return f"{head}>{''.join(inside)}</{name}>" if inside else f"{head}/>"


@cache
def _attribute(name: str) -> str:
    return name.strip("_").replace("_", "-")


def text(words: str, x: float, y: float, **attributes: str | float) -> str:
    """Return a line of plain text whose baseline is at y."""
    return element("text", in_drawing(words), x=x, y=y, **attributes)


def centred(words: str, x: float, y: float) -> str:
    """Return a soft label around x, or as near to it as the drawing's edges allow."""
    half = width_of(words, SMALL) / 2
    return text(words, min(max(x, half), WIDTH - half), y)


def in_drawing(words: str) -> str:
    """Return the HTML of plain text within a drawing, harmless to Anki and MathJax; HTML's own elements end an SVG."""
    return render_plain(words).replace("<span>", "<tspan>").replace("</span>", "</tspan>")


def in_attribute(words: str) -> str:
    """Return the HTML of plain text within an attribute; Anki's editor looks for formulas there as well."""
    return render_plain(words).replace("<span>\\</span>", "&#92;").replace('"', "&quot;")


def _value(value: str | float) -> str:
    """Return an attribute's value, numbers with one decimal at most."""
    if isinstance(value, str):
        return value
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def drawing(parts: Iterable[str], height: float, title: str, key: str, words: str) -> str:
    """Return a whole drawing.

    The words are a label, because not every screen reader reads descriptions; nothing stands in both.

    Args:
        parts: The elements of the drawing.
        height: Its height.
        title: Its title, in plain text.
        key: How to read it, in plain text.
        words: All that it shows, in plain text, for a screen reader.

    Returns:
        The SVG element.

    """
    return element(
        "svg",
        element("title", in_drawing(title)),
        element("desc", in_drawing(key)),
        *parts,
        class_="td-plot",
        viewBox=f"0 0 {_value(WIDTH)} {_value(height)}",
        width="100%",
        role="img",
        aria_label=in_attribute(words),
        fill="currentColor",
        font_size=12,
    )


def width_of(words: str, size: float = 12.0) -> float:
    """Return about how wide a text comes out at a size of type."""
    return size * sum(map(_width_of_letter, words))


@lru_cache(1024)
def _width_of_letter(letter: str) -> float:
    if letter in _NARROW:
        return 0.42
    if letter in _BROAD:
        return 1.0
    if letter.isascii():
        return 0.78 if letter.isupper() else 0.64
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return 1.1
    return 0.7 if letter.islower() else 0.95


def shortened(words: str, letters: int) -> str:
    """Return a text in one line, of no more than so many letters; the last is `…` where something is left out."""
    words = " ".join(words.split())
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"


def wrapped(words: str, width: float, lines: int = 2, size: float = 12.0) -> list[str]:
    """Return the lines of a text, each within a width.

    Args:
        words: The text.
        width: The width.
        lines: How many lines there may be; the last one ends with `…` if the text is longer.
        size: The size of the letters.

    Returns:
        The lines.

    """
    remaining, made = shortened(words, 300), list[str]()
    while remaining and len(made) < lines:
        fitting = _fitting(remaining, width, size)
        if fitting == len(remaining):
            return [*made, remaining]
        if len(made) == lines - 1:
            return [*made, f"{remaining[: _fitting(remaining, width - size, size)].rstrip()}…"]
        space = remaining.rfind(" ", 0, fitting + 1)
        end = space if space > 0 else fitting
        made.append(remaining[:end])
        remaining = remaining[end:].lstrip()
    return made


def _fitting(words: str, width: float, size: float) -> int:
    """Return how many letters fit, one at least."""
    used = accumulate(map(_width_of_letter, words))
    return next((position for position, letters in enumerate(used) if size * letters > width and position), len(words))


class Sheet(msgspec.Struct):
    """What has been drawn so far, from the top down to `y`; `has_marks` says whether any of it stands for a number."""

    parts: list[str] = msgspec.field(default_factory=list)
    y: float = 3.0
    has_marks: bool = False

    def write(self, words: str, *, soft: bool = False) -> None:
        """Write a heading, or a softer line below one, across the whole width."""
        look = SOFT if soft else STRONG
        for line in wrapped(words, WIDTH, lines=3, size=SMALL if soft else 13.0):
            self.y += LINE
            self.parts.append(text(line, 0, self.y - 4, **look))

    def mark(self, *parts: str) -> None:
        """Add something that stands for a number."""
        self.parts += parts
        self.has_marks = True

    def space(self, height: float) -> None:
        """Leave some room below the former part, if there is one."""
        self.y += height if self.parts else 0.0


class Axis(msgspec.Struct, frozen=True):
    """An axis from low to high, in powers of ten on a log axis; `null` is where there is no effect, if anywhere."""

    null: Decimal | None
    log: bool
    low: float
    high: float

    def x(self, value: Decimal) -> float:
        """Return where a value stands."""
        share = (_place(value, log=self.log) - self.low) / (self.high - self.low)
        return _MARGIN + share * (WIDTH - 2 * _MARGIN)

    @property
    def ticks(self) -> tuple[Decimal, ...]:
        """The finest ticks whose labels have room; the null is always one of them."""
        candidates = self._log_ticks() if self.log else _even_ticks(self.low, self.high)
        return next((ticks for ticks in candidates if self._has_room(ticks)), self._nulls)

    @property
    def _nulls(self) -> tuple[Decimal, ...]:
        return () if self.null is None else (self.null,)

    def _log_ticks(self) -> Iterator[tuple[Decimal, ...]]:
        if self.high - self.low < 0.5:
            yield from _even_ticks(10**self.low, 10**self.high)
            return
        decades = range(math.floor(self.low), math.ceil(self.high) + 1)
        for digits in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
            yield self._within(Decimal(digit).scaleb(decade) for decade in decades for digit in digits)
        for stride in (2, 3, 5, 10):
            yield self._within(Decimal(1).scaleb(decade) for decade in decades if decade % stride == 0)

    def _within(self, values: Iterable[Decimal]) -> tuple[Decimal, ...]:
        return tuple(value for value in values if self.low <= _place(value, log=True) <= self.high)

    def _has_room(self, ticks: Sequence[Decimal]) -> bool:
        spans = [(self.x(tick), width_of(tick_label(tick), SMALL) / 2) for tick in ticks]
        apart = all(right - left > half + other + 5 for (left, half), (right, other) in pairwise(spans))
        return all(null in ticks for null in self._nulls) and len(ticks) <= _MOST_TICKS and apart


def axis_of(values: Iterable[Decimal], null: Decimal | None, *, log: bool) -> Axis:
    """Return an axis that holds all values, and the null if there is one, with some room on both sides."""
    positions = [_place(value, log=log) for value in (*values, *([] if null is None else [null]))]
    low, high = min(positions), max(positions)
    room = max((high - low) * 0.05, 0.04) if log else (high - low) * 0.05 or 1.0
    return Axis(null, log, low - room, high + room)


def has_place(value: Decimal, *, log: bool) -> bool:
    """Return whether an axis can hold a value: on a log axis nothing of 0 or below has a place."""
    if not value.is_finite() or abs(value) >= _LARGEST:
        return False
    return value > 1 / _LARGEST if log else True


def tick_label(tick: Decimal) -> str:
    """Return a tick as it is written below an axis."""
    return with_minus_sign(f"{tick.normalize():f}")


def _place(value: Decimal, *, log: bool) -> float:
    return _log10(value) if log else float(value)


@lru_cache(1024)
def _log10(value: Decimal) -> float:
    # Exact, and slow: the ends of an axis are asked for with every mark on it.
    return float(value.log10())


def _even_ticks(low: float, high: float) -> Iterator[tuple[Decimal, ...]]:
    """Yield multiples of ever larger round steps."""
    smallest = math.floor(math.log10((high - low) / _MOST_TICKS))
    for power in range(smallest, smallest + 4):
        for digit in (1, 2, 5):
            step = Decimal(digit).scaleb(power)
            first, last = math.ceil(low / float(step)), math.floor(high / float(step))
            if last - first < 2 * _MOST_TICKS:
                yield tuple(step * count for count in range(first, last + 1))
