"""The options of decks that are new, and the descriptions of those that the learner has not described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..note_types import part_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anki.collection import Collection

    from ..fetch import Edition
    from ..subscriptions import Subscription
    from .plan import Work
    from .steps import Steps

_DEFAULT = 1


def give_options(steps: Steps, work: Work) -> None:
    """Give a new deck the options of the deck above it that the learner had: Anki would give it the default ones."""
    before = work.learner.deck_names()
    for deck_id, name in names_of(steps.col):
        above = next((before[each] for each in _above(name.lower()) if each in before), 0)
        if deck_id in work.learner.decks or not above:
            continue
        deck, parent = _deck(steps.col, deck_id), _deck(steps.col, above)
        options = parent.get("conf", _DEFAULT)
        if deck.get("conf", options) == _DEFAULT != options:
            deck["conf"] = options
            steps.done(steps.col.decks.update_dict(deck))


def renew_descriptions(steps: Steps, edition: Edition, work: Work, subscription: Subscription) -> None:
    """Give decks the descriptions of the edition where the present one is that of a former edition, or empty."""
    for name, html in _descriptions(edition):
        deck_id = steps.col.decks.id_for_name(work.places[name])
        deck = _deck(steps.col, int(deck_id)) if deck_id else {}
        if "desc" not in deck or deck["desc"] == html or deck.get("dyn"):
            continue
        if part_digest(deck["desc"]) == subscription.descriptions.get(name):
            deck["desc"] = html
            steps.done(steps.col.decks.update_dict(deck))


def described(col: Collection, edition: Edition, places: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of the descriptions that decks have from this edition, by the names of the packages."""
    digests = {}
    for name, html in _descriptions(edition):
        deck_id = col.decks.id_for_name(places[name])
        if deck_id and _deck(col, int(deck_id)).get("desc") == html:
            digests[name] = part_digest(html)
    return digests


def _descriptions(edition: Edition) -> Iterator[tuple[str, str]]:
    for package in edition.packages:
        yield from ((name, html) for name, html in package.contents.descriptions.items() if html)


def names_of(col: Collection) -> Iterator[tuple[int, str]]:
    """Yield the ids and names of all decks."""
    yield from ((int(deck.id), deck.name) for deck in col.decks.all_names_and_ids())


def _above(name: str) -> Iterator[str]:
    while "::" in name:
        name = name.rpartition("::")[0]
        yield name


def _deck(col: Collection, deck_id: int) -> dict[str, Any]:
    return dict(col.decks.get(deck_id) or {})
