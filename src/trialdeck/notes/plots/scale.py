"""Where numbers stand on an axis, in per cent of its width, and which of them are ticks.

No font and no width is known here. What has room is judged for an axis that is `NARROWEST` letters wide, which is what
a phone of 320 pixels leaves beside a label and a value, or below them where the reader's text is large.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

import msgspec

from trialdeck.records.results.effect import with_minus_sign

NARROWEST = 9.5
"""The width of an axis in units of the size of its tick labels."""
# Room beside an axis, in per cent of its width, so that half of a label or of a mark fits there.
_MARGIN = 5.0
_MOST_TICKS = 6
_DIGIT, _POINT = 0.58, 0.3
_BETWEEN = 0.5
# What an axis can hold; anything beyond is a slip, or no number of a trial.
_LARGEST = Decimal("1E12")


class Scale(msgspec.Struct, frozen=True):
    """An axis from low to high, in powers of ten if it is logarithmic; `null` is where there is no effect."""

    null: Decimal | None
    log: bool
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[Decimal], null: Decimal | None, *, log: bool) -> "Scale":
        """Return a scale that holds all values, and the null if there is one, with some room on both sides."""
        places = [_place(value, log=log) for value in (*values, *([] if null is None else [null]))]
        low, high = min(places), max(places)
        room = max((high - low) * 0.04, 0.03) if log else (high - low) * 0.04 or 1.0
        return cls(null, log, low - room, high + room)

    def percent(self, value: Decimal) -> float:
        """Return where a value stands, from 0 at the left to 100 at the right."""
        share = (_place(value, log=self.log) - self.low) / (self.high - self.low)
        return _MARGIN + share * (100 - 2 * _MARGIN)

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
        spans = [(self.percent(tick) * NARROWEST / 100, _width_of(tick) / 2) for tick in ticks]
        apart = all(right - left > half + other + _BETWEEN for (left, half), (right, other) in pairwise(spans))
        return all(null in ticks for null in self._nulls) and len(ticks) <= _MOST_TICKS and apart


def label_percent(scale: Scale, tick: Decimal) -> float:
    """Return where the middle of a tick's label stands: at the tick, or as near to it as the edges allow."""
    half = 50 * _width_of(tick) / NARROWEST
    return min(max(scale.percent(tick), half), 100 - half) if half < 50 else 50.0


def has_place(value: Decimal, *, log: bool) -> bool:
    """Return whether an axis can hold a value: on a log axis nothing of 0 or below has a place."""
    if not value.is_finite() or abs(value) >= _LARGEST:
        return False
    return value > 1 / _LARGEST if log else True


def tick_label(tick: Decimal) -> str:
    """Return a tick as it is written below an axis."""
    return with_minus_sign(f"{tick.normalize():f}")


def _width_of(tick: Decimal) -> float:
    return sum(_POINT if letter == "." else _DIGIT for letter in tick_label(tick))


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
