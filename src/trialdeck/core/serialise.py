"""Serialise values for the cache and for other processes: compressed, with a checksum."""

import threading
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
import zstandard

_T = TypeVar("_T")
_LEVEL = 1


class _Zstandard(threading.local):
    """The compressor and the decompressor of a thread: two threads must not use one at the same time."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress
        self.decompress = zstandard.ZstdDecompressor().decompress


_ZSTANDARD = _Zstandard()


class DamagedDataError(Exception):
    """Bytes are not what was packed; their reader makes the value again."""


def packed(value: Any) -> bytes:
    """Return a value as bytes, compressed and with a checksum."""
    return _ZSTANDARD.compress(_encoder()(value))


def unpacked(content: bytes, kind: type[_T]) -> _T:
    """Return the value that was packed; raises DamagedDataError if the bytes hold no value of this kind."""
    try:
        decoder: msgspec.msgpack.Decoder[_T] = _decoder(kind)  # type: ignore[arg-type] # classes can be hashed
        value = decoder.decode(_ZSTANDARD.decompress(content))
    except (zstandard.ZstdError, ValueError) as error:
        raise DamagedDataError(str(error)) from error
    return value


def digest(*parts: bytes) -> bytes:
    """Return a digest of bytes in their order, 15 bytes long; `ab`, `c` and `a`, `bc` give different digests."""
    # Python needs a third more memory for 16 bytes than for 15, and seven digests of each trial are held in memory.
    return blake2b(_encoder()(parts), digest_size=15).digest()


def path_bytes(path: str) -> bytes:
    """Return the bytes of a path, which need not be UTF-8, for a digest."""
    return path.encode("utf-8", "surrogateescape")


@cache
def _encoder() -> Callable[[Any], bytes]:
    return msgspec.msgpack.Encoder().encode


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
