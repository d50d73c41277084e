"""What a program builds: filters, a deck definition or another split, in place of options of the command line."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeVar

from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest, ad_hoc_deck, personal
from trialdeck.editions.risks import REFUSED
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.profile import Profile
from trialdeck.records.settings import DeckDefinition, Selected, Split

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a build takes: notes of these perspectives, and what is for these audiences or specialties, or for all.

        >>> import trialdeck as td
        >>> filters = td.Filters(perspectives={"clinical"}, audiences={"fellow"})

    An empty set takes everything. `reviewed_only` leaves out what nobody has reviewed, or somebody disputes. Raises
    TrialdeckError if there is no such perspective or audience.
    """

    perspectives: Collection[str] = ()
    audiences: Collection[str] = ()
    specialties: Collection[str] = ()
    reviewed_only: bool = False

    def __post_init__(self) -> None:
        for name in ("perspectives", "audiences", "specialties"):
            if isinstance(word := getattr(self, name), str):
                raise TrialdeckError(f"{name} are a set of words, not one text", f"write {name}={{'{word}'}}")
        _members(Perspective, self.perspectives)
        _members(Audience, self.audiences)


def requested(  # noqa: PLR0913 - the arguments of a call about decks
    filters: Filters | None = None,
    deck: str | None = None,
    by: Literal["trial", "perspective"] | None = None,
    refresh: Collection[str] = (),
    allow: Collection[str] = (),
    *,
    is_project: bool,
    profile: Profile | None = None,
) -> DeckRequest:
    """Return which decks a call means, as the options of the command line do.

    Args:
        filters: What the decks take.
        deck: The id of the only deck definition to build.
        by: One package a trial or a perspective, in place of the deck definitions.
        refresh: Trials whose new facts are sent.
        allow: Codes of changes that are not refused.
        is_project: Whether a whole project is meant, with its deck definitions.
        profile: The reader for whom the decks are.

    Raises:
        TrialdeckError: Two arguments contradict each other, or one has an unknown value.
    """
    filters = filters or Filters()
    select = _selected(filters)
    if profile and (deck or filters.audiences or filters.specialties):
        raise TrialdeckError("a profile says for whom decks are", "leave out `deck`, audiences and specialties")
    if deck and (by or select):
        raise TrialdeckError("a deck definition is built as it is", "leave out `deck`, or `by` and the filters")
    if by not in {None, "trial", "perspective"}:
        raise TrialdeckError(f"packages are by trial or by perspective, not by '{by}'")
    if unknown := sorted(set(allow) - set(REFUSED)):
        raise TrialdeckError(f"'{unknown[0]}' is not a change that is refused", f"those are: {', '.join(REFUSED)}")
    own = _own_deck(select or Selected(), Split(by or "trial"), profile) if by or select or profile else None
    others = () if deck or is_project else (BY_TRIAL,)
    ids = (deck,) if deck else ()
    return DeckRequest((own,) if own else others, ids, filters.reviewed_only, tuple(refresh), tuple(allow))


def _own_deck(select: Selected, split: Split, profile: Profile | None) -> DeckDefinition:
    return personal(profile, select, split) if profile else ad_hoc_deck(select, split)


def _selected(filters: Filters) -> Selected | None:
    """Return what the own decks of a call take; None if the decks of the project are meant."""
    if not (filters.perspectives or filters.audiences or filters.specialties):
        return None
    return Selected(
        perspectives=_members(Perspective, filters.perspectives),
        audiences=_members(Audience, filters.audiences),
        specialties=tuple(sorted(filters.specialties)),
    )


def _members(words: type[_Word], named: Collection[str]) -> tuple[_Word, ...]:
    """Return the members of an enumeration that are named, in its order; raises TrialdeckError if there is none."""
    if unknown := sorted(set(named) - set(words)):
        raise TrialdeckError(f"'{unknown[0]}' is no {words.__name__.lower()}", f"those are: {', '.join(words)}")
    return tuple(word for word in words if word in named)
