"""Unpack the database of a package of any version of Anki, or of another program.

A package is a zip file with one to three databases (https://github.com/ankitects/anki, proto/anki/import_export.proto,
`PackageMetadata`; measured with Anki 26.9.3):

| member | version in `meta` | written by |
|---|---|---|
| collection.anki21b | 3 | Anki since 2.1.50, compressed with Zstandard |
| collection.anki21 | 2 | Anki since 2.1, and "Support older Anki versions" today |
| collection.anki2 | 1, or no `meta` | older Anki, genanki, trialdeck |

Beside a newer one, `collection.anki2` holds nothing but a note that asks to update Anki.
"""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, BinaryIO

import msgspec

from trialdeck.apkg.protobuf import bytes_field, bytes_fields, number_field
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import refusals
from trialdeck.core.inputs import open_input

LARGEST = 2_000_000_000
"""The most bytes that an unpacked database may have; a small file can claim to hold far more."""

NEWEST_META = 3
"""The newest version of packages that is known (`PackageMetadata.Version`, `VERSION_LATEST`)."""

AGAIN = "download it or export it from Anki again"
_NO_PACKAGE = (
    "a package is a zip file that ends in .apkg or .colpkg: download it or export it from Anki again; "
    "workbooks go to `trialdeck sheet import`, pages and registry files to `trialdeck ingest`"
)
OLDER = "update trialdeck, or export the deck with 'Support older Anki versions' ticked"

LARGEST_LIST = 50_000_000
"""The most bytes that the list of media may have; each medium takes about a hundred."""

_LEADS_AWAY = re.compile(r"[/\\\\\x00-\x1f:]")
# What a zip file that was cut off, altered, encrypted or compressed in an unknown way makes zipfile raise.
_ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError, struct.error
)  # fmt: skip
_STEP = 1 << 20
# Zstandard makes at most 128 kB of 4 bytes.
_BIT = 256
_LARGEST_WINDOW = 1 << 27


class ContainerFormat(StrEnum):
    """The format of the database in a package; the value is the name of the member."""

    COMPRESSED = "collection.anki21b"
    NEWER = "collection.anki21"
    OLD = "collection.anki2"


class MediaList(msgspec.Struct, frozen=True):
    """The media of a package: the number of bytes of each by name, or None if the file is missing."""

    sizes: Mapping[str, int | None]

    @property
    def faulty(self) -> tuple[str, ...]:
        """The names that lead out of a folder of media: Anki refuses them, and so do we."""
        return tuple(name for name in self.sizes if _LEADS_AWAY.search(name) or name in {"", ".", ".."})


def unpack_database(path: Path, target: BinaryIO) -> ContainerFormat:
    """Write the newest database in a package into a file, piece by piece, and return its form.

    Raises TrialdeckError if the file cannot be read, is no package, is damaged, has a newer format, or holds more than
    LARGEST bytes. Nothing is written anywhere else.
    """
    with open_archive(path) as archive:
        form = _newest(archive, path)
        # A size that is stated falsely is no way around the limit: no more than that is read, and the sum is wrong.
        if archive.getinfo(form).file_size > LARGEST:
            raise _too_large(path)
        with archive.open(form) as packed:
            for part in _decompressed(packed, path) if form is ContainerFormat.COMPRESSED else _parts(packed):
                if target.tell() + len(part) > LARGEST:
                    raise _too_large(path)
                with refusals(Path(target.name)):
                    target.write(part)
    return form


def read_media_list(path: Path, form: ContainerFormat) -> MediaList:
    """Return the media of a package; raises TrialdeckError as `unpack_database` does."""
    with open_archive(path) as archive:
        members = {info.filename: info.file_size for info in archive.infolist()}
        return MediaList({name: members.get(member) for member, name in _media_entries(archive, path, form)})


def read_media(path: Path) -> dict[str, bytes]:
    """Return the media of a package by name, without those whose file is missing.

    Raises TrialdeckError as `unpack_database` does, and if a name leads out of a folder of media.
    """
    with open_archive(path) as archive:
        form = _newest(archive, path)
        members = {name: member for member, name in _media_entries(archive, path, form) if member in archive.namelist()}
        if faulty := MediaList(dict.fromkeys(members)).faulty:
            raise TrialdeckError(f"{path} names a medium that leads out of its folder: {faulty[0]!r}", AGAIN)
        media: dict[str, bytes] = {}
        remaining = LARGEST
        for name, member in sorted(members.items()):
            with archive.open(member) as packed:
                parts = _decompressed(packed, path) if form is ContainerFormat.COMPRESSED else _parts(packed)
                media[name] = _limited(parts, path, remaining)
            remaining -= len(media[name])
        return media


