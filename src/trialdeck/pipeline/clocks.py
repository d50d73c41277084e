"""Find ledgers that are ahead of the clock, for a build without reading their lines again, and for a check."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from trialdeck.decks.clock import ClockAhead, ahead, ahead_in, is_ahead, problem_of
from trialdeck.decks.ledger import FILE
from trialdeck.pipeline.ledgers import Overview, lines_of
from trialdeck.records.problem import Problem
from trialdeck.records.project import DECKS


def ahead_of(overview: Overview, path: Path, now: int) -> ClockAhead | None:
    """Return how far a ledger is ahead of a time, in seconds of Unix time; `path` is where its file is.

    The views know when each trial last changed, so that only the lines of trials that are ahead are read.
    """
    views = overview.views
    trials = [name for name, view in views.items() if any(is_ahead(part.changed, now) for part in view.parts)]
    if not trials:
        return None
    with closing(overview.opened(path)) as ledger:
        return ahead(lines_of(ledger, trials), now)


def check_clocks(projects: Iterable[Path], now: int) -> Iterator[Problem]:
    """Yield a warning for each project whose ledger is ahead of a time, in seconds of Unix time."""
    for project in projects:
        path = project / DECKS / FILE
        if found := ahead_in(path, now):
            yield problem_of(found, Path(os.path.relpath(path)).as_posix())
