"""A card as an author looks at it: what it is, and both of its sides as HTML that needs nothing beside it."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from trialdeck.decks.package_plan import PlacedNote
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import Level, tag_of
from trialdeck.records.model import Media
from trialdeck.site.anki_template import card_html
from trialdeck.site.trusted import playable
from trialdeck.yamlfile.document import DataPath

# Only our own templates write these elements; in texts a `<` is always escaped.
_FILE = re.compile(r'(<(?:img|audio)(?: [^<>]*?)? src=")(trialdeck-[0-9a-f]{20}\.[a-z0-9]{3,4})"')
_CORE = tag_of("level", Level.CORE)
_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
}


@dataclass(frozen=True, slots=True)
class CardFace:
    """Both sides of a card as Anki renders them, and the path of the entry in its record that it asks.

    The sides are HTML for the style of the note types (`card_style`); pictures and sounds are part of it. Of a card of
    the trial itself, the path is empty. `has_formula` tells that Anki sets a formula which stands here as TeX.
    """

    front: str
    back: str
    path: tuple[str | int, ...]
    has_formula: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where cards come from: the file of their record, and what its trial is called."""

    file: str
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a note.

    `ordinal` is the one that Anki knows it by; `part` is its number among the `parts` that its note has, from 1.
    `package`, `deck` and `due` (its place among the new cards of the package, from 1) are empty and 0 outside of decks.
    """

    ordinal: int
    part: int
    package: str
    deck: str
    due: int
    _note: Note = field(repr=False, compare=False)
    _origin: Origin = field(repr=False)
    _render: Callable[[Note, int], CardFace] = field(repr=False, compare=False)

    def face(self) -> CardFace:
        """Render both sides from the record as it is now.

        Raises TrialdeckError if the record cannot be read or has errors, or has this card no longer.
        """
        return self._render(self._note, self.ordinal)

    @property
    def key(self) -> str:
        """The key of its note."""
        return self._note.key

    @property
    def template(self) -> str:
        """The name of its template."""
        return note_type(self._note.kind).templates[0 if self._note.kind is Kind.CLOZE else self.ordinal].name

    @property
    def label(self) -> str:
        """What its note asks, in one line."""
        return self._note.label

    @property
    def parts(self) -> int:
        """How many cards its note has."""
        return len(self._note.cards)

    @property
    def file(self) -> str:
        """The path of its record."""
        return self._origin.file

    @property
    def name(self) -> str:
        """What the trial of its record is called."""
        return self._origin.name

    @property
    def trials(self) -> tuple[str, ...]:
        """The ids of the trials that it is about; a card across trials is about several."""
        return self._note.trials

    @property
    def is_across_trials(self) -> bool:
        """Whether it is about several trials."""
        return self._note.is_across_trials

    @property
    def perspective(self) -> str:
        """The perspective: mechanism, clinical or reviewer."""
        return str(self._note.perspective)

    @property
    def audience(self) -> tuple[str, ...]:
        """For whom it is; nothing stands for everybody."""
        return tuple(map(str, self._note.audience))

    @property
    def is_core(self) -> bool:
        """Whether it is one of the few facts of its trial that everybody should know."""
        return _CORE in self._note.tags

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody has found it right against its source."""
        return self._note.reviewed

    @property
    def is_disputed(self) -> bool:
        """Whether somebody disputes it."""
        return self._note.disputed


def cards_of(
    note: Note,
    origin: Origin,
    render: Callable[[Note, int], CardFace],
    placed: PlacedNote | None = None,
    title: str = "",
) -> Iterator[Card]:
    """Yield the cards of a note, in their order.

    Args:
        note: The note; of one that is placed, the fields may be empty.
        origin: Where it comes from.
        render: Renders a card of it.
        placed: Its place in a package, if it is asked for.
        title: The title of the package.
    """
    deck = placed.deck if placed else ""
    for part, ordinal in enumerate(note.cards, start=1):
        yield Card(ordinal, part, title, deck, placed.due[part - 1] if placed else 0, note, origin, render)


def face_of(note: Note, ordinal: int, path: DataPath, media: Mapping[str, Media]) -> CardFace:
    """Render a card.

    Args:
        note: The note.
        ordinal: The ordinal of the card.
        path: The path of what it asks.
        media: The pictures and sounds of its record, by the names that its fields have for them.
    """
    sides = card_html(note, ordinal)
    front, back = (_standalone(playable(side), media) for side in (sides.front, sides.back))
    return CardFace(front, back, path, has_formula="\\(" in back or "\\[" in back)


def _standalone(html: str, media: Mapping[str, Media]) -> str:
    """Return HTML with the content of its pictures and sounds in place of their names."""

    def address(found: re.Match[str]) -> str:
        name = found[2]
        if name not in media:
            return found[0]
        kind = _TYPES[name.rpartition(".")[2]]
        return f'{found[1]}data:{kind};base64,{b64encode(media[name].content).decode("ascii")}"'

    return _FILE.sub(address, html)
