"""Several files of source material: those of one trial make one record, those of several make several."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import nearest, shortened
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.draft import Draft, draft_record, name_of_trial
from trialdeck.drafts.kinds import Material
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.joining import NamedOutput, OtherDraft, with_outputs
from trialdeck.drafts.page import Page
from trialdeck.drafts.prose.contents import NamedPage
from trialdeck.drafts.registry.choices import KINDS, Choices, adverse_events
from trialdeck.drafts.registry.draft import draft_study
from trialdeck.drafts.registry.facts import acronym_of
from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import entries_of, plain, text_of
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.slugs import name_slug

_BY_RULE = Choices()


class Paper(msgspec.Struct, frozen=True):
    """A publication, and the file that it is in."""

    name: str
    citation: Citation


class Drafted(msgspec.Struct, frozen=True):
    """A record that was drafted, and what it was drafted from.

    `names` are the files, `key` names the trial among those of the files, `identities` are its numbers. `study` and
    `papers` are what an author may choose from, `source` is the publication that the record names.
    """

    draft: Draft
    names: tuple[str, ...]
    key: str = ""
    identities: frozenset[str] = frozenset()
    study: Study | None = None
    papers: tuple[Paper, ...] = ()
    source: Citation | None = None


class Wishes(msgspec.Struct, frozen=True):
    """What an author wants of one trial: its id, what is taken of its study, and which publication is its source.

    None stands for what a draft does by itself. `citation` counts only if `names_source` is true; None is no source.
    """

    trial_id: str | None = None
    choices: Choices | None = None
    citation: Citation | None = None
    names_source: bool = False


class _Trial(msgspec.Struct):
    """One trial, by its study or its pages, and its publications."""

    name: str
    identities: frozenset[str]
    slug: str = ""
    study: Study | None = None
    pages: list[NamedPage] = msgspec.field(default_factory=list)
    papers: list[Paper] = msgspec.field(default_factory=list)
    left: list[Notice] = msgspec.field(default_factory=list)
    by_name: list[Notice] = msgspec.field(default_factory=list)
    key: str = ""

    def best(self) -> Citation | None:
        """Return the publication that the registry calls a result; otherwise the first."""
        results = _result_pmids(self.study) if self.study else frozenset()
        ranked = sorted(self.papers, key=lambda paper: f"pmid:{paper.citation.pmid}" not in results)
        return ranked[0].citation if ranked else None


def drafts_of(  # noqa: PLR0913
    materials: Sequence[Material],
    *,
    trial_id: str | None = None,
    schema: str | None = None,
    choices: Choices = _BY_RULE,
    splits: bool = False,
    faults: list[TrialdeckError] | None = None,
    wishes: Mapping[str, Wishes] = MappingProxyType({}),
) -> list[Drafted]:
    """Draft the records of all trials in some files.

    Args:
        materials: The files, read.
        trial_id: The id of the trial; only where there is one.
        schema: The path of the schema, relative to the record.
        choices: What is taken of a study.
        splits: Whether notes of several trials are parted; otherwise they are a fault.
        faults: Gets the faults of single trials and files; without it, the first one is raised.
        wishes: What is wanted of single trials, by `Drafted.key`.

    Returns:
        The records, in the order of the files.

    Raises:
        TrialdeckError: A citation or a card belongs to none of the trials, `trial_id` is given for several trials, or
            no study has an adverse event that is chosen.
    """
    trials = _joined(materials, faults, splits=splits)
    _refuse_unknown_events(trials, choices.events)
    if trial_id is not None and len(trials) > 1:
        raise TrialdeckError(f"--id names one trial, and the files hold {len(trials)}", "ingest the files one by one")
    drafts: list[tuple[_Trial, Drafted]] = []
    for trial in trials:
        try:
            drafts.append((trial, _as_wished(trial, wishes.get(trial.key, Wishes(trial_id)), schema, choices)))
        except TrialdeckError as error:
            fault = TrialdeckError(f"{_named(trial)}: {error.message}", error.hint)
            if faults is None:
                raise fault from error
            faults.append(fault)
    return _with_outputs(materials, drafts, trial_id=trial_id, schema=schema)


def _as_wished(trial: _Trial, wishes: Wishes, schema: str | None, choices: Choices) -> Drafted:
    citation = wishes.citation if wishes.names_source else trial.best()
    return _drafted(trial, wishes.trial_id, schema, citation, wishes.choices or choices)


def _named(trial: _Trial) -> str:
    """Return the file of a trial, with its number where a file may hold several."""
    return f"{trial.name}, {trial.study.nct}" if trial.study and trial.study.nct else trial.name


def _with_outputs(
    materials: Sequence[Material], drafts: Sequence[tuple[_Trial, Drafted]], *,
    trial_id: str | None, schema: str | None,
) -> list[Drafted]:  # fmt: skip
    """Return the drafts with what language models say of their trials, and drafts of trials that only models name."""
    outputs = [NamedOutput(material.name, material.output) for material in materials if material.output]
    others = [OtherDraft(drafted.draft, trial.identities) for trial, drafted in drafts]
    alone = with_outputs(outputs, others, trial_id=trial_id, schema=schema)
    joined = [
        replace(drafted, draft=other.draft, names=tuple(dict.fromkeys([*drafted.names, *other.names])))
        for other, (_, drafted) in zip(others, drafts, strict=True)
    ]
    return [*joined, *(Drafted(draft, (name,), f"{name} {draft.id}") for name, draft in alone)]


def chosen_draft(
    materials: Sequence[Material], *, trial_id: str, schema: str | None, choices: Choices, citation: Citation | None
) -> Drafted:
    """Draft the record of the one study in some files, with what somebody has chosen of it.

    Args:
        materials: The files, read: one study, and citations.
        trial_id: The id of the trial.
        schema: The path of the schema, relative to the record.
        choices: What is taken of the study.
        citation: The publication that the record names; None for none.

    Returns:
        The record.

    Raises:
        TrialdeckError: A citation belongs to another trial.

    """
    (trial,) = _joined(materials)
    return _drafted(trial, trial_id, schema, citation, choices)


def _joined(
    materials: Sequence[Material], faults: list[TrialdeckError] | None = None, *, splits: bool = False
) -> list[_Trial]:
    """Return the trials with their publications."""
    trials = list(_trials(materials, faults, splits=splits))
    for number, trial in enumerate(trials, start=1):
        trial.key = trial.study.nct if trial.study and trial.study.nct else f"{trial.name} {number}"
    for material in materials:
        for citation in material.citations:
            _trial_of(citation, trials, material.name).papers.append(Paper(material.name, citation))
    return trials


def _refuse_unknown_events(trials: Sequence[_Trial], events: frozenset[str]) -> None:
    studies = [trial.study for trial in trials if trial.study is not None]
    listed = [event for study in studies for kind in KINDS for event in adverse_events(study, kind)]
    known = {event.term.casefold() for event in listed}
    for name in sorted(events - known - {event.key for event in listed}):
        likely = nearest(name, known)
        hint = f"did you mean '{likely}'?" if likely else "name it as the registry does"
        raise TrialdeckError(f"no study here has an adverse event '{shortened(name)}'", hint)


def _trials(materials: Sequence[Material], faults: list[TrialdeckError] | None, *, splits: bool) -> Iterator[_Trial]:
    """Yield the trials of studies and pages; a study that is there twice is one trial."""
    trials: dict[str, _Trial] = {}
    pages: list[NamedPage] = []
    for material in materials:
        for study in material.studies:
            known = trials.get(study.nct)
            if study.nct and known is not None:
                message = f"the study is in {known.name} already"
                known.left.append(Notice(0, message, study.nct, material.name))
                continue
            trial = _Trial(material.name, _identities(study), name_slug(acronym_of(study)), study=study)
            trials[study.nct or f"{material.name} {len(trials)}"] = trial
        pages += (NamedPage(page, material.name) for page in _pages(material, faults, splits=splits))
    joined = list(trials.values())
    for named in pages:
        if not _joins(named, joined):
            joined.append(_trial_of_page(named))
    yield from joined


def _trial_of_page(named: NamedPage) -> _Trial:
    return _Trial(named.name, _page_identities(named.page), name_slug(name_of_trial(named.page)), pages=[named])


def _joins(named: NamedPage, trials: Sequence[_Trial]) -> bool:
    """Add notes or a page to the one trial that they are of: by its numbers, or else by its name."""
    page = _trial_of_page(named)
    others = [trial for trial in trials if named.name not in {other.name for other in trial.pages}]
    own = [trial for trial in others if trial.identities & page.identities]
    if not own:
        own = [trial for trial in others if page.slug and trial.slug == page.slug and not _differ(trial, page)]
        said = "trial: no number says which trial this is of; its name does"
        named_only = [Notice(0, said, name_of_trial(named.page), f"{named.name}, line 1")]
    else:
        named_only = []
    if len(own) != 1:
        return False
    own[0].pages.append(named)
    own[0].identities |= page.identities
    own[0].by_name += named_only
    return True


def _differ(trial: _Trial, other: _Trial) -> bool:
    """Whether both have registry numbers, and no number in common: two trials may have one name."""
    registered = [{number for number in part.identities if ":" not in number} for part in (trial, other)]
    return all(registered) and not registered[0] & registered[1]


def _pages(material: Material, faults: list[TrialdeckError] | None, *, splits: bool) -> list[Page]:
    if material.page is None:
        return []
    from trialdeck.drafts.prose.read import read_pages  # noqa: PLC0415 - registry files need no reader of prose

    try:
        return read_pages(material.page, splits=splits)
    except TrialdeckError as error:
        fault = TrialdeckError(f"{material.name}: {error.message}", error.hint)
        if faults is None:
            raise fault from error
        faults.append(fault)
        return []


def _trial_of(citation: Citation, trials: Sequence[_Trial], name: str) -> _Trial:
    """Return the trial that a publication is of; the registry's own results count before what only mentions it."""
    numbered = [trial for trial in trials if citation.identities & trial.identities]
    by_number = [trial for trial in numbered if set(citation.registry) & trial.identities] or numbered
    if by_number:
        return by_number[0]
    if not trials:
        message = f"{name}: a citation alone has nothing to ask about"
        hint = "name the registry file or the page of the trial too, or the record with --into"
        raise TrialdeckError(message, hint)
    raise TrialdeckError(
        f"{name}: the citation belongs to none of these trials", "by NCT number, DOI and PMID; leave it out"
    )


