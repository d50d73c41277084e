"""How far a long call has come, for a caller that shows it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from trialdeck.project import context

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stage of a call has come, such as `reading records`: `done` of `total`.

    >>> import trialdeck as td
    >>> steps = []
    >>> result = td.build(td.load("seeds/aspire.yaml"), out="new", progress=steps.append)
    >>> steps[0]
    Progress(stage='reading records', done=0, total=1)
    """

    stage: str
    done: int
    total: int


ProgressCallback = Callable[[Progress], object]
"""Gets each step; what it raises ends the call, which has written nothing then."""


def reporting(report: ProgressCallback | None) -> context.Progress:
    """Return the progress callback of a build that reports each step of its stages."""

    def stages(items: Iterable[_T], what: str, total: int) -> Iterator[_T]:
        assert report
        report(Progress(what, 0, total))
        for done, item in enumerate(items, start=1):
            yield item
            report(Progress(what, done, total))

    return stages if report else context.silent
