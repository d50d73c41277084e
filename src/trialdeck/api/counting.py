"""Count what deck definitions take, as quickly as somebody types."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trialdeck.api.projects import Project, options_of
from trialdeck.api.settings import SettingsFile, new_deck, settings
from trialdeck.core.problem import Problem
from trialdeck.project.cache.deck_counts import DeckCount, HeldNotes
from trialdeck.records.discovery import records_of
from trialdeck.records.settings import DefinitionFile, ProjectFile, ProjectSettings, load_settings_text
from trialdeck.records.settings import SettingsFile as File
from trialdeck.records.settings_edits import path_of
from trialdeck.yamlfile.document import DataPath


@dataclass(frozen=True, slots=True)
class Counted:
    """What a definition takes, and its faults, each with the path of the value that it is about.

    `count` has packages, notes, cards, reviewed notes and trials; it is None while the definition has an error.
    """

    count: DeckCount | None
    faults: tuple[tuple[DataPath, Problem], ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a definition can choose from: trials as id and acronym, and the words that the records have."""

    trials: tuple[tuple[str, str], ...]
    topics: tuple[str, ...]
    specialties: tuple[str, ...]


class DeckCounter:
    """Counts what definitions of a project take; it reads the records once, and again if one of them has changed.

        >>> import trialdeck as td
        >>> counter = td.DeckCounter(td.load("."))
        >>> counted = counter.count({"id": "mine", "name": "Mine", "select": {"trials": ["aspire"]}, "split": "trial"})
        >>> [package.name for package in counted.count.packages], counted.count.trials
        (['mine-aspire.apkg'], ('aspire',))

    It can be used in several threads. Every method raises TrialdeckError if there are no records.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._held: HeldNotes | None = None

    def count(self, definition: SettingsFile | Mapping[str, Any]) -> Counted:
        """Count what a definition takes: a file, saved or not, or its data."""
        if not isinstance(definition, SettingsFile):
            values: dict[DataPath, Any] = {(name,): value for name, value in definition.items() if name != "format"}
            definition = new_deck(self._project).with_values(values)
        file = load_settings_text(definition.text.encode(), str(definition.path))
        assert isinstance(file, DefinitionFile)
        held, others = self._current(), self._others(definition)
        problems = held.problems(file, others)
        faults = tuple((path_of(file.document, problem) if file.document else (), problem) for problem in problems)
        is_sound = file.definition is not None and not file.problems
        root = next(
            (other.settings.root for other in others if isinstance(other, ProjectFile) and other.settings), None
        )
        return Counted(held.count(file.definition, root or "") if file.definition and is_sound else None, faults)

    def choices(self) -> Choices:
        """Return what a definition can choose from, sorted."""
        outlines = self._current().outlines
        return Choices(
            tuple(sorted((outline.id, outline.acronym) for outline in outlines)),
            tuple(sorted({topic for outline in outlines for topic in outline.topics})),
            tuple(sorted({name for outline in outlines for name in outline.specialties})),
        )

    @property
    def faulty(self) -> tuple[str, ...]:
        """The records with errors, by path; their notes are not counted."""
        return self._current().faulty

    def _current(self) -> HeldNotes:
        records = records_of(self._project.path)
        with self._lock:
            if self._held is None or not self._held.is_current(records):
                self._held = HeldNotes.of(records, options_of(self._project))
            return self._held

    def _others(self, definition: SettingsFile) -> list[File]:
        """Return the other settings files of the project."""
        known = settings(self._project)
        return [
            load_settings_text(file.text.encode(), str(file.path))
            for file in (known.project, *known.decks)
            if file.path != definition.path and file.exists
        ]


def _root(files: list[File]) -> str:
    """Return the deck above all decks of a project."""
    own = (file.settings for file in files if isinstance(file, ProjectFile) and file.settings)
    return next(own, ProjectSettings()).root
