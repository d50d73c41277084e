"""Draft a record of what a model says of a trial that no other material is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.core.text import counted
from trialdeck.drafts.acronym import find_acronym
from trialdeck.drafts.draft import Draft
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.trials import ModelTrial
from trialdeck.drafts.model_output.values import Findings, fits, why
from trialdeck.drafts.model_output.written_entries import (
    NOTHING_TO_ASK,
    by_entry,
    check_text,
    leave_faulty,
    new_entries,
)
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records import sections
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import ENTRY_SECTIONS
from trialdeck.records.slugs import name_slug, point_slug, refuse_id
from trialdeck.yamlfile.long_record import write_long_record
from trialdeck.yamlfile.writer import Property

_HEAD = (
    "Drafted by a language model and not reviewed: check every statement against the publication.",
    "A model may state what no source says. It gave no results and no review: they are never taken from one.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
)
STATED_BY = "stated by a model, not read in a source: "
_LONGEST_NAME = 40
_REVIEW = {"status": "unreviewed"}
ORDER = tuple(load_schema("trial")["properties"])


def draft_trial(trial: ModelTrial, findings: Findings, *, id: str | None, schema: str | None) -> Draft:  # noqa: A002
    """Draft a record of what a model says of a trial.

    Args:
        trial: The trial; it says what it is called, or has a number.
        findings: What is said of the whole output; what this record cannot hold is added.
        id: The trial's id; `None` makes one from the acronym, the registry number or the title.
        schema: The path of the schema, relative to the record; `None` leaves out the comment that names it.

    Returns:
        The record as YAML, with notices.

    Raises:
        TrialdeckError: `id` is not an id, or the record would be too large.
    """
    if id is not None:
        refuse_id(id)
    facts = dict(trial.facts)
    acronym = facts.get("acronym") or _acronym(trial, findings)
    title = facts.get("title") or acronym or trial.source.get("registry") or trial.source["doi"]
    if "title" not in facts:
        findings.repaired.append(
            Notice(0, "there is no title; what the trial is called stands in for it", title, "title")
        )
    registry = name_slug(trial.source.get("registry", ""))
    trial_id = id or name_slug(acronym) or registry or point_slug(readable(render(title))) or "trial"
    without_itself(trial, trial_id, findings)
    stated = [name for name in ORDER if name in facts] + [f"source.{name}" for name in trial.source]
    facts |= {"title": title} | ({"acronym": acronym} if acronym else {})
    if trial.source:
        facts["source"] = dict(trial.source)
    head = [f"yaml-language-server: $schema={schema}"] if schema else []
    text = _written(trial, trial_id, facts, stated, [*head, *_HEAD])
    problems = check_text(text.encode())
    if any(problem.severity is Severity.ERROR for problem in problems):
        leave_faulty(trial, findings)
        text = _written(trial, trial_id, facts, stated, [*head, *_HEAD])
        problems = check_text(text.encode())
    if any(problem.code == NOTHING_TO_ASK for problem in problems):
        raise TrialdeckError(f"'{title}': nothing in it can be asked about", why(findings))
    checked = by_entry(problems, text.encode(), trial, {})
    return Draft(
        id=trial_id,
        text=text,
        notices=(*sorted(findings.not_taken, key=lambda notice: notice.group), *checked),
        counts=_counts(trial),
        not_taken=tuple(findings.not_taken),
        inferred=tuple(sorted(findings.inferred, key=lambda notice: notice.group)),
        placed=findings.placed,
        unit="part",
        repaired=tuple(findings.repaired),
    )


def _acronym(trial: ModelTrial, findings: Findings) -> str:
    title = readable(render(trial.facts.get("title", "")))
    # A title that is nothing but the name of the trial is known by the words around it.
    acronym = find_acronym(title, [f"the {title} trial"] if len(title) <= _LONGEST_NAME else [], ())
    if not acronym or not fits(acronym, load_schema("trial")["properties"]["acronym"]):
        return ""
    findings.inferred.append(Notice(0, "acronym: the name that the title has for the trial", acronym, "title"))
    return acronym


def without_itself(trial: ModelTrial, trial_id: str, findings: Findings) -> None:
    """Leave out a related trial that is the trial of the record, which `check` would refuse."""
    section = sections.RELATED_TRIALS.property
    for entry in list(trial.entries.get(section, ())):
        if name_slug(entry.values["name"]) == trial_id:
            findings.leave(entry.path, "a related trial is another trial", entry.values["name"])
            trial.entries[section].remove(entry)


def _written(
    trial: ModelTrial, trial_id: str, facts: Mapping[str, Any], stated: Sequence[str], head: Sequence[str]
) -> str:
    acronym = str(facts.get("acronym", ""))
    entries = {name: made for name, made in new_entries(trial, {}, acronym) if made}
    values: dict[str, Any] = {"format": 1, "id": trial_id, **facts, **entries, "review": _REVIEW}
    properties = [
        Property(
            name,
            values[name],
            above=(STATED_BY + ", ".join(stated),) if name == "id" and stated else (),
            apart=name in entries or name in {"review", "tested", "summary"},
        )
        for name in ORDER
        if name in values
    ]
    return write_long_record(properties, head)


def _counts(trial: ModelTrial) -> str:
    named = [(section, len(trial.entries.get(section.property, ()))) for section in ENTRY_SECTIONS]
    shown = [(section.noun, number) for section, number in named if number or section is sections.QUESTIONS]
    return ", ".join(counted(number, noun, _plural(noun)) for noun, number in shown)


def _plural(noun: str) -> str:
    first, space, rest = noun.partition(" of ")
    return f"{first}s{space}{rest}"
