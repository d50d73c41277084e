"""Check a media file, and name it for its way through packages.

A package holds a file under a name that carries the hash of its content. So two files never clash, Anki never renames
one, and a picture that has changed makes a note that has changed. A picture travels without its metadata; sounds keep
theirs.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import msgspec

from trialdeck.core.problem import nearest, shortened
from trialdeck.records.discovery import SEEDS
from trialdeck.records.media.image_metadata import DamagedError, picture_ending, without_metadata
from trialdeck.records.model import Media

LARGEST_PICTURE = 2_000_000
"""In bytes: a screen of a phone in full colour, twice over; every learner downloads every picture of a deck."""
LARGEST_SOUND = 5_000_000
"""In bytes: five minutes at 128 kbit/s, longer than anybody listens on a card."""

_MB = 1_000_000


class MediaType(msgspec.Struct, frozen=True):
    """A type of file: what it is called, its ending in packages, and whether it is a sound."""

    name: str
    ending: str
    is_sound: bool = False

    @property
    def largest(self) -> int:
        """How many bytes a file of this type may have."""
        return LARGEST_SOUND if self.is_sound else LARGEST_PICTURE


_JPEG = MediaType("a JPEG picture", "jpg")
TYPES: Mapping[str, MediaType] = MappingProxyType(
    {
        ".png": MediaType("a PNG picture", "png"),
        ".jpg": _JPEG,
        ".jpeg": _JPEG,
        ".webp": MediaType("a WebP picture", "webp"),
        ".svg": MediaType("an SVG picture", "svg"),
        ".mp3": MediaType("an MP3 sound", "mp3", is_sound=True),
        ".ogg": MediaType("an Ogg sound", "ogg", is_sound=True),
    }
)
"""The types by the endings that an author may write, in small letters."""


class MediaFault(msgspec.Struct, frozen=True):
    """Why a file cannot be used: code, message and hint of a problem that has no place yet."""

    code: str
    message: str
    hint: str = ""


class MediaCache(msgspec.Struct, frozen=True):
    """The media files that were read so far: each is read once, however many records use it."""

    read: dict[tuple[Path, MediaType], Media | MediaFault] = msgspec.field(default_factory=dict)

    def media(self, file: str, folder: Path) -> Media | MediaFault:
        """Return what a record in this folder calls `file`, or why it cannot be used."""
        kind = TYPES.get(PurePosixPath(file).suffix.lower())
        if kind is None:
            return _unknown_type(file)
        source = located(file, folder)
        if isinstance(source, MediaFault):
            return source
        if (source, kind) not in self.read:
            self.read[source, kind] = _read(source, file, kind)
        return self.read[source, kind]


def located(file: str, folder: Path) -> Path | MediaFault:
    """Return the file that a record in this folder means, links followed, or why it must not be read."""
    shown = shortened(file)
    if "\\" in file:
        return MediaFault("TD212", f"'{shown}' has a backslash in it", "write / between folders")
    try:
        here = folder.resolve()
        home = next((parent.parent for parent in (here, *here.parents) if parent.name == SEEDS), here)
        target = (here / file).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        return MediaFault("TD211", f"'{shown}' cannot be followed: {error}", "write the path of a file")
    if PurePosixPath(file).is_absolute() or not target.is_relative_to(home):
        hint = "put the file beside the record, and write its path from there, without a / before it"
        return MediaFault("TD212", f"'{shown}' leads out of the project", hint)
    return target


def _read(path: Path, file: str, kind: MediaType) -> Media | MediaFault:
    try:
        if not path.is_file():
            return MediaFault("TD211", f"there is no file '{shortened(file)}'", _name_hint(path))
        if fault := _too_large(path.stat().st_size, file, kind):
            return fault
        content = path.read_bytes()
    except OSError as error:
        return MediaFault(
            "TD211", f"cannot read '{shortened(file)}': {error.strerror or error}", "see that you may read it"
        )
    return _checked(content, file, kind)


def checked_media(content: bytes, file: str) -> Media | MediaFault:
    """Return what a record calls `file` and has this content, or why it cannot be used."""
    kind = TYPES.get(PurePosixPath(file).suffix.lower())
    if kind is None:
        return _unknown_type(file)
    return _too_large(len(content), file, kind) or _checked(content, file, kind)


def true_ending(content: bytes) -> str:
    """Return the ending of a file by its first bytes, with its dot; empty if a card cannot show it."""
    kind = _type_of(content)
    return f".{kind.ending}" if kind else ""


def _unknown_type(file: str) -> MediaFault:
    hint = f"allowed are files that end in {', '.join(TYPES)}"
    return MediaFault("TD213", f"'{shortened(file)}' is not of a type that a card can show", hint)


def _too_large(size: int, file: str, kind: MediaType) -> MediaFault | None:
    if size <= kind.largest:
        return None
    message = f"'{shortened(file)}' has {size / _MB:.1f} MB; {kind.name} may have {kind.largest // _MB}"
    return MediaFault("TD214", message, "export it smaller")


def _name_hint(path: Path) -> str:
    beside = {entry.name.lower(): entry.name for entry in path.parent.iterdir()} if path.parent.is_dir() else {}
    likely = nearest(path.name.lower(), beside)
    return f"did you mean '{beside[likely]}'?" if likely else "write its path from the folder of the record on"


def _checked(content: bytes, file: str, kind: MediaType) -> Media | MediaFault:
    shown, actual = shortened(file), _type_of(content)
    if actual is not kind:
        is_what = f"is {actual.name}" if actual else "is none" if content else "is empty"
        hint = f"give it the ending .{actual.ending}" if actual else "export it anew"
        return MediaFault("TD213", f"'{shown}' is called {kind.name}, but {is_what}", hint)
    if kind.ending == "svg":
        from trialdeck.records.media.svg_file import plain_svg  # noqa: PLC0415 - few records show a drawing

        content, fault = plain_svg(content)
        if fault:
            return MediaFault(
                "TD215", f"'{shown}' {fault}", "export it as plain SVG, with everything embedded, or as PNG"
            )
    try:
        bare = without_metadata(content, kind.ending)
    except DamagedError:
        return MediaFault(
            "TD213", f"'{shown}' is damaged: it ends too early, or its parts do not add up", "export it anew"
        )
    name = f"trialdeck-{sha256(bare.content).hexdigest()[:20]}.{kind.ending}"
    return Media(name, bare.content, kind.is_sound, bare.had_place)


def _type_of(content: bytes) -> MediaType | None:
    """Return what a file is by its first bytes."""
    if ending := picture_ending(content):
        return TYPES[f".{ending}"]
    # A frame of MPEG audio, layer 3, begins with eleven bits that are set.
    if content[:1] == b"\xff" and len(content) > 1 and content[1] & 0xE6 == 0xE2:
        return TYPES[".mp3"]
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and b"<svg" in content:
        return TYPES[".svg"]
    return next((TYPES[ending] for start, ending in _STARTS if content.startswith(start)), None)


_STARTS = (
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
)
