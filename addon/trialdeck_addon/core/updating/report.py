"""What an update did, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..json_form import counted

if TYPE_CHECKING:
    from anki.collection import OpChanges

    from ..subscriptions import Subscription


@dataclass(frozen=True)
class Report:
    """What an update did, in numbers of notes; `details` are lines for the log and a dialog.

    `kept` are notes on which something of the learner's was kept although they were updated, or although the author has
    changed them. `unanswered` are notes that are asked again. `subscription` is to be saved. `changes` is what Anki's
    windows have to show anew; `None` if nothing was changed. `returned` are cards that a former update has
    suspended, and that are back.
    """

    new: int
    updated: int
    retired: int
    kept: int
    unanswered: int
    details: tuple[str, ...]
    subscription: Subscription
    changes: OpChanges | None = field(compare=False, repr=False)
    returned: int = 0
    has_new_look: bool = False

    @property
    def words(self) -> str:
        """The report as a line: 3 updated, 2 new, 1 retired; kept what you wrote on 3."""
        counts = [(self.updated, "updated"), (self.new, "new"), (self.retired, "retired")]
        done = ", ".join(f"{count:,} {word}" for count, word in counts if count)
        parts = [done] if done else []
        if self.returned:
            parts.append(f"{counted(self.returned, 'suspended card is', 'suspended cards are')} back")
        if not parts:
            parts.append("the look of the cards is new" if self.has_new_look else "nothing new")
        if self.kept:
            parts.append(f"kept what you wrote on {self.kept:,}")
        if self.unanswered:
            parts.append(f"{counted(self.unanswered, 'note waits', 'notes wait')} for your answer")
        return "; ".join(parts)
