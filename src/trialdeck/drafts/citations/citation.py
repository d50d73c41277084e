"""A publication as a citation manager exports it."""

import re

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.drafts.source import NCT, bare_doi

_MOST_AUTHORS = 3
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+")
_PMID = re.compile(r"[0-9]{1,9}")
_YEAR = re.compile(r"\b(?:1[89]|20)[0-9]{2}\b")


class Citation(msgspec.Struct, frozen=True):
    """A publication; `finished` is its citation in words, if the file has one, `registry` the numbers of its trials."""

    title: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: str = ""
    where: str = ""
    doi: str = ""
    pmid: str = ""
    registry: tuple[str, ...] = ()
    finished: str = ""
    unused: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The citation as it is printed: authors, then the journal with year, volume and pages."""
        shown = ", ".join(self.authors[:_MOST_AUTHORS])
        authors = f"{shown}, et al." if len(self.authors) > _MOST_AUTHORS else f"{shown}." if shown else ""
        return " ".join(filter(None, (authors, self.finished or self._built))).strip()

    @property
    def _built(self) -> str:
        dated = f"{self.year};{self.where}" if self.year and self.where else self.year or self.where
        return f"{' '.join(filter(None, (self.journal, dated)))}." if self.journal or dated else ""

    @property
    def source(self) -> dict[str, str]:
        """The properties of a record's `source`."""
        url = f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else ""
        registry = self.registry[0] if self.registry else ""
        parts = {"citation": self.text, "doi": self.doi, "registry": registry, "url": "" if self.doi else url}
        return {name: text for name, text in parts.items() if text}

    @property
    def identities(self) -> frozenset[str]:
        """What it can be recognised by: DOI, PMID and registry numbers."""
        names = (
            f"doi:{self.doi.casefold()}" if self.doi else "",
            f"pmid:{self.pmid}" if self.pmid else "",
            *self.registry,
        )
        return frozenset(filter(None, names))


def tidy(text: object) -> str:
    """Return a text in one line, without what cannot be seen."""
    line = " ".join(str(text).split()) if isinstance(text, (str, int)) and not isinstance(text, bool) else ""
    shown = "".join(character for character in line if character.isprintable())
    return "" if is_blank(shown) else shown


def doi_in(text: object) -> str:
    """Return the DOI of a text or an address; empty if there is none."""
    doi = bare_doi(tidy(text))
    return doi if _DOI.fullmatch(doi) else ""


def pmid_in(text: object) -> str:
    """Return a PubMed number; empty if the text is none."""
    pmid = tidy(text)
    return pmid if _PMID.fullmatch(pmid) else ""


def numbers_in(*texts: object) -> tuple[str, ...]:
    """Return the registry numbers in texts, each once."""
    return tuple(dict.fromkeys(match.upper() for text in texts for match in NCT.findall(tidy(text))))


def year_in(text: object) -> str:
    """Return the first year of a text."""
    match = _YEAR.search(tidy(text))
    return match[0] if match else ""


def without_point(title: str) -> str:
    """Return a title without the full stop that PubMed puts behind it."""
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def pages_in(volume: str, issue: str, pages: str) -> str:
    """Return `383(23):2219-2229`."""
    numbered = f"{volume}({issue})" if volume and issue else volume
    return f"{numbered}:{pages}" if numbered and pages else numbered or pages
