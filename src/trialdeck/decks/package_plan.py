"""Plan packages: put notes into decks, and decks into packages, as the deck definitions say."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from hashlib import sha256
from itertools import repeat
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from trialdeck.decks.placement import across_deck, trial_homes
from trialdeck.decks.selection import begins_deck, takes_note, takes_tombstone, warns_of_note
from trialdeck.notes.note import Note
from trialdeck.notes.study_order import Lesson, study_positions
from trialdeck.records.model import Media, Perspective, Trial
from trialdeck.records.settings import DeckDefinition, Order, Selected, Split, takes_trial
from trialdeck.records.summary import RecordSummary, present_ids


class NoteProvider(Protocol):
    """Reads the notes, media and records of a project's trials, anew each time."""

    def notes(self, trial: str, of_trials: Callable[[str], bool]) -> Iterable[Note]:
        """Return the notes of the trial and of those that it names, in the order of its record.

        The notes of trials themselves take time to read: only those whose ids `of_trials` takes are among them.
        """

    def media(self, trial: str) -> Mapping[str, Media]:
        """Return the files that they show, by name."""

    def trial(self, trial: str) -> Trial:
        """Return the whole trial."""


class TrialNotes(msgspec.Struct, frozen=True, gc=False):
    """One trial and its notes, which are read on demand: those of a whole project need not fit into memory."""

    outline: RecordSummary
    source: NoteProvider

    @property
    def id(self) -> str:
        """The id of the trial."""
        return self.outline.id

    def notes(self, of_trials: Callable[[str], bool]) -> Iterable[Note]:
        """Return the notes of the trial and of those that it names; see `NoteProvider`."""
        return self.source.notes(self.id, of_trials)

    @property
    def media(self) -> Mapping[str, Media]:
        """The files that they show, by name."""
        return self.source.media(self.id)

    @property
    def deck_name(self) -> str:
        """The last part of the names of this trial's decks."""
        return self.outline.acronym or self.outline.id

    @property
    def trial(self) -> Trial:
        """The whole trial."""
        return self.source.trial(self.id)


class PlacedNote(msgspec.Struct, frozen=True):
    """A note, the trial that it is taken from, the deck that its cards go to, and when each of them is due.

    The deck is named as Anki names it; `due` numbers new cards from 1 in the order in which they are learned.
    """

    note: Note
    trial_notes: TrialNotes
    deck: str = ""
    due: tuple[int, ...] = ()


