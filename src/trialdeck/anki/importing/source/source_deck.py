"""Read somebody else's deck, a package, a text export or a table, with its notes in the order of the deck."""

from collections import Counter
from pathlib import Path

import msgspec

from trialdeck.anki.importing.source.table_notes import read_table
from trialdeck.apkg.reader import PackedNote, PackedType, opened_package, refuse_too_many
from trialdeck.apkg.text_export import is_text_export, read_text_export


class SourceDeck(msgspec.Struct, frozen=True):
    """A deck: its note types by name, and its notes in the order in which a new learner meets them."""

    path: Path
    note_types: tuple[PackedType, ...]
    notes: tuple[PackedNote, ...]
    has_media: bool = False

    @property
    def counts(self) -> Counter[str]:
        """How many notes there are of each note type that has any, in the order of the types."""
        found = Counter(note.note_type for note in self.notes)
        return Counter({kind.name: found[kind.name] for kind in self.note_types if found[kind.name]})


def read_source_deck(path: Path) -> SourceDeck:
    """Read a package (.apkg), a collection (.colpkg), a text export of Anki (.txt), or a table (CSV, TSV, .xlsx).

    Raises TrialdeckError where the file cannot be read, is none of these, or is too large.
    """
    if table := read_table(path):
        return SourceDeck(path, *table)
    if is_text_export(path):
        note_types, notes = read_text_export(path)
        return SourceDeck(path, note_types, notes)
    with opened_package(path) as package:
        refuse_too_many(path, package)
        places = package.places()
        # The sort is stable: notes of one place stay in the order of their ids.
        notes = tuple(sorted(package.notes(), key=lambda note: places[note.row_id]))
        return SourceDeck(path, package.note_types, notes, has_media=True)
