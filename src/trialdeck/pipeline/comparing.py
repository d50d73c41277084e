"""Compare packages."""

from pathlib import Path

from trialdeck.decks.changes import Changes, compare, snapshot
from trialdeck.decks.reader import read_package


def compare_packages(old: Path, new: Path) -> Changes:
    """Return what differs between two packages of any kind; raises TrialdeckError where one cannot be read."""
    return compare(snapshot([read_package(old)]), snapshot([read_package(new)]))
