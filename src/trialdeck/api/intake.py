"""Files that come in: what they are, what would be written of them, and, once the author says so, to write it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialdeck.api.arriving.edits import AnkiEdits, edits_of_package, suggested_edits
from trialdeck.api.arriving.notes import ForeignNotes, foreign_notes
from trialdeck.api.arriving.sheets import OwnSheets, own_sheets
from trialdeck.api.arriving.trials import Files, MoreOfTrial, NewTrial, more_of_trial, new_trial
from trialdeck.api.projects import Project, StrPath
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.kinds import Material
from trialdeck.drafts.materials import Drafted
from trialdeck.editions.ledger import FILE, read_ledger
from trialdeck.incoming.known_trials import KnownTrial, known_trials, names_of, numbers_of
from trialdeck.incoming.route import Group, Way, routed
from trialdeck.records.discovery import DECKS, SEEDS
from trialdeck.records.load import load_record_text

Arrival = NewTrial | MoreOfTrial | ForeignNotes | OwnSheets | AnkiEdits
"""What files become: each says by `way` which it is, and writes with `write`."""


@dataclass(frozen=True, slots=True)
class IntakeFault:
    """A file, or a trial in one, that cannot be used: what is wrong, and the remedy."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What some files become; nothing is written until one of the `arrivals` is told to `write`."""

    arrivals: tuple[Arrival, ...]
    faults: tuple[IntakeFault, ...]


def intake(project: Project, *files: StrPath, into: StrPath | None = None, splits: bool = False) -> Intake:
    """Say what files are, each by its content, and what would be written of them.

        >>> import trialdeck as td
        >>> arrived = td.intake(td.load("."), "docs/examples/NCT00000001.json", "docs/examples/dawn-1.nbib")
        >>> (trial,) = arrived.arrivals
        >>> trial.way, trial.trial_id, [choice.label for choice in trial.outcomes if choice.is_proposed]
        ('new', 'dawn-1', ['Relapse'])
        >>> fewer = trial.chosen(outcomes={"1"}, events={"serious adverse event 1"})
        >>> [path.as_posix() for path in fewer.write()]
        ['seeds/dawn-1.yaml']
        >>> (again,) = td.intake(td.load("."), "docs/examples/NCT00000001.json").arrivals
        >>> again.way, again.path.as_posix(), again.by_number
        ('more', 'seeds/dawn-1.yaml', True)

    Source material of one trial makes one record, or adds to the record that the trial has already. Notes of others are
    imported with a map, the project's own sheets are read back, its own deck brings edits, and suggestions wait for a
    decision.

    Args:
        project: The project.
        files: The files; their names matter little.
        into: The record that all source material goes into; by default, it is found by registry number, DOI or name.
        splits: Whether notes of several trials are parted.

    Raises:
        TrialdeckError: A record or the ledger of the project cannot be read.
    """
    paths = [Path(os.fspath(file)) for file in files]
    published = read_ledger(project.path / DECKS / FILE).lines.keys()
    ways = routed(paths, published)
    faults = [IntakeFault(fault.error.message, fault.error.hint) for fault in ways.faults]
    arrivals: list[Arrival] = []
    for group in ways.groups:
        try:
            arrivals += _arrivals(project, group, None if into is None else Path(into), faults, splits=splits)
        except TrialdeckError as error:
            faults.append(_fault(error, group.files))
    return Intake(tuple(arrivals), tuple(faults))


def _fault(error: TrialdeckError, files: tuple[Path, ...]) -> IntakeFault:
    """Return a fault that calls files by their bare names."""
    message = error.message
    for file in files:
        message = message.replace(str(file), file.name)
    return IntakeFault(message, error.hint)


def _arrivals(
    project: Project, group: Group, into: Path | None, faults: list[IntakeFault], *, splits: bool
) -> Iterator[Arrival]:
    names = tuple(file.name for file in group.files)
    match group.way:
        case Way.IMPORT:
            yield foreign_notes(project, group.files[0])
        case Way.SHEETS:
            source = group.files[0] if len(group.files) == 1 else group.files[0].parent
            yield own_sheets(project, source, names)
        case Way.PULL:
            yield edits_of_package(project, group.files[0])
        case Way.SUGGESTIONS:
            yield suggested_edits(project, group.files)
        case Way.DRAFT if into is not None:
            yield more_of_trial(Files(project, group.files, splits), into)
        case Way.DRAFT:
            yield from _trials(project, group, faults, splits=splits)


def _trials(project: Project, group: Group, faults: list[IntakeFault], *, splits: bool) -> Iterator[Arrival]:
    """Yield what source material becomes: citations and models' cards may belong to a record that is there."""
    files, left = group.files, group.materials
    if not any(material.studies or material.page is not None for material in left):
        joined = _joined(project, group)
        for known, own in joined:
            yield more_of_trial(Files(project, own), known.path, by_number=known.by_number)
        files = tuple(file for file in files if not any(file in own for _, own in joined))
    if not files:
        return
    reading = Files(project, files, splits)
    errors: list[TrialdeckError] = []
    for drafted in reading.drafts(errors):
        there = _known(project, drafted)
        if there is None:
            yield new_trial(drafted, reading)
        else:
            several = Files(project, tuple(file for file in files if file.name in drafted.names), splits)
            yield more_of_trial(several, there.path, by_number=there.by_number, key=drafted.key)
    faults += [_fault(error, group.files) for error in errors]


def _joined(project: Project, group: Group) -> list[tuple[KnownTrial, tuple[Path, ...]]]:
    """Return the records that citations and models' cards are about, each with their files."""
    records: dict[Path, KnownTrial] = {}
    files: dict[Path, list[Path]] = {}
    for file, material in zip(group.files, group.materials, strict=True):
        if known := _record_of(project, material):
            if known.by_number or known.path not in records:
                records[known.path] = known
            files.setdefault(known.path, []).append(file)
    return [(records[path], tuple(own)) for path, own in files.items()]


def _record_of(project: Project, material: Material) -> KnownTrial | None:
    """Return the record that a citation, or what a model wrote, is about; None if that is not clear."""
    identities = {each for citation in material.citations for each in citation.identities}
    names: set[str] = set()
    if material.output:
        for trial in material.output.trials:
            identities |= trial.identities
            names |= trial.names
    known = known_trials(project.path / SEEDS, identities, names)
    return known[0] if len(known) == 1 else None


def _known(project: Project, drafted: Drafted) -> KnownTrial | None:
    """Return the record that the trial of a draft has already; None if it has none, or several would do."""
    trial = load_record_text(drafted.draft.text.encode(), "").trial
    if trial is None:
        return None
    known = known_trials(project.path / SEEDS, numbers_of(trial), names_of(trial))
    return known[0] if len(known) == 1 else None
