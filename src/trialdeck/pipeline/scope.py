"""What a build has looked at, in names that mean the same on every machine: a record's file from its folder on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trialdeck.decks.editions import Scope
from trialdeck.records.load import Record
from trialdeck.records.project import SEEDS


def record_name(path: str, asked: Sequence[Path]) -> str:
    """Return the name of a record's file as the ledger has it, for example `seeds/aspire.yaml`.

    It starts with the folder of records that the file belongs to: the project's `seeds`, or else a folder that was
    asked for, or else the one that the file lies in.
    """
    file = Path(path).resolve()
    folders = [folder for folder in file.parents if folder.name == SEEDS]
    folders += [folder for folder in _folders(asked) if folder in file.parents]
    home = folders[0] if folders else file.parent
    return f"{home.name}/{file.relative_to(home).as_posix()}"


def scope_of(records: Sequence[Record], asked: Sequence[Path]) -> Scope:
    """Return the scope of records that were read, among the paths that were asked for."""
    return Scope(
        records=frozenset(record_name(record.path, asked) for record in records),
        folders=frozenset(folder.name for folder in _folders(asked)),
        trials=frozenset(record.trial.id for record in records if record.trial),
    )


def widened(scope: Scope) -> Scope:
    """Return the scope with the whole project in it, where one of its records was read: then all of them were."""
    of_project = any(name.startswith(f"{SEEDS}/") for name in scope.records)
    return replace(scope, folders=scope.folders | {SEEDS}) if of_project else scope


def _folders(asked: Sequence[Path]) -> list[Path]:
    return [path.resolve() for path in asked if path.is_dir()]
