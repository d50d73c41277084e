"""What an author may choose of a study: the publication, the results, single adverse events, the name."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from trialdeck.drafts.citations.citation import Citation, doi_in, pmid_in
from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import count, entries_of, numbered_entries, text_of

_AUTHOR = re.compile(r"[^\W\d_][^\d.,;:()]{0,60} [A-Z]{1,5}")
_DOI = re.compile(r"\bdoi: ?(10\.[0-9]{4,9}/[^\s\"<>]{1,200})", re.IGNORECASE)
KINDS = ("serious", "other")
"""The lists of adverse events."""
_LISTS = {"serious": "seriousEvents", "other": "otherEvents"}
_IN_WORDS = {
    "RESULT": "a result, says the registry",
    "DERIVED": "mentions the study, found by PubMed",
    "BACKGROUND": "background",
}


class Choices(msgspec.Struct, frozen=True):
    """What is taken of a study.

    `everything` takes outcomes that are neither primary nor secondary, and values without an analysis. `outcomes` are
    the positions of the only outcomes that are taken, from 1; None leaves it to the rules. `events` are single adverse
    events, by their terms in small letters or by `AdverseEvent.key`. `acronym` stands for that of the registry.
    """

    everything: bool = False
    outcomes: frozenset[int] | None = None
    events: frozenset[str] = frozenset()
    acronym: str | None = None


class AdverseEvent(msgspec.Struct, frozen=True):
    """One term of the adverse events of a study: `kind` is serious or other, `position` its place in that list."""

    kind: str
    position: int
    term: str
    posted: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What it is chosen by where the term alone is not enough."""
        return f"{self.kind} adverse event {self.position}"

    @property
    def share(self) -> float:
        """The largest share of patients of any arm who had it."""
        stats = entries_of(self.posted, "stats")
        counts = [(count(text_of(part, "numAffected")), count(text_of(part, "numAtRisk"))) for part in stats]
        shares = [int(affected) / int(at_risk) for affected, at_risk in counts if affected and int(at_risk or 0)]
        return max(shares, default=0.0)

    def is_in(self, events: frozenset[str]) -> bool:
        """Tell whether it is among chosen events."""
        return self.key in events or self.term.casefold() in events


def adverse_events(study: Study, kind: str) -> Iterator[AdverseEvent]:
    """Yield the terms of a kind (serious or other) in the order of the file."""
    for position, posted in numbered_entries(study.module("adverseEventsModule"), _LISTS[kind]):
        yield AdverseEvent(kind, position, text_of(posted, "term"), posted)


def publications_of(study: Study) -> list[tuple[Citation, str]]:
    """Return the publications that the registry lists, with what it says of each: those it calls results come first."""
    references = entries_of(study.module("referencesModule"), "references")
    listed = [(_citation(part), text_of(part, "type")) for part in references if text_of(part, "citation")]
    listed.sort(key=lambda entry: list(_IN_WORDS).index(entry[1]) if entry[1] in _IN_WORDS else len(_IN_WORDS))
    return [(citation, _IN_WORDS.get(kind, kind.lower())) for citation, kind in listed]


def _citation(reference: Mapping[str, Any]) -> Citation:
    """Return a publication as the registry prints it: authors, title, journal and DOI in one line."""
    text = text_of(reference, "citation")
    doi = _DOI.search(text)
    # The DOI has a place of its own.
    shown = " ".join(text.replace(doi[0].rstrip(",;"), "").split()) if doi else text
    first, stop, rest = shown.partition(". ")
    people, _, _ = first.partition("; ")
    authors = tuple(people.split(", "))
    has_authors = bool(stop) and all(_AUTHOR.fullmatch(author) or author == "et al" for author in authors)
    return Citation(
        authors=authors if has_authors else (),
        doi=doi_in(doi[1].rstrip(".,;")) if doi else "",
        pmid=pmid_in(text_of(reference, "pmid")),
        finished=rest if has_authors else shown,
    )
