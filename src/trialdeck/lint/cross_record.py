"""Rules that compare records with each other."""

from collections.abc import Iterator, Sequence

from trialdeck.core.problem import Problem, shortened
from trialdeck.notes.across.near_misses import near_misses
from trialdeck.records.load import Record
from trialdeck.records.model import STATEMENT_PARTS, Trial
from trialdeck.records.sections import QUESTIONS, RELATED_TRIALS
from trialdeck.records.summary import KnownRecord, RecordSummary, folded, present_ids
from trialdeck.yamlfile.document import Document

_Outlined = tuple[KnownRecord, RecordSummary]
_MOST_HELD = 16
"""How many whole records are held at once: each takes a hundred kilobytes, and thousands may be at fault."""


class _Reader:
    """Reads whole records again for the places and texts of what is wrong, and holds those that were read last."""

    def __init__(self) -> None:
        self._held: dict[str, Record] = {}

    def document(self, known: KnownRecord) -> Document:
        """Return the document of a record that has an outline."""
        document = self._record(known).document
        assert document
        return document

    def trial(self, known: KnownRecord) -> Trial:
        """Return the trial of a record that has an outline."""
        trial = self._record(known).trial
        assert trial
        return trial

    def _record(self, known: KnownRecord) -> Record:
        record = self._held.pop(known.path, None) or known.read_again()
        self._held[known.path] = record
        if len(self._held) > _MOST_HELD:
            del self._held[next(iter(self._held))]
        return record


def check_collection(records: Sequence[KnownRecord]) -> Iterator[Problem]:
    """Yield every problem between records: ids that clash or are out of date, and statements of one trial that differ.

    Of two records that clash, the one that stands later in `records` has the problem.
    """
    outlined = [(record, record.outline) for record in records if record.outline]
    reader = _Reader()
    yield from _ids_are_unique(outlined, reader)
    yield from _earlier_ids_are_unique(outlined, reader)
    yield from _guids_are_unique(outlined, reader)
    yield from _statements_agree(outlined, reader)
    yield from _related_ids_are_current(outlined, reader)
    yield from _related_trials_give_cards(outlined, reader)
    yield from _retirements_have_an_effect(outlined, reader)
    yield from _results_join(outlined, reader)


