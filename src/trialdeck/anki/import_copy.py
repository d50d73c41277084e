"""Write a copy of a package that fits one Anki collection, so that its import keeps what the learner has.

An import replaces all fields and tags of a note at once. In the copy, a note has the author's fields and the learner's
text, so that nothing is ever missing in between. The note types of the copy have the field names and the field order of
the collection, so that Anki does not create a second note type, nor empty a field that the learner has added.
"""

import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import time
from typing import Any

import msgspec

from trialdeck.anki.connect import NoAnswerError
from trialdeck.apkg.container import AGAIN, ContainerFormat, open_archive, unpack_database
from trialdeck.apkg.untrusted import foreign_database
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import ABANDONED, refusals
from trialdeck.core.interrupts import defer_sigint
from trialdeck.core.temporary import scratch_folder

PREFIX = ".trialdeck.push-"
"""The start of the names of these hidden folders."""


@contextmanager
def copy_folder(package: Path) -> Iterator[Path]:
    """Make a hidden folder beside a package, and remove it at the end; if that is refused, make one elsewhere.

    Anki can read files beside the package even if it sees only some folders of this machine. The folder stays if Anki
    may still be reading from it; a later call removes it, and those of killed processes.
    """
    _remove_abandoned(package.parent)
    with ExitStack() as stack:
        try:
            folder = Path(mkdtemp(prefix=PREFIX, dir=package.parent))
            # Anki may run as another user, who can read the package.
            folder.chmod(package.parent.stat().st_mode & 0o777 | 0o700)
        except OSError:
            folder = stack.enter_context(scratch_folder())
        try:
            yield folder
        except (NoAnswerError, KeyboardInterrupt):
            raise
        except BaseException:
            _remove(folder)
            raise
        _remove(folder)


def _remove(folder: Path) -> None:
    with defer_sigint():
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(folder: Path) -> None:
    for old_folder in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            # Only folders: removing a pipe this way would block for ever.
            if old_folder.is_dir() and old_folder.stat().st_mtime < time() - ABANDONED:
                shutil.rmtree(old_folder)


_SEPARATOR = "\x1f"


class Fitting(msgspec.Struct, frozen=True):
    """The changes to a note in the copy.

    `fields` replace those of the package, by our name or, for a field that the learner has added, by theirs. `tags` are
    added. `changed` is the time of change in seconds of Unix time; `None` keeps that of the package.
    """

    fields: Mapping[str, str]
    tags: tuple[str, ...]
    changed: int | None


Layout = tuple[tuple[str, str], ...]
"""The fields of a note type in the collection, in order: the name there, and our name, empty for an added field."""


def write_fitted(package: Path, target: Path, fittings: Mapping[str, Fitting], layouts: Mapping[int, Layout]) -> None:
    """Write a copy of a package that fits a collection.

    Args:
        package: The package.
        target: The file to write.
        fittings: The changes to notes, by guid.
        layouts: The fields of note types, by id.

    Raises:
        TrialdeckError: The package cannot be read, was not written by trialdeck, or the disk refuses.
    """
    with scratch_folder() as folder:
        database = folder / "collection"
        with refusals(database), database.open("xb") as file:
            form = unpack_database(package, file)
        if form is not ContainerFormat.OLD:
            message = f"{package} was exported by Anki: to import it would take away what you wrote on your cards"
            raise TrialdeckError(message, "push a package that trialdeck has built")
        try:
            # Checks that it contains only tables, before anything is written into it.
            with foreign_database(database):
                pass
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("PRAGMA trusted_schema = OFF")
                _change_database(connection, fittings, layouts)
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            raise TrialdeckError(f"{package} is damaged: its collection cannot be read ({error})", AGAIN) from error
        _repack(package, target, database)


def _change_database(
    connection: sqlite3.Connection, fittings: Mapping[str, Fitting], layouts: Mapping[int, Layout]
) -> None:
    [[text]] = connection.execute("SELECT models FROM col")
    models: dict[str, Any] = msgspec.json.decode(text)
    names = {int(model_id): _names(model) for model_id, model in models.items()}
    rows = connection.execute("SELECT id, guid, mid, mod, tags, flds FROM notes ORDER BY id").fetchall()
    none = Fitting({}, (), None)
    connection.executemany(
        "UPDATE notes SET mod = ?, tags = ?, flds = ? WHERE id = ?",
        [
            (*_fitted_row(fittings.get(guid, none), layouts.get(mid), names[mid], (mod, tags, fields)), row_id)
            for row_id, guid, mid, mod, tags, fields in rows
            if guid in fittings or mid in layouts
        ],
    )
    fitted = {key: _fitted_model(model, layouts.get(int(key))) for key, model in models.items()}
    connection.execute("UPDATE col SET models = ?", (msgspec.json.encode(fitted).decode(),))


def _names(model: Mapping[str, Any]) -> list[str]:
    return [field["name"] for field in sorted(model["flds"], key=lambda field: field["ord"])]


def _fitted_row(
    fitting: Fitting, layout: Layout | None, names: list[str], row: tuple[int, str, str]
) -> tuple[int, str, str]:
    """Return the time of change, the tags and the fields of a note in the copy.

    Args:
        fitting: The changes to the note.
        layout: The fields of its note type in the collection, if a learner has changed them.
        names: The fields of its note type in the package.
        row: Time, tags and fields in the package.

    Returns:
        The same values for the copy.
    """
    changed, tags, fields = row
    values = {**dict(zip(names, fields.split(_SEPARATOR), strict=True)), **fitting.fields}
    order = [ours or theirs for theirs, ours in layout] if layout else names
    all_tags = " ".join(dict.fromkeys([*tags.split(), *fitting.tags]))
    return (
        changed if fitting.changed is None else fitting.changed,
        f" {all_tags} " if all_tags else "",
        _SEPARATOR.join(values.get(name, "") for name in order),
    )


def _fitted_model(model: dict[str, Any], layout: Layout | None) -> dict[str, Any]:
    """Return a note type with the fields of a layout; references to fields by position are adapted."""
    if layout is None:
        return model
    former = {field["name"]: field for field in model["flds"]}
    positions = {former[ours]["ord"]: position for position, (_, ours) in enumerate(layout) if ours}
    added = {key: value for key, value in model["flds"][0].items() if key != "id"}
    return {
        **model,
        "flds": [
            {**(former[ours] if ours else added), "name": theirs, "ord": position}
            for position, (theirs, ours) in enumerate(layout)
        ],
        "req": [[card, kind, [positions[position] for position in needed]] for card, kind, needed in model["req"]],
        "sortf": positions[model["sortf"]],
    }


def _repack(package: Path, target: Path, database: Path) -> None:
    """Write a package with all members of another, except for its database."""
    with open_archive(package) as old, refusals(target), zipfile.ZipFile(target, "x") as new:
        for member in old.infolist():
            replaced = member.filename == ContainerFormat.OLD
            copied = zipfile.ZipInfo(member.filename, member.date_time)
            copied.file_size = database.stat().st_size if replaced else member.file_size
            copied.compress_type = zipfile.ZIP_STORED if replaced else member.compress_type
            with new.open(copied, "w") as packed, database.open("rb") if replaced else old.open(member) as file:
                shutil.copyfileobj(file, packed, 1 << 20)
        # Anki may run as another user, who can read the package.
        target.chmod(package.stat().st_mode & 0o777)
