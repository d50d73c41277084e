"""What a rule for cards finds, and the form of such a rule."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from trialdeck.notes.prompts.authored import Asked
from trialdeck.records.model import Trial
from trialdeck.yamlfile.document import DataPath


class Finding(msgspec.Struct, frozen=True):
    """What a rule finds: the code, the path in the record, the message and the hint."""

    code: str
    path: DataPath
    message: str
    hint: str


def place_of(trial: Trial, path: DataPath) -> str:
    """Return the path of a text with the id of its entry in place of the number: `questions.why.question`."""
    section, *further = path
    if further and isinstance(further[0], int):
        further[0] = getattr(trial, str(section))[further[0]].id
    return ".".join(map(str, [section, *further]))


Rule = Callable[[Trial, Sequence[Asked]], Iterator[Finding]]
