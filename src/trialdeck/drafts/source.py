"""Read the source of a trial from the line `Source:` of a page."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from trialdeck.records.model import Source

_SOURCE = re.compile(r"[#*_ ]*source[*_ ]*[:：]\s*(.*)", re.IGNORECASE | re.DOTALL)
_VIEW = re.compile(r"\[?view publication[\s→›»>]*(?:\]\((\S+)\))?", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)
# A card makes its own link from the DOI.
_DOI_LINK = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_DOI_NAME = re.compile(r"doi[:\s]\s*", re.IGNORECASE)
# The oldest DOIs contain `<`; skip them, since half a DOI would be wrong.
_WORD = re.compile(r"(?<![^\s\"<>])[^\s\"<>]++(?!<[0-9])")
_DOI = re.compile(r"\b10\.[0-9]{4,9}/[^\s\"<>]++")
_JOURNAL = re.compile(r"\b(?:19|20)[0-9]{2}\s*;\s*[0-9]")
_REGISTRY = re.compile(
    r"\b(?:NCT[0-9]{8}|ISRCTN[0-9]{8}|ACTRN[0-9]{14}|DRKS[0-9]{8}|jRCTs?[0-9]{9,10}|(?:JPRN-)?UMIN[0-9]{9}"
    r"|PACTR[0-9]{15,16})\b"
)
NCT = re.compile(r"\bNCT[0-9]{8}\b", re.IGNORECASE)
"""A number of ClinicalTrials.gov."""
_POINTER = re.compile(r"(?:doi|pmid|url)?[:\s]*(?:https?://\S+|10\.[0-9]{4,9}/\S+|NCT[0-9]{8})[.;,]?", re.IGNORECASE)
_TAIL = ".,;:!?'’”\"»…→*_`|\\"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_WEB_TAIL = re.compile(r"(?:[?#].*|/(?:full|pdf|epdf|abstract|fulltext|meta)/?)\Z", re.IGNORECASE)


def source_text(text: str) -> str | None:
    """Return the text after `Source:`; `None` if the line does not start with it."""
    match = _SOURCE.fullmatch(text)
    return match[1].strip("*_ ") if match else None


def without_view(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a source without `View publication →` at its start or end, and the link target of these words."""
    match = _VIEW.match(text) or next((view for view in _VIEW.finditer(text) if view.end() == len(text)), None)
    if not match:
        return text, ()
    return (text[: match.start()] + text[match.end() :]).strip(), (match[1],) if match[1] else ()


def names_publication(text: str) -> bool:
    """Whether a line below a bare `Source:` says where the publication is, so that it is not the abstract."""
    return bool(_match_doi(text) or _LINK.search(text) or _JOURNAL.search(text))


def is_pointer(text: str) -> bool:
    """Whether a line is only a URL, DOI or registry number of the publication."""
    return bool(_POINTER.fullmatch(text))


def make_source(citation: str, links: Sequence[str]) -> Source:
    """Return the source that is described by a citation in plain text and the targets of its links."""
    targets = [link.strip() for link in links if _LINK.fullmatch(link.strip())]
    addresses = [link for link in map(_link, (citation, *targets)) if link and not _DOI_LINK.match(link)]
    return Source(
        citation=citation,
        doi=next((doi for doi in map(doi_of, (citation, *targets)) if doi), ""),
        registry=registry_of(citation),
        url=next(iter(addresses), ""),
    )


def bare_doi(text: str) -> str:
    """Return the DOI of a text that is only a URL or a DOI; any other text is returned unchanged."""
    bare = _DOI_NAME.sub("", text)
    return text if " " in bare else doi_of(unquote(bare) if "://" in bare else bare) or text


def registry_of(text: str) -> str:
    """Return the first registry number of a text, before all one of ClinicalTrials.gov; empty if there is none."""
    nct = NCT.search(text)
    other = _REGISTRY.search(text)
    return nct[0].upper() if nct else other[0] if other else ""


def _link(text: str) -> str:
    match = _LINK.search(text)
    link = _without_punctuation(match[0]) if match else ""
    scheme, _, address = link.partition("://")
    return f"{scheme.lower()}://{address}" if address else ""


def doi_of(text: str) -> str:
    """Return the first DOI of a text; empty if there is none."""
    match = _match_doi(text)
    if not match:
        return ""
    start = text.rfind(" ", 0, match.start()) + 1
    within_link = "://" in text[start : match.start()]
    doi = _without_punctuation(_WEB_TAIL.sub("", _WEB_TAIL.sub("", match[0])) if within_link else match[0])
    return doi if len(doi.partition("/")[2]) else ""


def _match_doi(text: str) -> re.Match[str] | None:
    """Return the first DOI in a text; each word is searched once."""
    matches = (_DOI.search(text, word.start(), word.end()) for word in _WORD.finditer(text))
    return next((doi for doi in matches if doi), None)


def _without_punctuation(text: str) -> str:
    """Return an address without the punctuation of its sentence; brackets that belong to a DOI stay."""
    surplus = {closer: text.count(closer) - text.count(opener) for closer, opener in _PAIRS.items()}
    end = len(text)
    while end and (text[end - 1] in _TAIL or surplus.get(text[end - 1], 0) > 0):
        end -= 1
        if text[end] in surplus:
            surplus[text[end]] -= 1
    return text[:end]
