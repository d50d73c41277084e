"""Pictures travel without what they say beside the picture, and with every pixel as it was."""

import base64
import io
import json
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from projects import Project
from trialdeck.project.check import check
from trialdeck.records.media.files import MediaCache, MediaFault
from trialdeck.records.media.image_metadata import (
    NO_EXIF,
    Bare,
    DamagedError,
    picture_ending,
    read_exif,
    without_metadata,
)
from trialdeck.records.media.svg_file import plain_svg

SECRET = "Hidden-Words"
ORIENTATION, DESCRIPTION, GPS, ROTATED = 0x0112, 0x010E, 0x8825, 6
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a exif:GPSLatitude="1,2N">{SECRET}</a></x:xmpmeta>'.encode()
FORMS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}


def drawn(mode: str = "RGB") -> Image.Image:
    """A picture in which no two pixels beside each other are alike."""
    picture = Image.new("RGB", (33, 21))
    picture.putdata([(x * 7 % 256, y * 11 % 256, x * y % 256) for y in range(21) for x in range(33)])
    return picture.convert(mode)


def exif(*, way: int = 1, with_place: bool = True) -> bytes:
    """EXIF data with a description, a way up, and a place."""
    data = Image.Exif()
    data[DESCRIPTION] = SECRET
    data[ORIENTATION] = way
    if with_place:
        data[GPS] = {1: "N", 2: (48.0, 51.0, 24.0)}
    return data.tobytes()


def saved(form: str, mode: str = "RGB", frames: int = 1, **options: Any) -> bytes:
    """The bytes of such a picture in a format of Pillow's."""
    file = io.BytesIO()
    first = drawn(mode)
    more = [ImageOps.mirror(first)] * (frames - 1)
    many = {"save_all": True, "append_images": more} if more else {}
    first.save(file, form, **options, **many)
    return file.getvalue()


def with_texts() -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET)
    texts.add_text("Comment", SECRET, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add(b"tIME", b"\x07\xe8\x01\x01\0\0\0")
    return texts


PROFILE = b"\0" * 36 + b"acsp" + b"\0" * 88
PICTURES = {
    "png": ("png", saved("PNG", pnginfo=with_texts(), exif=exif(), icc_profile=PROFILE, dpi=(300, 300))),
    "png with a palette": ("png", saved("PNG", "P", pnginfo=with_texts(), transparency=3)),
    "png of sixteen bits": ("png", saved("PNG", "I;16", exif=exif())),
    "png that moves": ("png", saved("PNG", frames=3, exif=exif(), duration=100)),
    "png, turned": ("png", saved("PNG", exif=exif(way=ROTATED))),
    "jpeg": ("jpg", saved("JPEG", comment=SECRET, xmp=XMP, exif=exif(), icc_profile=PROFILE)),
    "jpeg, progressive": ("jpg", saved("JPEG", comment=SECRET, exif=exif(), progressive=True)),
    "jpeg in four inks": ("jpg", saved("JPEG", "CMYK", exif=exif())),
    "jpeg with restarts": ("jpg", saved("JPEG", exif=exif(), restart_marker_blocks=1)),
    "jpeg, turned": ("jpg", saved("JPEG", exif=exif(way=ROTATED))),
    "webp": ("webp", saved("WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE)),
    "webp, lossless": ("webp", saved("WEBP", "RGBA", exif=exif(), lossless=True)),
    "webp that moves": ("webp", saved("WEBP", frames=3, exif=exif(), duration=100)),
    "webp, turned": ("webp", saved("WEBP", exif=exif(way=ROTATED))),
}


def pixels(content: bytes) -> list[bytes]:
    """The pixels of all frames, as they are stored."""
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as picture:
        frames = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            frames.append(picture.tobytes())
        return frames


@pytest.mark.parametrize("name", PICTURES)
def test_metadata_goes_and_every_pixel_stays(name: str) -> None:
    ending, content = PICTURES[name]
    bare = without_metadata(content, ending).content
    assert SECRET.encode() in content or b"zTXt" in content
    assert SECRET.encode() not in bare
    assert pixels(bare) == pixels(content)
    with Image.open(io.BytesIO(bare)) as picture, Image.open(io.BytesIO(content)) as former:
        assert (picture.size, picture.mode) == (former.size, former.mode)
        assert picture.info.get("icc_profile") == former.info.get("icc_profile")
        assert set(picture.getexif()) <= {ORIENTATION}
        assert picture.getexif().get(ORIENTATION, 1) == former.getexif().get(ORIENTATION, 1)
        assert ImageOps.exif_transpose(picture).tobytes() == ImageOps.exif_transpose(former).tobytes()
        assert not {"comment", "xmp", "Author", "Comment", "XML:com.adobe.xmp"} & set(picture.info)


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_bare_stays_as_it_is(name: str) -> None:
    ending, content = PICTURES[name]
    bare = without_metadata(content, ending).content
    assert without_metadata(bare, ending) == Bare(bare)


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_without_metadata_keeps_its_bytes(form: str) -> None:
    content = saved(FORMS[form])
    assert without_metadata(content, form) == Bare(content)


def in_chunk(kind: bytes, data: bytes) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add(kind, data)
    return saved("PNG", pnginfo=texts)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0Ort\0"),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"),
        (b"zTXt", b"XML:com.adobe.xmp\0\0"),
    ],
)
def test_a_place_is_noticed_in_a_compressed_text(kind: bytes, start: bytes) -> None:
    assert without_metadata(in_chunk(kind, start + zlib.compress(XMP)), "png").had_place
    assert not without_metadata(in_chunk(kind, start + zlib.compress(XMP.replace(b"GPS", b"gps"))), "png").had_place
    # One that is cut off says what it says before that, and one that is broken nothing.
    assert without_metadata(in_chunk(kind, start + zlib.compress(XMP)[:-1]), "png").had_place
    for broken in (b"", b"no text", start[:-1]):
        assert not without_metadata(in_chunk(kind, start + broken), "png").had_place


