"""The two things that a package has to know of EXIF data: which way up a picture is, and whether it names a place.

EXIF is a TIFF file within the picture (CIPA DC-008, TIFF 6.0): a byte order, and tables of tags with their values.
"""

import struct

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