class Package(msgspec.Struct, frozen=True, dict=True):
    """What goes into one .apkg file: notes of these trials, of one perspective or of all.

    `stem` names the file, `title` the deck above all of its decks. `tombstones` have no cards and no deck, nor have the
    disputed notes among those that are `warned` of, by guid. `homes` says with which record the note of each trial
    itself stands (`trialdeck.decks.placement`), and `common` is the deck above all decks of the definition: a note
    that belongs to several trials stands below it, in the same deck in all packages.
    """

    stem: str
    title: str
    definition: DeckDefinition
    trials: tuple[TrialNotes, ...]
    tombstones: tuple[Note, ...] = ()
    perspective: Perspective | None = None
    warned: frozenset[str] = frozenset()
    homes: Mapping[str, str] = msgspec.field(default_factory=dict)
    common: str = ""

    def entries(self) -> Iterator[PlacedNote]:
        """Yield its notes that have cards, in the order of the records."""
        due = self._due()
        for position, (note, trial_notes) in enumerate(self.taken()):
            numbers = due[position] if due else (position + 1,) * len(note.cards)
            yield PlacedNote(note, trial_notes, self.deck_of(note, trial_notes), numbers)

    def taken(self) -> Iterator[tuple[Note, TrialNotes]]:
        """Yield its notes that have cards, each with the trial that it is taken from, in the order of the records."""
        return self._found(self._takes)

    @cached_property
    def placed(self) -> tuple[PlacedNote, ...]:
        """Its notes that have cards, in the order in which they are learned, all of them in memory."""
        return tuple(sorted(self.entries(), key=lambda placed: placed.due))

    @property
    def is_empty(self) -> bool:
        """Whether it has no note for any learner, neither a new one nor a retired or disputed one."""
        has_stones = any(not stone.is_of_trial for stone in self.tombstones)
        return not has_stones and next(self.taken(), None) is None and next(self.disputed(), None) is None

    def disputed(self) -> Iterator[Note]:
        """Yield the notes that the deck took while they were reviewed, and that are disputed now."""
        return (note for note, _ in self._found(self._warns)) if self.warned else iter(())

    @property
    def cards(self) -> int:
        """The number of cards."""
        return sum(len(placed.note.cards) for placed in self.placed)

    @property
    def media(self) -> tuple[Media, ...]:
        """The pictures and sounds of its notes, by name; each once."""
        shown = {name for placed in self.placed for name in placed.note.media}
        return self.media_among(shown)

    def media_among(self, names: Iterable[str]) -> tuple[Media, ...]:
        """Return the pictures and sounds with these names, by name."""
        wanted = set(names)
        media_by_name: dict[str, Media] = {}
        for trial_notes in self.trials if wanted else ():
            media_by_name |= {name: media for name, media in trial_notes.media.items() if name in wanted}
        return tuple(media_by_name[name] for name in sorted(media_by_name))

    def _found(self, is_meant: Callable[[Note], bool]) -> Iterator[tuple[Note, TrialNotes]]:
        """Yield each note that `is_meant` once: Anki takes a guid that stands twice in a package for two notes."""
        # Only a note across trials can come from more than one record of a package.
        across = set[str]()
        for trial_notes in self.trials:

            def is_at_home(trial: str, home: str = trial_notes.id) -> bool:
                return self._takes_trials and self.homes.get(trial) == home

            for note in trial_notes.notes(is_at_home):
                if is_meant(note) and note.guid not in across:
                    if note.is_across_trials:
                        across.add(note.guid)
                    yield note, trial_notes

    @property
    def _takes_trials(self) -> bool:
        """Whether it may take the notes of trials themselves, which are clinical."""
        return self.perspective in {None, Perspective.CLINICAL}

    def _takes(self, note: Note) -> bool:
        return self._may_take(note) and takes_note(self.definition.select, note)

    def _warns(self, note: Note) -> bool:
        return note.guid in self.warned and self._may_take(note) and warns_of_note(self.definition.select, note)

    def _may_take(self, note: Note) -> bool:
        is_of_this = self.perspective is None or note.perspective is self.perspective
        return is_of_this and bool(note.cards)

    def deck_of(self, note: Note, trial_notes: TrialNotes) -> str:
        """Return the deck of a note's cards, as Anki names it."""
        if note.is_across_trials:
            return across_deck(self.common or self.title)
        match self.definition.subdecks:
            case Split.TRIAL:
                return f"{self.title}::{trial_notes.deck_name}"
            case Split.PERSPECTIVE:
                return f"{self.title}::{note.perspective.capitalize()}"
            case Split.NONE:
                return self.title

    def _due(self) -> Sequence[tuple[int, ...]]:
        """Return when each card of each note is due; empty if notes are due in their own order."""
        match self.definition.order:
            case Order.RECORD:
                return ()
            case Order.STUDY:
                return self._studied()
            case Order.INTERLEAVED:
                rounds: dict[str, int] = {}
                keys: list[int] = []
                for _, trial_notes in self.taken():
                    rounds[trial_notes.id] = rounds.get(trial_notes.id, 0) + 1
                    keys.append(rounds[trial_notes.id])
                return self._ranked(keys)
            case Order.SHUFFLED:
                return self._ranked([sha256(note.guid.encode()).digest() for note, _ in self.taken()])
            case Order.TAKEAWAYS:
                first = [begins_deck(self.definition.select, note) for note, _ in self.taken()]
                return self._studied(first)

    def _studied(self, first: Sequence[bool] = ()) -> Sequence[tuple[int, ...]]:
        """Return when each card is due in the order of learning; the notes that come `first` make one more level."""
        lessons = [Lesson.of(note, trial_notes.id) for note, trial_notes in self.taken()]
        begin = first or repeat(False)
        return study_positions(
            replace(lesson, level=-1) if is_first else lesson for lesson, is_first in zip(lessons, begin, strict=False)
        )

    def _ranked(self, keys: Sequence[Any]) -> Sequence[tuple[int, ...]]:
        """Return the rank of each note among the sorted keys, from 1, for all of its cards; equal keys keep order."""
        ranks = [0] * len(keys)
        for rank, position in enumerate(sorted(range(len(keys)), key=keys.__getitem__), start=1):
            ranks[position] = rank
        return [(rank,) * len(note.cards) for rank, (note, _) in zip(ranks, self.taken(), strict=True)]


