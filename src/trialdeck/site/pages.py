"""Render the pages: HTML, styles, scripts, and the checksums of packages."""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.sections import SECTIONS
from trialdeck.site.model import Site
from trialdeck.site.search import search_index
from trialdeck.site.styles import card_style

INDEX = "index.html"
"""The front page."""
SUMS = "SHA256SUMS"
"""The checksums of all packages, in the format of `sha256sum --check`."""
_SEARCH_INDEX = "search-index.js"


def pages_of(site: Site) -> Mapping[str, bytes]:
    """Return all files of a site except for the packages, by name, the front page last.

    Equal sites give equal bytes. All links are relative, so that the files work below any URL and from a disk.
    """
    assets = {
        "site.css": _static("site.css"),
        "cards.css": card_style(note_type(Kind.QUESTION).style).encode(),
        "site.js": _static("site.js"),
        _SEARCH_INDEX: search_index(site.trials).encode(),
        SUMS: "".join(f"{package.sha256}  {package.file}\n" for package in site.downloads).encode(),
    }
    # A browser caches an asset until its name changes.
    versions = {name: f"{name}?{sha256(content).hexdigest()[:8]}" for name, content in assets.items()}
    pages = {name: page.encode() for name, page in _pages(site, versions)}
    return {**assets, **dict(sorted(pages.items(), key=lambda page: (page[0] == INDEX, page[0])))}


def _pages(site: Site, assets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield every page; `assets` has the names by which pages load styles and scripts."""
    for name in (INDEX, "editions.html", "import.html", "search.html"):
        yield name, _page(name, name, site, assets)
    for group in site.groups:
        if group.page:
            yield group.page, _page("deck.html", group.page, site, assets, group=group)
    for trial in site.trials:
        yield trial.file, _page("trial.html", trial.file, site, assets, trial=trial)


def _page(template: str, name: str, site: Site, assets: Mapping[str, str], **parts: object) -> str:
    """Render a page.

    Args:
        template: The name of the template.
        name: The name of the page's file.
        site: The site.
        assets: The names by which the page loads styles and scripts.
        **parts: Further variables of the template.

    Returns:
        The HTML.
    """
    root = "../" * name.count("/")
    page = _environment().get_template(template).render(site=site, page=name, root=root, assets=assets, **parts)
    return page.rstrip() + "\n"


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
    return environment


def _static(name: str) -> bytes:
    return resources.files("trialdeck.site").joinpath("static", name).read_bytes()
