"""A note: what a learner studies, before it is put into any deck."""

from dataclasses import dataclass

from trialdeck.cards.keys import guid_of
from trialdeck.cards.notetypes import Kind
from trialdeck.records.model import Audience, Media, Perspective


@dataclass(frozen=True, slots=True)
class Note:
    """One note, the same in every deck.

    `fields` are HTML in the order of the note type. `cards` are the ordinals that give a card: those of the templates,
    or those of the deletions counted from 0; a retired note has none. `identity` is the first key that the note ever
    had; the guid is derived from it, unless it is known from elsewhere (`known_guid`). `reviewed` says whether somebody
    has checked the note against its source; `media` are the files that its fields name.
    """

    key: str
    identity: str
    kind: Kind
    fields: tuple[str, ...]
    cards: tuple[int, ...]
    tags: tuple[str, ...]
    trial: str
    perspective: Perspective
    audience: tuple[Audience, ...] = ()
    specialties: tuple[str, ...] = ()
    reviewed: bool = False
    known_guid: str = ""
    media: tuple[Media, ...] = ()

    @property
    def guid(self) -> str:
        """The identity by which Anki knows the note."""
        return self.known_guid or guid_of(self.identity)