class TrialIndex(msgspec.Struct, frozen=True):
    """What packages are made of: trials, sorted by the id of their trial, and the tombstones of retired notes.

    `beside` are the other records of the project, for which no package is made; `current` are the present ids of
    trials by earlier ones. `warned` are the guids of the notes that were reviewed when learners got them, and are
    disputed now.
    """

    trials: Sequence[TrialNotes]
    beside: Sequence[RecordSummary] = ()
    current: Mapping[str, str] = msgspec.field(default_factory=dict)
    tombstones: Sequence[Note] = ()
    warned: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        trials: Iterable[TrialNotes],
        beside: Iterable[RecordSummary] = (),
        tombstones: Sequence[Note] = (),
        warned: frozenset[str] = frozenset(),
    ) -> "TrialIndex":
        """Return the index of trials, given in any order."""
        ordered, others = sorted(trials, key=lambda trial_notes: trial_notes.id), tuple(beside)
        current = present_ids([*(trial.outline for trial in ordered), *others])
        return cls(ordered, others, current, tombstones, warned)

    def homes(self, select: Selected) -> dict[str, str]:
        """Return with which record the note of each trial stands in a deck.

        The records beside count as well: a build of one record gives the same package as that of the whole project.
        """
        outlines = (*(trial.outline for trial in self.trials), *self.beside)
        return trial_homes((outline for outline in outlines if takes_trial(select, outline)), self.current)


def plan_packages(definition: DeckDefinition, root: str, index: TrialIndex) -> Iterator[Package]:
    """Yield the packages of one definition below the deck `root`; some of them may turn out to be empty."""
    plan = _Plan(definition, [name for name in (root, definition.name) if name], index)
    match definition.split:
        case Split.TRIAL:
            yield from plan.by_trial()
        case Split.PERSPECTIVE:
            yield from plan.by_perspective()
        case Split.NONE:
            yield plan.whole()


class _Plan(msgspec.Struct, frozen=True, dict=True):
    """Makes the packages of one definition; `above` are the names of the decks above those of its packages."""

    definition: DeckDefinition
    above: Sequence[str]
    index: TrialIndex

    def whole(self) -> Package:
        return self._package((), self.above, self.trials, self.stones)

    def by_perspective(self) -> Iterator[Package]:
        for perspective in Perspective:
            own = [stone for stone in self.stones if stone.perspective is perspective]
            titles = [*self.above, perspective.capitalize()]
            yield replace(self._package((perspective,), titles, self.trials, own), perspective=perspective)

    def by_trial(self) -> Iterator[Package]:
        own: dict[str, list[Note]] = {}
        # Any package of an earlier edition may have brought the note of a trial that it names.
        everywhere = [stone for stone in self.stones if stone.is_of_trial]
        for stone in self.stones:
            if not stone.is_of_trial:
                for name in self._trials_of(stone):
                    own.setdefault(name, []).append(stone)
        for trial in self.trials:
            stones = _in_order([*own.pop(trial.id, []), *everywhere])
            package = self._package((trial.id,), [*self.above, trial.deck_name], (trial,), stones)
            yield replace(package, common="::".join(self.above))
        # If a record is gone, its package stays, so that learners see that its notes are retired.
        for gone in sorted(own):
            retired = _in_order([*own[gone], *(stone for stone in everywhere if stone.trial == gone)])
            yield self._package((gone,), [*self.above, gone], (), retired)

    def _trials_of(self, stone: Note) -> list[str]:
        """Return the trials whose packages hold a tombstone: of its own, those that the deck takes or that are gone."""
        trials = (self._present.get(trial, trial) for trial in stone.trials)
        return [trial for trial in trials if not (stone.is_across_trials and trial in self._not_taken)]

    @cached_property
    def _present(self) -> Mapping[str, str]:
        return present_ids(trial.outline for trial in self.trials)

    @cached_property
    def _not_taken(self) -> Set[str]:
        """The trials with a record that the deck does not take."""
        beside = {outline.id for outline in self.index.beside}
        return beside.union(trial.id for trial in self.index.trials) - {trial.id for trial in self.trials}

    def _package(
        self, stem: Sequence[str], titles: Sequence[str], trials: Sequence[TrialNotes], stones: Sequence[Note]
    ) -> Package:
        return Package(
            stem="-".join(name for name in (self.definition.id, *stem) if name),
            title="::".join(titles),
            definition=self.definition,
            trials=tuple(trials),
            tombstones=tuple(stones),
            warned=self.index.warned if trials and self.definition.select.reviewed_only else frozenset(),
            homes=self.homes,
        )

    @cached_property
    def homes(self) -> Mapping[str, str]:
        return self.index.homes(self.definition.select)

    @cached_property
    def trials(self) -> Sequence[TrialNotes]:
        """The trials that the deck takes."""
        return [trial for trial in self.index.trials if takes_trial(self.definition.select, trial.outline)]

    @cached_property
    def stones(self) -> Sequence[Note]:
        """The tombstones that the deck takes."""
        select, current = self.definition.select, self.index.current
        return [stone for stone in self.index.tombstones if takes_tombstone(select, stone, current)]


def _in_order(stones: Iterable[Note]) -> list[Note]:
    return sorted(stones, key=lambda stone: (stone.key, stone.guid))
