"""Whose text a note gets when an edition comes to a learner: the rule that the add-on for Anki has as well.

`tests/support/merge_cases.py` is the table of cases that both decide alike.
"""

from collections.abc import Collection, Iterable
from enum import Enum, auto

from trialdeck.anki.collection import AnkiNoteState
from trialdeck.notes.tags import edition_tag

MINE = "trialdeck-mine"
"""The tag of a note whose text always stays the learner's; the add-on gives it, and a learner may."""
_EDITION = edition_tag("").casefold()


class Decision(Enum):
    """What an edition does to a note: nothing, give it the author's text, keep the learner's, or that after asking."""

    NOTHING = auto()
    TAKE = auto()
    KEEP = auto()
    ASK = auto()


def decide(local: AnkiNoteState, packed: AnkiNoteState, known: Collection[str]) -> Decision:
    """Return what an edition does to a note.

    Args:
        local: The learner's note.
        packed: The author's note.
        known: The digests of the texts of the note that were published.

    Returns:
        NOTHING if the author sent nothing since the learner's edition: facts that a note shares with the others of its
        trial come with the next change of its own. ASK if both have changed it.
    """
    is_of_edition = _editions(local.tags) == _editions(packed.tags)
    if is_of_edition and local.own == packed.own:
        return Decision.NOTHING
    if any(tag.casefold() == MINE for tag in local.personal.tags):
        return Decision.NOTHING if local.text == packed.text else Decision.KEEP
    if local.text in known or local.text == packed.text:
        return Decision.TAKE
    return Decision.NOTHING if is_of_edition else Decision.ASK


def _editions(tags: Iterable[str]) -> set[str]:
    return {tag for tag in tags if tag.startswith(_EDITION)}
