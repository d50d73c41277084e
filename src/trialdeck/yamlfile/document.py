"""Read a YAML file into plain data, with the position of every key and value.

Scalars stay the text that the author wrote (`NO`, `1.10`, `2016-11-01`, `12:30`); the schema alone says
which are numbers (`trialdeck.records.schema`). Only an empty value, `~` or `null` without quotes is nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import yaml

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error, read_input
from trialdeck.core.problem import MOST_FAULTS, FileLocation, Location, Problem, first_faults, shortened
from trialdeck.core.text import unshowable
from trialdeck.yamlfile.parser_errors import comment_fault, starts_there, syntax_fault
from trialdeck.yamlfile.positions import NO_KEY, ROOT, DataPath, Locations, Marks, Places

__all__ = ["MAX_DEPTH", "DataPath", "Document", "Plain", "parse_document", "read_content", "read_document"]

MAX_DEPTH = 20
"""How deep a file may nest; the deepest that a schema knows is 5."""
LARGEST = 1_000_000
"""How many bytes a file may have; a long record has 30,000."""
MOST_VALUES = 20_000
"""How many values a file may have; a long record has 500."""

_TOO_LARGE = "TD125"
_SMALLER = "make several records of it; SECURITY.md has the limits"
# YAML 1.1 ends lines at these, YAML 1.2 and editors do not: noncharacters stand in for them while the parser reads.
STAND_INS = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_SEPARATORS = tuple(map(chr, STAND_INS))
_SEPARATED = {stand_in: separator for separator, stand_in in STAND_INS.items()}
# What these say does not make the rest of the file doubtful: it is held against the schema all the same.
_HARMLESS = frozenset({"TD102", "TD121", "TD405", "TD425"})
_NOTHING = frozenset({"", "~", "null"})
# All the ways of writing a text: plain, quoted, in blocks.
_STYLES = frozenset({None, "", "'", '"', "|", ">"})

# The C parser is several times as fast; a PyYAML built without libyaml still reads the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Plain(str):
    """A scalar that was written without quotes and may therefore stand for a number."""

    __slots__ = ()


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
        return Problem(spot, code, message, hint)


def read_content(path: Path) -> bytes:
    """Return the bytes of a YAML file, of one that is too large no more than shows it; raises OSError."""
    return read_input(path, LARGEST)


def content_of(path: Path, shown: str) -> bytes:
    """Return what `read_content` does; raises TrialdeckError, which calls the file `shown`, where it cannot be read."""
    return read_file_or_error(path, shown, LARGEST)


def read_document(path: Path, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Read a YAML file; `shown` is the path as problems name it. The document is None where the YAML is broken."""
    try:
        content = read_content(path)
    except OSError as error:
        return None, (Problem(FileLocation(shown, 1, 1), "TD100", f"cannot read the file: {error.strerror}"),)
    return parse_document(content, shown)


