"""Load records with those that stand beside them in the project, and check all of them together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trialdeck.cards.checks import check_fronts
from trialdeck.errors import TrialdeckError
from trialdeck.records.collection import check_collection
from trialdeck.records.load import Record, load_record
from trialdeck.records.problem import Problem, Severity
from trialdeck.records.project import companions, record_files
from trialdeck.records.rules import check_record


@dataclass(frozen=True, slots=True)
class Checked:
    """The records that were asked for, those that stand beside them in the project, and every problem found."""

    asked: tuple[Record, ...]
    beside: tuple[Record, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)


class FaultyRecordsError(TrialdeckError):
    """The records have errors, so that nothing was built."""

    def __init__(self, checked: Checked) -> None:
        super().__init__("nothing was built: the records have errors", "correct them; `trialdeck check` lists them")
        self.checked = checked


def check(paths: Iterable[Path]) -> Checked:
    """Check the records that the paths name; raises TrialdeckError where there are none.

    Records beside them in the project are read as well, because ids and statements are compared across files; their own
    problems are not among those returned.
    """
    checked = check_project(paths)
    named = {record.path for record in checked.asked}
    return replace(checked, problems=tuple(problem for problem in checked.problems if problem.path in named))


def check_project(paths: Iterable[Path]) -> Checked:
    """Check the records that the paths name and all that stand beside them, with the problems of both."""
    asked, beside = _load(paths)
    return Checked(asked, beside, _check_all([*beside, *asked]))


def _load(paths: Iterable[Path]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    files = record_files(paths)
    if not files:
        raise TrialdeckError("there are no records here", "records are files that end in .yaml")
    asked = tuple(load_record(file, file.as_posix()) for file in files)
    beside = tuple(load_record(file, file.as_posix()) for file in companions(files))
    return asked, beside


def _check_all(records: Sequence[Record]) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    for record in records:
        problems += record.problems
        if record.trial and record.document:
            problems += check_record(record.trial, record.document)
            problems += check_fronts(record.trial, record.document)
    return tuple(sorted({*problems, *check_collection(records)}))
