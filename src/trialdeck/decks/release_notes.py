"""Release notes: a Markdown file with a section for each edition that changed something, for the author to publish.

The build writes only between its own marks; whatever the author writes around them stays.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from trialdeck.cards.readable import in_markdown
from trialdeck.cards.tags import edition_tag
from trialdeck.decks.editions import day_of
from trialdeck.decks.ledger import NOTE_TYPE, Ledger, Line

FILE = "EDITIONS.md"
_TITLE = "# Editions\n"
_END = "<!-- end -->"


def release_notes(former: str, ledger: Ledger, edition: str) -> str:
    """Return the release notes with the section of `edition` brought up to date; the newest stands first.

    `former` is the text of the file so far, or empty. A section whose marks were taken away is the author's own: then a
    new one is put above it.
    """
    block = f"{_start(edition)}\n{_block(ledger, edition)}{_END}"
    text = former or _TITLE
    written = re.compile(f"{re.escape(_start(edition))}\n.*?{re.escape(_END)}", re.DOTALL)
    if written.search(text):
        return written.sub(lambda _: block, text, count=1)
    section = f"## {_heading(ledger, edition)}\n\n{block}\n"
    newest = re.search(r"(?m)^## ", text)
    place = newest.start() if newest else len(text)
    parts = (text[:place].rstrip("\n"), section.rstrip("\n"), text[place:].rstrip("\n"))
    return "\n\n".join(part for part in parts if part) + "\n"


def _start(edition: str) -> str:
    return f"<!-- edition {edition}: rewritten by every build until `end` -->"


def _heading(ledger: Ledger, edition: str) -> str:
    day = day_of(max(line.changed for line in ledger.lines.values() if line.edition == edition))
    return edition if edition == day else f"{edition} ({day})"


def _block(ledger: Ledger, edition: str) -> str:
    notes = [line for line in ledger.notes if line.edition == edition]
    retired = [line for line in notes if line.retired]
    new = [line for line in notes if line.since == edition and not line.retired]
    changed = [line for line in notes if line.since != edition and not line.retired]
    parts = [f"In Anki: `tag:{edition_tag(edition)}`\n"]
    parts += _list("New", _rows(new, ledger))
    parts += _list("Changed", map(_row, changed))
    parts += _list("Retired", _rows(retired, ledger))
    parts += _list("Look of the cards", _looks(ledger, edition))
    return "\n".join(parts)


def _rows(lines: Sequence[Line], ledger: Ledger) -> Iterator[str]:
    """Yield a row for each trial that came or went with all of its notes, then one for each other note."""
    totals = Counter(line.trial for line in ledger.notes)
    counts = Counter(line.trial for line in lines)
    # Nobody reads forty lines that say the same.
    whole = {trial for trial, count in counts.items() if count == totals[trial] > 1}
    for trial in sorted(whole):
        yield f"`{trial}`: {counts[trial]} notes"
    yield from (_row(line) for line in lines if line.trial not in whole)


def _row(line: Line) -> str:
    return f"{in_markdown(line.label)} (`{line.key}`)" if line.label else f"`{line.key}`"


def _looks(ledger: Ledger, edition: str) -> Iterator[str]:
    for line in sorted(ledger.lines.values(), key=lambda line: line.key):
        if not line.is_note and line.edition == edition != line.since:
            yield line.key.removeprefix(NOTE_TYPE)


def _list(title: str, rows: Iterable[str]) -> list[str]:
    points = "".join(f"- {row}\n" for row in rows)
    return [f"**{title}**\n\n{points}"] if points else []
