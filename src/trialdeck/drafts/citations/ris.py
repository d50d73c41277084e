"""Read RIS, through rispy."""

from collections.abc import Mapping
from typing import Any

import rispy

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.citations.citation import Citation, doi_in, numbers_in, pages_in, pmid_in, tidy, year_in


def read_ris(text: str) -> list[Citation]:
    """Return the citations of a file; raises TrialdeckError if it is not RIS."""
    try:
        entries = rispy.loads(text)
    except (rispy.ParseError, OSError, ValueError, KeyError, IndexError) as error:
        raise TrialdeckError(f"the RIS file cannot be read: {error}", "export the citation again") from error
    return [_citation(entry) for entry in entries]


def _citation(entry: Mapping[str, Any]) -> Citation:
    start, end = tidy(entry.get("start_page")), tidy(entry.get("end_page"))
    notes = [note for name in ("notes", "abstract", "notes_abstract", "keywords") for note in _texts(entry.get(name))]
    return Citation(
        title=tidy(entry.get("title") or entry.get("primary_title")),
        authors=tuple(filter(None, map(tidy, entry.get("authors") or entry.get("first_authors") or ()))),
        journal=next(filter(None, (tidy(entry.get(name)) for name in _JOURNALS)), ""),
        year=year_in(entry.get("year") or entry.get("publication_year") or entry.get("date")),
        where=pages_in(
            tidy(entry.get("volume")), tidy(entry.get("number")), f"{start}-{end}" if start and end else start
        ),
        doi=doi_in(entry.get("doi")),
        pmid=pmid_in(entry.get("accession_number")),
        registry=numbers_in(*notes),
        unused=tuple(sorted(set(entry) - _TAKEN)),
    )


_TAKEN = frozenset({"title", "primary_title", "authors", "first_authors", "year", "publication_year", "date", "volume",
                    "number", "start_page", "end_page", "doi", "accession_number", "notes", "secondary_title",
                    "journal_name", "alternate_title1", "alternate_title2", "alternate_title3"})  # fmt: skip
_JOURNALS = ("alternate_title2", "journal_name", "alternate_title3", "secondary_title", "alternate_title1")


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)] if value else []
