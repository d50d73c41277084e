"""Put notes into decks, and decks into packages: one package a trial, or one a perspective."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trialdeck.cards.note import Note
from trialdeck.decks.selection import Selection
from trialdeck.records.model import Perspective, Trial

ROOT_DECK = "Landmark Trials"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One trial and its notes, in the order of its record."""

    trial: Trial
    notes: tuple[Note, ...]

    @property
    def deck_name(self) -> str:
        """The last part of the names of this trial's decks."""
        return self.trial.acronym or self.trial.id


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck as Anki names it, with its notes in the order in which they are learned."""

    name: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """What goes into one .apkg file: `stem` names the file, `title` the deck above all of its decks."""

    stem: str
    title: str
    decks: tuple[Deck, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes, deck by deck; each stands in one deck only."""
        return tuple(note for deck in self.decks for note in deck.notes)

    @property
    def cards(self) -> int:
        """The number of cards."""
        return sum(len(note.cards) for note in self.notes)


def by_trial(chapters: Iterable[Chapter], selection: Selection) -> tuple[Package, ...]:
    """Return one package a trial; trials of which the selection leaves nothing get none."""
    packages = []
    for chapter in _in_order(chapters):
        name = f"{ROOT_DECK}::{chapter.deck_name}"
        decks = _decks([(name, chapter)], selection)
        packages += [Package(chapter.trial.id, name, decks)] if decks else []
    return tuple(packages)


def by_perspective(chapters: Iterable[Chapter], selection: Selection) -> tuple[Package, ...]:
    """Return one package a perspective, with a deck for each trial."""
    ordered = _in_order(chapters)
    packages = []
    for perspective in Perspective:
        if selection.perspectives and perspective not in selection.perspectives:
            continue
        title = f"{ROOT_DECK}::{perspective.capitalize()}"
        narrowed = Selection(frozenset({perspective}), selection.audiences, selection.specialties)
        decks = _decks([(f"{title}::{chapter.deck_name}", chapter) for chapter in ordered], narrowed)
        packages += [Package(str(perspective), title, decks)] if decks else []
    return tuple(packages)


def _in_order(chapters: Iterable[Chapter]) -> list[Chapter]:
    return sorted(chapters, key=lambda chapter: chapter.trial.id)


def _decks(named: Sequence[tuple[str, Chapter]], selection: Selection) -> tuple[Deck, ...]:
    """Give each note to one deck: Anki would take a guid that comes twice in a package for two notes.

    A note stands in the deck of its own trial if there is one, else in the first deck whose record names it.
    """
    homes = {chapter.trial.id for _, chapter in named}
    taken: set[str] = set()
    decks = []
    for name, chapter in named:
        notes = []
        for note in chapter.notes:
            at_home = note.trial == chapter.trial.id or note.trial not in homes
            if at_home and note.key not in taken and note.cards and selection.admits(note):
                taken.add(note.key)
                notes.append(note)
        decks += [Deck(name, tuple(notes))] if notes else []
    return tuple(decks)
