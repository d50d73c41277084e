"""New facts of a trial: changes of what all of its notes share, which learners who have the notes are not sent.

They are summed up by trial: a new comparator stands on thirty cards, but it is one change.
"""

from collections.abc import Iterable

import msgspec

_SHOWN = 3
"""How many changes of one field are shown; the address for errors differs on every note."""


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
    counts: dict[str, dict[tuple[str, str], int]] = msgspec.field(default_factory=dict)
    tags_added: set[str] = msgspec.field(default_factory=set)
    tags_removed: set[str] = msgspec.field(default_factory=set)

    def add(
        self, fields: Iterable[tuple[str, str, str]] | None, added: Iterable[str] = (), removed: Iterable[str] = ()
    ) -> None:
        """Add a note: name, former and new HTML of each field that differs, or None if they are not known; its tags."""
        self.fresh += 1
        self.unknown += fields is None
        for name, before, after in fields or ():
            of_field = self.counts.setdefault(name, {})
            of_field[before, after] = of_field.get((before, after), 0) + 1
        self.tags_added.update(added)
        self.tags_removed.update(removed)

    @property
    def facts(self) -> Facts:
        """All of them."""
        common = {name: sorted(found.items(), key=_most_frequent) for name, found in self.counts.items()}
        shown = [Fact(name, *texts, count) for name, found in common.items() for texts, count in found[:_SHOWN]]
        return Facts(
            trial=self.trial,
            fresh=self.fresh,
            waiting=self.waiting,
            shown=tuple(shown),
            more=sum(len(found[_SHOWN:]) for found in common.values()),
            unknown=self.unknown,
            tags_added=tuple(sorted(self.tags_added)),
            tags_removed=tuple(sorted(self.tags_removed)),
        )


def _most_frequent(counted: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    texts, count = counted
    return -count, texts
