"""The public API: load a project, check and build it, compare it, read packages and draft records.

The examples run in a folder that has the project of trialdeck itself, with its `seeds` and `decks`.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trialdeck.apkg.container import read_media
from trialdeck.apkg.reader import PackedNote, PackedType
from trialdeck.apkg.reader import read_package as read_notes
from trialdeck.core.build_time import build_time, build_time_at
from trialdeck.core.inputs import read_file_or_error
from trialdeck.core.problem import Problem, Severity
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.decks.filters import Filters, requested
from trialdeck.editions import diff as editions_diff
from trialdeck.editions.report.as_json import changes_json
from trialdeck.editions.report.as_markdown import changes_markdown
from trialdeck.ingest import draft as drafts
from trialdeck.ingest.lines import Notice
from trialdeck.ingest.page import LARGEST
from trialdeck.notes import note as notes
from trialdeck.notes.note_types import note_type
from trialdeck.project import build as builds
from trialdeck.project.build_result import BuiltPackage, filled_of
from trialdeck.project.context import BuildOptions
from trialdeck.project.diff import compare_with_last_edition
from trialdeck.project.note_repository import notes_of_records
from trialdeck.project.prepare import PreparedBuild
from trialdeck.records.discovery import decks_of, is_project, records_of, settings_of_project
from trialdeck.records.review import days_of
from trialdeck.review.card_report import appraise

if TYPE_CHECKING:
    from trialdeck.notes.genanki_notes import GenankiNote

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Project:
    """Records on disk; see `load`. Each call reads them as they are then."""

    path: Path
    workers: int = 1
    cache: Path | None = None

    def notes(self) -> tuple["Note", ...]:
        """Return the notes of the records, trial by trial; records with errors give none.

            >>> import trialdeck as td
            >>> first = td.load("seeds/aspire.yaml").notes()[0]
            >>> first.key, first.note_type
            ('aspire/trial', 'Trialdeck Trial')

        Raises TrialdeckError if there are no records.
        """
        return tuple(map(_note, notes_of_records([records_of(self.path)], _options(self))))


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its HTML by field, and the ordinals of the templates or deletions that give a card.

    `guid` is the identity by which Anki knows the note, `key` the one that people read; `media` are the names of the
    files that its fields show.
    """

    key: str
    guid: str
    note_type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    trial: str
    perspective: str
    media: tuple[str, ...]
    _note: notes.Note = field(repr=False, compare=False)

    def to_genanki(self) -> "GenankiNote":
        """Return the note as a `genanki.Note`; Anki takes it and the note of our packages for one note.

        >>> import genanki, trialdeck as td
        >>> deck = genanki.Deck(2059400110, "My Trials")
        >>> for note in td.load("seeds/aspire.yaml").notes():
        ...     deck.add_note(note.to_genanki())
        """
        return self._note.to_genanki()


@dataclass(frozen=True, slots=True)
class Report:
    """The problems of records and settings, by file and line."""

    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build has written.

    `counts` are the notes that are new, changed, retired or returned in this edition, and the note types that look
    otherwise. `up_to_date` says that all files were as they should be.
    """

    packages: tuple[BuiltPackage, ...]
    edition: str
    counts: Mapping[str, int]
    up_to_date: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between the last edition and the records; false if nothing does."""

    _changes: editions_diff.Changes

    def __bool__(self) -> bool:
        return bool(self._changes)

    def to_json(self) -> str:
        """Return one JSON document, as `trialdeck diff --format json` prints it."""
        return changes_json(self._changes)

    def to_markdown(self) -> str:
        """Return release notes, as `trialdeck diff --format markdown` prints them."""
        return changes_markdown(self._changes)


