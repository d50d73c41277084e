"""What a pull brings back: edits that records take, and those that are left alone, with the reason."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from trialdeck.anki.collection_diff import CollectionDiff
from trialdeck.apkg.reader import PackedNote
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.yamlfile.positions import DataPath
from trialdeck.yamlfile.write_records import Rewrite


class WrittenEdit(msgspec.Struct, frozen=True):
    """A text of a record that was edited in Anki, as Markdown before and after, and what no record can hold of it.

    `field` is the field of the note, `point` the position of the text in its list, from 1; 0 if it is the whole field.
    """

    file: str
    key: str
    path: DataPath
    before: str
    after: str
    losses: tuple[str, ...] = ()
    field: str = ""
    point: int = 0

    @property
    def name(self) -> str:
        """By which an author accepts or declines this one edit."""
        return f"{self.key}:{self.field}{f':{self.point}' if self.point else ''}"


class Refused(msgspec.Struct, frozen=True):
    """A field that was edited in Anki but cannot be written into a record, and the reason."""

    key: str
    field: FieldChange
    reason: str


class Added(msgspec.Struct, frozen=True):
    """A note that was added in Anki and becomes a question of a record, and what no record can hold of it."""

    file: str
    key: str
    question: str
    response: str
    losses: tuple[str, ...] = ()
    note: PackedNote | None = None


class Homeless(msgspec.Struct, frozen=True):
    """A note that was added in Anki but cannot become a question, and the reason."""

    note: PackedNote
    reason: str


class Pulled(msgspec.Struct):
    """The differences in the collection, those that records can take, and the resulting files.

    `conflicts` are texts that were edited in the record as well, and that the author has not decided for; `left` are
    texts and notes that the author did not accept.
    """

    returned: CollectionDiff
    written: list[WrittenEdit] = msgspec.field(default_factory=list)
    refused: list[Refused] = msgspec.field(default_factory=list)
    added: list[Added] = msgspec.field(default_factory=list)
    homeless: list[Homeless] = msgspec.field(default_factory=list)
    contents: dict[Path, Rewrite] = msgspec.field(default_factory=dict)
    conflicts: list[WrittenEdit] = msgspec.field(default_factory=list)
    left: list[WrittenEdit | Added] = msgspec.field(default_factory=list)

    @property
    def names(self) -> Iterator[str]:
        """The names by which edits and new notes can be accepted or declined, with the keys of their notes."""
        for edit in (*self.written, *self.conflicts, *self.left, *self.added):
            yield edit.key
            if isinstance(edit, WrittenEdit):
                yield edit.name
