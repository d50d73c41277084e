"""How the records of a project refer to each other, and the notes that need several records.

These are the note of a record's trial, those of trials that have no record and that it is the first to name, and the
forests of each topic (`trialdeck.notes.across`). The outlines of all records tell which records a note needs; the
workers make the notes.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import nearest
from trialdeck.core.serialise import digest, packed, unpacked
from trialdeck.notes.across.forest_note import forest_note
from trialdeck.notes.across.forests import Forest, forests_of
from trialdeck.notes.links import Addresses
from trialdeck.notes.note import Note
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.record_loader import ProjectRecord, RecordLoader
from trialdeck.records.model import STATEMENT_PARTS, Trial
from trialdeck.records.summary import RecordSummary, present_ids

_LINKED = b"l"


class LinkTask(msgspec.Struct, frozen=True, array_like=True):
    """The task to make the linked notes of a record, which are notes of trials, or the forests of a topic.

    `makes` are the ids of the trials whose notes are made. `shared_facts` are packed `Trial`s of all records that the
    notes need, `titles` are those of topics. `addresses` are those of the project.
    """

    shared_facts: tuple[bytes, ...]
    makes: tuple[str, ...]
    forests: tuple[Forest, ...]
    titles: dict[str, str]
    addresses: Addresses


class CrossReferenceNotes(msgspec.Struct, frozen=True, array_like=True):
    """Notes of trials, by their ids, or the notes of the forests of a topic."""

    trials: dict[str, Note]
    across: tuple[Note, ...]


def link(task: LinkTask) -> bytes:
    """Make the notes of a task; return `CrossReferenceNotes`, packed."""
    trials = [unpacked(facts, Trial) for facts in task.shared_facts]
    notes = trial_notes(trials, task.addresses, task.makes) if task.makes else {}
    by_id = {trial.id: trial for trial in trials}
    across = tuple(forest_note(forest, by_id, task.titles, task.addresses) for forest in task.forests)
    return packed(CrossReferenceNotes({name: notes[name] for name in task.makes}, across))


class CrossReference(msgspec.Struct, frozen=True, gc=False):
    """The linked notes of a record, or the forests of a topic, before they are made.

    `makes` are the ids of the trials whose notes are made, `records` those of the records that this needs, and `key`
    begins the key of the notes in the store.
    """

    makes: tuple[str, ...]
    records: tuple[str, ...]
    key: bytes
    forests: tuple[Forest, ...] = ()


def key_of(reference: CrossReference) -> bytes:
    """Return the key under which the store has the linked notes."""
    return reference.key + _LINKED


class CrossReferences(msgspec.Struct, frozen=True, dict=True):
    """How the records of a project refer to each other.

    `by_id` are the records by the ids of their trials, sorted; `current` are the present ids by earlier ids.
    `owner_of` maps each trial that has a note to the record that makes the note: its own record, or else the first
    record that names the trial. `of_record` are the linked notes to make, by record. In both, the forests of a topic
    stand under their `across_id` as if it were a trial; its owner is the first of the trials in them, by id. `titles`
    are those of topics.
    """

    by_id: Mapping[str, ProjectRecord]
    current: Mapping[str, str]
    owner_of: Mapping[str, str]
    of_record: Mapping[str, CrossReference]
    titles: Mapping[str, str]

    def reference(self, trial: str) -> CrossReference:
        """Return what the note of a trial, or the forests with an `across_id`, are made from."""
        return self.of_record[self.maker(trial)]

    def maker(self, trial: str) -> str:
        """Return the name in `of_record` of what makes the note of a trial, or the forests with an `across_id`."""
        return trial if trial in self.of_record else self.owner_of[trial]

    def trials_across(self, name: str) -> Sequence[str]:
        """Return the trials that have a row in any forest with this `across_id`, sorted; none if it is a trial."""
        return self.of_record[name].records if name in self.across_ids else ()

    @cached_property
    def across_ids(self) -> frozenset[str]:
        """The ids of all forests, of which those of one topic share one."""
        return frozenset(name for name, reference in self.of_record.items() if reference.forests)

    @cached_property
    def across_of(self) -> Mapping[str, Sequence[str]]:
        """The ids of the forests in which each trial has a row, sorted, by the id of the trial."""
        across: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.across_ids):
            for trial in self.of_record[name].records:
                across[trial].append(name)
        return across

    def related(self, outline: RecordSummary) -> Sequence[str]:
        """Return the present ids of the trials that a record names."""
        return [self.current.get(name, name) for name in outline.related]

    def named(self, names: Sequence[str]) -> frozenset[str]:
        """Return the ids of the trials that `names` name, by id (present or earlier) or by the path of a record.

        Those of the forests in which they have a row are among them. `*` stands for all. Raises TrialdeckError if there
        is no such trial.
        """
        present = [self._id_of(name) for name in names if name != "*"]
        trials = self.owner_of.keys() - self.across_ids
        for name in present:
            if name not in self.owner_of:
                near = nearest(name, trials)
                hint = f"did you mean '{near}'?" if near else f"trials are named by their id, such as '{min(trials)}'"
                raise TrialdeckError(f"there is no trial '{name}'", hint)
        if "*" in names:
            return frozenset(self.owner_of)
        return frozenset([*present, *(across for name in present for across in self.across_of.get(name, ()))])

    def _id_of(self, name: str) -> str:
        """Return the present id of the trial that a name stands for; the name itself if there is no such trial."""
        present = self.current.get(name, name)
        if present in self.owner_of:
            return present
        path = os.path.realpath(name)
        return next((trial for trial, member in self.by_id.items() if member.place.real == path), present)


def cross_references_between(
    members: Sequence[ProjectRecord], addresses: Addresses, titles: Mapping[str, str] | None = None
) -> CrossReferences:
    """Return how records refer to each other, from their outlines; none of them has an error.

    Args:
        members: The records.
        addresses: The addresses of the project.
        titles: The titles of topics, by topic.
    """
    titles = titles or {}
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
        ordered = (name, *sorted(others - {name}))
        facts = (by_id[record].shared_digest for record in ordered)
        key = digest(program(), packed(addresses), *(trial.encode() for trial in makes[name]), b"", *facts)
        references[name] = CrossReference(tuple(makes[name]), ordered, key)
    forests = _forest_references(by_id, addresses, titles)
    owner_of |= {name: reference.records[0] for name, reference in forests.items()}
    return CrossReferences(by_id, current, owner_of, references | forests, titles)


def _forest_references(
    by_id: Mapping[str, ProjectRecord], addresses: Addresses, titles: Mapping[str, str]
) -> dict[str, CrossReference]:
    """Return the forests of each topic, by their `across_id`.

    Args:
        by_id: The records by the ids of their trials, sorted.
        addresses: The addresses of the project.
        titles: The titles of topics, by topic.
    """
    by_across_id: dict[str, list[Forest]] = defaultdict(list)
    for forest in forests_of(map(_outline, by_id.values()), titles):
        by_across_id[forest.across_id].append(forest)
    references = {}
    for name, forests in by_across_id.items():
        records = tuple(sorted({trial for forest in forests for trial in forest.trials}))
        title = titles.get(forests[0].topic, "")
        facts = (by_id[record].shared_digest for record in records)
        key = digest(program(), packed(addresses), title.encode(), packed(forests), *facts)
        references[name] = CrossReference((), records, key, tuple(forests))
    return references


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


def linked_notes(loader: RecordLoader, references: CrossReferences, trials: Iterable[str]) -> None:
    """Make the linked notes of these trials, or the forests with these ids, that the store does not have yet."""
    store = loader.store
    names = sorted(set(map(references.maker, trials)))
    missing = [name for name in names if store.get(key_of(references.of_record[name])) is None]
    if not missing:
        return

    def tasks() -> Iterator[LinkTask]:
        for name in missing:
            reference = references.of_record[name]
            facts = tuple(loader.shared_facts(references.by_id[record]) for record in reference.records)
            topics = {forest.topic for forest in reference.forests}
            titles = {topic: title for topic, title in references.titles.items() if topic in topics}
            yield LinkTask(facts, reference.makes, reference.forests, titles, loader.addresses)

    results = loader.workers.map(link, tasks())
    for name, made in zip(missing, loader.progress(results, "linking trials", len(missing)), strict=True):
        store.put(key_of(references.of_record[name]), made)


def linked(loader: RecordLoader, references: CrossReferences, name: str) -> bytes:
    """Return the linked notes of a record from the store: `CrossReferenceNotes`, packed."""
    return loader.store.need(key_of(references.of_record[name]))
