"""The format of a package as genanki has it: the one module that knows genanki.

To import genanki takes about as long as all the work on one record, because it brings asyncio. So what it says of the
format is kept in a file beside this module, `genanki.json`, and used as long as that release is installed; another one
is asked.
"""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

KEPT = Path(__file__).with_name("genanki.json")
"""What genanki said when it was asked last."""


class Format(msgspec.Struct, frozen=True):
    """What genanki `release` writes into every package.

    `schema` is the SQL of the tables and indexes, `collection` that of the one row which describes the collection. The
    others are as they stand in that row's JSON, with the deck's or the note type's own values still blank: a deck, a
    note type without fields and templates, a field, and a template.
    """

    release: str
    schema: str
    collection: str
    deck: Mapping[str, Any]
    note_type: Mapping[str, Any]
    field: Mapping[str, Any]
    template: Mapping[str, Any]


@cache
def genanki_format() -> Format:
    """Return the format of the genanki that is installed."""
    kept = msgspec.json.decode(KEPT.read_bytes(), type=Format)
    return kept if kept.release == _installed() else asked()


def asked() -> Format:
    """Return what the genanki that is installed says itself."""
    import genanki  # noqa: PLC0415 - slow to import
    from genanki.apkg_col import APKG_COL  # noqa: PLC0415
    from genanki.apkg_schema import APKG_SCHEMA  # noqa: PLC0415

    model = genanki.Model(0, "", fields=[{"name": "F"}], templates=[{"name": "", "qfmt": "{{F}}", "afmt": ""}])
    said = model.to_json(0, 1)
    [field], [template] = said["flds"], said["tmpls"]
    note_type = {**said, "flds": [], "tmpls": [], "req": []}
    deck = genanki.Deck(0, "", "").to_json()
    return Format(_installed(), APKG_SCHEMA, APKG_COL, deck, note_type, field, template)


def _installed() -> str:
    """Return the release of genanki that is installed, without importing it."""
    spec = find_spec("genanki")
    folders = spec.submodule_search_locations if spec else None
    text = (Path(folders[0]) / "version.py").read_text(encoding="utf-8") if folders else ""
    return text.partition("'")[2].partition("'")[0]
