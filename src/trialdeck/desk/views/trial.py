"""Trial: one record as a form, with its text beside it."""

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.forms.filled import filled_entry, filled_form
from trialdeck.desk.forms.formula import mathml_of
from trialdeck.desk.forms.problem_words import Said, fix_label, said_in_form
from trialdeck.desk.overviews import overviews_of
from trialdeck.desk.pages import changes, converted, page, refused, rendered, tab_of, title_of, workspace_of

_PATIENCE = 0.5
"""How many seconds an answer waits for the overview of all trials."""
_STALE = td.TrialdeckError("this entry is no longer there", "the form was read anew: look for it there")


class _Place(msgspec.Struct):
    """An entry, or a list: its path, and the names of the entries that the path leads through."""

    path: tuple[str | int, ...] = ()
    names: tuple[str, ...] = ()


class _Renaming(_Place):
    """A new id, and whether the old one stays as an earlier one."""

    id: str = ""
    history: bool = True


class _Asked(msgspec.Struct):
    """What a page asks for: changes, all `together` or each for itself; or one of the actions that make changes.

    `add` puts a new entry at the end of a list, `settle` gives a new entry its id for good, `rename` another one.
    `form` asks for the form as HTML too, in which some entries are `opened`: with all their fields.
    """

    changes: tuple[td.Change, ...] = ()
    together: bool = False
    form: bool = False
    opened: tuple[_Place, ...] = ()
    add: _Place | None = None
    settle: _Place | None = None
    rename: _Renaming | None = None


class _Text(msgspec.Struct):
    """A whole text, and the one that the author began with; None if there was no file."""

    text: str
    was: str | None = None


class _Tex(msgspec.Struct):
    """A formula as it is written."""

    tex: str = ""


def _trial(request: Request) -> Response:
    """Show the form of a record; for `?part=…`, answer with a part of what a page has to know."""
    name, path = _file(request)
    if not path.is_file():
        raise HTTPException(404)
    part, places = request.query_params.get("part"), request.query_params.get("opened", "[]")
    if part == "more":
        (place,) = _places(places) or (_Place(),)
        data = td.read_record(path).data or {}
        entry = filled_entry(data, _now(data, place) or ())
        return page(request, "form_more.html", entry=entry) if entry else _gone()
    if part == "compared":
        return _compared(request, path)
    with workspace_of(request).lock(name):
        record = td.read_record(path)
        state = _state(request, record, form=_places(places) if part == "form" else None)
    if part:
        return JSONResponse(state)
    return page(
        request,
        "trial.html",
        name=name,
        title=title_of(record, name),
        state=state,
        form=filled_form(record.data) if record.data is not None else None,
    )


def _compared(request: Request, path: Path) -> Response:
    """Answer with what a comparison of all trials finds in one, once the overview of Home is current."""
    shown = overviews_of(request).shown(_PATIENCE)
    problems = shown.overview.problems if shown.overview and shown.is_current else ()
    record = td.read_record(path)
    placed = td.compared_problems(record, problems)
    texts = [_problem(request, each, has_form=record.data is not None) for each in placed]
    return JSONResponse({"is_current": shown.is_current, "problems": texts})


def _change(request: Request, body: Any) -> Response:
    """Change values of a record, and answer with the record as it is then."""
    name, path = _file(request)
    asked = converted(body, _Asked, "change")
    workspace = workspace_of(request)
    with workspace.lock(name):
        if not path.is_file():
            return _gone()
        try:
            made = _changes(td.read_record(path), asked)
            edited = td.edit(path, made, together=asked.together or not asked.changes)
        except td.TrialdeckError as error:
            record = td.read_record(path)
            if record.data is not None:
                raise
            state = _state(request, record)
            return refused(error.message, error.hint, HTTPStatus.UNPROCESSABLE_ENTITY, state=state)
        if edited.undo:
            workspace.wrote(name, tab_of(request))
        state = _state(request, td.read_record(path), form=asked.opened if asked.form else None)
    outcome = {
        **state,
        "undo": [msgspec.structs.asdict(change) for change in edited.undo],
        "conflicts": [
            {"index": made.index(conflict.change), "now": conflict.now, "gone": conflict.is_gone}
            for conflict in edited.conflicts
        ],
        "refused": [
            {"index": made.index(each.change), "message": each.message, "hint": each.hint} for each in edited.refused
        ],
    }
    return JSONResponse(outcome, HTTPStatus.CONFLICT if edited.conflicts else HTTPStatus.OK)


def _write(request: Request, body: Any) -> Response:
    """Write the whole text of a record, or say what it is by now."""
    name, path = _file(request)
    asked, workspace = converted(body, _Text, "change"), workspace_of(request)
    with workspace.lock(name):
        written = td.write_text(path, asked.text, was=asked.was)
        if not written.is_written:
            message = "somebody else has changed the same lines" if written.text is not None else "the file is gone"
            return refused(message, "nothing was written", HTTPStatus.CONFLICT, now=written.text)
        workspace.wrote(name, tab_of(request))
        return JSONResponse(_state(request, td.read_record(path), form=()))


