"""Find the feed of the page that a learner has pasted: pages of trials, topics and decks lie in a folder below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import TrialdeckError
from .address import Address, parse_address
from .fetch import fetch_feed

if TYPE_CHECKING:
    from .feed import Feed

_PAGES = ("trials", "topics", "decks", "letters")
"""The folders of pages of a site."""


def find_feed(text: str) -> tuple[Address, Feed]:
    """Return the feed of an address that a learner has typed or pasted, and where it is.

    Raises TrialdeckError if there is none. It takes as long as the network does: use a thread.
    """
    address = parse_address(text)
    try:
        return address, fetch_feed(address)
    except TrialdeckError as error:
        above = _above(address)
        if above is None:
            raise
        try:
            return above, fetch_feed(above)
        except TrialdeckError:
            raise error from None


def _above(address: Address) -> Address | None:
    """Return the folder above if the address is one of pages of a site."""
    if address.is_folder:
        return None
    folder, _, name = address.text.rstrip("/").rpartition("/")
    return Address(f"{folder}/", is_folder=False) if name in _PAGES else None
