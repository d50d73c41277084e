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
_MARK = "<!-- edition "


def release_notes(former: str, ledger: Ledger, edition: str) -> str:
    """Return the release notes with the section of `edition` brought up to date; the newest stands first.

    `former` is the text of the file so far, or empty; its line ends are kept. A section whose marks were taken away is
    the author's own: then a new one is put above it.
    """
    text = former or _TITLE
    newline = "\r\n" if "\r\n" in text else "\n"
    block = f"{_start(edition)}\n{_block(ledger, edition)}{_end(edition)}".replace("\n", newline)
    written = _written(edition)
    if written.search(text):
        return written.sub(lambda _: block, text, count=1)
    newest = re.search(r"(?m)^## ", text)
    place = newest.start() if newest else len(text)
    above, below = text[:place], text[place:]
    gap = "" if above.endswith(newline * 2) or not above else newline if above.endswith(newline) else newline * 2
    section = f"## {_heading(ledger, edition)}{newline * 2}{block}{newline}"
    return f"{above}{gap}{section}{newline if below else ''}{below}"


def _written(edition: str) -> re.Pattern[str]:
    """Return a pattern for what the build wrote, marks included.

    It never runs into another section: where an end mark is gone, what follows is the author's.
    """
    start, other, end = map(re.escape, (_start(edition), _MARK, _end(edition)))
    return re.compile(f"^{start}(?:(?!^{other}).)*?^{end}", re.DOTALL | re.MULTILINE)


def _start(edition: str) -> str:
    return f"{_MARK}{edition}: what follows is rewritten by every build of it -->"


def _end(edition: str) -> str:
    # It names the edition because git's union merge makes one of two lines that are the same.
    return f"<!-- end of edition {edition} -->"


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
