"""Source material: a new record for each trial, or more of a record that is there."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import msgspec

from trialdeck.api.projects import Project, options_of
from trialdeck.api.results import Draft
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.kinds import Material, file_content, read_material
from trialdeck.drafts.materials import Drafted, Wishes, drafts_of
from trialdeck.drafts.new_record import refuse_taken
from trialdeck.drafts.registry.choices import Choices
from trialdeck.incoming.choices import Choice, event_choices, outcome_choices, publication_choices
from trialdeck.incoming.contents import Part, parts_of
from trialdeck.incoming.into_record import MoreOfRecord, more_of_record
from trialdeck.incoming.places import output_file
from trialdeck.records.discovery import SEEDS, schema_beside
from trialdeck.records.load import load_record_text


@dataclass(frozen=True, slots=True)
class Files:
    """Files of source material, read anew for each draft, and what is wanted of single trials."""

    project: Project
    paths: tuple[Path, ...]
    splits: bool = False
    wishes: tuple[tuple[str, Wishes], ...] = ()

    @property
    def seeds(self) -> Path:
        """The folder of the records."""
        return self.project.path / SEEDS

    def materials(self) -> list[Material]:
        """Read the files."""
        return [read_material(file_content(str(path)), path.name) for path in self.paths]

    def drafts(self, faults: list[TrialdeckError] | None = None) -> list[Drafted]:
        """Draft the records of all trials in the files."""
        schema = schema_beside(self.seeds / "record.yaml")
        return drafts_of(self.materials(), schema=schema, splits=self.splits, faults=faults, wishes=dict(self.wishes))

    def wishing(self, key: str, wishes: Wishes) -> "Files":
        """Return the same files with other wishes for one trial."""
        others = tuple(entry for entry in self.wishes if entry[0] != key)
        return replace(self, wishes=(*others, (key, wishes)))

    def wishes_for(self, key: str) -> Wishes:
        """Return what is wanted of a trial."""
        return dict(self.wishes).get(key, Wishes())


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A record that would be made of source material.

    `contents` is what it says, part by part; `draft` has the record itself, and what of the material is not in it, or
    was concluded. `outcomes`, `events` and `publications` are what may be chosen of a study. `path` is the file, which
    `message` and `hint` say why it cannot be written; they are empty if it can.
    """

    key: str
    files: tuple[str, ...]
    path: Path
    trial_id: str
    acronym: str
    title: str
    draft: Draft
    balance: str
    contents: tuple[Part, ...]
    outcomes: tuple[Choice, ...] = ()
    events: tuple[Choice, ...] = ()
    publications: tuple[Choice, ...] = ()
    message: str = ""
    hint: str = ""
    _files: Files = field(repr=False, compare=False, kw_only=True)
    way: Literal["new"] = "new"

    def chosen(
        self,
        *,
        trial_id: str | None = None,
        acronym: str | None = None,
        outcomes: Collection[str] | None = None,
        events: Collection[str] | None = None,
        publication: str | None = None,
    ) -> "NewTrial":
        """Return the record with other choices; None leaves one as it is.

            >>> import trialdeck as td
            >>> (trial,) = td.intake(td.load("."), "docs/examples/NCT00000001.json").arrivals
            >>> [part.entries for part in trial.chosen(outcomes={"2"}).contents if part.heading == "Results"]
            [('Overall Survival', 'Deaths', 'Serious adverse events')]

        Args:
            trial_id: The id, for ever; empty for the one that is made of the material.
            acronym: What the trial is called, in place of the registry's word.
            outcomes: The keys of the only outcomes that are taken.
            events: The keys of the single adverse events that are taken.
            publication: The key of the publication that is the source; empty for none.

        Raises:
            TrialdeckError: The id is not one, or the files have changed.
        """
        former = self._files.wishes_for(self.key)
        choices = former.choices or Choices()
        if outcomes is not None:
            numbers = frozenset(int(key) for key in outcomes if key.isdecimal())
            choices = msgspec.structs.replace(choices, outcomes=numbers)
        if events is not None:
            choices = msgspec.structs.replace(choices, events=frozenset(events))
        if acronym is not None:
            choices = msgspec.structs.replace(choices, acronym=acronym)
        wishes = msgspec.structs.replace(former, choices=choices)
        if trial_id is not None:
            wishes = msgspec.structs.replace(wishes, trial_id=trial_id or None)
        if publication is not None:
            wishes = msgspec.structs.replace(wishes, citation=self._cited(publication), names_source=True)
        files = self._files.wishing(self.key, wishes)
        drafted = next((each for each in files.drafts() if each.key == self.key), None)
        if drafted is None:
            raise TrialdeckError(f"{self.files[0]} has changed", "add the files again")
        return new_trial(drafted, files)

    def _cited(self, key: str) -> Citation | None:
        drafted = next(each for each in self._files.drafts() if each.key == self.key)
        listed = publication_choices(drafted.study, [paper.citation for paper in drafted.papers])
        return next((each.citation for each in listed if each.choice.key == key), None)

    def write(self) -> tuple[Path, ...]:
        """Write the record, as `trialdeck ingest` does; return its file.

        Raises TrialdeckError if its id or its file is not free.
        """
        _refuse_not_free(self._files.project, self.trial_id, self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self.path, self.draft.record.encode())
        return (self.path,)


