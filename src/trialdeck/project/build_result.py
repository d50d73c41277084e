"""The result of a build, and the warnings and refusals that go with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem
from trialdeck.core.system.windows import relative_path
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import Package
from trialdeck.editions.clock import ClockAhead, ahead, ahead_in, is_ahead, problem_of
from trialdeck.editions.ledger import FILE
from trialdeck.editions.next_edition import EditionCounts
from trialdeck.editions.risks import ReleaseChange
from trialdeck.project.build_index import Output
from trialdeck.project.next_ledger import lines_of, open_written
from trialdeck.project.package_keys import TrialDigest
from trialdeck.records.discovery import DECKS, size_of
from trialdeck.records.settings import ProjectSettings


class RefusedReleaseError(TrialdeckError):
    """A build is refused: `changes` are all changes of the edition, `refused` those that are to be allowed by name."""

    def __init__(self, changes: Sequence[ReleaseChange], refused: Sequence[ReleaseChange]) -> None:
        codes = [change.code for change in refused]
        message = f"nothing was built: {', '.join(codes)} would harm learners who have the deck"
        flags = " ".join(f"--allow {code}" for code in codes)
        super().__init__(message, f"correct what is not meant, then allow the rest: `trialdeck build {flags}`")
        self.changes = tuple(changes)
        self.refused = tuple(refused)


def refuse_empty(request: DeckRequest, filled: Sequence[Package]) -> None:
    """Raise TrialdeckError if no package holds anything, or, of reviewed notes, nothing but tombstones."""
    if request.reviewed_only:
        if all(replace(package, tombstones=()).is_empty for package in filled):
            raise TrialdeckError("nothing is reviewed, so there is nothing to build", "`trialdeck review` signs it")
    elif not filled:
        raise TrialdeckError("no note passes the filters", "take fewer filters, or others")


class BuiltPackage(msgspec.Struct, frozen=True):
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


class BuildResult(msgspec.Struct, frozen=True):
    """What a build writes, or has written.

    `edition` is the one that packages name; `counts` are the notes that the build makes, changes, retires or brings
    back. `outputs` are the packages that hold anything, by the names of their files; `changed_files` names the files
    that are missing, or have another content, before the build. `trials_in_no_deck` are the trials of records that no
    deck takes, or None if nothing was touched since the last build, so that this build did not look. `ahead` is set if
    the ledger, as it is after the build, has times after the build. `changes` are those of the edition for learners who
    have the deck; a build refuses the `refused` ones among them. `release_notes` is what `EDITIONS.md` says of the
    edition; empty if this build changes no note.
    """

    out: Path
    settings: ProjectSettings
    edition: str
    counts: EditionCounts
    outputs: Mapping[str, Output]
    changed_files: tuple[str, ...] = ()
    trials_in_no_deck: tuple[str, ...] | None = None
    ahead: ClockAhead | None = None
    changes: tuple[ReleaseChange, ...] = ()
    refused: tuple[ReleaseChange, ...] = ()
    release_notes: str = ""

    @property
    def built(self) -> tuple[BuiltPackage, ...]:
        """The packages, as they are on disk after the build."""
        return tuple(
            BuiltPackage(
                output.title,
                output.notes,
                output.cards,
                output.retired,
                output.disputed,
                size_of(output.signature),
                self.out / name,
            )
            for name, output in self.outputs.items()
        )


def filled_of(outputs: Mapping[str, Output]) -> dict[str, Output]:
    """Return the packages that hold anything."""
    return {name: output for name, output in outputs.items() if not output.is_empty}


def ahead_of(digests: Mapping[str, TrialDigest], path: Path, now: int) -> ClockAhead | None:
    """Return how far a ledger is ahead of a time, in seconds of Unix time, or None; `path` is where its file is.

    The digests of its trials know when each last changed, so that only the lines of trials that are ahead are read.
    """
    trials = [name for name, trial in digests.items() if any(is_ahead(part.changed, now) for part in trial.parts)]
    if not trials:
        return None
    with closing(open_written(path, digests)) as ledger:
        return ahead(lines_of(ledger, trials), now)


def check_clocks(projects: Iterable[Path], now: int) -> Iterator[Problem]:
    """Yield a warning for each project whose ledger is ahead of a time, in seconds of Unix time."""
    for project in projects:
        path = project / DECKS / FILE
        if clock := ahead_in(path, now):
            yield problem_of(clock, Path(relative_path(path)).as_posix())
