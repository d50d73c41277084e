"""Compare: two packages, or the records with the last edition."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, NoteType, note_type
from trialdeck.decks.changes import Changes, NoteState, Snapshot, TypeState, compare, snapshot
from trialdeck.decks.ledger import Ledger, Line, type_hash
from trialdeck.decks.reader import PackedTemplate, ReadPackage, read_package
from trialdeck.decks.tombstone import tombstone
from trialdeck.pipeline.building import with_plan
from trialdeck.pipeline.means import Means
from trialdeck.pipeline.planning import Opened
from trialdeck.pipeline.producing import file_of
from trialdeck.pipeline.wanted import Wanted


def compare_with_last_edition(
    paths: Sequence[Path], wanted: Wanted, out: Path, built_at: int, means: Means | None = None
) -> Changes:
    """Return what differs between the last edition in the folder `out` and the records as they are now.

    What has changed is told by the ledger; the former words come from the packages beside it, where they still are.
    Raises as `trialdeck.pipeline.building.plan` does.
    """
    return with_plan(paths, wanted, out, built_at, lambda opened: compare(_former(opened), _next(opened)), means)


def compare_packages(old: Path, new: Path) -> Changes:
    """Return what differs between two packages of any kind; raises TrialdeckError where one cannot be read."""
    return compare(snapshot([read_package(old)]), snapshot([read_package(new)]))


def _next(opened: Opened) -> Snapshot:
    decks: dict[str, set[str]] = {}
    for each in chain.from_iterable(package.entries() for package in opened.packages):
        decks.setdefault(each.note.guid, set()).add(each.deck)
    ledger = opened.ledger
    live = {note.guid: _state(note, decks.get(note.guid, ())) for note in opened.notes}
    others = {line.guid: _known(line) for line in ledger.notes}
    retired = {line.guid: _state(tombstone(line), (), line.retired) for line in ledger.retired}
    return Snapshot(others | retired | live, {each.name: _type_state(each) for each in map(note_type, Kind)})


def _former(opened: Opened) -> Snapshot:
    files = [opened.plan.out / file_of(package) for package in opened.packages]
    there = [path for path in files if path.is_file()]
    packed = [read_package(path) for path in there]
    words = snapshot(packed)
    stamps = _stamps(packed)
    former = opened.former
    # Where a package is missing, it is not known in which decks a note has been.
    all_there = len(there) == len(files)
    notes = {line.guid: _remembered(line, words, stamps, all_there=all_there) for line in former.notes}
    types = {each.name: _former_type(each, former, words) for each in map(note_type, Kind) if _was_built(each, former)}
    return Snapshot(notes, types)


def _stamps(packages: Iterable[ReadPackage]) -> Mapping[str, int]:
    stamps: dict[str, int] = {}
    for note in chain.from_iterable(package.notes for package in packages):
        stamps[note.guid] = max(note.changed, stamps.get(note.guid, 0))
    return stamps


def _remembered(line: Line, words: Snapshot, stamps: Mapping[str, int], *, all_there: bool) -> NoteState:
    """Return the state of a note at the last edition, with its words where a package of that edition has them."""
    state = words.notes.get(line.guid)
    if state is None or stamps[line.guid] != line.changed:
        return _known(line)
    decks = state.decks if all_there else ()
    return NoteState(line.guid, line.key, state.note_type, state.fields, line.tags, decks, line.retired, line.hash)


def _known(line: Line) -> NoteState:
    """Return what the ledger alone knows of a note."""
    name = note_type(Kind(line.kind)).name if line.kind else ""
    return NoteState(line.guid, line.key, name, None, line.tags, (), line.retired, line.hash)


def _state(note: Note, decks: Iterable[str], retired: str = "") -> NoteState:
    its_type = note_type(note.kind)
    fields = dict(zip(its_type.field_names, note.fields, strict=True))
    return NoteState(note.guid, note.key, its_type.name, fields, note.tags, tuple(sorted(decks)), retired, note.digest)


def _type_state(each: NoteType) -> TypeState:
    templates = tuple(PackedTemplate(template.name, template.front, template.back) for template in each.templates)
    return TypeState(each.name, each.field_names, templates, each.style)


def _was_built(each: NoteType, former: Ledger) -> bool:
    return str(each.id) in former.lines


def _former_type(each: NoteType, former: Ledger, words: Snapshot) -> TypeState:
    if former.note_type(each).hash == type_hash(each):
        return _type_state(each)
    unknown = TypeState(each.name, each.field_names, (), "")
    return words.note_types.get(each.name, unknown)
