"""Write prepared notes as trialdeck does.

python write_trialdeck.py COLLECTION COUNT OUT.apkg stored|deflated
"""

import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from prepared import Prepared, Row, read, reported_seconds

from trialdeck.apkg.rows import PackageEntry, Timestamp
from trialdeck.apkg.writer import Cover, StreamedPackage
from trialdeck.notes.note import new_note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import edition_of, edition_tag
from trialdeck.records.model import Perspective

FIELD_ENDS = "\x1f"
KINDS = {note_type(kind).id: kind for kind in Kind}


def write(cover: Cover, entries: Sequence[PackageEntry], out: str, *, deflated: bool) -> None:
    """Write a package: the one place that knows trialdeck's writer, called as a build calls it."""
    compression = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with tempfile.TemporaryDirectory() as folder, Path(out).open("w+b") as file:
        StreamedPackage(cover, entries, scratch=Path(folder), compression=compression).write_to_file(file)


def entries_of(rows: Prepared) -> list[PackageEntry]:
    """Return all notes as a build has them before it writes, in the order in which their cards are learned."""
    cards: dict[int, list[Row]] = {}
    for card in rows.cards:
        cards.setdefault(card[1], []).append(card)
    decks = {int(name): deck["name"] for name, deck in rows.decks.items()}
    entries = [entry(note, sorted(cards.get(note[0], ())), decks) for note in rows.notes]
    return sorted(entries, key=lambda each: each.due)


def entry(row: Row, cards: Sequence[Row], decks: dict[int, str]) -> PackageEntry:
    """Return one note with its cards, from their rows."""
    _id, guid, type_id, changed, _usn, tags, fields, *_rest = row
    values = tuple(fields.split(FIELD_ENDS))
    edition = edition_of(tags.split())
    note = new_note(
        key=values[-1],
        identity=values[-1],
        kind=KINDS[type_id],
        fields=values,
        cards=tuple(sorted(card[3] for card in cards)),
        tags=tuple(tag for tag in tags.split() if tag != edition_tag(edition)),
        trial=values[-1].partition("/")[0],
        perspective=Perspective.CLINICAL,
        guid=guid,
    )
    deck, due = (decks[cards[0][2]], cards[0][8]) if cards else ("", 0)
    return PackageEntry(note, Timestamp(changed, changed, edition), deck, due)


if __name__ == "__main__":
    prepared = read(sys.argv[1], int(sys.argv[2]))
    written = entries_of(prepared)
    looks = dict.fromkeys(Kind, max(note[3] for note in prepared.notes))
    shown = Cover("Landmark Trials", "", looks)
    with reported_seconds(notes=len(prepared.notes), cards=len(prepared.cards)):
        write(shown, written, sys.argv[3], deflated=sys.argv[4] == "deflated")
