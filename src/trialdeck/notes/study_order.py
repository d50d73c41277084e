"""The order in which somebody new to the trials learns their cards.

Core cards come first; then the others; then those that appraise. At each level the cards of a trial follow the steps of
learning it, the trials take turns, and the cards of one note keep apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

import msgspec

from trialdeck.notes.tags import Level, values_of
from trialdeck.records.entries import cited_by
from trialdeck.records.model import Audience, Entry, Perspective, Result, Trial
from trialdeck.records.sections import RESULTS, Section

if TYPE_CHECKING:
    from trialdeck.notes.note import Note


class Step(IntEnum):
    """The steps of learning a trial, in their order."""

    TESTED = 0
    MECHANISM = 1
    RESULT = 2
    MEANING = 3
    SAFETY = 4
    DESIGN = 5
    APPRAISAL = 6


def step_of(section: Section, perspective: Perspective, *, is_safety: bool = False) -> Step:
    """Return the step that a note of a section belongs to."""
    if is_safety:
        return Step.SAFETY
    if section.property == RESULTS.property:
        return Step.RESULT
    if section.property == "design":
        return Step.DESIGN
    steps = {Perspective.MECHANISM: Step.MECHANISM, Perspective.REVIEWER: Step.APPRAISAL}
    return steps.get(perspective, Step.MEANING)


def is_of_safety(trial: Trial, entry: Entry) -> bool:
    """Tell whether an entry is about safety: a result of a safety analysis, or an entry that cites one."""
    named = {entry.id} if isinstance(entry, Result) else set(cited_by(entry, trial))
    return any(result.id in named and result.analysis == "safety" for result in trial.results)


class Purpose(msgspec.Struct, frozen=True):
    """Whom a note is for, and when it is learned; no audience or specialty means everybody."""

    perspective: Perspective
    step: Step
    audience: tuple[Audience, ...] = ()
    specialties: tuple[str, ...] = ()
    core: bool = False


class Lesson(msgspec.Struct, frozen=True, gc=False):
    """What the order of study needs of a note: the trial that it is learned with, its level and step, its cards."""

    trial: str
    level: int
    step: Step
    cards: int

    @classmethod
    def of(cls, note: "Note", trial: str) -> "Lesson":
        """Return the lesson of a note that a package takes from the record of a trial.

        A note across trials is learned as if it were a trial of its own.
        """
        named = values_of(note.tags, "level")
        level = Level(named[0]) if named else Level.MORE
        return cls(note.trial if note.is_across_trials else trial, _LEVELS.index(level), note.step, len(note.cards))


APART = 3
"""How many other cards of its trial stand between two cards of a note, as long as there are so many."""
_LEVELS = tuple(Level)

_Card = tuple[int, int]
"""A card, as the position of its note and that of the card within the note."""


def study_positions(lessons: Iterable[Lesson]) -> Sequence[tuple[int, ...]]:
    """Return when each card of each note is due: for each note the numbers of its cards, in their order, from 1 on.

    Each number up to that of the cards stands once. `lessons` are those of the notes, in the order of the records.
    """
    lessons = tuple(lessons)
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for position, lesson in enumerate(lessons):
        groups[lesson.level, lesson.trial].append(position)
    turns: list[tuple[int, int, int, _Card]] = []
    for order, ((level, _), positions) in enumerate(groups.items()):
        in_steps = sorted(positions, key=lambda position: lessons[position].step)
        cards = [(position, card) for position in in_steps for card in range(lessons[position].cards)]
        turns += [(level, turn, order, card) for turn, card in enumerate(_apart(cards))]
    due = {card: number for number, (*_, card) in enumerate(sorted(turns), start=1)}
    return [tuple(due[position, card] for card in range(lesson.cards)) for position, lesson in enumerate(lessons)]


def _apart(cards: Sequence[_Card]) -> Iterator[_Card]:
    """Yield cards in their order, but a card waits until `APART` others have come since the last one of its note.

    If all have to wait, one of the note that came longest ago goes on.
    """
    waiting, came = list(cards), dict[int, int]()
    for turn in range(len(cards)):
        last = [came.get(note, -APART - 1) for note, _ in waiting]
        free = (place for place, before in enumerate(last) if turn - before > APART)
        card = waiting.pop(next(free, last.index(min(last))))
        came[card[0]] = turn
        yield card
