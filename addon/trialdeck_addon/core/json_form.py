"""Read JSON that somebody else wrote: what is not of the agreed form is refused, with its place."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import TrialdeckError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_NAME = 500
"""The most characters that a name may have."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL_OF_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def parse_object(data: bytes, file: str) -> JsonObject:
    """Return the object that a JSON file has; `file` is its name in messages. Raises TrialdeckError."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        start = data[:200].lstrip().lower()
        if start.startswith((b"<!doctype", b"<html", b"<head")):
            message = f"{file} is a web page, not JSON: give the address of the folder that feed.json is in"
            raise TrialdeckError(message) from error
        raise TrialdeckError(f"{file} is damaged or cut off: it is no JSON") from error
    if not isinstance(value, dict):
        raise TrialdeckError(f"{file} is not of a form that this add-on knows: it has no object")
    return JsonObject(value, file)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError("a name stands twice")
    return names


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


@dataclass(frozen=True)
class JsonObject:
    """An object of a JSON file; `place` says where it is."""

    values: Mapping[str, Any]
    place: str

    def refuse(self, name: str, fault: str) -> TrialdeckError:
        """Return the error for a property."""
        return TrialdeckError(f"{self.place}: '{shortened(name)}' {fault}; nothing was changed")

    def text(self, name: str, *, empty: bool = True, longest: int = LONGEST_NAME, lines: bool = False) -> str:
        """Return plain text, without control characters; `lines` allows line breaks. Raises TrialdeckError."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.refuse(name, "is missing or no text")
        if not value.strip() and (value or not empty):
            raise self.refuse(name, "is blank")
        if len(value) > longest:
            raise self.refuse(name, f"has more than {longest:,} characters")
        if (_CONTROL_OF_LINES if lines else _CONTROL).search(value):
            raise self.refuse(name, "has characters that nobody can see")
        return value

    def count(self, name: str, most: int = 1 << 53) -> int:
        """Return a number that is not negative; raises TrialdeckError."""
        value = self.values.get(name)
        if type(value) is not int or value < 0:
            raise self.refuse(name, "is missing or no count")
        if value > most:
            raise self.refuse(name, f"is {value:,}, and {most:,} is the most that this add-on takes")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; raises TrialdeckError."""
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise self.refuse(name, "is missing, or neither true nor false")
        return value

    def matching(self, name: str, pattern: re.Pattern[str], what: str, longest: int = LONGEST_NAME) -> str:
        """Return text of a form; `what` says what it should be. Raises TrialdeckError."""
        value = self.text(name, longest=longest)
        if not pattern.fullmatch(value):
            raise self.refuse(name, f"is '{shortened(value)}', which is not {what}")
        return value

    def object(self, name: str) -> JsonObject:
        """Return an object in this one; raises TrialdeckError."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self.refuse(name, "is missing or no object")
        return JsonObject(value, f"{self.place}, {name}")

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """Return a list of plain texts; raises TrialdeckError."""
        value = self.values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.refuse(name, "is missing or no list of texts")
        items = JsonObject({str(number): item for number, item in enumerate(value)}, f"{self.place}, {name}")
        return tuple(items.text(number, empty=False) for number in items.values)

    def objects(self, name: str, most: int) -> list[JsonObject]:
        """Return a list of objects; raises TrialdeckError."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(name, "is missing or no list of objects")
        if len(value) > most:
            raise self.refuse(name, f"has {len(value):,} entries, and {most:,} is the most that this add-on takes")
        return [JsonObject(item, f"{self.place}, {name} {number}") for number, item in enumerate(value, start=1)]


def shortened(text: str, longest: int = 60) -> str:
    """Return text for a message: in one line, without what nobody can see, and cut if it is long."""
    shown = _CONTROL.sub("�", text)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def counted(count: int, one: str, several: str = "") -> str:
    """Return a number with its noun: 1 note, 2 notes."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