def _drafted(
    trial: _Trial, trial_id: str | None, schema: str | None, citation: Citation | None, choices: Choices
) -> Drafted:
    if trial.study is not None:
        draft = draft_study(
            trial.study, id=trial_id, schema=schema, citation=citation, choices=choices, pages=trial.pages
        )
    else:
        first, *more = trial.pages
        whole = _with_citation(first.page, citation) if citation else first.page
        draft = draft_record(whole, escape_markdown, id=trial_id, schema=schema, others=more)
    others = [
        Notice(0, "another publication of this trial; a record names one", paper.citation.text, paper.name)
        for paper in trial.papers
        if paper.citation is not citation
    ]
    unused = [Notice(0, "no place in a record", "", f"{paper.name}, {tag}")
              for paper in trial.papers if paper.citation is citation for tag in paper.citation.unused]  # fmt: skip
    extra = (*trial.left, *others, *unused)
    placed = draft.placed + (len(citation.source) + bool(citation.title) if citation else 0)
    full = replace(draft, notices=(*draft.notices, *extra), not_taken=(*draft.not_taken, *extra), placed=placed,
                   inferred=(*draft.inferred, *trial.by_name))  # fmt: skip
    names = dict.fromkeys([trial.name, *(page.name for page in trial.pages), *(paper.name for paper in trial.papers)])
    return Drafted(full, tuple(names), trial.key, trial.identities, trial.study, tuple(trial.papers), citation)


