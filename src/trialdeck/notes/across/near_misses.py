"""Find the results that nearly join those of other trials in a forest, and the forests that have no room for all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.notes.across.forests import MOST, candidates_of, common_scale, forests_of
from trialdeck.records.results.comparable import Comparable
from trialdeck.records.sections import RESULTS
from trialdeck.records.summary import RecordSummary
from trialdeck.yamlfile.document import DataPath


class NearMiss(msgspec.Struct, frozen=True):
    """What keeps a result, or a trial, from a forest: the code, the path in the record of the trial, what to say."""

    trial: str
    code: str
    path: DataPath
    message: str
    hint: str


class _Stated(msgspec.Struct, frozen=True):
    """A result of a trial."""

    trial: str
    result: Comparable

    def miss(self, name: str, message: str, hint: str) -> NearMiss:
        """Return what keeps the result from the others; `name` is the property to correct."""
        return NearMiss(self.trial, "TD441", (RESULTS.property, self.result.index, name), message, hint)


def near_misses(outlines: Sequence[RecordSummary]) -> Iterator[NearMiss]:
    """Yield one value for each result that nearly joins others, and for each forest that leaves trials out."""
    seen: set[tuple[str, DataPath]] = set()
    for miss in (*_by_endpoint(outlines), *_by_scale(outlines)):
        place = (miss.trial, miss.path[:2])
        if place not in seen:
            seen.add(place)
            yield miss
    yield from _too_large(outlines)


def _by_endpoint(outlines: Iterable[RecordSummary]) -> Iterator[NearMiss]:
    """Yield the results of a topic whose endpoint is called as in other trials, and which have another outcome."""
    groups: dict[tuple[str, str, str], list[_Stated]] = defaultdict(list)
    for outline in outlines:
        for result in outline.comparable:
            for topic in outline.topics:
                groups[topic, result.endpoint, result.scale].append(_Stated(outline.id, result))
    for (topic, *_), group in groups.items():
        outcomes = Counter(stated.result.outcome for stated in group if stated.result.outcome)
        if outcomes and not _is_told_apart(group):
            usual = min(outcomes, key=lambda outcome: (-outcomes[outcome], outcome))
            joined = dict.fromkeys(stated.trial for stated in group if stated.result.outcome == usual)
            others = (stated for stated in group if stated.trial not in joined)
            yield from (_other_outcome(stated, usual, next(iter(joined)), topic) for stated in others)


def _is_told_apart(group: Iterable[_Stated]) -> bool:
    """Tell whether a trial has two outcomes of one endpoint: then the words do not say which is which."""
    outcomes: dict[str, str] = {}
    return any(
        outcomes.setdefault(stated.trial, stated.result.outcome) != stated.result.outcome
        for stated in group
        if stated.result.outcome
    )


def _other_outcome(stated: _Stated, outcome: str, example: str, topic: str) -> NearMiss:
    """Return the near miss of a result.

    Args:
        stated: The result.
        outcome: The outcome that other trials have for the same endpoint.
        example: One of them.
        topic: The topic that all of them share.
    """
    own, name = stated.result.outcome, stated.result.result
    where = f"{example}, also of the topic {topic}, has `outcome: {outcome}` for the same endpoint"
    if own:
        return stated.miss(
            "outcome", f"'{name}' has `outcome: {own}`; {where}", f"write `outcome: {outcome}` if both are the same"
        )
    return stated.miss(
        "endpoint", f"'{name}' has no outcome; {where}", f"add `outcome: {outcome}` to set the two side by side"
    )


def _by_scale(outlines: Sequence[RecordSummary]) -> Iterator[NearMiss]:
    """Yield the results that have the outcome of a forest and another measure or unit."""
    for (topic, outcome), by_scale in candidates_of(outlines).items():
        common = common_scale(by_scale)
        shown = {trial for trial, _ in by_scale[common]}
        # With one result on each side, neither is the one that differs: nothing would be joined anyway.
        for scale in by_scale if len(shown) > 1 else ():
            for trial, result in by_scale[scale]:
                if trial not in shown:
                    others = f"{len(shown)} trials of the topic {topic} state a {common} for `outcome: {outcome}`"
                    hint = f"only one measure has room on an axis: add the {common} if it was published"
                    yield _Stated(trial, result).miss("measure", f"'{result.result}' is a {scale}; {others}", hint)


def _too_large(outlines: Iterable[RecordSummary]) -> Iterator[NearMiss]:
    """Yield a near miss for each forest that leaves trials out, at the first of these."""
    for forest in forests_of(outlines):
        if forest.left_out:
            count = len(forest.left_out) + MOST
            message = (
                f"{count} trials of the topic {forest.topic} have `outcome: {forest.outcome}`; a card shows {MOST}, "
                f"those with the narrowest intervals. Not shown: {shortened(', '.join(forest.left_out))}"
            )
            yield NearMiss(forest.left_out[0], "TD442", ("topics",), message, "give the trials narrower topics")
