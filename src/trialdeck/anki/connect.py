"""Talk to a running Anki through its add-on AnkiConnect (https://git.sr.ht/~foosoft/anki-connect, version 6).

A request is a POST of `{"action": …, "version": 6, "params": {…}, "key": …}`, its answer is
`{"result": …, "error": …}`. A request is never repeated: Anki may have done it even if no answer came back.
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
USUAL = "http://127.0.0.1:8765"
"""The address of AnkiConnect unless its settings have another."""
URL_VARIABLE = "TRIALDECK_ANKI_URL"
"""The variable that names another address."""
KEY_VARIABLE = "TRIALDECK_ANKI_KEY"
"""The variable that has the apiKey of AnkiConnect's settings."""

_VERSION = 6
_SECONDS_TO_CONNECT = 10.0
_BATCH = 500
_LARGEST = 500_000_000
_NO_KEY = "valid api key must be provided"
_UNSUPPORTED = "unsupported action"
_NO_COLLECTION = "collection is not available"
_ABSENT = "Anki is not running, or the add-on AnkiConnect (code 2055492159) is not installed"


class NoAnswerError(TrialdeckError):
    """A request was sent but AnkiConnect's answer did not arrive, so that it is unknown what Anki did."""


class KeyRefusedError(TrialdeckError):
    """AnkiConnect wants another key than it was given."""


class UnsupportedError(TrialdeckError):
    """AnkiConnect is too old for an action."""


