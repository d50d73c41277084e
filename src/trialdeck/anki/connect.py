"""Speak with a running Anki through its add-on AnkiConnect (https://git.sr.ht/~foosoft/anki-connect, version 6).

A request is a POST of `{"action": …, "version": 6, "params": {…}, "key": …}`, its answer is
`{"result": …, "error": …}`. Every request is sent once: what did not come back may still have been done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

from trialdeck.core.errors import TrialdeckError

HERE = frozenset({"127.0.0.1", "localhost", "::1"})
"""The hosts that are this machine."""

_VERSION = 6
_SECONDS_TO_CONNECT = 10.0
_BATCH = 500
_LARGEST = 500_000_000
_NO_KEY = "valid api key must be provided"
_UNSUPPORTED = "unsupported action"
_NO_COLLECTION = "collection is not available"
_ABSENT = "Anki is not running, or the add-on AnkiConnect (code 2055492159) is not installed"


class NoAnswerError(TrialdeckError):
    """A request went out and no answer of AnkiConnect came back: it is not known what Anki did."""


class UnsupportedError(TrialdeckError):
    """AnkiConnect is too old to know an action."""


class AnkiNote(
    msgspec.Struct,
    frozen=True,
    rename={"id": "noteId", "html": "fields", "note_type": "modelName", "changed": "mod"},
):
    """A note as Anki has it; one that was deleted meanwhile has the id 0.

    `note_type` is a name; `changed` is in seconds of Unix time, and only newer releases of AnkiConnect tell it.
    """

    id: int = 0
    html: dict[str, "_Field"] = {}
    tags: list[str] = []
    note_type: str = ""
    changed: int | None = None

    @property
    def fields(self) -> dict[str, str]:
        """The HTML of each field, by name, in the order of the note type."""
        ordered = sorted(self.html.items(), key=lambda item: item[1].order)
        return {name: each.value for name, each in ordered}


class _Field(msgspec.Struct, frozen=True):
    value: str
    order: int = 0


class _NoteType(msgspec.Struct, frozen=True, rename={"fields": "flds"}):
    fields: "list[_TypeField]"


class _TypeField(msgspec.Struct, frozen=True):
    name: str
    id: int | None = None


class _Answer(msgspec.Struct, frozen=True):
    result: Any
    error: str | None


class _NoRedirect(HTTPRedirectHandler):
    """AnkiConnect never sends anybody elsewhere, and the key is meant for nobody else."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        """Follow no redirection."""


@dataclass(frozen=True, slots=True)
class AnkiConnect:
    """The add-on at an address; `key` is its apiKey or empty, `seconds` how long an answer may take.

    Every method raises TrialdeckError: NoAnswerError where it is not known what Anki did, else nothing was done.
    """

    url: str
    key: str = field(default="", repr=False)
    seconds: float = 120.0

    def check(self) -> None:
        """See that AnkiConnect is there, knows the key and is not too old; nothing is changed."""
        version: int = self._ask("version", int, min(self.seconds, _SECONDS_TO_CONNECT))
        if version < _VERSION:
            message = f"AnkiConnect at {self.url} is too old: it speaks version {version}, not {_VERSION}"
            raise TrialdeckError(message, "update it in Anki: Tools → Add-ons → Check for Updates")

    def find_notes(self, query: str) -> list[int]:
        """Return the ids of the notes that a search in Anki finds."""
        found: list[int] = self._ask("findNotes", list[int], query=query)
        return found

    def notes(self, ids: Sequence[int]) -> Iterator[AnkiNote]:
        """Yield the notes with these ids that are there, some hundreds a request."""
        for start in range(0, len(ids), _BATCH):
            found: list[AnkiNote] = self._ask("notesInfo", list[AnkiNote], notes=ids[start : start + _BATCH])
            yield from (note for note in found if note.id)

    def note_type_ids(self) -> dict[str, int]:
        """Return the ids of all note types, by name."""
        found: dict[str, int] = self._ask("modelNamesAndIds", dict[str, int])
        return found

    def field_ids(self, note_type: str) -> dict[str, int]:
        """Return the stable ids of the fields of a note type, by name; none where AnkiConnect or Anki is too old."""
        try:
            found: list[_NoteType] = self._ask("findModelsByName", list[_NoteType], modelNames=[note_type])
        except UnsupportedError:
            return {}
        return {field.name: field.id for each in found for field in each.fields if field.id}

    def import_package(self, path: Path) -> None:
        """Import a package, whose absolute path Anki must see as we do; never asked twice, whatever happens."""
        if self._ask("importPackage", bool | dict[str, Any], path=str(path)) is False:
            raise TrialdeckError(f"Anki did not import {path}", "open a profile in Anki, then push again")

    def _ask(self, action: str, form: Any, seconds: float | None = None, /, **parameters: Any) -> Any:
        request = {"action": action, "version": _VERSION, "params": parameters}
        body = msgspec.json.encode({**request, "key": self.key} if self.key else request)
        answer = read_answer(self._sent(body, seconds or self.seconds))
        if answer is None:
            raise self._stranger("what it sends is no answer of that add-on")
        if answer.error is not None:
            raise self._refused(answer.error)
        try:
            return msgspec.convert(answer.result, form)
        except msgspec.ValidationError as error:
            raise self._stranger(f"its result for {action} is none ({error})") from error

    def _sent(self, body: bytes, seconds: float) -> bytes:
        """Send a request and return the body of its answer, be it one of success or of failure."""
        request = Request(self.url, body, {"Content-Type": "application/json"})  # noqa: S310 - see `host_of`
        # A proxy would be asked for a machine that only we can reach.
        opener = build_opener(ProxyHandler({}), _NoRedirect)
        try:
            with opener.open(request, timeout=seconds) as response:
                content: bytes = response.read(_LARGEST)
                if response.length:
                    raise IncompleteRead(content, response.length)
                return content
        except HTTPError as error:
            with error:
                return self._failed(error)
        except (OSError, HTTPException) as error:
            raise self._lost(error, seconds) from error

    def _failed(self, error: HTTPError) -> bytes:
        """Return what an HTTP error says in the words of AnkiConnect, as other programs of its kind do."""
        try:
            content = error.read(_LARGEST)
        except (OSError, HTTPException):
            content = b""
        answer = read_answer(content)
        if answer is None or answer.error is None:
            raise self._stranger(f"it sends the HTTP error {error.code}") from error
        return content

    def _lost(self, error: OSError | HTTPException, seconds: float) -> TrialdeckError:
        """Say how a request was lost: before there was a connection, in time, or in the middle."""
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(cause, TimeoutError):
            hint = "wait until Anki has done what it does and close its dialogs, or give it more time by --timeout"
            return NoAnswerError(f"AnkiConnect at {self.url} did not answer within {seconds:g} seconds", hint)
        why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        # What urllib wraps has failed while it was connecting or sending; the one that was cut may have arrived.
        if isinstance(error, URLError) and not isinstance(cause, ConnectionResetError | BrokenPipeError):
            hint = "start Anki; install the add-on there by Tools → Add-ons → Get Add-ons…, then start Anki again"
            return TrialdeckError(f"{_ABSENT}: no connection to {self.url} ({why})", hint)
        hint = "was Anki closed? start it again, and look whether it is well"
        return NoAnswerError(f"the connection to AnkiConnect at {self.url} was cut ({why})", hint)

    def _stranger(self, why: str) -> NoAnswerError:
        hint = "does another program use this address? AnkiConnect's is http://127.0.0.1:8765, or see its settings"
        return NoAnswerError(f"{self.url} does not answer as AnkiConnect does: {why}", hint)

    def _refused(self, said: str) -> TrialdeckError:
        # Whoever answers may repeat what it was sent.
        told = said.replace(self.key, "…") if self.key else said
        if _NO_KEY in said:
            hint = "give the apiKey of its settings (Tools → Add-ons → AnkiConnect → Config) as TRIALDECK_ANKI_KEY"
            return TrialdeckError(f"AnkiConnect wants {'another' if self.key else 'a'} key: {told}", hint)
        if _NO_COLLECTION in said:
            return TrialdeckError(f"no collection is open in Anki: {told}", "open a profile in Anki, then push again")
        kind = UnsupportedError if _UNSUPPORTED in said.lower() else TrialdeckError
        return kind(f"Anki says: {told}", "look in Anki what is the matter; nothing more was sent")


def read_answer(content: bytes) -> _Answer | None:
    """Return an answer of AnkiConnect, or None where these bytes are none."""
    try:
        return msgspec.json.decode(content, type=_Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def host_of(url: str) -> str:
    """Return the host of an address over HTTP; raises TrialdeckError where it is none, or names a user."""
    hint = "an address is like http://127.0.0.1:8765"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise TrialdeckError(f"{url} is no address: {error}", hint) from error
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or parts.scheme not in {"http", "https"} or not host:
        raise TrialdeckError(f"{url} is no address of AnkiConnect", hint)
    if "@" in parts.netloc:
        raise TrialdeckError("an address of AnkiConnect has no user and no password", "its key is given by --key")
    return host
