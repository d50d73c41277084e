"""Report how good the cards are, what they rest on, and how many there are.

None of it stops a build, so only `check` and `status` ask for it. What a record alone decides is worked out by all
workers and kept; what depends on the day or on other records is worked out every time.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from msgspec.structs import replace

from trialdeck.core.problem import Problem, Severity
from trialdeck.core.serialise import digest, packed, unpacked
from trialdeck.decks.counts import Tally, tally_entry, tally_of
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import TrialIndex, plan_packages
from trialdeck.lint.card import check_quality
from trialdeck.lint.dates import StatedDay, check_days, stated_days
from trialdeck.lint.interference import Front, Fronts, fronts_of
from trialdeck.lint.provenance import check_provenance
from trialdeck.lint.review_rules import Words, check_reworded, ledgers, words_of
from trialdeck.lint.suppressions import Ignore, ignores_of, without_ignored
from trialdeck.notes.prompts import asked_of
from trialdeck.project.build_result import check_clocks
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.check import Call, Checked, check_project, of_call, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.note_repository import sound_notes
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.load import load_record_text
from trialdeck.records.review import Signed, check_ages, signed_of
from trialdeck.yamlfile.document import content_of


class Counted(msgspec.Struct, frozen=True):
    """The notes of some records without errors, those of them that packages hold, and how many packages do.

    An extract (`Note.is_extract`) is none of a record's notes: its list is counted. In a package it is a note.
    """

    records: int
    of_records: Tally
    of_packages: Tally
    packages: int


def count(paths: Iterable[Path], request: DeckRequest, options: BuildOptions | None = None) -> Counted:
    """Count the notes of the records that the paths name, and of the decks that are wanted.

    Raises TrialdeckError where there are no records, or a deck that is wanted is not defined.
    """
    call = Call.of(paths)

    def work(loader: RecordLoader) -> Counted:
        return _counted(check_project(call, loader), loader, request)

    return with_loader(options or BuildOptions(), call, work)


def _counted(checked: Checked, loader: RecordLoader, request: DeckRequest) -> Counted:
    asked, repository = sound_notes(checked, loader)
    index = TrialIndex.of(repository.trial_notes(each.id) for each in asked)
    of_records = tally_of(note for each in index.trials for note in each.notes(lambda _: True) if not note.is_extract)
    of_packages, packages = Tally(), 0
    for definition in request.among(checked.definitions):
        for package in plan_packages(definition, checked.settings.root, index):
            held = b"".join(tally_entry(each.note) for each in package.entries())
            of_packages.add(held)
            packages += bool(held)
    return Counted(len(asked), of_records, of_packages, packages)


_T = TypeVar("_T")
_KIND = b"q"


class NoteCounts(msgspec.Struct, frozen=True, array_like=True):
    """What a record asks: questions and statements, and the words of its fronts and of its answers.

    Words are counted of what the author wrote: questions and cloze statements.
    """

    questions: int = 0
    statements: int = 0
    split: int = 0
    fronts: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()


class CardReport(msgspec.Struct, frozen=True, array_like=True):
    """What a record alone decides; problems have no path."""

    trial: str = ""
    name: str = ""
    problems: tuple[Problem, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    fronts: tuple[Front, ...] = ()
    signed: tuple[Signed, ...] = ()
    counts: NoteCounts = NoteCounts()
    words: Words = ()
    days: tuple[StatedDay, ...] = ()


class RecordReport(msgspec.Struct, frozen=True):
    """What was checked, with all warnings but the ignored ones, and what is shown of the records asked for."""

    checked: Checked
    appraisals: tuple[CardReport, ...]


def appraise(
    paths: Iterable[Path], today: date, oldest: int, options: BuildOptions | None = None, *, now: int | None = None
) -> RecordReport:
    """Check the records and settings that the paths name, and appraise them, on a day.

    Reviews of more than `oldest` days are out of date. With `now`, in seconds of Unix time, there is a warning for each
    project whose ledger has later times. Raises TrialdeckError where there is nothing to check.
    """
    call = Call.of(paths)

    def work(loader: RecordLoader) -> RecordReport:
        checked = check_project(call, loader)
        members = [*checked.asked, *checked.beside]
        found, fronts = _Found(checked.problems), Fronts()
        asked: list[CardReport] = []
        with ledgers() as those:
            for member, appraisal in zip(members, _appraisals(loader, members), strict=True):
                fronts.add(member.path, appraisal.trial, appraisal.fronts)
                found.ignore(member.path, appraisal.ignores)
                found.add(replace(problem, path=member.path) for problem in appraisal.problems)
                found.add(check_days(member.path, appraisal.days, today))
                found.add(check_ages(member.path, appraisal.signed, today, oldest))
                if appraisal.words:
                    earlier = member.outline.formerly if member.outline else ()
                    lines = those.lines(Path(member.path), (appraisal.trial, *earlier))
                    found.add(check_reworded(member.path, appraisal.signed, appraisal.words, lines, today))
                if len(asked) < len(checked.asked):
                    asked.append(found.shown(appraisal))
        found.add(fronts.problems())
        clocks = check_clocks(call.files.projects, now) if now is not None else ()
        checked = of_call(replace(checked, problems=found.kept()), call)
        return RecordReport(replace(checked, problems=tuple(sorted([*checked.problems, *clocks]))), tuple(asked))

    return with_loader(options or BuildOptions(), call, work)


class _Found:
    """The problems of all files, without those that a comment is for.

    There are hundreds of thousands in a large collection: what they have in common is held once.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems: list[Problem] = list(problems)
        self._ignores: dict[str, tuple[Ignore, ...]] = {}
        self._known: dict[Any, Any] = {}

    def ignore(self, path: str, ignores: tuple[Ignore, ...]) -> None:
        """Take the comments of a file."""
        if ignores:
            self._ignores[path] = ignores

    def add(self, problems: Iterable[Problem]) -> None:
        """Take problems of any files."""
        self._problems += (replace(each, code=self._one(each.code), hint=self._one(each.hint)) for each in problems)

    def shown(self, appraisal: CardReport) -> CardReport:
        """Return an appraisal with only what is shown of it: without problems, fronts, and the places of reviews."""
        signed = tuple(self._one(replace(each, line=0, column=0)) for each in appraisal.signed)
        return CardReport(appraisal.trial, appraisal.name, signed=signed, counts=appraisal.counts)

    def kept(self) -> tuple[Problem, ...]:
        """Return the problems that no comment is for, and those of comments that are for none."""
        kept: set[Problem] = set()
        of_file: dict[str, set[Problem]] = {path: set() for path in self._ignores}
        for problem in self._problems:
            of_file.get(problem.path, kept).add(problem)
        self._problems.clear()
        for path, those in of_file.items():
            kept.update(without_ignored(those, self._ignores[path], path))
        return tuple(sorted(kept))

    def _one(self, value: _T) -> _T:
        """Return the value that is equal to this one and was met first."""
        return cast("_T", self._known.setdefault(value, value))


