"""What is shown: rows of ratios with their limits, and plain tables beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

COLUMNS = ("what", "measured", "beside it", "ratio", "least", "greatest", "runs", "limit", "holds")
Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title."""

    title: str
    columns: Cells
    rows: Sequence[Cells]


@dataclass(frozen=True, slots=True)
class Unit:
    """How a number is written: divided, with so many digits after the point, and a sign behind it."""

    sign: str
    divisor: float = 1
    digits: int = 3

    def __call__(self, value: float) -> str:
        """Return a value as it is shown."""
        return f"{value / self.divisor:,.{self.digits}f} {self.sign}"


SECONDS = Unit("s")
MILLISECONDS = Unit("ms", 1e-3)
MEGABYTES = Unit("MB", 1e6, 1)


def compared(  # noqa: PLR0913 - what a row has
    what: str,
    measured: Sequence[float],
    beside: Sequence[float],
    limit: float | None = None,
    *,
    unit: Unit = SECONDS,
    at_least: bool = False,
) -> Cells:
    """Return the row of two ways that were taken in turn: medians, and the ratios turn by turn."""
    ratios = [one / other for one, other in zip(measured, beside, strict=True)]
    ratio = median(ratios)
    shown = [f"{each:.3f}" for each in (ratio, min(ratios), max(ratios))]
    ends = _ends(ratio, limit, f"{limit:g}" if limit else "", at_least=at_least)
    return (what, unit(median(measured)), unit(median(beside)), *shown, str(len(ratios)), *ends)


def bounded(what: str, measured: Sequence[float], limit: float, *, unit: Unit) -> Cells:
    """Return the row of something that has a limit of its own."""
    return (what, unit(median(measured)), "", "", "", "", str(len(measured)), *_ends(max(measured), limit, unit(limit)))


def stated(what: str, *, holds: bool) -> Cells:
    """Return the row of something that is so or not."""
    return (what, "", "", "", "", "", "1", "", "yes" if holds else "NO")


def missing(what: str) -> Cells:
    """Return the row of something that cannot be measured yet."""
    return (what, "", "", "", "", "", "0", "", "not there")


def spread(values: Sequence[float], unit: Unit) -> str:
    """Return a median with the least and the greatest value."""
    return f"{unit(median(values))} ({unit(min(values))} to {unit(max(values))})"


def _ends(value: float, limit: float | None, shown: str, *, at_least: bool = False) -> Cells:
    if limit is None:
        return ("", "")
    holds = value >= limit if at_least else value <= limit
    return (f"{'≥' if at_least else '≤'} {shown}", "yes" if holds else "NO")
