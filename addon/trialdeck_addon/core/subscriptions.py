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
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .feed import Feed, FeedDeck

FILE = "trialdeck.json"
LOG = "trialdeck.log"
FORMAT = 1
LARGEST_LOG = 256 << 10
"""The log begins anew at this size; the one before it is kept."""
_MOST_FORMER = 10
"""How many updates a learner may undo, or a backup may lack, before nothing is known of those before them."""
_RETIRED = ("keep", "suspend", "remove")


@dataclass(frozen=True)
class Seen:
    """The edition of a deck that was applied last; `changed` is in seconds of Unix time."""

    edition: str
    changed: int


@dataclass(frozen=True)
class Trace:
    """A note, or a note type, as an update has left it: when Anki changed it, in seconds, and the digest of a note."""

    changed: int
    digest: str


@dataclass(frozen=True)
class Subscription:
    """What a learner follows: decks of one feed, by their ids.

    `report` is where corrections go. `seen` are the editions that were applied, by deck id; `places` the ids of decks
    in Anki, and `descriptions` the digests of what they say, by the names that the packages give them; `kept` what was
    answered with "mine"; `suspended` the cards that updates have suspended; `waiting` how many notes wait for an
    answer.

    `traces` are what the last update has left, by Anki's ids of notes or note types, and `former` what was known before
    that update and those before it, the last first: see `updating.traces`. `known` are the ids of decks
    that the learner has seen when choosing, or does not want; empty if nothing is known of that.
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
    traces: Mapping[str, Trace] = field(default_factory=dict)
    former: tuple[Subscription, ...] = ()
    known: tuple[str, ...] = ()

    def back_to(self, number: int) -> Subscription:
        """Return what was known so many updates ago; what the learner has chosen stays, and so does what is suspended.

        A card that is no longer suspended is forgotten by the next update.
        """
        if not number:
            return self
        states = (self, *self.former)
        blank = Subscription(self.address, self.name, ())
        chosen = states[number] if number < len(states) else blank
        cards = {card for state in (*states[:number], chosen) for card in state.suspended}
        return replace(
            chosen,
            address=self.address,
            name=self.name,
            decks=self.decks,
            report=self.report,
            known=self.known,
            suspended=tuple(sorted(cards)),
            former=states[number + 1 :],
        )

    def updated(self, traces: Mapping[str, Trace], **changes: Any) -> Subscription:
        """Return what is known after an update that has left these traces; without any, it can only be remembered."""
        if not traces:
            return replace(self, **changes)
        before = replace(self, former=(), known=())
        return replace(self, **changes, traces=traces, former=(before, *self.former)[:_MOST_FORMER])

    def news(self, feed: Feed) -> tuple[FeedDeck, ...]:
        """Return the decks that have a newer edition in a feed than was applied here."""
        followed = {deck.id: (self.seen.get(deck.id) or self.seen.get(deck_id), deck)
                    for deck_id in self.decks if (deck := feed.deck(deck_id))}  # fmt: skip
        return tuple(deck for seen, deck in followed.values() if seen is None or deck.changed > seen.changed)

    def fresh(self, feed: Feed) -> tuple[FeedDeck, ...]:
        """Return the decks that have come to the groups that the learner follows, and that he has not seen yet."""
        followed = {deck.id: deck for deck in map(feed.deck, self.decks) if deck}
        groups = {deck.group for deck in followed.values()}
        known = {*self.known, *followed}
        here = tuple(deck for deck in feed.decks if deck.group in groups) if self.known else ()
        return tuple(deck for deck in here if not known.intersection((deck.id, *deck.formerly)))

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

    def with_choice(self, chosen: Subscription) -> Settings:
        """Return the settings with the decks that a learner has chosen; what is known of updates stays."""
        present = self.subscription(chosen.address)
        if present is None:
            return self.with_subscription(chosen)
        choice = replace(
            present, name=chosen.name, decks=chosen.decks, report=chosen.report,
            known=tuple(dict.fromkeys((*present.known, *chosen.known))),
        )  # fmt: skip
        return self.with_subscription(choice)

    def with_answer(self, address: str, deck_ids: Sequence[str], *, follows: bool) -> Settings:
        """Return the settings after new decks were offered: they are not offered again, and followed if wanted."""
        present = self.subscription(address)
        if present is None:
            return self
        known = tuple(dict.fromkeys((*present.known, *deck_ids)))
        decks = tuple(dict.fromkeys((*present.decks, *deck_ids))) if follows else present.decks
        return self.with_subscription(replace(present, decks=decks, known=known))

    def with_update(self, before: Subscription, after: Subscription, target: str = "") -> Settings:
        """Return the settings with what is known after an update, beside what the learner has chosen while it ran.

        Args:
            before: The subscription with which the update began.
            after: What it has become.
            target: The address that the feed says it has moved to: the learner may have followed it there meanwhile.

        Returns:
            The settings as they are, if the learner has removed the subscription meanwhile.
        """
        present = self.subscription(before.address) or self.subscription(target)
        if present is None:
            return self
        if present.address != before.address and present.seen != before.seen:
            return self.with_subscription(_joined(after, present))  # the learner followed the target already
        forgotten = set(before.kept) - set(present.kept)
        merged = replace(
            after,
            address=present.address,
            decks=after.decks if present.decks == before.decks else present.decks,
            kept=tuple(token for token in after.kept if token not in forgotten),
            known=after.known if present.known == before.known else present.known,
        )
        return self.with_subscription(merged)

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
        traces={},
        former=(),
        known=tuple(dict.fromkeys((*former.known, *there.known))) if former.known and there.known else (),
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
        traces={
            str(int(name)): Trace(int(trace["changed"]), _text(trace["digest"]))
            for name, trace in stored.get("traces", {}).items()
        },
        former=tuple(map(_subscription, stored.get("former", ()))),
        known=tuple(map(_text, stored.get("known", ()))),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
