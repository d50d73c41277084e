"""What a build refuses for the sake of learners: each of its notes with the place in the form where it is put right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import trialdeck as td
from trialdeck.desk.deck_listing import form_address
from trialdeck.desk.forms.words import LEADS
from trialdeck.desk.workspace import Workspace

_MOST = 5
"""How many notes of one kind a page names."""


@dataclass(frozen=True, slots=True)
class RefusedNote:
    """A note that a change would harm: its first words, and the address of its entry; empty if it has no record."""

    label: str
    address: str


def refused_notes(
    workspace: Workspace, refused: Iterable[Any], records: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, tuple[RefusedNote, ...]]:
    """Return the first notes of each refused change, by its code.

    Args:
        workspace: The workspace.
        refused: The changes that a build refuses.
        records: The names of records, by the ids of their trials.
        labels: The first words of notes, by their keys, as far as they are known.
    """
    return {
        change.code: tuple(_note(workspace, key, records, labels) for key in change.keys[:_MOST]) for change in refused
    }


def _note(workspace: Workspace, key: str, records: Mapping[str, str], labels: Mapping[str, str]) -> RefusedNote:
    name = records.get(key.partition("/")[0], "")
    path = workspace.record_path(name) if name else None
    if path is None or not path.is_file():
        return RefusedNote(labels.get(key, key), "")
    record = td.read_record(path)
    entry = td.entry_of_note(record, key)
    return RefusedNote(labels.get(key) or _words(record.data, entry) or key, form_address(name, entry))


def _words(data: Any, entry: tuple[str | int, ...]) -> str:
    """Return the first words of an entry; empty if it is not there."""
    if len(entry) < 2:
        return ""
    value = data[entry[0]][entry[1]]
    return next((value[lead] for lead in LEADS.values() if isinstance(value.get(lead), str)), "")
