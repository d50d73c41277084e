"""Rules for reviews: warn where the reviewed text has changed since."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec

from trialdeck.core.problem import FileLocation, Problem
from trialdeck.editions.ledger import FILE, Line
from trialdeck.editions.ledger_file import LedgerFile, open_ledger
from trialdeck.notes.builder import own_notes
from trialdeck.notes.lists import POINTS
from trialdeck.records.discovery import DECKS, find_project
from trialdeck.records.model import Review, Trial
from trialdeck.records.review import Signed, worst_of
from trialdeck.records.sections import LIST_SECTIONS

Words = tuple[tuple[str, str], ...]
"""The reviewed notes of a record: the guid of each, and the hash of its words (`Note.words`)."""


class Ledgers(msgspec.Struct):
    """The ledgers of projects, each opened when the first record of it is asked for."""

    _opened: ExitStack
    _of_project: dict[Path, LedgerFile] = msgspec.field(default_factory=dict)

    def lines(self, record: Path, trials: Iterable[str]) -> list[Line]:
        """Return the lines of a trial in the ledger of the project that its record lies in, if there is any.

        `trials` are its present id and its earlier ones: a ledger may still have its lines under any of them.
        """
        project = find_project(record.parent)
        if project is None:
            return []
        if project not in self._of_project:
            self._of_project[project] = self._opened.enter_context(closing(open_ledger(project / DECKS / FILE)))
        ledger = self._of_project[project]
        return [line for trial in trials if trial in ledger.parts for line in ledger.lines(trial)]


@contextmanager
def ledgers() -> Iterator[Ledgers]:
    """Lend the ledgers of projects; raises TrialdeckError where one is damaged."""
    with ExitStack() as opened:
        yield Ledgers(opened)


def words_of(trial: Trial) -> Words:
    """Return the words of the reviewed notes of a record, without the notes that need other records."""
    return tuple((note.guid, note.words) for note in own_notes(trial).notes if note.signed)


class Vouched(Protocol):
    """Something that a review counts for (a `Reviewable` or a `Signed`): its slug, and that review."""

    @property
    def slug(self) -> str:
        """What the keys of its notes begin with behind the trial's id."""

    @property
    def is_own(self) -> bool:
        """Whether the review is its own, not that of the record."""

    @property
    def review(self) -> Review:
        """The review that counts."""


def reworded(
    vouched: Iterable[Vouched], words: Words, lines: Iterable[Line], today: date
) -> dict[str, tuple[Line, ...]]:
    """Return the lines of the notes whose words have changed since they were reviewed.

    An entry that is signed anew counts as read, and so does one that was signed today. Of a list whose points have
    reviews of their own, all points count that were reviewed before the change: which of them has changed is not known.

    Args:
        vouched: The entries with reviews.
        words: The words of their notes as they are now.
        lines: The lines of the ledger.
        today: The day of the check.

    Returns:
        The lines by the slug of the entry.

    """
    now = dict(words)
    reviews_of = _reviews_by_note(list(vouched))
    changed: dict[str, tuple[Line, ...]] = {}
    for line in lines:
        name = "/".join(line.key.split("/")[1:3])
        reviews = reviews_of.get(name) or reviews_of[""]
        signature = worst_of(reviews.values()).signature
        if line.guid not in now or line.retired or not line.signed or signature != line.signed:
            continue
        is_unbuilt = now[line.guid] != line.words and not line.signed.startswith(today.isoformat())
        if line.reworded or is_unbuilt:
            changed_on = line.reworded or today.isoformat()
            older = [slug for slug, review in reviews.items() if len(reviews) == 1 or review.on < changed_on]
            changed.update({slug: (*changed.get(slug, ()), line) for slug in older})
    return changed


def _reviews_by_note(vouched: Sequence[Vouched]) -> Mapping[str, Mapping[str, Review]]:
    """Return, for each note (by its key without the trial's id), the reviews that count for it, by slug."""
    by_note: dict[str, Mapping[str, Review]] = {item.slug: {item.slug: item.review} for item in vouched}
    for section in LIST_SECTIONS:
        points = [item for item in vouched if item.slug.startswith(f"{section.slug}/")]
        if any(item.is_own for item in points):
            by_note[f"{section.slug}/{POINTS}"] = {item.slug: item.review for item in points}
    return by_note


def since(lines: Sequence[Line]) -> str:
    """Return in words what has changed, and when."""
    first = lines[0]
    when = f"on {first.reworded}" if first.reworded else "since the last build"
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"'{first.label}' was changed {when}{more}"


def check_reworded(
    path: str, signed: Sequence[Signed], words: Words, lines: Iterable[Line], today: date
) -> Iterator[Problem]:
    """Yield a warning for every review that is older than the last change of the text that it vouches for.

    Args:
        path: The path of the record.
        signed: The reviews of the record.
        words: The words of its notes as they are now.
        lines: The lines of its ledger.
        today: The day of the check.

    Returns:
        The warnings.

    """
    changed = reworded(signed, words, lines, today)
    by_place: dict[tuple[int, int, str], tuple[Line, ...]] = {}
    for item in signed:
        stated = (item.line, item.column, item.on)
        both = (*by_place.get(stated, ()), *changed.get(item.slug, ()))
        by_place[stated] = tuple({line.guid: line for line in both}.values())
    for (line, column, on), changes in by_place.items():
        if changes:
            hint = "look at it again: `trialdeck review` signs it anew"
            yield Problem(FileLocation(path, line, column), "TD503", f"reviewed on {on}, but {since(changes)}", hint)
