"""The notes of a whole project without their texts, held in memory: enough to put all cards into the decks' order.

A thousand records take seconds to read, so each is read again only when its file has changed. The disk is the truth:
every call looks at the files' signatures first.
"""

import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

import msgspec
from msgspec.structs import replace

from trialdeck.core.problem import Severity
from trialdeck.core.serialise import DamagedDataError, unpacked
from trialdeck.decks.package_plan import Package, TrialIndex, TrialNotes, plan_packages
from trialdeck.lint.cross_record import check_collection
from trialdeck.notes.links import Addresses
from trialdeck.notes.note import Note, OwnNotes
from trialdeck.project.check import Call, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.cross_references import (
    CrossReferenceNotes,
    CrossReferences,
    cross_references_between,
    key_of,
    linked,
    linked_notes,
)
from trialdeck.project.note_repository import completed, notes_with
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.discovery import Place, Signature, file_signature, find_project, records_of, settings_files
from trialdeck.records.model import Media, Trial
from trialdeck.records.settings import (
    PROJECT,
    DeckDefinition,
    DefinitionFile,
    ProjectFile,
    ProjectSettings,
    load_settings_file,
)


class HeldRecord(msgspec.Struct, frozen=True):
    """A record that was read: what the project knows of it, its notes without texts, and its shared facts, packed."""

    member: ProjectRecord
    own: OwnNotes
    shared_facts: bytes


class Outline(msgspec.Struct, frozen=True, dict=True):
    """A project as it was at one time.

    `held` are all records by their paths without links, `references` those between the sound ones. `linked` are the
    notes that need several records, without texts, by what they are made for (`CrossReferences.of_record`).
    """

    call: Call
    held: Mapping[str, HeldRecord]
    references: CrossReferences
    linked: Mapping[str, CrossReferenceNotes]

    @property
    def settings(self) -> ProjectSettings:
        """The settings of the project; the defaults if it has none."""
        files = (file.settings for file in self.call.of_first if isinstance(file, ProjectFile))
        return next(filter(None, files), ProjectSettings())

    @property
    def definitions(self) -> tuple[DeckDefinition, ...]:
        """The decks that the project defines."""
        files = (file.definition for file in self.call.of_first if isinstance(file, DefinitionFile))
        return tuple(filter(None, files))

    def packages(self, definition: DeckDefinition) -> Iterator[Package]:
        """Return the packages of a deck; their notes have no texts."""
        return plan_packages(definition, self.settings.root, self._index)

    @cached_property
    def _index(self) -> TrialIndex:
        outlines = (member.outline for member in self.references.by_id.values() if member.outline)
        return TrialIndex.of(TrialNotes(outline, self) for outline in outlines)

    def notes(self, trial: str, of_trials: Callable[[str], bool]) -> Iterator[Note]:
        """Return all notes of a record without their texts: as `NoteProvider` has it."""
        own = self.held[self.references.by_id[trial].place.real].own
        yield from completed(own, self._trial_note, self.references.current, of_trials)
        for across in self.references.across_of.get(trial, ()):
            yield from notes_with(trial, self.linked[across].across)

    def _trial_note(self, name: str) -> Note:
        return self.linked[self.references.owner_of[name]].trials[name]

    def media(self, trial: str) -> Mapping[str, Media]:  # noqa: ARG002 - as the protocol has it
        """Return nothing: who looks at a card reads its record anew."""
        return {}

    def trial(self, trial: str) -> Trial:
        """Return the trial of a record."""
        return self.references.by_id[trial].trial


def addresses_of(path: Path) -> Addresses:
    """Return the addresses of the project that a path belongs to; of its files, only that of its settings is read."""
    project = find_project(path if path.is_dir() else path.parent)
    for file in settings_files(project) if project else ():
        if file.stem == PROJECT:
            loaded = load_settings_file(file, file.as_posix())
            if isinstance(loaded, ProjectFile) and loaded.settings:
                return Addresses(loaded.settings.homepage, loaded.settings.report)
    return Addresses()


