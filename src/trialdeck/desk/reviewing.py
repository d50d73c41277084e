"""Where a reviewer is in a record: its items, those that are still to be done, and the one that is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import trialdeck as td

CHOICES = {
    "open": "Still to review",
    "unreviewed": "Reviewed by nobody",
    "stale": "Out of date",
    "disputed": "Disputed",
    "all": "Everything",
}
"""What a reviewer can go through, and what it is called."""
_EVERY: tuple[td.ReviewStatus, ...] = ("unreviewed", "stale", "disputed", "reviewed")
_TAKEN: dict[str, frozenset[str]] = {
    "open": frozenset({"unreviewed", "stale"}),
    "unreviewed": frozenset({"unreviewed"}),
    "stale": frozenset({"stale"}),
    "disputed": frozenset({"disputed"}),
    "all": frozenset(_EVERY),
}


@dataclass(frozen=True, slots=True)
class Round:
    """A reviewer's way through a record.

    `items` are all that can be reviewed in it, `which` says which of them the reviewer goes through, `at` is the number
    of the item that is looked at, from 1; 0 if none is left.
    """

    name: str
    items: Sequence[td.ReviewItem]
    which: str
    at: int

    @classmethod
    def of(cls, project: td.Project, name: str, which: str, at: str) -> "Round":
        """Read a record; `at` is what the address says, and may be anything.

        Raises TrialdeckError if the record cannot be read or has errors.
        """
        items = tuple(td.review_items(project, which=_EVERY))
        found = cls(name, items, which if which in CHOICES else "open", 0)
        if at.isascii() and at.isdecimal() and len(at) < 7 and 0 < int(at) <= len(items):
            return cls(name, items, found.which, int(at))
        return cls(name, items, found.which, found.after(0) if found.which != "all" else min(1, len(items)))

    @property
    def item(self) -> td.ReviewItem:
        """The item that is looked at."""
        return self.items[self.at - 1]

    @property
    def steps(self) -> Sequence[tuple[int, td.ReviewItem]]:
        """The items that the reviewer goes through, with their numbers; that which is looked at is among them."""
        numbered = enumerate(self.items, start=1)
        return [(number, item) for number, item in numbered if number == self.at or self._takes(item)]

    @property
    def reviewed(self) -> int:
        """How many items are reviewed."""
        return sum(item.status == "reviewed" for item in self.items)

    @property
    def disputed(self) -> int:
        """How many items are disputed."""
        return sum(item.status == "disputed" for item in self.items)

    @property
    def open_items(self) -> int:
        """How many entries are not reviewed; the review of the record itself would count for them."""
        return sum(item.status != "reviewed" for item in self.items if item.entry)

    def after(self, number: int) -> int:
        """Return the number of the next item to go through behind the one with a number, or of the first; 0 if none."""
        taken = [place for place, item in enumerate(self.items, start=1) if place != number and self._takes(item)]
        return next((place for place in taken if place > number), taken[0] if taken else 0)

    def before(self, number: int) -> int:
        """Return the number of the item before the one with a number; 0 if there is none."""
        taken = [place for place, item in enumerate(self.items, start=1) if place < number and self._takes(item)]
        return taken[-1] if taken else 0

    def address(self, at: int = 0) -> str:
        """Return the address of an item; by default, of the first that is to be gone through."""
        words = [f"which={self.which}"] if self.which != "open" else []
        words += [f"at={at}"] if at else []
        return f"/review/{quote(self.name)}{'?' if words else ''}{'&'.join(words)}"

    def _takes(self, item: td.ReviewItem) -> bool:
        return item.status in _TAKEN[self.which]
