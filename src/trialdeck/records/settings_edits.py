"""Edit settings in place, and begin new settings files: values by their paths, held against the schema."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trialdeck.core.problem import Problem
from trialdeck.records.profile import load_profile_text
from trialdeck.records.schema import load_schema, resolved
from trialdeck.records.settings import load_settings_text
from trialdeck.yamlfile.document import DataPath, Document, Plain
from trialdeck.yamlfile.edit import Drop, Edit, Put, edited

_FOLDER = {"project": "../schemas", "deck": "../schemas", "profile": "schemas"}
"""Where a settings file finds the schemas of its project."""


def new_settings(schema: str, project: Path) -> bytes:
    """Return what a new settings file of a project begins with: its schema, if the project has it, and its format."""
    name = f"{schema}.schema.json"
    is_there = (project / "schemas" / name).is_file()
    first = f"# yaml-language-server: $schema={_FOLDER[schema]}/{name}\n" if is_there else ""
    return f"{first}format: 1\n".encode()


def edited_settings(content: bytes, values: Iterable[tuple[DataPath, Any]], schema: str, shown: str) -> bytes:
    """Return the bytes of a settings file with other values at some paths; comments and order stay.

    Args:
        content: The file, one that can be read.
        values: Texts, truth values, whole numbers, lists of texts, or mappings of texts, by path; one that is None or
            empty removes the property.
        schema: The schema: project, deck or profile.
        shown: The path of the file in messages.

    Returns:
        The new bytes.

    Raises:
        TrialdeckError: A value cannot be changed in place, or the file would be too large.
    """
    for path, value in values:
        content = edited(content, _edits(content, path, value, schema, shown), shown)
    return content


def _edits(content: bytes, path: DataPath, value: Any, schema: str, shown: str) -> Iterator[Edit]:
    document, _ = load_text(content, schema, shown)
    is_there = document is not None and path in document.values
    if value is None or value in ("", [], {}):
        if is_there:
            yield Drop(path)
    else:
        yield Put(path, _written(value), order_of(schema, path[:-1]))


def _written(value: Any) -> Any:
    """Return a value as the editor of YAML takes it: what is no text is plain there."""
    if isinstance(value, bool):
        return Plain("true" if value else "false")
    if isinstance(value, int):
        return Plain(str(value))
    return value


def order_of(schema: str, path: DataPath = ()) -> tuple[str, ...]:
    """Return the names of the properties at a path, in the order of the schema."""
    root = load_schema(schema)
    part: Mapping[str, Any] = root
    for name in path:
        part = resolved(part.get("properties", {}).get(name, {}), root)
    return tuple(part.get("properties", {}))


def load_text(content: bytes, schema: str, shown: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """Read a settings file or a profile; return its document, None if it cannot be read, and its problems."""
    file = load_profile_text(content, shown) if schema == "profile" else load_settings_text(content, shown)
    return file.document, file.problems


def path_of(document: Document, problem: Problem) -> DataPath:
    """Return the path of the value or the property that a problem is about; empty if that is the whole file."""
    paths = [path for path in _paths(document.data) if problem.location in _spots(document, path)]
    return max(paths, key=len, default=())


def _spots(document: Document, path: DataPath) -> Sequence[object]:
    return document.spot(*path), document.key_spot(*path)


def _paths(data: Any, path: DataPath = ()) -> Iterator[DataPath]:
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, part in parts:
        yield (*path, name)
        yield from _paths(part, (*path, name))
