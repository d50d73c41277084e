"""Read the entries of the list sections of a record: points, related trials, takeaways."""

from collections.abc import Iterator, Mapping
from typing import Any

from trialdeck.core.text import is_blank
from trialdeck.drafts.model_output.cards import parts_of
from trialdeck.drafts.model_output.names import ENTRY, key_of, reason_withheld
from trialdeck.drafts.model_output.texts import has_gaps
from trialdeck.drafts.model_output.trials import Entry
from trialdeck.drafts.model_output.values import Fitter, Path, is_nothing, lines_of
from trialdeck.markdown.cloze import filled


def read_entries(
    section: str, value: Any, path: Path, properties: Mapping[str, Any], fitter: Fitter
) -> Iterator[Entry]:
    """Yield the entries of a section: of objects, or of texts alone.

    Args:
        section: The property of the record.
        value: What the model wrote there.
        path: Where it stands.
        properties: The properties of an entry, in the content schema.
        fitter: Fits the values, and lists what it does.
    """
    main = "name" if "name" in properties else "text"
    for each, where in _as_list(value, path):
        if is_nothing(each):
            continue
        values = _entry(each if isinstance(each, Mapping) else {main: each}, where, properties, fitter)
        statement = values.get(main, "")
        if not statement:
            fitter.findings.leave(where, f"no {main}, so it is not an entry of {section}", values or each)
        elif main == "text" and has_gaps(statement) and "cloze" in properties:
            yield Entry(where, _with_gaps(values, where, fitter))
        else:
            yield Entry(where, values)


def _entry(value: Mapping[str, Any], path: Path, properties: Mapping[str, Any], fitter: Fitter) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, (name, part) in parts_of(value, path, fitter).items():
        own = key if key in properties else ENTRY.get(key, "")
        where = (*path, name)
        if is_nothing(part):
            continue
        if own in properties and own not in values:
            fitted = fitter.part(part, where, properties[own], own)
            if fitted:
                values[own] = fitted
        elif reason := reason_withheld(key):
            fitter.findings.leave(where, reason, part, group="ids" if "ids" in reason else "")
        else:
            fitter.findings.leave(where, f"'{name}' has no place in an entry", part, group=name)
    return {name: values[name] for name in properties if name in values}


def _with_gaps(values: dict[str, Any], path: Path, fitter: Fitter) -> dict[str, Any]:
    """Return an entry whose text hides something: with that as its statement, and the text with all filled in."""
    statement = fitter.statement(values["text"], path)
    if not statement:
        return values
    fitter.findings.repair(path, "the gaps of the text became a cloze statement")
    return values | {"text": filled(statement), "cloze": [statement, *values.get("cloze", ())]}


def _as_list(value: Any, path: Path) -> Iterator[tuple[Any, Path]]:
    """Yield the entries of a section, whatever it is: a list, a text with points, an object with names."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _as_list(each, (*path, index)) if isinstance(each, list) else [(each, (*path, index))]
    elif isinstance(value, str):
        for index, line in enumerate(lines_of(value)):
            yield line, (*path, index)
    elif isinstance(value, Mapping) and not {key_of(name) for name in value} & {"text", "name", *ENTRY}:
        for name, part in value.items():
            if isinstance(part, str) and not is_blank(part):
                yield part if name.isdecimal() else f"{name}: {part}", (*path, name)
            else:
                yield part, (*path, name)
    else:
        yield value, path
