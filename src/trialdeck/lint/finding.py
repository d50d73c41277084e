"""What a rule for cards finds, and the form of such a rule."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from trialdeck.notes.prompts import Asked
from trialdeck.records.model import Trial
from trialdeck.yamlfile.document import DataPath


class Finding(msgspec.Struct, frozen=True):
    """What a rule finds: the code, the path in the record, the message and the hint."""

    code: str
    path: DataPath
    message: str
    hint: str


Rule = Callable[[Trial, Sequence[Asked]], Iterator[Finding]]
