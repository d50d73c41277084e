"""The gate of a release: a build that would harm learners is refused, unless the author allows it by name."""

from collections.abc import Sequence

from trialdeck.decks.releases import ReleaseChange
from trialdeck.errors import TrialdeckError


class RefusedReleaseError(TrialdeckError):
    """A build is refused: `changes` are all changes of the edition, `refused` those that are to be allowed by name."""

    def __init__(self, changes: Sequence[ReleaseChange], refused: Sequence[ReleaseChange]) -> None:
        codes = [change.code for change in refused]
        message = f"nothing was built: {', '.join(codes)} would harm learners who have the deck"
        flags = " ".join(f"--allow {code}" for code in codes)
        super().__init__(message, f"correct what is not meant, then allow the rest: `trialdeck build {flags}`")
        self.changes = tuple(changes)
        self.refused = tuple(refused)
