"""Build data and marks from the events of a parser: the rules that every file of an author's keeps, YAML or JSON."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import yaml

from trialdeck.core.problem import MOST_FAULTS, Problem, first_faults, shortened
from trialdeck.core.text import unshowable
from trialdeck.yamlfile.jsonfile.events import JsonLoader, JsonSyntaxError
from trialdeck.yamlfile.parser_errors import comment_fault, starts_there, syntax_fault
from trialdeck.yamlfile.positions import NO_KEY, ROOT, Marks, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

MAX_DEPTH = 20
"""How deep a file may nest; the deepest that a schema knows is 5."""
MOST_VALUES = 20_000
"""How many values a file may have; a long record has 500."""
TOO_LARGE = "TD125"
SMALLER = "make several records of it; SECURITY.md has the limits"
# YAML 1.1 ends lines at these, YAML 1.2 and editors do not: noncharacters stand in for them while the parser reads.
STAND_INS = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_SEPARATORS = tuple(map(chr, STAND_INS))
_SEPARATED: "Mapping[int, int | str]" = {stand_in: separator for separator, stand_in in STAND_INS.items()}
# What these say does not make the rest of the file doubtful: it is held against the schema all the same.
_HARMLESS = frozenset({"TD102", "TD121", "TD405", "TD425"})
_NOTHING = frozenset({"", "~", "null"})
# All the ways of writing a text: plain, quoted, in blocks.
_STYLES = frozenset({None, "", "'", '"', "|", ">"})

_SINGLE_QUOTES = "use single quotes: between double quotes a backslash has a meaning of its own"

# The C parser is several times as fast; a PyYAML built without libyaml still reads the same.
YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Plain(str):
    """A scalar that was written without quotes and may therefore stand for a number."""

    __slots__ = ()


def loader_of(text: str, *, is_json: bool) -> Any:
    """Return a parser of a text, with the methods of PyYAML's."""
    return JsonLoader(text) if is_json else YamlLoader(text)


class _TooDeep(Exception):  # noqa: N818 - a signal within this module
    def __init__(self, index: int) -> None:
        self.index = index


class _TooMuch(Exception):  # noqa: N818 - a signal within this module
    def __init__(self, index: int) -> None:
        self.index = index


class _Enough(Exception):  # noqa: N818 - a signal within this module
    pass


class Builder:
    """Builds data and marks in one pass over the parser's events; an alias is never followed."""

    def __init__(self, text: str, places: Places, *, is_json: bool) -> None:
        self._text = text
        self._places = places
        self._problems: list[Problem] = []
        self.marks = Marks()
        self._is_json = is_json
        separated = not is_json and any(separator in text for separator in _SEPARATORS)
        self._separated: Mapping[int, int | str] = {} if is_json else _SEPARATED
        # Only a text that is written so may hold what does not stand in the file as it is read.
        self._doubtful: Collection[str | None] = _STYLES if separated else ('"',) if "\\" in text else ()
        self._loader = loader_of(text.translate(STAND_INS) if separated else text, is_json=is_json)
        self._next: Callable[[], Any] = self._loader.get_event
        self._has_comments = not is_json and (" #" in text or "\t#" in text)

    def build(self) -> tuple[Any, tuple[Problem, ...], bool]:
        """Return the data, the problems, and whether the data can be used; `marks` then say where its parts stand."""
        data = None
        with suppress(_Enough):
            data = self._data()
        problems = tuple(first_faults(self._problems))
        return data, problems, all(problem.code in _HARMLESS for problem in problems)

    def _data(self) -> Any:
        try:
            return self._documents()
        except yaml.MarkedYAMLError as error:
            self._syntax_fault(error)
        except JsonSyntaxError as error:
            self._fault(error.index, "TD101", error.message, error.hint)
        except _TooDeep as fault:
            self._fault(fault.index, "TD122", f"more than {MAX_DEPTH} levels deep", "check the indentation")
        except _TooMuch as fault:
            self._fault(fault.index, TOO_LARGE, f"the file has more than {MOST_VALUES:,} values", SMALLER)
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
        rows = self.marks.rows
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
        first, _ = self._places.line_and_column(self.marks.keys()[*self.marks.path(row), key])
        self._fault(
            start,
            "TD102",
            f"'{shortened(key)}' stands here for the second time",
            f"it was first written in line {first}; keep one of the two",
        )

    def _text_of(self, event: Any) -> str:
        text = str(event.value).translate(self._separated)
        if hidden := next(unshowable(text), None):
            message = f"a backslash makes the character U+{ord(hidden[0]):04X} here, which shows as \ufffd"
            hint = "write two backslashes for one" if self._is_json else _SINGLE_QUOTES
            self._fault(event.start_mark.index, "TD405", message, hint)
        return text


def _short_tag(tag: str) -> str:
    return shortened(tag.replace("tag:yaml.org,2002:", "!!"))
