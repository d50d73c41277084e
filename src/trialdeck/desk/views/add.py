"""Add: any file becomes something that can be looked at before anything is written."""

from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.forms.page_words import ARRIVING_WORDS
from trialdeck.desk.pages import changes, page, refused, tab_of, workspace_of
from trialdeck.desk.uploads import Box, TooLargeError, box_named, new_box
from trialdeck.desk.views.chosen import ROLES, ChosenNotes, chosen_more, chosen_trial, first_choice

Arrival = td.NewTrial | td.MoreOfTrial | td.ForeignNotes | td.OwnSheets | td.AnkiEdits
_PARTS = {"new": "add_new.html", "more": "add_more.html", "import": "add_notes.html", "sheets": "add_sheets.html"}
"""The part of the page for each way, after a choice."""


def _add(request: Request) -> Response:
    if not workspace_of(request).is_project:
        return RedirectResponse("/", 303)
    return page(request, "add.html")


def _new_box(request: Request, _given: Any) -> Response:
    return JSONResponse({"box": new_box(workspace_of(request).scratch).name})


async def _put(request: Request) -> Response:
    """Take one file into a box, while it comes in."""
    workspace = workspace_of(request)
    box = await run_in_threadpool(box_named, workspace.scratch, request.path_params["box"])
    try:
        path = await box.take(request.path_params["name"], request.stream())
    except TooLargeError as error:
        return refused(error.message, error.hint, 413)
    return JSONResponse({"name": path.name})


def key_of(arrival: Arrival) -> str:
    """Return the key of an arrival: the same before and after it was written."""
    parts = repr((arrival.files, getattr(arrival, "key", "")))
    return blake2b(parts.encode(), digest_size=8).hexdigest()


def arrived(request: Request, box: Box) -> td.Intake:
    """Return what the files of a box become."""
    into = request.query_params.get("into", "")
    splits = request.query_params.get("split") == "1"
    workspace = workspace_of(request)
    record = workspace.record_path(into) if into else None
    return td.intake(workspace.project, *box.files, into=record, splits=splits)


def _box(request: Request) -> Response:
    """Show what is in the files."""
    workspace = workspace_of(request)
    if not workspace.is_project:
        return RedirectResponse("/", 303)
    box = box_named(workspace.scratch, request.path_params["box"])
    intake = arrived(request, box)
    edits = [arrival for arrival in intake.arrivals if isinstance(arrival, td.AnkiEdits)]
    if edits and len(edits) == len(intake.arrivals) and not intake.faults:
        return RedirectResponse(f"/anki/{box.name}", 303)
    apart = request.query_params.get("apart", "")
    shown = [(key_of(each), first_choice(_apart(each, apart))) for each in intake.arrivals]
    return page(
        request, "add_box.html", box=box, arrivals=shown, faults=intake.faults, done=box.done, told=ARRIVING_WORDS,
        records=_records(request), roles=ROLES, is_counted=False, query=request.query_params,
        address=address_of(box, request), record_name=workspace.record_name,
    )  # fmt: skip


def _apart(arrival: Arrival, apart: str) -> Arrival:
    """Return a trial that only has the name of another one as a new trial, if the author says so."""
    is_meant = isinstance(arrival, td.MoreOfTrial) and not arrival.by_number and key_of(arrival) == apart
    return arrival.apart() if is_meant and isinstance(arrival, td.MoreOfTrial) else arrival


def _records(request: Request) -> list[str]:
    """Return the names of the records, for files that do not say which trial they are of."""
    workspace = workspace_of(request)
    files = sorted(path for ending in ("yaml", "yml", "json") for path in workspace.seeds.rglob(f"*.{ending}"))
    return [workspace.record_name(path) for path in files]


def address_of(box: Box, request: Request) -> str:
    """Return the address of a box with what was asked of it."""
    asked = {name: text for name, text in request.query_params.items() if name in {"into", "split", "apart"}}
    return f"/add/{box.name}?{urlencode(asked)}" if asked else f"/add/{box.name}"


def _found(request: Request) -> tuple[Box, str, Arrival]:
    """Return the arrival that a request is about; raises TrialdeckError if it is not there any more."""
    box = box_named(workspace_of(request).scratch, request.path_params["box"])
    key = request.path_params["key"]
    arrivals = {key_of(arrival): arrival for arrival in arrived(request, box).arrivals}
    if key not in arrivals:
        raise td.TrialdeckError("the records have changed since", "reload the page")
    return box, key, _apart(arrivals[key], request.query_params.get("apart", ""))


def _choose(request: Request, given: Any) -> Response:
    """Answer with what would be written after a choice, as a part of the page."""
    _, key, arrival = _found(request)
    shown = _chosen(arrival, given)
    template = _PARTS[arrival.way]
    is_counted = isinstance(given, dict) and bool(given.get("counted"))
    record_name = workspace_of(request).record_name
    return page(
        request, template, key=key, arrival=shown, told=ARRIVING_WORDS, is_counted=is_counted, record_name=record_name
    )


def _chosen(arrival: Arrival, given: Any) -> Any:
    choice: dict[str, Any] = given if isinstance(given, dict) else {}
    match arrival:
        case td.NewTrial():
            return chosen_trial(arrival, choice)
        case td.MoreOfTrial():
            return chosen_more(arrival, choice)
        case td.ForeignNotes():
            return ChosenNotes.of(arrival, choice)
        case td.OwnSheets():
            return arrival.chosen(deletes=bool(choice.get("deletes")))
    raise td.TrialdeckError("edits from Anki are decided one by one", "open From Anki")


def _write(request: Request, given: Any) -> Response:
    """Write what was chosen, and say where it is."""
    workspace = workspace_of(request)
    box, key, arrival = _found(request)
    place = workspace.record_name(arrival.path) if isinstance(arrival, td.MoreOfTrial) else "/add"
    with workspace.lock(f"/add/{box.name}"), workspace.lock(place):
        if key in box.done:
            return refused("this was written already", "open the trial, or add the files again", 409)
        paths = _chosen(arrival, given).write()
        names = [workspace.record_name(path) for path in paths]
        for name in names:
            workspace.wrote(name, tab_of(request))
        written = {"records": names, "address": f"/trial/{quote(names[0])}" if len(names) == 1 else "/"}
        box.remember(key, written)
    return JSONResponse(written)


ROUTES = (
    Route("/add", _add),
    Route("/add", changes(_new_box), methods=["POST"]),
    Route("/add/{box}", _box),
    Route("/add/{box}/files/{name:path}", _put, methods=["PUT"]),
    Route("/add/{box}/{key}", changes(_choose), methods=["POST"]),
    Route("/add/{box}/{key}/write", changes(_write), methods=["POST"]),
)
