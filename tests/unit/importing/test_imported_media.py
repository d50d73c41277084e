"""The media of a package are read one by one, those of today's Anki too, which are compressed."""

import zipfile
from pathlib import Path

import zstandard

from trialdeck.apkg.container import each_medium


def field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message: its number, the length, the bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def packed(path: Path, media: dict[str, bytes]) -> Path:
    """Write a package as Anki does since 2.1.50; of its collection only the name matters here."""
    compress = zstandard.ZstdCompressor().compress
    entries = b"".join(field(1, field(1, name.encode())) for name in media)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("meta", b"\x08\x03")
        archive.writestr("collection.anki21b", b"")
        archive.writestr("media", compress(entries))
        for number, content in enumerate(media.values()):
            archive.writestr(str(number), compress(content))
    return path


def test_media_are_unpacked_by_name(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.colpkg", {"a.png": b"one", "b.png": b"two", "c.png": b"three"})
    assert dict(each_medium(path, {"a.png", "c.png", "missing.png"})) == {"a.png": b"one", "c.png": b"three"}


def test_a_name_that_leads_away_is_left_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.colpkg", {"../a.png": b"one", "b.png": b"two"})
    assert dict(each_medium(path, {"../a.png", "b.png"})) == {"b.png": b"two"}
