"""Packages of any program."""

from pathlib import Path

from trialdeck.api.projects import StrPath
from trialdeck.api.results import Package
from trialdeck.apkg.container import read_media
from trialdeck.apkg.reader import read_package as read_notes


def read_package(path: StrPath) -> Package:
    """Read a package (.apkg) or a collection (.colpkg) that any program has written.

        >>> import trialdeck as td
        >>> package = td.read_package("docs/examples/by-genanki.apkg")
        >>> package.notes[0].note_type, len(package.media)
        ('Simple Question', 0)

    Raises TrialdeckError if the file cannot be read, is no package, is damaged or too large.
    """
    read = read_notes(Path(path))
    return Package(read.notes, read.note_types, read.decks, read_media(Path(path)))
