"""What an edition changes for learners who have the deck, as lines of text, JSON or Markdown."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import click

from trialdeck.cards.readable import in_markdown
from trialdeck.decks.releases import ReleaseChange, Risk
from trialdeck.report.terminal import printable

_COLOURS = {Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "red"}


def release_text(changes: Iterable[ReleaseChange], refused: Collection[ReleaseChange] = ()) -> Iterator[str]:
    """Yield a line for each change: its risk, its code, and what a learner will see.

    Of a refused one of high risk, another line says what to do in its place, and how to allow it.
    """
    for change in changes:
        risk = click.style(f"{change.risk} risk", fg=_COLOURS[change.risk])
        yield f"{risk}, {change.code}: {printable(change.message)}"
        if change in refused and change.risk is Risk.HIGH:
            yield f"    {printable(change.hint)}; if it is meant: --allow {change.code}"


def release_json(changes: Iterable[ReleaseChange]) -> list[dict[str, Any]]:
    """Return the same as data."""
    return [
        {
            "code": change.code,
            "risk": str(change.risk),
            "count": change.count,
            "message": change.message,
            "hint": change.hint,
        }
        for change in changes
    ]


def release_markdown(changes: Sequence[ReleaseChange]) -> list[str]:
    """Return the same as points of a list in Markdown."""
    return [
        f"- **{change.risk} risk**, `{change.code}`: {in_markdown(printable(change.message))}" for change in changes
    ]
