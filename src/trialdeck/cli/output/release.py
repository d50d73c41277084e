"""The changes that an edition makes for learners who have the deck, as lines for the terminal."""

from collections.abc import Collection, Iterable, Iterator

import click

from trialdeck.core.text import printable
from trialdeck.editions.risks import ReleaseChange, Risk

_COLOURS = {Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red"}


def release_text(changes: Iterable[ReleaseChange], refused: Collection[ReleaseChange] = ()) -> Iterator[str]:
    """Yield a line for each change: its risk, its code, and what a learner will see.

    A refused change of high risk has a second line: what to do in its place, and how to allow it.
    """
    for change in changes:
        risk = click.style(f"{change.risk} risk", fg=_COLOURS[change.risk])
        yield f"{risk}, {change.code}: {printable(change.message)}"
        if change in refused and change.risk is Risk.HIGH:
            yield f"    {printable(change.hint)}; if it is meant: --allow {change.code}"
