"""Remove metadata from pictures: camera, place, author, comments, thumbnails.

A photo from a phone holds where and when it was taken; a package or a site would hand that on to everybody. The blocks
of the file are copied one by one, and those that no viewer needs are left out, so every pixel stays as it is. A library
that encodes the picture anew would change it.

Formats: PNG (W3C, third edition, chapter 11), JPEG (ITU-T T.81, annex B), WebP (RFC 9649).
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import msgspec

_ORIENTATION, _GPS = 0x0112, 0x8825
_SHORT = 3
_UPRIGHT, _LAST_WAY = 1, 8


class Exif(msgspec.Struct, frozen=True):
    """What EXIF data says: `way_up`, EXIF data with the orientation alone (empty for an upright picture); a place."""

    way_up: bytes = b""
    has_place: bool = False


NO_EXIF = Exif()


def read_exif(data: bytes) -> Exif:
    """Read the first table of EXIF data; what cannot be read says nothing."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return Exif()
    try:
        (table,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, table)
        entries = [struct.unpack_from(f"{order}HHIH", data, table + 2 + 12 * number) for number in range(count)]
    except struct.error:
        return Exif()
    ways = [value for tag, kind, _, value in entries if tag == _ORIENTATION and kind == _SHORT]
    way = ways[0] if ways else _UPRIGHT
    return Exif(
        _only_orientation(way) if _UPRIGHT < way <= _LAST_WAY else b"", any(entry[0] == _GPS for entry in entries)
    )


