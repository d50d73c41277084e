"""Cards: front and back as Anki shows them, in the order of a deck, and beside the form while one writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.card_frames import FRAME_STYLE, SIZES, frame_document, framed
from trialdeck.desk.deck_listing import ACROSS, Chosen, Listing, form_address
from trialdeck.desk.forms.problem_words import Said, said_in_form
from trialdeck.desk.pages import changes, converted, look_of, page, workspace_of

FRAME_STYLES: tuple[str, ...] = (FRAME_STYLE,)
"""The inline styles of frames that show cards: the policy of all pages allows them by their hashes."""

WHY = {
    "reading": (
        "No card asks this.",
        "It is for reading: learners see it on the page of the trial and below other cards.",
    ),
    "retired": ("This is retired.", "Who has learned it keeps the text; new learners get no card."),
    "missing": ("Nothing is written here yet.", ""),
    "errors": ("There is no card as long as this is wrong:", ""),
}
"""What is said in place of a card, and what that means, by `CardPreview.why`."""


class _Typed(msgspec.Struct):
    """What an author writes: the path of the value, and all changes that are not saved yet."""

    path: tuple[str | int, ...] = ()
    changes: tuple[td.Change, ...] = ()


def cards_of(request: Request) -> td.Cards:
    """Return the cards of the project; what was read of it stays in memory as long as the desk runs."""
    state = request.app.state
    if not hasattr(state, "cards"):
        state.cards = td.open_cards(workspace_of(request).project)
    cards: td.Cards = state.cards
    return cards


def _deck(request: Request) -> Response:
    """Show the cards of a deck, one of them with both sides."""
    workspace, chosen = workspace_of(request), Chosen.of(request.query_params, request.path_params.get("file", ""))
    if not workspace.has_records:
        return page(request, "cards.html", chosen=chosen, listing=None)
    cards = cards_of(request)
    every = cards.in_order(chosen.deck)
    names = {file: workspace.record_name(Path(file)) for file in {card.file for card in every}}
    listing = Listing.of(every, names, chosen)
    sides = _sides(request, listing.card) if listing.cards else {}
    return page(
        request,
        "cards.html",
        chosen=chosen,
        listing=listing,
        left_out=[workspace.record_name(Path(file)) for file in cards.left_out()],
        decks=cards.decks(),
        sizes=SIZES,
        **_choices(every, names),
        **sides,
    )


def _choices(cards: Sequence[td.Card], names: Mapping[str, str]) -> dict[str, object]:
    """Return what the cards of a deck can be filtered by, as values and what they are called."""
    trials = {names[card.file]: card.name for card in cards if not card.is_across_trials}
    across = [(ACROSS, "Across trials")] if any(card.is_across_trials for card in cards) else []
    return {
        "trials": sorted(trials.items(), key=lambda trial: trial[1].casefold()) + across,
        "perspectives": _words({card.perspective for card in cards}),
        "audiences": _words({audience for card in cards for audience in card.audience}),
    }


def _words(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name.replace("-", " ")) for name in sorted(names)]


def _sides(request: Request, card: td.Card) -> dict[str, object]:
    """Return both sides of a card for its frames, or why it cannot be shown, and where its form is."""
    name, look = workspace_of(request).record_name(Path(card.file)), look_of(request)
    try:
        face = card.face()
    except td.TrialdeckError as error:
        return {"face": None, "fault": error, "form": form_address(name, ())}
    front, back = (frame_document(side, look) for side in (face.front, face.back))
    return {"face": face, "front": front, "back": back, "form": form_address(name, face.path)}


def _live(request: Request) -> Response:
    """Answer with the part of a page that shows the card of the entry that is written: `cards.js` fills it."""
    return page(request, "card_live.html", blank=frame_document("", look_of(request)), sizes=SIZES)


def _preview(request: Request, body: Any) -> Response:
    """Answer with the cards of an entry as it is typed; nothing is written."""
    file = workspace_of(request).record_path(request.path_params["file"])
    typed = converted(body, _Typed, "change of a record")
    preview = cards_of(request).preview(file, typed.path, changes=typed.changes)
    message, meaning = WHY.get(preview.why, ("", ""))
    return JSONResponse(
        {
            "entry": preview.entry,
            "cards": [_shown(card) for card in preview.cards],
            "message": message,
            "meaning": meaning,
            "problems": [asdict(said) for said in _said(preview)],
        }
    )


def _said(preview: td.CardPreview) -> Iterator[Said]:
    """Yield the errors of what is previewed, in the words of the form if there is one."""
    for problem, path in zip_longest(preview.problems, preview.paths):
        if problem.severity == "error":
            yield Said(problem.message, problem.hint) if path is None else said_in_form(problem, path)


def _shown(card: td.Card) -> dict[str, object]:
    face = card.face()
    return {
        "key": card.key,
        "ordinal": card.ordinal,
        "template": card.template,
        "across": card.is_across_trials,
        "front": framed(face.front),
        "back": framed(face.back),
        "formula": face.has_formula,
    }


ROUTES = (
    Route("/cards", _deck),
    Route("/cards/live", _live),
    Route("/cards/preview/{file:path}", changes(_preview), methods=["POST"]),
    Route("/cards/{file:path}", _deck),
)
