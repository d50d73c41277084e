"""The editions of the decks: the release notes as a page, and as an Atom feed for readers of news."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import unescape
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markupsafe import Markup

from trialdeck.markdown.render import render_document
from trialdeck.site.trusted import outlined, safe
from trialdeck.site.whole import About, Edition

FEED = "editions.atom"
"""The file of the feed."""
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"

_COMMENT = re.compile(r"(?ms)^<!--.*?-->[ \t]*\r?$")
_COMMENT_END = re.compile(r"(?m)-->[ \t]*\r?$")
_TITLE = re.compile(r"\A\s*# Editions[ \t]*\r?\n")
# The release notes wrap these characters so that GitHub does not interpret them; here a backslash does that.
_GITHUB_MARK = re.compile(r"<span>([$@#])</span>")
_HEADING = re.compile(r"<h2>([^<]*)</h2>")
_DAY = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_KEY = re.compile(r"<code>([^<>]{1,300})</code>")

Places = Mapping[str, tuple[str, str]]
"""Where something stands on the site, by the key of a note or the id of a trial: its file with anchor, and its name.

The name is that of a trial; it is empty for a note, whose label the release notes say themselves.
"""


def release_notes_html(markdown: str) -> str:
    """Return the release notes as HTML, without the title and comments such as the marks of the build."""
    ends = [match.end() for match in _COMMENT_END.finditer(markdown)]
    # After the last end, the search for an end would scan the whole remaining text for every start.
    last = ends[-1] if ends else 0
    text = _TITLE.sub("", _COMMENT.sub("", markdown[:last]) + markdown[last:])
    return render_document(_GITHUB_MARK.sub(r"\\\1", text))


def named_in(html: str) -> frozenset[str]:
    """Return the keys and ids that release notes name."""
    return frozenset(unescape(found[1]) for found in _KEY.finditer(html))


def linked(html: str, places: Places, root: str = "") -> str:
    """Return release notes in which a key of a note and an id of a trial link to where they stand on the site.

    A trial is called by its name. `root` is put before every address.
    """

    def link(found: re.Match[str]) -> str:
        file, name = places.get(unescape(found[1]), ("", ""))
        said = str(Markup.escape(name)) if name else found[0]
        return f'<a href="{root}{Markup.escape(quote(file, safe="/#.:"))}">{said}</a>' if file else found[0]

    return _KEY.sub(link, html)


def page_of(html: str) -> Markup:
    """Return linked release notes for a page: the heading of each edition is an anchor that feeds lead to."""
    anchors = _anchors(html)
    marked = _HEADING.sub(lambda found: f'<span id="{next(anchors)}"></span>{found[0]}', html)
    return outlined(marked, 1)


def _anchors(html: str) -> Iterator[str]:
    """Yield an anchor for each heading; of two with the same words, the second has a number."""
    seen: dict[str, int] = {}
    for found in _HEADING.finditer(html):
        slug = _UNFIT.sub("-", unescape(found[1])).strip("-") or "edition"
        seen[slug] = seen.get(slug, 0) + 1
        yield f"edition-{slug}" + (f"-{seen[slug]}" if seen[slug] > 1 else "")


def editions_of(html: str) -> tuple[Edition, ...]:
    """Return the editions that release notes tell of, in their order: each is what stands below one heading.

    The day is the last one in the heading; without one it is empty.
    """
    headings = list(_HEADING.finditer(html))
    ends = [*(heading.start() for heading in headings), len(html)][1:]
    found = []
    for heading, end, anchor in zip(headings, ends, _anchors(html), strict=True):
        title = unescape(heading[1])
        days = [day for day in _DAY.findall(title) if _is_day(day)]
        found.append(Edition(title, days[-1] if days else "", anchor, safe(html[heading.end() : end].strip())))
    return tuple(found)


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def atom_of(editions: Sequence[Edition], about: About) -> bytes:
    """Return the feed of the editions in Atom (RFC 4287), the newest first; those without a day are left out.

    The ids stay the same as long as the site keeps its address, or its name if it has none. Without an address, links
    are relative to the feed.
    """
    ET.register_namespace("", _ATOM)
    dated = [edition for edition in editions if edition.day]
    feed = ET.Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": "en"})
    if about.folder:
        feed.set(f"{{{_XML}}}base", about.folder)
    _add(feed, "id", _id_of(about, ""))
    _add(feed, "title", f"{about.name}: editions")
    _add(feed, "updated", _time_of(max((edition.day for edition in dated), default="1970-01-01")))
    for author in about.authors or (about.name,):
        _add(ET.SubElement(feed, f"{{{_ATOM}}}author"), "name", author)
    _link(feed, f"{about.folder}editions.html")
    _link(feed, f"{about.folder}{FEED}", rel="self")
    for edition in dated:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, "id", _id_of(about, edition.anchor))
        _add(entry, "title", edition.title)
        _add(entry, "updated", _time_of(edition.day))
        _link(entry, f"{about.folder}editions.html#{edition.anchor}")
        content = _add(entry, "content", str(edition.news))
        content.set("type", "html")
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    child.text = "".join(char for char in text if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))
    return child


def _link(parent: ET.Element, address: str, rel: str = "alternate") -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": address})


def _id_of(about: About, anchor: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{about.homepage or about.name}#{anchor}')}"


def _time_of(day: str) -> str:
    return f"{day}T00:00:00Z"
