"""One line a record: notes and cards, problems, how much is reviewed, and the edition that sent it last."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from trialdeck.core.problem import Problem, Severity
from trialdeck.decks.counts import Tally, tally_entry
from trialdeck.editions.ledger import FILE
from trialdeck.editions.ledger_file import LedgerFile, open_ledger
from trialdeck.project.check import Call, Checked, check_project, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.note_repository import sound_notes
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.discovery import DECKS
from trialdeck.review.card_report import AsOf, CardReport, notes_at_home, report_of


@dataclass(frozen=True, slots=True)
class TrialOverview:
    """A record and its figures.

    `file` is its path, in a project below the folder of records. `id`, `acronym`, `title` (as text) and the rest are
    empty where the record says nothing, or cannot be read. `notes` and `cards` are those that a build would make; a
    record with errors has none, and notes across trials belong to no trial alone. `items` is what can be reviewed.
    `edition` is the newest edition that sent a note of the trial to learners.
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


def overview_of(paths: Iterable[Path], as_of: AsOf, options: BuildOptions | None = None) -> Overview:
    """Return the overview of the records that the paths name.

    Raises TrialdeckError if there are neither records nor settings, or the ledger is damaged.
    """
    call = Call.of(paths)

    def work(loader: RecordLoader) -> Overview:
        project = check_project(call, loader)
        by_trial, whole = _tallies(project, loader)
        report = report_of(call, loader, as_of, project)
        problems, asked = report.checked.problems, report.checked.asked
        counts = Counter((problem.path, problem.severity) for problem in problems)
        with closing(open_ledger(call.home / DECKS / FILE)) as ledger:
            rows = tuple(
                _row(record, appraisal, by_trial.get(record.id, Tally()), counts, _edition(record, ledger))
                for record, appraisal in zip(asked, report.appraisals, strict=True)
            )
        own = {record.path for record in asked}
        others = tuple(problem for problem in problems if problem.path not in own)
        return Overview(rows, whole.notes, whole.cards, problems, others)

    return with_loader(options or BuildOptions(), call, work)


def _tallies(project: Checked, loader: RecordLoader) -> tuple[Mapping[str, Tally], Tally]:
    """Count the notes of each trial, without those across trials, and the notes of all."""
    records, repository = sound_notes(project, loader)
    by_trial: dict[str, Tally] = {}
    whole = Tally()
    for trial, notes in notes_at_home(repository.index(record.id for record in records)):
        own = by_trial[trial.id] = Tally()
        for note in notes:
            entry = tally_entry(note)
            whole.add(entry)
            if not note.is_across_trials:
                own.add(entry)
    return by_trial, whole


def _row(
    record: ProjectRecord,
    appraisal: CardReport,
    tally: Tally,
    counts: Mapping[tuple[str, Severity], int],
    edition: str,
) -> TrialOverview:
    outline, status = record.outline, Counter(item.status for item in appraisal.signed)
    return TrialOverview(
        file=record.path,
        id=record.id,
        acronym=outline.acronym if outline else "",
        title=appraisal.title,
        topics=outline.topics if outline else (),
        specialties=outline.specialties if outline else (),
        notes=tally.notes,
        cards=tally.cards,
        errors=counts.get((record.path, Severity.ERROR), 0),
        warnings=counts.get((record.path, Severity.WARNING), 0),
        items=len(appraisal.signed),
        reviewed=status["reviewed"],
        disputed=status["disputed"],
        edition=edition,
    )


def _edition(record: ProjectRecord, ledger: LedgerFile) -> str:
    """Return the newest edition that sent a note of the trial."""
    names = (record.id, *(record.outline.formerly if record.outline else ()))
    lines = [line for name in names if name in ledger.parts for line in ledger.lines(name)]
    newest = max(lines, key=lambda line: line.changed, default=None)
    return (newest.edition or newest.since) if newest else ""