class Outliner:
    """Keeps the outline of a project; threads may share it."""

    def __init__(self, path: Path, options: BuildOptions) -> None:
        self.path = path
        self._lock = Lock()
        # Without a cache, what was read is kept in a folder that goes with this object.
        self._options = options if options.cache else replace(options, cache=_folder_of(self))
        self._seen: tuple[Signature, ...] = ()
        self._outline: Outline | None = None

    def current(self) -> Outline:
        """Return the outline of the project as its files are now; raises TrialdeckError if there are no records."""
        with self._lock:
            call = Call.of([records_of(self.path)])
            seen = _signatures(call)
            if self._outline is None or seen != self._seen:
                self._outline = with_loader(self._options, call, lambda loader: self._read(call, loader))
                self._seen = seen
            return self._outline

    def _read(self, call: Call, loader: RecordLoader) -> Outline:
        former = self._outline
        if former and former.call.addresses == call.addresses:
            try:
                return _outline(call, loader, former)
            except DamagedDataError:
                # The cache was emptied since: what needs the texts of records must read them again.
                pass
        return _outline(call, loader, None)


def _folder_of(owner: object) -> Path:
    """Return a new folder that is removed when its owner is, or at the end of the program."""
    folder = mkdtemp(prefix="trialdeck-cards-")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _signatures(call: Call) -> tuple[Signature, ...]:
    places = (*call.files.records, *call.files.beside, *call.files.media)
    settings = (file_signature(Path(file.path)) for files in call.settings.values() for file in files)
    return (*(place.real.encode("utf-8", "surrogateescape") + place.signature for place in places), *settings)


def _outline(call: Call, loader: RecordLoader, former: Outline | None) -> Outline:
    """Read what has changed since an earlier outline, or everything."""
    places = (*call.files.records, *call.files.beside)
    held_before = former.held if former else {}
    known = {place.real: held_before[place.real] for place in places if _is_known(place, held_before)}
    fresh = loader.read([place for place in places if place.real not in known])
    held = known | {member.place.real: _held(member, loader) for member in fresh}
    members = [held[place.real].member for place in places]
    faults = (*check_collection(members), *(problem for member in members for problem in member.problems))
    faulty = {fault.path for fault in faults if fault.severity is Severity.ERROR}
    sound = [member for member in members if member.outline and member.path not in faulty]
    titles = next(
        (file.settings.topics for file in call.of_first if isinstance(file, ProjectFile) and file.settings), {}
    )
    references = cross_references_between(sound, loader.addresses, titles)
    return Outline(call, held, references, _linked(loader, references, former))


def _is_known(place: Place, held: Mapping[str, HeldRecord]) -> bool:
    member = held[place.real].member if place.real in held else None
    # The files of figures change without their record: the loader looks at them.
    return member is not None and member.place == place and not (member.outline and member.outline.figures)


def _held(member: ProjectRecord, loader: RecordLoader) -> HeldRecord:
    if member.outline is None or any(problem.severity is Severity.ERROR for problem in member.problems):
        return HeldRecord(member, OwnNotes(), b"")
    own = loader.own_notes(member)
    light = OwnNotes(tuple(map(_without_texts, own.notes)), own.slots)
    return HeldRecord(member, light, loader.shared_facts(member))


def _linked(
    loader: RecordLoader, references: CrossReferences, former: Outline | None
) -> Mapping[str, CrossReferenceNotes]:
    """Return the notes that need several records, without texts; those that an earlier outline has are not made."""
    made = {key_of(former.references.of_record[name]): notes for name, notes in former.linked.items()} if former else {}
    keys = {name: key_of(reference) for name, reference in references.of_record.items()}
    missing = [name for name, key in keys.items() if key not in made]
    linked_notes(loader, references, missing)
    for name in missing:
        notes = unpacked(linked(loader, references, name), CrossReferenceNotes)
        trials = {trial: _without_texts(note) for trial, note in notes.trials.items()}
        made[keys[name]] = CrossReferenceNotes(trials, tuple(map(_without_texts, notes.across)))
    return {name: made[key] for name, key in keys.items()}


def _without_texts(note: Note) -> Note:
    """Return a note with only what decks choose and order it by."""
    return replace(note, fields=(), identity="", digest="", own="", media=())
