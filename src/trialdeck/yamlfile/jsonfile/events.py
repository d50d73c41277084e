"""Read JSON as PyYAML reads YAML: the same events and nodes, so that one builder and one editor serve both.

YAML's own parser cannot read all of JSON (surrogate pairs, tabs, long keys), and reads more than JSON (comments, commas
at the end), which every other program would refuse.
"""

import json.decoder
import re
from collections.abc import Callable, Generator, Iterator
from json import JSONDecodeError
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from trialdeck.core.problem import shortened

_SPACE = re.compile(r"[ \t\n\r]*")
_COMMENT = re.compile(r"//|/\*|#")
_WORD = re.compile(r"[^\s,:\[\]{}\"]+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_HALF = re.compile("[\ud800-\udfff]")
_LITERALS = frozenset({"true", "false", "null"})
_NAMES = {"True": "true", "False": "false", "None": "null", "nan": "null", "NaN": "null"}
_QUOTES = frozenset("'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb`")
_TEXT_FAULTS = (
    ("Unterminated", "the quote that is opened here is never closed", 'close the text with a "'),
    ("control character", "a line or a tab ends the text here", "write \\n for a line break, and \\t for a tab"),
    ("", "a backslash stands here that means nothing", "write two backslashes for one"),
)

_CUT_OFF = "it may be cut off; complete it"
# The type stubs leave it out.
_scanstring: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]

_Events = Generator[yaml.Event, None, int]


