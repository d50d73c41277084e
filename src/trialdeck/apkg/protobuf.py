"""Read the few protobuf messages that Anki's packages contain (numbered fields only).

The format is described at https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Iterator

# In bits: ten bytes of seven.
_LONGEST_VARINT = 70


def bytes_field(message: bytes, number: int) -> bytes:
    """Return a field that holds bytes, a text or a message; empty where it is left out.

    Of several the last one counts, as protobuf has it. Raises ValueError where the message is damaged.
    """
    found = [value for each, value in _fields(message) if each == number and isinstance(value, bytes)]
    return found[-1] if found else b""


def bytes_fields(message: bytes, number: int) -> Iterator[bytes]:
    """Yield a repeated field of bytes, in order. Raises ValueError like `bytes_field`."""
    return (value for each, value in _fields(message) if each == number and isinstance(value, bytes))


def number_field(message: bytes, number: int) -> int:
    """Return a field that holds a whole number; 0 where it is left out. Raises ValueError like `bytes_field`."""
    found = [value for each, value in _fields(message) if each == number and isinstance(value, int)]
    return found[-1] if found else 0


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        match key & 7:
            case 0:  # a varint
                value, place = _varint(message, place)
                yield key >> 3, value
                continue
            case 1:  # 64 bits
                length = 8
            case 2:  # a length, and that many bytes
                length, place = _varint(message, place)
            case 5:  # 32 bits
                length = 4
            case kind:
                raise ValueError(f"a setting has a part of unknown kind {kind}")
        if place + length > len(message):
            raise ValueError("a setting ends too early")
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Return the number that starts at a place, seven bits a byte, and the place behind it."""
    number = 0
    for shift in range(0, _LONGEST_VARINT, 7):
        if place >= len(message):
            raise ValueError("a setting ends too early")
        byte = message[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
    raise ValueError("a setting has a number that never ends")
