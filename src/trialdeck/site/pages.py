"""Render the pages: HTML, styles, scripts, the feed, and the checksums of packages."""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from trialdeck.notes.across.forest_note import topic_title
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.sections import SECTIONS
from trialdeck.site.cards import OTHERS, TRIAL
from trialdeck.site.feed.addon import ADDON
from trialdeck.site.feed.feed import FEED as DECKS_FEED
from trialdeck.site.model import TrialPage
from trialdeck.site.parts.downloads import shared_trials
from trialdeck.site.parts.editions import FEED, atom_of
from trialdeck.site.parts.recipes import recipes_of
from trialdeck.site.preview import HAS_PNG
from trialdeck.site.search import FIRST
from trialdeck.site.styles import card_style
from trialdeck.site.whole import About, Site, Topic, letter_file

INDEX = "index.html"
"""The front page."""
SUMS = "SHA256SUMS"
"""The checksums of all packages, in the format of `sha256sum --check`."""
ICON = "favicon.svg"
"""The picture of the site in the tabs of a browser."""
File = tuple[str, bytes]
"""A file of the site: its name and its content."""


class Pages:
    """Renders the files of a site, except for the packages, the pictures and the search index.

    Equal contents give equal bytes. All links are relative, so that the files work below any URL and from a disk.
    """

    def __init__(self, about: About) -> None:
        self._about = about
        self._assets = {
            "site.css": _static("site.css"),
            "cards.css": card_style(note_type(Kind.QUESTION).style).encode(),
            "site.js": _static("site.js"),
            ICON: _static(ICON),
        }
        # A browser caches an asset until its name changes.
        versions = {name: f"{name}?{sha256(content).hexdigest()[:8]}" for name, content in self._assets.items()}
        self._versions: Mapping[str, str] = {**versions, SUMS: SUMS, FIRST: FIRST}

    def trial(self, page: TrialPage, titles: Mapping[str, str]) -> File:
        """Return the page of a trial; `titles` are those of topics."""
        topics = [(topic_title(topic, titles), Topic(topic, "", ()).file) for topic in page.topics]
        return page.file, self._page("trial.html", page.file, trial=page, topics=topics)

    def topic(self, topic: Topic) -> File:
        """Return the page of a topic."""
        return topic.file, self._page("topic.html", topic.file, topic=topic)

    def others(self, site: Site, index_version: str = "") -> Iterator[File]:
        """Yield all other files, the front page last; `index_version` changes with the search index."""
        yield from self._assets.items()
        yield SUMS, "".join(f"{package.sha256}  {package.file}\n" for package in site.downloads).encode()
        yield FEED, atom_of(site.editions, self._about)
        for group in site.groups:
            if group.page:
                yield group.page, self._page("deck.html", group.page, group=group)
        if site.has_letter_pages:
            for letter in site.letters:
                name = letter_file(letter)
                yield name, self._page("letter.html", name, letters=site.letters, letter=letter)
        recipes = tuple(recipes_of(site))
        choose = shared_trials(site.groups)
        for name in ("editions.html", "import.html", "search.html", "trials.html", INDEX):
            yield name, self._page(name, name, site=site, choose=choose, index_version=index_version, recipes=recipes)

    def _page(self, template: str, name: str, **parts: object) -> bytes:
        """Render a page.

        Args:
            template: The name of the template.
            name: The name of the page's file.
            **parts: Further variables of the template.

        Returns:
            The HTML, in UTF-8.
        """
        root = "../" * name.count("/")
        variables = {"about": self._about, "page": name, "root": root, "assets": self._versions, **parts}
        return (_environment().get_template(template).render(variables).rstrip() + "\n").encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("trialdeck.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["headings"] = {section.property: section.heading for section in SECTIONS}
    environment.globals |= {"letter_file": letter_file, "FEED": FEED, "TRIAL": TRIAL, "OTHERS": OTHERS}
    environment.globals |= {"DECKS_FEED": DECKS_FEED, "ADDON": ADDON}
    environment.globals |= {"has_png": HAS_PNG, "SUMS": SUMS, "FIRST": FIRST, "number_word": _number_word}
    return environment


_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def _number_word(number: int) -> str:
    """Return a small number as a word, a large one in digits."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _static(name: str) -> bytes:
    return resources.files("trialdeck.site").joinpath("static", name).read_bytes()