def new_trial(drafted: Drafted, files: Files) -> NewTrial:
    """Return the record of a drafted trial."""
    draft, study = drafted.draft, drafted.study
    path = files.seeds / f"{draft.id}.yaml"
    trial = load_record_text(draft.text.encode(), "").trial
    message, hint = "", ""
    try:
        _refuse_not_free(files.project, draft.id, path)
    except TrialdeckError as error:
        message, hint = error.message, error.hint
    publications = publication_choices(study, [paper.citation for paper in drafted.papers], drafted.source)
    return NewTrial(
        key=drafted.key,
        files=drafted.names,
        path=path,
        trial_id=draft.id,
        acronym=trial.acronym if trial else "",
        title=trial.title if trial else "",
        draft=public_draft(drafted),
        balance=draft.balance,
        contents=parts_of(draft.text),
        outcomes=tuple(outcome_choices(study)) if study else (),
        events=tuple(event_choices(study)) if study else (),
        publications=tuple(each.choice for each in publications),
        message=message,
        hint=hint,
        _files=files,
    )


def public_draft(drafted: Drafted) -> Draft:
    """Return a draft as the API gives it."""
    draft = drafted.draft
    doubts = tuple(notice for notice in draft.notices if notice not in draft.not_taken)
    return Draft(draft.text, draft.not_taken, (*doubts, *draft.inferred, *draft.repaired))


def _refuse_not_free(project: Project, trial_id: str, path: Path) -> None:
    if output_file(path).exists():
        raise TrialdeckError(f"{path.name} exists already", "choose another id, or go on with that record")
    refuse_taken(trial_id, project.path / SEEDS, path, options_of(project))


