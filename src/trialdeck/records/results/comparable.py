"""The results of a trial that can stand beside those of other trials on one axis.

Results are joined by `outcome`, never by the words of an endpoint. Of each outcome a trial gives one result: the one
from which the trial is known.
"""

import math
from collections.abc import Iterator
from decimal import Decimal

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
    to be compared. Only results of one `scale` share an axis: the measure, and the unit of a difference. `width` is
    that of the interval on the axis, infinite without one. `is_asked` says that a card asks for the result itself.
    """

    index: int
    result: str
    outcome: str
    endpoint: str
    scale: str
    width: float
    is_asked: bool


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
    return Comparable(
        index=index,
        result=result.id,
        outcome=result.outcome,
        endpoint=folded_endpoint(result.endpoint),
        scale=_scale_of(result),
        width=_width_of(result),
        is_asked=is_asked,
    )


def folded_endpoint(endpoint: str) -> str:
    """Return the words of an endpoint without case, spacing and what stands in brackets."""
    outside = endpoint.partition("(")[0] or endpoint
    return " ".join(outside.casefold().replace("-", " ").split())


def _scale_of(result: Result) -> str:
    has_unit = result.measure in DIFFERENCES and not is_blank(result.unit)
    return f"{result.measure} in {' '.join(result.unit.split())}" if has_unit else result.measure


def _width_of(result: Result) -> float:
    if result.ci is None:
        return math.inf
    low, high = result.ci
    if result.measure in DIFFERENCES:
        return float(high - low)
    return float((high / low).ln()) if low > Decimal(0) and high >= low else math.inf
