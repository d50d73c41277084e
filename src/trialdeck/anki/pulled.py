"""What a pull brings back: edits that records take, and those that are left alone, with the reason."""

from pathlib import Path

import msgspec

from trialdeck.anki.collection_diff import CollectionDiff
from trialdeck.apkg.reader import PackedNote
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.yamlfile.positions import DataPath
from trialdeck.yamlfile.write_records import Rewrite


class WrittenEdit(msgspec.Struct, frozen=True):
    """A text of a record that was edited in Anki, as Markdown before and after, and what no record can hold of it."""

    file: str
    key: str
    path: DataPath
    before: str
    after: str
    losses: tuple[str, ...] = ()


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


class Homeless(msgspec.Struct, frozen=True):
    """A note that was added in Anki but cannot become a question, and the reason."""

    note: PackedNote
    reason: str


class Pulled(msgspec.Struct):
    """The differences in the collection, those that records can take, and the resulting files."""

    returned: CollectionDiff
    written: list[WrittenEdit] = msgspec.field(default_factory=list)
    refused: list[Refused] = msgspec.field(default_factory=list)
    added: list[Added] = msgspec.field(default_factory=list)
    homeless: list[Homeless] = msgspec.field(default_factory=list)
    contents: dict[Path, Rewrite] = msgspec.field(default_factory=dict)
