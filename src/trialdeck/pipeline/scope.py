"""What a build has looked at, in names that mean the same on every machine: a record's file from its folder on."""

import os
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

from trialdeck.decks.editions import Scope
from trialdeck.records.project import SEEDS, Place


def record_name(place: Place, asked: Sequence[str]) -> str:
    """Return the name of a record's file as the ledger has it, for example `seeds/aspire.yaml`.

    It starts with the folder of records that the file belongs to: the project's `seeds`, or else a folder that was
    asked for, or else the one that the file lies in. The ledger is UTF-8: other bytes of a name are spelt out.
    """
    folder = place.folder
    home = _home(folder, tuple(asked))
    return _in_utf_8(os.path.basename(home) + place.real[len(home) :].replace(os.sep, "/"))  # noqa: PTH119


def _in_utf_8(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@lru_cache(1024)
def _home(folder: str, asked: tuple[str, ...]) -> str:
    above = [folder, *map(os.fspath, Path(folder).parents)]
    homes = [each for each in above if Path(each).name == SEEDS] + [each for each in asked if each in above]
    return homes[0] if homes else folder


def scope_of(names: Collection[str], trials: Collection[str], asked: Sequence[str]) -> Scope:
    """Return the scope of records that were read, by their names, and of the folders that were asked for."""
    return Scope(
        records=frozenset(names),
        folders=frozenset(_in_utf_8(Path(folder).name) for folder in asked),
        trials=frozenset(trials),
    )


def folders_asked(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the folders among the paths that were asked for, without any link in them."""
    return tuple(os.fspath(path.resolve()) for path in paths if path.is_dir())
