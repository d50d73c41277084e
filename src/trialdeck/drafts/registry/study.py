"""Find the studies in a registry file, and remember which of their fields have found a place."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from trialdeck.drafts.registry.texts import entries_of, part_of, plain, texts_of

PROTOCOL, RESULTS, DERIVED = "protocolSection", "resultsSection", "derivedSection"
_Value = TypeVar("_Value")
_WRAPPERS = ("study", "studies")
_LISTS = {
    "outcomeMeasures": "outcome",
    "analyses": "analysis",
    "groups": "group",
    "denoms": "denominator",
    "counts": "count",
    "classes": "class",
    "categories": "category",
    "measurements": "measurement",
    "eventGroups": "arm",
    "stats": "arm",
    "seriousEvents": "serious adverse event",
    "otherEvents": "other adverse event",
    "references": "reference",
}
"""The lists of objects that a record takes something of, and what an entry of each is called."""
_READ = ("outcomeMeasuresModule", "adverseEventsModule", "referencesModule")
"""The modules with such lists."""


def studies_in(data: object) -> list[Mapping[str, Any]]:
    """Return the studies of a parsed file: a bare one, `{"study": …}`, `{"studies": […]}`, or a list of these."""
    if isinstance(data, list):
        return [study for part in data for study in studies_in(part)]
    if not isinstance(data, dict):
        return []
    if isinstance(data.get(PROTOCOL), dict):
        return [data]
    return [study for name in _WRAPPERS for study in studies_in(data.get(name))]


def odd_parts(node: Mapping[str, Any], place: str) -> Iterator[tuple[str, object]]:
    """Yield what stands where a list of objects belongs, with its place: nobody can read it."""
    for name, value in node.items():
        if name not in _LISTS or value is None:
            continue
        if not isinstance(value, list):
            yield f"{place}{name}", value
            continue
        for number, part in enumerate(value, start=1):
            where = f"{place}{_LISTS[name]} {number}"
            if isinstance(part, dict):
                yield from odd_parts(part, f"{where}, ")
            else:
                yield where, part


class Study(msgspec.Struct):
    """One study, and the places (`section.module.field`) whose content is in the draft."""

    data: Mapping[str, Any]
    placed: set[str] = msgspec.field(default_factory=set)

    @property
    def nct(self) -> str:
        """The registry number."""
        return self.text("identificationModule.nctId").upper()

    def module(self, name: str) -> Mapping[str, Any]:
        """Return a module, which is found in any of the sections."""
        for section in (PROTOCOL, RESULTS, DERIVED):
            module = part_of(part_of(self.data, section), name)
            if module:
                return module
        return {}

    def text(self, place: str) -> str:
        """Return the text of `module.field`, and mark it as placed."""
        module, _, name = place.partition(".")
        text = plain(self.module(module).get(name))
        return self._mark(place, text)

    def texts(self, place: str) -> list[str]:
        """Return the texts of `module.field`, and mark it as placed."""
        module, _, name = place.partition(".")
        return self._mark(place, texts_of(self.module(module), name))

    def entries(self, place: str) -> list[Mapping[str, Any]]:
        """Return the objects of `module.field`, and mark it as placed."""
        module, _, name = place.partition(".")
        return self._mark(place, entries_of(self.module(module), name))

    def part(self, place: str) -> Mapping[str, Any]:
        """Return the object in `module.field`, and mark it as placed."""
        module, _, name = place.partition(".")
        return self._mark(place, part_of(self.module(module), name))

    def fields(self) -> Iterator[tuple[str, object]]:
        """Yield every field of the file with its place, from the top down to the fields of modules."""
        for section, modules in self.data.items():
            if not isinstance(modules, dict):
                yield section, modules
                continue
            for module, fields in modules.items():
                if not isinstance(fields, dict):
                    yield f"{section}.{module}", fields
                    continue
                for name, value in fields.items():
                    yield f"{section}.{module}.{name}", value

    def odd_parts(self) -> Iterator[tuple[str, object]]:
        """Yield what cannot be read within the lists that a record takes something of."""
        for name in _READ:
            yield from odd_parts(self.module(name), "")

    def _mark(self, place: str, value: _Value) -> _Value:
        if value:
            self.placed.add(place)
        return value
