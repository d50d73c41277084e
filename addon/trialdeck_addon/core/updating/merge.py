"""Whose text a note gets: pure functions over a note of the learner's, the author's, and what was published.

The author's text is known by its digest, whatever edition it is of. So a note is as the author wrote it, or the learner
has edited it; who of them changed it since is known without a memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ..contents import ROOT
from ..note_types import EXTRA, KEY, NOTE_TYPES, RETIRED, part_digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..contents import PackedNote

EDITION = "trialdeck::edition::"
MINE = "trialdeck-mine"
"""The tag of a note whose text always stays the learner's. It is the learner's own: it syncs, and can be taken away."""


class Decision(Enum):
    """What an update does to a note: nothing, take the author's text, keep the learner's, or ask."""

    NOTHING = "nothing"
    TAKE = "take"
    KEEP = "keep"
    ASK = "ask"


@dataclass(frozen=True)
class LocalNote:
    """A note as the learner has it: our fields by our names (a field that was deleted is missing), and all tags.

    `added` says whether a field of the learner's own has something in it.
    """

    note_id: int
    guid: str
    type_id: int
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    added: bool = False

    @property
    def key(self) -> str:
        """The path of its entry in the author's records."""
        return self.fields.get(KEY, "")

    @property
    def is_retired(self) -> bool:
        """Whether the learner has it as withdrawn."""
        return bool(self.fields.get(RETIRED))

    @property
    def has_own_words(self) -> bool:
        """Whether the learner has written beside the author's text: `Extra`, a field of their own, or a tag."""
        return bool(self.fields.get(EXTRA)) or self.added or bool(own_tags(self.tags))


def decide(local: LocalNote, packed: PackedNote, known: Collection[str]) -> Decision:
    """Return what an update does to a note.

    Args:
        local: The learner's note.
        packed: The author's note, of the same guid and note type.
        known: The digests of all texts of the note that were ever published.

    Returns:
        NOTHING if the author sent nothing new. Facts that a note shares with the others of its trial come with the next
        change of its own, or when the author sends them under a new edition.
    """
    if is_same(local, packed):
        return Decision.NOTHING
    digest = digest_of(local, packed)
    if is_always_mine(local.tags):
        return Decision.NOTHING if digest == packed.digest else Decision.KEEP
    if digest in known or digest == packed.digest:
        return Decision.TAKE
    return Decision.ASK if _editions(local.tags) != _editions(packed.tags) else Decision.NOTHING


def is_same(local: LocalNote, packed: PackedNote) -> bool:
    """Whether the author has sent nothing since the learner's edition: the note says the same, and is of that one."""
    table, mine, theirs = NOTE_TYPES[packed.type_id], local.fields, packed.fields
    if any(mine.get(name, theirs[name]) != theirs[name] for name in table.fields if name in table.own_names):
        return False
    return _editions(local.tags) == _editions(packed.tags)


def digest_of(local: LocalNote, packed: PackedNote) -> str:
    """Return the digest of a learner's note; in place of a field that the learner has deleted counts the author's."""
    return NOTE_TYPES[packed.type_id].digest({**packed.fields, **local.fields})


def token_of(local: LocalNote, packed: PackedNote) -> str:
    """Return what names a question: the note, the learner's text and the author's."""
    return f"{packed.guid} {digest_of(local, packed)} {packed.digest}"


def kept_token(packed: PackedNote) -> str:
    """Return what is remembered of an answer "mine": the note and what the author sent, which is not asked again."""
    table = NOTE_TYPES[packed.type_id]
    own = [packed.fields[name] for name in table.fields if name in table.own_names]
    sent = part_digest(*own, *sorted(_editions(packed.tags)))
    return f"{packed.guid} {sent}"


def merged_fields(local: LocalNote, packed: PackedNote) -> dict[str, str]:
    """Return the author's fields, without `Extra`, as far as the learner's note type has them."""
    return {name: packed.fields[name] for name in packed.fields if name in local.fields and name != EXTRA}


def merged_tags(local: Iterable[str], packed: Iterable[str]) -> tuple[str, ...]:
    """Return the author's tags below `trialdeck::`, and all tags of the learner's as they are written."""
    tags: dict[str, str] = {}
    for tag in (*own_tags(local), *packed):
        tags.setdefault(tag.lower(), tag)
    return tuple(tags.values())


def own_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the learner's tags: all that are not below `trialdeck::`, in whatever letters."""
    return tuple(tag for tag in tags if not tag.lower().startswith(ROOT))


def is_always_mine(tags: Iterable[str]) -> bool:
    """Whether the learner wants to keep the text of a note for good."""
    return any(tag.lower() == MINE for tag in tags)


def edition_of(tags: Iterable[str]) -> str:
    """Return the edition that a note is of; empty if no tag says so."""
    return next((tag[len(EDITION) :] for tag in tags if tag.lower().startswith(EDITION)), "")


def _editions(tags: Iterable[str]) -> set[str]:
    return {tag for tag in map(str.lower, tags) if tag.startswith(EDITION)}
