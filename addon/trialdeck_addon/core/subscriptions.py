"""The learner's subscriptions and settings, in the folder of the profile, and a log of what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """The edition of a deck that was applied last; `changed` is in seconds of Unix time."""

    edition: str
    changed: int


@dataclass(frozen=True)
class Subscription:
    """What a learner follows: decks of one feed, by their ids.

    `seen` are the editions that were applied, by deck id; `places` the ids of decks in Anki by the names that the
    packages give them; `kept` the tokens of questions that were answered with "mine"; `suspended` the cards that an
    update has suspended.
    """

    address: str
    name: str
    decks: tuple[str, ...]
    report: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    suspended: tuple[int, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What one profile has chosen. `retired` is "keep", "suspend" or "remove"; `looked_at` is in Unix time."""

    subscriptions: tuple[Subscription, ...] = ()
    offer_after_sync: bool = True
    retired: str = "keep"
    looked_at: int = 0

    def subscription(self, address: str) -> Subscription | None:
        """Return the subscription to an address."""
        return next((each for each in self.subscriptions if each.address == address), None)

    def with_subscription(self, subscription: Subscription) -> Settings:
        """Return the settings with a subscription in place of the one to the same address, or added."""
        raise NotImplementedError

    def without(self, address: str) -> Settings:
        """Return the settings without the subscription to an address."""
        raise NotImplementedError


@dataclass(frozen=True)
class Store:
    """The files of a profile: `Store(Path(mw.pm.profileFolder()))`."""

    folder: Path

    def load(self) -> tuple[Settings, str]:
        """Return the settings, and a line for the learner if the file was damaged and put aside, else empty."""
        raise NotImplementedError

    def save(self, settings: Settings) -> None:
        """Write the settings whole or not at all; raises TrialdeckError if the disk refuses."""
        raise NotImplementedError

    def log(self, line: str, now: float) -> None:
        """Add a line to the log; a failure to do so is silent, because the log is no reason to stop."""
        raise NotImplementedError

    @property
    def log_path(self) -> Path:
        """Where the log is."""
        raise NotImplementedError
