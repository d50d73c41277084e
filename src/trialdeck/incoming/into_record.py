"""Add material to a record that is there: a citation, what a model wrote, a study, a page or notes of its trial."""

from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted
from trialdeck.drafts.citations.into_record import with_source
from trialdeck.drafts.kinds import Material
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.materials import Drafted, drafts_of
from trialdeck.drafts.model_output.joining import NamedOutput, into_record
from trialdeck.drafts.model_output.values import Findings
from trialdeck.drafts.registry.choices import Choices
from trialdeck.incoming.additions import Comparison, compared_with_draft, with_additions
from trialdeck.incoming.known_trials import refuse_other_trial
from trialdeck.incoming.places import output_file
from trialdeck.records.load import load_record_text


class Said(msgspec.Struct, frozen=True):
    """What one model wrote: its file, what is said of it, what `check` says of its entries, and how much is added."""

    name: str
    findings: Findings
    checked: tuple[Notice, ...]
    added: int


class MoreOfRecord(msgspec.Struct, frozen=True):
    """A record with what was added to it.

    `messages` are about its source, `comparison` and `drafted` are of a study or a page. `said` is what models wrote.
    """

    path: Path
    before: bytes
    after: bytes
    messages: tuple[str, ...] = ()
    comparison: Comparison = Comparison(())
    drafted: Drafted | None = None
    said: tuple[Said, ...] = ()


def more_of_record(  # noqa: PLR0913 - what is added, and what is taken of it
    record: Path,
    materials: Sequence[Material],
    shown: str,
    *,
    choices: Choices | None = None,
    taken: Collection[str] | None = None,
    splits: bool = False,
    key: str = "",
) -> MoreOfRecord:
    """Return a record with material on its trial; what it says already stays, and nothing is written.

    Args:
        record: The record.
        materials: The files, read.
        shown: The path of the record in messages.
        choices: What is taken of a study.
        taken: The keys of the additions that are taken of a study or a page; None stands for all.
        splits: Whether notes of several trials are parted.
        key: The key of the trial among those of the files (`Drafted.key`); without it, there has to be one.

    Raises:
        TrialdeckError: The material is of another trial or of several, or the record cannot be changed in place.
    """
    before = output_file(record).read_bytes()
    drafting = [material for material in materials if material.studies or material.page is not None]
    citing = [material for material in materials if material.citations]
    more = MoreOfRecord(record, before, before)
    if drafting:
        drafts = drafts_of([*drafting, *citing], choices=choices or Choices(), splits=splits)
        more = _with_draft(more, [each for each in drafts if key in {"", each.key}], shown, taken)
    elif citing:
        more = _with_citation(more, citing, shown)
    for material in materials:
        if material.output:
            more = _with_output(more, NamedOutput(material.name, material.output), shown)
    return more


def _with_draft(
    more: MoreOfRecord, drafts: Sequence[Drafted], shown: str, taken: Collection[str] | None
) -> MoreOfRecord:
    if len(drafts) != 1:
        message = f"the files are of {counted(len(drafts), 'trial')}, and {shown} is a record of one"
        raise TrialdeckError(message, "name the files of its trial alone")
    (drafted,) = drafts
    trial = load_record_text(more.before, shown).trial
    if trial:
        refuse_other_trial(trial, drafted, shown)
    comparison = compared_with_draft(more.before, drafted.draft.text, shown)
    chosen = [addition for addition in comparison.additions if taken is None or addition.key in taken]
    after = with_additions(more.before, chosen, more.path, shown)
    return msgspec.structs.replace(more, after=after, comparison=comparison, drafted=drafted)


def _with_citation(more: MoreOfRecord, materials: Sequence[Material], shown: str) -> MoreOfRecord:
    citations = [citation for material in materials for citation in material.citations]
    if len(citations) != 1:
        raise TrialdeckError("--into takes one citation", "name one file that holds one publication")
    change = with_source(more.after, shown, citations[0])
    messages = change.messages or ("its source says all of it already",)
    return msgspec.structs.replace(more, after=change.content, messages=messages)


def _with_output(more: MoreOfRecord, output: NamedOutput, shown: str) -> MoreOfRecord:
    change, findings = into_record(output, more.after, shown)
    said = Said(output.name, findings, change.checked, change.added)
    return msgspec.structs.replace(more, after=change.content, said=(*more.said, said))
