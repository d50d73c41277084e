"""Review: item by item, with its source beside it and its cards as learners see them."""

from dataclasses import replace
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.card_frames import SIZES, frame_document
from trialdeck.desk.deck_listing import form_address
from trialdeck.desk.forms.problem_words import said_in_form
from trialdeck.desk.overviews import overviews_of
from trialdeck.desk.pages import changes, converted, look_of, page, refused, tab_of, title_of, workspace_of
from trialdeck.desk.reviewing import CHOICES, Round
from trialdeck.desk.views.cards import WHY, cards_of
from trialdeck.desk.views.faults import faults_in

_PATIENCE = 0.5
"""How many seconds the list of trials waits for the newest figures."""
_LABELS = {"Response": "Answer"}
"""What the form calls what a record calls otherwise."""


class _Verdict(msgspec.Struct):
    """What a reviewer says of an item, and where it was in the round."""

    entry: tuple[str | int, ...]
    seen: str
    verdict: Literal["reviewed", "disputed"]
    by: str
    as_of: str = ""
    reason: str = ""
    which: str = "open"
    at: int = 0


class _Correction(msgspec.Struct):
    """Another text in the place of one that is wrong."""

    entry: tuple[str | int, ...]
    path: tuple[str | int, ...]
    was: str
    value: str


class _Undo(msgspec.Struct):
    """What takes something back."""

    changes: tuple[td.Change, ...]


def _trials(request: Request) -> Response:
    """Show which trials are still to be reviewed."""
    if not workspace_of(request).is_project:
        return page(request, "review.html", trials=(), is_current=True, error=None)
    shown = overviews_of(request).shown(_PATIENCE)
    trials = shown.overview.trials if shown.overview else ()
    return page(request, "review.html", trials=trials, is_current=shown.is_current, error=shown.error)


def _item(request: Request) -> Response:
    """Show one item of a record, with its source and its cards."""
    workspace, name = workspace_of(request), request.path_params["file"]
    path, asked = workspace.record_path(name), request.query_params
    try:
        way = Round.of(td.load(path), name, asked.get("which", "open"), asked.get("at", ""))
    except td.TrialdeckError as error:
        faults = list(faults_in(workspace, error))
        if not faults:
            raise
        return page(request, "review_faults.html", title=title_of(td.read_record(path), name), faults=faults)
    if not way.at:
        return page(request, "review_item.html", way=way, choices=CHOICES, form=form_address(name, ()))
    preview, look = cards_of(request).preview(path, way.item.entry), look_of(request)
    faces = [(card, card.face()) for card in preview.cards]
    sides = [(card, face, frame_document(face.front, look), frame_document(face.back, look)) for card, face in faces]
    return page(
        request,
        "review_item.html",
        way=way,
        choices=CHOICES,
        item=way.item,
        labels=_LABELS,
        form=form_address(name, way.item.entry),
        sides_of_cards=sides,
        why=WHY.get(preview.why, ("", "")),
        sizes=SIZES,
    )


def _sign(request: Request, body: Any) -> Response:
    """Write a verdict into the record, and say where the reviewer goes next."""
    said, workspace, name = converted(body, _Verdict, "review"), workspace_of(request), request.path_params["file"]
    path = workspace.record_path(name)
    with workspace.lock(name):
        way = Round.of(td.load(path), name, said.which, str(said.at))
        item = _item_at(way, said.entry)
        if said.verdict == "reviewed" and not item.entry and (open_items := way.open_items):
            message = f"its entries are not all reviewed yet: {open_items} left"
            return refused(message, "the review of a trial's own texts counts for all of them: review them first", 409)
        undo = td.sign_review(
            replace(item, seen=said.seen), said.verdict, by=said.by, as_of=_day(said.as_of), reason=said.reason
        )
        workspace.wrote(name, tab_of(request))
    workspace.reviewer = said.by.strip()
    way = Round.of(td.load(path), name, said.which, str(said.at))
    return _done(undo, way.address(way.after(way.at)))


def _correct(request: Request, body: Any) -> Response:
    """Write a corrected text into the record."""
    said, workspace, name = converted(body, _Correction, "review"), workspace_of(request), request.path_params["file"]
    path = workspace.record_path(name)
    with workspace.lock(name):
        item = _item_at(Round.of(td.load(path), name, "all", ""), said.entry)
        text = td.ReviewText(said.path, "", said.was)
        if said.path not in {other.path for other in item.texts}:
            raise td.TrialdeckError("this text is no longer there", "somebody has edited the record; look at it again")
        try:
            undo = td.correct_text(item, text, said.value)
        except td.TrialdeckError as error:
            raise _in_words(error, said.path) from error
        workspace.wrote(name, tab_of(request))
    return _done(undo, "")


def _in_words(error: td.TrialdeckError, path: tuple[str | int, ...]) -> td.TrialdeckError:
    """Return the error of a text that cannot stand in a record in the words of the form."""
    if not error.problems:
        return error
    said = said_in_form(error.problems[0], path)
    return td.TrialdeckError(said.message, said.hint)


def _undo(request: Request, body: Any) -> Response:
    """Take back a verdict or a correction, unless somebody has changed the same since."""
    said, workspace, name = converted(body, _Undo, "review"), workspace_of(request), request.path_params["file"]
    with workspace.lock(name):
        edited = td.edit(workspace.record_path(name), said.changes, together=True)
        if edited.conflicts or edited.refused:
            return refused("this was changed again since", "it cannot be taken back; look at it as it is now", 409)
        workspace.wrote(name, tab_of(request))
    return _done(edited.undo, "")


def _item_at(way: Round, entry: tuple[str | int, ...]) -> td.ReviewItem:
    for item in way.items:
        if item.entry == entry:
            return item
    raise td.TrialdeckError("this entry is no longer there", "somebody has edited the record; look at it again")


def _done(undo: tuple[td.Change, ...], following: str) -> Response:
    return JSONResponse({"undo": [asdict(change) for change in undo], "next": following})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise td.TrialdeckError(f"'{text}' is not a date", "choose a day, or write YEAR-MONTH-DAY") from error


ROUTES = (
    Route("/review", _trials),
    Route("/review/undo/{file:path}", changes(_undo), methods=["POST"]),
    Route("/review/correct/{file:path}", changes(_correct), methods=["POST"]),
    Route("/review/{file:path}", _item),
    Route("/review/{file:path}", changes(_sign), methods=["POST"]),
)
