"""Compare two states of note types: fields, templates and style."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from trialdeck.apkg.reader import PackedTemplate, PackedType


class TypeState(msgspec.Struct, frozen=True):
    """A note type at one time, its fields and templates in order."""

    name: str
    fields: tuple[str, ...]
    templates: tuple[PackedTemplate, ...]
    style: str

    @property
    def template_names(self) -> tuple[str, ...]:
        """The names of the templates, in order."""
        return tuple(template.name for template in self.templates)


class Names(msgspec.Struct, frozen=True):
    """Names in order, before and after."""

    before: tuple[str, ...]
    after: tuple[str, ...]


class TypeChange(msgspec.Struct, frozen=True):
    """A note type that changed: its fields or templates, by name; templates of the same name; or its style."""

    name: str
    fields: Names | None
    templates: Names | None
    templates_changed: tuple[str, ...]
    style: bool


class TypeChanges(msgspec.Struct, frozen=True):
    """The names of note types that came and went, and what changed in the others, sorted by name."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[TypeChange, ...]

    def __len__(self) -> int:
        return len(self.new) + len(self.gone) + len(self.changed)


def told_apart(*sides: Iterable[PackedType], own: Container[int]) -> list[tuple[PackedType, ...]]:
    """Return the note types of each side, with the id behind a name that several types of one side have.

    Args:
        sides: The note types of each side.
        own: The ids of our note types, which keep their names.

    Returns:
        The note types of each side, no two of one name.
    """
    packed = [tuple(side) for side in sides]
    repeated = {name for side in packed for name, count in Counter(each.name for each in side).items() if count > 1}
    return [
        tuple(
            replace(each, name=f"{each.name} (id {each.id})") if each.name in repeated and each.id not in own else each
            for each in side
        )
        for side in packed
    ]


def newest_types(known: Mapping[str, PackedType], found: Iterable[PackedType]) -> dict[str, PackedType]:
    """Return note types by name, those that are known and those of another package; of two, the newer one counts."""
    newest = dict(known)
    for note_type in found:
        if note_type.name not in newest or note_type.changed > newest[note_type.name].changed:
            newest[note_type.name] = note_type
    return newest


def type_states(note_types: Mapping[str, PackedType]) -> dict[str, TypeState]:
    """Return the states of note types by name."""
    return {
        name: TypeState(name, note_type.fields, note_type.templates, note_type.style)
        for name, note_type in sorted(note_types.items())
    }


def type_changes(old: Mapping[str, TypeState], new: Mapping[str, TypeState]) -> TypeChanges:
    """Return what differs between two states of note types, each by name."""
    both = sorted(old.keys() & new.keys())
    return TypeChanges(
        new=tuple(sorted(new.keys() - old.keys())),
        gone=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(_type_change(old[name], new[name]) for name in both if old[name] != new[name]),
    )


def _type_change(before: TypeState, after: TypeState) -> TypeChange:
    return TypeChange(
        name=after.name,
        fields=_names(before, after, lambda state: state.fields),
        templates=_names(before, after, lambda state: state.template_names),
        templates_changed=tuple(sorted(_changed_templates(before, after))),
        style=before.style != after.style,
    )


def _names(before: TypeState, after: TypeState, names: Callable[[TypeState], tuple[str, ...]]) -> Names | None:
    return Names(names(before), names(after)) if names(before) != names(after) else None


def _changed_templates(before: TypeState, after: TypeState) -> Iterator[str]:
    former = {template.name: template for template in before.templates}
    return (template.name for template in after.templates if former.get(template.name, template) != template)
