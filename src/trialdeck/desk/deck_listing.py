"""Which cards of a deck an author looks at: a choice in the address of the page, and a list around one card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

import trialdeck as td

_LISTED = 50
"""How many cards the list shows at once."""
ACROSS = "across"
"""In place of a record: the cards that are about several trials."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A deck, and what is looked at of it; an empty part takes everything. `trial` is the name of a record.

    `at` is the number of the card that is looked at, from 1.
    """

    deck: str = ""
    trial: str = ""
    perspective: str = ""
    audience: str = ""
    core: str = ""
    at: int = 1

    @classmethod
    def of(cls, query: QueryParams, trial: str = "") -> "Chosen":
        """Read a choice from the query of an address."""
        words = {part.name: query.get(part.name, "") for part in fields(cls)}
        at = words.pop("at")
        number = int(at) if at.isascii() and at.isdecimal() and len(at) < 9 else 1
        return cls(**{**words, "trial": trial or words["trial"]}, at=max(number, 1))

    def address(self, at: int) -> str:
        """Return the address of a card of the same choice."""
        words = {part.name: str(getattr(self, part.name)) for part in fields(self)} | {"at": str(at)}
        folder = f"/{quote(words['trial'])}" if words["trial"] not in {"", ACROSS} else ""
        query = urlencode({name: word for name, word in words.items() if word and not (folder and name == "trial")})
        return f"/cards{folder}?{query}"


def form_address(name: str, entry: Sequence[str | int]) -> str:
    """Return the address of the form of a record, at an entry or a text of it; the path may go on into the entry."""
    section, within, *_ = (*entry, "", "")
    place = f"#f-{section}-{within}-body" if isinstance(within, int) else f"#f-{section}" if section else ""
    return f"/trial/{quote(name)}{place}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The chosen cards of a deck, and the one that is looked at."""

    cards: Sequence[td.Card]
    chosen: Chosen

    @classmethod
    def of(cls, cards: Sequence[td.Card], names: Mapping[str, str], chosen: Chosen) -> "Listing":
        """Choose among the cards of a deck; `names` are those of the records, by their files."""
        own = {trial for card in cards if names[card.file] == chosen.trial for trial in card.trials}

        def is_of_trial(card: td.Card) -> bool:
            if card.is_across_trials:
                return chosen.trial in {"", ACROSS} or not own.isdisjoint(card.trials)
            return chosen.trial in {"", names[card.file]}

        def is_chosen(card: td.Card) -> bool:
            is_for = not chosen.audience or not card.audience or chosen.audience in card.audience
            is_seen = chosen.perspective in {"", card.perspective}
            return is_seen and is_for and (card.is_core or not chosen.core) and is_of_trial(card)

        return cls(tuple(filter(is_chosen, cards)), chosen)

    @property
    def at(self) -> int:
        """The number of the card that is looked at, from 1; 0 if there is none."""
        return min(self.chosen.at, len(self.cards))

    @property
    def card(self) -> td.Card:
        """The card that is looked at."""
        return self.cards[self.at - 1]

    @property
    def first(self) -> int:
        """The number of the first card that the list shows."""
        return (self.at - 1) // _LISTED * _LISTED + 1

    @property
    def listed(self) -> Sequence[tuple[int, td.Card]]:
        """The cards that the list shows, with their numbers."""
        some = self.cards[self.first - 1 : self.first - 1 + _LISTED]
        return list(enumerate(some, start=self.first))

    @property
    def earlier(self) -> int:
        """The number of the first card of the list before this one; 0 if there is none."""
        return max(self.first - _LISTED, 0)

    @property
    def later(self) -> int:
        """The number of the first card of the list after this one; 0 if there is none."""
        return self.first + _LISTED if self.first + _LISTED <= len(self.cards) else 0
