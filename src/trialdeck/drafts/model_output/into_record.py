"""Write what a model says of a trial into a record: into a new one, or into one that is there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.drafts.acronym import find_acronym
from trialdeck.drafts.draft import Draft
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.trials import Entry, ModelTrial, without_repeats
from trialdeck.drafts.model_output.values import Findings, fits
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.project.record_loader import problems_of
from trialdeck.records import sections
from trialdeck.records.load import load_record_text
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import ENTRY_SECTIONS, Section
from trialdeck.records.slugs import name_slug, point_slug, question_slug, refuse_id, unique
from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.edit_together import edited_together
from trialdeck.yamlfile.long_record import write_long_record
from trialdeck.yamlfile.writer import Property

_HEAD = (
    "Drafted by a language model and not reviewed: check every statement against the publication.",
    "A model may state what no source says. It gave no results and no review: they are never taken from one.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
)
_STATED = "stated by a model, not read in a source: "
_REVIEW = {"status": "unreviewed"}
_SOURCE = ("citation", "doi", "registry", "url")
_ORDER = tuple(load_schema("trial")["properties"])


class Extended(msgspec.Struct, frozen=True):
    """A record with what a model says of its trial; `added` is how many entries and facts are new."""

    content: bytes
    added: int


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
        TrialdeckError: `id` is not a slug, or the record would be too large.
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
    _without_itself(trial, trial_id, findings)
    stated = [name for name in _ORDER if name in facts] + [f"source.{name}" for name in trial.source]
    facts |= {"title": title} | ({"acronym": acronym} if acronym else {})
    if trial.source:
        facts["source"] = dict(trial.source)
    head = [f"yaml-language-server: $schema={schema}"] if schema else []
    text = _written(trial, trial_id, facts, stated, [*head, *_HEAD])
    problems = _problems(text)
    if any(problem.severity is Severity.ERROR for problem in problems):
        _leave_faulty(trial, findings)
        text = _written(trial, trial_id, facts, stated, [*head, *_HEAD])
        problems = _problems(text)
    checked = _by_entry(problems, text, trial)
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
    texts = [text for _, entry in trial.all_entries() for text in entry.words if isinstance(text, str)]
    acronym = find_acronym(title, texts[:0], ())
    if not acronym or not fits(acronym, load_schema("trial")["properties"]["acronym"]):
        return ""
    findings.inferred.append(Notice(0, "acronym: the name that the title has for the trial", acronym, "title"))
    return acronym


def _without_itself(trial: ModelTrial, trial_id: str, findings: Findings) -> None:
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
    entries = {name: made for name, made in _new_entries(trial, {}, acronym) if made}
    values: dict[str, Any] = {"format": 1, "id": trial_id, **facts, **entries, "review": _REVIEW}
    properties = [
        Property(
            name,
            values[name],
            above=(_STATED + ", ".join(stated),) if name == "id" and stated else (),
            apart=name in entries or name in {"review", "tested", "summary"},
        )
        for name in _ORDER
        if name in values
    ]
    return write_long_record(properties, head)


def _new_entries(
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


def _problems(text: str) -> tuple[Problem, ...]:
    return problems_of(load_record_text(text.encode(), ""))


def _leave_faulty(trial: ModelTrial, findings: Findings) -> None:
    """Leave out the entries that alone make a record with errors."""
    for section, entry in list(trial.all_entries()):
        alone = ModelTrial(entries={section: [entry]})
        text = _written(alone, "trial", {"title": "Trial"}, (), ())
        errors = [problem for problem in _problems(text) if problem.severity is Severity.ERROR]
        if errors:
            message = "; ".join(f"{problem.code} {problem.message}" for problem in errors)
            findings.leave(entry.path, message, next(iter(entry.values.values()), ""))
            findings.placed -= len(entry.values)
            trial.entries[section].remove(entry)


def _by_entry(problems: Sequence[Problem], text: str, trial: ModelTrial) -> Iterator[Notice]:
    """Yield what `check` says of a record, with the place of the card in the output that it is about."""
    document, _ = parse_document(text.encode(), "")
    assert document
    starts = [
        (document.spot(section, number).line, entry.place)
        for section, entries in trial.entries.items()
        for number, entry in enumerate(entries)
    ]
    ends = [document.key_spot(name).line for name in document.data]
    for problem in problems:
        line, where = max(((line, place) for line, place in starts if line <= problem.line), default=(0, ""))
        is_within = line and not any(line < end <= problem.line for end in ends)
        message = f"{problem.code} {problem.message}{f'; {problem.hint}' if problem.hint else ''}"
        yield Notice(0, message, "", where if is_within else "the record")


def _counts(trial: ModelTrial) -> str:
    named = [(section, len(trial.entries.get(section.property, ()))) for section in ENTRY_SECTIONS]
    shown = [(section.noun, number) for section, number in named if number or section is sections.QUESTIONS]
    return ", ".join(f"{number} {noun if number == 1 else _plural(noun)}" for noun, number in shown)


def _plural(noun: str) -> str:
    first, space, rest = noun.partition(" of ")
    return f"{first}s{space}{rest}"


def extended(content: bytes, shown: str, trial: ModelTrial, findings: Findings) -> Extended:
    """Return a record with what a model says of its trial; what the record says already stays.

    Raises TrialdeckError if the record cannot be read or changed in place.
    """
    document, _ = parse_document(content, shown)
    if document is None or not isinstance(document.data, dict):
        raise TrialdeckError(f"{shown} cannot be read", "`trialdeck check` says why")
    data = document.data
    there = {section.property: _entries_of(data, section) for section in ENTRY_SECTIONS}
    without_repeats(trial, findings, [_known_entry(entry).words for entries in there.values() for entry in entries])
    _without_itself(trial, str(data.get("id", "")), findings)
    _leave_faulty(trial, findings)
    edits = list(_fact_edits(data, trial, findings))
    taken = {name: [str(entry.get("id")) for entry in entries] for name, entries in there.items()}
    entries = {name: made for name, made in _new_entries(trial, taken, str(data.get("acronym") or "")) if made}
    further = {name: made for name, made in entries.items() if there[name]}
    edits += [Put((name,), made, _ORDER) for name, made in entries.items() if name not in further]
    changed = edited(content, edits, shown) if edits else content
    changed = edited_together(changed, {}, further, shown) if further else changed
    names = [str(edit.path[0]) for edit in edits if isinstance(edit, Put) and edit.path[0] not in entries]
    return Extended(_with_comments(changed, names), len(names) + sum(map(len, entries.values())))


def _entries_of(data: Mapping[str, Any], section: Section) -> list[dict[str, Any]]:
    return [entry for entry in data.get(section.property) or [] if isinstance(entry, dict)]


def _known_entry(entry: Mapping[str, Any]) -> Entry:
    cloze = entry.get("cloze")
    statements = list(cloze.values()) if isinstance(cloze, Mapping) else []
    return Entry((), {name: str(entry.get(name) or "") for name in ("question", "response", "text", "name")}
                 | {"cloze": [str(text) for text in statements]})  # fmt: skip


def _fact_edits(data: Mapping[str, Any], trial: ModelTrial, findings: Findings) -> Iterator[Edit]:
    source = data.get("source") if isinstance(data.get("source"), dict) else None
    for name, value in trial.facts.items():
        there = data.get(name)
        if isinstance(value, list):
            new = [each for each in value if each not in (there or [])]
            if new:
                yield Put((name,), [*(there or []), *new], _ORDER)
        elif there and there != value:
            findings.leave((*trial.path, name), f"the record says {str(there)[:100]!r}, which stays", value)
            findings.placed -= 1
        elif not there:
            yield Put((name,), value, _ORDER)
    missing = {name: text for name, text in trial.source.items() if not (source or {}).get(name)}
    for name, text in trial.source.items():
        if name not in missing and source and source[name] != text:
            findings.leave((*trial.path, "source", name), f"the record says {source[name]!r}, which stays", text)
            findings.placed -= 1
    if missing and not source:
        yield Put(("source",), missing, _ORDER)
    else:
        yield from (
            Put(("source", name), text, ("citation", "doi", "registry", "url")) for name, text in missing.items()
        )


def _with_comments(content: bytes, names: Sequence[str]) -> bytes:
    """Return a record with a comment above facts that a model stated; a record without lines of its own stays."""
    if not names:
        return content
    lines = content.decode("utf-8").split("\n")
    for name in dict.fromkeys(names):
        at = next((number for number, line in enumerate(lines) if line.startswith(f"{name}:")), None)
        if at is not None:
            lines.insert(at, f"# {_STATED}{name}")
    commented = "\n".join(lines).encode()
    before, after = (parse_document(each, "")[0] for each in (content, commented))
    return commented if before and after and before.data == after.data else content
