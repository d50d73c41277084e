"""The summary of a record, all that other records need of it: small enough to hold for ten thousand of them."""

from collections.abc import Callable, Collection, Iterable
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from sys import intern
from typing import Any

import msgspec
from msgspec.structs import force_setattr, replace

from trialdeck.core.problem import Problem
from trialdeck.core.text import is_blank
from trialdeck.records.entries import current, entries
from trialdeck.records.load import Record, load_record
from trialdeck.records.media.figures import figures_of
from trialdeck.records.model import STATEMENT_PARTS, Contributor, Perspective, Statement, Trial
from trialdeck.records.results.comparable import Comparable, comparables_of
from trialdeck.records.sections import ENTRY_LISTS, RELATED_TRIALS, RESULTS
from trialdeck.yamlfile.document import Document

_KEPT_WHOLE = frozenset({RESULTS.property, RELATED_TRIALS.property})
_LENGTH = 8
_NOTHING = bytes(_LENGTH)


class RecordSummary(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What other records and the settings need to know of a record.

    `stated` are fingerprints (see `fingerprint`), one after the other: of the parts of its own statement, then of what
    it says of each trial that it names. `figures` are the files that it shows. `guids` are those that its questions
    state, in their order; empty if none does. `withdrawn` are the places in `related` of the trials that are
    retired. `comparable` are the results that other trials may be set beside, `contributors` those whom the release
    notes thank. The rest are the words that a deck may select by: of the record, and of its entries.
    """

    id: str
    acronym: str
    formerly: tuple[str, ...]
    stated: bytes
    related: tuple[str, ...]
    topics: tuple[str, ...]
    specialties: tuple[str, ...]
    audiences: tuple[str, ...]
    perspectives: tuple[str, ...]
    figures: tuple[str, ...]
    guids: tuple[str, ...]
    withdrawn: tuple[int, ...] = ()
    comparable: tuple[Comparable, ...] = ()
    contributors: tuple[Contributor, ...] = ()

    def __post_init__(self) -> None:
        # Ten thousand records say the same few words, and name one another.
        for name in ("topics", "specialties", "audiences", "perspectives"):
            force_setattr(self, name, _shared(getattr(self, name)))
        force_setattr(self, "id", intern(self.id))
        force_setattr(self, "related", tuple(map(intern, self.related)))

    @property
    def first_id(self) -> str:
        """The id that the trial had first."""
        return self.formerly[0] if self.formerly else self.id

    def fingerprint(self, part: int, related: int | None = None) -> bytes:
        """Return the fingerprint of a part of the trial's statement, or of that of a related trial, by position.

        It is empty if nothing is stated.
        """
        position = part if related is None else len(STATEMENT_PARTS) * (related + 1) + part
        fingerprint = self.stated[position * _LENGTH : (position + 1) * _LENGTH]
        return b"" if fingerprint == _NOTHING else fingerprint


def outline_of(trial: Trial) -> RecordSummary:
    """Return the summary of a trial."""
    every = [entry for _, entry in entries(trial)]
    named = {name for entry in every for name in getattr(entry, "specialties", ())}
    guids = tuple(question.guid for question in trial.questions)
    return RecordSummary(
        id=trial.id,
        acronym=trial.acronym,
        formerly=trial.formerly,
        stated=b"".join(map(_fingerprints, (trial.statement, *(other.statement for other in trial.related_trials)))),
        related=tuple(related.id for related in trial.related_trials),
        topics=trial.topics,
        specialties=_sorted({*trial.specialties, *named}),
        audiences=_sorted(name for entry in every for name in getattr(entry, "audience", ())),
        # The note on the trial itself, the text sections and related trials are clinical.
        perspectives=_sorted(getattr(entry, "perspective", Perspective.CLINICAL) for entry in (trial, *every)),
        figures=tuple(dict.fromkeys(figure.file for _, figure in figures_of(trial))),
        guids=guids if any(guids) else (),
        withdrawn=tuple(index for index, related in enumerate(trial.related_trials) if related.retired),
        comparable=comparables_of(trial),
        contributors=trial.contributors,
    )


def shared_facts_of(trial: Trial) -> Trial:
    """Return the part of a trial that notes of other records show: its facts and results, without pictures.

    The entries that replace a retired result or related trial are part of it too, and the first point of the design.
    """
    retired = [*(result.retired for result in trial.results), *(entry.retired for entry in trial.related_trials)]
    needed = {entry.instead for entry in retired if entry} | {point.id for point in current(trial.design)[:1]}
    others = {name: _entries_with_ids(getattr(trial, name), needed) for name in ENTRY_LISTS if name not in _KEPT_WHOLE}
    results = tuple(replace(result, figures=()) for result in trial.results)
    return replace(trial, significance="", history="", figures=(), contributors=(), results=results, **others)


def _entries_with_ids(entries: Iterable[Any], needed: Collection[str]) -> tuple[Any, ...]:
    """Return the entries with some ids, without pictures."""
    kept = (entry for entry in entries if entry.id in needed)
    return tuple(replace(entry, figures=()) if hasattr(entry, "figures") else entry for entry in kept)


def present_ids(trials: Iterable[Trial | RecordSummary]) -> dict[str, str]:
    """Return the present ids of trials by their earlier ones; an id that a trial has now is no earlier one."""
    trials = tuple(trials)
    present = {trial.id for trial in trials}
    return {earlier: trial.id for trial in trials for earlier in trial.formerly if earlier not in present}


def folded(text: str) -> str:
    """Return a text with single spaces between its words."""
    return " ".join(text.split())


@lru_cache(4096)
def _shared(words: tuple[str, ...]) -> tuple[str, ...]:
    return words


def _fingerprints(statement: Statement) -> bytes:
    return b"".join(_fingerprint(folded(getattr(statement, name))) for name in STATEMENT_PARTS)


def _fingerprint(text: str) -> bytes:
    return _NOTHING if is_blank(text) else sha256(text.encode()).digest()[:_LENGTH]


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({str(word) for word in words}))


class KnownRecord(msgspec.Struct, frozen=True, dict=True):
    """A record that has been read before; `outline` is None if it could not be read."""

    path: str
    outline: RecordSummary | None
    problems: tuple[Problem, ...] = ()
    load: Callable[[Path, str], Record] = load_record

    @cached_property
    def record(self) -> Record:
        """The whole record; it stays in memory as long as this one, so read many with `read_again`."""
        return self.read_again()

    def read_again(self) -> Record:
        """Read the whole record from its file; only a fault needs it."""
        return self.load(Path(self.path), self.path)

    @property
    def trial(self) -> Trial:
        """The trial of a record that has an outline."""
        trial = self.record.trial
        assert trial
        return trial

    @property
    def document(self) -> Document:
        """The document of a record that has an outline, for the locations of problems."""
        document = self.record.document
        assert document
        return document

    @property
    def folder(self) -> Path:
        """The folder of its file, from which the paths of its figures lead on."""
        return Path(self.path).parent


def known(record: Record) -> KnownRecord:
    """Return a record that has just been read as a known one."""
    outline = outline_of(record.trial) if record.trial and record.document else None
    return KnownRecord(record.path, outline, record.problems, lambda _path, _shown: record)