def test_no_more_than_64_kb_of_a_compressed_text_are_looked_at() -> None:
    start = b"XML:com.adobe.xmp\0\1\0\0\0"
    for before, had_place in ((65_000, True), (66_000, False), (30_000_000, False)):
        packed = zlib.compress(b" " * before + b"GPSLatitude")
        assert without_metadata(in_chunk(b"iTXt", start + packed), "png").had_place == had_place


def test_a_place_in_a_plain_text_is_noticed() -> None:
    assert without_metadata(in_chunk(b"tEXt", b"XMP\0" + XMP), "png").had_place


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("options", "had_place"), [({"exif": exif()}, True), ({"exif": exif(with_place=False)}, False)]
)
def test_a_place_is_noticed(form: str, options: dict[str, Any], had_place: bool) -> None:
    assert without_metadata(saved(FORMS[form], **options), form).had_place == had_place


@pytest.mark.parametrize(
    ("form", "options"), [("jpg", {"xmp": XMP}), ("webp", {"xmp": XMP}), ("png", {"pnginfo": with_texts()})]
)
def test_a_place_is_noticed_in_xmp_too(form: str, options: dict[str, Any]) -> None:
    assert without_metadata(saved(FORMS[form], **options), form).had_place


@pytest.mark.parametrize("form", FORMS)
def test_what_follows_the_end_of_a_picture_is_left_out(form: str) -> None:
    content = saved(FORMS[form])
    assert without_metadata(content + saved("JPEG", exif=exif()), form).content == content


def test_a_thumbnail_of_a_jpeg_goes() -> None:
    content = saved("JPEG")
    start = content.index(b"JFIF\0") - 4
    size = int.from_bytes(content[start + 2 : start + 4])
    head = content[start + 4 : start + 2 + size - 2] + b"\x01\x01" + b"\xaa\xbb\xcc"
    fat = content[:start] + b"\xff\xe0" + (len(head) + 2).to_bytes(2) + head + content[start + 2 + size :]
    assert pixels(fat) == pixels(content)
    assert without_metadata(fat, "jpg").content == content


def test_a_jpeg_that_was_cut_off_in_its_pixels_is_taken() -> None:
    content = saved("JPEG", quality=95)
    cut = content[: len(content) - 200]
    assert without_metadata(cut, "jpg").content == cut


