"""Many records together: what only shows when they are compared."""

from collections.abc import Iterator, Sequence

from trialdeck.records.load import Record
from trialdeck.records.model import RelatedTrial, Trial
from trialdeck.records.problem import Problem, Spot, shortened

_STATEMENTS = ("tested", "population", "comparator", "endpoint")


def check_collection(records: Sequence[Record]) -> Iterator[Problem]:
    """Yield every problem between records: ids that clash or are out of date, and statements of one trial that differ.

    Of two records that clash, the one that stands later in `records` has the problem.
    """
    yield from _ids_are_unique(records)
    yield from _earlier_ids_are_unique(records)
    yield from _statements_agree(records)
    yield from _related_ids_are_current(records)


def _ids_are_unique(records: Sequence[Record]) -> Iterator[Problem]:
    first: dict[str, Record] = {}
    for record in records:
        if not record.trial or not record.document or not record.trial.id:
            continue
        earlier = first.setdefault(record.trial.id, record)
        if earlier is not record:
            message = f"the trial id '{record.trial.id}' is taken by {earlier.path}"
            spot = record.document.spot("id")
            yield record.document.problem("TD202", spot, message, "give one of the two trials another id")


def _earlier_ids_are_unique(records: Sequence[Record]) -> Iterator[Problem]:
    owners = {record.trial.id: record for record in reversed(records) if record.trial}
    for record in records:
        if not record.trial or not record.document:
            continue
        for position, earlier in enumerate(record.trial.formerly):
            owner = owners.setdefault(earlier, record)
            if owner is not record or earlier == record.trial.id:
                message = f"the earlier trial id '{earlier}' belongs to {owner.path} as well"
                spot = record.document.spot("formerly", position)
                yield record.document.problem("TD208", spot, message, "an id's history can go to one trial only")


def _statements_agree(records: Sequence[Record]) -> Iterator[Problem]:
    said: dict[tuple[str, str], tuple[str, str, Spot]] = {}
    for record in _in_order(records):
        if record.trial and record.document:
            for name in _STATEMENTS:
                text = _folded(getattr(record.trial.statement, name))
                if text:
                    said.setdefault((record.trial.id, name), (text, record.path, record.document.spot(name)))
    for record in _in_order(records):
        if record.trial and record.document:
            yield from _mentions_agree(record, record.trial, said)


def _mentions_agree(
    record: Record, trial: Trial, said: dict[tuple[str, str], tuple[str, str, Spot]]
) -> Iterator[Problem]:
    assert record.document is not None
    for index, related in enumerate(trial.related_trials):
        for name, text in _stated(related):
            spot = record.document.spot("related_trials", index, name)
            other, path, place = said.setdefault((related.id, name), (text, record.path, spot))
            if text != other:
                message = f"'{name}' of {related.id} differs from what {path} says in line {place.line}"
                yield record.document.problem("TD402", spot, message, f"it says there: {shortened(other)}")


def _related_ids_are_current(records: Sequence[Record]) -> Iterator[Problem]:
    own = {record.trial.id for record in records if record.trial}
    current = {earlier: record.trial.id for record in records if record.trial for earlier in record.trial.formerly}
    for record in records:
        if not record.trial or not record.document:
            continue
        for index, related in enumerate(record.trial.related_trials):
            if related.id in current and related.id not in own:
                spot = record.document.spot("related_trials", index, "id")
                message = f"'{related.id}' is called '{current[related.id]}' now"
                yield record.document.problem("TD407", spot, message, f"write `id: {current[related.id]}`")


def _stated(related: RelatedTrial) -> Iterator[tuple[str, str]]:
    for name in _STATEMENTS:
        text = _folded(getattr(related.statement, name))
        if text:
            yield name, text


def _in_order(records: Sequence[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.trial.id if record.trial else "", record.path))


def _folded(text: str) -> str:
    return " ".join(text.split())
