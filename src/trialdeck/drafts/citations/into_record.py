"""Add a citation to the source of a record that exists; what the record says already stays."""

from collections.abc import Mapping
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import shortened
from trialdeck.drafts.citations.citation import Citation, year_in
from trialdeck.markdown.render import escape_markdown
from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.edit import Edit, Put, edited

_ORDER = ("citation", "doi", "registry", "url")
_RECORD = ("format", "id", "acronym", "title", "formerly", "source")


class SourceChange(msgspec.Struct, frozen=True):
    """A record with a citation in its source, and what to say about each part of it."""

    content: bytes
    messages: tuple[str, ...]


def with_source(content: bytes, shown: str, citation: Citation) -> SourceChange:
    """Return the record with the parts of its source that it lacks.

    Raises TrialdeckError if the record cannot be read, or if it is about another trial.
    """
    document, _ = parse_document(content, shown)
    if document is None or not isinstance(document.data, dict):
        raise TrialdeckError(f"{shown} cannot be read", "`trialdeck check` says why")
    said = document.data.get("source")
    present = said if isinstance(said, dict) else {}
    _refuse_other_trial(present, citation, shown)
    _refuse_other_paper(present, citation, shown)
    new = {name: escape_markdown(text) if name == "citation" else text for name, text in citation.source.items()}
    missing = {name: text for name, text in new.items() if not present.get(name)}
    edits: list[Edit] = [Put(("source", name), text, _ORDER) for name, text in missing.items()]
    if missing and not present:
        edits = [Put(("source",), missing, _RECORD)]
    kept = (f"source.{name} stays {present[name]!r}; the citation says {text!r}"
            for name, text in new.items() if present.get(name) and present[name] != text)  # fmt: skip
    added = (f"source.{name} is now {text!r}" for name, text in missing.items())
    return SourceChange(edited(content, edits, shown), (*added, *kept))


def _refuse_other_trial(source: Mapping[str, Any], citation: Citation, shown: str) -> None:
    registry, doi = source.get("registry"), source.get("doi")
    if registry and citation.registry and registry not in citation.registry:
        raise TrialdeckError(
            f"{shown} is about {registry}, the citation about {', '.join(citation.registry)}",
            "name the record of that trial",
        )
    if doi and citation.doi and str(doi).casefold() != citation.doi.casefold():
        raise TrialdeckError(
            f"{shown} has the DOI {doi}, the citation {citation.doi}",
            "a record names one publication; change it by hand",
        )


def _refuse_other_paper(source: Mapping[str, Any], citation: Citation, shown: str) -> None:
    """Refuse a publication that shares no number with that of the record, and differs from it in year or author."""
    said = str(source.get("citation") or "")
    doi, url = str(source.get("doi") or "").casefold(), str(source.get("url") or "")
    numbers = {f"doi:{doi}", str(source.get("registry") or ""), *(f"pmid:{part}" for part in url.split("/"))}
    if not said or numbers & citation.identities:
        return
    is_other_year = bool(year_in(said) and citation.year) and citation.year not in said
    author = citation.authors[0].split()[0] if citation.authors else ""
    is_by_others = bool(doi) and not (author and author.casefold() in said.casefold())
    if is_other_year or is_by_others:
        raise TrialdeckError(
            f"{shown} cites '{shortened(said)}', and this is '{shortened(citation.text)}'",
            "a record names one publication; if both are the same, write the DOI of this one into the record first",
        )