@pytest.mark.parametrize(("form", "kept"), [("png", 0.7), ("jpg", 0.02), ("webp", 0.7)])
def test_a_damaged_picture_is_refused_with_a_hint(form: str, kept: float, tmp_path: Path) -> None:
    content = saved(FORMS[form])
    (tmp_path / f"x.{form}").write_bytes(content[: max(16, int(len(content) * kept))])
    found = MediaCache().media(f"x.{form}", tmp_path)
    assert isinstance(found, MediaFault)
    assert (found.code, found.hint) == ("TD213", "export it anew")
    assert "damaged" in found.message


@given(st.sampled_from(sorted(PICTURES)), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6))
def test_a_picture_with_wrong_bytes_is_refused_or_shows_the_same(name: str, wrong: list[tuple[int, int]]) -> None:
    ending, content = PICTURES[name]
    mutated = bytearray(content)
    for place, byte in wrong:
        mutated[place % len(mutated)] = byte
    try:
        bare = without_metadata(bytes(mutated), ending).content
    except DamagedError:
        return
    try:
        before = pixels(bytes(mutated))
    except (OSError, SyntaxError, ValueError, EOFError):
        return
    assert pixels(bare) == before


@given(st.binary(max_size=300), st.sampled_from(sorted(FORMS)))
def test_any_bytes_are_refused_or_copied(tail: bytes, form: str) -> None:
    start = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "webp": b"RIFF\x40\0\0\0WEBP"}[form]
    try:
        bare = without_metadata(start + tail, form)
    except DamagedError:
        return
    assert picture_ending(bare.content) == form


@given(st.binary(max_size=200))
def test_any_exif_data_can_be_read(data: bytes) -> None:
    for start in (b"", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0\xff\xff"):
        assert read_exif(start + data).way_up[:4] in {b"", b"MM\0*"}


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\x09"])
def test_exif_data_that_is_cut_off_says_nothing(data: bytes) -> None:
    assert read_exif(data) == NO_EXIF


# Embedded in an SVG


def svg_with(data: str, kind: str = "jpeg") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg"><image href="data:image/{kind};base64,{data}"/></svg>'.encode()


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_an_embedded_picture_loses_its_metadata(kind: str) -> None:
    content = saved("JPEG", exif=exif(), comment=SECRET)
    plain, fault = plain_svg(svg_with(base64.encodebytes(content).decode(), kind))
    assert fault == ""
    embedded = base64.b64decode(plain.partition(b"base64,")[2].partition(b'"')[0])
    assert SECRET.encode() not in embedded
    assert pixels(embedded) == pixels(content)


def test_an_embedded_picture_without_metadata_stays_as_it_was_written() -> None:
    data = base64.b64encode(saved("JPEG")).decode()
    assert f"base64,{data}" in plain_svg(svg_with(data))[0].decode()


def test_an_embedded_picture_that_is_damaged_is_a_fault() -> None:
    data = base64.b64encode(saved("PNG")[:60]).decode()
    assert plain_svg(svg_with(data)) == (b"", "embeds a picture that is damaged")


# Packages


def test_a_package_and_the_warning(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record()
    figure = "    figures: [{file: photo.jpg, alt: A photo, license: CC0}]\n"
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    project.text("dawn-1", text.replace("It binds **dawnin**.\n", f"It binds **dawnin**.\n{figure}"))
    (project.seeds / "photo.jpg").write_bytes(saved("JPEG", exif=exif(), comment=SECRET))
    (problem,) = check([project.seeds]).problems
    assert (problem.code, problem.message) == ("TD411", "'photo.jpg' says where it was taken; packages and site do not")
    project.build()
    with zipfile.ZipFile(project.decks / "dawn-1.apkg") as archive:
        ((number, name),) = json.loads(archive.read("media")).items()
        packed = archive.read(number)
    assert SECRET.encode() not in packed
    assert packed == without_metadata((project.seeds / "photo.jpg").read_bytes(), "jpg").content
    former = name
    # The same picture, described otherwise, is the same file.
    (project.seeds / "photo.jpg").write_bytes(saved("JPEG", comment="Other words"))
    project.build()
    with zipfile.ZipFile(project.decks / "dawn-1.apkg") as archive:
        assert list(json.loads(archive.read("media")).values()) == [former]
