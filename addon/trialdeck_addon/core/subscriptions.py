"""The learner's subscriptions and settings, in the folder of the profile, and a log of what was done.

They are not in the add-on's own configuration, which all profiles share, and not in its folder, which Anki replaces.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import TrialdeckError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .feed import Feed, FeedDeck

FILE = "trialdeck.json"
LOG = "trialdeck.log"
FORMAT = 1
LARGEST_LOG = 256 << 10
"""The log begins anew at this size; the one before it is kept."""
_RETIRED = ("keep", "suspend", "remove")


@dataclass(frozen=True)
class Seen:
    """The edition of a deck that was applied last; `changed` is in seconds of Unix time."""

    edition: str
    changed: int


@dataclass(frozen=True)
class Subscription:
    """What a learner follows: decks of one feed, by their ids.

    `report` is where corrections go. `seen` are the editions that were applied, by deck id; `places` the ids of decks
    in Anki, and `descriptions` the digests of what they say, by the names that the packages give them; `kept` what was
    answered with "mine"; `suspended` the cards that updates have suspended; `waiting` how many notes wait for an
    answer.
    """

    address: str
    name: str
    decks: tuple[str, ...]
    report: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    suspended: tuple[int, ...] = ()
    waiting: int = 0

    def news(self, feed: Feed) -> tuple[FeedDeck, ...]:
        """Return the decks that have a newer edition in a feed than was applied here."""
        followed = {deck.id: (self.seen.get(deck.id) or self.seen.get(deck_id), deck)
                    for deck_id in self.decks if (deck := feed.deck(deck_id))}  # fmt: skip
        return tuple(deck for seen, deck in followed.values() if seen is None or deck.changed > seen.changed)

    def gone(self, feed: Feed) -> tuple[str, ...]:
        """Return the ids of decks that a feed has no more; their cards stay in Anki."""
        return tuple(deck_id for deck_id in self.decks if feed.deck(deck_id) is None)


@dataclass(frozen=True)
class Settings:
    """What one profile has chosen.

    `retired` is what updates do with retired notes: "keep", "suspend" or "remove". `looked_at` is when feeds were
    looked at last, in seconds of Unix time. `contributor` is the name under which suggestions are sent, or empty.
    """

    subscriptions: tuple[Subscription, ...] = ()
    offer_after_sync: bool = True
    retired: str = "keep"
    looked_at: int = 0
    contributor: str = ""

    def subscription(self, address: str) -> Subscription | None:
        """Return the subscription to an address."""
        return next((each for each in self.subscriptions if each.address == address), None)

    def with_subscription(self, subscription: Subscription) -> Settings:
        """Return the settings with a subscription in place of the one to the same address, or added."""
        if self.subscription(subscription.address) is None:
            return replace(self, subscriptions=(*self.subscriptions, subscription))
        others = tuple(subscription if each.address == subscription.address else each for each in self.subscriptions)
        return replace(self, subscriptions=others)

    def with_moved(self, address: str, target: str) -> Settings:
        """Return the settings with a subscription at its new address.

        If the learner follows that one already, the two become one: it knows what either of them knew.
        """
        former, there = self.subscription(address), self.subscription(target)
        if former is None or address == target:
            return self
        moved = replace(former, address=target) if there is None else _joined(former, there)
        return self.without(address).with_subscription(moved)

    def without(self, address: str) -> Settings:
        """Return the settings without the subscription to an address."""
        return replace(self, subscriptions=tuple(each for each in self.subscriptions if each.address != address))


def _joined(former: Subscription, there: Subscription) -> Subscription:
    seen = dict(former.seen)
    for deck_id, edition in there.seen.items():
        if deck_id not in seen or edition.changed > seen[deck_id].changed:
            seen[deck_id] = edition
    return replace(
        there,
        decks=tuple(dict.fromkeys((*former.decks, *there.decks))),
        seen=seen,
        places={**former.places, **there.places},
        descriptions={**former.descriptions, **there.descriptions},
        kept=tuple(sorted({*former.kept, *there.kept})),
        suspended=tuple(sorted({*former.suspended, *there.suspended})),
        waiting=max(former.waiting, there.waiting),
    )


@dataclass(frozen=True)
class Store:
    """The files of a profile: `Store(Path(mw.pm.profileFolder()))`."""

    folder: Path

    @property
    def path(self) -> Path:
        """Where the settings are."""
        return self.folder / FILE

    @property
    def log_path(self) -> Path:
        """Where the log is."""
        return self.folder / LOG

    def load(self) -> tuple[Settings, str]:
        """Return the settings, and a line for the learner if the file was damaged and put aside, else empty."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return Settings(), ""
        except OSError as error:
            return (
                Settings(),
                f"your subscriptions cannot be read ({error.strerror}): none are shown, and none are lost",
            )
        try:
            return _settings(json.loads(data.decode("utf-8"))), ""
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Settings(), self._put_aside()

    def _put_aside(self) -> str:
        """Keep a damaged file under another name, so that the next one does not replace it."""
        number = next(n for n in range(1, 10_000) if not self.path.with_suffix(f".damaged-{n}.json").exists())
        aside = self.path.with_suffix(f".damaged-{number}.json")
        try:
            self.path.replace(aside)
        except OSError as error:
            return f"{FILE} is damaged, and cannot be put aside ({error.strerror}): subscribe again"
        kept = f"it is kept as {aside.name} beside your collection"
        return f"your list of subscriptions was damaged: {kept}; subscribe again"

    def save(self, settings: Settings) -> None:
        """Write the settings whole or not at all; raises TrialdeckError if the disk refuses."""
        text = json.dumps({"format": FORMAT, **asdict(settings)}, ensure_ascii=False, indent=1)
        temporary = self.folder / f".{FILE}.{os.getpid()}"
        try:
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            reason = error.strerror or str(error)
            raise TrialdeckError(f"your subscriptions could not be saved: {reason}") from error

    def log(self, line: str, now: float) -> None:
        """Add a line to the log, with the time; a disk that refuses is no reason to stop."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        with suppress(OSError):
            if self.log_path.exists() and self.log_path.stat().st_size > LARGEST_LOG:
                self.log_path.replace(self.log_path.with_suffix(".log.1"))
            with self.log_path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{moment} {' '.join(line.split())}\n")


def _settings(stored: Mapping[str, Any]) -> Settings:
    """Return settings from a file; raises ValueError, KeyError or TypeError if somebody has edited or damaged it."""
    if stored["format"] != FORMAT or stored["retired"] not in _RETIRED:
        raise ValueError("another form")
    return Settings(
        subscriptions=tuple(map(_subscription, stored["subscriptions"])),
        offer_after_sync=bool(stored["offer_after_sync"]),
        retired=stored["retired"],
        looked_at=int(stored["looked_at"]),
        contributor=_text(stored.get("contributor", "")),
    )


def _subscription(stored: Mapping[str, Any]) -> Subscription:
    return Subscription(
        address=_text(stored["address"]),
        name=_text(stored["name"]),
        decks=tuple(map(_text, stored["decks"])),
        report=_text(stored["report"]),
        seen={deck: Seen(_text(seen["edition"]), int(seen["changed"])) for deck, seen in stored["seen"].items()},
        places={name: int(deck_id) for name, deck_id in stored["places"].items()},
        descriptions={name: _text(digest) for name, digest in stored["descriptions"].items()},
        kept=tuple(map(_text, stored["kept"])),
        suspended=tuple(map(int, stored["suspended"])),
        waiting=int(stored["waiting"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
