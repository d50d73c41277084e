"""Copy the pictures and sounds of a deck beside the records that show them."""

from collections.abc import Collection, Iterator
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import msgspec

from trialdeck.anki.importing.source.source_deck import SourceDeck
from trialdeck.apkg.container import each_medium
from trialdeck.core.files import has, replace_file
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.records.media.files import MediaFault, checked_media, true_ending
from trialdeck.records.placeholder import YET_TO_BE_WRITTEN
from trialdeck.records.slugs import name_slug

FOLDER = "media"
"""The folder beside the records."""


class DeckMedia(msgspec.Struct, frozen=True):
    """The media of a deck as records name them, and why others cannot be shown; by their names in the deck."""

    files: dict[str, str] = msgspec.field(default_factory=dict)
    faults: dict[str, str] = msgspec.field(default_factory=dict)

    def figures(self, names: Collection[str]) -> list[dict[str, str]]:
        """Return media as figures of an entry, whose description and licence the author has to write."""
        pending = {"alt": YET_TO_BE_WRITTEN, "license": YET_TO_BE_WRITTEN}
        return [{"file": self.files[name], **pending} for name in names if name in self.files]


def plan_media(deck: SourceDeck, names: Collection[str], folder: Path) -> DeckMedia:
    """Return what records call some media of a deck, once they are in the folder `media` beside the records.

    Raises TrialdeckError if the deck is damaged, or the folder is a link out of its place.
    """
    media, planned = DeckMedia(), dict[Path, bytes]()
    if names:
        refuse_outside(folder / FOLDER, folder)
    for name, content in _contents(deck, names):
        file = _file_name(name, content)
        fault = checked_media(content, file)
        if isinstance(fault, MediaFault):
            media.faults[name] = fault.message
            continue
        path, digest = folder / FOLDER / file, blake2b(content).digest()
        # Another file of this name keeps it.
        if planned.get(path, digest) != digest or (path.exists() and not has(path, content)):
            path = path.with_stem(f"{path.stem}-{digest[:4].hex()}")
        planned[path] = digest
        media.files[name] = f"{FOLDER}/{path.name}"
    for name in names:
        if name not in media.files:
            media.faults.setdefault(name, f"'{name}' is not in the deck")
    return media


def copy_media(deck: SourceDeck, media: DeckMedia, folder: Path) -> None:
    """Copy the media of a plan, one after the other; raises TrialdeckError where the disk refuses."""
    for name, content in _contents(deck, media.files):
        replace_file(folder / media.files[name], content)


def _contents(deck: SourceDeck, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    return each_medium(deck.path, names) if deck.has_media and names else iter(())


def _file_name(name: str, content: bytes) -> str:
    """Return a file name that is safe everywhere, with the ending of what the file really is."""
    path = PurePosixPath(name)
    return f"{name_slug(path.stem) or 'medium'}{true_ending(content) or path.suffix.lower()}"
