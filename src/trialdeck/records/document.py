"""Read one YAML file into plain data, with the place of every key and value.

Scalars stay the text that the author wrote (`NO`, `1.10`, `2016-11-01`, `12:30`); the schema alone says
which are numbers (`trialdeck.records.schema`). Only an empty value, `~` or `null` without quotes is nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from trialdeck.records.problem import Problem, Spot, shortened

DataPath = tuple[str | int, ...]

MAX_DEPTH = 20
"""How deep a file may nest; the deepest that a schema knows is 5."""

_LINE_START = re.compile(r"\r\n|\n|\r")
# YAML 1.1 ends lines at these, YAML 1.2 and editors do not: noncharacters stand in for them while the parser reads.
_SEPARATORS = re.compile("[\x85\u2028\u2029]")
_STAND_INS = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_SEPARATED = {stand_in: separator for separator, stand_in in _STAND_INS.items()}
_UNSHOWABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
# What these say does not make the rest of the file doubtful: it is held against the schema all the same.
_HARMLESS = frozenset({"TD102", "TD121", "TD405"})
_NOTHING = frozenset({"", "~", "null"})

# The C parser is several times as fast; a PyYAML built without libyaml still reads the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Plain(str):
    """A scalar that was written without quotes and may therefore stand for a number."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one file and where each part of it stands.

    `keys` and `values` map a path such as `("questions", 0, "response")` to its place; for an item of a list both are
    the same.
    """

    path: str
    data: Any
    keys: Mapping[DataPath, Spot]
    values: Mapping[DataPath, Spot]

    def spot(self, *path: str | int) -> Spot:
        """Return the place of a value, or of the nearest thing around it that was written."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Spot(1, 1))

    def key_spot(self, *path: str | int) -> Spot:
        """Return the place of a key, or of the nearest thing around it that was written."""
        return self.keys.get(path) or self.spot(*path)

    def problem(self, code: str, spot: Spot, message: str, hint: str = "") -> Problem:
        """Make a problem of this file."""
        return Problem(self.path, spot.line, spot.column, code, message, hint)


