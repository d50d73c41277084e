"""Whether the collection has what an update has written.

The file of the profile stays as it is when the learner undoes an update or restores a backup. So it remembers some of
what each update has written, and what was known before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..note_types import part_digest
from ..subscriptions import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anki.collection import Collection

    from ..subscriptions import Subscription
    from .plan import Match, Work

_MOST = 20
"""How many notes are remembered of an update: the learner may delete some of them."""
_NOTES = "select id, mod, flds || tags from notes where {} in (select value from json_each(?)) order by guid limit {}"
_LOOKS = "select id, mtime_secs, '' from notetypes where id in (select value from json_each(?))"
_DELETED = "select 1 from graves where type = 1 and oid in (select value from json_each(?)) limit 1"
"""Anki remembers the notes that were deleted, but not those whose import was undone."""


def traces_of(col: Collection, work: Work, takes: Iterable[Match]) -> dict[str, Trace]:
    """Return traces of some notes that an update has just written; of the note types if it has written no note."""
    guids = [match.packed.guid for match in takes] + [guid for new in work.new.values() for guid in new]
    return _traces(col, _NOTES.format("guid", _MOST), guids) or _traces(col, _LOOKS, work.looks)


def as_applied(col: Collection, subscription: Subscription) -> Subscription:
    """Return what is known of the updates that the collection has: those that were undone, or are in no backup, go."""
    states = (subscription, *subscription.former)
    return subscription.back_to(next((n for n, each in enumerate(states) if _is_there(col, each)), len(states)))


def _is_there(col: Collection, state: Subscription) -> bool:
    """Whether the collection has an update: something is as the update has left it, or was changed or deleted later.

    A note with an earlier change than that of the update says that it was taken back, whatever was done to the others.
    """
    if not state.traces:
        return True
    ids = [int(each) for each in state.traces]
    now = {**_traces(col, _LOOKS, ids), **_traces(col, _NOTES.format("id", len(ids)), ids)}
    present = [(now[name], trace) for name, trace in state.traces.items() if name in now]
    if any(found == trace for found, trace in present):
        return True
    if any(found.changed < trace.changed for found, trace in present):
        return False
    return any(found.changed > trace.changed for found, trace in present) or (not present and _has_deleted(col, ids))


def _has_deleted(col: Collection, ids: Sequence[int]) -> bool:
    assert col.db is not None
    return bool(col.db.list(_DELETED, json.dumps(ids)))


def _traces(col: Collection, query: str, values: Iterable[Any]) -> dict[str, Trace]:
    assert col.db is not None
    rows: Sequence[Any] = col.db.all(query, json.dumps(list(values)))
    return {str(each): Trace(changed, part_digest(content)) for each, changed, content in rows}
