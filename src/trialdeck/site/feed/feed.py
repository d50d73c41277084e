"""feed.json: what a program has to know to follow the decks of a site; schemas/feed.schema.json has its form.

All addresses of files are relative to the feed, so that a site works below any address and from a folder.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from urllib.parse import quote

import msgspec

from trialdeck.decks.package_plan import Package
from trialdeck.editions.ledger import Line
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline
from trialdeck.notes.links import site_folder
from trialdeck.project.prepare import PreparedBuild
from trialdeck.records.settings import ProjectSettings, Split
from trialdeck.site.feed.changes import DeckChanges, deck_changes
from trialdeck.site.feed.published import PUBLISHED, published_json
from trialdeck.site.model import Download
from trialdeck.site.parts.downloads import PACKAGES
from trialdeck.site.whole import Site

FEED = "feed.json"
"""The file of the feed."""
FORMAT = 1
"""The version of its form: it rises if a program that reads the former one could do harm."""
LEAST_ADDON = "1.0"
"""The least version of the add-on that reads this form, compared part by part as numbers."""


class FeedFile(msgspec.Struct, frozen=True):
    """A file of the site: its address, relative to the feed, its size in bytes, and its SHA-256 in hexadecimal."""

    file: str
    size: int
    sha256: str


class FeedDeck(msgspec.Struct, frozen=True):
    """A package.

    `id` stays for good. `name` is for learners, `deck` is the deck above all of its decks as Anki names it. Decks of
    another `group` may hold the same notes. `changed` is when anything in it last changed, in seconds of Unix time: a
    package with an earlier time is an older edition. `notes` and `cards` are without retired notes. `formerly` are ids
    that it had when its trial had another id.
    """

    id: str
    name: str
    deck: str
    group: str
    edition: str
    changed: int
    package: FeedFile
    notes: int
    cards: int
    changes: DeckChanges
    formerly: tuple[str, ...] = ()


class Feed(msgspec.Struct, frozen=True):
    """The feed; a text that the project does not give is empty.

    A `preview` has notes that were not built, which the ledger will not remember: a program takes nothing from it.
    `report` is where corrections go, a web or mail address; `moved_to` is the folder of the site that replaces this
    one, with a slash at its end; `editions` is the page of the editions.
    """

    format: int
    name: str
    homepage: str
    license: str
    edition: str
    preview: bool
    least_addon: str
    report: str
    moved_to: str
    editions: str
    published: FeedFile
    decks: tuple[FeedDeck, ...]


def feed_files(prepared: PreparedBuild, packages: Iterable[Package], site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the files that programs read, the feed last; `packages` are those of the site."""
    ledger = prepared.ledger
    published = published_json(ledger)
    yield PUBLISHED, published
    downloads = {download.file: download for download in site.downloads}
    decks = tuple(
        _deck(package, downloads[f"{PACKAGES}/{package.stem}.apkg"], prepared, ledger.lines)
        for package in sorted(packages, key=lambda package: package.stem)
    )
    yield FEED, feed_json(_feed(prepared.settings, site, published, decks))


def feed_json(feed: Feed) -> bytes:
    """Return the file of a feed."""
    return msgspec.json.format(msgspec.json.encode(feed), indent=1) + b"\n"


def _feed(settings: ProjectSettings, site: Site, published: bytes, decks: tuple[FeedDeck, ...]) -> Feed:
    return Feed(
        format=FORMAT,
        name=settings.root,
        homepage=settings.homepage,
        license=readable(render_inline(settings.license)),
        edition=site.about.edition,
        preview=bool(site.unbuilt),
        least_addon=LEAST_ADDON,
        report=settings.report,
        moved_to=site_folder(settings.moved_to),
        editions="editions.html",
        published=FeedFile(PUBLISHED, len(published), sha256(published).hexdigest()),
        decks=decks,
    )


def _deck(package: Package, download: Download, prepared: PreparedBuild, lines: Mapping[str, Line]) -> FeedDeck:
    changed, edition = prepared.age(package)
    held = [lines[guid] for guid in _guids(package) if guid in lines]
    return FeedDeck(
        id=package.stem,
        name=download.title,
        deck=package.title,
        group=package.definition.id,
        edition=edition,
        changed=changed,
        package=FeedFile(quote(download.file), download.size, download.sha256),
        notes=download.notes,
        cards=download.cards,
        changes=deck_changes(held, edition, download.notes),
        formerly=_former_ids(package, prepared.references.current),
    )


def _former_ids(package: Package, current: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids that the package of one trial had; `current` are the present ids of trials by earlier ids."""
    if package.definition.split is not Split.TRIAL or len(package.trials) != 1:
        return ()
    trial = package.trials[0].id
    start = package.stem.removesuffix(trial)
    return tuple(sorted(f"{start}{former}" for former, present in current.items() if present == trial))


def _guids(package: Package) -> Iterator[str]:
    """Yield the guids of all notes of a package, with those that have no card."""
    yield from (note.guid for note, _ in package.taken())
    yield from (note.guid for note in (*package.tombstones, *package.disputed()))
