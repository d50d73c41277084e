"""What is in a project, at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trialdeck.api.progress import ProgressCallback
from trialdeck.api.projects import Project, options_of, time_of
from trialdeck.core.problem import Problem
from trialdeck.records.discovery import records_of, settings_of_project, survey
from trialdeck.records.review import days_of
from trialdeck.review.card_report import AsOf
from trialdeck.review.overview import RecordOverview, overview_of


@dataclass(frozen=True, slots=True)
class TrialOverview:
    """A record and its figures.

    `file` is its path below the folder of records. `id`, `acronym`, `title` (as text) and the rest are empty where the
    record says nothing, or cannot be read. `notes` and `cards` are those that a build would make; a record with errors
    has none, and notes across trials belong to no trial alone. `items` is what can be reviewed. `edition` is the newest
    edition that sent a note of the trial to learners.
    """

    file: str
    id: str
    acronym: str
    title: str
    topics: tuple[str, ...]
    specialties: tuple[str, ...]
    notes: int
    cards: int
    errors: int
    warnings: int
    items: int
    reviewed: int
    disputed: int
    edition: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The trials of a project; `notes` and `cards` count each note once, those across trials too.

    `problems` are all that `check` finds, `other_problems` those among them of settings, pictures and the ledger.
    """

    trials: Sequence[TrialOverview]
    notes: int
    cards: int
    problems: tuple[Problem, ...]
    other_problems: tuple[Problem, ...]


def overview(
    project: Project,
    *,
    stale_after: str = "2y",
    at: datetime | None = None,
    progress: ProgressCallback | None = None,
) -> Overview:
    """Return the trials of a project with their notes, problems, reviews and editions.

        >>> import trialdeck as td
        >>> trials = {trial.id: trial for trial in td.overview(td.load(".")).trials}
        >>> trials["aspire"].acronym, trials["aspire"].errors
        ('ASPIRE', 0)

    The figures are those of `trialdeck check` and `trialdeck status`. A project without records has no trials.

    Args:
        project: The records, and the settings beside them.
        stale_after: How old a review may be: 90d, 26w, 18m, 2y.
        at: The time of the check, with its time zone; now by default.
        progress: Gets each step; what it raises ends the call.

    Raises TrialdeckError if the folder is missing, or the ledger is damaged.
    """
    now, seeds = time_of(at), records_of(project.path)
    paths = [seeds, *settings_of_project(project.path)]
    files = survey(paths)
    if not files.records and not files.settings:
        return Overview((), 0, 0, (), ())
    today = datetime.fromtimestamp(now, UTC).date()
    found = overview_of(paths, AsOf(today, days_of(stale_after), now), options_of(project, progress))
    trials = tuple(_public(record, seeds) for record in found.records)
    return Overview(trials, found.notes, found.cards, found.problems, found.other_problems)


def _public(record: RecordOverview, seeds: Path) -> TrialOverview:
    path = Path(record.path)
    file = path.relative_to(seeds).as_posix() if seeds.is_dir() else path.name
    figures = {name: getattr(record, name) for name in record.__struct_fields__ if name != "path"}
    return TrialOverview(file, **figures)
