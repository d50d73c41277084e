"""New facts of trials, summed up, as text, JSON or Markdown."""

from collections.abc import Callable, Iterator
from typing import Any

from trialdeck.decks.facts import Fact, Facts


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
