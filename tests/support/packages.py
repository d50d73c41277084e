"""Open a package with nothing but zipfile and sqlite3, to see what is really in it."""

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class OpenPackage:
    """The rows of a package: notes by key with named fields, cards as (key, ordinal, deck, due)."""

    members: dict[str, zipfile.ZipInfo]
    notes: dict[str, dict[str, str]]
    guids: dict[str, str]
    tags: dict[str, list[str]]
    changed: dict[str, int]
    cards: list[tuple[str, int, str, int]]
    models: dict[str, Any]
    row_ids: list[int]


def open_package(path: Path) -> OpenPackage:
    """Read a package back."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        database = archive.read("collection.anki2")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(database)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        models, decks = (json.loads(text) for text in connection.execute("SELECT models, decks FROM col").fetchone())
        notes, guids, tags, changed, keys, row_ids = {}, {}, {}, {}, {}, []
        for row_id, guid, model, mod, tag, fields in connection.execute(
            "SELECT id, guid, mid, mod, tags, flds FROM notes ORDER BY id"
        ):
            names = [field["name"] for field in models[str(model)]["flds"]]
            values = dict(zip(names, fields.split("\x1f"), strict=True))
            key = values["Key"]
            assert key not in notes, f"{key} stands twice"
            keys[row_id] = key
            notes[key], guids[key], tags[key], changed[key] = values, guid, tag.split(), mod
            row_ids.append(row_id)
        cards = []
        for row_id, note_id, ordinal, deck, due in connection.execute(
            "SELECT id, nid, ord, did, due FROM cards ORDER BY due, ord"
        ):
            cards.append((keys[note_id], ordinal, decks[str(deck)]["name"], due))
            row_ids.append(row_id)
    return OpenPackage(
        members, notes, guids, tags, changed, cards, {model["name"]: model for model in models.values()}, row_ids
    )
