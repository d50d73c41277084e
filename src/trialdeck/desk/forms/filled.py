"""The form of one record: each field with its value, its path, and the names of the entries on the way to it."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from trialdeck.desk.forms.fields import Field, Section, sections

Path = tuple[str | int, ...]
Names = tuple[str, ...]

_CODE = re.compile(r"`([^`]+)`")
_ODD_IN_KEY = re.compile(r"[^A-Za-z0-9_-]+")
_IDENTITIES = ("id", "name", "file")
_TEXTS = {"line", "prose", "number", "day", "choice", "flag", "tick", "id", "fixed"}
_LISTS = {"boxes", "words", "cites", "interval", "pair", "entries", "table"}


@dataclass(frozen=True, slots=True)
class Placed:
    """What stands at a path of the record; `names` are those of the entries that the path leads through."""

    path: Path
    names: Names

    @property
    def key(self) -> str:
        """Its id on the page."""
        return key_of(self.path)

    @property
    def at(self) -> str:
        """The path as scripts write it."""
        return json_of(self.path)

    @property
    def called(self) -> str:
        """The names as scripts write them."""
        return json_of(self.names)


@dataclass(frozen=True, slots=True)
class Filled(Placed):
    """A field with its value; `kind` is `odd` if the form cannot show the value.

    `choices` are those of the field and of what else the record names. `parts` are the fields of a group, `entries`
    those of a list. A table shows some of its `columns`; the author can have the `hidden` ones too.
    """

    field: Field
    value: Any
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple["Filled", ...] = ()
    entries: tuple["FilledEntry", ...] = ()
    columns: tuple[Field, ...] = ()
    hidden: tuple[Field, ...] = ()

    @property
    def owner_at(self) -> str:
        """The path of what the field is a property of."""
        return json_of(self.path[:-1])

    @property
    def statements(self) -> tuple[tuple[str, str, str], ...]:
        """The statements under `cloze`: where each stands on the page, its path, and its text."""
        return tuple(
            (f"{self.key}-{number}", json_of((*self.path, name)), text or "")
            for number, (name, text) in enumerate((self.value or {}).items())
        )

    @property
    def hint(self) -> Markup:
        """The hint as HTML."""
        return Markup(_CODE.sub(r"<code>\1</code>", str(escape(self.field.hint))))  # noqa: S704 - escaped

    @property
    def is_nested(self) -> bool:
        """Whether it is a field of an entry, not of the trial itself."""
        return any(isinstance(part, int) for part in self.path)

    @property
    def has_heading(self) -> bool:
        """Whether a list needs a heading of its own: it is not all that its part of the form has."""
        return self.is_nested or self.field.name == "contributors"

    @property
    def bounds(self) -> tuple[str, str]:
        """The two values of an interval or a pair."""
        first, second, *_ = [*(str(part or "") for part in self.value or ()), "", ""]
        return first, second

    @property
    def unknown(self) -> tuple[str, ...]:
        """The values that are none of the choices."""
        known = {value for value, _ in self.choices}
        values = self.value if isinstance(self.value, list) else [self.value] if self.value else []
        return tuple(str(value) for value in values if str(value or "") not in known and value)


@dataclass(frozen=True, slots=True)
class FilledEntry(Placed):
    """An entry of a list, with its fields; `is_odd` tells that it is no mapping of properties.

    `more` are the fields that are asked for once the author opens them; None until then.
    """

    lead: str
    name: str
    is_odd: bool
    is_retired: bool
    main: tuple[Filled, ...]
    more: tuple[Filled, ...] | None

    @property
    def number(self) -> int:
        """The number of the entry, from 1."""
        return int(self.path[-1]) + 1


@dataclass(frozen=True, slots=True)
class FilledSection:
    """A part of the form with its fields; `count` is the number of entries of its list, None if it has no list."""

    section: Section
    fields: tuple[Filled, ...]
    count: int | None


def key_of(path: Path) -> str:
    """Return the id that what stands at a path has on the page."""
    return "f-" + "-".join(_ODD_IN_KEY.sub("_", str(part)) for part in path)


def filled_entry(data: Mapping[str, Any], path: Path) -> FilledEntry | None:
    """Return one entry with all its fields; None if there is none at the path."""
    form = filled_form(data, [path])
    fields = [field for section in form for field in section.fields if field.path == path[:1]]
    entries = fields[0].entries if fields and len(path) == 2 else ()
    return next((entry for entry in entries if entry.path == path), None)


def json_of(parts: Path | Names) -> str:
    """Return a path or names as `JSON.stringify` writes them, so that scripts can compare."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def filled_form(data: Mapping[str, Any], opened: Collection[Path] = ()) -> tuple[FilledSection, ...]:
    """Return the form of a record with its values; `data` may have any faults.

    `opened` are the paths of the entries whose further fields are wanted too.
    """
    filler = _Filler(data, frozenset(opened))
    form = []
    for section in sections():
        fields = tuple(filler.filled(field, data, (), ()) for field in section.fields)
        lists = [field for field in fields if field.field.kind == "entries"]
        form.append(FilledSection(section, fields, len(lists[0].entries) if len(fields) == 1 and lists else None))
    return tuple(form)


