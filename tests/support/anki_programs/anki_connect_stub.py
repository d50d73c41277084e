"""A stand-in for AnkiConnect: a small Anki behind HTTP, whose answers a test can spoil."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from trialdeck.apkg.reader import PackedNote, read_package
from trialdeck.notes.note_types import Kind, note_type

Spoil = Callable[["Handler"], None]


@dataclass
class StubAnki:
    """A collection by guid, as (id, note); what was asked, in order; `spoiled` answers in its own way, by action."""

    key: str | None = None
    notes: dict[str, tuple[int, PackedNote]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    spoiled: dict[str, Spoil] = field(default_factory=dict)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def asked(self, action: str) -> int:
        """How many requests of a kind have arrived."""
        return sum(request["action"] == action for request in self.requests)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("key") != self.key:
            return {"result": None, "error": "valid api key must be provided"}
        assert request["version"] == 6
        method = getattr(self, request["action"], None)
        if method is None:
            return {"result": None, "error": "unsupported action"}
        return {"result": method(**request["params"]), "error": None}

    def version(self) -> int:
        return 6

    def findNotes(self, query: str) -> list[int]:  # noqa: N802
        assert query == "Key:_*"
        return [each for each, _ in self.notes.values()]

    def notesInfo(self, notes: list[int]) -> list[dict[str, Any]]:  # noqa: N802
        found = dict(self.notes.values())
        return [_info(each, found[each]) if each in found else {} for each in notes]

    def modelNamesAndIds(self) -> dict[str, int]:  # noqa: N802
        return {"Basic": 1, **{note_type(kind).name: note_type(kind).id for kind in Kind}}

    def importPackage(self, path: str) -> bool:  # noqa: N802
        """Import as Anki does: only what is newer replaces what is there."""
        assert Path(path).is_absolute()
        for note in read_package(Path(path)).notes:
            known, there = self.notes.get(note.guid, (1000 + len(self.notes), None))
            if there is None or note.changed > there.changed:
                self.notes[note.guid] = (known, note)
        return True


def _info(known: int, note: PackedNote) -> dict[str, Any]:
    fields = {name: {"value": html, "order": order} for order, (name, html) in enumerate(note.fields.items())}
    return {"noteId": known, "tags": list(note.tags), "fields": fields, "modelName": note.note_type, "cards": [],
            "mod": note.changed}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One request to the stand-in."""

    anki: StubAnki

    def do_GET(self) -> None:
        self.send(b"AnkiConnect v.6")

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.anki.requests.append(request)
        spoil = self.anki.spoiled.get(request["action"])
        if spoil:
            spoil(self)
        else:
            self.send(json.dumps(self.anki.answer(request)).encode())

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Be silent."""


def says(content: bytes, status: int = 200, **headers: str) -> Spoil:
    """Answer with these bytes."""
    return lambda handler: handler.send(content, status, **headers)


def result(value: Any) -> Spoil:
    """Answer with a result of one's own."""
    return says(json.dumps({"result": value, "error": None}).encode())


def error(text: str, status: int = 200) -> Spoil:
    """Answer with an error."""
    return says(json.dumps({"result": None, "error": text}).encode(), status)


def silent(handler: Handler) -> None:
    """Say nothing until the test has ended."""
    handler.anki.ended.wait(60)
    handler.close_connection = True


def cut(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def cut_in_the_middle(handler: Handler) -> None:
    """Close the connection in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"result": tr')


@contextmanager
def serving(anki: StubAnki) -> Iterator[StubAnki]:
    """Serve a stand-in at an address of its own."""
    handler = type("OwnHandler", (Handler,), {"anki": anki})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        anki.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield anki
        finally:
            anki.ended.set()
            server.shutdown()
            thread.join()
