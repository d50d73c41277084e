"""The contents of the pages: plain text as `str`, sanitised HTML as `Markup`."""

import unicodedata
from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from trialdeck.notes.links import page_file
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.sections import RELATED_TRIALS, RESULTS, TAKEAWAYS

PICTURES = "pictures"
"""The folder of the preview pictures of trials."""
OTHER_LETTERS = "#"
"""The letter of all trials whose name begins with none from A to Z."""
_NOTHING = Markup()


class Card(msgspec.Struct, frozen=True):
    """A card; `anchor` is its anchor on the page, `number` its number among the cards of the page, from 1.

    `section` is the slug of the section of the page that it stands beside. `asks` and `answers` are the text by which a
    search finds its note; only the first card of a note has them.
    """

    anchor: str
    number: int
    name: str
    section: str
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
    """A result: its endpoint, setting, arms, effect with what a margin decides, own source and review.

    `picture` is its plot; empty where a card on the page shows it.
    """

    endpoint: Markup
    setting: str
    arms: tuple[ResultArm, ...]
    effect: str
    decision: str
    own: Markup
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


class Listed(msgspec.Struct, frozen=True):
    """A trial in lists: the file of its page, its name and title without markup, and how much there is to learn."""

    id: str
    file: str
    name: str
    title: str
    topics: tuple[str, ...] = ()
    notes: int = 0
    cards: int = 0

    @property
    def letter(self) -> str:
        """The letter under which it is listed, from A to Z; `#` for all other first characters."""
        first = unicodedata.normalize("NFKD", self.name.strip())[:1].upper()
        return first if "A" <= first <= "Z" else OTHER_LETTERS


class Contents(msgspec.Struct, frozen=True):
    """One place in the contents bar of a page: its anchor, its title, and how many cards stand there."""

    anchor: str
    title: str
    cards: int


class TrialPage(msgspec.Struct, frozen=True):
    """A trial's page: the record as text, with the cards beside the section that they ask.

    `plain_name` and `plain_title` have no markup. `glance` is the trial at a glance. `language` is that of the record's
    texts, or empty. `before` and `after` are the trials whose pages come before and after, if there are any. `said` is
    the page in a sentence, `picture` the file of its preview picture without its ending. `thanked` are those whose
    corrections the record has taken.
    """

    id: str
    name: Markup
    plain_name: str
    title: Markup
    plain_title: str
    glance: Markup
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
    topics: tuple[str, ...] = ()
    said: str = ""
    thanked: tuple[str, ...] = ()
    before: Listed | None = None
    after: Listed | None = None

    @property
    def file(self) -> str:
        """The name of the page's file."""
        return page_file(self.id)

    @property
    def picture(self) -> str:
        """The name of the file of its preview picture, without its ending."""
        return f"{PICTURES}/{self.id}"

    @property
    def has_formulas(self) -> bool:
        """Whether any card has a formula, which Anki typesets and a page shows as TeX."""
        return has_formulas(self.cards)

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The audiences of any card."""
        return audiences_of(self.cards)

    @property
    def perspectives(self) -> tuple[Perspective, ...]:
        """The perspectives of any card."""
        return perspectives_of(self.cards)

    def cards_at(self, section: str) -> tuple[Card, ...]:
        """Return the cards that stand beside a section."""
        return tuple(card for card in self.cards if card.section == section)

    @property
    def contents(self) -> tuple[Contents, ...]:
        """The places of the contents bar, in the order of the page."""
        return tuple(Contents(slug, heading, len(self.cards_at(slug))) for slug, heading in self.headings)

    @property
    def headings(self) -> tuple[tuple[str, str], ...]:
        """The slugs and headings of its sections, in the order of the page."""
        takeaways = [("takeaways", TAKEAWAYS.heading)] if self.takeaways else []
        first, last = (takeaways, []) if self.begins_with_takeaways else ([], takeaways)
        found = [
            *first,
            *((each.slug, each.heading) for each in self.sections),
            *([("results", RESULTS.heading)] if self.findings else []),
            *((each.slug, each.heading) for each in self.discussions),
            *([("related-trials", RELATED_TRIALS.heading)] if self.related else []),
            *last,
        ]
        return tuple(found)


def audiences_of(cards: Sequence[Card]) -> tuple[Audience, ...]:
    """Return the audiences of any of these cards."""
    return tuple(audience for audience in Audience if any(audience in card.audience for card in cards))


def perspectives_of(cards: Sequence[Card]) -> tuple[Perspective, ...]:
    """Return the perspectives of any of these cards."""
    return tuple(each for each in Perspective if any(each is card.perspective for card in cards))


def has_formulas(cards: Sequence[Card]) -> bool:
    """Tell whether any of these cards has a formula, which Anki typesets and a page shows as TeX."""
    return any(mark in card.back for card in cards for mark in ("\\(", "\\["))
