"""Read PubMed's .nbib: four characters of a tag, a hyphen, and lines that continue the value.

The only library for it (nbib) has seen no release since 2021, so the format is read here: it is this page alone.
"""

import re
from collections.abc import Iterator, Mapping

from trialdeck.drafts.citations.citation import (
    Citation,
    doi_in,
    numbers_in,
    pages_in,
    pmid_in,
    tidy,
    without_point,
    year_in,
)

_START = re.compile(r"\s*PMID ?- ?[0-9]")
_LINE = re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)")
_FIRST = "PMID"
_DOI = " [doi]"
_TAKEN = frozenset({"PMID", "TI", "TT", "AU", "FAU", "JT", "TA", "DP", "VI", "IP", "PG", "AID", "LID", "SI", "SO"})


def is_nbib(text: str) -> bool:
    """Whether a text starts as PubMed's export does."""
    return bool(_START.match(text))


def read_nbib(text: str) -> list[Citation]:
    """Return the citations of a file."""
    return [_citation(tags) for tags in _entries(text)]


def _entries(text: str) -> Iterator[Mapping[str, list[str]]]:
    """Yield the values of each citation by their tags."""
    tags: dict[str, list[list[str]]] = {}
    last: list[str] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            if match[1] == _FIRST and tags:
                yield _joined(tags)
                tags = {}
            last = [match[2]]
            tags.setdefault(match[1], []).append(last)
        elif line.strip():
            last.append(line.strip())
    if tags:
        yield _joined(tags)


def _joined(tags: Mapping[str, list[list[str]]]) -> dict[str, list[str]]:
    return {tag: [" ".join(lines) for lines in values] for tag, values in tags.items()}


def _citation(tags: Mapping[str, list[str]]) -> Citation:
    def first(*names: str) -> str:
        return next((tidy(value) for name in names for value in tags.get(name, ())), "")

    addresses = [value for name in ("AID", "LID") for value in tags.get(name, ()) if value.endswith(_DOI)]
    return Citation(
        title=without_point(first("TI", "TT")),
        authors=tuple(filter(None, map(tidy, tags.get("AU", tags.get("FAU", []))))),
        journal=first("TA", "JT"),
        year=year_in(first("DP")),
        where=pages_in(first("VI"), first("IP"), first("PG")),
        doi=next(filter(None, (doi_in(address.removesuffix(_DOI)) for address in addresses)), ""),
        pmid=pmid_in(first("PMID")),
        registry=numbers_in(*tags.get("SI", ())),
        finished=first("SO"),
        unused=tuple(sorted(set(tags) - _TAKEN)),
    )
