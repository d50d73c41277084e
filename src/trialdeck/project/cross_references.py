"""How the records of a project refer to each other, and the notes that need several records.

These are the note of its trial, those of trials that have no record and that it is the first to name, and its results
across trials. Which records have a say is found out from outlines; the notes are made by all workers.
"""

import os
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import nearest
from trialdeck.core.serialise import digest, packed, unpacked
from trialdeck.notes.builder import notes_across
from trialdeck.notes.note import Note
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.model import Trial
from trialdeck.records.summary import STATEMENTS, RecordSummary

_LINKED = b"l"


class LinkTask(msgspec.Struct, frozen=True, array_like=True):
    """What is to be made for a record: the notes of the trials `makes`, and those across trials of its own results.

    `told` are the parts that matter of the records that have a say (Trials, packed), its own first.
    """

    told: tuple[bytes, ...]
    makes: tuple[str, ...]
    report: str


class CrossReferenceNotes(msgspec.Struct, frozen=True, array_like=True):
    """Notes of trials, by their ids, and notes across trials, by the id of the record's own result."""

    trials: dict[str, Note]
    across: dict[str, Note]


def link(task: LinkTask) -> bytes:
    """Make the notes of a task; returns Linked, packed."""
    trials = [unpacked(told, Trial) for told in task.told]
    notes = trial_notes(trials, task.report, task.makes)
    across = notes_across(trials[0], {trial.id: trial for trial in trials}, task.report)
    return packed(CrossReferenceNotes({name: notes[name] for name in task.makes}, dict(across)))


class CrossReference(msgspec.Struct, frozen=True, gc=False):
    """Which records have a say in what is made for one: `others` by their ids, and the key of what comes out."""

    makes: tuple[str, ...]
    others: tuple[str, ...]
    key: bytes


def key_of(link: CrossReference) -> bytes:
    """Return the key under which the store has what was made."""
    return link.key + _LINKED


class CrossReferences(msgspec.Struct, frozen=True):
    """How the records of a project hang together.

    `by_id` are the records by the ids of their trials, sorted; `current` are present ids by earlier ones; `makers` are,
    for each trial that has a note, the id of the record for which that note is made; `links` are by record.
    """

    by_id: Mapping[str, ProjectRecord]
    current: Mapping[str, str]
    makers: Mapping[str, str]
    links: Mapping[str, CrossReference]

    def related(self, outline: RecordSummary) -> Sequence[str]:
        """Return the present ids of the trials that a record names."""
        return [self.current.get(name, name) for name in outline.related]

    def named(self, names: Sequence[str]) -> frozenset[str]:
        """Return the trials that are named by their ids, present or earlier, or by the paths of their records.

        `*` stands for all of them. Raises TrialdeckError where there is no such trial.
        """
        present = [self._id_of(name) for name in names if name != "*"]
        for name in present:
            if name not in self.makers:
                near = nearest(name, self.makers)
                hint = (
                    f"did you mean '{near}'?" if near else f"trials are named by their id, such as '{min(self.makers)}'"
                )
                raise TrialdeckError(f"there is no trial '{name}'", hint)
        return frozenset(self.makers if "*" in names else present)

    def _id_of(self, name: str) -> str:
        """Return the present id of the trial that a name stands for; the name itself where there is none."""
        present = self.current.get(name, name)
        if present in self.makers:
            return present
        path = os.path.realpath(name)
        return next((trial for trial, member in self.by_id.items() if member.place.real == path), present)


def cross_references_between(members: Sequence[ProjectRecord], report: str) -> CrossReferences:
    """Find out from the outlines of records, none of which has an error, how they hang together."""
    by_id = dict(sorted((member.id, member) for member in members))
    current = {old: name for name, each in by_id.items() for old in _outline(each).formerly if old not in by_id}
    says = _who_says(by_id, current)
    makers = {name: name for name in by_id}
    for name, (first, _) in says.items():
        makers.setdefault(name, first)
    makes: dict[str, list[str]] = {name: [name] for name in by_id}
    for name in sorted(makers.keys() - by_id.keys()):
        makes[makers[name]].append(name)
    links = {}
    for name, member in by_id.items():
        others = {current.get(other, other) for other in _outline(member).related} & by_id.keys()
        others.update(*(_needed(made, by_id, says) for made in makes[name]))
        ordered = tuple(sorted(others - {name}))
        told = (by_id[each].told for each in (name, *ordered))
        key = digest(program(), report.encode(), *(each.encode() for each in makes[name]), b"", *told)
        links[name] = CrossReference(tuple(makes[name]), ordered, key)
    return CrossReferences(by_id, current, makers, links)


def _outline(member: ProjectRecord) -> RecordSummary:
    assert member.outline
    return member.outline


_Says = dict[str, tuple[str, list[str | None]]]


def _who_says(by_id: Mapping[str, ProjectRecord], current: Mapping[str, str]) -> _Says:
    """Return, for each trial that a record names, who names it first, and who is the first to state each part of it.

    What records have retired counts where none states what was tested otherwise: see `trialdeck.notes.trial_notes`.
    """
    live, retired = (_mentions(by_id, current, retired=retired) for retired in (False, True))
    stated = {trial for trial, (_, parts) in live.items() if parts[0]}
    return live | {trial: each for trial, each in retired.items() if trial not in stated and trial not in by_id}


def _mentions(by_id: Mapping[str, ProjectRecord], current: Mapping[str, str], *, retired: bool) -> _Says:
    says: _Says = {}
    for name, member in by_id.items():
        outline = _outline(member)
        for index, other in enumerate(outline.related):
            if (index in outline.withdrawn) is retired:
                _, parts = says.setdefault(current.get(other, other), (name, [None] * len(STATEMENTS)))
                _say(parts, name, outline, index)
    return says


def _say(parts: list[str | None], name: str, outline: RecordSummary, index: int) -> None:
    for part, said in enumerate(parts):
        if said is None and outline.fingerprint(part, index):
            parts[part] = name


def _needed(trial: str, by_id: Mapping[str, ProjectRecord], says: _Says) -> set[str]:
    """Return the records without which the note of a trial cannot be made: those that state what its own does not."""
    first, parts = says.get(trial, (None, [None] * len(STATEMENTS)))
    if trial not in by_id:
        return {each for each in (first, *parts) if each}
    own = _outline(by_id[trial])
    return {each for part, each in enumerate(parts) if each and not own.fingerprint(part)}


def linked_notes(loader: RecordLoader, links: CrossReferences, names: Sequence[str]) -> None:
    """See to it that the store has what is made for these records."""
    store = loader.store
    missing = [name for name in names if store.get(key_of(links.links[name])) is None]
    if not missing:
        return

    def tasks() -> Iterator[LinkTask]:
        for name in missing:
            each = links.links[name]
            told = tuple(loader.told(links.by_id[other]) for other in (name, *each.others))
            yield LinkTask(told, each.makes, loader.report)

    results = loader.workers.map(link, tasks())
    for name, made in zip(missing, loader.progress(results, "linking trials", len(missing)), strict=True):
        store.put(key_of(links.links[name]), made)


def linked(loader: RecordLoader, links: CrossReferences, name: str) -> bytes:
    """Return what was made for a record: Linked, packed."""
    return loader.store.need(key_of(links.links[name]))
