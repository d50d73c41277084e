"""Rules for the results that stand side by side in a forest: what nearly joins them, and what has no room."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from trialdeck.core.problem import Problem, shortened
from trialdeck.notes.across.forests import MOST, candidates_of, common_scale, forests_of
from trialdeck.records.results.comparable import Comparable
from trialdeck.records.sections import RESULTS
from trialdeck.records.summary import KnownRecord, RecordSummary
from trialdeck.yamlfile.document import Document

_Outlined = tuple[KnownRecord, RecordSummary]


class _Stated(msgspec.Struct, frozen=True):
    """A result, and the record that states it."""

    record: KnownRecord
    trial: str
    result: Comparable


class _NearMiss(msgspec.Struct, frozen=True):
    """A result that does not join others, the property to correct, and the message and hint."""

    stated: _Stated
    name: str
    message: str
    hint: str


def check_across(outlined: Sequence[_Outlined], document: Callable[[KnownRecord], Document]) -> Iterator[Problem]:
    """Yield a problem for each result that nearly joins those of other trials, and for each forest that is too large.

    Args:
        outlined: The records, with their outlines.
        document: Reads the document of a record.
    """
    seen: set[tuple[str, int]] = set()
    for miss in (*_by_endpoint(outlined), *_by_scale(outlined)):
        place = (miss.stated.record.path, miss.stated.result.index)
        if place not in seen:
            seen.add(place)
            read = document(miss.stated.record)
            spot = read.key_spot(RESULTS.property, miss.stated.result.index, miss.name)
            yield read.problem("TD441", spot, miss.message, miss.hint)
    yield from _too_large(outlined, document)


def _by_endpoint(outlined: Iterable[_Outlined]) -> Iterator[_NearMiss]:
    """Yield the results of a topic whose endpoint is called as in other trials, and which have another outcome."""
    groups: dict[tuple[str, str, str], list[_Stated]] = defaultdict(list)
    for record, outline in outlined:
        for result in outline.comparable:
            for topic in outline.topics:
                groups[topic, result.endpoint, result.scale].append(_Stated(record, outline.id, result))
    for (topic, *_), group in groups.items():
        outcomes = Counter(stated.result.outcome for stated in group if stated.result.outcome)
        if outcomes and not _is_told_apart(group):
            usual = min(outcomes, key=lambda outcome: (-outcomes[outcome], outcome))
            example = next(stated for stated in group if stated.result.outcome == usual)
            joined = {stated.trial for stated in group if stated.result.outcome == usual}
            for stated in group:
                if stated.trial not in joined:
                    yield _other_outcome(stated, example, topic)


def _is_told_apart(group: Iterable[_Stated]) -> bool:
    """Tell whether a trial has two outcomes of one endpoint: then the words do not say which is which."""
    outcomes: dict[str, str] = {}
    return any(
        outcomes.setdefault(stated.trial, stated.result.outcome) != stated.result.outcome
        for stated in group
        if stated.result.outcome
    )


def _other_outcome(stated: _Stated, example: _Stated, topic: str) -> _NearMiss:
    own, theirs = stated.result.outcome, example.result.outcome
    where = f"{example.record.path} has `outcome: {theirs}` for the same endpoint, and shares the topic {topic}"
    if own:
        message = f"'{stated.result.result}' has `outcome: {own}`; {where}"
        return _NearMiss(stated, "outcome", message, f"write `outcome: {theirs}` in both to set them side by side")
    message = f"'{stated.result.result}' has no outcome; {where}"
    return _NearMiss(stated, "endpoint", message, f"add `outcome: {theirs}` to set the two side by side on a card")


def _by_scale(outlined: Sequence[_Outlined]) -> Iterator[_NearMiss]:
    """Yield the results that have the outcome of a forest and another measure or unit."""
    records = {outline.id: record for record, outline in outlined}
    for (topic, outcome), by_scale in candidates_of(outline for _, outline in outlined).items():
        common = common_scale(by_scale)
        shown = {trial for trial, _ in by_scale[common]}
        for scale, candidates in by_scale.items():
            for trial, result in candidates if scale != common else ():
                # With one result on each side, neither is the one that differs: nothing would be joined anyway.
                if trial not in shown and len(shown) > 1:
                    others = f"{len(shown)} trials of the topic {topic} state a {common} for `outcome: {outcome}`"
                    message = f"'{result.result}' is a {scale}; {others}"
                    hint = (
                        f"only results of one measure share a card: add the {common} if it was published, or leave it"
                    )
                    yield _NearMiss(_Stated(records[trial], trial, result), "measure", message, hint)


def _too_large(outlined: Sequence[_Outlined], document: Callable[[KnownRecord], Document]) -> Iterator[Problem]:
    """Yield a problem for each forest that leaves trials out, at the first of these."""
    records: Mapping[str, KnownRecord] = {outline.id: record for record, outline in outlined}
    for forest in forests_of(outline for _, outline in outlined):
        if forest.left_out:
            count = len(forest.left_out) + MOST
            read = document(records[forest.left_out[0]])
            message = (
                f"{count} trials of the topic {forest.topic} have `outcome: {forest.outcome}`; a card shows {MOST}, "
                f"those with the narrowest intervals. Not shown: {shortened(', '.join(forest.left_out))}"
            )
            yield read.problem("TD442", read.spot("topics"), message, "give the trials narrower topics")
