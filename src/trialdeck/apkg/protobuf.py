"""Read the few protobuf messages that Anki's packages contain (numbered fields only).

The format is described at https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Iterator

# In bits: ten bytes of seven.
_LONGEST_VARINT = 70


def bytes_field(message: bytes, number: int) -> bytes:
    """Return a field that holds bytes, a text or a message; empty if the message lacks it.

    If the field is repeated, the last one counts, as in protobuf. Raises ValueError if the message is damaged.
    """
    values = [value for field, value in _fields(message) if field == number and isinstance(value, bytes)]
    return values[-1] if values else b""


def bytes_fields(message: bytes, number: int) -> Iterator[bytes]:
    """Yield a repeated field of bytes, in order. Raises ValueError like `bytes_field`."""
    return (value for field, value in _fields(message) if field == number and isinstance(value, bytes))


def number_field(message: bytes, number: int) -> int:
    """Return a field that holds a whole number; 0 if the message lacks it. Raises ValueError like `bytes_field`."""
    values = [value for field, value in _fields(message) if field == number and isinstance(value, int)]
    return values[-1] if values else 0


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        match key & 7:
            case 0:  # a varint
                value, position = _varint(message, position)
                yield key >> 3, value
                continue
            case 1:  # 64 bits
                length = 8
            case 2:  # a length, and that many bytes
                length, position = _varint(message, position)
            case 5:  # 32 bits
                length = 4
            case kind:
                raise ValueError(f"a setting has a part of unknown kind {kind}")
        if position + length > len(message):
            raise ValueError("a setting ends too early")
        yield key >> 3, message[position : position + length]
        position += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """Return the number that starts at a position, seven bits a byte, and the position after it."""
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
