"""Find learners' histories that an edition would cut: an entry returns under another id.

Anki knows a note by what its id gives. A learner of the old entry keeps its card as a retired one, and starts the new
one from the beginning, unless the new entry names the old id (`formerly`). What the ids alone show is an error in the
record (TD210); here the texts are compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from trialdeck.editions.ledger import Line
from trialdeck.editions.tombstone import perspective_of
from trialdeck.notes.note import Note, is_key_of_trial, label_of, trial_of
from trialdeck.notes.note_types import Kind
from trialdeck.notes.prompts.words import likeness, words_of

ALIKE = 0.8
"""The share of words, by `likeness`, from which on two fronts ask the same."""
_MOST = 40_000
"""The most pairs of fronts that are compared word by word; of more, only equal ones are found."""

_Section = tuple[str, int, str]
"""The section of a record, how deep an entry stands in it, and a perspective; only such entries are compared."""


class Cut(msgspec.Struct, frozen=True):
    """A history that would be cut: the key or trial that is gone, the new one, and how many notes it is about."""

    old: str
    new: str
    count: int = 1

    @property
    def old_id(self) -> str:
        """The id that the new entry, or the new record, has to name."""
        return self._ids[0]

    @property
    def new_id(self) -> str:
        """The id of the new entry or record."""
        return self._ids[1]

    @property
    def _ids(self) -> tuple[str, str]:
        pairs = zip(self.old.split("/"), self.new.split("/"), strict=False)
        return next((pair for pair in pairs if pair[0] != pair[1]), (self.old, self.new))


class CutHistories(msgspec.Struct):
    """Finds cut histories trial by trial, and at the end those of whole trials.

    `gone` are the trials that have no record any more, with hashes of the names of their deleted notes. `come` are the
    trials that have new notes, with hashes of the names of these. Not counted are the note of the trial itself, which
    stays while another record names the trial.
    """

    cuts: list[Cut] = msgspec.field(default_factory=list)
    gone: dict[str, frozenset[int]] = msgspec.field(default_factory=dict)
    come: dict[str, frozenset[int]] = msgspec.field(default_factory=dict)

    def add(self, deleted: Sequence[Line], new: Sequence[Note], *, has_record: bool) -> None:
        """Add the notes of a trial whose entries are deleted, and those that are new.

        `has_record` says whether the trial has a record.
        """
        self.cuts += _cuts(deleted, new) if deleted and new else ()
        names = _named(new if has_record else deleted)
        if names:
            its_trial = trial_of((new if has_record else deleted)[0].key)
            (self.come if has_record else self.gone)[its_trial] = names

    @property
    def found(self) -> list[Cut]:
        """All cut histories."""
        return [*self.cuts, *_renamed(self.gone, self.come)]


def _named(entries: Iterable[Line | Note]) -> frozenset[int]:
    """Return hashes of the names of the notes of a record, without the id of their trial."""
    own = [entry for entry in entries if not is_key_of_trial(entry.key)]
    # Those of ten thousand new trials are in memory at once.
    return frozenset(hash((entry.key.partition("/")[2], entry.label)) for entry in own)


def _renamed(gone: dict[str, frozenset[int]], come: dict[str, frozenset[int]]) -> Iterable[Cut]:
    """Yield the trials at least half of whose notes come back under another id of the trial."""
    if not gone:
        return
    of_note: dict[int, list[str]] = defaultdict(list)
    for trial, names in come.items():
        for name in names:
            of_note[name].append(trial)
    for trial, names in sorted(gone.items()):
        counts: dict[str, int] = defaultdict(int)
        for name in names:
            for other in of_note.get(name, ()):
                counts[other] += 1
        best = max(counts, key=lambda other: (counts[other], other), default="")
        if best and counts[best] * 2 >= len(names):
            yield Cut(trial, best, counts[best])


def _cuts(deleted: Sequence[Line], new: Sequence[Note]) -> Iterable[Cut]:
    """Yield a pair for each deleted note that a new one of the same section and perspective repeats."""
    fronts: dict[_Section, list[tuple[frozenset[str], Note]]] = defaultdict(list)
    for note in new:
        fronts[_section(note.key, note.perspective)].append((_words(note.label), note))
    is_few = len(deleted) * len(new) <= _MOST
    for line in sorted(deleted, key=lambda line: line.key):
        words, candidates = _words(_front_of(line)), fronts[_section(line.key, perspective_of(line))]
        alike = [front for front in candidates if front[0] == words or (is_few and _are_alike(words, front[0]))]
        if words and alike:
            best = max(alike, key=lambda front: (likeness(words, front[0]), front[1].key))
            candidates.remove(best)
            yield Cut(line.key, best[1].key)


def _section(key: str, perspective: str) -> _Section:
    parts = key.split("/")
    return parts[1], len(parts), perspective


def _front_of(line: Line) -> str:
    return label_of(Kind(line.kind), line.kept[0]) if line.kept else line.label


def _words(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two fronts ask the same; with another number it is another question."""
    return not any(map(_has_digit, one ^ other)) and likeness(one, other) >= ALIKE


def _has_digit(word: str) -> bool:
    return any(map(str.isdecimal, word))