@dataclass(frozen=True, slots=True)
class MoreOfTrial:
    """Material on a trial that has a record: what the record lacks of it would be added, what it says stays.

    `additions` are what the record lacks of a study, a page or notes. `stays` are the properties that the record says
    otherwise: the name, its words, those of the material. `messages` are about a citation. `added` counts the parts
    that models wrote. Unless it is `by_number`, only the name says that this is the same trial.
    """

    files: tuple[str, ...]
    path: Path
    trial_id: str
    title: str
    by_number: bool
    additions: tuple[Choice, ...] = ()
    stays: tuple[tuple[str, str, str], ...] = ()
    messages: tuple[str, ...] = ()
    added: int = 0
    draft: Draft | None = None
    outcomes: tuple[Choice, ...] = ()
    events: tuple[Choice, ...] = ()
    key: str = ""
    _more: MoreOfRecord = field(repr=False, compare=False, kw_only=True)
    _files: Files = field(repr=False, compare=False, kw_only=True)
    way: Literal["more"] = "more"

    @property
    def is_nothing(self) -> bool:
        """Whether the record lacks nothing of it."""
        return self._more.before == self._more.after

    def chosen(
        self,
        *,
        additions: Collection[str] | None = None,
        outcomes: Collection[str] | None = None,
        events: Collection[str] | None = None,
    ) -> "MoreOfTrial":
        """Return the same with other choices; None stands for all additions, and for what a draft takes by itself.

        Args:
            additions: The keys of those that are taken.
            outcomes: The keys of the only outcomes that are read of a study.
            events: The keys of the single adverse events that are read.

        Raises:
            TrialdeckError: The record cannot be changed in place, or would have an error.
        """
        numbers = None if outcomes is None else frozenset(int(key) for key in outcomes if key.isdecimal())
        choices = Choices(outcomes=numbers, events=frozenset(events or ()))
        return more_of_trial(
            self._files, self.path, choices=choices, taken=additions, by_number=self.by_number, key=self.key
        )

    def apart(self) -> NewTrial:
        """Return a new record of the material, for a trial that only has the same name.

        Raises TrialdeckError if the material is no study, page or notes.
        """
        return new_trial(next(each for each in self._files.drafts() if self.key in {"", each.key}), self._files)

    def write(self) -> tuple[Path, ...]:
        """Write the record with what is taken, as `trialdeck ingest --into` does; return its file.

        Raises TrialdeckError if the record was changed meanwhile.
        """
        if self._more.path.read_bytes() != self._more.before:
            raise TrialdeckError(f"{self.path.name} was changed meanwhile", "nothing was written; try again")
        if self.is_nothing:
            return ()
        replace_file(self._more.path, self._more.after)
        return (self.path,)


def more_of_trial(  # noqa: PLR0913 - what is read, and what is taken of it
    files: Files,
    record: Path,
    *,
    choices: Choices | None = None,
    taken: Collection[str] | None = None,
    by_number: bool = True,
    key: str = "",
) -> MoreOfTrial:
    """Return what files add to a record; `key` names the trial among those of the files, where there are several."""
    materials = files.materials()
    more = more_of_record(
        record, materials, record.name, choices=choices, taken=taken, splits=files.splits, key=key
    )  # fmt: skip
    trial = load_record_text(more.before, record.name).trial
    study = more.drafted.study if more.drafted else None
    return MoreOfTrial(
        files=tuple(material.name for material in materials),
        path=record,
        trial_id=trial.id if trial else "",
        title=trial.name if trial else record.name,
        by_number=by_number,
        additions=tuple(_choice(each.key, each.label, each.property, taken) for each in more.comparison.additions),
        stays=more.comparison.stays,
        messages=more.messages,
        added=sum(said.added for said in more.said),
        draft=_draft_of(more),
        outcomes=tuple(outcome_choices(study)) if study else (),
        events=tuple(event_choices(study)) if study else (),
        key=key,
        _more=more,
        _files=files,
    )


def _choice(key: str, label: str, part: str, taken: Collection[str] | None) -> Choice:
    return Choice(key, label, part.replace("_", " "), is_proposed=taken is None or key in taken)


def _draft_of(more: MoreOfRecord) -> Draft | None:
    if more.drafted:
        return public_draft(more.drafted)
    if not more.said:
        return None
    not_taken = [notice for said in more.said for notice in said.findings.not_taken]
    inferred = [notice for said in more.said for notice in (*said.findings.inferred, *said.findings.repaired)]
    checked = [notice for said in more.said for notice in said.checked]
    return Draft(more.after.decode(), tuple(not_taken), (*checked, *inferred))
