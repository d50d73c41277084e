"""Give entries of a model's output their ids, and say what `check` finds wrong with them, by the place of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trialdeck.core.problem import Problem, Severity
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.trials import Entry, ModelTrial
from trialdeck.drafts.model_output.values import Findings
from trialdeck.lint.card import check_quality
from trialdeck.lint.provenance import check_provenance
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.project.record_loader import problems_of
from trialdeck.records import sections
from trialdeck.records.load import load_record_text
from trialdeck.records.sections import ENTRY_SECTIONS, Section
from trialdeck.records.slugs import name_slug, point_slug, question_slug, unique
from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.long_record import write_long_record
from trialdeck.yamlfile.writer import Property


def new_entries(
    trial: ModelTrial, taken: Mapping[str, Sequence[str]], acronym: str
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the entries of each section as a record has them; `taken` are the ids that a section has."""
    for section in ENTRY_SECTIONS:
        entries = trial.entries.get(section.property, [])
        there = list(taken.get(section.property, ()))
        slugs = [_slug(section, entry, acronym) for entry in entries]
        fallback = section.slug.removesuffix("s")
        ids = unique([*there, *slugs], fallback)[len(there) :]
        yield section.property, [_as_entry(name, entry) for name, entry in zip(ids, entries, strict=True)]


def _slug(section: Section, entry: Entry, acronym: str) -> str:
    if section is sections.RELATED_TRIALS:
        return name_slug(readable(render(entry.values["name"])))
    if section is sections.QUESTIONS:
        return question_slug(readable(render(entry.values["question"])), acronym)
    return point_slug(readable(render(entry.values["text"].partition("\n\n")[0])), acronym)


def _as_entry(name: str, entry: Entry) -> dict[str, Any]:
    values = dict(entry.values)
    if statements := values.pop("cloze", None):
        values["cloze"] = {
            name if number == 1 else f"{name}-{number}": text for number, text in enumerate(statements, 1)
        }
    return {"id": name} | values


def leave_faulty(trial: ModelTrial, findings: Findings) -> None:
    """Leave out the entries that alone make a record with errors."""
    for section, entry in list(trial.all_entries()):
        alone = dict(new_entries(ModelTrial(entries={section: [entry]}), {}, ""))[section]
        properties = [
            Property("format", 1),
            Property("id", "trial"),
            Property("title", "Trial"),
            Property(section, alone),
        ]
        record = load_record_text(write_long_record(properties, ()).encode(), "")
        errors = [problem for problem in problems_of(record) if problem.severity is Severity.ERROR]
        # An entry such as a related trial is nothing to ask about by itself.
        errors = [problem for problem in errors if problem.code != NOTHING_TO_ASK]
        if errors:
            message = "; ".join(f"{problem.code} {problem.message}" for problem in errors)
            findings.leave(entry.path, message, entry.values)
            findings.placed -= len(entry.values)
            trial.entries[section].remove(entry)


NOTHING_TO_ASK = "TD209"


def check_text(content: bytes) -> tuple[Problem, ...]:
    """Return what `check` says of a record by itself, its cards and their sources included."""
    record = load_record_text(content, "")
    problems = set(problems_of(record))
    if record.trial and record.document and not any(problem.severity is Severity.ERROR for problem in problems):
        problems |= {*check_quality(record.trial, record.document), *check_provenance(record.trial, record.document)}
    return tuple(sorted(problems))


def by_entry(
    problems: Sequence[Problem], content: bytes, trial: ModelTrial, there: Mapping[str, int]
) -> Iterator[Notice]:
    """Yield problems of a record with the place in the output of the entry that each is about.

    Args:
        problems: The problems.
        content: The record.
        trial: The entries, in the order of the record.
        there: How many entries each section has before them; problems of those are left out.
    """
    document, _ = parse_document(content, "")
    assert document
    marks = sorted(
        [
            (document.key_spot(section, number).line, place)
            for section in document.data
            if isinstance(document.data[section], list)
            for number, place in enumerate([*[""] * there.get(section, 0), *_places(trial, section)])
        ]
        + [(document.key_spot(name).line, None if there else "the record") for name in document.data]
    , key=lambda mark: mark[0])  # fmt: skip
    for problem in problems:
        place = next((place for line, place in reversed(marks) if line <= problem.line), None)
        if place:
            yield Notice(0, f"{problem.code} {problem.message}{f'; {problem.hint}' if problem.hint else ''}", "", place)


def _places(trial: ModelTrial, section: str) -> list[str]:
    return [entry.place for entry in trial.entries.get(section, ())]