def _ids_are_unique(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    first: dict[str, KnownRecord] = {}
    for record, outline in records:
        earlier = first.setdefault(outline.id, record) if outline.id else record
        if earlier is not record:
            message = f"the trial id '{outline.id}' is taken by {earlier.path}"
            document = reader.document(record)
            yield document.problem("TD202", document.spot("id"), message, "give one of the two trials another id")


def _earlier_ids_are_unique(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    owners = {outline.id: record for record, outline in reversed(records)}
    for record, outline in records:
        for position, earlier in enumerate(outline.formerly):
            owner = owners.setdefault(earlier, record)
            if owner is not record or earlier == outline.id:
                message = f"the earlier trial id '{earlier}' belongs to {owner.path} as well"
                document = reader.document(record)
                spot = document.spot("formerly", position)
                yield document.problem("TD208", spot, message, "an id's history can go to one trial only")


def _guids_are_unique(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    first: dict[str, tuple[KnownRecord, int]] = {}
    for record, outline in records:
        for index, guid in enumerate(outline.guids):
            other, position = first.setdefault(guid, (record, index))
            if guid and (other, position) != (record, index):
                line = reader.document(other).spot(QUESTIONS.property, position, "guid").line
                message = f"the guid '{shortened(guid)}' is that of the question in {other.path}:{line}"
                document = reader.document(record)
                spot = document.spot(QUESTIONS.property, index, "guid")
                yield document.problem("TD216", spot, message, "a note of Anki can be one question only")


def _statements_agree(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    """Compare fingerprints; the texts are read again only where two of them differ."""
    ordered = sorted(records, key=lambda each: (each[1].id, each[0].path))
    # For each trial and part of its statement: the first fingerprint, its record, and the index of its related trial.
    first_stated: dict[str, list[tuple[bytes, KnownRecord, int | None] | None]] = {}
    for record, outline in ordered:
        parts = first_stated.setdefault(outline.id, [None] * len(STATEMENT_PARTS))
        for part, first in enumerate(parts):
            if first is None and (own := outline.fingerprint(part)):
                parts[part] = (own, record, None)
    for record, outline in ordered:
        for index, related in enumerate(outline.related):
            if index in outline.withdrawn:
                continue
            parts = first_stated.setdefault(related, [None] * len(STATEMENT_PARTS))
            for part in range(len(STATEMENT_PARTS)):
                stated = outline.fingerprint(part, index)
                earlier = parts[part] or (stated, record, index)
                if stated:
                    parts[part] = earlier
                if stated and earlier[0] != stated:
                    yield _disagreement(reader, record, (index, STATEMENT_PARTS[part]), *earlier[1:])


def _disagreement(
    reader: _Reader, record: KnownRecord, place: tuple[int, str], other: KnownRecord, mention: int | None
) -> Problem:
    """Return the problem that two records state different things of one trial.

    Args:
        reader: Reads the records again.
        record: The record with the problem.
        place: The position of the related trial in it, and the part of the statement.
        other: The record that states it first.
        mention: The position of the related trial there; None for its own statement.

    Returns:
        The problem.

    """
    index, name = place
    path = (name,) if mention is None else (RELATED_TRIALS.property, mention, name)
    line = reader.document(other).spot(*path).line
    trial, theirs = reader.trial(record), reader.trial(other)
    statement = theirs.statement if mention is None else theirs.related_trials[mention].statement
    message = f"'{name}' of {trial.related_trials[index].id} differs from what {other.path} says in line {line}"
    hint = f"it says there: {shortened(folded(getattr(statement, name)))}"
    document = reader.document(record)
    return document.problem("TD402", document.spot(RELATED_TRIALS.property, index, name), message, hint)


def _related_ids_are_current(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    current = present_ids(outline for _, outline in records)
    for record, outline in records:
        for index, related in enumerate(outline.related):
            if related in current:
                document = reader.document(record)
                spot = document.spot(RELATED_TRIALS.property, index, "id")
                message = f"'{related}' is called '{current[related]}' now"
                yield document.problem("TD407", spot, message, f"write `id: {current[related]}`")


def _related_trials_give_cards(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    """What records say of a trial without a record stands on cards that ask what it tested, or for its endpoint."""
    described = {name for _, outline in records for name in (outline.id, *outline.formerly)}
    asked = {
        related
        for _, outline in records
        for index, related in enumerate(outline.related)
        if any(outline.fingerprint(STATEMENT_PARTS.index(part), index) for part in ("tested", "endpoint"))
    }
    for record, outline in records:
        for index, related in enumerate(outline.related):
            if related and related not in described | asked:
                document = reader.document(record)
                spot = document.spot(RELATED_TRIALS.property, index)
                hint = "say what it `tested`, or its primary `endpoint`; until then only the site shows it"
                yield document.problem("TD417", spot, f"'{related}' gives no card", hint)


def _retirements_have_an_effect(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    """The note of a related trial is retired if the trial has no record, and no record states what was tested."""
    owners = {name: record for record, outline in records for name in (outline.id, *outline.formerly)}
    stated: dict[str, KnownRecord] = {}
    for record, outline in records:
        for index, related in enumerate(outline.related):
            if index not in outline.withdrawn and outline.fingerprint(STATEMENT_PARTS.index("tested"), index):
                stated.setdefault(related, record)
    for record, outline in records:
        for index in outline.withdrawn:
            related = outline.related[index]
            owner, other = owners.get(related), stated.get(related)
            if owner or other:
                message, hint = _why_without_effect(related, owner, other)
                document = reader.document(record)
                yield document.problem(
                    "TD418", document.key_spot(RELATED_TRIALS.property, index, "retired"), message, hint
                )


def _why_without_effect(related: str, owner: KnownRecord | None, other: KnownRecord | None) -> tuple[str, str]:
    """Return the message and the hint for a retirement without effect, given the record that outweighs it."""
    if owner:
        message = f"this has no effect: '{related}' has a record of its own, {owner.path}"
        return message, f"remove it here; retire entries in {owner.path}, or delete that record"
    assert other
    message = f"this has no effect while {other.path} names '{related}'"
    return message, f"retire it in {other.path} as well, or remove it here"


def _results_join(records: Sequence[_Outlined], reader: _Reader) -> Iterator[Problem]:
    by_id = {outline.id: record for record, outline in records}
    for miss in near_misses([outline for _, outline in records]):
        document = reader.document(by_id[miss.trial])
        yield document.problem(miss.code, document.key_spot(*miss.path), miss.message, miss.hint)
