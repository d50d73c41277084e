"""Know source material by its content, never by its name; what cannot be read is refused with what to do."""

import csv
import io
import json
import re
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from string import ascii_letters
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.citations.csl import csl_items, read_csl
from trialdeck.drafts.citations.nbib import is_nbib, read_nbib
from trialdeck.drafts.lines import decode
from trialdeck.drafts.model_output.json_text import has_json, read_model_text
from trialdeck.drafts.model_output.names import COLUMNS, key_of
from trialdeck.drafts.model_output.read import read_output
from trialdeck.drafts.model_output.trials import ModelOutput
from trialdeck.drafts.model_output.values import why
from trialdeck.drafts.page import LARGEST
from trialdeck.drafts.registry.study import Study, studies_in

_BEGINNING = 4_000
_V1 = frozenset({"FullStudiesResponse", "FullStudy", "StudyFieldsResponse"})
_EXPORT = "export the study from ClinicalTrials.gov as JSON (API v2): Download, then JSON"
_WITH_MAP = (
    "ingest it by itself, or use `trialdeck import`: a map says what its fields hold; a table that trialdeck exported "
    "goes to `trialdeck sheet import`"
)
_AS_HTML = "save it as a web page, HTML only"
_SIGNATURES = (
    (
        b"%PDF",
        "a PDF",
        "save the page of the trial as text or HTML, or export the study from ClinicalTrials.gov as JSON",
    ),
    (b"\x89PNG", "a picture", "a record can show it as a figure; name a page, a registry file or a citation here"),
    (b"\xff\xd8\xff", "a picture", "a record can show it as a figure; name a page, a registry file or a citation here"),
    (b"GIF8", "a picture", "a record can show it as a figure; name a page, a registry file or a citation here"),
    (b"RIFF", "a picture", "a record can show it as a figure; name a page, a registry file or a citation here"),
    (b"II*\x00", "a picture", "a record can show it as a figure; name a page, a registry file or a citation here"),
    (b"MM\x00*", "a picture", "a record can show it as a figure; name a page, a registry file or a citation here"),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Word or Excel file, or one with a password",
        "save notes as .docx and tables as .xlsx, without a password",
    ),
    (b"{\\rtf", "a rich text file (RTF)", "save it as .docx, or as text"),
    (b"MIME-Version:", "a web page saved as one file (MHTML)", _AS_HTML),
    (b"From: <Saved by ", "a web page saved as one file (MHTML)", _AS_HTML),
    (b"\x1f\x8b", "a packed file", "unpack it, and name the file in it"),
    (b"7z\xbc\xaf", "a packed file", "unpack it, and name the file in it"),
    (b"SQLite format 3\x00", "a database", "export the deck in Anki as .apkg, then `trialdeck import` it"),
)
_IN_ARCHIVE = (
    ("collection.anki2", "an Anki package", _WITH_MAP),
    ("collection.anki21b", "an Anki package", _WITH_MAP),
    ("xl/workbook.xml", "a workbook", _WITH_MAP),
    ("content.xml", "an OpenDocument file", "save it as .xlsx for `trialdeck sheet import`, or as text"),
)
_RIS = re.compile(r"\s*TY {1,2}- ?\w")
_BIBTEX = re.compile(r"\s*@[A-Za-z]{3,30}\s*[{(]")
_REGISTRY_XML = re.compile(r"<clinical_study\b")
_PUBMED_XML = re.compile(r"<PubmedArticle(?:Set)?\b")
_HTML = re.compile(r"<(?:!doctype html|html|head|body|div|p|h[1-6])\b", re.IGNORECASE)
_ANKI_TEXT = re.compile(r"#(?:separator|html|columns|guid column|notetype column|deck column|tags column):")
_OF_EVERY_RECORD = ("format: ", "id: ", "title: ")
_SEPARATORS = "\t,;"
_ROWS = 3


class NotesError(TrialdeckError):
    """The file holds notes of Anki, or a table: `trialdeck import` reads them, with a map."""


_WORD = "word/document.xml"
_READERS = {
    "bibtex": "read_bibtex",
    "pubmed_xml": "read_pubmed_xml",
    "ris": "read_ris",
}
"""The modules of `drafts/citations/` that need libraries, and what reads a file in each; imported for such a file."""


