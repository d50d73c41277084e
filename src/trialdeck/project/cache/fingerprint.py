"""A fingerprint of the program: cached results of another version are never used."""

import os
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec

import trialdeck
from trialdeck.core.serialise import digest, path_bytes
from trialdeck.records.discovery import signature_of
from trialdeck.records.schema import schema_text

_RENDERERS = ("markdown_it", "nh3", "yaml")
"""The libraries on which the HTML of a card depends; an update of one changes its files, and so the fingerprint."""
_SCHEMAS = ("trial", "deck", "project")


@cache
def program() -> bytes:
    """Return the digest of the version, of every file of the program, and of the libraries that render the cards."""
    parts = [trialdeck.__version__, *map(_signature_of, _RENDERERS), *map(schema_text, _SCHEMAS)]
    parts += sorted(_signatures(os.path.dirname(trialdeck.__file__)))  # noqa: PTH120
    return digest(*map(path_bytes, parts))


def _signature_of(library: str) -> str:
    spec = find_spec(library)
    return _signature(spec.origin) if spec and spec.origin else ""


def _signatures(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (_signature(os.path.join(parent, name)) for name in names)  # noqa: PTH118


def _signature(path: str) -> str:
    return f"{path} {signature_of(os.stat(path)).hex()}"  # noqa: PTH116
