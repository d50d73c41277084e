"""Draft the record of a study in the registry."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.draft import name_of_trial, source_parts, with_pages
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.prose.contents import (
    Contents,
    Draft,
    NamedPage,
    source_of,
    titles_of,
    topics_of,
    with_registered,
)
from trialdeck.drafts.registry.choices import Choices
from trialdeck.drafts.registry.events import chosen_events
from trialdeck.drafts.registry.facts import acronym_of, design_of, proposals_of, statement_of, title_of
from trialdeck.drafts.registry.outcomes import TOO_LARGE, Outcomes, Posting
from trialdeck.drafts.registry.safety import safety
from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import numbered_entries, plain, text_of
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.slugs import name_slug, refuse_id, unique
from trialdeck.yamlfile.writer import Property, write_record

_HEAD = (
    "Drafted from ClinicalTrials.gov and not reviewed: compare every number with the publication.",
    "The registry's digits may differ from the paper's. It does not say which arm an estimate sets against",
    "which: the experimental arm stands first here; see that the direction is right.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
    "Yours to add: specialties and topics (they become tags), what it means, and questions.",
)
_COUNTED_APART = frozenset(
    {
        "outcomeMeasuresModule.outcomeMeasures",
        "adverseEventsModule.eventGroups",
        "adverseEventsModule.seriousEvents",
        "adverseEventsModule.otherEvents",
    }
)
_TELLING = frozenset({"armsInterventionsModule", "outcomesModule", "outcomeMeasuresModule", "adverseEventsModule"})
"""The modules whose fields an author may want to read: they are listed one by one, those of others in one line."""
_ELIGIBILITY = "eligibilityCriteria"
"""Listed by itself as well: it says who was enrolled."""
_TOO_LONG = 80
_LONGEST_ID = 74
_BY_RULE = Choices()


def draft_study(  # noqa: PLR0913
    study: Study, *, id: str | None, schema: str | None, citation: Citation | None, choices: Choices = _BY_RULE,  # noqa: A002
    pages: Sequence[NamedPage] = (),
) -> Draft:  # fmt: skip
    """Draft the record of a study.

    Args:
        study: The study.
        id: The trial's id; `None` makes one from the acronym, or else from the registry number.
        schema: The path of the schema, relative to the record; `None` leaves out the comment that names it.
        citation: The publication of the trial, if there is one.
        choices: What is taken of the study.
        pages: Notes and pages of the same trial; their sections go into the record too.

    Returns:
        The record as YAML, with notices.

    Raises:
        TrialdeckError: The study has neither a title nor an acronym, or `id` is not an id.
    """
    if id is not None:
        refuse_id(id)
    return _Drafter(study, citation, choices, pages).draft(id, schema)


class _Drafter(msgspec.Struct):
    """Builds the properties of one record, and collects what a human must look at."""

    study: Study
    citation: Citation | None
    choices: Choices
    pages: Sequence[NamedPage] = ()
    inferred: list[Notice] = msgspec.field(default_factory=list)

    def draft(self, wanted_id: str | None, schema: str | None) -> Draft:
        study = self.study
        nct, acronym = study.nct, self._acronym()
        registered = title_of(study)
        title = (self.citation.title if self.citation else "") or registered or acronym or nct
        if not title:
            raise TrialdeckError("the study has no title", "export the whole study as JSON (API v2)")
        trial_id = wanted_id or name_slug(acronym) or name_slug(nct) or name_slug(title) or "trial"
        outcomes, results = self._results()
        statement = list(self._statement())
        design = list(self._design())
        if not (design or results or any(part.name == "tested" for part in statement)):
            raise TrialdeckError("the study has nothing to ask about", "it has no arms, no endpoint and no results")
        begun = [
            Property("format", 1),
            Property("id", trial_id),
            *([Property("acronym", acronym)] if acronym else []),
            Property("title", escape_markdown(title), self._other_title(title, registered)),
            *self._source(),
            *self._topics(),
            *statement,
            *design,
        ]
        own = with_pages(Contents(), self.pages, escape_markdown, trial_id=trial_id, acronym=acronym)
        begun = with_registered(begun, own.properties)
        head = [f"yaml-language-server: $schema={schema}"] if schema else []
        text, left = _written(begun, results, [*head, *_HEAD])
        kept = results[: len(results) - len(left)]
        not_taken = (*outcomes.not_taken, *left, *self._fields_not_taken(), *own.not_taken)
        placed = outcomes.seen - len(outcomes.not_taken) - len(left) + self._fields_placed()
        inferred = (*self.inferred, *(notice for result in kept for notice in result.inferred), *own.inferred)
        doubts = tuple(notice for notice in own.notices if notice not in own.not_taken)
        notices = (*not_taken, *doubts)
        return Draft(trial_id, text, notices, _counts(kept), not_taken, inferred, placed + own.placed, "item")

    def _acronym(self) -> str:
        registered = acronym_of(self.study)
        chosen = self.choices.acronym
        if chosen not in (None, registered):
            self.study.placed.discard("identificationModule.acronym")
        if chosen is not None:
            return chosen
        return registered or self._acronym_of_pages()

    def _acronym_of_pages(self) -> str:
        """Return the name that notes or a page use for the trial, where the registry has none."""
        for named in self.pages:
            if name := name_of_trial(named.page):
                message = f"acronym: the name that {named.name} uses for the trial"
                self.inferred.append(Notice(0, message, name, "identificationModule.acronym"))
                return name
        return ""

    def _other_title(self, title: str, registered: str) -> tuple[str, ...]:
        other = (f"Registry: {registered}",) if registered and registered != title else ()
        return (*other, *titles_of(self.pages))

    def _topics(self) -> Iterator[Property]:
        if topics := topics_of(self.pages):
            yield Property("topics", topics)

    def _source(self) -> Iterator[Property]:
        said = self.citation.source if self.citation else {}
        nct = self.study.nct
        registry = {"registry": nct} if _is_nct(nct) else {}
        source = {
            **source_of([source_parts(named.page, escape_markdown) for named in self.pages]),
            **{name: escape_markdown(text) if name == "citation" else text for name, text in said.items()},
            **registry,
        }
        proposals = tuple(proposals_of(self.study, self.citation.pmid if self.citation else ""))
        if source:
            yield Property("source", source, proposals)

    def _statement(self) -> Iterator[Property]:
        for name, text in statement_of(self.study).items():
            beside = "inferred: the registry's conditions" if name == "population" else ""
            if beside:
                self.inferred.append(
                    Notice(0, "population: the registry's conditions; say who was enrolled", text, "conditions")
                )
            yield Property(name, escape_markdown(text), apart=name == "tested", above=(beside,) if beside else ())

    def _design(self) -> Iterator[Property]:
        points = [{"id": name, "text": escape_markdown(text)} for name, text in design_of(self.study)]
        if points:
            yield Property("design", points, apart=True)

    def _results(self) -> tuple[Outcomes, list[Posting]]:
        study = self.study
        arms = study.entries("armsInterventionsModule.armGroups")
        outcomes = Outcomes(arms, _registry_source(study), self.choices.everything, self.choices.outcomes)
        study.entries("outcomeMeasuresModule.outcomeMeasures")
        results = list(outcomes.read(study.module("outcomeMeasuresModule")))
        study.entries("adverseEventsModule.eventGroups")
        results += safety(study.module("adverseEventsModule"), outcomes)
        results += chosen_events(study, outcomes, self.choices.events)
        study.text("adverseEventsModule.timeFrame")
        study.text("adverseEventsModule.description")
        if results:
            message = "arm order: the experimental arm first, by the names of the arms, whatever the registry's order"
            self.inferred.append(Notice(0, message, "", "results"))
        return outcomes, results

    def _fields_placed(self) -> int:
        return len(self.study.placed - _COUNTED_APART)

    def _fields_not_taken(self) -> Iterator[Notice]:
        for place, value in self.study.fields():
            section, _, field = place.partition(".")
            if field not in self.study.placed:
                yield Notice(0, "no place in a record", _brief(value), field or section, _group_of(field))
        for place, value in self.study.odd_parts():
            yield Notice(0, "not as the registry writes it; it cannot be read", _brief(value), place)
        yield from self._entries_not_taken()

    def _entries_not_taken(self) -> Iterator[Notice]:
        """Yield what is in the lists that a record takes a part of."""
        for place, what in (("referencesModule.references", "a publication that the registry does not call a result"),):
            module, _, name = place.partition(".")
            for number, entry in numbered_entries(self.study.module(module), name):
                if text_of(entry, "type") != "RESULT":
                    kind = text_of(entry, "type") or "no type"
                    pmid = text_of(entry, "pmid")
                    shown = f"{f'PMID {pmid}, ' if pmid else ''}{_cited(text_of(entry, 'citation'))}"
                    yield Notice(0, f"{what} ({kind})", shown, f"reference {number}")
        for number, group in numbered_entries(self.study.module("adverseEventsModule"), "eventGroups"):
            if text_of(group, "otherNumAffected"):
                counts = f"{text_of(group, 'otherNumAffected')}/{text_of(group, 'otherNumAtRisk')}"
                shown = f"{text_of(group, 'title')}: {counts}"
                yield Notice(0, "other adverse events depend on a threshold", shown, f"adverse events, arm {number}")


def _written(
    begun: Sequence[Property], results: Sequence[Posting], head: Sequence[str]
) -> tuple[str, tuple[Notice, ...]]:
    """Return the record, and notices of the last results if with them it would be too large to be read again."""
    kept = list(results)
    while True:
        properties = [*begun, *_results_property(kept), Property("review", {"status": "unreviewed"}, apart=True)]
        try:
            text = write_record(properties, head)
        except TrialdeckError:
            if not kept:
                raise
            kept = kept[: len(kept) // 2]
            continue
        left = results[len(kept) :]
        return text, tuple(Notice(0, TOO_LARGE, str(part.properties["endpoint"]), part.place) for part in left)


def _results_property(results: Sequence[Posting]) -> list[Property]:
    if not results:
        return []
    # A number may come behind an id.
    ids = unique([result.slug[:_LONGEST_ID].strip("-") for result in results], "result")
    entries = [{"id": slug, **result.properties} for slug, result in zip(ids, results, strict=True)]
    within = tuple((place, "\n".join(result.remarks)) for place, result in enumerate(results))
    return [Property("results", entries, within=within, apart=True)]


def _registry_source(study: Study) -> dict[str, object]:
    """Return the source of each result: the registry, with the day on which the results were posted."""
    posted = text_of(study.part("statusModule.resultsFirstPostDateStruct"), "date")
    nct = study.nct
    citation = f"ClinicalTrials.gov, results posted {posted}" if posted else "ClinicalTrials.gov, results"
    return {"citation": citation, **({"registry": nct} if _is_nct(nct) else {})}


def _is_nct(text: str) -> bool:
    return len(text) == 11 and text.startswith("NCT") and text[3:].isascii() and text[3:].isdecimal()


def _group_of(field: str) -> str:
    """Return the module of a field that is listed together with its others; empty if it is listed by itself."""
    module, _, name = field.partition(".")
    return "" if module in _TELLING or name == _ELIGIBILITY else module


def _cited(citation: str) -> str:
    """Return a citation with its first author and the beginning of its title, in a line."""
    authors, stop, title = citation.partition(". ")
    first, comma, _ = authors.partition(", ")
    return _brief(f"{first} et al. {title}" if stop and comma else citation)


def _brief(value: object) -> str:
    """Return what a field holds, in a line."""
    if isinstance(value, (list, Mapping)):
        return counted(len(value), "entry", "entries")
    text = plain(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _TOO_LONG else f"{text[:_TOO_LONG].rpartition(' ')[0] or text[:_TOO_LONG]} …"


def _counts(results: Sequence[Posting]) -> str:
    return counted(len(results), "result")
