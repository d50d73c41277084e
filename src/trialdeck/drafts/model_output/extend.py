"""Add what a model says of a trial to a record that is there; what the record says already stays."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.draft_trial import ORDER, STATED_BY, without_itself
from trialdeck.drafts.model_output.trials import Entry, ModelTrial, without_repeats
from trialdeck.drafts.model_output.values import Findings
from trialdeck.drafts.model_output.written_entries import by_entry, check_text, leave_faulty, new_entries
from trialdeck.records.sections import ENTRY_SECTIONS, Section
from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.edit_together import edited_together
from trialdeck.yamlfile.writer import WIDTH

_SOURCE = ("citation", "doi", "registry", "url")


class Extended(msgspec.Struct, frozen=True):
    """A record with what a model says of its trial.

    `added` is how many entries and facts are new, `checked` what `check` says of the new entries.
    """

    content: bytes
    added: int
    checked: tuple[Notice, ...] = ()


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
    without_itself(trial, str(data.get("id", "")), findings)
    leave_faulty(trial, findings)
    edits = list(_fact_edits(data, trial, findings))
    taken = {name: [str(entry.get("id")) for entry in entries] for name, entries in there.items()}
    entries = {name: made for name, made in new_entries(trial, taken, str(data.get("acronym") or "")) if made}
    further = {name: made for name, made in entries.items() if there[name]}
    edits += [Put((name,), made, ORDER) for name, made in entries.items() if name not in further]
    changed = edited(content, edits, shown) if edits else content
    changed = edited_together(changed, {}, further, shown) if further else changed
    names = [str(edit.path[0]) for edit in edits if isinstance(edit, Put) and edit.path[0] not in entries]
    written = {name: [str(entry["id"]) for entry in made] for name, made in entries.items()}
    changed = _with_comments(changed, {name: f"{STATED_BY}{name}" for name in names} | {
        name: f"written by a model: {', '.join(ids)}" for name, ids in written.items()})  # fmt: skip
    counts = {name: len(made) for name, made in there.items()}
    checked = tuple(by_entry(check_text(changed), changed, trial, counts))
    return Extended(changed, len(names) + sum(map(len, entries.values())), checked)


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
                yield Put((name,), [*(there or []), *new], ORDER)
        elif there and there != value:
            findings.leave((*trial.path, name), f"the record says {str(there)[:100]!r}, which stays", value)
            findings.placed -= 1
        elif not there:
            yield Put((name,), value, ORDER)
    missing = {name: text for name, text in trial.source.items() if not (source or {}).get(name)}
    for name, text in trial.source.items():
        if name not in missing and source and source[name] != text:
            findings.leave((*trial.path, "source", name), f"the record says {source[name]!r}, which stays", text)
            findings.placed -= 1
    if missing and not source:
        yield Put(("source",), missing, ORDER)
    else:
        yield from (
            Put(("source", name), text, ("citation", "doi", "registry", "url")) for name, text in missing.items()
        )


def _with_comments(content: bytes, comments: Mapping[str, str]) -> bytes:
    """Return a record with comments above some properties; one that is JSON, or in one line, stays."""
    lines = content.decode("utf-8").split("\n")
    for name, comment in comments.items():
        at = next((number for number, line in enumerate(lines) if line.startswith(f"{name}:")), None)
        if at is not None:
            lines[at:at] = [f"# {line}" for line in wrap(comment, WIDTH - 2, break_on_hyphens=False)]
    commented = "\n".join(lines).encode()
    before, after = (parse_document(each, "")[0] for each in (content, commented))
    return commented if before and after and before.data == after.data else content
