"""Remember which note of a deck became which entry of a record, in a file beside the records.

The guid of a note stays in that file and not in the record: there, `guid` says that a question goes on as the note of
Anki with that guid. Anki would refuse our note to learners who have the deck it came from, because its type differs.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.anki.importing.deck_map import DeckMap
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error

FILE = "imported-notes.jsonl"
"""The name of the file, in the folder of the records; it belongs into version control with them."""
LARGEST = 500_000_000
"""How many bytes the file may have."""


class KnownNote(msgspec.Struct, frozen=True):
    """A note that was imported.

    `trial` is the record that has its entries, `origin` how the deck names the trial. `note` is the digest of the note,
    `entries` have the digest of each entry as it was written, by section and id: `questions/why-combine`. `lost` are
    the parts that no record got: the reason, and the field if it is of one.
    """

    guid: str
    trial: str
    origin: str
    note: str
    entries: Mapping[str, str]
    lost: tuple[tuple[str, str], ...] = ()


def read_known_notes(folder: Path) -> dict[str, KnownNote]:
    """Return the notes that were imported into a folder, by guid; raises TrialdeckError if a line cannot be read."""
    path = folder / FILE
    if not path.exists():
        return {}
    known: dict[str, KnownNote] = {}
    for number, line in enumerate(read_file_or_error(path, str(path), LARGEST).splitlines(), start=1):
        if line.strip():
            try:
                note = msgspec.json.decode(line, type=KnownNote)
            except msgspec.MsgspecError as error:
                message = f"{path}:{number}: the line cannot be read: {error}"
                hint = "restore the file from version control; without it, every note counts as new"
                raise TrialdeckError(message, hint) from error
            known[note.guid] = note
    return known


def known_notes_file(notes: Iterable[KnownNote]) -> bytes:
    """Return the content of the file, sorted by record."""
    lines = sorted(notes, key=lambda note: (note.trial, note.guid))
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def note_digest(note: PackedNote, deck_map: DeckMap) -> str:
    """Return the digest of all that decides what becomes of a note."""
    mapped = deck_map.of(note)
    place = (deck_map.trial_tag, deck_map.trial_id, deck_map.topic_tags)
    return _digest([dict(note.fields), note.tags, mapped, place, [card.ordinal for card in note.cards]])


def entry_digest(entry: Mapping[str, Any]) -> str:
    """Return the digest of the words of an entry: its texts and its cloze statements."""
    cloze = entry.get("cloze")
    statements = [str(text) for text in cloze.values()] if isinstance(cloze, Mapping) else []
    return _digest([[str(entry.get(name) or "") for name in ("question", "response", "text")], statements])


def _digest(value: Any) -> str:
    return blake2b(msgspec.json.encode(value), digest_size=8).hexdigest()
