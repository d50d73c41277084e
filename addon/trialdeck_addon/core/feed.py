"""feed.json and published.json: parsed, and refused if anything in them is not as docs/subscribe.md has it.

Both come from the network. Names and texts in them are plain text: show them as text, never as HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from . import VERSION, TrialdeckError
from .json_form import JsonObject, parse_object, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
LARGEST_FEED = 8 << 20
"""The most bytes of feed.json: 5,000 decks have less."""
LARGEST_PUBLISHED = 64 << 20
LARGEST_PACKAGE = 512 << 20
_MOST_DECKS = 5_000
_MOST_NOTES = 500_000
_MOST_TEXTS = 10_000
_MOST_FORMER = 100
_LONGEST_CHANGES = 50_000
_ADDRESS = re.compile(r"[A-Za-z0-9_%-][A-Za-z0-9._%-]*(/[A-Za-z0-9_%-][A-Za-z0-9._%-]*)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{24}")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}")
_WEB = re.compile(r"(https?://[^\s<>\"'\\/?#][^\s<>\"'\\]*)?")
REPORT = re.compile(r"(https?://[^\s<>\"'\\/?#][^\s<>\"'\\]*|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)?")
"""Where corrections may go: nothing else is ever handed to a program of the system."""
_FOLDER = re.compile(r"(https?://[^\s<>\"'\\/?#][^\s<>\"'\\?#]*/)?")


@dataclass(frozen=True)
class RemoteFile:
    """A file of the site: its address, relative to the feed, its size in bytes, and its SHA-256 in hexadecimal."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Changes:
    """What an edition changed in a deck: counts of notes, and plain text in lines."""

    new: int
    changed: int
    retired: int
    text: str


@dataclass(frozen=True)
class FeedDeck:
    """A package; `changed` is in seconds of Unix time, and an earlier time is that of an older edition."""

    id: str
    name: str
    deck: str
    group: str
    edition: str
    changed: int
    package: RemoteFile
    notes: int
    cards: int
    changes: Changes
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """What decks a site has; a text that the project does not give is empty."""

    name: str
    homepage: str
    license: str
    edition: str
    report: str
    moved_to: str
    editions: str
    published: RemoteFile
    decks: tuple[FeedDeck, ...]

    def deck(self, deck_id: str) -> FeedDeck | None:
        """Return a deck by its id, or by one that it had before; `None` if the feed has it no more."""
        named = next((deck for deck in self.decks if deck.id == deck_id), None)
        return named or next((deck for deck in self.decks if deck_id in deck.formerly), None)


@dataclass(frozen=True)
class Published:
    """The digests of all that was ever published, in 24 hexadecimal digits.

    `notes` has those of texts, by the guids of notes; `parts` those of templates and styles, by the ids of templates
    and note types.
    """

    notes: Mapping[str, frozenset[str]]
    parts: Mapping[str, frozenset[str]]


def parse_feed(data: bytes) -> Feed:
    """Return a feed.

    Raises TrialdeckError if it is none, if it needs a newer add-on, or if it is a preview.
    """
    form = parse_object(data, "feed.json")
    _check_versions(form)
    form.text("least_addon", empty=False)
    if form.flag("preview"):
        raise TrialdeckError("the site shows a preview of decks that were not built yet: try again later")
    decks = tuple(_deck(each) for each in form.objects("decks", _MOST_DECKS))
    ids = [deck.id for deck in decks]
    if len(set(ids)) < len(ids):
        double = next(deck_id for deck_id in ids if ids.count(deck_id) > 1)
        raise form.refuse("decks", f"has two decks of the id '{shortened(double)}'")
    return Feed(
        name=form.text("name", empty=False),
        homepage=form.matching("homepage", _WEB, "a web address", 2000),
        license=form.text("license", longest=5000, lines=True),
        edition=form.text("edition", empty=False),
        report=form.matching("report", REPORT, "a web or mail address", 2000),
        moved_to=form.matching("moved_to", _FOLDER, "a web address with a slash at its end", 2000),
        editions=_address(form, "editions"),
        published=_file(form.object("published"), LARGEST_PUBLISHED),
        decks=decks,
    )


def parse_published(data: bytes) -> Published:
    """Return the published texts; raises TrialdeckError if the file is not as it must be."""
    form = parse_object(data, "published.json")
    _check_versions(form)
    notes = form.object("notes")
    if len(notes.values) > _MOST_NOTES:
        raise form.refuse("notes", f"has more than {_MOST_NOTES:,} notes")
    parts = form.object("parts") if "parts" in form.values else JsonObject({}, form.place)
    return Published(
        {guid: _digests(notes, guid) for guid in notes.values}, {part: _digests(parts, part) for part in parts.values}
    )


def _check_versions(form: JsonObject) -> None:
    """Refuse what only a newer add-on can read."""
    if form.count("format") != FORMAT:
        raise TrialdeckError(f"{form.place} has a form of another version: update the add-on, or the site")
    least = form.matching("least_addon", _VERSION, "a version") if "least_addon" in form.values else ""
    if least and parts_of(least) > parts_of(VERSION):
        message = f"the site asks for version {least} of this add-on, and you have {VERSION}: update the add-on"
        raise TrialdeckError(f"{message} (Tools → Add-ons)")


def parts_of(version: str) -> tuple[int, ...]:
    """Return a version to compare: 1.0 and 1 are the same."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _deck(form: JsonObject) -> FeedDeck:
    changes = form.object("changes")
    name = form.text("deck", empty=False)
    if not all(part.strip() for part in name.split("::")):
        raise form.refuse("deck", f"is '{shortened(name)}', which is not the name of a deck")
    return FeedDeck(
        id=form.text("id", empty=False),
        name=form.text("name", empty=False),
        deck=name,
        group=form.text("group"),
        edition=form.text("edition", empty=False),
        changed=form.count("changed", most=1 << 40),
        package=_file(form.object("package"), LARGEST_PACKAGE),
        notes=form.count("notes", most=_MOST_NOTES),
        cards=form.count("cards", most=10 * _MOST_NOTES),
        changes=Changes(
            changes.count("new", most=_MOST_NOTES),
            changes.count("changed", most=_MOST_NOTES),
            changes.count("retired", most=_MOST_NOTES),
            changes.text("text", longest=_LONGEST_CHANGES, lines=True),
        ),
        formerly=form.texts("formerly", _MOST_FORMER) if "formerly" in form.values else (),
    )


def _file(form: JsonObject, largest: int) -> RemoteFile:
    size = form.count("size", most=largest)
    return RemoteFile(_address(form, "file"), size, form.matching("sha256", _SHA256, "a SHA-256"))


def _address(form: JsonObject, name: str) -> str:
    """Return a relative address that stays below the feed, whatever its escapes stand for."""
    address = form.matching(name, _ADDRESS, "an address below the feed")
    steps = unquote(address).split("/")
    if any(not step.strip(". ") or any(sign in step for sign in '\\:%\0<>"|?*') for step in steps):
        raise form.refuse(name, f"is '{shortened(address)}', which is not an address below the feed")
    return address


def _digests(form: JsonObject, name: str) -> frozenset[str]:
    value = form.values[name]
    if not 0 < len(name) <= 200 or not isinstance(value, list) or len(value) > _MOST_TEXTS:
        raise form.refuse(name, "is no list of digests")
    if not all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in value):
        raise form.refuse(name, "has something that is no digest")
    return frozenset(value)
