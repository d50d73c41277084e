"""Home: the trials of the project, a new record, a new project."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.overviews import Overviews, Shown, overviews_of
from trialdeck.desk.pages import changes, page, rendered, tab_of, workspace_of
from trialdeck.desk.views.removal import removed_of

_PATIENCE = 0.35
"""How many seconds the page waits for the newest figures before it shows the last ones."""
_STEP = 0.25
_LICENSES = (
    ("[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)", "CC BY 4.0: share and change, name the authors"),
    (
        "[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)",
        "CC BY-SA 4.0: the same, and changes are shared alike",
    ),
    (
        "[CC BY-NC-SA 4.0](https://creativecommons.org/licenses/by-nc-sa/4.0/)",
        "CC BY-NC-SA 4.0: the same, not for business",
    ),
    ("[CC0](https://creativecommons.org/publicdomain/zero/1.0/)", "CC0: everybody may do anything"),
    ("", "Nothing yet: nobody may share them"),
)
_FACTS = ("title", "acronym", "doi", "registry", "url")


def _home(request: Request) -> Response:
    workspace = workspace_of(request)
    if not workspace.is_project:
        others = any(not entry.name.startswith(".") for entry in workspace.folder.iterdir())
        return page(request, "begin.html", licenses=_LICENSES, has_others=others)
    just = request.query_params.get("removed", "")
    gone = {name: each for name, each in [*removed_of(request).items()] if not (workspace.seeds / name).exists()}
    earlier = [each for name, each in gone.items() if name != just]
    shown = _values(overviews_of(request).shown(_PATIENCE))
    return page(request, "home.html", removed=gone.get(just), removed_earlier=earlier, **shown)


def _values(shown: Shown) -> dict[str, object]:
    return {"shown": shown, "trials": shown.overview.trials if shown.overview else ()}


async def _trials(request: Request) -> Response:
    """Stream how far the newest overview is, and at last the trials as HTML: one JSON document a line.

    A page that has these trials already, as it says with `have`, does not get them again.
    """
    return StreamingResponse(_lines(request, overviews_of(request)), media_type="application/x-ndjson")


async def _lines(request: Request, overviews: Overviews) -> AsyncIterator[str]:
    while not (shown := await run_in_threadpool(overviews.shown, _STEP)).is_current:
        progress = overviews.progress
        yield json.dumps({"stage": progress.stage, "done": progress.done, "total": progress.total} if progress else {})
        yield "\n"
        # A state of the disk that changes all the time must not keep a thread busy.
        await asyncio.sleep(_STEP / 10)
    if shown.state != request.query_params.get("have", ""):
        html = await run_in_threadpool(rendered, request, "trials.html", **_values(shown))
        yield json.dumps({"html": html, "state": shown.state}) + "\n"


def _begin(request: Request, given: Any) -> Response:
    """Begin the project of the folder."""
    texts = _texts(given, ("name", "license", "report", "authors", "example"))
    begun = td.begin(
        workspace_of(request).folder,
        name=texts["name"],
        license=texts["license"],
        report=texts["report"],
        authors=[author.strip() for author in texts["authors"].split(",") if author.strip()],
        with_example=bool(texts["example"]),
    )
    return JSONResponse({"written": begun.written, "kept": begun.kept})


def _new(request: Request) -> Response:
    return page(request, "new.html")


def _write_new(request: Request, given: Any) -> Response:
    """Write a record to fill in, and say where to go."""
    workspace = workspace_of(request)
    texts = _texts(given, _FACTS)
    specialties = [name.strip() for name in _texts(given, ("specialties",))["specialties"].split(",") if name.strip()]
    with workspace.lock("/new"):
        path = td.new_record(workspace.project, specialties=specialties, **texts)
        name = workspace.record_name(path)
        workspace.wrote(name, tab_of(request))
    return JSONResponse({"record": name, "address": f"/trial/{quote(name)}"})


def _texts(given: Any, names: tuple[str, ...]) -> dict[str, str]:
    texts = {name: given.get(name, "") for name in names} if isinstance(given, dict) else {}
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        raise td.TrialdeckError("the form was not sent as texts", "reload the page and try again")
    return texts


ROUTES = (
    Route("/", _home),
    Route("/trials", _trials),
    Route("/begin", changes(_begin), methods=["POST"]),
    Route("/new", _new),
    Route("/new", changes(_write_new), methods=["POST"]),
)
