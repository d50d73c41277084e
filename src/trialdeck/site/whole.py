"""The contents of the whole site, beside the pages of trials: plain text as `str`, sanitised HTML as `Markup`."""

from collections.abc import Mapping

import msgspec
from markupsafe import Markup

from trialdeck.notes.links import page_file
from trialdeck.notes.note import ACROSS
from trialdeck.records.model import Audience, Perspective
from trialdeck.site.model import OTHER_LETTERS, Card, Download, Group, Listed, audiences_of, perspectives_of

LETTERS = "letters"
"""The folder of the pages of letters."""
MOST_ON_A_PAGE = 300
"""How many trials one page lists at most."""
_NOTHING = Markup()


class Topic(msgspec.Struct, frozen=True):
    """A topic with a page: its slug, its title, its trials, and the forests that set them side by side."""

    slug: str
    title: str
    trials: tuple[Listed, ...]
    forests: tuple["ForestView", ...] = ()

    @property
    def file(self) -> str:
        """The name of the page's file."""
        return page_file(f"{ACROSS}{self.slug}")

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards that stand on its page."""
        return tuple(card for forest in self.forests for card in forest.cards)

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The audiences of any card."""
        return audiences_of(self.cards)

    @property
    def perspectives(self) -> tuple[Perspective, ...]:
        """The perspectives of any card."""
        return perspectives_of(self.cards)

    @property
    def card_count(self) -> int:
        """The number of cards of its trials and forests."""
        return sum(trial.cards for trial in self.trials) + len(self.cards)


class ForestView(msgspec.Struct, frozen=True):
    """A forest with nothing hidden, and its cards."""

    view: Markup
    cards: tuple[Card, ...]


class Edition(msgspec.Struct, frozen=True):
    """One edition in the feed: its heading, its day (empty if the heading states none), and its news as HTML."""

    title: str
    day: str
    anchor: str
    news: Markup


class Retired(msgspec.Struct, frozen=True):
    """A retired note: the day, its label, its key, and the reason if it is known."""

    day: str
    label: str
    key: str
    reason: str


class About(msgspec.Struct, frozen=True):
    """What every page says of the site; `unbuilt` says what the next build of the decks would change, if anything.

    `folder` is the address of the folder of the site, with a slash at its end, or empty.
    """

    name: str
    edition: str
    license: Markup
    authors: tuple[str, ...]
    homepage: str
    report: Markup
    unbuilt: str
    folder: str = ""


class Counts(msgspec.Struct, frozen=True):
    """Notes and cards, each once, even if several packages have it; `core_cards` are those of `core_trials` trials."""

    notes: int = 0
    cards: int = 0
    reviewed: int = 0
    core_cards: int = 0
    core_trials: int = 0


class Site(msgspec.Struct, frozen=True):
    """The whole site, without the pages of trials, which are made one by one.

    `faces` are the cards that the front page shows. `main` is the package that it offers
    first. `audiences` and `perspectives` are those of any card.
    """

    about: About
    counts: Counts
    groups: tuple[Group, ...]
    trials: tuple[Listed, ...]
    topics: tuple[Topic, ...]
    faces: tuple[Card, ...]
    editions: tuple[Edition, ...]
    release_notes: Markup
    retired: tuple[Retired, ...]
    main: Download | None = None
    main_code: Markup = _NOTHING
    audiences: frozenset[Audience] = frozenset()
    perspectives: frozenset[Perspective] = frozenset()

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All packages, sorted by file name."""
        return tuple(sorted((item for group in self.groups for item in group.downloads), key=lambda item: item.file))

    @property
    def filled(self) -> int:
        """The number of packages with notes."""
        return sum(bool(download.notes) for download in self.downloads)

    @property
    def unbuilt(self) -> str:
        """What the next build of the decks would change, or nothing."""
        return self.about.unbuilt

    @property
    def letters(self) -> Mapping[str, tuple[Listed, ...]]:
        """The trials by the letter under which they are listed, in order."""
        by_letter: dict[str, list[Listed]] = {}
        for trial in sorted(self.trials, key=lambda trial: (trial.name.casefold(), trial.id)):
            by_letter.setdefault(trial.letter, []).append(trial)
        return {letter: tuple(trials) for letter, trials in sorted(by_letter.items())}

    @property
    def has_letter_pages(self) -> bool:
        """Whether the trials are too many for one page, so that each letter has its own."""
        return len(self.trials) > MOST_ON_A_PAGE


def letter_file(letter: str) -> str:
    """Return the file of the page of a letter."""
    return f"{LETTERS}/{letter.lower() if letter != OTHER_LETTERS else 'other'}.html"
