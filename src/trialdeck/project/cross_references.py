"""How the records of a project refer to each other, and the notes that need several records.

These are the note of a record's trial, those of trials that have no record and that it is the first to name, and its
results across trials. The outlines of all records tell which records a note needs; the workers make the notes.
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
from trialdeck.records.model import STATEMENT_PARTS, Trial
from trialdeck.records.summary import RecordSummary, present_ids

_LINKED = b"l"


class LinkTask(msgspec.Struct, frozen=True, array_like=True):
    """The task to make the linked notes of a record: notes of trials, and notes across trials of its own results.

    `makes` are the ids of the trials whose notes are made. `shared_facts` are packed `Trial`s: first that of the
    record, then those of the other records that the notes need. `report` is the address for errors.
    """

    shared_facts: tuple[bytes, ...]
    makes: tuple[str, ...]
    report: str


class CrossReferenceNotes(msgspec.Struct, frozen=True, array_like=True):
    """Notes of trials, by their ids, and notes across trials, by the id of the record's own result."""

    trials: dict[str, Note]
    across: dict[str, Note]


def link(task: LinkTask) -> bytes:
    """Make the notes of a task; return `CrossReferenceNotes`, packed."""
    trials = [unpacked(facts, Trial) for facts in task.shared_facts]
    notes = trial_notes(trials, task.report, task.makes)
    across = notes_across(trials[0], {trial.id: trial for trial in trials}, task.report)
    return packed(CrossReferenceNotes({name: notes[name] for name in task.makes}, dict(across)))


class CrossReference(msgspec.Struct, frozen=True, gc=False):
    """The linked notes of a record, before they are made.

    `makes` are the ids of the trials whose notes are made for this record, `others` those of the other records that
    this needs, and `key` begins the key of the notes in the store.
    """

    makes: tuple[str, ...]
    others: tuple[str, ...]
    key: bytes


def key_of(reference: CrossReference) -> bytes:
    """Return the key under which the store has the linked notes."""
    return reference.key + _LINKED


class CrossReferences(msgspec.Struct, frozen=True):
    """How the records of a project refer to each other.

    `by_id` are the records by the ids of their trials, sorted; `current` are the present ids by earlier ids.
    `owner_of` maps each trial that has a note to the record that makes the note: its own record, or else the first
    record that names the trial. `of_record` are the linked notes to make, by record.
    """

    by_id: Mapping[str, ProjectRecord]
    current: Mapping[str, str]
    owner_of: Mapping[str, str]
    of_record: Mapping[str, CrossReference]

    def related(self, outline: RecordSummary) -> Sequence[str]:
        """Return the present ids of the trials that a record names."""
        return [self.current.get(name, name) for name in outline.related]

    def named(self, names: Sequence[str]) -> frozenset[str]:
        """Return the ids of the trials that `names` name, by id (present or earlier) or by the path of a record.

        `*` stands for all of them. Raises TrialdeckError if there is no such trial.
        """
        present = [self._id_of(name) for name in names if name != "*"]
        for name in present:
            if name not in self.owner_of:
                near = nearest(name, self.owner_of)
                hint = (
                    f"did you mean '{near}'?"
                    if near
                    else f"trials are named by their id, such as '{min(self.owner_of)}'"
                )
                raise TrialdeckError(f"there is no trial '{name}'", hint)
        return frozenset(self.owner_of if "*" in names else present)

    def _id_of(self, name: str) -> str:
        """Return the present id of the trial that a name stands for; the name itself if there is no such trial."""
        present = self.current.get(name, name)
        if present in self.owner_of:
            return present
        path = os.path.realpath(name)
        return next((trial for trial, member in self.by_id.items() if member.place.real == path), present)


