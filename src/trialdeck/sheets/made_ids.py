"""Make the ids of rows whose id is empty, as `ingest` makes them from a page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.records.sections import ENTRY_SECTIONS, LIST_SECTIONS, QUESTIONS, RELATED_TRIALS, RESULTS
from trialdeck.records.slugs import name_slug, point_slug, question_slug, unique
from trialdeck.sheets.cells import is_empty, is_unchanged
from trialdeck.sheets.columns import ID
from trialdeck.sheets.read import RowEntry

_POINT = "point"
_SAYING = {
    QUESTIONS.property: ("question",),
    RESULTS.property: ("endpoint", "data_cut"),
    RELATED_TRIALS.property: ("name",),
}
_TEXT = ("text",)
"""The columns that say which entry a row is, where its id is empty; an id is made from the first."""


class MadeIds(msgspec.Struct, frozen=True):
    """Rows that all have ids, and what to say of the ids that were made."""

    rows: tuple[RowEntry, ...]
    said: tuple[str, ...]


def with_ids(rows: Sequence[RowEntry], data: Mapping[str, Any]) -> MadeIds:
    """Return the rows of a trial with ids where they were empty.

    A row that says what an entry of the record says, and whose id no other row has, is that entry: an import of the
    same sheet once more adds nothing.

    Args:
        rows: The rows of one trial.
        data: The data of its record; empty if it is new.

    Returns:
        The rows in the same order.
    """
    made: dict[int, str] = {}
    said: list[str] = []
    acronym = _acronym(rows, data)
    for section in ENTRY_SECTIONS:
        own = [row for row in rows if row.key[1] == section.property]
        nameless = [row for row in own if not row.key[2]]
        if nameless:
            given = {row.key[2] for row in own}
            fallback = _POINT if section in LIST_SECTIONS else section.slug
            namer = _Namer(section.property, data.get(section.property) or (), given, acronym, fallback)
            made |= {id(row): name for row, name in namer.names(nameless)}
            said += (f"{row.place}: the id is empty; it becomes '{made[id(row)]}'" for row in nameless)
    return MadeIds(tuple(_named(row, made.get(id(row), "")) for row in rows), tuple(said))


def _named(row: RowEntry, name: str) -> RowEntry:
    return replace(row, key=(*row.key[:2], name)) if name else row


def _acronym(rows: Sequence[RowEntry], data: Mapping[str, Any]) -> str:
    of_trial = next((row.values for row in rows if not row.key[1]), {})
    return str(of_trial.get("acronym") or data.get("acronym") or "")


class _Namer(msgspec.Struct, frozen=True):
    """Names the rows of one list: `given` are the ids that rows have, `entries` those of the record."""

    section: str
    entries: Sequence[Mapping[str, Any]]
    given: set[str]
    acronym: str
    fallback: str

    def names(self, rows: Sequence[RowEntry]) -> Iterator[tuple[RowEntry, str]]:
        """Yield each row with its id."""
        free = [entry for entry in self.entries if str(entry[ID]) not in self.given]
        known: dict[int, str] = {}
        for row in rows:
            same = next((entry for entry in free if self._is_same(row, entry)), None)
            if same:
                free.remove(same)
                known[id(row)] = str(same[ID])
        new = [row for row in rows if id(row) not in known]
        taken = sorted({*self.given, *self._ids_of_record()} - {""})
        made = unique([*taken, *map(self._slug, new)], self.fallback)[len(taken) :]
        yield from zip(new, made, strict=True)
        yield from ((row, known[id(row)]) for row in rows if id(row) in known)

    def _ids_of_record(self) -> Iterator[str]:
        for entry in self.entries:
            yield str(entry[ID])
            yield from map(str, entry.get("formerly") or ())

    def _columns(self) -> tuple[str, ...]:
        return _SAYING.get(self.section, _TEXT)

    def _is_same(self, row: RowEntry, entry: Mapping[str, Any]) -> bool:
        first, *_ = columns = self._columns()
        is_stated = not is_empty(row.values.get(first))
        return is_stated and all(is_unchanged(entry.get(name), row.values.get(name)) for name in columns)

    def _slug(self, row: RowEntry) -> str:
        text = str(row.values.get(self._columns()[0]) or "")
        if self.section == RELATED_TRIALS.property:
            return name_slug(text)
        slug: Callable[[str, str], str] = question_slug if self.section == QUESTIONS.property else point_slug
        return slug(text, self.acronym)
