"""Begin a record from a registry file: what to take of it is asked in the terminal."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import click

from trialdeck.cli.terminal.choosing import choose_many, choose_one
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import shortened
from trialdeck.core.text import counted, printable
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.kinds import Material, content_of, read_material
from trialdeck.drafts.materials import Drafted, chosen_draft
from trialdeck.drafts.new_record import beginning, start
from trialdeck.drafts.registry.choices import KINDS, AdverseEvent, Choices, adverse_events, publications_of
from trialdeck.drafts.registry.facts import acronym_of, title_of
from trialdeck.drafts.registry.outcomes import reason_by_rule
from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import entries_of, numbered_entries, text_of
from trialdeck.records.slugs import name_slug

_MOST_SHOWN = 8
_MOST_EVENTS = 12
_LONGEST = 160
_SMALLEST_SHARE = 0.0005
_NO_ACRONYM = "-"


class StudyFiles:
    """A registry file with one study, and the citations beside it.

    Raises TrialdeckError if a file cannot be read, or if there is not one study.
    """

    def __init__(self, file: str, cited: Sequence[str]) -> None:
        study, *citations = (_material(name) for name in (file, *cited))
        if len(study.studies) != 1:
            found = counted(len(study.studies), "study", "studies") if study.studies else "no studies"
            message = f"{file} holds {found} of ClinicalTrials.gov; --from takes one"
            raise TrialdeckError(message, "`trialdeck ingest` drafts records from files of every kind")
        others = [material.name for material in citations if material.studies or material.page is not None]
        if others:
            raise TrialdeckError(f"{others[0]} is no citation", "--cite takes .nbib, PubMed XML, RIS, CSL-JSON, BibTeX")
        self.materials = (study, *citations)
        self.study: Study = study.studies[0]
        self.citations = [citation for material in citations for citation in material.citations]

    @property
    def acronym(self) -> str:
        """The acronym in the registry."""
        return acronym_of(self.study)

    def drafted(self, trial_id: str, schema: str | None, choices: Choices, citation: Citation | None) -> Drafted:
        """Return the record of what was chosen.

        Args:
            trial_id: The id of the trial.
            schema: The path of the schema, relative to the record.
            choices: What is taken of the study.
            citation: The publication that the record names, if any.

        Returns:
            The record.

        """
        # What was looked up for the questions does not count as placed.
        self.study.placed.clear()
        return chosen_draft(self.materials, trial_id=trial_id, schema=schema, choices=choices, citation=citation)


def _material(name: str) -> Material:
    try:
        return read_material(content_of(name), name)
    except TrialdeckError as error:
        raise TrialdeckError(f"{name}: {error.message}", error.hint) from error


def ask_name(files: StudyFiles, refuse: Callable[[str], None], trial_id: str | None) -> tuple[str, str]:
    """Ask for the acronym, and for the id unless it is given; `refuse` raises TrialdeckError for an id."""
    echo(f"{files.study.nct or 'The study'}: {printable(title_of(files.study))}")
    registered = files.acronym
    question = f"Acronym ({_NO_ACRONYM} for none)" if registered else "Acronym (or nothing)"
    answer: str = click.prompt(question, default=registered, show_default=bool(registered), value_proc=_acronym)
    if trial_id is not None:
        return answer, trial_id
    proposed = name_slug(answer) or name_slug(files.study.nct) or None
    made: str = click.prompt("Id, for ever", default=proposed, value_proc=partial(_unless_refused, refuse))
    return answer, made


def _acronym(text: str) -> str:
    acronym = "" if text.strip() == _NO_ACRONYM else text.strip()

    def refuse(name: str) -> None:
        start(beginning("x", {"title": "X", "acronym": name}))

    return _unless_refused(refuse, acronym)


def _unless_refused(refuse: Callable[[str], None], text: str) -> str:
    try:
        refuse(text.strip())
    except TrialdeckError as error:
        raise click.UsageError(f"{error.message}; {error.hint}") from error
    return text.strip()


def ask_source(files: StudyFiles) -> Citation | None:
    """Ask which publication is the source of the record; none is an answer, and the default."""
    listed = [(citation, "from your files") for citation in files.citations]
    known = {citation.pmid for citation in files.citations if citation.pmid}
    listed += [entry for entry in publications_of(files.study) if entry[0].pmid not in known]
    if not listed:
        return None
    echo("\nPublications")
    lines = [_publication(citation, said) for citation, said in listed]
    number = choose_one("Which one is the source of this record?", lines, _MOST_SHOWN)
    return listed[number - 1][0] if number else None


def _publication(citation: Citation, said: str) -> str:
    pmid = f", PMID {citation.pmid}" if citation.pmid else ""
    title = f"{citation.title}. " if citation.title else ""
    return f"{shortened(f'{title}{citation.text}', 2 * _LONGEST)} ({said}{pmid})"


def ask_choices(files: StudyFiles, acronym: str) -> Choices:
    """Ask which outcomes and which single adverse events become results."""
    outcomes = _ask_outcomes(files.study)
    return Choices(outcomes=outcomes, events=_ask_events(files.study), acronym=acronym)


def _ask_outcomes(study: Study) -> frozenset[int]:
    outcomes = numbered_entries(study.module("outcomeMeasuresModule"), "outcomeMeasures")
    if not outcomes:
        echo("\nThe registry has no results of this study.")
        return frozenset()
    echo("\nOutcomes")
    # Drug concentrations are often primary outcomes too: only what a draft takes by itself is proposed.
    primary = [number for number, (_, part) in enumerate(outcomes, start=1) if _is_proposed(part)]
    lines = []
    for _, part in outcomes:
        analyses = len(entries_of(part, "analyses"))
        analysed = counted(analyses, "analysis", "analyses") if analyses else "values alone"
        kind = text_of(part, "type").lower().replace("_", " ")
        lines.append(f"{shortened(text_of(part, 'title'), _LONGEST)} ({', '.join(filter(None, (kind, analysed)))})")
    chosen = choose_many("Which of them?", lines, primary, len(lines))
    return frozenset(outcomes[number - 1][0] for number in chosen)


def _is_proposed(outcome: Mapping[str, Any]) -> bool:
    return text_of(outcome, "type") == "PRIMARY" and not reason_by_rule(outcome)


def _ask_events(study: Study) -> frozenset[str]:
    listed = [event for kind in KINDS for event in adverse_events(study, kind) if event.term]
    if not listed:
        return frozenset()
    # Serious ones first, and of each kind the most frequent.
    listed.sort(key=lambda event: (KINDS.index(event.kind), -event.share, event.term))
    echo("\nSingle adverse events (all deaths and all serious adverse events are taken in any case)")
    chosen = choose_many("Which of them?", [_event(event) for event in listed], (), _MOST_EVENTS)
    return frozenset(listed[number - 1].key for number in chosen)


def _event(event: AdverseEvent) -> str:
    kind = "serious" if event.kind == "serious" else "not serious"
    share = f"{100 * event.share:.1f}" if event.share >= _SMALLEST_SHARE else "<0.1"
    return f"{event.term} ({kind}, up to {share} % of an arm)"
