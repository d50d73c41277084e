"""What is in a project, at a glance."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from trialdeck.api.progress import ProgressCallback
from trialdeck.api.projects import Project, options_of, time_of
from trialdeck.records.discovery import records_of, settings_of_project, survey
from trialdeck.records.review import days_of
from trialdeck.review.card_report import AsOf
from trialdeck.review.overview import Overview, TrialOverview, overview_of


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
    whole = overview_of(paths, AsOf(today, days_of(stale_after), now), options_of(project, progress))
    return replace(whole, trials=tuple(_below(seeds, trial) for trial in whole.trials))


def _below(seeds: Path, trial: TrialOverview) -> TrialOverview:
    """Return a trial with the path of its record below the folder of records."""
    path = Path(trial.file)
    return replace(trial, file=path.relative_to(seeds).as_posix() if seeds.is_dir() else path.name)
