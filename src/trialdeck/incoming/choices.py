"""What an author may choose of a study, as lists: the publication, the outcomes, single adverse events."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.core.text import counted
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.registry.choices import KINDS, AdverseEvent, adverse_events, publications_of
from trialdeck.drafts.registry.outcomes import reason_by_rule
from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import entries_of, numbered_entries, text_of

LONGEST = 160
"""How many characters of a title are shown."""
_SMALLEST_SHARE = 0.0005


class Choice(msgspec.Struct, frozen=True):
    """Something that may be taken: the key by which it is chosen, what it is called, and what is said of it.

    `is_proposed` says that it is chosen unless somebody decides otherwise. `reason` says why a draft takes it only if
    it is chosen.
    """

    key: str
    label: str
    detail: str
    is_proposed: bool = False
    reason: str = ""

    @property
    def line(self) -> str:
        """The choice in one line: `Overall survival (secondary, 2 analyses)`."""
        return f"{self.label} ({self.detail})"


def outcome_choices(study: Study) -> list[Choice]:
    """Return the outcomes of a study, in the order of the registry; the primary ones are proposed.

    Drug concentrations are often primary outcomes too: only what a draft takes by itself is proposed.
    """
    outcomes = numbered_entries(study.module("outcomeMeasuresModule"), "outcomeMeasures")
    return [_outcome(position, part) for position, part in outcomes]


def _outcome(position: int, outcome: Mapping[str, Any]) -> Choice:
    analyses = len(entries_of(outcome, "analyses"))
    analysed = counted(analyses, "analysis", "analyses") if analyses else "values alone"
    kind = text_of(outcome, "type").lower().replace("_", " ")
    reason = reason_by_rule(outcome).partition(";")[0]
    return Choice(
        key=str(position),
        label=shortened(text_of(outcome, "title"), LONGEST),
        detail=", ".join(filter(None, (kind, analysed))),
        is_proposed=text_of(outcome, "type") == "PRIMARY" and not reason,
        reason=reason,
    )


def event_choices(study: Study) -> list[Choice]:
    """Return the single adverse events of a study: serious ones first, the most frequent first."""
    listed = [event for kind in KINDS for event in adverse_events(study, kind) if event.term]
    listed.sort(key=lambda event: (KINDS.index(event.kind), -event.share, event.term))
    return [Choice(event.key, event.term, _share(event)) for event in listed]


def _share(event: AdverseEvent) -> str:
    kind = "serious" if event.kind == "serious" else "not serious"
    share = f"{100 * event.share:.1f}" if event.share >= _SMALLEST_SHARE else "<0.1"
    return f"{kind}, up to {share} % of an arm"


class Publication(msgspec.Struct, frozen=True):
    """A publication that may be the source of a record."""

    citation: Citation
    choice: Choice


def publication_choices(
    study: Study | None, cited: Sequence[Citation], source: Citation | None = None
) -> list[Publication]:
    """Return the publications in files, and those that the registry lists beside them; `source` is proposed."""
    listed = [(citation, "from your files") for citation in cited]
    known = {citation.pmid for citation in cited if citation.pmid}
    if study is not None:
        listed += [entry for entry in publications_of(study) if entry[0].pmid not in known]
    return [
        Publication(citation, _publication(number, citation, said, is_proposed=citation == source))
        for number, (citation, said) in enumerate(listed, start=1)
    ]


def _publication(number: int, citation: Citation, said: str, *, is_proposed: bool) -> Choice:
    pmid = f", PMID {citation.pmid}" if citation.pmid else ""
    title = f"{citation.title}. " if citation.title else ""
    label = shortened(f"{title}{citation.text}", 2 * LONGEST)
    return Choice(str(number), label, f"{said}{pmid}", is_proposed=is_proposed)
