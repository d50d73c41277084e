"""New facts of a trial: changes of shared content, which learners who have the notes are not sent.

They are counted by trial: a new comparator stands on thirty cards, but it is one change.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

import msgspec

from trialdeck.editions.compare.word_diff import PieceKind, field_difference

_SHOWN = 3
"""How many different changes of one field are shown."""

_Texts = tuple[str, str]
"""The former and the new HTML of a field."""


class Fact(msgspec.Struct, frozen=True):
    """One change of a shared field, as HTML, and on how many notes it stands."""

    field: str
    before: str
    after: str
    notes: int


class Facts(msgspec.Struct, frozen=True):
    """What is new about a trial: `fresh` notes carry it since the last edition, `waiting` ones since an earlier one.

    `shown` are the changes since the last edition, three of each field at most, and `more` counts the others. Of
    `unknown` notes the former text is not known.
    """

    trial: str
    fresh: int
    waiting: int
    shown: tuple[Fact, ...]
    more: int = 0
    unknown: int = 0
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()

    @property
    def notes(self) -> int:
        """How many notes carry new facts."""
        return self.fresh + self.waiting


class FactsOfTrial(msgspec.Struct):
    """Gathers the new facts of a trial, note by note."""

    trial: str
    fresh: int = 0
    waiting: int = 0
    unknown: int = 0
    counts: dict[str, dict[_Texts, int]] = msgspec.field(default_factory=dict)
    examples: dict[_Texts, _Texts] = msgspec.field(default_factory=dict)
    tags_added: set[str] = msgspec.field(default_factory=set)
    tags_removed: set[str] = msgspec.field(default_factory=set)

    def add(
        self,
        key: str,
        fields: Iterable[tuple[str, str, str]] | None,
        added: Iterable[str] = (),
        removed: Iterable[str] = (),
    ) -> None:
        """Add a note.

        The address for errors has the note's own key in it: changes that differ only by the key are the same.

        Args:
            key: The key of the note.
            fields: Name, former and new HTML of each field that differs, or None if they are not known.
            added: The tags that are new.
            removed: The tags that are gone.
        """
        self.fresh += 1
        self.unknown += fields is None
        for name, before, after in fields or ():
            common = _without_key(before, key), _without_key(after, key)
            self.examples.setdefault(common, (before, after))
            of_field = self.counts.setdefault(name, {})
            of_field[common] = of_field.get(common, 0) + 1
        self.tags_added.update(added)
        self.tags_removed.update(removed)

    @property
    def facts(self) -> Facts:
        """All of them."""
        summed = {name: sorted(_summed(counts).items(), key=_most_frequent) for name, counts in self.counts.items()}
        shown = [
            Fact(name, *self.examples[texts], count)
            for name, changes in summed.items()
            for texts, count in changes[:_SHOWN]
        ]
        return Facts(
            trial=self.trial,
            fresh=self.fresh,
            waiting=self.waiting,
            shown=tuple(shown),
            more=sum(len(changes[_SHOWN:]) for changes in summed.values()),
            unknown=self.unknown,
            tags_added=tuple(sorted(self.tags_added)),
            tags_removed=tuple(sorted(self.tags_removed)),
        )


def _without_key(text: str, key: str) -> str:
    """Return the HTML of a field without the note's key, as addresses have it."""
    return text.replace(quote(key), "").replace(quote(key, safe=""), "")


def _summed(counts: Mapping[_Texts, int]) -> Mapping[_Texts, int]:
    """Count changes of a field that replace the same words as one, the most common of them."""
    if len(counts) == 1:
        return counts
    first: dict[tuple[tuple[PieceKind, str], ...], _Texts] = {}
    summed: dict[_Texts, int] = {}
    for texts, count in sorted(counts.items(), key=_most_frequent):
        pieces = field_difference(*texts).pieces
        words = tuple((piece.kind, piece.text) for piece in pieces if piece.kind is not PieceKind.SAME)
        common = first.setdefault(words, texts)
        summed[common] = summed.get(common, 0) + count
    return summed


def _most_frequent(counted: tuple[_Texts, int]) -> tuple[int, _Texts]:
    texts, count = counted
    return -count, texts
