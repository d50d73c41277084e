"""Copy the pictures and sounds of a deck beside the records that show them."""

from collections.abc import Collection, Iterator
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import msgspec

from trialdeck.anki.importing.source_deck import SourceDeck
from trialdeck.apkg.container import each_medium
from trialdeck.core.files import has, replace_file
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.records.media.files import MediaFault, checked_media, true_ending
from trialdeck.records.placeholder import YET_TO_BE_WRITTEN
from trialdeck.records.slugs import name_slug

FOLDER = "media"
"""The folder beside the records."""


class CopiedMedia(msgspec.Struct, frozen=True):
    """The media of a deck as records name them, and why others cannot be shown; by their names in the deck."""

    files: dict[str, str] = msgspec.field(default_factory=dict)
    faults: dict[str, str] = msgspec.field(default_factory=dict)

    def figures(self, names: Collection[str]) -> list[dict[str, str]]:
        """Return media as figures of an entry, whose description and licence the author has to write."""
        pending = {"alt": YET_TO_BE_WRITTEN, "license": YET_TO_BE_WRITTEN}
        return [{"file": self.files[name], **pending} for name in names if name in self.files]


def copy_media(deck: SourceDeck, names: Collection[str], folder: Path, *, dry_run: bool = False) -> CopiedMedia:
    """Copy media of a deck into the folder `media` beside the records, one after the other.

    Args:
        deck: The deck.
        names: The names of the media in the deck.
        folder: The folder of the records.
        dry_run: Whether nothing is written.

    Returns:
        The media as records name them, and the reasons why others were not copied.

    Raises:
        TrialdeckError: The deck is damaged, the folder is a link out of its place, or the disk refuses.
    """
    copied = CopiedMedia()
    target = folder / FOLDER
    if names and not dry_run:
        refuse_outside(target, folder)
    for name, content in _contents(deck, names):
        file = _file_name(name, content)
        fault = checked_media(content, file)
        if isinstance(fault, MediaFault):
            copied.faults[name] = fault.message
            continue
        path = _free(target / file, content)
        if not dry_run:
            replace_file(path, content)
        copied.files[name] = f"{FOLDER}/{path.name}"
    for name in names:
        if name not in copied.files:
            copied.faults.setdefault(name, f"'{name}' is not in the deck")
    return copied


def _contents(deck: SourceDeck, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    return each_medium(deck.path, names) if deck.has_media and names else iter(())


def _file_name(name: str, content: bytes) -> str:
    """Return a file name that is safe everywhere, with the ending of what the file really is."""
    path = PurePosixPath(name)
    return f"{name_slug(path.stem) or 'medium'}{true_ending(content) or path.suffix.lower()}"


def _free(path: Path, content: bytes) -> Path:
    """Return a path that is not that of another file: if it is taken, one with the digest of the content."""
    if not path.exists() or has(path, content):
        return path
    return path.with_stem(f"{path.stem}-{blake2b(content, digest_size=4).hexdigest()}")
