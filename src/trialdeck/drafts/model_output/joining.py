"""Join what models say of trials with the drafts of other material on the same trials, or draft records of it alone."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted
from trialdeck.drafts.draft import Draft
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.draft_trial import draft_trial
from trialdeck.drafts.model_output.extend import Extended, extended
from trialdeck.drafts.model_output.trials import ModelOutput, ModelTrial
from trialdeck.drafts.model_output.values import Findings
from trialdeck.records.load import load_record_text
from trialdeck.records.slugs import name_slug

_WHICH = "name the record with --into, or the registry file of the trial in the same call, or let the model say `title`"


class NamedOutput(msgspec.Struct, frozen=True):
    """A model's output, and the file that it is in."""

    name: str
    output: ModelOutput


class OtherDraft(msgspec.Struct):
    """A draft of other material, the numbers of its trial, and the files of models that it takes from."""

    draft: Draft
    identities: frozenset[str]
    names: list[str] = msgspec.field(default_factory=list)

    def is_about(self, said: ModelTrial) -> bool:
        """Tell whether a model speaks of this trial: by its numbers, else by what it calls it."""
        numbers = {number for number in said.identities if number[:4] not in {"doi:", "pmid"}}
        if numbers:
            return bool(numbers & self.identities)
        return bool(said.identities & self.identities) or self.draft.id in said.names


def with_outputs(
    outputs: Sequence[NamedOutput], others: Sequence[OtherDraft], *, trial_id: str | None, schema: str | None
) -> list[tuple[str, Draft]]:
    """Add what models say to the drafts of other material, and return drafts of the trials that only models speak of.

    Args:
        outputs: The outputs of models.
        others: The drafts of other material; they are changed.
        trial_id: The id of the trial, where there is one.
        schema: The path of the schema, relative to the record.

    Returns:
        The new drafts, each with its file.

    Raises:
        TrialdeckError: Cards name no trial, or `trial_id` is given for several trials.
    """
    alone = [
        (named, trial)
        for named in outputs
        for trial in named.output.trials
        if not any(other.is_about(trial) for other in others)
    ]
    if trial_id is not None and len(alone) + len(others) > 1:
        raise TrialdeckError(
            f"--id names one trial, and the files hold {len(alone) + len(others)}", "ingest the files one by one"
        )
    for named in outputs:
        _place_loose(named, [trial for _, trial in alone], others)
        for trial in named.output.trials:
            for other in [other for other in others if other.is_about(trial)][:1]:
                _add(named, trial, other)
    told = [named for named, _ in alone]
    for named in outputs:
        for other in [other for other in others if named.name in other.names and named not in told][:1]:
            _tell(named, other)
    return list(_drafts(alone, trial_id, schema))


def into_record(named: NamedOutput, content: bytes, shown: str) -> tuple[Extended, Findings]:
    """Return a record with what a model says of its trial, and what is said of the model's output.

    Raises TrialdeckError if the output is about another trial or several, or the record cannot be changed.
    """
    output = named.output
    record = load_record_text(content, shown).trial
    names = {record.id, *record.formerly, name_slug(record.acronym), name_slug(record.title)} if record else set()
    for trial in output.trials:
        registry = trial.source.get("registry", "")
        is_other = bool(registry and record and record.source.registry and registry != record.source.registry)
        if len(output.trials) > 1 or is_other or (trial.names and not trial.names & names and not registry):
            called = trial.facts.get("acronym") or trial.facts.get("title") or registry
            raise TrialdeckError(
                f"{named.name}: it is about '{called}', and {shown} is about '{record.id if record else ''}'",
                "name the record of that trial, or ingest the file by itself",
            )
        for section, entry in output.loose.all_entries():
            trial.add(section, entry)
    said = output.trials[0] if output.trials else output.loose
    return extended(content, shown, said, output.findings), output.findings


def _place_loose(named: NamedOutput, alone: Sequence[ModelTrial], others: Sequence[OtherDraft]) -> None:
    """Give entries that name no trial to the one trial that there is."""
    loose = named.output.loose
    if loose.is_empty:
        return
    if len(alone) + len(others) != 1:
        count = sum(map(len, loose.entries.values()))
        cards = f"{counted(count, 'card')} without a trial" if count else "facts without a trial"
        which = f", and the files hold {len(alone) + len(others)} trials" if alone or others else ""
        raise TrialdeckError(f"{named.name}: {cards}{which}", _WHICH)
    if others:
        _add(named, loose, others[0])
        return
    for section, entry in loose.all_entries():
        alone[0].add(section, entry)


def _add(named: NamedOutput, said: ModelTrial, other: OtherDraft) -> None:
    """Add what a model says to a draft."""
    draft = other.draft
    changed = extended(draft.text.encode(), draft.id, said, named.output.findings)
    other.names.append(named.name)
    other.draft = replace(
        draft,
        text=changed.content.decode(),
        notices=(*draft.notices, *_located(changed.checked, named.name)),
        counts=f"{draft.counts}, {counted(changed.added, 'part')} of {named.name}",
    )


def _tell(named: NamedOutput, other: OtherDraft) -> None:
    """List with a draft what is said of a model's output that it takes from."""
    draft, findings = other.draft, named.output.findings
    not_taken = _located(findings.not_taken, named.name)
    other.draft = replace(
        draft,
        notices=(*draft.notices, *not_taken),
        not_taken=(*draft.not_taken, *not_taken),
        inferred=(*draft.inferred, *_located(findings.inferred, named.name)),
        repaired=(*draft.repaired, *_located(findings.repaired, named.name)),
        placed=draft.placed + findings.placed,
    )


def _located(notices: Sequence[Notice], name: str) -> list[Notice]:
    """Return notices whose places name the file."""
    return [replace(each, line=0, place=f"{name}, {each.place or f'line {each.line}'}", group="") for each in notices]


def _drafts(
    alone: Sequence[tuple[NamedOutput, ModelTrial]], trial_id: str | None, schema: str | None
) -> Iterator[tuple[str, Draft]]:
    """Yield the records of trials that only models speak of; what is said of a file stands with its first record."""
    told: set[str] = set()
    for named, trial in alone:
        findings = named.output.findings
        own = Findings(placed=trial.size) if named.name in told else findings
        if named.name not in told:
            own.placed -= sum(other.size for file, other in alone if file is named and other is not trial)
        told.add(named.name)
        yield named.name, draft_trial(trial, own, id=trial_id, schema=schema)
