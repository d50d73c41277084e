"""From the file of a package to the database in it, whatever version of Anki or other program wrote it.

A package is a zip file with one to three databases (https://github.com/ankitects/anki, proto/anki/import_export.proto,
`PackageMetadata`; measured with Anki 26.9.3):

| member | version in `meta` | written by |
|---|---|---|
| collection.anki21b | 3 | Anki since 2.1.50, compressed with Zstandard |
| collection.anki21 | 2 | Anki since 2.1, and "Support older Anki versions" today |
| collection.anki2 | 1, or no `meta` | older Anki, genanki, trialdeck |

Beside a newer one, `collection.anki2` holds nothing but a note that asks to update Anki.
"""

import struct
import zipfile
import zlib
from pathlib import Path

from trialdeck.decks.wire import number_field
from trialdeck.errors import TrialdeckError

LARGEST = 2_000_000_000
"""How many bytes a database may have once it is unpacked; a small file can pretend to hold far more."""

NEWEST_META = 3
"""The newest version of packages that is known (`PackageMetadata.Version`, `VERSION_LATEST`)."""

AGAIN = "download it or export it from Anki again"
OLDER = "update trialdeck, or export the deck with 'Support older Anki versions' ticked"

_COMPRESSED = "collection.anki21b"
_COLLECTIONS = (_COMPRESSED, "collection.anki21", "collection.anki2")
# What a zip file that was cut off, altered, encrypted or compressed in an unknown way makes zipfile raise.
_ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError, struct.error
)  # fmt: skip
# Zstandard makes at most 128 kB of 4 bytes: so little is unpacked at a time that the limit is seen in time.
_STEP = 4096


def unpacked_database(path: Path) -> bytes:
    """Return the bytes of the newest database in a package.

    Raises TrialdeckError where the file cannot be read, is no package, is damaged, is of a format that came later, or
    holds more than LARGEST bytes. Nothing is written anywhere.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            name = _newest(archive, path)
            packed = _member(archive, name, path)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise TrialdeckError(message, "name a .apkg or .colpkg file") from error
    except _ZIP_FAULTS as error:
        hint = f"a package is a zip file that ends in .apkg or .colpkg; {AGAIN}"
        raise TrialdeckError(f"{path} is no Anki package, or is damaged: {error}", hint) from error
    return _decompressed(packed, path) if name == _COMPRESSED else packed


def _newest(archive: zipfile.ZipFile, path: Path) -> str:
    members = archive.namelist()
    version = number_field(_member(archive, "meta", path), 1) if "meta" in members else 0
    later = [name for name in members if name.startswith("collection.") and name not in _COLLECTIONS]
    if version > NEWEST_META or later:
        raise TrialdeckError(f"{path} was written by a version of Anki that is too new for trialdeck", OLDER)
    found = next((name for name in _COLLECTIONS if name in members), "")
    if not found:
        raise TrialdeckError(f"{path} is a zip file, but no Anki package: it holds no collection", AGAIN)
    return found


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    with archive.open(name) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _too_large(path)
    return content


def _decompressed(packed: bytes, path: Path) -> bytes:
    import zstandard  # noqa: PLC0415 - needed only for packages of this kind

    frame = zstandard.ZstdDecompressor().decompressobj()
    parts, size = [], 0
    try:
        for start in range(0, len(packed), _STEP):
            parts.append(frame.decompress(packed[start : start + _STEP]))
            size += len(parts[-1])
            if size > LARGEST:
                raise _too_large(path)
            if frame.eof:
                break
    except zstandard.ZstdError as error:
        raise TrialdeckError(f"{path} is damaged: its collection cannot be decompressed ({error})", AGAIN) from error
    if not frame.eof:
        raise TrialdeckError(f"{path} is damaged: its collection ends too early", AGAIN)
    return b"".join(parts)


def _too_large(path: Path) -> TrialdeckError:
    limit = f"{LARGEST / 1e9:g} GB"
    return TrialdeckError(f"{path} holds more than {limit} when it is unpacked", "is it really an Anki package?")
