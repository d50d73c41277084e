"""feed.json and published.json: parsed, and refused if anything in them is not as docs/subscribe.md has it.

Both come from the network. Names and texts in them are plain text: show them as text, never as HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        """Return a deck by its id; `None` if the feed has it no more."""
        return next((deck for deck in self.decks if deck.id == deck_id), None)


@dataclass(frozen=True)
class Published:
    """The digests of all texts that were ever published, by the guids of notes; and of the parts of note types."""

    notes: Mapping[str, frozenset[str]]
    parts: Mapping[str, frozenset[str]]


def parse_feed(data: bytes) -> Feed:
    """Return a feed.

    Raises TrialdeckError if it is none, if it needs a newer add-on, or if it is a preview.
    """
    raise NotImplementedError


def parse_published(data: bytes) -> Published:
    """Return the published texts; raises TrialdeckError if the file is not as it must be."""
    raise NotImplementedError
