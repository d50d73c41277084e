"""Settings: the project, its decks, the reader's profile."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.forms.settings_form import groups_of
from trialdeck.desk.pages import changes, page, refused, rendered, workspace_of
from trialdeck.desk.workspace import Workspace

_NEW = "~new"
"""Where the form of a new deck is; no deck can have this id."""
_KINDS = ("project", "profile")
_REMOVED = "the removed decks"
"""The lock of what was removed."""
Values = dict[tuple[str | int, ...], Any]


def _settings(request: Request) -> Response:
    workspace = workspace_of(request)
    known = _known(request)
    read = td.settings(workspace.project)
    removed = [name for name, file in [*_removed(request).items()] if not file.path.exists()]
    just = request.query_params.get("removed", "")
    return page(
        request,
        "settings.html",
        forms=[(file, groups_of(file, known, file.faults)) for file in (read.project, read.profile)],
        decks=[_line_of(file) for file in read.decks],
        has_trials=bool(known["trials"]),
        known_topics=known["topics"],
        removed=just if just in removed else "",
        removed_earlier=[name for name in removed if name != just],
    )


def _line_of(file: td.SettingsFile) -> Mapping[str, str]:
    """Return what the list of decks shows of a definition."""
    select = file.value(("select",)) or {}
    parts = [", ".join(map(str, part)).replace("-", " ") for part in select.values() if isinstance(part, list) and part]
    parts += ["only what is reviewed"] if select.get("reviewed_only") else []
    return {
        "name": file.name,
        "title": str(file.value(("name",)) or file.name),
        "takes": "; ".join(parts) or "everything",
        "fault": file.problems[0].message if file.problems else "",
    }


def _known(request: Request) -> dict[str, Sequence[tuple[str, str]]]:
    """Return what definitions can choose from, in words."""
    try:
        choices = _counter(request).choices()
    except td.TrialdeckError:
        return {"trials": (), "topics": (), "specialties": ()}
    return {
        "trials": [(trial, acronym or trial) for trial, acronym in choices.trials],
        "topics": [(topic, topic.replace("-", " ")) for topic in choices.topics],
        "specialties": [(name, name.replace("-", " ")) for name in choices.specialties],
    }


def _counter(request: Request) -> td.DeckCounter:
    """Return the counter of the desk, which holds what it has read."""
    workspace = workspace_of(request)
    with workspace.lock("the counter of decks"):
        if not hasattr(request.app.state, "deck_counter"):
            request.app.state.deck_counter = td.DeckCounter(workspace.project)
        counter: td.DeckCounter = request.app.state.deck_counter
        return counter


def _counts(request: Request) -> Response:
    """Tell how many cards each deck takes."""
    files = td.settings(workspace_of(request).project).decks
    counter = _counter(request)
    counted = {file.name: counter.count(file).count for file in files if file.is_readable}
    words = {name: rendered(request, "deck_line.html", count=count).strip() for name, count in counted.items()}
    return JSONResponse(words)


def _deck(request: Request) -> Response:
    """Show one deck; or the form of a new one, which may begin as a copy."""
    name: str = request.path_params["name"]
    workspace = workspace_of(request)
    read = td.settings(workspace.project)
    if name == _NEW:
        like = request.query_params.get("like")
        file = td.new_deck(workspace.project, read.deck(like) if like else None)
    else:
        file = _named(read, name)
    counted = _counted(request, file)
    others = [other for other in read.decks if other.name != file.name]
    return page(
        request,
        "deck.html",
        file=file,
        address=f"/decks/{quote(name)}{'?' + request.url.query if name == _NEW and request.url.query else ''}",
        groups=groups_of(file, _known(request), [] if name == _NEW else _faults(file, counted)),
        count=_count_html(request, counted),
        alone=_only_here(request, file, others),
    )


def _named(read: td.Settings, name: str) -> td.SettingsFile:
    found = [file for file in read.decks if file.name == name]
    if not found:
        raise HTTPException(404)
    return found[0]


def _only_here(request: Request, file: td.SettingsFile, others: Sequence[td.SettingsFile]) -> tuple[str, ...]:
    """Return the trials that no other deck takes."""
    if not file.exists:
        return ()
    counter = _counter(request)
    try:
        own, *rest = [counter.count(each).count for each in (file, *others)]
    except td.TrialdeckError:
        return ()
    taken = {trial for count in rest if count for trial in count.trials}
    acronyms = dict(_known(request)["trials"])
    return tuple(acronyms.get(trial, trial) for trial in (own.trials if own else ()) if trial not in taken)


def _counted(request: Request, file: td.SettingsFile) -> Any:
    """Return what a definition takes, None if there are no trials yet."""
    try:
        return _counter(request).count(_with_name(file))
    except td.TrialdeckError:
        return None


def _with_name(file: td.SettingsFile) -> td.SettingsFile:
    """Return a new deck that has no id or name yet as if it had: what it takes can be seen before."""
    if file.exists or file.kind != "deck":
        return file
    proposed = {("id",): "new-deck", ("name",): "New deck"}
    return file.with_values({path: value for path, value in proposed.items() if not file.value(path)})


def _faults(file: td.SettingsFile, counted: Any) -> Sequence[tuple[Any, td.Problem]]:
    faults: Sequence[tuple[Any, td.Problem]] = counted.faults if counted else file.faults
    return faults


def _count_html(request: Request, counted: Any) -> str:
    faulty = len(_counter(request).faulty) if counted else 0
    return rendered(request, "deck_count.html", counted=counted, faulty=faulty)


def _count(request: Request, body: Any) -> Response:
    """Count what a definition would take with the values of the form, and say what is wrong with them."""
    values, _ = _values(body)
    file = _file(workspace_of(request), request).with_values(values)
    counted = _counted(request, file)
    return JSONResponse({"html": _count_html(request, counted), "faults": _as_json(_faults(file, counted))})


def _as_json(faults: Sequence[tuple[Any, td.Problem]]) -> list[dict[str, object]]:
    return [
        {"path": list(path), "message": problem.message, "hint": problem.hint, "line": problem.line}
        for path, problem in faults
    ]


def _save(request: Request, body: Any) -> Response:
    """Write the values of a form in place, and tell what another window has changed meanwhile."""
    workspace = workspace_of(request)
    values, was = _values(body)
    file = _file(workspace, request)
    try:
        if file.exists or file.kind != "deck":
            saved = td.save_settings(workspace.project, file, values, was)
        else:
            saved = td.add_deck(workspace.project, file, values)
    except td.ConflictError as error:
        now = [{"path": list(path), "value": value} for path, value in error.now.items()]
        return refused(error.message, error.hint, 409, now=now)
    except td.TrialdeckError as error:
        faults = [fault for fault in file.with_values(values).faults if fault[1] in error.problems]
        return refused(error.message, error.hint, 422, faults=_as_json(faults))
    workspace.events.tell({"settings": saved.path.name})
    return JSONResponse({"address": _address(saved), "message": "Saved."})


def _address(file: td.SettingsFile) -> str:
    return f"/decks/{quote(file.name)}" if file.kind == "deck" else "/settings"


def _file(workspace: Workspace, request: Request) -> td.SettingsFile:
    """Return the file that a request is about."""
    name: str = request.path_params["name"]
    read = td.settings(workspace.project)
    if request.url.path.startswith("/settings/"):
        if name not in _KINDS:
            raise HTTPException(404)
        return read.project if name == "project" else read.profile
    if name == _NEW:
        like = request.query_params.get("like")
        return td.new_deck(workspace.project, read.deck(like) if like else None)
    return _named(read, name)


def _values(body: Any) -> tuple[Values, Values]:
    """Return the new and the former values of a form, by path; raises TrialdeckError if they are of another form."""
    values: Values = {}
    was: Values = {}
    try:
        for part in body["values"]:
            path = tuple(part["path"])
            values[path], was[path] = part["value"], part["was"]
    except (KeyError, TypeError) as error:
        raise td.TrialdeckError("these are no values of a form", "reload the page") from error
    if not all(map(_is_path, values)) or not all(map(_is_value, values.values())):
        raise td.TrialdeckError("these are no values of a form", "reload the page")
    return values, was


def _is_path(path: Sequence[object]) -> bool:
    return bool(path) and all(isinstance(name, str) for name in path)


def _is_value(value: Any) -> bool:
    """Tell whether a value is one that a form gives."""
    parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return (
        value is None
        or isinstance(value, str | bool)
        or (isinstance(value, list | dict) and all(isinstance(part, str) for part in parts))
    )


def _text(request: Request) -> Response:
    """Show a settings file as text."""
    return page(request, "settings_text.html", file=_of_text(request))


def _save_text(request: Request, body: Any) -> Response:
    """Write a settings file as text."""
    workspace = workspace_of(request)
    file = _of_text(request)
    text, was = (body.get("text"), body.get("was")) if isinstance(body, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(was, str):
        return refused("This is no text", "Reload the page.")
    try:
        seen = replace(file, text=was) if was or file.exists else file
        saved = td.save_settings_text(workspace.project, seen, text)
    except td.ConflictError as error:
        now = error.now["text",] if file.exists else ""
        return refused("The file was changed meanwhile", "Compare both, and choose one.", 409, now=now)
    workspace.events.tell({"settings": saved.path.name})
    return JSONResponse({"message": "Saved.", "faults": _as_json(saved.faults)})


def _of_text(request: Request) -> td.SettingsFile:
    name: str = request.path_params["name"]
    read = td.settings(workspace_of(request).project)
    return read.project if name == "project" else read.profile if name == "profile" else _named(read, name)


def _remove(request: Request, _body: Any) -> Response:
    """Remove a deck; its text is kept until the desk ends, so that it can come back."""
    workspace = workspace_of(request)
    file = _named(td.settings(workspace.project), request.path_params["name"])
    td.remove_deck(workspace.project, file)
    _removed(request)[file.name] = file
    workspace.events.tell({"settings": file.path.name})
    return JSONResponse({"address": "/settings?removed=" + quote(file.name)})


def _removed(request: Request) -> dict[str, td.SettingsFile]:
    """Return the decks that were removed since the desk began, by their names."""
    workspace = workspace_of(request)
    with workspace.lock(_REMOVED):
        if not hasattr(request.app.state, "removed_decks"):
            request.app.state.removed_decks = {}
        removed: dict[str, td.SettingsFile] = request.app.state.removed_decks
        return removed


def _restore(request: Request, body: Any) -> Response:
    """Bring back a deck that was removed."""
    workspace = workspace_of(request)
    name = body.get("name") if isinstance(body, dict) else None
    with workspace.lock(_REMOVED):
        removed = _removed(request)
        if not isinstance(name, str) or name not in removed:
            return refused("This deck was not removed since the desk began", "Reload the page to see which there are.")
        file = td.restore_deck(workspace.project, removed[name])
        del removed[name]
    workspace.events.tell({"settings": file.path.name})
    return JSONResponse({"address": _address(file)})


ROUTES = (
    Route("/settings", _settings),
    Route("/settings/counts", _counts),
    Route("/settings/text/{name}", _text),
    Route("/settings/text/{name}", changes(_save_text), methods=["PUT"]),
    Route("/settings/{name}", changes(_save), methods=["PUT"]),
    Route("/decks/restore", changes(_restore), methods=["POST"]),
    Route("/decks/{name}", _deck),
    Route("/decks/{name}", changes(_save), methods=["PUT"]),
    Route("/decks/{name}/count", changes(_count), methods=["POST"]),
    Route("/decks/{name}", changes(_remove), methods=["DELETE"]),
)
