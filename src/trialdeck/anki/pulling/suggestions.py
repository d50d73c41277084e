"""Read suggestions, the corrections that learners send: a JSON file, or a mail or any other text with such JSON in it.

The file comes from anybody. What is wrong with one suggestion is said, and does not stop the others.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from email import message_from_bytes, policy
from email.errors import MessageError
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error
from trialdeck.core.problem import shortened
from trialdeck.core.text import printable
from trialdeck.records.schema import schema_text

KIND = "trialdeck-suggestions"
"""By which the JSON is known."""
LARGEST = 10_000_000
"""How many bytes of a file are read."""
MOST_DOCUMENTS = 100
"""How many documents are looked for in one text."""
_MARK = f'"{KIND}"'
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[^\n]*\n")
_PACKED = b"PK\x03\x04"
_TYPES = {"string": "a text", "object": "an object"}
_AGAIN = "ask for the file again, or copy the JSON, from its first { to its last }, into a file of its own"


class SuggestedText(msgspec.Struct, frozen=True):
    """A field before and after, as the HTML that Anki stores."""

    before: str
    after: str


class Suggestion(msgspec.Struct, frozen=True):
    """What a learner suggests for one note; see `schemas/suggestions.schema.json`. `file` is where it was found."""

    id: str
    guid: str
    key: str
    note_type: str
    edition: str
    fields: Mapping[str, SuggestedText]
    reason: str
    source: str
    date: str
    contributor: str = ""
    file: str = ""


class Unreadable(msgspec.Struct, frozen=True):
    """A suggestion that cannot be used: where it is, and why."""

    place: str
    reason: str


class ReadSuggestions(msgspec.Struct, frozen=True):
    """The suggestions of some files, each once, and those that cannot be used."""

    suggestions: tuple[Suggestion, ...]
    unreadable: tuple[Unreadable, ...]


def holds_suggestions(path: Path) -> bool:
    """Tell whether a file has suggestions in it; raises TrialdeckError if it cannot be read."""
    content = read_file_or_error(path, str(path), LARGEST)
    return not content.startswith(_PACKED) and any(_MARK in text for text in _texts(content))


def read_suggestions(paths: Iterable[Path]) -> ReadSuggestions:
    """Return the suggestions of some files; one that is there twice counts once.

    Raises TrialdeckError if a file cannot be read, is too large, or has no suggestions of a format that is known.
    """
    suggestions: dict[str, Suggestion] = {}
    unreadable: list[Unreadable] = []
    for path in paths:
        for number, part in enumerate(_parts(path), start=1):
            place = f"{path.name}, suggestion {number}"
            if reason := _fault(part):
                unreadable.append(Unreadable(place, reason))
                continue
            read = msgspec.convert({**part, "file": path.name}, Suggestion)
            known = suggestions.setdefault(read.id, read)
            if msgspec.structs.replace(known, file=path.name) != read:
                unreadable.append(Unreadable(place, f"another suggestion has its id, '{read.id}'"))
    return ReadSuggestions(tuple(suggestions.values()), tuple(unreadable))


def _parts(path: Path) -> Iterator[Any]:
    """Yield the suggestions of a file, unchecked."""
    content = read_file_or_error(path, str(path), LARGEST)
    if len(content) > LARGEST:
        hint = "nobody writes that much: ask the sender what it is"
        raise TrialdeckError(f"{path} has more than {LARGEST:,} bytes", hint)
    documents = [document for text in _texts(content) for document in _documents(text)]
    if not documents:
        raise TrialdeckError(f"{path} has no suggestions that can be read: its JSON is cut off or damaged", _AGAIN)
    for document in documents:
        if document.get("format") != 1 or isinstance(document["format"], bool):
            hint = "a newer add-on may have written it: update trialdeck"
            raise TrialdeckError(f"{path} has suggestions of another format than 1", hint)
        listed = document.get("suggestions")
        if not isinstance(listed, list) or not listed:
            raise TrialdeckError(f"{path} has no list of suggestions", _AGAIN)
        if len(listed) > _most():
            raise TrialdeckError(f"{path} has more than {_most():,} suggestions", "ask the sender what it is")
        yield from listed


def _texts(content: bytes) -> Iterator[str]:
    """Yield the texts in a file: its own, or the parts of a saved mail, which may be encoded."""
    if _HEADER.match(content):
        try:
            message = message_from_bytes(content, policy=policy.default)
            parts = [part for part in message.walk() if not part.is_multipart()]
            texts = [part.get_payload(decode=True) for part in parts]
        except (MessageError, ValueError, LookupError, TypeError, AttributeError):
            texts = []
        yield from (text.decode("utf-8", "replace") for text in texts if isinstance(text, bytes))
        if texts:
            return
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    yield content.decode(encoding, "replace")


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON documents in a text that say that they hold suggestions."""
    # A mail program may have broken the lines inside of texts; to HTML, an end of a line is a space.
    decoder, position = json.JSONDecoder(strict=False), 0
    with suppress(ValueError, RecursionError):
        whole = decoder.decode(text)
        if isinstance(whole, dict) and whole.get("kind") == KIND:
            yield whole
        return
    for _ in range(MOST_DOCUMENTS):
        mark = text.find(_MARK, position)
        start = text.rfind("{", position, mark) if mark >= 0 else -1
        if mark < 0:
            return
        position = mark + len(_MARK)
        if start < 0:
            continue
        try:
            document, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict) and document.get("kind") == KIND:
            yield document


def _fault(part: Any) -> str:
    """Return why a suggestion cannot be used; empty if it can."""
    error = next(iter(sorted(_validator().iter_errors(part), key=lambda each: list(map(str, each.path)))), None)
    if error is not None:
        return _in_words(error)
    try:
        json.dumps(part, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "it has halves of characters, which are not text"
    return ""


def _in_words(error: ValidationError) -> str:
    """Return what is wrong in plain words: jsonschema would repeat the whole text."""
    named = " → ".join(shortened(printable(str(part)), 60) for part in error.absolute_path) or "it"
    wanted: Any = error.validator_value
    instance: Any = error.instance
    words: dict[str, Callable[[], str]] = {
        "required": lambda: f"lacks {', '.join(name for name in wanted if name not in instance)}",
        "type": lambda: f"is not {_TYPES.get(wanted, wanted)}",
        "maxLength": lambda: f"has more than {wanted:,} characters",
        "minLength": lambda: "is empty",
        "minProperties": lambda: "names nothing that differs",
        "maxProperties": lambda: f"names more than {wanted} fields",
    }
    said = words.get(str(error.validator))
    return f"{named} {said() if said else f'has not the right form: {shortened(printable(str(instance)), 60)}'}"


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_text("suggestions"))
    return schema


def _most() -> int:
    return int(_schema()["properties"]["suggestions"]["maxItems"])


@cache
def _validator() -> Draft202012Validator:
    schema = _schema()
    part = {"$ref": "#/$defs/suggestion", "$defs": schema["$defs"]}
    return Draft202012Validator(part, format_checker=FormatChecker())
