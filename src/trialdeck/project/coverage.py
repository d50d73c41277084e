"""The records and notes that a build covers: only they can be new, changed or retired by it."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from trialdeck.decks.placement import trial_homes
from trialdeck.decks.selection import takes_note, takes_tombstone, warns_of_note
from trialdeck.editions.ledger import Line
from trialdeck.editions.next_edition import Coverage
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.note import Note
from trialdeck.records.discovery import SEEDS, Place
from trialdeck.records.settings import DeckDefinition, Selected, takes_trial
from trialdeck.records.summary import RecordSummary


def record_name(place: Place, asked: Sequence[str]) -> str:
    """Return the name of a record's file as the ledger has it, for example `seeds/aspire.yaml`.

    It starts with the folder of records that the file belongs to: the project's `seeds`, or else a folder that was
    asked for, or else the folder of the file. The ledger is UTF-8: other bytes of a name are escaped.
    """
    folder = place.folder
    home = _home(folder, tuple(asked))
    return _in_utf_8(os.path.basename(home) + place.real[len(home) :].replace(os.sep, "/"))  # noqa: PTH119


def _in_utf_8(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@lru_cache(1024)
def _home(folder: str, asked: tuple[str, ...]) -> str:
    above = [folder, *map(os.fspath, Path(folder).parents)]
    seeds = [path for path in above if Path(path).name == SEEDS]
    homes = seeds + [path for path in asked if path in above]
    return homes[0] if homes else folder


def coverage_of(names: Collection[str], trials: Collection[str], asked: Sequence[str]) -> Coverage:
    """Return the coverage of a build, from the names of records and the folders that were asked for."""
    return Coverage(
        records=frozenset(names),
        folders=frozenset(_in_utf_8(Path(folder).name) for folder in asked),
        trials=frozenset(trials),
    )


def folders_asked(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the folders among the paths that were asked for, with their links resolved."""
    return tuple(os.fspath(path.resolve()) for path in paths if path.is_dir())


class DeckCoverage(msgspec.Struct, frozen=True, dict=True):
    """What the decks of a build take from the records that were asked for, which are given by the ids of their trials.

    `outlines` are those of all records of the project, `current` the present ids of trials by earlier ones.
    A note that no deck takes is no part of an edition: it gets no line in the ledger, and a line that it has from an
    earlier build stays as it is.
    """

    definitions: Sequence[DeckDefinition]
    outlines: Sequence[RecordSummary]
    asked: frozenset[str]
    current: Mapping[str, str]

    def takes(self, note: Note) -> bool:
        """Tell whether any deck takes a note."""
        return any(takes_note(select, note) for select in self._with_trial(note))

    def warns(self, note: Note) -> bool:
        """Tell whether any deck of reviewed notes marks this note as disputed by now."""
        return any(warns_of_note(select, note) for select in self._with_trial(note))

    def takes_retired(self, line: Line) -> bool:
        """Tell whether any deck marks a note as retired; the line has the day on which it was."""
        stone = tombstone(line)
        return any(takes_tombstone(definition.select, stone, self.current) for definition in self.definitions)

    @property
    def trials_in_no_deck(self) -> tuple[str, ...]:
        """The trials of records that no deck takes, sorted."""
        taken = set[str]().union(*(trials for _, trials, _ in self._chosen))
        return tuple(sorted(self.asked - taken))

    def mark(self, trial: str, across: Sequence[str] = ()) -> bytes:
        """Return a byte for each deck: whether it takes the trial's own notes, and the note of the trial itself.

        Of notes across trials, which stand under no trial, it is a byte for each deck and each of the trials `across`.
        """
        names = across or (trial,)
        return bytes((name in own) + 2 * (name in named) for _, own, named in self._chosen for name in names)

    def _with_trial(self, note: Note) -> Iterator[Selected]:
        """Yield the selections of the decks that take the trial of a note, or any of its trials."""
        trials = note.trials
        for select, own, named in self._chosen:
            if not own.isdisjoint(trials) or (note.is_of_trial and note.trial in named):
                yield select

    @cached_property
    def _chosen(self) -> Sequence[tuple[Selected, frozenset[str], frozenset[str]]]:
        """The selection of each deck, the trials whose records it takes, and those whose notes stand with them."""
        chosen = []
        for select in (definition.select for definition in self.definitions):
            taken = [outline for outline in self.outlines if takes_trial(select, outline)]
            own = self.asked.intersection(outline.id for outline in taken)
            homes = trial_homes(taken, self.current)
            chosen.append((select, own, frozenset(trial for trial, home in homes.items() if home in own)))
        return chosen