class JsonSyntaxError(Exception):
    """A text is no JSON: the index of the fault, what is wrong, and what to do."""

    def __init__(self, index: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.index, self.message, self.hint = index, message, hint


class JsonLoader(Composer, Resolver):
    """A parser and composer of a JSON text; each event is made when it is asked for.

    Numbers, `true`, `false` and `null` are scalars without quotes. Raises JsonSyntaxError.
    """

    def __init__(self, text: str) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        self._events: Iterator[yaml.Event] = _Scanner(text).events()
        self._following: yaml.Event | None = None

    def check_event(self, *choices: type[yaml.Event]) -> bool:
        """Tell whether the next event is of one of some types."""
        return isinstance(self.peek_event(), choices)

    def peek_event(self) -> Any:
        """Return the next event, which stays the next one; None at the end."""
        if self._following is None:
            self._following = next(self._events, None)
        return self._following

    def get_event(self) -> Any:
        """Return the next event; None at the end."""
        event, self._following = self.peek_event(), None
        return event

    def dispose(self) -> None:
        """Do nothing: PyYAML's parsers free their memory here."""


class _Scanner:
    """Yields the events of a text; a method that reads something returns the index behind it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def events(self) -> Iterator[yaml.Event]:
        yield yaml.StreamStartEvent()
        start = self._skip(0)
        if start < len(self._text):
            yield yaml.DocumentStartEvent(_mark(start), _mark(start))
            end = yield from self._value(start)
            yield yaml.DocumentEndEvent(_mark(end), _mark(end))
            self._refuse_rest(self._skip(end))
        yield yaml.StreamEndEvent()

    def _refuse_rest(self, index: int) -> None:
        if index < len(self._text):
            raise JsonSyntaxError(index, "something follows behind the end of the record", "remove it")

    def _value(self, start: int) -> _Events:
        match self._text[start : start + 1]:
            case "{":
                yield yaml.MappingStartEvent(None, None, True, _mark(start), _mark(start + 1), flow_style=True)
                end = yield from self._parts(start, "}")
                yield yaml.MappingEndEvent(_mark(end - 1), _mark(end))
            case "[":
                yield yaml.SequenceStartEvent(None, None, True, _mark(start), _mark(start + 1), flow_style=True)
                end = yield from self._parts(start, "]")
                yield yaml.SequenceEndEvent(_mark(end - 1), _mark(end))
            case '"':
                end = yield from self._string(start)
            case _:
                end = yield from self._literal(start)
        return end

    def _parts(self, start: int, closer: str) -> _Events:
        """Yield what is between a bracket or brace and its closer."""
        index = self._skip(start + 1)
        if self._text.startswith(closer, index):
            return index + 1
        while True:
            if closer == "}":
                index = yield from self._key(index)
            index = self._skip((yield from self._value(index)))
            if self._text.startswith(closer, index):
                return index + 1
            if not self._text.startswith(",", index):
                raise self._between(start, index, closer)
            comma, index = index, self._skip(index + 1)
            if self._text.startswith(closer, index):
                raise JsonSyntaxError(comma, f"nothing follows this comma but {closer}", "remove the comma")

    def _key(self, start: int) -> _Events:
        if not self._text.startswith('"', start):
            word = self._word(start)
            hint = f'write "{word}"' if word.isidentifier() else "write a name in straight double quotes"
            raise JsonSyntaxError(start, "a name in double quotes should stand here", hint)
        end = yield from self._string(start)
        index = self._skip(end)
        if not self._text.startswith(":", index):
            raise JsonSyntaxError(index, "a colon is missing behind the name", 'write "name": value')
        return self._skip(index + 1)

    def _string(self, start: int) -> _Events:
        try:
            value, end = _scanstring(self._text, start + 1, True)
        except JSONDecodeError as error:
            message, hint = next((message, hint) for words, message, hint in _TEXT_FAULTS if words in error.msg)
            raise JsonSyntaxError(error.pos, message, hint) from error
        if half := _HALF.search(value):
            message = f"\\u{ord(half[0]):04x} is half of a character"
            raise JsonSyntaxError(start, message, "write the character itself, or both of its halves")
        yield yaml.ScalarEvent(None, None, (False, True), value, _mark(start), _mark(end), style='"')
        return end

    def _literal(self, start: int) -> _Events:
        word = self._word(start)
        if word not in _LITERALS and not _NUMBER.fullmatch(word):
            raise self._no_value(start, word)
        end = start + len(word)
        yield yaml.ScalarEvent(None, None, (True, False), word, _mark(start), _mark(end), style="")
        return end

    def _skip(self, index: int) -> int:
        """Return the index of what comes behind white space."""
        match = _SPACE.match(self._text, index)
        end = match.end() if match else index
        if _COMMENT.match(self._text, end):
            raise JsonSyntaxError(end, "JSON has no comments", "remove it, or write the record as YAML")
        return end

    def _word(self, start: int) -> str:
        match = _WORD.match(self._text, start)
        return match[0] if match else ""

    def _no_value(self, start: int, word: str) -> JsonSyntaxError:
        if start >= len(self._text):
            return JsonSyntaxError(start, "the file ends where a value should stand", _CUT_OFF)
        shown = shortened(word or self._text[start])
        if shown[0] in _QUOTES:
            return JsonSyntaxError(start, "a text stands in straight double quotes", f'replace {shown[0]} by "')
        if word in _NAMES:
            return JsonSyntaxError(start, f"{word} is not a value of JSON", f"write {_NAMES[word]}")
        if start == 0 or not self._text[:start].strip():
            hint = "a record in YAML belongs in a file that ends in .yaml"
            return JsonSyntaxError(start, "a JSON record begins with {", hint)
        hint = "write a number such as 0.5, a text in double quotes, true, false or null"
        return JsonSyntaxError(start, f"{shown} is not a value of JSON", hint)

    def _between(self, start: int, index: int, closer: str) -> JsonSyntaxError:
        """Return the fault of a list or mapping that goes on without a comma, or does not end."""
        if index >= len(self._text):
            return JsonSyntaxError(start, f"the file ends before {closer} closes this", _CUT_OFF)
        if self._text[index] in "]}":
            message = f"{self._text[index]} stands where {closer} should close what was opened"
            return JsonSyntaxError(index, message, f"write {closer}, or remove it")
        return JsonSyntaxError(index, "a comma is missing before this", "write it behind the value before")


def _mark(index: int) -> yaml.Mark:
    return yaml.Mark("", index, 0, index, None, 0)
