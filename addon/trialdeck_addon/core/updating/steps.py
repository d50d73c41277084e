"""Write several operations of Anki's as one: all of them or none, and one step to undo."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .. import TrialdeckError
from ..json_form import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from anki.collection import Collection, OpChanges

_SCHEMA = "select scm from col"


class Steps:
    """Operations that become one step; `changes` is what Anki's windows have to show anew."""

    def __init__(self, col: Collection, name: str) -> None:
        from anki.collection import OpChanges  # noqa: PLC0415 - the digests of this package need no Anki

        self.col = col
        self.changes: OpChanges = OpChanges()
        self._target = col.add_custom_undo_entry(name)

    def done(self, _result: object | None = None) -> None:
        """Join the operation that was just called to the step.

        At once, because Anki remembers thirty steps and would forget the first of more.
        """
        self.changes.MergeFrom(self.col.merge_undo_entries(self._target))


def in_one_step(col: Collection, name: str, write: Callable[[Steps], None]) -> OpChanges:
    """Write all or nothing.

    Args:
        col: The collection.
        name: What Anki's Edit menu calls the step.
        write: Calls operations of Anki's, and `done` after each of them.

    Returns:
        What has changed.

    Raises:
        TrialdeckError: Nothing was changed: an operation failed, or the next sync would have been a full one.
    """
    database = _database(col)
    written: list[Steps] = []

    def write_all() -> None:
        schema = database.scalar(_SCHEMA)
        steps = Steps(col, name)
        try:
            write(steps)
            _refuse_full_sync(schema, database.scalar(_SCHEMA))
        except BaseException:
            # Anki's own caches follow its undo; what that may leave, the end of the transaction takes back.
            with suppress(Exception):
                col.undo()
            raise
        written.append(steps)

    try:
        database.transact(write_all)
    except BaseException as error:
        _forget_step(col)
        if isinstance(error, TrialdeckError) or not isinstance(error, Exception):
            raise
        reason = shortened(str(error) or type(error).__name__, 200)
        raise TrialdeckError(f"Anki could not write the update ({reason}); nothing was changed") from error
    return written[0].changes


def _refuse_full_sync(before: int, after: int) -> None:
    if before != after:
        message = "the update would make Anki's next sync a full one, which takes one side as a whole"
        raise TrialdeckError(f"{message}; nothing was changed")


def _forget_step(col: Collection) -> None:
    """Make Anki forget a step that was taken back: a write of this kind empties its list of steps and its caches."""
    _database(col).execute("update col set id = id")
    col.models._clear_cache()


def _database(col: Collection) -> Any:
    if col.db is None:
        raise TrialdeckError("the collection is closed; nothing was changed")
    return col.db