def _appraisals(loader: RecordLoader, members: Sequence[ProjectRecord]) -> Iterator[CardReport]:
    """Yield the appraisals of records, in their order; those that cannot be read have an empty one.

    All of them are worked out before the first is yielded, and each is taken from the store when it is asked for.
    """
    keys = [_key(_content(member)) for member in members]
    missing = {key: member for key, member in zip(keys, members, strict=True) if loader.store.get(key) is None}
    under_way: deque[bytes] = deque()

    def contents() -> Iterator[bytes]:
        for member in missing.values():
            content = _content(member)
            # The file may have changed: what is kept must be of what was read.
            under_way.append(_key(content))
            yield content

    results = loader.workers.map(appraisal_of, contents())
    for result in loader.progress(results, "appraising records", len(missing)):
        loader.store.put(under_way.popleft(), result)
    for key in keys:
        yield unpacked(loader.store.need(key), CardReport)


def _key(content: bytes) -> bytes:
    return digest(program(), content) + _KIND


def _content(member: ProjectRecord) -> bytes:
    # A file that could not be read has a problem that says so, and nothing to appraise.
    return content_of(Path(member.place.real), member.path) if member.outline else b""


def appraisal_of(content: bytes) -> bytes:
    """Return the appraisal of a record, packed, from its bytes; an empty one where it has errors."""
    record = load_record_text(content, "")
    trial, document = record.trial, record.document
    if not trial or not document or any(problem.severity is Severity.ERROR for problem in record.problems):
        return packed(CardReport())
    asked = asked_of(trial)
    counts = NoteCounts(
        questions=sum(not each.is_statement for each in asked),
        statements=sum(each.is_statement for each in asked),
        split=sum(each.is_split for each in asked),
        fronts=tuple(len(each.front.split()) for each in asked),
        answers=tuple(len(answer.split()) for each in asked for answer in each.answers or (each.answer,)),
    )
    problems = (*check_quality(trial, document), *check_provenance(trial, document))
    return packed(
        CardReport(
            trial.id,
            trial.name,
            tuple(sorted(problems)),
            ignores_of(content.decode("utf-8").lstrip("\ufeff")),
            fronts_of(trial, document),
            signed_of(trial, document),
            counts,
            words_of(trial),
            stated_days(trial, document),
        )
    )