class AnkiNote(
    msgspec.Struct,
    frozen=True,
    rename={"id": "noteId", "html": "fields", "note_type": "modelName", "changed": "mod"},
):
    """A note in Anki; one that was deleted meanwhile has the id 0.

    `note_type` is a name; `changed` is in seconds of Unix time, and only newer releases of AnkiConnect report it.
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
        return {name: field.value for name, field in ordered}


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
    """Refuses redirects: AnkiConnect never sends one, and the key must not go to another host."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        """Follow no redirection."""


@dataclass(frozen=True, slots=True)
class AnkiConnect:
    """The add-on at a URL; `key` is its apiKey or empty, `seconds` the time limit for an answer.

    Every method raises TrialdeckError if nothing was done, and its subclass NoAnswerError if that is unknown.
    """

    url: str
    key: str = field(default="", repr=False)
    seconds: float = 120.0

    def check(self) -> None:
        """Check that AnkiConnect answers, accepts the key and is not too old; nothing is changed."""
        version: int = self._ask("version", int, min(self.seconds, _SECONDS_TO_CONNECT))
        if version < _VERSION:
            message = f"AnkiConnect at {self.url} is too old: it speaks version {version}, not {_VERSION}"
            raise TrialdeckError(message, "update it in Anki: Tools → Add-ons → Check for Updates")

    def find_notes(self, query: str) -> list[int]:
        """Return the ids of the notes that match a search of Anki."""
        note_ids: list[int] = self._ask("findNotes", list[int], query=query)
        return note_ids

    def notes(self, ids: Sequence[int]) -> Iterator[AnkiNote]:
        """Yield the existing notes among these ids, some hundreds a request."""
        for start in range(0, len(ids), _BATCH):
            batch: list[AnkiNote] = self._ask("notesInfo", list[AnkiNote], notes=ids[start : start + _BATCH])
            yield from (note for note in batch if note.id)

    def note_type_ids(self) -> dict[str, int]:
        """Return the ids of all note types, by name."""
        type_ids: dict[str, int] = self._ask("modelNamesAndIds", dict[str, int])
        return type_ids

    def field_ids(self, note_type: str) -> dict[str, int]:
        """Return the stable ids of the fields of a note type, by name; empty if AnkiConnect or Anki is too old."""
        try:
            note_types: list[_NoteType] = self._ask("findModelsByName", list[_NoteType], modelNames=[note_type])
        except UnsupportedError:
            return {}
        return {field.name: field.id for found_type in note_types for field in found_type.fields if field.id}

    def import_package(self, path: Path) -> None:
        """Import a package from an absolute path, which must be valid for Anki too; never sent twice."""
        if self._ask("importPackage", bool | dict[str, Any], path=str(path)) is False:
            raise TrialdeckError(f"Anki did not import {path}", "open a profile in Anki, then push again")

    def _ask(self, action: str, form: Any, seconds: float | None = None, /, **parameters: Any) -> Any:
        """Send a request and return its result.

        Args:
            action: The action of AnkiConnect.
            form: The type of its result.
            seconds: The time limit; `None` is that of this object.
            **parameters: The parameters of the action.

        Returns:
            The result, converted to `form`.

        Raises:
            TrialdeckError: AnkiConnect refused, or could not be reached.
            NoAnswerError: It is unknown what Anki did.
        """
        request = {"action": action, "version": _VERSION, "params": parameters}
        body = msgspec.json.encode({**request, "key": self.key} if self.key else request)
        answer = read_answer(self._send(body, seconds or self.seconds))
        if answer is None:
            raise self._error_of_stranger("what it sends is not an answer of that add-on")
        if answer.error is not None:
            raise self._error_of_refusal(answer.error)
        try:
            return msgspec.convert(answer.result, form)
        except msgspec.ValidationError as error:
            raise self._error_of_stranger(f"its result for {action} is none ({error})") from error

    def _send(self, body: bytes, seconds: float) -> bytes:
        """Send a request and return the body of the answer, for success and failure alike."""
        request = Request(self.url, body, {"Content-Type": "application/json"})  # noqa: S310 - see `host_of`
        # No proxy, which could not reach a local address.
        opener = build_opener(ProxyHandler({}), _NoRedirect)
        try:
            with opener.open(request, timeout=seconds) as response:
                content: bytes = response.read(_LARGEST)
                if response.length:
                    raise IncompleteRead(content, response.length)
                return content
        except HTTPError as error:
            with error:
                return self._body_of_http_error(error)
        except (OSError, HTTPException) as error:
            raise self._error_of_lost_request(error, seconds) from error

    def _body_of_http_error(self, error: HTTPError) -> bytes:
        """Return the body of an HTTP error if it is an answer of AnkiConnect, as programs like it send."""
        try:
            content = error.read(_LARGEST)
        except (OSError, HTTPException):
            content = b""
        answer = read_answer(content)
        if answer is None or answer.error is None:
            raise self._error_of_stranger(f"it sends the HTTP error {error.code}") from error
        return content

    def _error_of_lost_request(self, error: OSError | HTTPException, seconds: float) -> TrialdeckError:
        """Return the error for a lost request: no connection, a timeout, or a connection that was cut."""
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(cause, TimeoutError):
            hint = "wait until Anki has done what it does and close its dialogs, or give it more time by --timeout"
            return NoAnswerError(f"AnkiConnect at {self.url} did not answer within {seconds:g} seconds", hint)
        why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        # A URLError means failure to connect or to send; if the connection was cut, the request may have arrived.
        if isinstance(error, URLError) and not isinstance(cause, ConnectionResetError | BrokenPipeError):
            hint = "start Anki; install the add-on there by Tools → Add-ons → Get Add-ons…, then start Anki again"
            return TrialdeckError(f"{_ABSENT}: no connection to {self.url} ({why})", hint)
        hint = "was Anki closed? start it again, and look whether it is well"
        return NoAnswerError(f"the connection to AnkiConnect at {self.url} was cut ({why})", hint)

    def _error_of_stranger(self, why: str) -> NoAnswerError:
        hint = "does another program use this address? AnkiConnect's is http://127.0.0.1:8765, or see its settings"
        return NoAnswerError(f"{self.url} does not answer as AnkiConnect does: {why}", hint)

    def _error_of_refusal(self, said: str) -> TrialdeckError:
        # The answer may repeat the request, and the key in it.
        message = said.replace(self.key, "…") if self.key else said
        if _NO_KEY in said:
            hint = "give the apiKey of its settings (Tools → Add-ons → AnkiConnect → Config) as TRIALDECK_ANKI_KEY"
            return KeyRefusedError(f"AnkiConnect wants {'another' if self.key else 'a'} key: {message}", hint)
        if _NO_COLLECTION in said:
            return TrialdeckError(
                f"no collection is open in Anki: {message}", "open a profile in Anki, then push again"
            )
        kind = UnsupportedError if _UNSUPPORTED in said.lower() else TrialdeckError
        return kind(f"Anki says: {message}", "look in Anki what is the matter; nothing more was sent")


def read_answer(content: bytes) -> _Answer | None:
    """Return an answer of AnkiConnect; `None` if the bytes are not one."""
    try:
        return msgspec.json.decode(content, type=_Answer)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def host_of(url: str) -> str:
    """Return the host of an HTTP URL; raises TrialdeckError if it is not a valid URL, or names a user."""
    hint = "an address is like http://127.0.0.1:8765"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise TrialdeckError(f"{url} is not an address: {error}", hint) from error
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or parts.scheme not in {"http", "https"} or not host:
        raise TrialdeckError(f"{url} is not an address of AnkiConnect", hint)
    if "@" in parts.netloc:
        raise TrialdeckError("an address of AnkiConnect has no user and no password", "its key is given by --key")
    return host


def refuse_forgotten(url: str, *, named: bool) -> None:
    """Let no forgotten variable send anything to another machine.

    Raises TrialdeckError if the address is of another machine, unless it is `named` by this very call.
    """
    host = host_of(url)
    if host not in HERE and not named:
        raise TrialdeckError(f"{URL_VARIABLE} names another machine: {host}", "if you mean it, name it by --url")