def _formula(_request: Request, body: Any) -> Response:
    """Answer with a formula as MathML, which browsers draw by themselves; empty where it is no whole formula yet."""
    return JSONResponse({"mathml": mathml_of(converted(body, _Tex, "change").tex)})


def _file(request: Request) -> tuple[str, Path]:
    name: str = request.path_params["file"]
    return name, workspace_of(request).record_path(name)


def _changes(record: td.OpenRecord, asked: _Asked) -> Sequence[td.Change]:
    """Return the changes that a page asks for."""
    if asked.add:
        return [_addition(record, asked.add)]
    if asked.settle:
        path = _still(record, asked.settle)
        return td.rename(record, path, td.suggest_id(record, path), keeps_history=False)
    if asked.rename:
        return td.rename(record, _still(record, asked.rename), asked.rename.id, keeps_history=asked.rename.history)
    return asked.changes


def _addition(record: td.OpenRecord, place: _Place) -> td.Change:
    """Return the change that adds an entry to a list; a question looks at the trial from where the last one does."""
    entries = _at(record.data, place.path) or []
    path = (*place.path, len(entries))
    value: dict[str, str] = {}
    if len(place.path) == 1 and place.path[0] not in {"figures", "contributors"}:
        value = {"id": td.suggest_id(record, path)}
    if place.path == ("questions",):
        last = entries[-1].get("perspective") if entries and isinstance(entries[-1], dict) else None
        value["perspective"] = str(last or "clinical")
    return td.Change(path, value, action="insert", names=place.names)


def _still(record: td.OpenRecord, place: _Place) -> tuple[str | int, ...]:
    """Return the path of an entry, wherever others have moved it meanwhile."""
    path = _now(record.data, place)
    if path is None or _at(record.data, path) is None:
        raise _STALE
    return path


def _now(data: Any, place: _Place) -> tuple[str | int, ...] | None:
    """Return where a place stands by now, found by the names of the entries on it; None if one of them is gone."""
    names, path = iter(place.names), tuple[str | int, ...]()
    for part in place.path:
        name = next(names, "") if isinstance(part, int) else ""
        index = _index_of(_at(data, path), part, name) if name else part
        if index is None:
            return None
        path = (*path, index)
    return path


def _index_of(entries: Any, index: str | int, name: str) -> int | None:
    """Return the index of an entry with a name, the given one if that has it."""
    named = [
        number
        for number, entry in enumerate(entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and name in {entry.get(key) for key in ("id", "name", "file")}
    ]
    return next((number for number in named if number == index), named[0] if named else None)


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        is_there = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
        data = data[part] if is_there else None
    return data


def _gone() -> Response:
    return refused("the file of this trial is gone", "it was deleted, moved or renamed", HTTPStatus.GONE)


def _state(request: Request, record: td.OpenRecord, *, form: Sequence[_Place] | None = None) -> dict[str, Any]:
    """Return what a page knows of a record; with the form too, if it says which entries are opened there.

    Call this while the lock of the record is held, since it was read.
    """
    state: dict[str, Any] = {
        "reading": workspace_of(request).reading(),
        "text": record.text,
        "data": record.data,
        "problems": [_problem(request, placed, has_form=record.data is not None) for placed in record.problems],
    }
    if form is not None and record.data is not None:
        opened = [_now(record.data, place) or place.path for place in form]
        state["form"] = rendered(request, "form.html", form=filled_form(record.data, opened))
    return state


def _places(text: str) -> tuple[_Place, ...]:
    try:
        return msgspec.json.decode(text, type=tuple[_Place, ...])
    except msgspec.DecodeError as error:
        raise td.TrialdeckError(f"this is no list of places: {error}", "reload the page and try again") from error


def _problem(request: Request, placed: td.PlacedProblem, *, has_form: bool) -> dict[str, Any]:
    """Return a problem for the page: in the words of the text, and as it is `said` in the form."""
    problem = workspace_of(request).named(placed.problem)
    said = said_in_form(problem, placed.path) if has_form else Said(problem.message, problem.hint)
    return {
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "said": asdict(said),
        "line": problem.line,
        "path": placed.path,
        "fixes": [
            {
                "label": fix_label(problem, placed.path, fix),
                "changes": [msgspec.structs.asdict(change) for change in fix.changes],
            }
            for fix in placed.fixes
        ],
    }


ROUTES = (
    Route("/trial/{file:path}", _trial, methods=["GET"]),
    Route("/trial/{file:path}", changes(_change), methods=["POST"]),
    Route("/trial/{file:path}", changes(_write), methods=["PUT"]),
    Route("/formula", changes(_formula), methods=["POST"]),
)
