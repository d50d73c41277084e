"""Targets that read packages: a file as it is, a database within a sound file, lists of media, and protobuf."""

import sqlite3
import tempfile
import zipfile
from contextlib import closing
from functools import cache
from pathlib import Path

import zstandard

from trialdeck.apkg.container import ContainerFormat, read_media_list
from trialdeck.apkg.inspect import inspect
from trialdeck.apkg.protobuf import bytes_field, bytes_fields, number_field
from trialdeck.apkg.reader import opened_package, read_package
from trialdeck.cli.output.inspect import inspected_json, inspected_text, note_line
from trialdeck.core.errors import TrialdeckError


@cache
def _file() -> Path:
    return Path(tempfile.mkdtemp(prefix="trialdeck-fuzz-"), "x.apkg")


def _look_into(path: Path) -> None:
    try:
        with opened_package(path) as opened:
            found = inspect(path, opened, read_media_list(path, opened.form))
            assert inspected_json(found)
            assert list(inspected_text(found))
            lines = [note_line(note) for note in opened.notes()]
        package = read_package(path)
    except TrialdeckError as error:
        assert str(path) in str(error)  # noqa: PT017 - a target runs without pytest
        return
    assert len(package.notes) == len(lines)
    assert [path] == list(path.parent.iterdir())


def package(content: bytes) -> None:
    """The bytes as the file itself."""
    path = _file()
    path.write_bytes(content)
    _look_into(path)


def pack(members: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> Path:
    """A sound zip file with some members."""
    path = _file()
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def database(content: bytes) -> None:
    """The bytes as the database in a sound file."""
    _look_into(pack({"collection.anki2": content, "media": b"{}"}))


def media(content: bytes) -> None:
    """The bytes as the list of media, in both forms, and as what Zstandard unpacks."""
    squeezed = zstandard.ZstdCompressor(level=1).compress(content)
    for form, packed in (
        (ContainerFormat.OLD, content),
        (ContainerFormat.COMPRESSED, squeezed),
        (ContainerFormat.COMPRESSED, content),
    ):
        try:
            found = read_media_list(pack({"media": packed, "0": b"x"}), form)
        except TrialdeckError:
            continue
        assert set(found.faulty) <= found.sizes.keys()


def meta(content: bytes) -> None:
    """The bytes as the version of a package, and as its compressed database."""
    _look_into(pack({"meta": content, "collection.anki21b": content}))


def wire(content: bytes) -> None:
    """The bytes as a message of protobuf."""
    for read in (
        lambda: bytes_field(content, 1),
        lambda: list(bytes_fields(content, 2)),
        lambda: number_field(content, 1),
    ):
        try:
            read()
        except ValueError:
            continue


def small(content: bytes) -> bytes:
    """A database in pages of 512 bytes, of which a fuzzer can alter a good part."""
    path = _file().with_name("small.db")
    path.write_bytes(content)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA page_size = 512")
        connection.execute("VACUUM")
    content = path.read_bytes()
    path.unlink()
    return content