class Material(msgspec.Struct, frozen=True):
    """One file of source material, read.

    `page` are its bytes if it is a trial page or notes, `output` is what a language model wrote.
    """

    name: str
    studies: tuple[Study, ...] = ()
    citations: tuple[Citation, ...] = ()
    page: bytes | None = None
    output: ModelOutput | None = None


def read_material(content: bytes, name: str) -> Material:
    """Read a file by what it holds; raises TrialdeckError, with what to do, for what cannot be read."""
    _refuse_binary(content)
    if content.startswith(b"PK\x03\x04"):
        return Material(name, page=content)
    text, _ = decode(content)
    start = text[:_BEGINNING].lstrip()
    if start.startswith(("{", "[", "```")) or (not start.startswith("<") and has_json(text)):
        return _json(content, text, name, start)
    if start.startswith("<"):
        return _marked_up(content, name, start)
    if is_nbib(start):
        return Material(name, citations=_some(read_nbib(text)))
    module = "ris" if _RIS.match(start) else "bibtex" if _BIBTEX.match(start) else ""
    if module:
        return Material(name, citations=_some(_read(module, text.lstrip() if module == "ris" else text)))
    _refuse_table(start)
    _refuse_no_notes(start)
    return Material(name, page=content)


def _refuse_no_notes(start: str) -> None:
    if not start:
        raise TrialdeckError("the file is empty", "name a file that says something of the trial")
    if start.count("\0") > len(start) // 4:
        raise TrialdeckError("this is not text, or text in UTF-16 without its mark", "save it as text in UTF-8")
    lines = start.split("\n")
    if all(any(line.startswith(name) for line in lines) for name in _OF_EVERY_RECORD):
        raise TrialdeckError("this is a record already", "`trialdeck check` and `trialdeck build` take it as it is")


def _read(module: str, content: str | bytes) -> list[Citation]:
    reader = getattr(import_module(f"trialdeck.drafts.citations.{module}"), _READERS[module])
    citations: list[Citation] = reader(content)
    return citations


def _refuse_binary(content: bytes) -> None:
    for signature, what, remedy in _SIGNATURES:
        if content.startswith(signature):
            raise TrialdeckError(f"this is {what}, not a page, a registry file or a citation", remedy)
    if not content.startswith(b"PK\x03\x04"):
        return
    names = _names_in(content)
    for name, what, remedy in _IN_ARCHIVE:
        if name in names:
            kind = NotesError if "trialdeck import" in remedy else TrialdeckError
            raise kind(f"this is {what}, not a page, a registry file or a citation", remedy)
    if _WORD in names:
        return
    raise TrialdeckError(
        "this is a packed file, not a page, a registry file or a citation", "unpack it, and name the file in it"
    )