@dataclass(frozen=True, slots=True)
class Package:
    """What is in a package of any program: notes by guid, note types by name, descriptions of decks, bytes of media."""

    notes: tuple[PackedNote, ...]
    note_types: tuple[PackedType, ...]
    decks: Mapping[str, str]
    media: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted record as YAML.

    `not_taken` are the lines of the page that are not in the record. `inferred` are those that could be read in more
    than one way, or not at all: a human must compare them with the record.
    """

    record: str
    not_taken: tuple[Notice, ...]
    inferred: tuple[Notice, ...]


def load(path: StrPath, *, workers: int = 1, cache: StrPath | None = None) -> Project:
    """Return the project of a folder; nothing is read before it is asked for.

        >>> import trialdeck as td
        >>> project = td.load(".")

    Args:
        path: A folder with `seeds` in it: then its deck definitions are built. Or a folder of records, or one record:
            then each trial gets a package.
        workers: How many processes share the work; 0 stands for one a core.
        cache: A folder that remembers what was worked out; without one, nothing is remembered.

    An author's faults are problems that `check` returns, never exceptions.
    """
    return Project(Path(path), workers, None if cache is None else Path(cache))


def check(project: Project, *, stale_after: str = "2y", at: datetime | None = None) -> Report:
    """Return all problems of a project, as `trialdeck check` does.

        >>> import trialdeck as td
        >>> td.check(td.load(".")).ok
        True

    Args:
        project: The records, and the settings beside them.
        stale_after: How old a review may be: 90d, 26w, 18m, 2y.
        at: The time of the check, with its time zone; now by default.

    Raises TrialdeckError if there is nothing to check.
    """
    now = _time(at)
    paths = [records_of(project.path), *settings_of_project(project.path)]
    today = datetime.fromtimestamp(now, UTC).date()
    return Report(appraise(paths, today, days_of(stale_after), _options(project), now=now).checked.problems)


def build(  # noqa: PLR0913 - those of the command line
    project: Project,
    *,
    out: StrPath | None = None,
    deck: str | None = None,
    by: Literal["trial", "perspective"] | None = None,
    filters: Filters | None = None,
    refresh: Collection[str] = (),
    allow: Collection[str] = (),
    at: datetime | None = None,
) -> BuildResult:
    """Build packages, as `trialdeck build` does.

        >>> import trialdeck as td
        >>> built = td.build(td.load("."), out="new", filters=td.Filters(perspectives={"clinical"}))
        >>> [package.path.name for package in built.packages]
        ['aspire.apkg', 'eloquent-2.apkg', 'pollux.apkg', 'tourmaline-mm1.apkg']
        >>> td.build(td.load("."), out="new", filters=td.Filters(perspectives={"clinical"})).up_to_date
        True

    Args:
        project: The records.
        out: The folder for packages and ledger; `decks` of the project by default.
        deck: The id of the only deck definition to build.
        by: One package a trial or a perspective, in place of the deck definitions.
        filters: What the packages take; with perspectives, audiences or specialties there is one package a trial.
        refresh: Trials whose new facts are sent to learners who have their notes; `*` stands for all.
        allow: Codes of changes that are not refused: docs/releases.md lists them.
        at: The time of the build, with its time zone; SOURCE_DATE_EPOCH or now by default.

    Raises TrialdeckError if records have errors (its `problems`), or if the build would harm learners.
    """
    request = requested(filters, deck, by, refresh, allow, is_project=is_project(project.path))
    paths, folder = [records_of(project.path)], _folder(project, out)
    built = builds.build(paths, request, folder, _time(at), _options(project))
    counts = {name: getattr(built.counts, name) for name in ("new", "changed", "retired", "returned", "note_types")}
    return BuildResult(built.built, built.edition, counts, not built.changed_files)


def package_bytes(  # noqa: PLR0913 - those of `build`
    project: Project,
    *,
    deck: str | None = None,
    out: StrPath | None = None,
    filters: Filters | None = None,
    allow: Collection[str] = (),
    at: datetime | None = None,
) -> dict[str, bytes]:
    """Return the packages that `build` would write, by the names of their files, and write nothing.

        >>> import trialdeck as td
        >>> sorted(td.package_bytes(td.load("."), deck="myeloma-perspective"))
        ['myeloma-perspective-clinical.apkg', 'myeloma-perspective-mechanism.apkg', 'myeloma-perspective-reviewer.apkg']

    The arguments are those of `build`; `out` is where the last edition is. Raises as `build` does.
    """

    def contents(prepared: PreparedBuild) -> dict[str, bytes]:
        prepared.refuse_risks()
        return {name: prepared.content(name) for name in filled_of(prepared.write_packages())}

    request = requested(filters, deck, allow=allow, is_project=is_project(project.path))
    paths, folder = [records_of(project.path)], _folder(project, out)
    return builds.with_plan(paths, request, folder, _time(at), contents, _options(project))


def diff(project: Project, *, out: StrPath | None = None, at: datetime | None = None) -> Changes:
    """Return what differs between the last edition in the folder `out` and the records, as `trialdeck diff` does.

        >>> import trialdeck as td
        >>> changes = td.diff(td.load("."))
        >>> bool(changes), changes.to_markdown()
        (False, 'No differences.')

    The other arguments are those of `build`. Raises TrialdeckError if records have errors.
    """
    request = requested(is_project=is_project(project.path))
    paths, folder = [records_of(project.path)], _folder(project, out)
    return Changes(compare_with_last_edition(paths, request, folder, _time(at), _options(project)))


def read_package(path: StrPath) -> Package:
    """Read a package (.apkg) or a collection (.colpkg) that any program has written.

        >>> import trialdeck as td
        >>> package = td.read_package("docs/examples/by-genanki.apkg")
        >>> package.notes[0].note_type, len(package.media)
        ('Simple Question', 0)

    Raises TrialdeckError if the file cannot be read, is no package, is damaged or too large.
    """
    read = read_notes(Path(path))
    return Package(read.notes, read.note_types, read.decks, read_media(Path(path)))


def ingest(page: StrPath, *, trial_id: str | None = None) -> Draft:
    """Draft a record from a trial page that was saved as text or HTML, as `trialdeck ingest` does.

        >>> import trialdeck as td
        >>> draft = td.ingest("docs/examples/dawn-1.txt")
        >>> "id: dawn-1" in draft.record
        True

    `trial_id` is the id of the trial, if it is chosen already. Raises TrialdeckError if the page cannot be read, is too
    large or has nothing to ask about.
    """
    draft = drafts.draft(read_file_or_error(Path(page), os.fspath(page), LARGEST), trial_id, None)
    inferred = tuple(notice for notice in draft.notices if notice not in draft.not_taken)
    return Draft(draft.text, draft.not_taken, inferred)


def _note(note: notes.Note) -> Note:
    its_type = note_type(note.kind)
    fields = dict(zip(its_type.field_names, note.fields, strict=True))
    named = (note.key, note.guid, its_type.name, fields, note.tags, note.cards, note.trial)
    return Note(*named, note.perspective.value, note.media, note)


def _folder(project: Project, out: StrPath | None) -> Path:
    """Return the folder of packages, that of the project by default.

    Raises TrialdeckError if that of the project is a link out of it.
    """
    if out is not None:
        return Path(out)
    folder = decks_of(project.path)
    refuse_outside(folder, folder.parent, of="the project", hint="remove the link, or name the folder as `out`")
    return folder


def _options(project: Project) -> BuildOptions:
    return BuildOptions(project.workers, "", project.cache)


def _time(at: datetime | None) -> int:
    return build_time() if at is None else build_time_at(at)
