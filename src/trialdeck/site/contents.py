"""Turn a prepared build into the contents of the site's pages."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import takewhile

import msgspec
from markupsafe import Markup

from trialdeck.decks.counts import tally_of
from trialdeck.decks.package_plan import Package
from trialdeck.editions.ledger import Ledger
from trialdeck.editions.tombstone import reason_for
from trialdeck.markdown.render import render, render_document, render_inline
from trialdeck.notes.footer import address_html
from trialdeck.records.settings import ProjectSettings
from trialdeck.records.slugs import unique
from trialdeck.site.cards import Shown
from trialdeck.site.model import Download, Group, Retired, Site
from trialdeck.site.trial_page import Neighbours, trial_page
from trialdeck.site.trusted import outlined, safe

PACKAGES = "packages"
"""The folder of the packages."""
MANY = 20
"""The number of packages from which a deck definition has a page of its own."""

_COMMENT = re.compile(r"(?ms)^<!--.*?-->[ \t]*\r?$")
_COMMENT_END = re.compile(r"(?m)-->[ \t]*\r?$")
_TITLE = re.compile(r"\A\s*# Editions[ \t]*\r?\n")
# The release notes wrap these characters so that GitHub does not interpret them; here a backslash does that.
_GITHUB_MARK = re.compile(r"<span>([$@#])</span>")


class SiteSource(msgspec.Struct, frozen=True):
    """The input of a site: packages and their bytes by name, the ledger, and the release notes in Markdown.

    `unbuilt` says what the next build of the decks would change, if anything.
    """

    settings: ProjectSettings
    edition: str
    packages: tuple[Package, ...]
    files: Mapping[str, bytes]
    ledger: Ledger
    release_notes: str
    unbuilt: str = ""


def contents_of(source: SiteSource) -> Site:
    """Return the contents of the pages."""
    settings, shown = source.settings, Shown(source.packages)
    groups = tuple(_groups(source))
    neighbours = Neighbours(frozenset(shown.trials), _by_trial(groups), shown.first)
    tally = tally_of(entry.note for package in source.packages for entry in package.placed)
    return Site(
        name=settings.root,
        edition=source.edition,
        license=safe(render_inline(settings.license)),
        authors=settings.authors,
        homepage=settings.homepage,
        report=safe(address_html(settings.report)) if settings.report else Markup(),
        unbuilt=source.unbuilt,
        notes=tally.notes,
        cards=tally.cards,
        reviewed=tally.reviewed,
        groups=groups,
        trials=tuple(
            trial_page(trial_notes.trial, shown.notes[trial], neighbours) for trial, trial_notes in shown.trials.items()
        ),
        editions=_editions(source.release_notes),
        retired=tuple(_retired(source.ledger)),
    )


def _groups(source: SiteSource) -> Iterator[Group]:
    """Yield the packages of each deck definition, which share a description and a parent deck."""
    grouped: dict[tuple[str, str], list[Package]] = {}
    for package in source.packages:
        grouped.setdefault((package.definition.description, package.title.rpartition("::")[0]), []).append(package)
    names = [packages[0].title if len(packages) == 1 else above for (_, above), packages in grouped.items()]
    slugs = unique([_common_words([package.stem for package in packages]) for packages in grouped.values()], "decks")
    for name, slug, ((description, _), packages) in zip(names, slugs, grouped.items(), strict=True):
        yield Group(
            name=_below_root(name, source.settings.root),
            description=outlined(render(description), 3),
            downloads=tuple(_download(package, source) for package in packages),
            page=f"decks/{slug}.html" if len(packages) >= MANY else "",
        )


def _common_words(stems: Sequence[str]) -> str:
    """Return the words that the files of packages begin with; usually the id of their definition."""
    words = takewhile(lambda parts: len(set(parts)) == 1, zip(*(stem.split("-") for stem in stems), strict=False))
    return "-".join(parts[0] for parts in words)


def _below_root(title: str, root: str) -> str:
    return " › ".join(title.removeprefix(root).removeprefix("::").split("::")) or root


def _download(package: Package, source: SiteSource) -> Download:
    content = source.files[f"{package.stem}.apkg"]
    return Download(
        title=_below_root(package.title, source.settings.root),
        file=f"{PACKAGES}/{package.stem}.apkg",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        notes=len(package.placed),
        cards=package.cards,
        trials=tuple(sorted({entry.trial_notes.id for entry in package.placed})),
    )


def _by_trial(groups: Iterable[Group]) -> Mapping[str, Sequence[Download]]:
    """Return the packages with notes of a trial, by its id; those with the fewest trials come first."""
    by_trial: dict[str, list[Download]] = {}
    for download in sorted((item for group in groups for item in group.downloads), key=lambda item: len(item.trials)):
        for trial in download.trials:
            by_trial.setdefault(trial, []).append(download)
    return by_trial


def _editions(markdown: str) -> Markup:
    """Return the release notes as HTML, without the title and comments such as the marks of the build."""
    ends = [match.end() for match in _COMMENT_END.finditer(markdown)]
    # After the last end, the search for an end would scan the whole remaining text for every start.
    last = ends[-1] if ends else 0
    text = _TITLE.sub("", _COMMENT.sub("", markdown[:last]) + markdown[last:])
    return outlined(render_document(_GITHUB_MARK.sub(r"\\\1", text)), 1)


def _retired(ledger: Ledger) -> Iterator[Retired]:
    # The ledger has them by key, and stable sorting keeps that order within a day.
    for line in sorted(ledger.retired, key=lambda line: line.retired, reverse=True):
        yield Retired(line.retired, line.label, line.key, reason_for(line))
