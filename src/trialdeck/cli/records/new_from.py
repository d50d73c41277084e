"""Begin a record from a registry file: what to take of it is asked in the terminal."""

from collections.abc import Callable, Sequence
from functools import partial

import click

from trialdeck.cli.terminal.choosing import choose_many, choose_one
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted, printable
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.kinds import Material, content_of, read_material
from trialdeck.drafts.materials import Drafted, chosen_draft
from trialdeck.drafts.new_record import beginning, start
from trialdeck.drafts.registry.choices import Choices
from trialdeck.drafts.registry.facts import acronym_of, title_of
from trialdeck.drafts.registry.study import Study
from trialdeck.incoming.choices import event_choices, outcome_choices, publication_choices
from trialdeck.records.slugs import name_slug

_MOST_SHOWN = 8
_MOST_EVENTS = 12
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
            raise TrialdeckError(
                f"{others[0]} is not a citation", "--cite takes .nbib, PubMed XML, RIS, CSL-JSON, BibTeX"
            )
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
    question = f"Acronym ({_NO_ACRONYM} for none)" if registered else "Acronym (Enter for none)"
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
    listed = publication_choices(files.study, files.citations)
    if not listed:
        return None
    echo("\nPublications")
    lines = [publication.choice.line for publication in listed]
    number = choose_one("Which one is the source of this record?", lines, _MOST_SHOWN)
    return listed[number - 1].citation if number else None


def ask_choices(files: StudyFiles, acronym: str) -> Choices:
    """Ask which outcomes and which single adverse events become results."""
    outcomes = _ask_outcomes(files.study)
    return Choices(outcomes=outcomes, events=_ask_events(files.study), acronym=acronym)


def _ask_outcomes(study: Study) -> frozenset[int]:
    outcomes = outcome_choices(study)
    if not outcomes:
        echo("\nThe registry has no results of this study.")
        return frozenset()
    echo("\nOutcomes")
    proposed = [number for number, choice in enumerate(outcomes, start=1) if choice.is_proposed]
    chosen = choose_many("Which of them?", [choice.line for choice in outcomes], proposed, len(outcomes))
    return frozenset(int(outcomes[number - 1].key) for number in chosen)


def _ask_events(study: Study) -> frozenset[str]:
    listed = event_choices(study)
    if not listed:
        return frozenset()
    echo("\nSingle adverse events (all deaths and all serious adverse events are taken in any case)")
    chosen = choose_many("Which of them?", [choice.line for choice in listed], (), _MOST_EVENTS)
    return frozenset(listed[number - 1].key for number in chosen)
