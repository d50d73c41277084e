"""Read a package, and verify that it is one of ours: note types, guids and texts that were published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .feed import FeedDeck, Published


@dataclass(frozen=True)
class PackedNote:
    """A note of a package; `fields` are in the order of its note type; a retired note has no `cards`."""

    guid: str
    row_id: int
    type_id: int
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    deck: str


@dataclass(frozen=True)
class Package:
    """A verified package: its notes by guid, and the names of its media with those of their members."""

    deck: FeedDeck
    path: Path
    notes: Mapping[str, PackedNote]
    media: Mapping[str, str]


def read_package(path: Path, deck: FeedDeck, published: Published) -> Package:
    """Return a package of a feed.

    Raises TrialdeckError if it is damaged or not one of ours, or if it has a text that was not published.
    """
    raise NotImplementedError
