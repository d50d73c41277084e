"""What a draft says of a trial that has a record already: what is new is offered, what the record says stays."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity, shortened
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import ENTRY_SECTIONS, RELATED_TRIALS, Section
from trialdeck.yamlfile.document import DataPath, parse_document
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.edit_together import edited_together

_SECTIONS: Mapping[str, Section] = {section.property: section for section in ENTRY_SECTIONS}
_NOT_COMPARED = frozenset({"$schema", "format", "id", "title", "formerly", "review", "cards", "core", "contributors"})
_WORDS = ("question", "endpoint", "text", "name")
"""The property that says what an entry is about."""
_APART = ("data_cut", "analysis", "timepoint", "population", "perspective")
"""What tells two results of one endpoint apart, or two questions in the same words."""
_LONGEST = 160


class Addition(msgspec.Struct, frozen=True):
    """Something that a draft has and a record lacks: its key, the property, the value, and what it is called."""

    key: str
    property: str
    label: str
    value: Any
    path: DataPath


class Comparison(msgspec.Struct, frozen=True):
    """A record and a draft: what the record lacks, and what it says otherwise (`property`, its words, the draft's)."""

    additions: tuple[Addition, ...]
    stays: tuple[tuple[str, str, str], ...] = ()


def compared_with_draft(content: bytes, draft: str, shown: str) -> Comparison:
    """Return what a draft has that a record lacks; raises TrialdeckError if the record cannot be read."""
    record, drafted = _data(content, shown), _data(draft.encode(), shown)
    additions: list[Addition] = []
    stays: list[tuple[str, str, str]] = []
    for name, value in drafted.items():
        there = record.get(name)
        if name in _NOT_COMPARED:
            continue
        if name in _SECTIONS:
            additions += _new_entries(name, there or [], value or [])
        elif isinstance(value, dict):
            for part, text in value.items():
                _compare(f"{name}.{part}", (name, part), (there or {}).get(part), text, additions, stays)
        elif isinstance(value, list):
            new = [word for word in value if word not in (there or [])]
            label = ", ".join(map(str, new))
            additions += [Addition(name, name, label, new, (name,))] if new else []
        else:
            _compare(name, (name,), there, value, additions, stays)
    return Comparison(tuple(additions), tuple(stays))


def _data(content: bytes, shown: str) -> dict[str, Any]:
    document, _ = parse_document(content, shown)
    if document is None or not isinstance(document.data, dict):
        raise TrialdeckError(f"{shown} cannot be read", "`trialdeck check` says why")
    return document.data


def _compare(  # noqa: PLR0913, PLR0917 - a value on both sides, and where it goes
    key: str, path: DataPath, there: Any, value: Any, additions: list[Addition], stays: list[tuple[str, str, str]]
) -> None:
    if not there:
        additions.append(Addition(key, str(path[0]), shortened(str(value), _LONGEST), value, path))
    elif str(there) != str(value):
        stays.append((key, shortened(str(there), _LONGEST), shortened(str(value), _LONGEST)))


def _new_entries(section: str, there: Sequence[Any], drafted: Sequence[Any]) -> Iterator[Addition]:
    known = [entry for entry in there if isinstance(entry, dict)]
    ids = {str(name) for entry in known for name in (entry.get("id"), *(entry.get("formerly") or []))}
    said = {_identity(entry) for entry in known}
    outcomes = {str(entry["outcome"]) for entry in known if entry.get("outcome")}
    for entry in drafted:
        is_known = entry["id"] in ids or _identity(entry) in said or str(entry.get("outcome")) in outcomes
        if not is_known:
            label = next((str(entry[name]) for name in _WORDS if entry.get(name)), str(entry["id"]))
            plain = shortened(readable(render(label)), _LONGEST)
            yield Addition(f"{section}/{entry['id']}", section, plain, entry, (section, str(entry["id"])))


def _identity(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an entry is about, in small letters."""
    words = next((str(entry[name]) for name in _WORDS if entry.get(name)), str(entry.get("id")))
    return (readable(render(words)).casefold(), *(str(entry.get(name) or "").casefold() for name in _APART))


def with_additions(content: bytes, additions: Collection[Addition], path: Path, shown: str) -> bytes:
    """Return a record with additions; what it says already stays.

    If somebody has signed the record as a whole, each new entry says that nobody has reviewed it.

    Raises TrialdeckError if the record cannot be changed in place, or would have an error.
    """
    if not additions:
        return content
    record = _data(content, shown)
    order = tuple(load_schema("trial")["properties"])
    entries: dict[str, list[Any]] = {}
    edits: list[Edit] = []
    for addition in additions:
        if addition.property in _SECTIONS:
            entries.setdefault(addition.property, []).append(_unreviewed(addition, record))
        elif isinstance(addition.value, list):
            edits.append(Put(addition.path, [*(record.get(addition.property) or []), *addition.value], order))
        else:
            edits += _fact(addition, record, order, edits)
    edits += [Put((name,), made, order) for name, made in entries.items() if not record.get(name)]
    changed = edited(content, edits, shown) if edits else content
    further = {name: made for name, made in entries.items() if record.get(name)}
    changed = edited_together(changed, {}, further, shown) if further else changed
    _refuse_new_error(content, changed, path, shown)
    return changed


def _fact(addition: Addition, record: Mapping[str, Any], order: tuple[str, ...], edits: Sequence[Edit]) -> list[Edit]:
    first, *others = addition.path
    is_begun = bool(record.get(str(first))) or any(edit.path[:1] == (first,) for edit in edits)
    if others and not is_begun:
        return [Put((first,), {others[0]: addition.value}, order)]
    inner = tuple(load_schema("trial")["$defs"].get(str(first), {}).get("properties", ())) if others else order
    return [Put(addition.path, addition.value, inner)]


def _unreviewed(addition: Addition, record: Mapping[str, Any]) -> Any:
    review = record.get("review")
    is_signed = isinstance(review, dict) and str(review.get("status") or "") in {"reviewed", "disputed"}
    if not is_signed or addition.property == RELATED_TRIALS.property:
        return addition.value
    return {**addition.value, "review": {"status": "unreviewed"}}


def _refuse_new_error(before: bytes, after: bytes, path: Path, shown: str) -> None:
    old, new = (
        {
            (problem.code, problem.message): problem
            for problem in problems_of(load_record_text(content, shown, path.parent))
            if problem.severity is Severity.ERROR
        }
        for content in (before, after)
    )
    for name, problem in new.items():
        if name not in old:
            message = f"{shown} would have an error: {problem.code} {problem.message}"
            raise TrialdeckError(message, problem.hint or "take less, and add the rest by hand")