def _names_in(content: bytes) -> frozenset[str]:
    """Return the names in a ZIP archive; those that the file begins with where its end is missing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset(name for name in (_WORD, *(name for name, _, _ in _IN_ARCHIVE)) if name.encode() in content)


def _json(content: bytes, text: str, name: str, start: str) -> Material:
    data = parsed_json(text)
    if data is None:
        return _broken_json(content, text, name, start)
    studies = studies_in(data)
    if studies:
        return Material(name, studies=tuple(map(Study, studies)))
    items = csl_items(data)
    if items:
        return Material(name, citations=_some(read_csl(items)))
    if refusal := _json_refusal(data):
        raise refusal
    return _of_model(text, name)


def _broken_json(content: bytes, text: str, name: str, start: str) -> Material:
    """Return the output of a model that is not quite JSON, or a page that only begins so."""
    if "protocolSection" in text[:_BEGINNING]:
        raise TrialdeckError("this begins like JSON, and is not", f"it may be cut off; {_EXPORT}")
    if has_json(text):
        return _of_model(text, name)
    if start.startswith(("[", "`")):
        return Material(name, page=content)
    raise TrialdeckError("this begins like JSON, and is not", f"it may be cut off; {_EXPORT}")


def _of_model(text: str, name: str) -> Material:
    output = read_output(read_model_text(text))
    if not output.says_something:
        raise TrialdeckError("this JSON is neither a study, nor a citation, nor a record, nor cards",
                             f"{why(output.findings)}; a study: {_EXPORT}")  # fmt: skip
    return Material(name, output=output)


def parsed_json(text: str) -> Any:
    """Return parsed JSON, in which every number is a text with its digits; `None` if it cannot be parsed."""
    try:
        return json.loads(_without_fence(text), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _without_fence(text: str) -> str:
    """Return JSON without the marks that a language model puts around it, whatever language they name."""
    bare = text.strip()
    return bare.strip("`").lstrip(ascii_letters).strip() if bare.startswith("```") else bare


def _json_refusal(data: object) -> TrialdeckError | None:
    keys = (
        set(data)
        if isinstance(data, dict)
        else {key for part in data if isinstance(part, dict) for key in part}
        if isinstance(data, list)
        else set()
    )
    if keys & _V1 or "Study" in keys:
        return TrialdeckError("this is JSON of the registry's old API (v1)", _EXPORT)
    return None


def _marked_up(content: bytes, name: str, start: str) -> Material:
    if _REGISTRY_XML.search(start):
        raise TrialdeckError("this is XML of the registry, which it no longer gives", _EXPORT)
    if _PUBMED_XML.search(start):
        return Material(name, citations=_some(_read("pubmed_xml", content)))
    if start.startswith("<?xml") and not _HTML.search(start):
        raise TrialdeckError(
            "this XML is neither a PubMed citation nor a page", "export the citation from PubMed as .nbib"
        )
    return Material(name, page=content)


def _refuse_table(start: str) -> None:
    if _ANKI_TEXT.match(start):
        raise NotesError("this is Anki's export of notes as text", _WITH_MAP)
    for separator in _SEPARATORS:
        rows = _rows(start, separator)
        counts = {len(row) for row in rows}
        named = sum(key_of(cell) in COLUMNS for cell in rows[0]) if rows else 0
        if len(rows) > 1 and (named > 1 or (len(counts) == 1 and counts.pop() > 2)):
            raise NotesError("this is a table", _WITH_MAP)


def _rows(start: str, separator: str) -> list[list[str]]:
    """Return the first rows of a text as a table, without empty ones and without one that may be cut off."""
    try:
        rows = [row for row in csv.reader(io.StringIO(start, newline=""), delimiter=separator) if any(row)]
    except csv.Error:
        return []
    return (rows[:-1] if len(start) == _BEGINNING else rows)[:_ROWS]


def _some(citations: list[Citation]) -> tuple[Citation, ...]:
    named = tuple(citation for citation in citations if citation.title or citation.identities)
    if not named:
        raise TrialdeckError(
            "this file of citations holds none that can be read", "export the citation again, as .nbib from PubMed"
        )
    return named


STANDARD_INPUT = "-"
LARGEST_JSON = 50_000_000
"""How many bytes of a registry file are read: a download of a search holds many studies."""


def content_of(page: str) -> bytes:
    """Return the bytes of a file of source material; `-` is standard input.

    Of a page that is too large, only the start is read; JSON may hold many studies, and may be larger. Raises
    TrialdeckError if the file cannot be read, or if JSON has more than `LARGEST_JSON` bytes.
    """
    if page == STANDARD_INPUT:
        start = sys.stdin.buffer.read(LARGEST + 1)
        return _whole(page, start + sys.stdin.buffer.read(LARGEST_JSON)) if _is_large_json(start) else start
    return file_content(page)


def file_content(page: str) -> bytes:
    """Return the bytes of a file of source material as `content_of` does; `-` is a file of that name."""
    start = read_file_or_error(Path(page), page, LARGEST)
    return _whole(page, read_file_or_error(Path(page), page, LARGEST_JSON)) if _is_large_json(start) else start


def _is_large_json(start: bytes) -> bool:
    return len(start) > LARGEST and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _whole(page: str, content: bytes) -> bytes:
    if len(content) > LARGEST_JSON:
        raise TrialdeckError(f"{page}: it has more than {LARGEST_JSON:,} bytes", "download fewer studies at a time")
    return content
