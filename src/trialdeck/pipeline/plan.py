"""What a build writes, or has written."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from trialdeck.decks.clock import ClockAhead
from trialdeck.decks.editions import Step
from trialdeck.decks.releases import ReleaseChange
from trialdeck.pipeline.index import Output
from trialdeck.records.project import size_of
from trialdeck.records.settings import ProjectSettings


class Built(msgspec.Struct, frozen=True):
    """One package: the deck above all of its decks, its counts, its size in bytes, and its file.

    `retired` and `disputed` count the notes that travel without cards: the latter in decks of reviewed notes.
    """

    title: str
    notes: int
    cards: int
    retired: int
    disputed: int
    size: int
    path: Path


class Plan(msgspec.Struct, frozen=True):
    """What a build writes, or has written.

    `edition` is the one that packages name, `release_notes` the text of that file after the build. `outputs` are the
    packages that hold anything, by the names of their files; `outdated` names the files that are missing, or have
    another content, before it. `untaken` are the trials of records that no deck takes. `ahead` is set if the ledger, as
    it is after the build, has times after the build. `changes` are those of the edition for learners who have the deck;
    a build refuses the `refused` ones among them.
    """

    out: Path
    settings: ProjectSettings
    edition: str
    release_notes: str
    step: Step
    outputs: Mapping[str, Output]
    outdated: tuple[str, ...] = ()
    untaken: tuple[str, ...] = ()
    ahead: ClockAhead | None = None
    changes: tuple[ReleaseChange, ...] = ()
    refused: tuple[ReleaseChange, ...] = ()

    @property
    def built(self) -> tuple[Built, ...]:
        """The packages, as they are on disk after the build."""
        return tuple(
            Built(
                each.title,
                each.notes,
                each.cards,
                each.retired,
                each.disputed,
                size_of(each.signature),
                self.out / name,
            )
            for name, each in self.outputs.items()
        )


def filled_of(outputs: Mapping[str, Output]) -> dict[str, Output]:
    """Return the packages that hold anything."""
    return {name: output for name, output in outputs.items() if not output.is_empty}