class _Filler:
    """Fills the fields with the values of a record."""

    def __init__(self, data: Mapping[str, Any], opened: frozenset[Path]) -> None:
        self._opened = opened
        results = data.get("results")
        entries = results if isinstance(results, list) else []
        self._results = tuple(
            (name, _text(entry, "endpoint") or name) for entry in entries if (name := _text(entry, "id"))
        )

    def filled(self, field: Field, owner: Any, path: Path, names: Names) -> Filled:
        """Return a field of an owner with its value."""
        value = owner.get(field.name) if isinstance(owner, Mapping) else None
        own = (*path, field.name)
        if not _fits(field, value):
            return Filled(own, names, field, value, "odd")
        columns, hidden = _columns(field, value) if field.kind == "table" else ((), ())
        return Filled(
            own,
            names,
            field,
            value,
            field.kind,
            choices=self._choices(field, owner),
            parts=self._parts(field, value, own, names),
            entries=self._entries(field, value, own, names),
            columns=columns,
            hidden=hidden,
        )

    def _choices(self, field: Field, owner: Any) -> tuple[tuple[str, str], ...]:
        if field.kind == "cites":
            return self._results
        if field.kind == "pair":
            arms = owner.get("arms") if isinstance(owner, Mapping) else None
            named = [_text(arm, "name") for arm in arms] if isinstance(arms, list) else []
            return tuple((name, name) for name in named if name)
        return field.choices

    def _parts(self, field: Field, value: Any, path: Path, names: Names) -> tuple[Filled, ...]:
        is_shown = field.kind == "group" or (field.kind == "retired" and value)
        return tuple(self.filled(part, value or {}, path, names) for part in field.fields) if is_shown else ()

    def _entries(self, field: Field, value: Any, path: Path, names: Names) -> tuple[FilledEntry, ...]:
        if field.kind not in {"entries", "table"}:
            return ()
        return tuple(self._entry(field, entry, (*path, index), names) for index, entry in enumerate(value or ()))

    def _entry(self, field: Field, entry: Any, path: Path, names: Names) -> FilledEntry:
        name = next((_text(entry, known) for known in _IDENTITIES if _text(entry, known)), "")
        called = (*names, name)
        main = field.fields if field.kind == "table" else field.main_fields
        more = field.more_fields if field.kind == "entries" else ()
        is_wanted = not more or path in self._opened
        return FilledEntry(
            path,
            called,
            _text(entry, field.lead),
            name,
            is_odd=not isinstance(entry, Mapping),
            is_retired=isinstance(entry, Mapping) and bool(entry.get("retired")),
            main=tuple(self.filled(part, entry, path, called) for part in main),
            more=tuple(self.filled(part, entry, path, called) for part in more) if is_wanted else None,
        )


def _fits(field: Field, value: Any) -> bool:
    """Tell whether the form can show a value."""
    if value is None:
        return True
    if field.kind in _TEXTS:
        return isinstance(value, str)
    if field.kind in _LISTS:
        if not isinstance(value, list):
            return False
        is_of_texts = all(part is None or isinstance(part, str) for part in value)
        pairs = field.kind in {"interval", "pair"}
        return field.kind in {"entries", "table"} or (is_of_texts and not (pairs and len(value) > 2))
    if field.kind == "statements":
        return isinstance(value, Mapping) and all(part is None or isinstance(part, str) for part in value.values())
    return isinstance(value, Mapping)


def _columns(field: Field, value: Sequence[Any] | None) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Return the columns of a table: those that are always there or have values, and the others."""
    written = {name for entry in value or () if isinstance(entry, Mapping) for name in entry}
    shown = [column for column in field.fields if column.is_main or column.name in written]
    return tuple(shown), tuple(column for column in field.fields if column not in shown)


def _text(entry: Any, name: str) -> str:
    value = entry.get(name) if isinstance(entry, Mapping) else None
    return value if isinstance(value, str) else ""
