"""Print what an edition changes for learners, as text, JSON or Markdown."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import click

from trialdeck.cli.output.terminal import printable
from trialdeck.editions.facts import Fact, Facts
from trialdeck.editions.risks import ReleaseChange, Risk
from trialdeck.markdown.plain_text import in_markdown


def facts_lines(facts: Facts, said: Callable[[str], str], shown: Callable[[Fact], str]) -> Iterator[str]:
    """Yield a line for a trial, then one for each change of a field and of tags.

    `said` makes a text safe where it is to stand, `shown` says what has changed.
    """
    since = f", {facts.waiting} of them since earlier builds" if facts.waiting and facts.fresh else ""
    since = " since earlier builds" if facts.waiting and not facts.fresh else since
    carry = "carries" if facts.notes == 1 else "carry"
    yield said(f"{_notes(facts.notes)} {carry} new facts of {facts.trial}{since}")
    for fact in facts.shown:
        yield f"{shown(fact)} ({_notes(fact.notes)})"
    tags = [*(f"-{tag}" for tag in facts.tags_removed), *(f"+{tag}" for tag in facts.tags_added)]
    if tags:
        yield said(f"tags: {' '.join(tags)}")
    if facts.more:
        yield f"{facts.more} more of the same kind"
    if facts.unknown:
        yield f"the former text of {_notes(facts.unknown)} is not known"


def facts_json(facts: Facts) -> dict[str, Any]:
    """Return the same as data, with whole texts."""
    return {
        "trial": facts.trial,
        "notes": facts.notes,
        "since_last_edition": facts.fresh,
        "since_earlier_editions": facts.waiting,
        "fields": [
            {"name": fact.field, "before": fact.before, "after": fact.after, "notes": fact.notes}
            for fact in facts.shown
        ],
        "more": facts.more,
        "unknown": facts.unknown,
        "tags_added": facts.tags_added,
        "tags_removed": facts.tags_removed,
    }


def _notes(count: int) -> str:
    return f"{count} note{'' if count == 1 else 's'}"


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
