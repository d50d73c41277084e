"""The add-on carries its own table of our note types: it agrees with the source, and so do the digests."""

import re
from pathlib import Path

import pytest

from addon_note_types import TABLE, table
from trialdeck.notes.author_text import author_digest, joined_digest
from trialdeck.notes.note_types import Kind, note_type
from trialdeck_addon.core.note_types import NOTE_TYPES, part_digest


def test_the_table_is_the_one_that_the_source_gives() -> None:
    # If this fails: python tests/support/addon_note_types.py
    assert TABLE.read_text(encoding="utf-8") == table()


@pytest.mark.parametrize("kind", Kind)
def test_the_digest_is_the_published_one(kind: Kind) -> None:
    fields = {name: f"<p>{name} ≥&nbsp;5</p>" for name in note_type(kind).field_names}
    assert NOTE_TYPES[note_type(kind).id].digest(fields) == author_digest(fields.items())
    assert part_digest("{{Question}}", "a") == joined_digest(["{{Question}}", "a"])


def test_the_digest_of_the_docs_is_right(root: Path) -> None:
    page = (root / "docs" / "subscribe.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(.*)` \|$", page, re.MULTILINE)
    [stated] = re.findall(r"digest of this note is `([0-9a-f]{24})`", page)
    fields = {name: "" if html == " " else html for name, html in rows}
    assert NOTE_TYPES[note_type(Kind.QUESTION).id].digest(fields) == stated
