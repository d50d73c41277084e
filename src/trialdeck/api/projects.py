"""Projects: load, check, build and compare them."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from trialdeck.api.changes import Changes
from trialdeck.api.progress import ProgressCallback, reporting
from trialdeck.api.results import BuildResult, Note, Report, public_note, public_result
from trialdeck.core.build_time import build_time, build_time_at
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.filters import Filters, requested
from trialdeck.project import build as builds
from trialdeck.project.build_result import filled_of
from trialdeck.project.context import BuildOptions
from trialdeck.project.diff import upcoming_edition
from trialdeck.project.note_repository import notes_of_records
from trialdeck.project.prepare import PreparedBuild
from trialdeck.records.discovery import decks_of, is_project, records_of, settings_of_project
from trialdeck.records.profile import needed_profile
from trialdeck.records.review import days_of
from trialdeck.review.card_report import appraise

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Project:
    """Records on disk; see `load`. Each call reads them as they are then."""

    path: Path
    workers: int = 1
    cache: Path | None = None

    def notes(self) -> tuple[Note, ...]:
        """Return the notes of the records, trial by trial; records with errors give none.

            >>> import trialdeck as td
            >>> notes = {note.key: note for note in td.load("seeds/aspire.yaml").notes()}
            >>> notes["aspire/trial"].note_type
            'Trialdeck Trial'

        Raises TrialdeckError if there are no records.
        """
        return tuple(map(public_note, notes_of_records([records_of(self.path)], options_of(self))))


def load(path: StrPath, *, workers: int = 1, cache: StrPath | None = None) -> Project:
    """Return the project of a folder; its files are read by each call that needs them.

        >>> import trialdeck as td
        >>> project = td.load(".")

    Args:
        path: A folder with `seeds` in it: then its deck definitions are built. Or a folder of records, or one record:
            then each trial gets a package.
        workers: How many processes share the work; 0 stands for one a core.
        cache: The folder of the cache; there is none by default.

    Errors in records are problems that `check` returns, never exceptions.
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
    now = time_of(at)
    paths = [records_of(project.path), *settings_of_project(project.path)]
    today = datetime.fromtimestamp(now, UTC).date()
    return Report(appraise(paths, today, days_of(stale_after), options_of(project), now=now).checked.problems)


def build(  # noqa: PLR0913 - the options of the command line
    project: Project,
    *,
    out: StrPath | None = None,
    deck: str | None = None,
    by: Literal["trial", "perspective"] | None = None,
    filters: Filters | None = None,
    profile: StrPath | None = None,
    refresh: Collection[str] = (),
    allow: Collection[str] = (),
    at: datetime | None = None,
    progress: ProgressCallback | None = None,
) -> BuildResult:
    """Build packages, as `trialdeck build` does.

        >>> import trialdeck as td
        >>> fellows = td.Filters(perspectives={"clinical"}, specialties={"hematology"})
        >>> built = td.build(td.load("."), out="new", filters=fellows)
        >>> [package.path.name for package in built.packages]
        ['aspire.apkg', 'eloquent-2.apkg', 'pollux.apkg', 'tourmaline-mm1.apkg']
        >>> td.build(td.load("."), out="new", filters=fellows).up_to_date
        True

    Args:
        project: The records.
        out: The folder for packages and ledger; `decks` of the project by default.
        deck: The id of the only deck definition to build.
        by: One package a trial or a perspective, in place of the deck definitions.
        filters: What the packages take; with perspectives, audiences or specialties there is one package a trial.
        profile: A file that says who learns: the packages, one a trial, take what is for this reader or for everybody.
        refresh: Trials whose new facts are sent to learners who have their notes; `*` stands for all.
        allow: Codes of changes that are not refused: docs/releases.md lists them.
        at: The time of the build, with its time zone; SOURCE_DATE_EPOCH or now by default.
        progress: Gets each step (`Progress`); what it raises ends the build, and nothing has been written then.

    Raises:
        RefusedReleaseError: The build would harm learners: `refused` says how, and the code of each to `allow`.
        TrialdeckError: Records have errors (its `problems`), or the disk refuses.
    """
    request = request_of(project, filters, deck, by, profile, refresh, allow)
    paths, folder = [records_of(project.path)], folder_of(project, out)
    return public_result(builds.build(paths, request, folder, time_of(at), options_of(project, progress)))


