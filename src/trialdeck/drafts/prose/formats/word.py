"""Take notes in a Word file apart: mammoth makes HTML of it, and what it drops is listed."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.prose.formats.html_notes import read_html
from trialdeck.drafts.prose.pieces import Document, Unit, units_of

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
_BROKEN = TrialdeckError("the Word file is damaged", "open it in Word, save it again, and name that file")


class _Part(msgspec.Struct, frozen=True):
    text: str
    reason: str


def read_word(content: bytes) -> Document:
    """Return the pieces of notes in a Word file; its lines are counted by paragraphs.

    Raises TrialdeckError if mammoth is not installed, or if the file is damaged.
    """
    dropped = list(_dropped(content))
    html = _html(content).replace("</p>", "</p>\n").replace("</h", "\n</h").replace("</li>", "</li>\n")
    document = read_html(html) or Document(())
    pieces = document.pieces
    last = max((unit.id for unit in units_of(pieces)), default=0)
    left = tuple((Unit(last + index, 0, part.text), part.reason) for index, part in enumerate(dropped, 1))
    return Document(pieces, left, document.hidden, (), document.looks, document.losses)


def _html(content: bytes) -> str:
    try:
        import mammoth  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TrialdeckError("Word files need the library mammoth", "pip install 'trialdeck[word]'") from error
    ignored = mammoth.images.img_element(lambda _: {"src": "picture"})
    try:
        return str(mammoth.convert_to_html(io.BytesIO(content), style_map=_STYLES, convert_image=ignored).value)
    except Exception as error:  # mammoth raises what its parsers do, of any kind
        raise _BROKEN from error


def _dropped(content: bytes) -> Iterator[_Part]:
    """Yield the texts of a Word file that mammoth does not give."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(part.file_size > _LARGEST_PART for part in archive.infolist()):
                raise TrialdeckError("the Word file is too large", "save the notes of one trial, without pictures")
            names = sorted(archive.namelist())
            parts = {name: fromstring(archive.read(name)) for name in names
                     if name.startswith("word/") and name.endswith(".xml")}  # fmt: skip
    except (zipfile.BadZipFile, ParseError, DefusedXmlException, ValueError, OSError, EOFError,
            NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise _BROKEN from error
    if _BODY not in parts:
        raise _BROKEN
    body = parts[_BODY]
    yield from _texts(body, f"{_W}del", f"{_W}delText", "deleted in a tracked change")
    yield from _texts(body, f"{_W}moveFrom", f"{_W}t", "moved away in a tracked change")
    yield from _texts(body, f"{_M}oMath", f"{_M}t", "an equation; write it as \\(…\\)")
    for name, root in parts.items():
        reason = next((reason for start, reason in _AROUND if name.startswith(start)), "")
        yield from (_texts(root, f"{_W}p", f"{_W}t", reason) if reason else ())
    drawings = [element for element in body.iter() if element.tag.endswith(("}chart", "}relIds", "}OLEObject"))]
    yield from (_Part("", "a drawing, chart or embedded file") for _ in drawings)


def _texts(root: Element, around: str, inside: str, reason: str) -> Iterator[_Part]:
    for element in root.iter(around):
        text = "".join(part.text or "" for part in element.iter(inside)).strip()
        if text:
            yield _Part(" ".join(text.split()), reason)