def cross_references_between(members: Sequence[ProjectRecord], report: str) -> CrossReferences:
    """Return how records refer to each other, from their outlines; none of them has an error."""
    by_id = dict(sorted((member.id, member) for member in members))
    current = present_ids(map(_outline, by_id.values()))
    sources = _sources(by_id, current)
    owner_of = {name: name for name in by_id}
    for name, (first, _) in sources.items():
        owner_of.setdefault(name, first)
    makes: dict[str, list[str]] = {name: [name] for name in by_id}
    for name in sorted(owner_of.keys() - by_id.keys()):
        makes[owner_of[name]].append(name)
    references = {}
    for name, member in by_id.items():
        others = {current.get(other, other) for other in _outline(member).related} & by_id.keys()
        others.update(*(_needed(trial, by_id, sources) for trial in makes[name]))
        ordered = tuple(sorted(others - {name}))
        facts = (by_id[record].shared_digest for record in (name, *ordered))
        key = digest(program(), report.encode(), *(trial.encode() for trial in makes[name]), b"", *facts)
        references[name] = CrossReference(tuple(makes[name]), ordered, key)
    return CrossReferences(by_id, current, owner_of, references)


def _outline(member: ProjectRecord) -> RecordSummary:
    assert member.outline
    return member.outline


_Sources = dict[str, tuple[str, list[str | None]]]
"""For each trial that records name, the record that names it first, and the one that states each part of it first."""


def _sources(by_id: Mapping[str, ProjectRecord], current: Mapping[str, str]) -> _Sources:
    """Return which records name each trial, and state each part of it, first.

    A retired statement counts if no other states what was tested: see `trialdeck.notes.trial_notes`.
    """
    live, retired = (_mentions(by_id, current, retired=retired) for retired in (False, True))
    stated = {trial for trial, (_, parts) in live.items() if parts[0]}
    return live | {trial: source for trial, source in retired.items() if trial not in stated and trial not in by_id}


def _mentions(by_id: Mapping[str, ProjectRecord], current: Mapping[str, str], *, retired: bool) -> _Sources:
    sources: _Sources = {}
    for name, member in by_id.items():
        outline = _outline(member)
        for index, other in enumerate(outline.related):
            if (index in outline.withdrawn) is retired:
                _, parts = sources.setdefault(current.get(other, other), (name, [None] * len(STATEMENT_PARTS)))
                _add_source(parts, name, outline, index)
    return sources


def _add_source(parts: list[str | None], name: str, outline: RecordSummary, index: int) -> None:
    """Note a record as the source of those parts that it states and that have none.

    Args:
        parts: The source of each part of a trial, or None.
        name: The id of the record.
        outline: The outline of the record.
        index: Which of its related trials the trial is.
    """
    for part, source in enumerate(parts):
        if source is None and outline.fingerprint(part, index):
            parts[part] = name


def _needed(trial: str, by_id: Mapping[str, ProjectRecord], sources: _Sources) -> set[str]:
    """Return the records without which the note of a trial cannot be made: those that state what its own does not."""
    first, parts = sources.get(trial, (None, [None] * len(STATEMENT_PARTS)))
    if trial not in by_id:
        return {record for record in (first, *parts) if record}
    own = _outline(by_id[trial])
    return {record for part, record in enumerate(parts) if record and not own.fingerprint(part)}


def linked_notes(loader: RecordLoader, references: CrossReferences, names: Sequence[str]) -> None:
    """Make the notes for these records that the store does not have yet."""
    store = loader.store
    missing = [name for name in names if store.get(key_of(references.of_record[name])) is None]
    if not missing:
        return

    def tasks() -> Iterator[LinkTask]:
        for name in missing:
            reference = references.of_record[name]
            facts = tuple(loader.shared_facts(references.by_id[record]) for record in (name, *reference.others))
            yield LinkTask(facts, reference.makes, loader.report)

    results = loader.workers.map(link, tasks())
    for name, made in zip(missing, loader.progress(results, "linking trials", len(missing)), strict=True):
        store.put(key_of(references.of_record[name]), made)


def linked(loader: RecordLoader, references: CrossReferences, name: str) -> bytes:
    """Return the linked notes of a record from the store: `CrossReferenceNotes`, packed."""
    return loader.store.need(key_of(references.of_record[name]))
