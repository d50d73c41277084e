"""A copy of a package that holds only what is new to the learner, in the form of the learner's collection.

Anki imports this copy and never the package: so no note that exists is written by the import, and the note types of the
copy are those of the learner, with their fields and templates, so that none is merged and no full sync follows.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..contents import SEPARATOR
from ..note_types import NOTE_TYPES
from ..package import DATABASE, MEDIA

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from ..package import Package
    from .learner import LocalType


@dataclass(frozen=True)
class Selection:
    """What a copy takes, by guid, and how it fits: the learner's note types by id, and the names of decks.

    `places` has the learner's name for each deck of the package, `kept` the names (in small letters) of decks that the
    learner has: those keep their descriptions.
    """

    guids: Collection[str]
    types: Mapping[int, LocalType]
    places: Mapping[str, str]
    kept: Collection[str]


def write_copy(package: Package, selection: Selection, target: Path) -> None:
    """Write the copy. Media are not in it: they are written beside it, as they are for notes that exist."""
    database = target.with_suffix(".filtered")
    shutil.copyfile(package.database, database)
    with closing(sqlite3.connect(str(database))) as connection, connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        _keep_new_notes(connection, selection)
        models, decks = connection.execute("SELECT models, decks FROM col").fetchone()
        listed = json.loads(decks)
        _fit_decks(connection, listed, selection)
        fitted = {key: _model(int(key), model, selection) for key, model in json.loads(models).items()}
        connection.execute("UPDATE col SET models = ?, decks = ?", (json.dumps(fitted), json.dumps(listed)))
        for type_id, local in selection.types.items():
            _fit_notes(connection, type_id, local)
            if not NOTE_TYPES[type_id].is_cloze:
                _fit_cards(connection, type_id, local.ordinals)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.write(database, DATABASE)
        archive.writestr(MEDIA, "{}")
    database.unlink()


def _keep_new_notes(connection: sqlite3.Connection, selection: Selection) -> None:
    connection.execute("CREATE TEMP TABLE taken (guid TEXT PRIMARY KEY)")
    connection.executemany("INSERT INTO taken VALUES (?)", [(guid,) for guid in sorted(selection.guids)])
    connection.execute("DELETE FROM notes WHERE guid NOT IN (SELECT guid FROM taken)")
    connection.execute("DELETE FROM cards WHERE nid NOT IN (SELECT id FROM notes)")
    connection.execute("DELETE FROM revlog")
    connection.execute("DELETE FROM graves")


def _fit_decks(connection: sqlite3.Connection, listed: dict[str, Any], selection: Selection) -> None:
    """Give decks the learner's names; two decks of the package may be one of the learner's."""
    used = {deck_id for (deck_id,) in connection.execute("SELECT DISTINCT did FROM cards")}
    first: dict[str, int] = {}
    for key in sorted(listed):
        deck = listed[key]
        name = selection.places.get(deck["name"], deck["name"])
        if int(key) not in used:
            if int(key) != 1:
                del listed[key]
            continue
        if name.lower() in first:
            connection.execute("UPDATE cards SET did = ? WHERE did = ?", (first[name.lower()], int(key)))
            del listed[key]
            continue
        first[name.lower()] = int(key)
        deck["name"] = name
        if name.lower() in selection.kept:
            deck["desc"] = ""


def _model(type_id: int, model: Any, selection: Selection) -> Any:
    local = selection.types.get(type_id)
    return {**local.model, "id": str(type_id)} if local else model


def _fit_notes(connection: sqlite3.Connection, type_id: int, local: LocalType) -> None:
    """Order the fields of notes as the learner has them; a field of the learner's own is empty."""
    names = list(NOTE_TYPES[type_id].fields)
    if list(local.fields) == names:
        return
    rows = connection.execute("SELECT id, flds FROM notes WHERE mid = ?", (type_id,)).fetchall()
    fitted = []
    for note_id, fields in rows:
        values = {"": "", **dict(zip(names, fields.split(SEPARATOR)))}
        fitted.append((SEPARATOR.join(values[name] for name in local.fields), note_id))
    connection.executemany("UPDATE notes SET flds = ? WHERE id = ?", fitted)


def _fit_cards(connection: sqlite3.Connection, type_id: int, ordinals: Mapping[int, int]) -> None:
    """Number cards by the learner's templates; those of a template that the learner has deleted go."""
    if all(ours == theirs for ours, theirs in ordinals.items()) and len(ordinals) == len(NOTE_TYPES[type_id].templates):
        return
    of_type = "FROM cards WHERE nid IN (SELECT id FROM notes WHERE mid = ?)"
    rows = connection.execute(f"SELECT id, ord {of_type}", (type_id,)).fetchall()
    gone = [(card_id,) for card_id, ordinal in rows if ordinal not in ordinals]
    connection.executemany("DELETE FROM cards WHERE id = ?", gone)
    moved = [(ordinals[ordinal], card_id) for card_id, ordinal in rows if ordinal in ordinals]
    connection.executemany("UPDATE cards SET ord = ? WHERE id = ?", moved)
