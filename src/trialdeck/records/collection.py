"""Many records together: what only shows when they are compared."""

from collections.abc import Iterator, Sequence

from trialdeck.records.known import KnownRecord
from trialdeck.records.outline import STATEMENTS, Outline, folded
from trialdeck.records.problem import Problem, shortened

_Outlined = tuple[KnownRecord, Outline]


def check_collection(records: Sequence[KnownRecord]) -> Iterator[Problem]:
    """Yield every problem between records: ids that clash or are out of date, and statements of one trial that differ.

    Of two records that clash, the one that stands later in `records` has the problem.
    """
    outlined = [(record, record.outline) for record in records if record.outline]
    yield from _ids_are_unique(outlined)
    yield from _earlier_ids_are_unique(outlined)
    yield from _guids_are_unique(outlined)
    yield from _statements_agree(outlined)
    yield from _related_ids_are_current(outlined)
    yield from _related_trials_give_cards(outlined)


def _ids_are_unique(records: Sequence[_Outlined]) -> Iterator[Problem]:
    first: dict[str, KnownRecord] = {}
    for record, outline in records:
        earlier = first.setdefault(outline.id, record) if outline.id else record
        if earlier is not record:
            message = f"the trial id '{outline.id}' is taken by {earlier.path}"
            spot = record.document.spot("id")
            yield record.document.problem("TD202", spot, message, "give one of the two trials another id")


def _earlier_ids_are_unique(records: Sequence[_Outlined]) -> Iterator[Problem]:
    owners = {outline.id: record for record, outline in reversed(records)}
    for record, outline in records:
        for position, earlier in enumerate(outline.formerly):
            owner = owners.setdefault(earlier, record)
            if owner is not record or earlier == outline.id:
                message = f"the earlier trial id '{earlier}' belongs to {owner.path} as well"
                spot = record.document.spot("formerly", position)
                yield record.document.problem("TD208", spot, message, "an id's history can go to one trial only")


def _guids_are_unique(records: Sequence[_Outlined]) -> Iterator[Problem]:
    first: dict[str, tuple[KnownRecord, int]] = {}
    for record, outline in records:
        for index, guid in enumerate(outline.guids):
            other, place = first.setdefault(guid, (record, index))
            if guid and (other, place) != (record, index):
                line = other.document.spot("questions", place, "guid").line
                message = f"the guid '{shortened(guid)}' is that of the question in {other.path}:{line}"
                spot = record.document.spot("questions", index, "guid")
                yield record.document.problem("TD216", spot, message, "a note of Anki can be one question only")


def _statements_agree(records: Sequence[_Outlined]) -> Iterator[Problem]:
    """Compare fingerprints; the texts are read again only where two of them differ."""
    ordered = sorted(records, key=lambda each: (each[1].id, each[0].path))
    # Who has said it first, by trial: for each part its fingerprint, the record, and which of its mentions it was.
    said: dict[str, list[tuple[bytes, KnownRecord, int | None] | None]] = {}
    for record, outline in ordered:
        parts = said.setdefault(outline.id, [None] * len(STATEMENTS))
        for part, first in enumerate(parts):
            if first is None and (own := outline.fingerprint(part)):
                parts[part] = (own, record, None)
    for record, outline in ordered:
        for index, related in enumerate(outline.related):
            if index in outline.withdrawn:
                continue
            parts = said.setdefault(related, [None] * len(STATEMENTS))
            for part in range(len(STATEMENTS)):
                stated = outline.fingerprint(part, index)
                earlier = parts[part] or (stated, record, index)
                if stated:
                    parts[part] = earlier
                if stated and earlier[0] != stated:
                    yield _disagreement(record, index, STATEMENTS[part], *earlier[1:])


def _disagreement(record: KnownRecord, index: int, name: str, other: KnownRecord, mention: int | None) -> Problem:
    path = (name,) if mention is None else ("related_trials", mention, name)
    line = other.document.spot(*path).line
    trial, theirs = record.trial, other.trial
    statement = theirs.statement if mention is None else theirs.related_trials[mention].statement
    message = f"'{name}' of {trial.related_trials[index].id} differs from what {other.path} says in line {line}"
    hint = f"it says there: {shortened(folded(getattr(statement, name)))}"
    return record.document.problem("TD402", record.document.spot("related_trials", index, name), message, hint)


def _related_ids_are_current(records: Sequence[_Outlined]) -> Iterator[Problem]:
    own = {outline.id for _, outline in records}
    current = {earlier: outline.id for _, outline in records for earlier in outline.formerly}
    for record, outline in records:
        for index, related in enumerate(outline.related):
            if related in current and related not in own:
                spot = record.document.spot("related_trials", index, "id")
                message = f"'{related}' is called '{current[related]}' now"
                yield record.document.problem("TD407", spot, message, f"write `id: {current[related]}`")


def _related_trials_give_cards(records: Sequence[_Outlined]) -> Iterator[Problem]:
    """What records say of a trial without a record stands on cards that ask what it tested, or for its endpoint."""
    described = {name for _, outline in records for name in (outline.id, *outline.formerly)}
    asked = {
        related
        for _, outline in records
        for index, related in enumerate(outline.related)
        if any(outline.fingerprint(STATEMENTS.index(part), index) for part in ("tested", "endpoint"))
    }
    for record, outline in records:
        for index, related in enumerate(outline.related):
            if related and related not in described | asked:
                spot = record.document.spot("related_trials", index)
                hint = "say what it `tested`, or its primary `endpoint`; until then only the site shows it"
                yield record.document.problem("TD417", spot, f"'{related}' gives no card", hint)
