"""An update of a collection: what it would do, and doing it.

Call both with Anki's collection in an operation of Anki's own (`QueryOp` for the plan, `CollectionOp` for the update).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anki.collection import Collection, OpChanges

    from .fetch import Edition
    from .subscriptions import Subscription


class Answer(Enum):
    """Whose text a note gets that both the learner and the author have changed."""

    MINE = "mine"
    THEIRS = "theirs"
    MINE_ALWAYS = "mine always"


@dataclass(frozen=True)
class Choices:
    """What the learner wants of an update.

    `answers` are for the tokens of questions; a note without an answer stays as it is, and is asked again. `retired` is
    "keep", "suspend" or "remove". `backup_folder` is where Anki keeps its backups; without it none is made.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    retired: str = "keep"
    backup_folder: Path | None = None


@dataclass(frozen=True)
class FieldDifference:
    """A field that differs, as HTML: show it as text, or rendered in a view without scripts."""

    name: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Question:
    """A note that both have changed. `token` names these two texts: an answer counts only for them."""

    token: str
    note_id: int
    key: str
    label: str
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True)
class Plan:
    """What an update would do, without having done anything.

    `labels` of notes are plain text. `refused` is empty, or one line that says why the update would be refused.
    """

    new: tuple[str, ...]
    updated: tuple[str, ...]
    retired: tuple[str, ...]
    kept: tuple[str, ...]
    questions: tuple[Question, ...]
    refused: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the update would change nothing and ask nothing."""
        return not (self.new or self.updated or self.retired or self.questions)


@dataclass(frozen=True)
class Report:
    """What an update did; `words` is a line for the learner, `details` are lines for the log and a dialog."""

    new: int
    updated: int
    retired: int
    kept: int
    unanswered: int
    words: str
    details: tuple[str, ...]
    subscription: Subscription
    changes: OpChanges = field(compare=False, repr=False)


def plan_update(col: Collection, edition: Edition, subscription: Subscription) -> Plan:
    """Return what an edition would change in a collection; nothing is written."""
    raise NotImplementedError


def apply_update(col: Collection, edition: Edition, subscription: Subscription, choices: Choices) -> Report:
    """Bring an edition into a collection, as one step that can be undone.

    Args:
        col: The collection.
        edition: The verified files.
        subscription: What is known of former updates.
        choices: What the learner wants.

    Returns:
        What was done, with the subscription to save.

    Raises:
        TrialdeckError: Nothing was changed, and why.
    """
    raise NotImplementedError
