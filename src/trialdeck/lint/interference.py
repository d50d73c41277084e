"""Warn of questions that several trials ask alike: learners confuse them (Wozniak 11: interference)."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import combinations, groupby

import msgspec

from trialdeck.core.problem import FileLocation, Problem
from trialdeck.lint.card import ALIKE
from trialdeck.notes.prompts.authored import asked_of
from trialdeck.notes.prompts.words import likeness, telling_words, words_of
from trialdeck.records.asked import is_asked
from trialdeck.records.entries import numbered
from trialdeck.records.model import Result, Trial
from trialdeck.records.sections import RESULTS
from trialdeck.yamlfile.document import DataPath, Document

_MANY = 60
"""Of more fronts with one answer, only those are compared that say the same words."""
_NONE = 0
"""In place of a digest: this front is not compared by its words."""
_NAME_IT = "name the trial, or say what makes them differ"
_TELL_APART = "ask for what tells the two apart, or say on both that they share it"


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


def fronts_of(trial: Trial, document: Document) -> tuple[Front, ...]:
    """Return all fronts of a record that could be taken for those of another."""
    names = frozenset(words_of(f"{trial.acronym} {trial.id}"))
    return tuple(_fronts(trial, document, names))


def _fronts(trial: Trial, document: Document, names: frozenset[str]) -> Iterator[Front]:
    for prompt in asked_of(trial):
        yield _front(document, prompt.path, telling_words(prompt.front), names, prompt.answer, is_text=True)
    for index, result in numbered(trial.results):
        for kind, value in _values(result) if is_asked(trial, result) else ():
            words = telling_words(f"{result.endpoint} {kind}")
            yield _front(document, (RESULTS.property, index), words, names, value, is_text=False)


def _values(result: Result) -> Iterator[tuple[str, str]]:
    """Yield what the card of a result asks for: its estimate, or else the medians of its arms."""
    if result.estimate is not None:
        yield result.measure, str(result.estimate)
        return
    for median in sorted({arm.median for arm in result.arms if arm.median is not None}):
        yield f"median {result.unit}", f"{median} {result.unit}".strip()


def _front(  # noqa: PLR0913, PLR0917 - what a front is made of
    document: Document, path: DataPath, words: frozenset[str], names: frozenset[str], answer: str, is_text: bool
) -> Front:
    """Return a front.

    Args:
        document: The document of the record.
        path: The path of the front in it.
        words: The words of the front.
        names: The names of the trial itself.
        answer: The answer.
        is_text: Whether an author wrote the front.

    Returns:
        The front.

    """
    spot = document.spot(*path)
    bare = " ".join(words_of(answer)) or answer
    return Front(spot.line, spot.column, tuple(sorted(words)), tuple(sorted(words - names)), bare, is_text)


class Fronts:
    """The fronts of many records, and what is alike among them.

    A collection has hundreds of thousands, so they are held in numbers: words by their place in a list of all words,
    texts by digests. Only an answer that stands on several fronts is held as a text.
    """

    def __init__(self) -> None:
        self._records: list[tuple[str, str]] = []
        self._owners, self._lines, self._columns = array("I"), array("I"), array("I")
        self._is_text = array("B")
        self._words, self._answers = array("Q"), array("Q")
        self._bare, self._bare_ends = array("I"), array("Q")
        self._numbers: dict[str, int] = {}
        self._seen: set[int] = set()
        self._shared: dict[int, str] = {}

    def add(self, path: str, trial: str, fronts: Sequence[Front]) -> None:
        """Take the fronts of a record."""
        self._records.append((path, trial))
        for front in fronts:
            self._owners.append(len(self._records) - 1)
            self._lines.append(front.line)
            self._columns.append(front.column)
            self._is_text.append(front.is_text)
            self._words.append(_digest("\0".join(front.words)) if front.is_text and front.words else _NONE)
            self._answers.append(self._answer(front.answer))
            self._bare.extend(self._numbers.setdefault(word, len(self._numbers)) for word in front.bare)
            self._bare_ends.append(len(self._bare))

    def problems(self) -> Iterator[Problem]:
        """Yield a warning on both sides for fronts of two trials that are alike."""
        for alike in _groups(self._words):
            yield from self._problems_of(alike, "TD609", "the front is that of {}", _NAME_IT)
        for alike in _groups(self._answers):
            message = f"the answer '{self._shared[self._answers[alike[0]]]}' is that of a like question in {{}}"
            for group in self._alike(alike):
                yield from self._problems_of(group, "TD610", message, _TELL_APART)

    def _answer(self, text: str) -> int:
        digest = _digest(text)
        if digest in self._seen:
            self._shared[digest] = text
        self._seen.add(digest)
        return digest

    def _bare_of(self, place: int) -> "array[int]":
        return self._bare[self._bare_ends[place - 1] if place else 0 : self._bare_ends[place]]

    def _alike(self, places: Sequence[int]) -> Iterator[Sequence[int]]:
        """Yield groups of places with one answer whose questions are alike."""
        if len(places) > _MANY:
            groups: dict[bytes, list[int]] = defaultdict(list)
            for place in places:
                groups[self._bare_of(place).tobytes()].append(place)
            yield from groups.values()
            return
        fronts = [(place, self._is_text[place], frozenset(self._bare_of(place))) for place in places]
        for (front, is_text, bare), (other, is_other_text, other_bare) in combinations(fronts, 2):
            if bare and other_bare and is_text == is_other_text and likeness(bare, other_bare) >= ALIKE:
                yield front, other

    def _problems_of(self, places: Sequence[int], code: str, message: str, hint: str) -> Iterator[Problem]:
        """Yield a problem for each front of a group; it names the first one of another trial.

        Args:
            places: The numbers of the fronts.
            code: The code of the problem.
            message: The message, with a gap for the other front.
            hint: What to do about it.

        Returns:
            The problems; none if all fronts are of one trial.

        """
        trials = [self._records[self._owners[place]][1] for place in places]
        second = next((place for place, trial in zip(places, trials, strict=True) if trial != trials[0]), None)
        if second is None:
            return
        for place, trial in zip(places, trials, strict=True):
            other = places[0] if trial != trials[0] else second
            where = f"{self._records[self._owners[other]][0]}:{self._lines[other]}"
            path = self._records[self._owners[place]][0]
            location = FileLocation(path, self._lines[place], self._columns[place])
            yield Problem(location, code, message.format(where), hint)


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") or 1


def _groups(digests: "array[int]") -> Iterator[list[int]]:
    """Yield the places that share a digest, each group in its order."""
    ordered = sorted((number for number, digest in enumerate(digests) if digest), key=digests.__getitem__)
    for _, group in groupby(ordered, key=digests.__getitem__):
        numbers = list(group)
        if len(numbers) > 1:
            yield numbers
