"""Read BibTeX, through bibtexparser: braces and LaTeX letters become what they show."""

import logging

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

from trialdeck.core.errors import TrialdeckError
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

# What is broken is an error of ours; without a handler, Python would print the library's own words as well.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
_TAKEN_NAMES = "title author shortjournal journal journaltitle year date volume number issue pages doi pmid note"
_TAKEN = frozenset(_TAKEN_NAMES.split())
_BRACES = str.maketrans("", "", "{}")


def read_bibtex(text: str) -> list[Citation]:
    """Return the citations of a file; raises TrialdeckError if an entry is broken or has the key of another."""
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    if library.failed_blocks:
        line = (library.failed_blocks[0].start_line or 0) + 1
        message = f"the BibTeX entry in line {line} is broken, or has the key of another"
        raise TrialdeckError(message, "correct it, or export the citation again")
    return [
        _citation({name.casefold(): str(field.value) for name, field in entry.fields_dict.items()})
        for entry in library.entries
    ]


def _citation(fields: dict[str, str]) -> Citation:
    def field(*names: str) -> str:
        return next((text for name in names if (text := tidy(fields.get(name, "").translate(_BRACES)))), "")

    return Citation(
        title=without_point(field("title")),
        authors=tuple(filter(None, (_author(name) for name in field("author").split(" and ")))),
        journal=field("shortjournal", "journal", "journaltitle"),
        year=year_in(field("year", "date")),
        where=pages_in(field("volume"), field("number", "issue"), field("pages").replace("--", "-").replace("–", "-")),
        doi=doi_in(field("doi")),
        pmid=pmid_in(field("pmid")),
        registry=numbers_in(field("note"), field("annote"), field("abstract"), field("keywords")),
        unused=tuple(sorted(set(fields) - _TAKEN)),
    )


def _author(name: str) -> str:
    """Return `Doe J` of `Doe, Jane` and of `Jane Doe`."""
    family, comma, given = name.partition(",")
    if not comma:
        words = name.split()
        given, family = " ".join(words[:-1]), words[-1] if words else ""
    return f"{family.strip()} {''.join(word[0] for word in given.split())}".strip()
