"""Read a YAML or JSON file into plain data, with the position of every key and value.

Scalars stay the text that the author wrote (`NO`, `1.10`, `2016-11-01`, `12:30`); the schema alone says
which are numbers (`trialdeck.records.schema`). Only an empty value, `~` or `null` without quotes is nothing. A file
whose name ends in `.json` is JSON, with all its rules; any other is YAML.
"""

import codecs
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error, read_input
from trialdeck.core.problem import FileLocation, Location, Problem, first_faults
from trialdeck.core.text import unshowable
from trialdeck.yamlfile.builder import MAX_DEPTH, MOST_VALUES, SMALLER, STAND_INS, TOO_LARGE, Builder, Plain, loader_of
from trialdeck.yamlfile.jsonfile.text import hint_in_json
from trialdeck.yamlfile.positions import DataPath, Locations, Places

__all__ = [
    "MAX_DEPTH",
    "MOST_VALUES",
    "STAND_INS",
    "DataPath",
    "Document",
    "Plain",
    "is_json",
    "parse_document",
    "read_content",
    "read_document",
]

JSON = ".json"
"""What the names of JSON files end in."""
LARGEST = 1_000_000
"""How many bytes a file may have; a long record has 30,000."""
_BOM = "\ufeff"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def without_mark(content: bytes) -> str:
    """Return the text of a file in UTF-8 without its byte order mark; raises UnicodeDecodeError if it is not."""
    return content.decode("utf-8").lstrip(_BOM)


def is_json(path: str) -> bool:
    """Tell whether a file is JSON, by its name."""
    return path.lower().endswith(JSON)


def json_ending(path: str) -> str:
    """Return `.json`, which stands for the name of a JSON file, or nothing for any other."""
    return JSON if is_json(path) else ""


class Document(msgspec.Struct, frozen=True):
    """The data of one file and the location of each part of it.

    `keys` and `values` map a path such as `("questions", 0, "response")` to its place; for an item of a list both are
    the same.
    """

    path: str
    data: Any
    keys: Mapping[DataPath, Location]
    values: Mapping[DataPath, Location]

    def spot(self, *path: str | int) -> Location:
        """Return the location of a value, or of the nearest thing around it that was written."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, FileLocation(self.path, 1, 1))

    def key_spot(self, *path: str | int) -> Location:
        """Return the location of a key, or of the nearest thing around it that was written."""
        return self.keys.get(path) or self.spot(*path)

    def problem(self, code: str, spot: Location, message: str, hint: str = "") -> Problem:
        """Make a problem of this file.

        Args:
            code: A key of `trialdeck.core.codes.CODES`.
            spot: Where the problem is.
            message: What is wrong.
            hint: What to do about it.

        Returns:
            The problem.

        """
        return Problem(spot, code, message, hint_in_json(hint) if is_json(self.path) else hint)


def read_content(path: Path) -> bytes:
    """Return the bytes of a file, of one that is too large no more than shows it; raises OSError."""
    return read_input(path, LARGEST)


def content_of(path: Path, shown: str) -> bytes:
    """Return what `read_content` does; raises TrialdeckError, which calls the file `shown`, where it cannot be read."""
    return read_file_or_error(path, shown, LARGEST)


def read_document(path: Path, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Read a file; `shown` is the path as problems name it. The document is None where its syntax is broken."""
    try:
        content = read_content(path)
    except OSError as error:
        return None, (Problem(FileLocation(shown, 1, 1), "TD100", f"cannot read the file: {error.strerror}"),)
    return parse_document(content, shown)


def parse_document(content: bytes, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Parse the bytes of a file that is called `shown`; the document is None where its syntax is broken."""
    if len(content) > LARGEST:
        message = f"the file has more than {LARGEST:,} bytes"
        return None, (Problem(FileLocation(shown, 1, 1), TOO_LARGE, message, SMALLER),)
    if content.startswith(_UTF_16) or b"\0" in content[:2]:
        return None, (_not_utf_8(FileLocation(shown, 1, 1), "the file is UTF-16, not UTF-8"),)
    try:
        text = without_mark(content)
    except UnicodeDecodeError as error:
        location = Places(without_mark(content[: error.start]), shown).location(-1)
        return None, (_not_utf_8(location, f"byte 0x{content[error.start]:02x} is not UTF-8"),)
    places = Places(text, shown)
    if hidden := tuple(first_faults(_hidden(text, places))):
        return None, hidden
    builder = Builder(text, places, is_json=is_json(shown))
    data, problems, is_usable = builder.build()
    if not is_usable:
        return None, problems
    marks = builder.marks
    return Document(shown, data, Locations(places, marks.keys), Locations(places, marks.values)), problems


def _not_utf_8(location: FileLocation, message: str) -> Problem:
    return Problem(location, "TD120", message, "save the file with the encoding UTF-8")


def refuse_too_large(problems: Iterable[Problem], shown: str) -> None:
    """Raise TrialdeckError where the problems of a text that is to be written tell that it is too large."""
    for problem in problems:
        if problem.code == TOO_LARGE:
            raise TrialdeckError(f"{shown} would be too large: {problem.message}", problem.hint)


def _hidden(text: str, places: Places) -> Iterator[Problem]:
    last = 0
    for match in unshowable(text):
        location = places.location(match.start())
        # One in a line is enough: a file that is not text at all has thousands.
        if location.line != last:
            yield Problem(location, "TD112", f"character U+{ord(match[0]):04X} is not text")
        last = location.line


def parsed_nodes(text: str, shown: str) -> yaml.Node:
    """Return the nodes of a text that can be read; their places are indexes into it."""
    loader = loader_of(text if is_json(shown) else text.translate(STAND_INS), is_json=is_json(shown))
    node = loader.get_single_node()
    loader.dispose()
    assert isinstance(node, yaml.Node)
    return node