def each_medium(path: Path, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield some media of a package by name, one after the other; those that are missing or lead away are left out.

    Raises TrialdeckError as `unpack_database` does.
    """
    with open_archive(path) as archive:
        form, there = _newest(archive, path), set(archive.namelist())
        for member, name in _media_entries(archive, path, form):
            if name in names and member in there and not MediaList({name: None}).faulty:
                with archive.open(member) as packed:
                    parts = _decompressed(packed, path) if form is ContainerFormat.COMPRESSED else _parts(packed)
                    yield name, _limited(parts, path)


def _media_entries(archive: zipfile.ZipFile, path: Path, form: ContainerFormat) -> list[tuple[str, str]]:
    """Return the members and names of the media of a package."""
    if "media" not in archive.namelist():
        return []
    with archive.open("media") as packed:
        parts = _decompressed(packed, path) if form is ContainerFormat.COMPRESSED else _parts(packed)
        content = _limited(parts, path)
    try:
        return list(_entries(content) if form is ContainerFormat.COMPRESSED else _named(content))
    except (ValueError, AttributeError, RecursionError) as error:
        raise TrialdeckError(f"{path} is damaged: its list of media cannot be read ({error})", AGAIN) from error


def _entries(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the members and names of a list in today's format: the messages `MediaEntries.entries` = 1, `name` = 1."""
    for number, entry in enumerate(bytes_fields(content, 1)):
        yield str(number), bytes_field(entry, 1).decode("utf-8")


def _named(content: bytes) -> Iterator[tuple[str, str]]:
    for member, name in json.loads(content).items():
        yield member, str(name)


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the zip file of a package; raises TrialdeckError if it cannot be read, is no zip file, or is damaged."""
    try:
        with open_input(path) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise TrialdeckError(message, "name a .apkg or .colpkg file") from error
    except _ZIP_FAULTS as error:
        raise TrialdeckError(f"{path} is not an Anki package, or is damaged: {error}", _NO_PACKAGE) from error


def _newest(archive: zipfile.ZipFile, path: Path) -> ContainerFormat:
    members = archive.namelist()
    version = 0
    if "meta" in members:
        with archive.open("meta") as file:
            version = number_field(_limited(_parts(file), path), 1)
    later = [name for name in members if name.startswith("collection.") and name not in set(ContainerFormat)]
    if version > NEWEST_META or later:
        raise TrialdeckError(f"{path} was written by a version of Anki that is too new for trialdeck", OLDER)
    newest = next((form for form in ContainerFormat if form in members), None)
    if newest is None:
        raise TrialdeckError(f"{path} is a zip file, but no Anki package: it holds no collection", _NO_PACKAGE)
    return newest


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_STEP):
        yield part


def _limited(parts: Iterable[bytes], path: Path, largest: int = LARGEST_LIST) -> bytes:
    """Join the parts of a member; raises TrialdeckError if it has more than `largest` bytes."""
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > largest:
            raise _too_large(path)
    return bytes(content)


def _decompressed(packed: IO[bytes], path: Path) -> Iterator[bytes]:
    import zstandard  # noqa: PLC0415 - needed only for packages of this kind

    frame = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()
    try:
        for part in _parts(packed):
            # In small pieces, so that no more than some megabytes come out at once.
            for start in range(0, len(part), _BIT):
                if not frame.eof:
                    yield frame.decompress(part[start : start + _BIT])
    except zstandard.ZstdError as error:
        raise TrialdeckError(f"{path} is damaged: its collection cannot be decompressed ({error})", AGAIN) from error
    if not frame.eof:
        raise TrialdeckError(f"{path} is damaged: its collection ends too early", AGAIN)


def _too_large(path: Path) -> TrialdeckError:
    limit = f"{LARGEST / 1e9:g} GB"
    return TrialdeckError(f"{path} holds more than {limit} when it is unpacked", "is it really an Anki package?")