def last_build(project: Project, *, out: StrPath | None = None) -> BuildResult | None:
    """Return what the last build of the deck definitions has written; None if anything was touched since.

        >>> import trialdeck as td
        >>> project = td.load(".", cache="new/cache")
        >>> td.last_build(project, out="new") is None
        True

    It reads no record, and needs the `cache` of the project. Raises TrialdeckError if there are no records.
    """
    request = request_of(project)
    paths, folder = [records_of(project.path)], folder_of(project, out)
    last = builds.last_build(paths, request, folder, time_of(None), options_of(project))
    return public_result(last) if last else None


def package_bytes(  # noqa: PLR0913 - the arguments of `build`
    project: Project,
    *,
    out: StrPath | None = None,
    deck: str | None = None,
    by: Literal["trial", "perspective"] | None = None,
    filters: Filters | None = None,
    profile: StrPath | None = None,
    refresh: Collection[str] = (),
    allow: Collection[str] = (),
    at: datetime | None = None,
    progress: ProgressCallback | None = None,
) -> dict[str, bytes]:
    """Return the packages that `build` would write, by the names of their files, and write nothing.

        >>> import trialdeck as td
        >>> sorted(td.package_bytes(td.load("."), deck="myeloma-perspective"))
        ['myeloma-perspective-clinical.apkg', 'myeloma-perspective-mechanism.apkg', 'myeloma-perspective-reviewer.apkg']

    Args:
        project: The records.
        out: The folder with the ledger of the last edition; `decks` of the project by default.
        deck: The id of the only deck definition to build.
        by: One package a trial or a perspective, in place of the deck definitions.
        filters: What the packages take.
        profile: A file that says who learns.
        refresh: Trials whose new facts are sent.
        allow: Codes of changes that are not refused.
        at: The time of the build.
        progress: Gets each step.

    Raises:
        TrialdeckError: As `build` does.
    """

    def contents(prepared: PreparedBuild) -> dict[str, bytes]:
        prepared.refuse_risks()
        return {name: prepared.content(name) for name in filled_of(prepared.write_packages())}

    request = request_of(project, filters, deck, by, profile, refresh, allow)
    paths, folder = [records_of(project.path)], folder_of(project, out)
    return builds.with_plan(paths, request, folder, time_of(at), contents, options_of(project, progress))


def diff(
    project: Project,
    *,
    out: StrPath | None = None,
    at: datetime | None = None,
    progress: ProgressCallback | None = None,
) -> Changes:
    """Return what differs between the last edition in the folder `out` and the records, as `trialdeck diff` does.

        >>> import trialdeck as td
        >>> changes = td.diff(td.load("."))
        >>> bool(changes), changes.to_markdown()
        (False, 'No differences.')

    The other arguments are those of `build`. Raises TrialdeckError if records have errors.
    """
    request = request_of(project)
    paths, folder = [records_of(project.path)], folder_of(project, out)
    return Changes(upcoming_edition(paths, request, folder, time_of(at), options_of(project, progress)))


def folder_of(project: Project, out: StrPath | None) -> Path:
    """Return the folder of packages; by default, that of the project.

    Raises TrialdeckError if the folder of the project is a link out of it.
    """
    if out is not None:
        return Path(out)
    folder = decks_of(project.path)
    refuse_outside(folder, folder.parent, of="the project", hint="remove the link, or name the folder as `out`")
    return folder


def request_of(  # noqa: PLR0913, PLR0917 - the arguments of `build`
    project: Project,
    filters: Filters | None = None,
    deck: str | None = None,
    by: Literal["trial", "perspective"] | None = None,
    profile: StrPath | None = None,
    refresh: Collection[str] = (),
    allow: Collection[str] = (),
) -> DeckRequest:
    """Return which decks of a project a call means; raises TrialdeckError if the arguments contradict each other."""
    reader = None if profile is None else needed_profile(Path(profile))
    return requested(filters, deck, by, refresh, allow, is_project=is_project(project.path), profile=reader)


def options_of(project: Project, progress: ProgressCallback | None = None) -> BuildOptions:
    """Return with how many processes, with which cache and with whose progress callback a project is read."""
    return BuildOptions(project.workers, "", project.cache, reporting(progress))


def time_of(at: datetime | None) -> int:
    """Return the time of a call in seconds of Unix time: the one that it names, SOURCE_DATE_EPOCH, or now."""
    return build_time() if at is None else build_time_at(at)