def parse_document(content: bytes, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Parse the bytes of a YAML file; the document is None where the YAML is broken."""
    if len(content) > LARGEST:
        message = f"the file has more than {LARGEST:,} bytes"
        return None, (Problem(FileLocation(shown, 1, 1), _TOO_LARGE, message, _SMALLER),)
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        location = Places(content[: error.start].decode("utf-8").lstrip("\ufeff"), shown).location(-1)
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        return None, (Problem(location, "TD120", message, "save the file with the encoding UTF-8"),)
    positions = Places(text, shown)
    if hidden := tuple(first_faults(_hidden(text, positions))):
        return None, hidden
    return _Builder(shown, text, positions).build()


def refuse_too_large(problems: Iterable[Problem], shown: str) -> None:
    """Raise TrialdeckError where the problems of a text that is to be written tell that it is too large."""
    for problem in problems:
        if problem.code == _TOO_LARGE:
            raise TrialdeckError(f"{shown} would be too large: {problem.message}", problem.hint)


def _hidden(text: str, places: Places) -> Iterator[Problem]:
    last = 0
    for match in unshowable(text):
        location = places.location(match.start())
        # One in a line is enough: a file that is not text at all has thousands.
        if location.line != last:
            yield Problem(location, "TD112", f"character U+{ord(match[0]):04X} is not text")
        last = location.line


def parsed_nodes(text: str) -> yaml.Node:
    """Return the nodes of a text that can be read; their places are indexes into it."""
    node = yaml.compose(text.translate(STAND_INS), _Loader)
    assert node
    return node


class _TooDeep(Exception):  # noqa: N818 - a signal within this module
    def __init__(self, index: int) -> None:
        self.index = index


class _TooMuch(Exception):  # noqa: N818 - a signal within this module
    def __init__(self, index: int) -> None:
        self.index = index


class _Enough(Exception):  # noqa: N818 - a signal within this module
    pass


class _Builder:
    """Builds data and marks in one pass over the parser's events; an alias is never followed."""

    def __init__(self, shown: str, text: str, places: Places) -> None:
        self._shown = shown
        self._text = text
        self._places = places
        self._problems: list[Problem] = []
        self._marks = Marks()
        separated = any(separator in text for separator in _SEPARATORS)
        # Only a text that is written so may hold what does not stand in the file as it is read.
        self._doubtful: Collection[str | None] = _STYLES if separated else ('"',) if "\\" in text else ()
        self._loader = _Loader(text.translate(STAND_INS) if separated else text)
        self._next: Callable[[], Any] = self._loader.get_event
        self._has_comments = " #" in text or "\t#" in text

    def build(self) -> tuple[Document | None, tuple[Problem, ...]]:
        data = None
        with suppress(_Enough):
            data = self._data()
        problems = tuple(first_faults(self._problems))
        if any(problem.code not in _HARMLESS for problem in problems):
            return None, problems
        keys = Locations(self._places, self._marks.keys)
        values = Locations(self._places, self._marks.values)
        return Document(self._shown, data, keys, values), problems

    def _data(self) -> Any:
        try:
            return self._documents()
        except yaml.MarkedYAMLError as error:
            self._syntax_fault(error)
        except _TooDeep as fault:
            self._fault(fault.index, "TD122", f"more than {MAX_DEPTH} levels deep", "check the indentation")
        except _TooMuch as fault:
            self._fault(fault.index, _TOO_LARGE, f"the file has more than {MOST_VALUES:,} values", _SMALLER)
        finally:
            self._loader.dispose()
        return None

    def _fault(self, index: int, code: str, message: str, hint: str = "") -> None:
        """Add a problem, and stop reading after too many.

        Args:
            index: Where in the text it is.
            code: Its code.
            message: What is wrong.
            hint: What to do about it.

        Raises:
            _Enough: The file has too many problems.

        """
        self._problems.append(Problem(self._places.location(index), code, message, hint))
        if len(self._problems) > MOST_FAULTS:
            raise _Enough

    def _syntax_fault(self, error: yaml.MarkedYAMLError) -> None:
        at_start = starts_there(error)
        mark = error.context_mark if at_start else error.problem_mark or error.context_mark
        index = mark.index if mark else 0
        last = self._problems[-1] if self._problems else None
        # What follows a brace that was taken for a mapping is no fault of its own.
        if not (last and last.code == "TD105" and last.line == self._places.location(index).line):
            self._fault(index, *syntax_fault(error, self._text, index))

    def _documents(self) -> Any:
        data: Any = None
        count = 0
        while (event := self._next()) is not None:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count == 2:
                    mark: Any = event.start_mark
                    self._fault(
                        mark.index, "TD121", "a second document starts here", "move what follows into a file of its own"
                    )
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, 0, ROOT, "", NO_KEY)
                data = value if count == 1 else data
        return data

    def _node(self, event: Any, depth: int, parent: int, key: str | int, key_start: int) -> Any:
        """Return the data that starts with an event, and mark where each value stands.

        Args:
            event: The first event of the node.
            depth: How many nodes it is in.
            parent: The row of the node around it, or ROOT.
            key: Its key or index there.
            key_start: The index of the key in the text, or NO_KEY.

        Returns:
            The data.

        Raises:
            _TooDeep: It nests too deep.
            _TooMuch: The file has too many values.

        """
        start = event.start_mark.index
        if depth > MAX_DEPTH:
            raise _TooDeep(start)
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor is not None or event.tag is not None:
            self._refuse_extras(event)
        rows = self._marks.rows
        if len(rows) == MOST_VALUES:
            raise _TooMuch(start)
        rows.append((parent, key, key_start, start))
        if kind is yaml.ScalarEvent:
            style = event.style
            value = self._text_of(event) if style in self._doubtful else event.value
            if style:
                return value
            if self._has_comments and (fault := comment_fault(self._text, event.end_mark.index, value)):
                self._fault(*fault)
            return None if value in _NOTHING else Plain(value)
        if kind is yaml.MappingStartEvent:
            return self._mapping(depth + 1, len(rows) - 1)
        return self._sequence(depth + 1, len(rows) - 1) if kind is yaml.SequenceStartEvent else None

    def _refuse_extras(self, event: Any) -> None:
        index = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            self._fault(index, "TD106", f"alias *{shortened(event.anchor)} is not allowed", "write the value out here")
            return
        if event.anchor is not None:
            self._fault(index, "TD106", f"anchor &{shortened(event.anchor)} is not allowed", "remove it")
        if event.tag is not None:
            self._fault(
                index, "TD107", f"tag {_short_tag(event.tag)} is not allowed", "remove it; quote the text if it is text"
            )

    def _sequence(self, depth: int, row: int) -> list[Any]:
        items: list[Any] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._node(event, depth, row, len(items), NO_KEY))
        return items

    def _mapping(self, depth: int, row: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                self._refuse_key(event, depth, row)
                self._node(self._next(), depth, row, "", NO_KEY)
                continue
            if event.anchor is not None or event.tag is not None:
                self._refuse_extras(event)
            key = self._text_of(event) if event.style in self._doubtful else event.value
            mark: Any = event.start_mark
            start = mark.index
            if key in mapping:
                self._refuse_second(key, start, row)
            mapping[key] = self._node(self._next(), depth, row, key, start)
        return mapping

    def _refuse_key(self, event: Any, depth: int, row: int) -> None:
        self._node(event, depth, row, "", NO_KEY)
        if not isinstance(event, yaml.AliasEvent):
            hint = "write a plain word; a text that starts with a brace or bracket belongs in quotes"
            self._fault(event.start_mark.index, "TD105", "a list or mapping cannot be a key", hint)

    def _refuse_second(self, key: str, start: int, row: int) -> None:
        first, _ = self._places.line_and_column(self._marks.keys()[*self._marks.path(row), key])
        self._fault(
            start,
            "TD102",
            f"'{shortened(key)}' stands here for the second time",
            f"it was first written in line {first}; keep one of the two",
        )

    def _text_of(self, event: Any) -> str:
        text = str(event.value).translate(_SEPARATED)
        if hidden := next(unshowable(text), None):
            message = f"a backslash makes the character U+{ord(hidden[0]):04X} here, which shows as \ufffd"
            hint = "use single quotes: between double quotes a backslash has a meaning of its own"
            self._fault(event.start_mark.index, "TD405", message, hint)
        return text


def _short_tag(tag: str) -> str:
    return shortened(tag.replace("tag:yaml.org,2002:", "!!"))
