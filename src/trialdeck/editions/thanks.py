"""Whom an edition thanks: contributors whose corrections it brings, each in the first edition that has the correction.

The line of a note remembers whom it has thanked and in which edition, so that a build thanks nobody twice, and a second
build of an edition writes the same release notes.
"""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from trialdeck.core.text import printable
from trialdeck.editions.ledger import Line
from trialdeck.records.model import Contributor


def with_thanks(
    lines: Iterable[Line], former: Iterable[Line], contributors: Iterable[Contributor], edition: str
) -> list[Line]:
    """Return the lines of a trial with whom their notes thank.

    A contributor waits until an edition sends the note. A new note thanks nobody: no learner can have corrected it.

    Args:
        lines: The next lines.
        former: Those of the last build.
        contributors: Those that the record names.
        edition: The edition that is built.
    """
    known = {line.guid: line for line in former}
    by_note: dict[str, list[str]] = defaultdict(list)
    for contributor in contributors:
        by_note[contributor.note].append(credit_of(contributor))
    if not by_note and not any(line.thanks for line in known.values()):
        return list(lines)
    return [_thanking(line, known.get(line.guid), by_note.get(line.key, ()), edition) for line in lines]


def _thanking(line: Line, former: Line | None, contributions: Iterable[str], edition: str) -> Line:
    thanked = dict(former.thanks) if former else {}
    if former is None or line.edition == edition:
        thanked |= dict.fromkeys(sorted(set(contributions) - thanked.keys()), edition if former else "")
    return replace(line, thanks=dict(sorted(thanked.items())))


def credit_of(contributor: Contributor) -> str:
    """Return a contribution as a ledger remembers it: the day of the suggestion, a space, and the name."""
    return f"{contributor.on} {name_of(contributor)}"


def name_of(contributor: Contributor) -> str:
    """Return the name of a contributor as one line of plain text."""
    return " ".join(printable(contributor.name).split())


def thanked_in(edition: str, line: Line) -> list[str]:
    """Return the names that a line thanks in an edition."""
    return [credit.partition(" ")[2] for credit, thanked in line.thanks.items() if thanked == edition]
