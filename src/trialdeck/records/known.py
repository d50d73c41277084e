"""A known record: a file, what is wrong with it, and its outline; the rest is read again where it is needed."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import msgspec

from trialdeck.records.document import Document
from trialdeck.records.load import Record, load_record
from trialdeck.records.model import Trial
from trialdeck.records.outline import Outline, outline_of
from trialdeck.records.problem import Problem


class KnownRecord(msgspec.Struct, frozen=True, dict=True):
    """A record that has been read before; `outline` is None where it could not be."""

    path: str
    outline: Outline | None
    problems: tuple[Problem, ...] = ()
    load: Callable[[Path, str], Record] = load_record

    @cached_property
    def record(self) -> Record:
        """The whole record; it stays in memory as long as this one, so read many with `read_again`."""
        return self.read_again()

    def read_again(self) -> Record:
        """Read the whole record from its file; only a fault needs it."""
        return self.load(Path(self.path), self.path)

    @property
    def trial(self) -> Trial:
        """The trial of a record that has an outline."""
        trial = self.record.trial
        assert trial
        return trial

    @property
    def document(self) -> Document:
        """The document of a record that has an outline, for the places of what is wrong."""
        document = self.record.document
        assert document
        return document

    @property
    def folder(self) -> Path:
        """The folder of its file, from which the paths of its figures lead on."""
        return Path(self.path).parent


def known(record: Record) -> KnownRecord:
    """Return a record that has just been read as a known one."""
    outline = outline_of(record.trial) if record.trial and record.document else None
    return KnownRecord(record.path, outline, record.problems, lambda _path, _shown: record)
