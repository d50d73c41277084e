"""Report the quality of the cards, their sources, and their number.

None of this stops a build, so only `check` and `status` need it. What depends on one record alone is computed by all
workers and cached; what depends on the day or on other records is computed every time.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from msgspec.structs import replace

from trialdeck.core.problem import Problem, Severity
from trialdeck.core.serialise import digest, packed, unpacked
from trialdeck.decks.counts import Tally, tally_entry, tally_of
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import TrialIndex, TrialNotes, plan_packages
from trialdeck.lint.card import check_quality
from trialdeck.lint.dates import StatedDay, check_days, stated_days
from trialdeck.lint.interference import Front, Fronts, fronts_of
from trialdeck.lint.provenance import check_provenance
from trialdeck.lint.review_rules import Words, check_reworded, ledgers, words_of
from trialdeck.lint.suppressions import Ignore, ignores_of, without_ignored
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline
from trialdeck.notes.links import Addresses
from trialdeck.notes.note import Note
from trialdeck.notes.prompts.made import all_asked
from trialdeck.project.build_result import check_clocks
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.check import Call, Checked, check_project, of_call, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.note_repository import sound_notes
from trialdeck.project.record_loader import ProjectRecord, Raw, RecordLoader
from trialdeck.records.load import load_record_text
from trialdeck.records.review import Signed, check_ages, signed_of
from trialdeck.records.settings import Selected
from trialdeck.yamlfile.document import content_of, json_ending, without_mark


class Counted(msgspec.Struct, frozen=True):
    """The notes of the records without errors, the notes in packages, and the number of packages with notes."""

    records: int
    of_records: Tally
    of_packages: Tally
    packages: int


def count(paths: Iterable[Path], request: DeckRequest, options: BuildOptions | None = None) -> Counted:
    """Count the notes of the records that the paths name, and of the decks that are requested.

    Raises TrialdeckError if there are no records, or a requested deck is not defined.
    """
    call = Call.of(paths)

    def work(loader: RecordLoader) -> Counted:
        return _count_notes(check_project(call, loader), loader, request)

    return with_loader(options or BuildOptions(), call, work)


def _count_notes(checked: Checked, loader: RecordLoader, request: DeckRequest) -> Counted:
    records, repository = sound_notes(checked, loader)
    index = repository.index(record.id for record in records)
    of_records = tally_of(chain.from_iterable(notes for _, notes in notes_at_home(index)))
    of_packages, packages = Tally(), 0
    for definition in request.among(checked.definitions):
        for package in plan_packages(definition, checked.settings.root, index):
            tally = b"".join(tally_entry(entry.note) for entry in package.entries())
            of_packages.add(tally)
            packages += bool(tally)
    return Counted(len(records), of_records, of_packages, packages)


def notes_at_home(index: TrialIndex) -> Iterator[tuple[TrialNotes, Iterable[Note]]]:
    """Yield each trial and the notes of its record; the note of a trial itself counts with one record alone."""
    homes = index.homes(Selected())
    for trial in index.trials:

        def is_at_home(name: str, home: str = trial.id) -> bool:
            return homes.get(name) == home

        yield trial, trial.notes(is_at_home)


_T = TypeVar("_T")
_KIND = b"q"


class NoteCounts(msgspec.Struct, frozen=True, array_like=True):
    """The numbers of questions and statements of a record, and the words of each front and of each answer.

    Only words of the author count: questions and cloze statements.
    """

    questions: int = 0
    statements: int = 0
    split: int = 0
    fronts: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()


class CardReport(msgspec.Struct, frozen=True, array_like=True):
    """What depends on one record alone; its problems have no path, and its title is text."""

    trial: str = ""
    name: str = ""
    title: str = ""
    problems: tuple[Problem, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    fronts: tuple[Front, ...] = ()
    signed: tuple[Signed, ...] = ()
    counts: NoteCounts = NoteCounts()
    words: Words = ()
    days: tuple[StatedDay, ...] = ()


class RecordReport(msgspec.Struct, frozen=True):
    """The checked records, with all warnings that are not ignored, and the reports of the requested records."""

    checked: Checked
    appraisals: tuple[CardReport, ...]


class AsOf(msgspec.Struct, frozen=True):
    """When a report is made: the day, how many days old a review may be, and the time; see `appraise`."""

    today: date
    oldest: int
    now: int | None = None


def appraise(
    paths: Iterable[Path], today: date, oldest: int, options: BuildOptions | None = None, *, now: int | None = None
) -> RecordReport:
    """Check records and settings, and report on their cards.

    Args:
        paths: The records and settings, and folders of them.
        today: The day on which reviews and claims are judged.
        oldest: The number of days after which a review is out of date.
        options: The build options.
        now: The time in seconds of Unix time; there is a warning for each project whose ledger has later times. `None`
            leaves this out.

    Returns:
        The report.

    Raises:
        TrialdeckError: There is nothing to check.
    """
    call = Call.of(paths)
    as_of = AsOf(today, oldest, now)
    return with_loader(options or BuildOptions(), call, lambda loader: report_of(call, loader, as_of))


def report_of(call: Call, loader: RecordLoader, as_of: AsOf, project: Checked | None = None) -> RecordReport:
    """Return the report on the files of a call; `project` is what `check_project` has found, if it was called."""
    checked = project or check_project(call, loader)
    members = [*checked.asked, *checked.beside]
    problems, fronts = _Problems(checked.problems), Fronts()
    reports: list[CardReport] = []
    with ledgers() as project_ledgers:
        for member, appraisal in zip(members, _appraisals(loader, members), strict=True):
            fronts.add(member.path, appraisal.trial, appraisal.fronts)
            problems.ignore(member.path, appraisal.ignores)
            problems.add(problem.in_file(member.path) for problem in appraisal.problems)
            problems.add(check_days(member.path, appraisal.days, as_of.today))
            problems.add(check_ages(member.path, appraisal.signed, as_of.today, as_of.oldest))
            if appraisal.words:
                earlier = member.outline.formerly if member.outline else ()
                lines = project_ledgers.lines(Path(member.path), (appraisal.trial, *earlier))
                problems.add(check_reworded(member.path, appraisal.signed, appraisal.words, lines, as_of.today))
            if len(reports) < len(checked.asked):
                reports.append(problems.shown(appraisal))
    problems.add(fronts.problems())
    clocks = check_clocks(call.files.projects, as_of.now) if as_of.now is not None else ()
    checked = of_call(replace(checked, problems=problems.kept()), call)
    return RecordReport(replace(checked, problems=tuple(sorted([*checked.problems, *clocks]))), tuple(reports))


class _Problems:
    """The problems of all files, without those that a comment suppresses.

    A large collection has hundreds of thousands, so equal parts of them are shared.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems: list[Problem] = list(problems)
        self._ignores: dict[str, tuple[Ignore, ...]] = {}
        self._known: dict[Any, Any] = {}

    def ignore(self, path: str, ignores: tuple[Ignore, ...]) -> None:
        """Add the comments of a file."""
        if ignores:
            self._ignores[path] = ignores

    def add(self, problems: Iterable[Problem]) -> None:
        """Add problems of any files."""
        self._problems += (
            replace(item, code=self._shared(item.code), hint=self._shared(item.hint)) for item in problems
        )

    def shown(self, appraisal: CardReport) -> CardReport:
        """Return a report with the parts that are shown: without problems, fronts, and positions of reviews."""
        signed = tuple(self._shared(replace(review, line=0, column=0)) for review in appraisal.signed)
        return CardReport(appraisal.trial, appraisal.name, appraisal.title, signed=signed, counts=appraisal.counts)

    def kept(self) -> tuple[Problem, ...]:
        """Return the problems that no comment suppresses, and those of comments that suppress nothing."""
        problems: set[Problem] = set()
        of_file: dict[str, set[Problem]] = {path: set() for path in self._ignores}
        for problem in self._problems:
            of_file.get(problem.path, problems).add(problem)
        self._problems.clear()
        for path, file_problems in of_file.items():
            problems.update(without_ignored(file_problems, self._ignores[path], path))
        return tuple(sorted(problems))

    def _shared(self, value: _T) -> _T:
        """Return the first value that was equal to this one."""
        return cast("_T", self._known.setdefault(value, value))


