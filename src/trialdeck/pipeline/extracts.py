"""The last texts of retired extracts, from the lists whose reviewed points they hold.

Decks of reviewed notes alone have extracts. A build of other decks into the same folder replaces the packages that have
their texts, but the lists have the same points: in the record, in the ledger once they are retired, or in packages.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from trialdeck.cards.keys import key_of_list
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.decks.editions import Texts
from trialdeck.decks.last_texts import last_texts
from trialdeck.decks.ledger import Line
from trialdeck.decks.ledger_file import LedgerFile
from trialdeck.pipeline.chapters import Chapters

_Fields = tuple[str, ...]


def texts_of_lists(extracts: Sequence[Line], chapters: Chapters, former: LedgerFile, folder: Path) -> Texts:
    """Return the fields of extracts, by guid, as far as their lists have them.

    `extracts` are their lines, `former` is the ledger before the build, and `folder` has the packages of the last
    edition. A list that is still in its record has the text from there. Raises TrialdeckError where a package has to be
    read and cannot be.
    """
    found: dict[str, _Fields] = {}
    lines: dict[str, Line] = {}
    for extract in extracts:
        key = key_of_list(extract.key)
        fields = _in_record(key, extract.trial, chapters)
        its_list = next((line for line in former.lines(extract.trial) if line.key == key and line.kind), None)
        if fields := fields or (its_list.kept if its_list else ()):
            found[extract.guid] = _with_key(fields, extract)
        elif its_list:
            lines[extract.guid] = its_list
    packed = last_texts(folder, list(lines.values()))
    for extract in extracts:
        if extract.guid in lines and lines[extract.guid].guid in packed:
            found[extract.guid] = _with_key(packed[lines[extract.guid].guid], extract)
    return found


def _in_record(key: str, trial: str, chapters: Chapters) -> _Fields:
    """Return the fields of a list that a record has, or nothing."""
    present = chapters.links.current.get(trial, trial)
    if present not in chapters.links.by_id:
        return ()
    own_key = key.replace(trial, present, 1)
    return next((note.fields for note in chapters.own_lines(present) if note.key == own_key), ())


def _with_key(fields: Iterable[str], extract: Line) -> _Fields:
    """Return the fields of a list as those of its extract."""
    values = dict(zip(note_type(Kind(extract.kind)).field_names, fields, strict=True))
    return tuple((values | {"Key": extract.key}).values())
