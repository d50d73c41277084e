"""Whose text a note gets: the cases that the add-on for Anki and `trialdeck push` decide alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OLD, NEW = "trialdeck::edition::2026-01-01", "trialdeck::edition::2026-02-01"
MINE = "trialdeck-mine"
FIELDS = {"Question": "Why?", "Response": "It binds.", "Key": "dawn-1/why"}
"""The first text of the note, which was published; all other fields are empty."""


@dataclass(frozen=True)
class Side:
    """A note of the learner's or of the author's: its tags, and the fields that differ from the first text."""

    tags: tuple[str, ...]
    changes: Mapping[str, str] = field(default_factory=dict)


def side(*tags: str, **changes: str) -> Side:
    return Side(tags, changes)


CASES = {
    "nothing happened": (side(OLD), side(OLD), "NOTHING"),
    "the author changed it": (side(OLD), side(NEW, Response="It blocks."), "TAKE"),
    "the author changed it, the learner wrote into Extra": (side(OLD, Extra="mine"), side(NEW, Response="X."), "TAKE"),
    "the author changed it, the learner gave it a tag": (side(OLD, "mine"), side(NEW, Response="X."), "TAKE"),
    "the learner edited it, the author did not": (side(OLD, Response="Mine."), side(OLD), "NOTHING"),
    "both changed it": (side(OLD, Response="Mine."), side(NEW, Response="It blocks."), "ASK"),
    "both changed it to the same": (side(OLD, Response="X."), side(NEW, Response="X."), "TAKE"),
    "the author changed tags alone": (side(OLD), side(NEW, "trialdeck::audience::fellow"), "TAKE"),
    "shared facts alone are new, under the same edition": (side(OLD), side(OLD, About="New."), "NOTHING"),
    "shared facts alone are new, and sent": (side(OLD), side(NEW, About="New."), "TAKE"),
    "the learner edited shared facts, the author changed it": (side(OLD, Source="M."), side(NEW, Response="X."), "ASK"),
    "the same edition with another text of the author's": (side(OLD), side(OLD, Response="X."), "TAKE"),
    "the learner took the tag of the edition away": (side("mine"), side(OLD), "TAKE"),
    "the learner edited it and took the tag away": (side("mine", Response="M."), side(OLD), "ASK"),
    "the edition in capital letters": (side(OLD.upper()), side(OLD), "NOTHING"),
    "always mine": (side(OLD, MINE, Response="M."), side(NEW, Response="X."), "KEEP"),
    "always mine, unedited": (side(OLD, MINE.upper()), side(NEW, Response="X."), "KEEP"),
    "always mine, and both say the same": (side(OLD, MINE), side(OLD), "NOTHING"),
    "always mine, and both say the same in another edition": (side(OLD, MINE), side(NEW), "NOTHING"),
    "retired": (side(OLD), side(NEW, Retired="2026-02-01: wrong"), "TAKE"),
    "retired, and edited by the learner": (side(OLD, Response="M."), side(NEW, Retired="x"), "ASK"),
    "retired, and retired before": (side(OLD, Retired="x"), side(OLD, Retired="x"), "NOTHING"),
}