def _with_citation(page: Page, citation: Citation) -> Page:
    """Return a page with what the citation says of its source; the page's own words stay where both say it."""
    said = dict(citation.source)
    if page.is_notes and "citation" in said:
        said["citation"] = escape_markdown(said["citation"])
    source = page.source
    return replace(page, source=replace(
        source, citation=source.citation or said.get("citation", ""), doi=source.doi or said.get("doi", ""),
        registry=source.registry or said.get("registry", ""), url=source.url or said.get("url", "")))  # fmt: skip


def _identities(study: Study) -> frozenset[str]:
    references = entries_of(study.module("referencesModule"), "references")
    papers = [f"pmid:{pmid}" for reference in references if (pmid := text_of(reference, "pmid"))]
    texts = [text_of(reference, "citation").casefold() for reference in references]
    dois = [f"doi:{word.strip('.,;')}" for text in texts for word in text.split() if word.startswith("10.")]
    return frozenset(filter(None, (study.nct, *papers, *dois)))


def _result_pmids(study: Study) -> frozenset[str]:
    references = entries_of(study.module("referencesModule"), "references")
    return frozenset(f"pmid:{plain(part.get('pmid'))}" for part in references if text_of(part, "type") == "RESULT")


def _page_identities(page: Page) -> frozenset[str]:
    doi = f"doi:{page.source.doi.casefold()}" if page.source.doi else ""
    return frozenset(filter(None, (doi, page.source.registry)))
