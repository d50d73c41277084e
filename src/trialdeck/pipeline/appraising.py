"""Look at records as a careful editor would: what their cards rest on, and how well they can be learned.

None of it stops a build, so only `check` and `status` ask for it. What a record alone decides is worked out by all
workers and kept; what depends on the day or on other records is worked out every time.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.cards.asked import asked_of
from trialdeck.cards.interference import Front, check_interference, fronts_of
from trialdeck.cards.quality import check_quality
from trialdeck.pipeline.checking import Call, Checked, check_project, of_call, with_store
from trialdeck.pipeline.clocks import check_clocks
from trialdeck.pipeline.codec import digest, packed, unpacked
from trialdeck.pipeline.fingerprint import program
from trialdeck.pipeline.means import Means, Shared
from trialdeck.pipeline.outdated import Words, check_reworded, ledgers, words_of
from trialdeck.pipeline.readings import Member, Readings
from trialdeck.records.document import content_of
from trialdeck.records.ignores import Ignore, ignores_of, without_ignored
from trialdeck.records.load import load_record_text
from trialdeck.records.problem import Problem, Severity
from trialdeck.records.provenance import check_provenance
from trialdeck.records.reviewing import Signed, check_ages, signed_of

_KIND = b"q"


class Counts(msgspec.Struct, frozen=True, array_like=True):
    """What a record asks: questions and statements, and the words of its fronts and of its answers.

    Words are counted of what the author wrote: questions and cloze statements.
    """

    questions: int = 0
    statements: int = 0
    split: int = 0
    fronts: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()


class Appraisal(msgspec.Struct, frozen=True, array_like=True):
    """What a record alone decides; problems have no path."""

    trial: str = ""
    name: str = ""
    problems: tuple[Problem, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    fronts: tuple[Front, ...] = ()
    signed: tuple[Signed, ...] = ()
    counts: Counts = Counts()
    words: Words = ()


class Appraised(msgspec.Struct, frozen=True):
    """What was checked, with all warnings but the ignored ones, and the appraisals of the records asked for."""

    checked: Checked
    appraisals: tuple[Appraisal, ...]


def appraise(
    paths: Iterable[Path], today: date, oldest: int, means: Means | None = None, *, now: int | None = None
) -> Appraised:
    """Check the records and settings that the paths name, and appraise them, on a day.

    Reviews of more than `oldest` days are out of date. With `now`, in seconds of Unix time, there is a warning for each
    project whose ledger has later times. Raises TrialdeckError where there is nothing to check.
    """
    call = Call.of(paths)

    def work(shared: Shared) -> Appraised:
        checked = check_project(call, Readings(shared, call.report))
        found = _appraisals(shared, [*checked.asked, *checked.beside])
        problems = list(checked.problems)
        with ledgers() as those:
            for member, appraisal in found:
                path, signed = member.path, appraisal.signed
                problems += (replace(problem, path=path) for problem in appraisal.problems)
                problems += check_ages(path, signed, today, oldest)
                if appraisal.words:
                    earlier = member.outline.formerly if member.outline else ()
                    lines = those.lines(Path(path), (appraisal.trial, *earlier))
                    problems += check_reworded(path, signed, appraisal.words, lines, today)
        problems += check_interference((member.path, each.trial, each.fronts) for member, each in found)
        kept = _kept(problems, found)
        appraisals = tuple(appraisal for _, appraisal in found[: len(checked.asked)])
        checked = of_call(replace(checked, problems=kept), call)
        clocks = check_clocks(call.files.projects, now) if now is not None else ()
        return Appraised(replace(checked, problems=tuple(sorted([*checked.problems, *clocks]))), appraisals)

    return with_store(means or Means(), call, work)


def _kept(problems: Sequence[Problem], found: Sequence[tuple[Member, Appraisal]]) -> tuple[Problem, ...]:
    """Return the problems of all files without those that a comment is for."""
    ignores = {member.path: appraisal.ignores for member, appraisal in found if appraisal.ignores}
    of_file: dict[str, list[Problem]] = {path: [] for path in ignores}
    kept = {problem for problem in problems if problem.path not in of_file}
    for problem in set(problems) - kept:
        of_file[problem.path].append(problem)
    for path, those in of_file.items():
        kept.update(without_ignored(those, ignores[path], path))
    return tuple(sorted(kept))


def _appraisals(shared: Shared, members: Sequence[Member]) -> list[tuple[Member, Appraisal]]:
    """Return the appraisals of records, from the store or worked out; those that cannot be read have an empty one."""
    known: dict[bytes, Appraisal] = {}
    fresh: dict[bytes, bytes] = {}
    keys: list[bytes] = []
    for member in members:
        content = _content(member)
        key = digest(program(), content) + _KIND
        keys.append(key)
        kept = shared.store.get(key)
        if kept is not None:
            known[key] = unpacked(kept, Appraisal)
        else:
            fresh[key] = content
    results = shared.workers.map(appraisal_of, iter(fresh.values()))
    worked_out = shared.progress(results, "appraising records", len(fresh))
    for key, result in zip(fresh, worked_out, strict=True):
        shared.store.put(key, result)
        known[key] = unpacked(result, Appraisal)
    return [(member, known[key]) for member, key in zip(members, keys, strict=True)]


def _content(member: Member) -> bytes:
    # A file that could not be read has a problem that says so, and nothing to appraise.
    return content_of(Path(member.place.real), member.path) if member.outline else b""


def appraisal_of(content: bytes) -> bytes:
    """Return the appraisal of a record, packed, from its bytes; an empty one where it has errors."""
    record = load_record_text(content, "")
    trial, document = record.trial, record.document
    if not trial or not document or any(problem.severity is Severity.ERROR for problem in record.problems):
        return packed(Appraisal())
    asked = asked_of(trial)
    counts = Counts(
        questions=sum(not each.is_statement for each in asked),
        statements=sum(each.is_statement for each in asked),
        split=sum(each.is_split for each in asked),
        fronts=tuple(len(each.front.split()) for each in asked),
        answers=tuple(len(answer.split()) for each in asked for answer in each.answers or (each.answer,)),
    )
    problems = (*check_quality(trial, document), *check_provenance(trial, document))
    return packed(
        Appraisal(
            trial.id,
            trial.name,
            tuple(sorted(problems)),
            ignores_of(content.decode("utf-8").lstrip("\ufeff")),
            fronts_of(trial, document),
            signed_of(trial, document),
            counts,
            words_of(trial),
        )
    )
