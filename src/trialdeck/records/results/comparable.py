"""The results of a trial that can stand beside those of other trials on one axis.

Results are joined by `outcome`, never by the words of an endpoint. Of each outcome a trial gives one result: the one
from which the trial is known.
"""

import math
from collections.abc import Iterator

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.records.asked import is_asked
from trialdeck.records.entries import current
from trialdeck.records.model import Result, Trial
from trialdeck.records.results.effect import DIFFERENCES, RATIOS

_ORDER = ("primary", "interim", "final", "", "later", "safety")
"""Which analysis stands for a trial: an interim one only where the record has no primary one, so it was published
first. A subgroup is not the trial."""


class Comparable(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One result that states an effect, as other records need to know it.

    `index` is its place among the results of its record, `result` its id; `outcome` may be empty, `endpoint` is folded
    to be compared. Only results of one `scale` share an axis: the measure, and the unit of a difference. `low` and
    `high` are the ends of the interval on that axis, where no effect is at 0; infinite without one. `is_asked` says
    that a card asks for the result itself.
    """

    index: int
    result: str
    outcome: str
    endpoint: str
    scale: str
    low: float
    high: float
    is_asked: bool

    @property
    def width(self) -> float:
        """The width of the interval."""
        return self.high - self.low

    def differs(self, other: "Comparable") -> bool:
        """Tell whether two results show different things.

        Their intervals have nothing in common, or only one of them leaves no effect out.
        """
        is_apart = self.high < other.low or other.high < self.low
        return is_apart or (self.low <= 0 <= self.high) is not (other.low <= 0 <= other.high)


def comparables_of(trial: Trial) -> tuple[Comparable, ...]:
    """Return the results of a trial that other trials may be set beside.

    They are the best one of each outcome and scale, and those that state no outcome.
    """
    best: dict[tuple[str, str], Result] = {}
    for result in sorted(_stating_effects(trial), key=lambda result: _ORDER.index(result.analysis)):
        # A result without an outcome joins nothing; each is kept, because it may be one that was forgotten.
        best.setdefault((result.outcome or f"/{result.id}", _scale_of(result)), result)
    chosen = {id(result) for result in best.values()}
    results = ((index, result) for index, result in enumerate(trial.results) if id(result) in chosen)
    return tuple(_comparable(index, result, is_asked=is_asked(trial, result)) for index, result in results)


def _stating_effects(trial: Trial) -> Iterator[Result]:
    known = RATIOS | DIFFERENCES
    for result in current(trial.results):
        if result.estimate is not None and result.measure in known and result.analysis in _ORDER:
            yield result


def _comparable(index: int, result: Result, *, is_asked: bool) -> Comparable:
    low, high = _on_axis(result)
    return Comparable(
        index=index,
        result=result.id,
        outcome=result.outcome,
        endpoint=folded_endpoint(result.endpoint),
        scale=_scale_of(result),
        low=low,
        high=high,
        is_asked=is_asked,
    )


def folded_endpoint(endpoint: str) -> str:
    """Return the words of an endpoint without case, spacing and what stands in brackets."""
    outside = endpoint.partition("(")[0] or endpoint
    return " ".join(outside.casefold().replace("-", " ").split())


def _scale_of(result: Result) -> str:
    has_unit = result.measure in DIFFERENCES and not is_blank(result.unit)
    return f"{result.measure} in {' '.join(result.unit.split())}" if has_unit else result.measure


def _on_axis(result: Result) -> tuple[float, float]:
    low, high = result.ci or (None, None)
    if low is None or high is None or high < low or (result.measure in RATIOS and low <= 0):
        return -math.inf, math.inf
    return (float(low.ln()), float(high.ln())) if result.measure in RATIOS else (float(low), float(high))
