"""Removal: a trial is taken away whole, and brought back as long as the desk runs."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.overviews import overviews_of
from trialdeck.desk.pages import changes, page, refused, tab_of, title_of, workspace_of

_PATIENCE = 0.5
"""How many seconds the question waits for what is known of editions."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A trial that was removed: what it was called, and its record."""

    title: str
    record: td.RemovedRecord


def removed_of(request: Request) -> dict[str, Removed]:
    """Return the trials that were removed since the desk began, by the names of their records."""
    removed: dict[str, Removed] = request.app.state.removed_trials
    return removed


def _question(request: Request) -> Response:
    """Say what it means to remove a trial: that depends on whether learners have it."""
    name = request.path_params["file"]
    record = td.read_record(workspace_of(request).record_path(name))
    overview = overviews_of(request).shown(_PATIENCE).overview
    found = [trial for trial in overview.trials if trial.file == name] if overview else []
    edition = found[0].edition if found else None
    return page(request, "removal.html", title=title_of(record, name), edition=edition)


def _remove(request: Request, body: Any) -> Response:
    """Remove a trial; its bytes are kept until the desk ends, so that it can come back."""
    workspace, name = workspace_of(request), request.path_params["file"]
    path, was = workspace.record_path(name), body.get("was") if isinstance(body, dict) else None
    if not isinstance(was, str):
        return refused("this is no removal of a trial", "reload the page and try again")
    with workspace.lock(name):
        if not path.is_file():
            return refused("the file of this trial is gone already", "go to the list of trials", HTTPStatus.GONE)
        title = title_of(td.read_record(path), name)
        try:
            record = td.remove_record(workspace.project, name, was=was)
        except td.ConflictError:
            hint = "look at what it says by now, and remove it then"
            return refused("somebody else has changed this trial meanwhile", hint, HTTPStatus.CONFLICT)
        removed_of(request)[name] = Removed(title, record)
        workspace.wrote(name, tab_of(request))
    return JSONResponse({"address": f"/?removed={quote(name)}"})


def _restore(request: Request, body: Any) -> Response:
    """Bring back a trial that was removed since the desk began."""
    workspace = workspace_of(request)
    name = body.get("record") if isinstance(body, dict) else None
    removed = removed_of(request).get(name) if isinstance(name, str) else None
    if removed is None:
        return refused("this trial was not removed since the desk began", "look for it in the list of trials")
    with workspace.lock(removed.record.name):
        td.restore_record(workspace.project, removed.record)
        del removed_of(request)[removed.record.name]
        workspace.wrote(removed.record.name, tab_of(request))
    return JSONResponse({"address": f"/trial/{quote(removed.record.name)}"})


ROUTES = (
    Route("/removal", changes(_restore), methods=["DELETE"]),
    Route("/removal/{file:path}", _question, methods=["GET"]),
    Route("/removal/{file:path}", changes(_remove), methods=["POST"]),
)