def _appraisals(loader: RecordLoader, members: Sequence[ProjectRecord]) -> Iterator[CardReport]:
    """Yield the reports on records, in their order; a record that cannot be read has an empty one.

    All are computed before the first is yielded, and each is read from the cache only when it is needed.
    """
    keys = [_key(_content(member)) for member in members]
    missing = {key: member for key, member in zip(keys, members, strict=True) if loader.store.get(key) is None}
    submitted: deque[bytes] = deque()

    def contents() -> Iterator[Raw]:
        for member in missing.values():
            content = _content(member)
            # The file may have changed since, so the key must be that of the bytes that were read.
            submitted.append(_key(content))
            yield content

    results = loader.workers.map(appraisal_of, contents())
    for result in loader.progress(results, "appraising records", len(missing)):
        loader.store.put(submitted.popleft(), result)
    for key in keys:
        yield unpacked(loader.store.need(key), CardReport)


def _key(raw: Raw) -> bytes:
    return digest(program(), raw.ending.encode(), raw.content) + _KIND


def _content(member: ProjectRecord) -> Raw:
    # A file that could not be read has a problem of its own, and no cards.
    content = content_of(Path(member.place.real), member.path) if member.outline else b""
    return Raw(content, Addresses(), ending=json_ending(member.path))


def appraisal_of(raw: Raw) -> bytes:
    """Return the serialised report on a record; an empty one if it has errors."""
    record = load_record_text(raw.content, raw.ending)
    trial, document = record.trial, record.document
    if not trial or not document or any(problem.severity is Severity.ERROR for problem in record.problems):
        return packed(CardReport())
    prompts = all_asked(trial)
    counts = NoteCounts(
        questions=sum(not prompt.is_statement for prompt in prompts),
        statements=sum(prompt.is_statement for prompt in prompts),
        split=sum(prompt.is_split for prompt in prompts),
        fronts=tuple(len(prompt.front.split()) for prompt in prompts),
        answers=tuple(len(answer.split()) for prompt in prompts for answer in prompt.answers or (prompt.answer,)),
    )
    problems = (*check_quality(trial, document), *check_provenance(trial, document))
    return packed(
        CardReport(
            trial.id,
            trial.name,
            readable(render_inline(trial.title)),
            tuple(sorted(problems)),
            # JSON has no comments.
            () if raw.ending else ignores_of(without_mark(raw.content)),
            fronts_of(trial, document),
            signed_of(trial, document),
            counts,
            words_of(trial),
            stated_days(trial, document),
        )
    )
