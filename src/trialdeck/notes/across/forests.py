"""Decide which forests a project has: one for each topic and outcome, with a row for each trial.

A forest is known by its topic and its outcome alone, so it stands once whatever decks there are, and a trial that joins
it changes no other note.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from trialdeck.notes.note import ACROSS
from trialdeck.records.results.comparable import Comparable
from trialdeck.records.summary import RecordSummary

MOST = 8
"""How many trials a forest shows at most: more cannot be read on a phone."""
_FEWEST = 2


class ForestRow(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """One row: the ids of a trial and of its result."""

    trial: str
    result: str


class Forest(msgspec.Struct, frozen=True, array_like=True):
    """One forest, before its note is made.

    Its `rows` are sorted by the id of the trial. `left_out` are the trials that it has no room for.
    """

    topic: str
    outcome: str
    rows: tuple[ForestRow, ...]
    left_out: tuple[str, ...] = ()

    @property
    def across_id(self) -> str:
        """What stands in the key of its note in place of the id of a trial; all forests of a topic share it."""
        return f"{ACROSS}{self.topic}"

    @property
    def trials(self) -> tuple[str, ...]:
        """The ids of the trials that have a row."""
        return tuple(row.trial for row in self.rows)


_Candidate = tuple[str, Comparable]
"""The id of a trial, and one of its results."""


def forests_of(outlines: Iterable[RecordSummary], titled: Iterable[str] = ()) -> tuple[Forest, ...]:
    """Return the forests of a project, sorted by topic and outcome.

    There is one where at least two trials of a topic state the same outcome by the same measure, and a card asks for
    one of these results. Two trials alone must have shown different things: to tell two numbers apart that mean the
    same is not worth a card. Of more than eight trials, those with the narrowest intervals have a row.

    Topics whose rows all stand in the forest of another topic have none of their own, unless the project gives them a
    title; of topics with the same rows, one with a title comes first, then the one that fewest trials name, then the
    first by name.

    Args:
        outlines: The summaries of all records.
        titled: The topics that the project gives a title.
    """
    outlines = tuple(outlines)
    sizes = Counter(topic for outline in outlines for topic in outline.topics)
    ranked = {topic: (topic not in titled, sizes[topic], topic) for topic in sizes}
    made = list(filter(None, _forests(outlines)))
    kept = [forest for group in _by_outcome(made) for forest in _distinct(group, ranked)]
    return tuple(sorted(kept, key=lambda forest: (forest.topic, forest.outcome)))


def _forests(outlines: Sequence[RecordSummary]) -> Iterator[Forest | None]:
    """Yield the forest of each topic and outcome, or None where it would teach nothing."""
    for (topic, outcome), by_scale in candidates_of(outlines).items():
        yield _forest(topic, outcome, by_scale[common_scale(by_scale)])


def candidates_of(outlines: Iterable[RecordSummary]) -> Mapping[tuple[str, str], dict[str, list[_Candidate]]]:
    """Return the results that could stand in one forest: by topic and outcome, then by scale."""
    candidates: dict[tuple[str, str], dict[str, list[_Candidate]]] = defaultdict(dict)
    for outline in outlines:
        for result in outline.comparable:
            for topic in outline.topics if result.outcome else ():
                candidates[topic, result.outcome].setdefault(result.scale, []).append((outline.id, result))
    return candidates


def common_scale(by_scale: Mapping[str, Sequence[_Candidate]]) -> str:
    """Return the scale by which most trials state an outcome; of several, the first by name."""
    return min(by_scale, key=lambda scale: (-len(by_scale[scale]), scale))


def _forest(topic: str, outcome: str, candidates: Sequence[_Candidate]) -> Forest | None:
    results = [result for _, result in candidates]
    if len(results) < _FEWEST or not any(result.is_asked for result in results):
        return None
    if len(results) == _FEWEST and not results[0].differs(results[1]):
        return None
    by_width = sorted(candidates, key=lambda candidate: (candidate[1].width, candidate[0]))
    rows = sorted(ForestRow(trial, result.result) for trial, result in by_width[:MOST])
    return Forest(topic, outcome, tuple(rows), tuple(sorted(trial for trial, _ in by_width[MOST:])))


def _by_outcome(forests: Iterable[Forest]) -> Iterable[Sequence[Forest]]:
    groups: dict[str, list[Forest]] = defaultdict(list)
    for forest in forests:
        groups[forest.outcome].append(forest)
    return groups.values()


def _distinct(forests: Sequence[Forest], ranked: Mapping[str, tuple[bool, int, str]]) -> Iterator[Forest]:
    """Yield the forests of one outcome that show something of their own.

    Args:
        forests: All forests of the outcome.
        ranked: For each topic, how far behind it stands among topics with the same rows; first, whether it lacks a
            title.
    """
    # Only forests with a common row can hold one another: a thousand topics are not compared pair by pair.
    with_row: dict[ForestRow, list[Forest]] = defaultdict(list)
    for forest in forests:
        for row in forest.rows:
            with_row[row].append(forest)
    for forest in forests:
        rank, rows = ranked[forest.topic], frozenset(forest.rows)
        if not any(_replaces(other, ranked[other.topic], rows, rank) for other in with_row[forest.rows[0]]):
            yield forest


def _replaces(
    other: Forest, its_rank: tuple[bool, int, str], rows: frozenset[ForestRow], rank: tuple[bool, int, str]
) -> bool:
    """Tell whether a forest makes another one, given by its rows and its rank, superfluous."""
    if not rows.issubset(other.rows):
        return False
    is_untitled = rank[0]
    return its_rank < rank if len(rows) == len(other.rows) else is_untitled
