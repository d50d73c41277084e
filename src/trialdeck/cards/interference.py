"""What several trials ask alike: like questions with one answer are taken for each other (Wozniak 11: interference)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import msgspec

from trialdeck.cards.asked import asked_of, likeness, telling_words, words_of
from trialdeck.cards.quality import ALIKE
from trialdeck.records.document import DataPath, Document
from trialdeck.records.model import Result, Trial
from trialdeck.records.problem import Problem
from trialdeck.records.retirement import numbered

_MANY = 60
"""Of more fronts with one answer, only those are compared that say the same words."""


class Front(msgspec.Struct, frozen=True, array_like=True):
    """One front, where it stands, its words with and without the trial's own names, and its answer.

    `is_text` says whether an author wrote the front; that of a result is made of its endpoint.
    """

    line: int
    column: int
    words: tuple[str, ...]
    bare: tuple[str, ...]
    answer: str
    is_text: bool


class _Place(msgspec.Struct, frozen=True):
    path: str
    trial: str
    front: Front


def fronts_of(trial: Trial, document: Document) -> tuple[Front, ...]:
    """Return all fronts of a record that could be taken for those of another."""
    names = frozenset(words_of(f"{trial.acronym} {trial.id}"))
    return tuple(_fronts(trial, document, names))


def _fronts(trial: Trial, document: Document, names: frozenset[str]) -> Iterator[Front]:
    for each in asked_of(trial):
        yield _front(document, each.path, telling_words(each.front), names, each.answer, is_text=True)
    for index, result in numbered(trial.results):
        for kind, value in _values(result):
            words = telling_words(f"{result.endpoint} {kind}")
            yield _front(document, ("results", index), words, names, value, is_text=False)


def _values(result: Result) -> Iterator[tuple[str, str]]:
    if result.estimate is not None and result.measure:
        yield result.measure, str(result.estimate)
    for median in sorted({arm.median for arm in result.arms if arm.median is not None}):
        yield f"median {result.unit}", f"{median} {result.unit}".strip()


def _front(  # noqa: PLR0913, PLR0917 - what a front is made of
    document: Document, path: DataPath, words: frozenset[str], names: frozenset[str], answer: str, is_text: bool
) -> Front:
    spot = document.spot(*path)
    bare = " ".join(words_of(answer)) or answer
    return Front(spot.line, spot.column, tuple(sorted(words)), tuple(sorted(words - names)), bare, is_text)


def check_interference(records: Iterable[tuple[str, str, Sequence[Front]]]) -> Iterator[Problem]:
    """Yield a warning on both sides for fronts of two trials that are alike; records are path, trial and fronts."""
    places = [_Place(path, trial, front) for path, trial, fronts in records for front in fronts]
    same: dict[tuple[str, ...], list[_Place]] = defaultdict(list)
    answers: dict[str, list[_Place]] = defaultdict(list)
    for place in places:
        if place.front.is_text and place.front.words:
            same[place.front.words].append(place)
        answers[place.front.answer].append(place)
    for alike in same.values():
        yield from _told(alike, "TD609", "the front is that of {}", "name the trial, or say what makes them differ")
    for answer, alike in answers.items():
        message = f"the answer '{answer}' is that of a like question in {{}}"
        hint = "ask for what tells the two apart, or say on both that they share it"
        for group in _alike(alike):
            yield from _told(group, "TD610", message, hint)


def _alike(places: Sequence[_Place]) -> Iterator[list[_Place]]:
    """Yield groups of places with one answer whose questions are alike."""
    if len(places) > _MANY:
        groups: dict[tuple[str, ...], list[_Place]] = defaultdict(list)
        for place in places:
            groups[place.front.bare].append(place)
        yield from groups.values()
        return
    for one, other in combinations(places, 2):
        bare = frozenset(one.front.bare), frozenset(other.front.bare)
        if all(bare) and one.front.is_text == other.front.is_text and likeness(*bare) >= ALIKE:
            yield [one, other]


def _told(places: Sequence[_Place], code: str, message: str, hint: str) -> Iterator[Problem]:
    for place in places:
        other = next((each for each in places if each.trial != place.trial), None)
        if other:
            where = f"{other.path}:{other.front.line}"
            yield Problem(place.path, place.front.line, place.front.column, code, message.format(where), hint)
