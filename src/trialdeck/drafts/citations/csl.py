"""Read CSL-JSON, which Zotero and doi.org give."""

from collections.abc import Mapping
from typing import Any

from trialdeck.drafts.citations.citation import Citation, doi_in, numbers_in, pages_in, pmid_in, tidy, year_in

_TAKEN = frozenset({"title", "author", "container-title", "container-title-short", "issued", "volume", "issue", "page",
                    "DOI", "PMID", "note"})  # fmt: skip
_MARKS = frozenset({"DOI", "issued", "container-title", "author"})


def csl_items(data: object) -> list[Mapping[str, Any]]:
    """Return the items of CSL-JSON; none if the data are something else."""
    parts: list[Any] = data if isinstance(data, list) else [data]
    items: list[Mapping[str, Any]] = [
        part for part in parts if isinstance(part, dict) and "title" in part and _MARKS & set(part)
    ]
    return items if len(items) == len(parts) else []


def read_csl(items: list[Mapping[str, Any]]) -> list[Citation]:
    """Return the citations of CSL items."""
    return [_citation(item) for item in items]


def _citation(item: Mapping[str, Any]) -> Citation:
    authors = item.get("author")
    return Citation(
        title=_first(item.get("title")),
        authors=tuple(filter(None, map(_author, authors if isinstance(authors, list) else []))),
        journal=_first(item.get("container-title-short")) or _first(item.get("container-title")),
        year=_year(item.get("issued")),
        where=pages_in(tidy(item.get("volume")), tidy(item.get("issue")), tidy(item.get("page"))),
        doi=doi_in(item.get("DOI")),
        pmid=pmid_in(item.get("PMID")),
        registry=numbers_in(item.get("note"), item.get("abstract")),
        unused=tuple(sorted(map(str, set(item) - _TAKEN))),
    )


def _author(author: object) -> str:
    if not isinstance(author, dict):
        return ""
    given = tidy(author.get("given"))
    initials = "".join(name[0] for name in given.replace("-", " ").split())
    return tidy(author.get("literal")) or f"{tidy(author.get('family'))} {initials}".strip()


def _year(issued: object) -> str:
    if not isinstance(issued, dict):
        return year_in(issued)
    parts = issued.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    return year_in(first[0] if isinstance(first, list) and first else issued.get("raw") or issued.get("literal"))


def _first(value: object) -> str:
    return tidy(value[0] if isinstance(value, list) and value else value)
