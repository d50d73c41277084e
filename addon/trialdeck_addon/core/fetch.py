"""Fetch a feed and its files, from a web address or from a folder, and verify them all.

Nothing is sent but the request itself: no cookie, no name, no header beyond a plain User-Agent. Every fault is one
line that says what to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from . import TrialdeckError
from .address import FEED, Address, parse_address
from .feed import LARGEST_FEED, Feed, Published, RemoteFile, parse_feed, parse_published
from .json_form import shortened
from .package import Package, read_package
from .web import AGAIN, GRACE, opened

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Address", "Edition", "Progress", "fetch_edition", "fetch_feed", "parse_address"]
Progress = Callable[[int, int], bool]
"""Is called with the bytes that are there and the bytes of all files; returns False to stop."""
SLOWEST = 4_000
"""A file that comes at fewer bytes a second than this is given up, once GRACE is over."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Edition:
    """All files of some decks of a feed, verified; those of `packages` lie in the folder that they were fetched to."""

    address: Address
    feed: Feed
    published: Published
    packages: tuple[Package, ...]


def fetch_feed(address: Address) -> Feed:
    """Return the feed at an address; raises TrialdeckError. It takes as long as the network does: use a thread."""
    parts = []
    size = 0
    with opened(address, FEED) as stream:
        for chunk in _chunks(stream, FEED):
            size += len(chunk)
            if size > LARGEST_FEED:
                raise TrialdeckError(
                    f"feed.json is larger than {LARGEST_FEED >> 20} MB, which no feed is: it was not read"
                )
            parts.append(chunk)
    return parse_feed(b"".join(parts))


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
    decks = list({deck.id: deck for deck in map(feed.deck, deck_ids) if deck}.values())
    files = [feed.published, *(deck.package for deck in decks)]
    meter = _Meter(sum(file.size for file in files), progress)
    published_path = folder / "published.json"
    _save(address, feed.published, published_path, meter)
    paths = [folder / f"{number}.apkg" for number in range(len(decks))]
    for deck, path in zip(decks, paths):
        _save(address, deck.package, path, meter)
    published = parse_published(published_path.read_bytes())
    packages = tuple(read_package(path, deck, published) for deck, path in zip(decks, paths))
    return Edition(address, feed, published, packages)


class _Meter:
    """Counts bytes, and tells how far it is."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        self._done += count
        if self._progress and not self._progress(self._done, self._total):
            raise TrialdeckError("stopped; nothing was changed")


def _save(address: Address, file: RemoteFile, path: Path, meter: _Meter) -> None:
    """Fetch a file, and refuse it unless its size and its SHA-256 are those of the feed."""
    size, digest = 0, sha256()
    shown = shortened(file.file)
    with _disk(), path.open("xb") as target, opened(address, file.file) as stream:
        for chunk in _chunks(stream, shown):
            size += len(chunk)
            if size > file.size:
                raise TrialdeckError(f"{shown} is larger than the feed says: {_uploading(address)}")
            digest.update(chunk)
            with _disk():
                target.write(chunk)
            meter.add(len(chunk))
    if size < file.size:
        raise TrialdeckError(f"{shown} was cut off after {size:,} of {file.size:,} bytes: {AGAIN}")
    if digest.hexdigest() != file.sha256:
        raise TrialdeckError(f"{shown} is not the file that the feed names (SHA-256): {_uploading(address)}")


@contextmanager
def _disk() -> Iterator[None]:
    """Turn what the disk refuses into a line; of what is not written yet, a file is told when it is closed."""
    try:
        yield
    except OSError as error:
        raise TrialdeckError(f"the disk refuses: {error.strerror or error}; nothing was changed") from error


def _uploading(address: Address) -> str:
    return "the folder may be half copied" if address.is_folder else f"the site may be being uploaded; {AGAIN}"


def _chunks(stream: IO[bytes], shown: str) -> Iterator[bytes]:
    """Yield what comes, and give up what comes too slowly."""
    start, size = time.monotonic(), 0
    while chunk := _read_some(stream):
        yield chunk
        size += len(chunk)
        seconds = time.monotonic() - start
        if seconds > GRACE and size < SLOWEST * seconds:
            raise TrialdeckError(f"{shown} comes too slowly ({size:,} bytes in {seconds:.0f} seconds): {AGAIN}")


def _read_some(stream: IO[bytes]) -> bytes:
    """Return what is there, at most a chunk: `read` would wait until the chunk is full."""
    read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    return read(_CHUNK)