def read_document(path: Path, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Read a YAML file; `shown` is the path as problems name it. The document is None where the YAML is broken."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return None, (Problem(shown, 1, 1, "TD100", f"cannot read the file: {error.strerror}"),)
    return parse_document(content, shown)


def parse_document(content: bytes, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Parse the bytes of a YAML file; the document is None where the YAML is broken."""
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        spot = _Places(content[: error.start].decode("utf-8").lstrip("\ufeff")).spot(-1)
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        return None, (
            Problem(shown, spot.line, spot.column, "TD120", message, "save the file with the encoding UTF-8"),
        )
    places = _Places(text)
    if hidden := tuple(_hidden(text, places, shown)):
        return None, hidden
    return _Builder(shown, text, places).build()


def _hidden(text: str, places: "_Places", shown: str) -> Iterator[Problem]:
    last = 0
    for found in _UNSHOWABLE.finditer(text):
        line, column = places.line_and_column(found.start())
        # One in a line is enough: a file that is not text at all has thousands.
        if line != last:
            yield Problem(shown, line, column, "TD112", f"character U+{ord(found[0]):04X} is not text")
        last = line


class _Places:
    """Turns an index into a text into a line and column.

    YAML counts U+0085, U+2028 and U+2029 as line breaks; editors do not, so the parser's own line numbers are not used.
    """

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _LINE_START.finditer(text))]
        self._length = len(text)

    def line_and_column(self, index: int) -> tuple[int, int]:
        index = self._length if index < 0 else index
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def spot(self, index: int) -> Spot:
        return Spot(*self.line_and_column(index))


class _TooDeep(Exception):  # noqa: N818 - a signal within this module
    def __init__(self, index: int) -> None:
        self.index = index


@dataclass(slots=True)
class _Builder:
    """Builds data and places in one pass over the parser's events; an alias is never followed."""

    shown: str
    text: str
    places: _Places
    problems: list[Problem] = field(default_factory=list)
    keys: dict[DataPath, Spot] = field(default_factory=dict)
    values: dict[DataPath, Spot] = field(default_factory=dict)

    def build(self) -> tuple[Document | None, tuple[Problem, ...]]:
        try:
            text = self.text.translate(_STAND_INS) if _SEPARATORS.search(self.text) else self.text
            data = self._documents(yaml.parse(text, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            self._syntax_fault(error)
        except _TooDeep as fault:
            self._fault(fault.index, "TD122", f"more than {MAX_DEPTH} levels deep", "check the indentation")
        if any(problem.code not in _HARMLESS for problem in self.problems):
            return None, tuple(self.problems)
        return Document(self.shown, data, self.keys, self.values), tuple(self.problems)

    def _fault(self, index: int, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.shown, *self.places.line_and_column(index), code, message, hint))

    def _syntax_fault(self, error: yaml.MarkedYAMLError) -> None:
        at_start = _FAULTY_FROM_THE_START.search(_plain_words(error))
        mark = error.context_mark if at_start else error.problem_mark or error.context_mark
        index = mark.index if mark else 0
        last = self.problems[-1] if self.problems else None
        # What follows a brace that was taken for a mapping is no fault of its own.
        if not (last and last.code == "TD105" and last.line == self.places.spot(index).line):
            self._fault(index, "TD101", _plain_words(error), _syntax_hint(error, self.text, index))

    def _documents(self, events: Iterator[Any]) -> Any:
        data: Any = None
        count = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count == 2:
                    mark: Any = event.start_mark
                    self._fault(
                        mark.index, "TD121", "a second document starts here", "move what follows into a file of its own"
                    )
            elif not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                value = self._node(event, events, ())
                data = value if count == 1 else data
        return data

    def _node(self, event: Any, events: Iterator[Any], path: DataPath) -> Any:
        if len(path) > MAX_DEPTH:
            raise _TooDeep(event.start_mark.index)
        self._refuse_extras(event)
        self.values.setdefault(path, self.places.spot(event.start_mark.index))
        if isinstance(event, yaml.ScalarEvent):
            value = self._text(event)
            if event.style:
                return value
            return None if value in _NOTHING else Plain(value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return None

    def _refuse_extras(self, event: Any) -> None:
        index = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            self._fault(index, "TD106", f"alias *{event.anchor} is not allowed", "write the value out here")
        elif event.anchor is not None:
            self._fault(index, "TD106", f"anchor &{event.anchor} is not allowed", "remove it")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(
                index, "TD107", f"tag {_short_tag(tag)} is not allowed", "remove it; quote the text if it is text"
            )

    def _sequence(self, events: Iterator[Any], path: DataPath) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: DataPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, path)
            if key is None:
                self._node(next(events), events, (*path, ""))
                continue
            spot = self.places.spot(event.start_mark.index)
            if key in mapping:
                first = self.keys[(*path, key)]
                self._fault(
                    event.start_mark.index,
                    "TD102",
                    f"'{shortened(key)}' stands here for the second time",
                    f"it was first written in line {first.line}; keep one of the two",
                )
            self.keys.setdefault((*path, key), spot)
            mapping[key] = self._node(next(events), events, (*path, key))
        return mapping

    def _key(self, event: Any, events: Iterator[Any], path: DataPath) -> str | None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event)
            return self._text(event)
        self._node(event, events, (*path, ""))
        if not isinstance(event, yaml.AliasEvent):
            hint = "write a plain word; a text that starts with a brace or bracket belongs in quotes"
            self._fault(event.start_mark.index, "TD105", "a list or mapping cannot be a key", hint)
        return None

    def _text(self, event: Any) -> str:
        text = str(event.value).translate(_SEPARATED)
        if hidden := _UNSHOWABLE.search(text):
            message = f"a backslash makes the character U+{ord(hidden[0]):04X} here, which shows as \ufffd"
            hint = "use single quotes: between double quotes a backslash has a meaning of its own"
            self._fault(event.start_mark.index, "TD405", message, hint)
        return text


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _plain_words(error: yaml.MarkedYAMLError) -> str:
    parts = (error.context, error.problem)
    return ", ".join(part for part in parts if part)


def _syntax_hint(error: yaml.MarkedYAMLError, text: str, index: int) -> str:
    if text[index : index + 1] == "\t":
        return "indent with spaces, not with tabs"
    if text[:index].rstrip(" \t").endswith(('"', "'")) and "did not find expected" in (error.problem or ""):
        return "the quote before this ends the text; put the whole text in quotes of the other kind"
    if text[:index].endswith(("]", "}")) and "did not find expected" in (error.problem or ""):
        return "put the whole text in quotes: the bracket or brace at its start has a meaning of its own in YAML"
    said = _plain_words(error)
    return next(hint for words, hint in _SYNTAX_HINTS if re.search(words, said))


_FAULTY_FROM_THE_START = re.compile("quoted scalar, found unexpected|block scalar, did not|an alias|an anchor|a tag,")
_SYNTAX_HINTS = (
    ("mapping values are not allowed", "put the text in quotes: a colon and a space start a new key"),
    ("quoted scalar, found unexpected", "the quote that is opened here is never closed"),
    ("escape|hexdecimal", "use single quotes: between double quotes a backslash has a meaning of its own"),
    (
        "cannot start any token|alias|anchor|tag|block scalar|entries are not allowed|node content",
        "put the text in quotes: it starts with a character that YAML keeps for itself",
    ),
    ("',' or", "close the bracket or brace; a text that starts with one belongs in quotes"),
    ("expected ':'", "every line of a mapping is 'key: value'; indent a text that runs over several lines"),
    ("", "compare the indentation with the lines around it"),
)
