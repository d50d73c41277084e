"""Write the release notes, `EDITIONS.md`: one section for each edition that changed something.

The build writes only between its own marks; what the author writes around them stays.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import reason_of, whole_input
from trialdeck.editions.ledger import NOTE_TYPE, Line
from trialdeck.editions.next_edition import day_of
from trialdeck.editions.thanks import thanked_in
from trialdeck.editions.tombstone import reason_for
from trialdeck.markdown.plain_text import in_markdown
from trialdeck.notes.tags import edition_tag

FILE = "EDITIONS.md"
_TITLE = "# Editions\n"
_MARK = "<!-- edition "


class News(msgspec.Struct):
    """What one edition brought, gathered from the ledger trial by trial: rows of Markdown, and when it was built last.

    A trial that came or went with all of its notes is one row, not forty rows that say the same. `thanks` has the keys
    of the notes that each contributor has corrected.
    """

    edition: str
    changed_at: int = 0
    new_trials: list[str] = msgspec.field(default_factory=list)
    new: list[str] = msgspec.field(default_factory=list)
    changed: list[str] = msgspec.field(default_factory=list)
    retired_trials: list[str] = msgspec.field(default_factory=list)
    retired: list[str] = msgspec.field(default_factory=list)
    looks: list[str] = msgspec.field(default_factory=list)
    thanks: dict[str, list[str]] = msgspec.field(default_factory=dict)

    def add(self, lines: Sequence[Line]) -> None:
        """Add the lines of one trial, or those of the note types; trials come in the order of the ledger."""
        touched = [line for line in lines if line.edition == self.edition]
        if not touched:
            return
        self.changed_at = max(self.changed_at, *(line.changed for line in touched))
        self.looks += [_look(line) for line in touched if not line.is_note and line.since != self.edition]
        notes = [line for line in touched if line.is_note]
        for line in notes:
            for name in thanked_in(self.edition, line):
                self.thanks.setdefault(name, []).append(line.key)
        self._add_notes(lines, notes, self.retired_trials, self.retired, is_retired_now)
        self._add_notes(
            lines, notes, self.new_trials, self.new, lambda line: line.since == self.edition and not line.retired
        )
        self.changed += [
            _row(line) for line in notes if not is_retired_now(line) and (line.since != self.edition or line.retired)
        ]

    def add_new_trial(self, trial: str, count: int, changed: int) -> None:
        """Add a trial that came with all of its notes, more than one, the last of them at a time."""
        self.changed_at = max(self.changed_at, changed)
        self.new_trials.append(_whole(trial, count))

    def _add_notes(
        self, lines: Sequence[Line], notes: Sequence[Line], trials: list[str], rows: list[str],
        belongs: Callable[[Line], bool],
    ) -> None:  # fmt: skip
        """Add a row for each note that `belongs`, or one row for the trial if all of its notes do.

        Args:
            lines: All lines of the trial.
            notes: Those of its notes that the edition has touched.
            trials: The rows of trials.
            rows: The rows of notes.
            belongs: Tells whether a note is one of them.
        """
        matches = [line for line in notes if belongs(line)]
        if len(matches) == len(lines) > 1:
            trials.append(_whole(matches[0].trial, len(matches)))
        else:
            rows += map(_row, matches)


def is_retired_now(line: Line) -> bool:
    """Tell whether the edition that sent a note last is the one that retired it."""
    return bool(line.retired) and not line.withdrawn


def _whole(trial: str, count: int) -> str:
    return f"`{trial}`: {count} notes"


def read_release_notes(path: Path) -> str:
    """Return the text of the file, empty without a file; raises TrialdeckError if it cannot be read."""
    try:
        return whole_input(path).decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise TrialdeckError(f"cannot read {path}: {reason_of(error)}", "correct the file, or move it away") from error


def release_notes(former: str, news: News) -> str:
    """Return the release notes with the section of an edition brought up to date; the newest stands first.

    `former` is the text of the file so far, or empty; its line ends are kept. A section whose marks were taken away is
    the author's own: then a new one is put above it.
    """
    text = former or _TITLE
    newline = "\r\n" if "\r\n" in text else "\n"
    block = f"{_start(news.edition)}\n{_block(news)}{_end(news.edition)}".replace("\n", newline)
    written = _written(news.edition)
    if written.search(text):
        return written.sub(lambda _: block, text, count=1)
    newest = re.search(r"(?m)^## ", text)
    position = newest.start() if newest else len(text)
    above, below = text[:position], text[position:]
    gap = "" if above.endswith(newline * 2) or not above else newline if above.endswith(newline) else newline * 2
    section = f"## {_heading(news)}{newline * 2}{block}{newline}"
    return f"{above}{gap}{section}{newline if below else ''}{below}"


def section(news: News) -> str:
    """Return what the release notes say of one edition, as Markdown; empty if it changed nothing."""
    return f"## {_heading(news)}\n\n{_block(news)}" if news.changed_at else ""


def _written(edition: str) -> re.Pattern[str]:
    """Return a pattern for what the build wrote, marks included.

    It never matches into another section: if an end mark is gone, what follows is the author's.
    """
    start, other, end = map(re.escape, (_start(edition), _MARK, _end(edition)))
    return re.compile(f"^{start}(?:(?!^{other}).)*?^{end}", re.DOTALL | re.MULTILINE)


def _start(edition: str) -> str:
    return f"{_MARK}{edition}: what follows is rewritten by every build of it -->"


def _end(edition: str) -> str:
    # It names the edition because git's union merge makes one of two lines that are the same.
    return f"<!-- end of edition {edition} -->"


def _heading(news: News) -> str:
    day = day_of(news.changed_at)
    return news.edition if news.edition == day else f"{news.edition} ({day})"


def _block(news: News) -> str:
    parts = [f"In Anki: `tag:{edition_tag(news.edition)}`\n"]
    parts += _list("New", [*news.new_trials, *news.new])
    parts += _list("Changed", news.changed)
    parts += _list("Retired", [*news.retired_trials, *news.retired])
    parts += _list("Look of the cards", news.looks)
    parts += _list("Thanks to", map(_thanked, sorted(news.thanks.items())))
    return "\n".join(parts)


def _row(line: Line) -> str:
    row = f"{in_markdown(line.label)} (`{line.key}`)" if line.label else f"`{line.key}`"
    reason = reason_for(line) if line.retired else ""
    return f"{row}: {in_markdown(reason)}" if reason else row


def _thanked(contribution: tuple[str, Sequence[str]]) -> str:
    name, keys = contribution
    return f"{in_markdown(name)}: {', '.join(f'`{key}`' for key in keys)}"


def _look(line: Line) -> str:
    return line.key.removeprefix(NOTE_TYPE)


def _list(title: str, rows: Iterable[str]) -> list[str]:
    points = "".join(f"- {row}\n" for row in rows)
    return [f"**{title}**\n\n{points}"] if points else []
