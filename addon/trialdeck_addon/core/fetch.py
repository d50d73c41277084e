"""Fetch a feed and its files, from a web address or from a folder.

Nothing is sent but the request itself: no cookie, no name, no header beyond a plain User-Agent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .feed import Feed, Published
    from .package import Package

Progress = Callable[[int, int], bool]
"""Is called with the bytes that are there and the bytes of all files; returns False to stop."""


@dataclass(frozen=True)
class Address:
    """Where a feed is: `text` is the folder of the site, with a slash at its end, or a folder of this machine."""

    text: str
    is_folder: bool


@dataclass(frozen=True)
class Edition:
    """All files of some decks of a feed, verified; those of `packages` lie in the folder that they were fetched to."""

    address: Address
    feed: Feed
    published: Published
    packages: tuple[Package, ...]


def parse_address(text: str) -> Address:
    """Return the address that a learner has typed or pasted; raises TrialdeckError if it is none to subscribe to."""
    raise NotImplementedError


def fetch_feed(address: Address) -> Feed:
    """Return the feed at an address; raises TrialdeckError. It takes as long as the network does: use a thread."""
    raise NotImplementedError


def fetch_edition(
    address: Address, feed: Feed, deck_ids: Sequence[str], folder: Path, progress: Progress | None = None
) -> Edition:
    """Fetch and verify all files of decks. It takes as long as the network does: use a thread.

    Args:
        address: Where the feed is.
        feed: The feed.
        deck_ids: The decks; those that the feed has no more are left out.
        folder: An empty folder, which has to stay until the edition is applied.
        progress: Is told how far it is.

    Returns:
        The verified files.

    Raises:
        TrialdeckError: A file could not be had, or is not what the feed says; or it was stopped.
    """
    raise NotImplementedError
