"""The order in which somebody new to the trials learns their cards.

Core cards come first; then the others; then those that appraise. At each level the cards of a trial follow the steps of
learning it, the trials take turns, and the cards of one note keep apart.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

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


APART = 3
"""How many other cards of its trial stand between two cards of a note, as long as there are so many."""
_LEVELS = tuple(Level)


class Studied(NamedTuple):
    """What the order depends on, of a note: how many cards it has, its step, and its level."""

    cards: int
    step: int
    level: int


def studied(note: "Note") -> Studied:
    """Return what the order of learning depends on, of a note; ten thousand notes need not be in memory for it."""
    named = values_of(note.tags, "level")
    return Studied(len(note.cards), note.step, _LEVELS.index(Level(named[0]) if named else Level.MORE))


_Card = tuple[int, int]
"""A card, as the position of its note and that of the card within the note."""


def study_positions(notes: Sequence[Studied], trials: Sequence[str]) -> Sequence[tuple[int, ...]]:
    """Return when each card of each note is due: for each note the numbers of its cards, in their order, from 1 on.

    Args:
        notes: The notes, those of each trial in the order of its record.
        trials: For each note, the trial that it is learned with.

    Returns:
        The numbers; every number up to that of cards stands once.

    """
    positions: dict[str, list[int]] = defaultdict(list)
    for position, trial in enumerate(trials):
        positions[trial].append(position)
    turns: list[tuple[int, int, int, _Card]] = []
    for order, own in enumerate(positions.values()):
        for level, cards in _by_level(notes, own).items():
            turns += [(level, turn, order, card) for turn, card in enumerate(_apart(cards))]
    due = {card: number for number, (*_, card) in enumerate(sorted(turns), start=1)}
    return [tuple(due[position, index] for index in range(note.cards)) for position, note in enumerate(notes)]


def _by_level(notes: Sequence[Studied], own: Sequence[int]) -> dict[int, list[_Card]]:
    """Return the cards of the notes of one trial by level, in the order of the steps."""
    levels: dict[int, list[_Card]] = defaultdict(list)
    for position in sorted(own, key=lambda position: notes[position].step):
        levels[notes[position].level] += [(position, index) for index in range(notes[position].cards)]
    return levels


def _apart(cards: Sequence[_Card]) -> Iterator[_Card]:
    """Yield cards in their order, but a card waits until `APART` others have come since one of its note."""
    waiting, recent = list(cards), list[int]()
    while waiting:
        free = (place for place, (note, _) in enumerate(waiting) if note not in recent[-APART:])
        card = waiting.pop(next(free, 0))
        recent.append(card[0])
        yield card
