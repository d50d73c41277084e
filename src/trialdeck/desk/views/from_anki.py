"""From Anki: what was edited there, and what learners suggest, into the records; one by one."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.forms.page_words import ARRIVING_WORDS
from trialdeck.desk.pages import changes, page, tab_of, workspace_of
from trialdeck.desk.uploads import Box, box_named
from trialdeck.desk.views.add import arrived, key_of
from trialdeck.desk.views.release import FIELDS

_STANDINGS = {
    "open": "",
    "conflict": "changed on both sides",
    "new": "new note",
    "done": "accepted before, or the trial says it already",
    "declined": "declined before",
    "left": "cannot be taken",
}


def _from_anki(request: Request) -> Response:
    if not workspace_of(request).is_project:
        return RedirectResponse("/", 303)
    return page(request, "from_anki.html")


def _box(request: Request) -> Response:
    """Show the edits in the files of a box."""
    workspace = workspace_of(request)
    box = box_named(workspace.scratch, request.path_params["box"])
    intake = arrived(request, box)
    groups = _groups(intake)
    if not groups and intake.arrivals:
        return RedirectResponse(f"/add/{box.name}", 303)
    is_waiting = any(note.is_waiting for edits in groups.values() for note in edits.notes)
    return page(
        request, "from_anki_box.html", box=box, groups=groups, is_waiting=is_waiting, faults=intake.faults,
        labels=FIELDS, standings=_STANDINGS, told=ARRIVING_WORDS, has_others=len(groups) < len(intake.arrivals),
    )  # fmt: skip


def _groups(intake: td.Intake) -> dict[str, td.AnkiEdits]:
    return {key_of(each): each for each in intake.arrivals if isinstance(each, td.AnkiEdits)}


def _write(request: Request, given: Any) -> Response:
    """Write what is accepted, and answer with what was done, as a part of the page."""
    workspace = workspace_of(request)
    box = box_named(workspace.scratch, request.path_params["box"])
    edits = _edits_of(request, box)
    chosen = edits.chosen(_names(given, "accepted"), declined=_names(given, "declined"), texts=_texts(given))
    with workspace.lock("/anki"):
        written = chosen.write()
        names = [workspace.record_name(path) for path in written.records if path.suffix != ".jsonl"]
        for name in names:
            workspace.wrote(name, tab_of(request))
    return page(request, "from_anki_done.html", written=written, records=names, way=edits.way)


def _edits_of(request: Request, box: Box) -> td.AnkiEdits:
    groups = _groups(arrived(request, box))
    key = request.path_params["key"]
    if key not in groups:
        raise td.TrialdeckError("these files are not here any more", "add them again")
    return groups[key]


def _names(given: Any, name: str) -> list[str]:
    listed = given.get(name) if isinstance(given, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise td.TrialdeckError("the decisions were not sent as lists of names", "reload the page and try again")
    return listed


def _texts(given: Any) -> dict[str, str]:
    texts = given.get("texts", {}) if isinstance(given, dict) else {}
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise td.TrialdeckError("the texts were not sent as texts", "reload the page and try again")
    return {str(name): text for name, text in texts.items()}


ROUTES = (
    Route("/anki", _from_anki),
    Route("/anki/{box}", _box),
    Route("/anki/{box}/{key}", changes(_write), methods=["POST"]),
)