def _only_orientation(way: int) -> bytes:
    """Return EXIF data of one table with one entry, and no further table."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, way, 0, 0)


_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8\xff"
_PNG_KEPT = frozenset(
    b"tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)  # fmt: skip
"""The chunks of a PNG that a decoder may need, beside those that it must know (their names begin with a capital)."""
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_HAS_EXIF, _WEBP_HAS_XMP = 0x08, 0x04
_JFIF, _ICC, _ADOBE, _EXIF = b"JFIF\0", b"ICC_PROFILE\0", b"Adobe", b"Exif\0\0"
_JFIF_SIZE = 14
_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_MARKER = re.compile(rb"\xff++([^\x00\xff\xd0-\xd7])?")
"""Where the compressed pixels of a JPEG may end: `FF 00` is one of their bytes, and D0 to D7 stand between parts."""
_XMP_PLACE = b"GPSLatitude"
_PNG_TEXTS = frozenset((b"iTXt", b"tEXt", b"zTXt"))
_MOST_TEXT = 1 << 16
"""How many bytes of a compressed text are looked at: a small file can pretend to hold far more."""


class DamagedError(ValueError):
    """A picture file whose blocks do not add up."""


class Bare(msgspec.Struct, frozen=True):
    """A picture file without metadata; `had_place` says that the metadata had a place in it."""

    content: bytes
    had_place: bool = False


def picture_ending(content: bytes) -> str:
    """Return `png`, `jpg` or `webp` by the first bytes of a file; empty for any other file."""
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return next(
        (ending for start, ending in ((_PNG_START, "png"), (_JPEG_START, "jpg")) if content.startswith(start)), ""
    )


def without_metadata(content: bytes, ending: str) -> Bare:
    """Return a picture of type `png`, `jpg` or `webp` without its metadata, or any other file as it is.

    Colour profiles stay, and so does the way up that EXIF gives the picture. Raises DamagedError.
    """
    if ending not in _READERS:
        return Bare(content)
    metadata = _Found()
    bare = b"".join(_READERS[ending](content, metadata))
    return Bare(bare, metadata.exif.has_place or metadata.has_xmp_place)


class _Found(msgspec.Struct):
    """What the metadata of a file says, gathered by the function that copies the other blocks."""

    exif: Exif = NO_EXIF
    has_xmp_place: bool = False

    def kept_exif(self, block: bytes) -> bytes:
        """Store what a block of EXIF says, and return the part of it that stays: the orientation, or nothing.

        Only the first block counts, as it does for viewers.
        """
        if self.exif is not NO_EXIF:
            return b""
        self.exif = read_exif(block.removeprefix(_EXIF))
        return self.exif.way_up


def _png(content: bytes, found: _Found) -> Iterator[bytes]:
    """Yield the chunks of a PNG that stay; what follows its end is left out."""
    yield _PNG_START
    position, kind = len(_PNG_START), b""
    while kind != b"IEND":
        size = int.from_bytes(_bytes(content, position, 4))
        kind, data = _bytes(content, position + 4, 4), _bytes(content, position + 8, size)
        chunk = _bytes(content, position, size + 12)
        position += len(chunk)
        if kind[:1].isupper() or kind in _PNG_KEPT:
            yield chunk
        elif kind == b"eXIf" and (kept := found.kept_exif(data)):
            yield len(kept).to_bytes(4) + kind + kept + zlib.crc32(kind + kept).to_bytes(4)
        elif kind in _PNG_TEXTS and _XMP_PLACE in _png_text(kind, data):
            found.has_xmp_place = True


def _png_text(kind: bytes, data: bytes) -> bytes:
    """Return the text of a chunk with its keywords, or its first 64 kB where it is compressed.

    What cannot be decompressed says nothing.
    """
    _, _, content = data.partition(b"\0")
    if kind == b"zTXt":
        packed = content[1:]
    elif kind == b"iTXt" and content[:1] == b"\1":
        # After the method stand the language and the translated keyword.
        packed = content[2:].split(b"\0", 2)[-1]
    else:
        return data
    try:
        return zlib.decompressobj().decompress(packed, _MOST_TEXT)
    except zlib.error:
        return b""


def _jpeg(content: bytes, found: _Found) -> Iterator[bytes]:
    """Yield the segments of a JPEG that stay, and its compressed pixels; what follows its end is left out.

    A picture that was cut off in its pixels is one that viewers show.
    """
    yield content[:2]
    position, has_pixels = 2, False
    while not (has_pixels and position == len(content)):
        start = position
        while _bytes(content, position, 2) == b"\xff\xff":
            position += 1
        head = _bytes(content, position, 2)
        if head[0] != 0xFF or head[1] in {0x00, _SOI}:
            raise DamagedError
        if head[1] == _EOI:
            yield content[start : position + 2]
            return
        end = position + 2 + int.from_bytes(_bytes(content, position + 2, 2))
        data = _bytes(content, position + 4, end - position - 4)
        if head[1] == _SOS:
            has_pixels = True
            after = next((marker for marker in _MARKER.finditer(content, end) if marker[1]), None)
            end = after.start() if after else len(content)
            yield content[start:end]
        elif _APP0 <= head[1] <= _APP15 or head[1] == _COM:
            yield from _application_data(head, data, found)
        else:
            yield content[start:end]
        position = end


def _application_data(head: bytes, data: bytes, found: _Found) -> Iterator[bytes]:
    """Yield what stays of a segment that an application or a comment fills."""
    kept = b""
    if head[1] == _APP0 and data.startswith(_JFIF) and len(data) >= _JFIF_SIZE:
        # The last two bytes are the width and height of a thumbnail.
        kept = data[: _JFIF_SIZE - 2] + b"\0\0"
    elif (head[1] == _APP2 and data.startswith(_ICC)) or (head[1] == _APP14 and data.startswith(_ADOBE)):
        kept = data
    elif head[1] == _APP1 and data.startswith(_EXIF):
        way_up = found.kept_exif(data)
        kept = way_up and _EXIF + way_up
    elif head[1] == _APP1 and _XMP_PLACE in data:
        found.has_xmp_place = True
    if kept:
        yield head + (len(kept) + 2).to_bytes(2) + kept


def _webp(content: bytes, found: _Found) -> Iterator[bytes]:
    """Yield a WebP with the chunks that stay; what follows its end is left out."""
    end = 8 + int.from_bytes(_bytes(content, 4, 4), "little")
    if end > len(content) + 1:
        raise DamagedError
    kept: list[tuple[bytes, bytes]] = []
    position = 12
    while position < min(end, len(content)):
        kind, size = _bytes(content, position, 4), int.from_bytes(_bytes(content, position + 4, 4), "little")
        data = _bytes(content, position + 8, size)
        position += 8 + size + size % 2
        if kind in _WEBP_KEPT:
            kept.append((kind, data))
        elif kind == b"EXIF" and (way_up := found.kept_exif(data)):
            kept.append((kind, way_up))
        elif kind == b"XMP " and _XMP_PLACE in data:
            found.has_xmp_place = True
    if not kept:
        raise DamagedError
    chunks = b"".join(_webp_chunk(kind, data, has_exif=bool(found.exif.way_up)) for kind, data in kept)
    yield b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WEBP" + chunks


def _webp_chunk(kind: bytes, data: bytes, *, has_exif: bool) -> bytes:
    if kind == b"VP8X" and data:
        flags = data[0] & ~(_WEBP_HAS_EXIF | _WEBP_HAS_XMP) | (_WEBP_HAS_EXIF if has_exif else 0)
        data = bytes((flags,)) + data[1:]
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def _bytes(content: bytes, start: int, size: int) -> bytes:
    """Return so many bytes of a file; raises DamagedError where it has fewer."""
    block = content[start : start + size] if size >= 0 else b""
    if size < 0 or len(block) != size:
        raise DamagedError
    return block


_READERS: Mapping[str, Callable[[bytes, _Found], Iterator[bytes]]] = MappingProxyType(
    {"png": _png, "jpg": _jpeg, "webp": _webp}
)
