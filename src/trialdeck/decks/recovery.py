"""Recover a ledger from published packages: all that it must know stands in them."""

from collections.abc import Iterable, Iterator
from itertools import chain

from trialdeck.cards.labels import label_of
from trialdeck.cards.note import content_hash, trial_of
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.retired import retired_on
from trialdeck.cards.tags import edition_of, own_tags
from trialdeck.decks.ledger import LATEST, NOTE_TYPE, Ledger, Line, latest, look_hash
from trialdeck.decks.reader import PackedNote, PackedType, ReadPackage
from trialdeck.decks.row_ids import created_at

_KINDS = {note_type(kind).name: kind for kind in Kind}


def recovered(packages: Iterable[ReadPackage]) -> Ledger:
    """Return the ledger that gave these packages; the lines of a note that is in several are merged (see `latest`).

    What a package does not tell is left empty, and the next build fills it in: the files of the records, and the first
    id of a renamed note. Notes and note types that are not of trialdeck are passed over.
    """
    lines = ((*_lines_of_notes(package), *_lines_of_types(package)) for package in packages)
    return Ledger(latest(chain.from_iterable(lines)))


def _lines_of_notes(package: ReadPackage) -> Iterator[Line]:
    for note in package.notes:
        kind = _KINDS.get(note.note_type)
        if kind and note.fields.get("Key"):
            yield _line_of_note(note, kind)


def _line_of_note(note: PackedNote, kind: Kind) -> Line:
    fields = tuple(note.fields.values())
    key, edition = note.fields["Key"], edition_of(note.tags)
    created = _time(created_at(note.guid, trial_of(key), note.row_id))
    return Line(
        key=key,
        guid=note.guid,
        hash=content_hash(kind, fields, note.tags, (card.ordinal for card in note.cards)),
        created=created,
        changed=_time(note.changed),
        since=edition if note.changed == created else "",
        edition=edition,
        retired=retired_on(note.fields.get("Retired", "")),
        kind=str(kind),
        label=label_of(kind, fields[0]),
        tags=own_tags(note.tags),
        kept=fields if note.fields.get("Retired") else (),
    )


def _lines_of_types(package: ReadPackage) -> Iterator[Line]:
    for each in package.note_types:
        kind = _KINDS.get(each.name)
        if kind and each.id == note_type(kind).id:
            changed = _time(each.changed)
            yield Line(NOTE_TYPE + kind, str(each.id), _look(each), changed, changed)


def _time(found: int) -> int:
    """Return a time of a package as a line may have it: packages of any maker are read."""
    return max(0, min(found, LATEST))


def _look(packed: PackedType) -> str:
    sides = [(template.name, template.front, template.back) for template in packed.templates]
    return look_hash(packed.name, packed.style, sides)
