"""The contents of the pages: plain text as `str`, sanitised HTML as `Markup`."""

import msgspec
from markupsafe import Markup

from trialdeck.notes.links import page_file
from trialdeck.records.model import Audience, Perspective

_NOTHING = Markup()


class Card(msgspec.Struct, frozen=True):
    """A card; `anchor` is its anchor on the page, `number` its number among the cards of the page, from 1.

    `asks` and `answers` are the text by which a search finds its note; only the first card of a note has them.
    """

    anchor: str
    number: int
    name: str
    perspective: Perspective
    audience: tuple[Audience, ...]
    is_reviewed: bool
    front: Markup
    back: Markup
    asks: str = ""
    answers: str = ""


class Download(msgspec.Struct, frozen=True):
    """A package to download; `title` is its deck below the root, `size` is in bytes, `trials` are ids."""

    title: str
    file: str
    size: int
    sha256: str
    notes: int
    cards: int
    trials: tuple[str, ...]

    @property
    def part(self) -> str:
        """The part of the title that differs from other packages of the deck definition."""
        return self.title.rpartition(" › ")[2]

    @property
    def shown_size(self) -> str:
        """The size in words."""
        return f"{self.size / 1_000_000:.1f} MB" if self.size >= 1_000_000 else f"{self.size / 1000:.1f} kB"


class Group(msgspec.Struct, frozen=True):
    """The packages of a deck definition; if there are many, they have a page of their own, `page`."""

    name: str
    description: Markup
    downloads: tuple[Download, ...]
    page: str = ""

    @property
    def cards(self) -> int:
        """The number of cards in all of its packages."""
        return sum(download.cards for download in self.downloads)

    @property
    def size(self) -> int:
        """The size of all of its packages, in bytes."""
        return sum(download.size for download in self.downloads)


class Point(msgspec.Struct, frozen=True):
    """A text with a title: one of a trial's statements, or a question with its response; `note` names its audience."""

    title: Markup
    text: Markup
    note: str = ""


class PageSection(msgspec.Struct, frozen=True):
    """A section of a record: a text, a list of texts, or texts with titles."""

    slug: str
    heading: str
    text: Markup = _NOTHING
    items: tuple[Markup, ...] = ()
    points: tuple[Point, ...] = ()


class ResultArm(msgspec.Struct, frozen=True):
    """An arm of a result, in words; `value` is its median, mean or rate, or several of them."""

    name: Markup
    size: str
    value: str
    share: str


class PageFinding(msgspec.Struct, frozen=True):
    """A result: its endpoint, setting, arms and effect with what a margin decides, and its picture if it has one."""

    endpoint: Markup
    setting: str
    arms: tuple[ResultArm, ...]
    effect: str
    decision: str
    picture: Markup


class Related(msgspec.Struct, frozen=True):
    """A related trial, with the file of its page if it has one."""

    name: Markup
    page: str
    tested: Markup
    population: Markup
    comparator: Markup
    endpoint: Markup


class Withdrawn(msgspec.Struct, frozen=True):
    """An entry that its record has retired: its label, the day, the reason, and its replacement, if there is one."""

    label: Markup
    day: str
    reason: Markup
    instead: Markup


class TrialPage(msgspec.Struct, frozen=True):
    """A trial's page: the record as text, then its cards. `plain_name` and `plain_title` have no markup.

    `language` is that of the record's texts, or empty.
    """

    id: str
    name: Markup
    plain_name: str
    title: Markup
    plain_title: str
    statement: tuple[Point, ...]
    source: Markup
    review: Markup
    sections: tuple[PageSection, ...]
    findings: tuple[PageFinding, ...]
    discussions: tuple[PageSection, ...]
    related: tuple[Related, ...]
    takeaways: tuple[Point, ...]
    withdrawn: tuple[Withdrawn, ...]
    begins_with_takeaways: bool
    cards: tuple[Card, ...]
    downloads: tuple[Download, ...]
    language: str = ""

    @property
    def file(self) -> str:
        """The name of the page's file."""
        return page_file(self.id)

    @property
    def has_formulas(self) -> bool:
        """Whether any card has a formula, which Anki typesets and a page shows as TeX."""
        return any(mark in card.back for card in self.cards for mark in ("\\(", "\\["))

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The audiences of any card."""
        return tuple(audience for audience in Audience if any(audience in card.audience for card in self.cards))

    @property
    def perspectives(self) -> tuple[Perspective, ...]:
        """The perspectives of any card."""
        return tuple(
            perspective for perspective in Perspective if any(perspective is card.perspective for card in self.cards)
        )


class Retired(msgspec.Struct, frozen=True):
    """A retired note: the day, its label, its key, and the reason if it is known."""

    day: str
    label: str
    key: str
    reason: str


class Site(msgspec.Struct, frozen=True):
    """The whole site; `unbuilt` says what the next build of the decks would change, if anything.

    `notes`, `cards` and `reviewed` count each note once, even if several packages have it.
    """

    name: str
    edition: str
    license: Markup
    authors: tuple[str, ...]
    homepage: str
    report: Markup
    unbuilt: str
    notes: int
    cards: int
    reviewed: int
    groups: tuple[Group, ...]
    trials: tuple[TrialPage, ...]
    editions: Markup
    retired: tuple[Retired, ...]

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All packages, sorted by file name."""
        return tuple(sorted((item for group in self.groups for item in group.downloads), key=lambda item: item.file))

    @property
    def filled(self) -> int:
        """The number of packages with notes."""
        return sum(bool(download.notes) for download in self.downloads)
