"""Take notes in a Word file apart: mammoth makes HTML of it, and what it drops is listed."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

import msgspec
from bs4 import BeautifulSoup
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.system.extras import install_hint
from trialdeck.drafts.prose.formats.html_notes import read_html
from trialdeck.drafts.prose.pieces import Document, Unit, units_of
from trialdeck.markdown.html.elements import text_of

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BODY = "word/document.xml"
_LARGEST_PART = 50_000_000
_AROUND = (("word/header", "in the header of the Word file"), ("word/footer", "in the footer of the Word file"),
           ("word/comments.xml", "a comment in the Word file"))  # fmt: skip
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Heading 7'] => h6:fresh
p[style-name='Heading 8'] => h6:fresh
p[style-name='Heading 9'] => h6:fresh
strike => s
"""
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, OSError, EOFError, OverflowError,
    RuntimeError,
)  # fmt: skip
"""What zipfile raises where an archive is damaged, encrypted or compressed in an unknown way."""
_BROKEN = TrialdeckError("the Word file is damaged", "open it in Word, save it again, and name that file")


class _Part(msgspec.Struct, frozen=True):
    text: str
    reason: str


def read_word(content: bytes) -> Document:
    """Return the pieces of notes in a Word file; its lines are counted by paragraphs.

    Raises TrialdeckError if mammoth is not installed, or if the file is damaged.
    """
    parts = _parts(content)
    html = _html(content)
    dropped = [*_dropped(parts), *_unread(parts, html)]
    html = html.replace("</p>", "</p>\n").replace("</h", "\n</h").replace("</li>", "</li>\n")
    document = read_html(html) or Document(())
    pieces = document.pieces
    last = max((unit.id for unit in units_of(pieces)), default=0)
    left = tuple((Unit(last + index, 0, part.text), part.reason) for index, part in enumerate(dropped, 1))
    return Document(pieces, left, document.hidden, (), document.looks, document.losses)


def _html(content: bytes) -> str:
    try:
        import mammoth  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TrialdeckError("Word files need the library mammoth", install_hint("word")) from error
    ignored = mammoth.images.img_element(lambda _: {"src": "picture"})
    try:
        return str(mammoth.convert_to_html(io.BytesIO(content), style_map=_STYLES, convert_image=ignored).value)
    except Exception as error:  # mammoth raises what its parsers do, of any kind
        raise _BROKEN from error


def _parts(content: bytes) -> Mapping[str, Element]:
    """Return the parts of a Word file that hold text, by their names."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(part.file_size > _LARGEST_PART for part in archive.infolist()):
                raise TrialdeckError("the Word file is too large", "save the notes of one trial, without pictures")
            names = sorted(archive.namelist())
            parts = {name: fromstring(archive.read(name)) for name in names
                     if name.startswith("word/") and name.endswith(".xml")}  # fmt: skip
    except (ParseError, DefusedXmlException, *_DAMAGE) as error:
        raise _BROKEN from error
    if _BODY not in parts:
        raise _BROKEN
    return parts


def _dropped(parts: Mapping[str, Element]) -> Iterator[_Part]:
    """Yield what mammoth leaves out by its rules."""
    body = parts[_BODY]
    yield from _texts(body, f"{_W}del", f"{_W}delText", "deleted in a tracked change")
    yield from _texts(body, f"{_W}moveFrom", f"{_W}t", "moved away in a tracked change")
    yield from _texts(body, f"{_M}oMath", f"{_M}t", "an equation; write it as \\(…\\)")
    for name, root in parts.items():
        reason = next((reason for start, reason in _AROUND if name.startswith(start)), "")
        yield from (_texts(root, f"{_W}p", f"{_W}t", reason) if reason else ())
    drawings = [element for element in body.iter() if element.tag.endswith(("}chart", "}relIds", "}OLEObject"))]
    yield from (_Part("", "a drawing, chart or embedded file") for _ in drawings)


def _unread(parts: Mapping[str, Element], html: str) -> Iterator[_Part]:
    """Yield the paragraphs whose text is not in the HTML, whatever the reason."""
    seen = "".join(text_of(BeautifulSoup(html, "html.parser")).split())
    for name in (_BODY, "word/footnotes.xml", "word/endnotes.xml"):
        paragraphs = parts[name].iter(f"{_W}p") if name in parts else ()
        for paragraph in paragraphs:
            moved = {id(text) for part in paragraph.iter(f"{_W}moveFrom") for text in part.iter(f"{_W}t")}
            holds_others = next(paragraph.iterfind(f".//{_W}p"), None) is not None
            texts = [part.text or "" for part in paragraph.iter(f"{_W}t") if id(part) not in moved]
            text = "".join(texts)
            if not holds_others and "".join(text.split()) not in seen:
                yield _Part(" ".join(text.split()), "a part of the Word file that could not be read")


def _texts(root: Element, around: str, inside: str, reason: str) -> Iterator[_Part]:
    for element in root.iter(around):
        text = "".join(part.text or "" for part in element.iter(inside)).strip()
        if text:
            yield _Part(" ".join(text.split()), reason)
