"""Write a copy of a package that fits one Anki collection, so that its import keeps what the learner has.

An import replaces all fields and tags of a note at once. In the copy, a note has the author's fields and beside them
what the learner has written, so there is no moment at which anything is missing. The note types of the copy have the
fields in the names and the order of the collection: then Anki makes no second note type of them, and empties no field
that the learner has added.
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
"""How the names of these hidden folders begin."""


@contextmanager
def copy_folder(package: Path) -> Iterator[Path]:
    """Make a hidden folder beside a package and remove it at the end; where that is refused, make one elsewhere.

    Anki can read what lies beside the package, also where it sees only some folders of this machine. The folder stays
    where Anki may still be reading from it: a later call removes it, as it does what a killed one has left.
    """
    _remove_left(package.parent)
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


def _remove_left(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            # To remove a pipe as a folder would wait for it without end.
            if left.is_dir() and left.stat().st_mtime < time() - ABANDONED:
                shutil.rmtree(left)


_SEPARATOR = "\x1f"


class Fitting(msgspec.Struct, frozen=True):
    """What a note of the copy has beside what the package says.

    `fields` replace those of the package, by our name or, for a field that the learner has added, by theirs. `tags` are
    added. `changed` is the time of change in seconds of Unix time; None keeps that of the package.
    """

    fields: Mapping[str, str]
    tags: tuple[str, ...]
    changed: int | None


Layout = tuple[tuple[str, str], ...]
"""The fields of a note type in the collection, in order: the name there, and ours, empty for a field that is added."""


def write_fitted(package: Path, target: Path, fittings: Mapping[str, Fitting], layouts: Mapping[int, Layout]) -> None:
    """Write a copy of a package, with `fittings` by guid and `layouts` by the id of the note type.

    Raises TrialdeckError where the package cannot be read or is of another form than trialdeck writes, and where the
    disk refuses.
    """
    with scratch_folder() as folder:
        database = folder / "collection"
        with refusals(database), database.open("xb") as file:
            form = unpack_database(package, file)
        if form is not ContainerFormat.OLD:
            message = f"{package} was exported by Anki: to import it would take away what you wrote on your cards"
            raise TrialdeckError(message, "push a package that trialdeck has built")
        try:
            # Sees that it holds no more than tables, before anything is written into it.
            with foreign_database(database):
                pass
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("PRAGMA trusted_schema = OFF")
                _fit(connection, fittings, layouts)
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            raise TrialdeckError(f"{package} is damaged: its collection cannot be read ({error})", AGAIN) from error
        _repack(package, target, database)


def _fit(connection: sqlite3.Connection, fittings: Mapping[str, Fitting], layouts: Mapping[int, Layout]) -> None:
    [[text]] = connection.execute("SELECT models FROM col")
    models: dict[str, Any] = msgspec.json.decode(text)
    names = {int(model_id): _names(model) for model_id, model in models.items()}
    rows = connection.execute("SELECT id, guid, mid, mod, tags, flds FROM notes ORDER BY id").fetchall()
    none = Fitting({}, (), None)
    connection.executemany(
        "UPDATE notes SET mod = ?, tags = ?, flds = ? WHERE id = ?",
        [
            (*_row(fittings.get(guid, none), layouts.get(mid), names[mid], (mod, tags, fields)), row_id)
            for row_id, guid, mid, mod, tags, fields in rows
            if guid in fittings or mid in layouts
        ],
    )
    fitted = {key: _model(model, layouts.get(int(key))) for key, model in models.items()}
    connection.execute("UPDATE col SET models = ?", (msgspec.json.encode(fitted).decode(),))


def _names(model: Mapping[str, Any]) -> list[str]:
    return [field["name"] for field in sorted(model["flds"], key=lambda field: field["ord"])]


def _row(fitting: Fitting, layout: Layout | None, names: list[str], row: tuple[int, str, str]) -> tuple[int, str, str]:
    """Return time of change, tags and fields of a note in the copy, from those in the package."""
    changed, tags, fields = row
    values = {**dict(zip(names, fields.split(_SEPARATOR), strict=True)), **fitting.fields}
    order = [ours or theirs for theirs, ours in layout] if layout else names
    every = " ".join(dict.fromkeys([*tags.split(), *fitting.tags]))
    return (
        changed if fitting.changed is None else fitting.changed,
        f" {every} " if every else "",
        _SEPARATOR.join(values.get(name, "") for name in order),
    )


def _model(model: dict[str, Any], layout: Layout | None) -> dict[str, Any]:
    """Return a note type with the fields of a layout; what names a field by its place follows it."""
    if layout is None:
        return model
    former = {field["name"]: field for field in model["flds"]}
    places = {former[ours]["ord"]: place for place, (_, ours) in enumerate(layout) if ours}
    added = {key: value for key, value in model["flds"][0].items() if key != "id"}
    return {
        **model,
        "flds": [
            {**(former[ours] if ours else added), "name": theirs, "ord": place}
            for place, (theirs, ours) in enumerate(layout)
        ],
        "req": [[card, kind, [places[place] for place in needed]] for card, kind, needed in model["req"]],
        "sortf": places[model["sortf"]],
    }


def _repack(package: Path, target: Path, database: Path) -> None:
    """Write a package that has all members of another, but this database."""
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
