"""A suggestion to the author: what one note should say instead, as a mail, a form on the web, or a file.

It holds the author's fields and what the learner typed for it: never tags, never `Extra`, never a field of the
learner's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anki.collection import Collection


@dataclass(frozen=True)
class Draft:
    """The fields of a note that a learner may correct, by our names and in order, and where corrections go."""

    note_id: int
    guid: str
    key: str
    note_type: str
    edition: str
    project: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Words:
    """What a learner typed: fields as they should be, by name (those that stay may be left out), why, and a source.

    `contributor` is the name under which the learner wants to be thanked, or empty.
    """

    fields: Mapping[str, str]
    reason: str
    source: str
    contributor: str = ""


class Way(Enum):
    """How a suggestion travels: a mail that is filled in, a form on the web, or a file that the learner sends."""

    MAIL = "mail"
    ISSUE = "issue"
    FILE = "file"


@dataclass(frozen=True)
class Letter:
    """A suggestion ready to go: the address to open (empty for a file), its text as it is shown, and the file."""

    way: Way
    address: str
    text: str
    file_name: str
    file: bytes


def draft_of(col: Collection, note_id: int) -> Draft:
    """Return what can be corrected on a note; raises TrialdeckError if it is none of ours."""
    raise NotImplementedError


def letter(draft: Draft, words: Words, report: str, feed: str, today: str) -> Letter:
    """Return a suggestion.

    Args:
        draft: The note.
        words: What the learner typed.
        report: Where corrections go, as the feed says: a mail or web address, or empty.
        feed: The address of the feed; a folder of this machine is not told.
        today: The day, YEAR-MONTH-DAY.

    Returns:
        The letter.

    Raises:
        TrialdeckError: Nothing was changed, or no reason was given.
    """
    raise NotImplementedError
