"""Rules for identities: a renamed note must still name the id that it had first.

A note's guid comes from the record alone, so that it survives a lost ledger. What the record says must therefore stay:
an earlier id that is dropped, or named without the one before it, would start a learner's history anew.
"""

from collections.abc import Iterator, Mapping, Sequence

from trialdeck.core.problem import Problem
from trialdeck.editions.ledger import Line
from trialdeck.notes.note import Note, guid_of, trial_of
from trialdeck.records.sections import ENTRY_SECTIONS
from trialdeck.records.summary import KnownRecord
from trialdeck.yamlfile.document import DataPath

_LISTS = {section.slug: section.property for section in ENTRY_SECTIONS}


def check_identities(record: KnownRecord | None, notes: Sequence[Note], former: Sequence[Line]) -> Iterator[Problem]:
    """Yield a problem for each entry of a record, or for the whole, whose notes have lost the identity they had.

    `former` are the lines of the ledger that may belong to the notes; a trial that has no record has lost nothing.
    """
    live = {note.guid: note for note in notes if note.cards or note.retired}
    built = {line.key: line for line in former if not line.retired and line.guid not in live}
    if not built or not record:
        return
    seen: set[DataPath] = set()
    for note in sorted(live.values(), key=lambda note: note.key):
        # A renamed note is new to the ledger under its own key; then the earlier key must be the first one.
        lost = built.get(note.key) or built.get(note.identity)
        if lost and lost.guid != note.guid:
            path = _place(note, lost, record)
            if path not in seen:
                seen.add(path)
                yield _problem(note, lost, record, path)


def _problem(note: Note, lost: Line, record: KnownRecord, place: DataPath) -> Problem:
    """Return the problem of a note that has lost its identity.

    Args:
        note: The note.
        lost: The line of the ledger that it had.
        record: The record of the note.
        place: The path of its entry; empty for the whole record.

    Returns:
        The problem.

    """
    known = guid_of(lost.identity) == lost.guid
    name, named, first = (_id_in(key, place) for key in (note.key, note.identity, lost.identity))
    hint = f"begin `formerly` with the oldest id: [{first}, …]; else learners lose their history"
    if not known:
        message = f"'{name}' was built before under another first id, and `formerly` does not begin with it"
        hint = "begin `formerly` with the oldest id, as an earlier version of it does; else learners lose history"
    elif lost.identity == note.key:
        message = f"'{name}' was built before as its own first id, and `formerly` now begins with '{named}'"
        hint = f"take '{named}' out of `formerly`; else learners lose their history"
    elif note.key == lost.key:
        message = f"'{name}' was built before as the renamed '{first}', and `formerly` does not begin with it"
    else:
        message = f"the earlier id '{named}' was itself a new name of '{first}'"
    return record.document.problem("TD210", record.document.spot(*place, "id"), message, hint)


def _place(note: Note, lost: Line, record: KnownRecord) -> DataPath:
    """Return the path of the entry whose id it is about, or the empty path of the whole record."""
    of_trial = trial_of(lost.identity) != trial_of(note.identity)
    parts = note.key.split("/")
    if of_trial or len(parts) < 3 or parts[1] not in _LISTS:
        return ()
    name = _LISTS[parts[1]]
    entries: Mapping[str, int] = {entry.id: index for index, entry in enumerate(getattr(record.trial, name))}
    return (name, entries[parts[2]])


def _id_in(key: str, place: DataPath) -> str:
    return key.split("/")[2] if place else trial_of(key)
