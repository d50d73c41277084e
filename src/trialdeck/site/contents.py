"""Turn a prepared build into the pages of the site, one trial after the other: they need not be in memory together."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

import msgspec
from markupsafe import Markup

from trialdeck.decks.package_plan import Package
from trialdeck.editions.ledger import Ledger
from trialdeck.editions.tombstone import reason_for
from trialdeck.markdown.render import render_inline
from trialdeck.notes.footer import address_html
from trialdeck.notes.links import TRIALS, anchor_of, page_file, site_folder
from trialdeck.notes.note import Note
from trialdeck.records.model import Audience, Perspective, Trial
from trialdeck.records.settings import ProjectSettings
from trialdeck.site.cards import notes_on_page
from trialdeck.site.model import Listed, TrialPage
from trialdeck.site.pages import Pages
from trialdeck.site.parts.downloads import Survey, downloads_by_trial, groups_of, main_download
from trialdeck.site.parts.editions import editions_of, linked, named_in, page_of, release_notes_html
from trialdeck.site.parts.front import Faces, code_of
from trialdeck.site.parts.topics import topics_of
from trialdeck.site.preview import HAS_PNG, preview_png, preview_svg
from trialdeck.site.search import SearchIndex
from trialdeck.site.trial_page import Neighbours, listed, trial_page
from trialdeck.site.trusted import safe
from trialdeck.site.whole import About, Retired, Site, Topic

Put = Callable[[str, bytes], None]
"""Takes a file of the site: its name and its content."""


class SiteSource(msgspec.Struct, frozen=True):
    """The input of a site: packages, how to read their bytes by name, the ledger, and the release notes in Markdown.

    `unbuilt` says what the next build of the decks would change, if anything.
    """

    settings: ProjectSettings
    edition: str
    packages: tuple[Package, ...]
    content: Callable[[str], bytes]
    ledger: Ledger
    release_notes: str
    unbuilt: str = ""


def make_site(source: SiteSource, put: Put) -> Site:
    """Hand over all files of the site except for the packages, the front page last, and return what is on it."""
    survey = Survey()
    for package in source.packages:
        survey.add(package)
    maker = _Maker(source, survey, put)
    for name, content in survey.media.items():
        # Cards name their pictures and sounds without a folder, as in Anki.
        put(f"{TRIALS}/{name}", content)
    maker.make_trials()
    maker.make_topics()
    return maker.make_rest()


def _about(source: SiteSource) -> About:
    settings = source.settings
    return About(
        name=settings.root,
        edition=source.edition,
        license=safe(render_inline(settings.license)),
        authors=settings.authors,
        homepage=settings.homepage,
        report=safe(address_html(settings.report)) if settings.report else Markup(),
        unbuilt=source.unbuilt,
        folder=site_folder(settings.homepage),
    )


class _Maker:
    """Makes the files of a site in their order, and gathers what the later pages say of the earlier ones."""

    def __init__(self, source: SiteSource, survey: Survey, put: Put) -> None:
        self._source = source
        self._survey = survey
        self._put = put
        self._about = _about(source)
        self._groups = tuple(groups_of(source.packages, survey, source.content, source.settings.root))
        self._pages = Pages(self._about)
        self._index = SearchIndex()
        self._faces = Faces()
        self._trials: list[Listed] = []
        self._topics: tuple[Topic, ...] = ()
        self._forests: list[Note] = []
        self._news = release_notes_html(source.release_notes)
        self._named = named_in(self._news)
        self._audiences: set[Audience] = set()
        self._perspectives: set[Perspective] = set()
        self._places: dict[str, tuple[str, str]] = {}

    def make_trials(self) -> None:
        """Make the pages of trials and their preview pictures."""
        packed, pages = set(self._survey.packed), self._survey.trials
        downloads = downloads_by_trial(self._groups)
        for before, (name, trial), after in _with_neighbours(self._read_trials()):
            on_page = list(notes_on_page(pages[name], pages, packed))
            notes = [note for note in on_page if not note.is_across_trials]
            self._forests += (note for note in on_page if note.is_across_trials)
            notes.sort(key=lambda note: note.key not in self._survey.first)
            page = trial_page(trial, notes, Neighbours(pages, downloads, self._survey.first, before, after))
            self._put_trial(page, trial)
            self._gather(page, notes)

    def _read_trials(self) -> Iterator[tuple[str, Trial]]:
        for name, trial_notes in sorted(self._survey.trials.items()):
            yield name, trial_notes.trial

    def _put_trial(self, page: TrialPage, trial: Trial) -> None:
        svg = preview_svg(trial)
        self._put(f"{page.picture}.svg", svg.encode())
        if HAS_PNG and self._about.folder:  # only a page with an address can name its picture to other services
            self._put(f"{page.picture}.png", preview_png(svg))
        self._put(*self._pages.trial(page, self._source.settings.topics))

    def _gather(self, page: TrialPage, notes: Sequence[Note]) -> None:
        entry = Listed(page.id, page.file, page.plain_name, page.plain_title, page.topics, len(notes), len(page.cards))
        self._trials.append(entry)
        self._index.add(page.file, page.plain_name, page.plain_title, page.cards)
        self._faces.add(notes, page.cards)
        self._audiences.update(page.audiences)
        self._perspectives.update(page.perspectives)
        self._find(page.id, page.file, page.plain_name)
        self._find_notes(page.id, notes)

    def _find_notes(self, page: str, notes: Sequence[Note]) -> None:
        for note in notes:
            anchor = anchor_of(page, note.key, note.cards[0])
            self._find(note.key, f"{page_file(page)}#{anchor}")

    def _find(self, key: str, file: str, name: str = "") -> None:
        """Remember where something stands that the release notes name."""
        if key in self._named:
            self._places[key] = file, name

    def make_topics(self) -> None:
        """Make the pages of topics, with their forests."""
        self._topics = tuple(topics_of(self._trials, self._forests, self._source.settings.topics))
        across = {note.trial: note for note in self._forests}
        for topic in self._topics:
            self._put(*self._pages.topic(topic))
            self._index.add(topic.file, topic.title, "", topic.cards)
        for page in across:
            notes = [note for note in self._forests if note.trial == page]
            topic = next(topic for topic in self._topics if topic.file == page_file(page))
            self._faces.add(notes, topic.cards)
            self._find(page, topic.file, topic.title)
            self._find_notes(page, notes)

    def make_rest(self) -> Site:
        """Make all other files, the front page last."""
        site = self._site()
        version = sha256()
        for name, content in self._index.parts():
            version.update(content)
            self._put(name, content)
        for name, content in self._pages.others(site, version.hexdigest()[:8]):
            self._put(name, content)
        return site

    def _site(self) -> Site:
        counts = self._survey.counts
        main = main_download(self._groups, counts)
        news = linked(self._news, self._places)
        return Site(
            about=self._about,
            counts=counts,
            groups=self._groups,
            trials=tuple(self._trials),
            topics=self._topics,
            faces=self._faces.chosen,
            editions=editions_of(news),
            release_notes=page_of(news),
            retired=tuple(_retired(self._source.ledger)),
            main=main,
            main_code=code_of(f"{self._about.folder}{main.file}") if main and self._about.folder else Markup(),
            audiences=frozenset(self._audiences),
            perspectives=frozenset(self._perspectives),
        )


def _with_neighbours(
    trials: Iterator[tuple[str, Trial]],
) -> Iterator[tuple[Listed | None, tuple[str, Trial], Listed | None]]:
    """Yield each trial with those before and after it, as lists name them; only two records are in memory."""
    before: Listed | None = None
    current = next(trials, None)
    while current:
        following = next(trials, None)
        yield before, current, listed(following[1]) if following else None
        before, current = listed(current[1]), following


def _retired(ledger: Ledger) -> Iterator[Retired]:
    # The ledger has them by key, and stable sorting keeps that order within a day.
    for line in sorted(ledger.retired, key=lambda line: line.retired, reverse=True):
        yield Retired(line.retired, line.label, line.key, reason_for(line))
