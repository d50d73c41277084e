"""Compare two packages, or the records with the last edition, note by note and in little memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.apkg.note_index import Decks, NoteIndex, joined, note_index
from trialdeck.apkg.reader import OpenedPackage, PackedNote, PackedTemplate, PackedType, opened_package
from trialdeck.core.temporary import scratch_folder
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.compare.diff import Changes, Comparison, NoteState, note_change, note_state
from trialdeck.editions.compare.note_type_diff import TypeState, newest_types, told_apart, type_states
from trialdeck.editions.ledger import FILE, Line, type_hash
from trialdeck.editions.ledger_file import TYPES, LedgerFile, open_ledger
from trialdeck.editions.release_notes import section
from trialdeck.editions.risks import ReleaseChange
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.note import Note, content_hash
from trialdeck.notes.note_types import Kind, NoteType, note_type
from trialdeck.project.build import with_plan
from trialdeck.project.context import BuildOptions
from trialdeck.project.packages import file_of
from trialdeck.project.prepare import PreparedBuild

_PENDING = b'"sent":'
"""Stands in the lines of a trial only if shared content of its notes has not been sent yet."""


def compare_with_last_edition(
    paths: Sequence[Path], request: DeckRequest, out: Path, built_at: int, options: BuildOptions | None = None
) -> Changes:
    """Return what differs between the last edition in the folder `out` and the records as they are now.

    The ledger knows what has changed; the former words come from the packages beside it, if they are still there.

    Args:
        paths: Records, settings, and folders of them.
        request: Which decks are compared.
        out: The folder of the ledger and the packages.
        built_at: The build time in seconds of Unix time.
        options: Workers, cache folder and progress callback.

    Raises as `trialdeck.project.build.plan` does.
    """
    return with_plan(paths, request, out, built_at, _compared, options)


class Upcoming(msgspec.Struct, frozen=True):
    """The edition that a build would make: its name, what it changes, and what of that a build refuses.

    `release_notes` is what `EDITIONS.md` would say of it, as Markdown. `trials_in_no_deck` are those of records that no
    deck takes; `acronyms` are those of all trials, by id.
    """

    edition: str
    changes: Changes
    refused: tuple[ReleaseChange, ...]
    release_notes: str
    trials_in_no_deck: tuple[str, ...]
    acronyms: Mapping[str, str]


def upcoming_edition(
    paths: Sequence[Path], request: DeckRequest, out: Path, built_at: int, options: BuildOptions | None = None
) -> Upcoming:
    """Return the edition that a build would make; the arguments are those of `compare_with_last_edition`.

    Raises as `trialdeck.project.build.plan` does.
    """

    def use(prepared: PreparedBuild) -> Upcoming:
        following = prepared.next_ledger
        return Upcoming(
            following.build_time.edition,
            _compared(prepared),
            prepared.refused,
            section(following.news) if following.counts else "",
            following.decks.trials_in_no_deck,
            {outline.id: outline.acronym for outline in prepared.repository.outlines if outline.acronym},
        )

    return with_plan(paths, request, out, built_at, use, options)


def compare_packages(old: Path, new: Path) -> Changes:
    """Return what differs between two packages of any program; raises TrialdeckError if one cannot be read."""
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        packages = [stack.enter_context(opened_package(path)) for path in (old, new)]
        own = {note_type(kind).id for kind in Kind}
        types = told_apart(*(package.note_types for package in packages), own=own)
        sides = [
            _Side.of(replace(package, note_types=named), folder / name, stack)
            for package, named, name in zip(packages, types, ("old", "new"), strict=True)
        ]
        comparison = Comparison()
        for guid, *notes in joined(*(side.index.notes() for side in sides)):
            before, after = notes
            decks = [side.index.decks_of(guid) for side in sides]
            if not before or not after or before.digest != after.digest or decks[0] != decks[1]:
                states = [
                    note_state(side.package.note(note.row), its_decks) if note else None
                    for side, note, its_decks in zip(sides, notes, decks, strict=True)
                ]
                comparison.add(*states)
        before, after = (type_states(newest_types({}, side.package.note_types)) for side in sides)
        return comparison.changes(before, after)


class _Side(msgspec.Struct, frozen=True):
    """A package that is compared, and the index of its notes by guid."""

    package: OpenedPackage
    index: NoteIndex

    @classmethod
    def of(cls, package: OpenedPackage, place: Path, stack: ExitStack) -> "_Side":
        """Index a package in a file at `place`."""
        index = stack.enter_context(note_index(place))
        for note in package.notes():
            index.take(note)
        return cls(package, index)


def _compared(prepared: PreparedBuild) -> Changes:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        former, following = (
            stack.enter_context(closing(open_ledger(path)))
            for path in (prepared.out / FILE, prepared.change.path(FILE))
        )
        indexes = [stack.enter_context(note_index(folder / name)) for name in ("former", "next")]
        return _Edition(prepared, former, following, *indexes).changes()


class _Pair(msgspec.Struct, frozen=True):
    """The line of a note in the last edition, None if it is new, and its line after a build."""

    before: Line | None
    after: Line

    @property
    def differs(self) -> bool:
        """Whether learners are sent something: the note is new, has changed, is retired or has come back."""
        return self.before is None or self.before.changed != self.after.changed

    @property
    def is_fresh(self) -> bool:
        """Whether only its shared facts are new; those of a retired note do not count."""
        is_other = self.before is not None and self.before.hash != self.after.hash
        return is_other and not self.differs and not self.after.retired

    @property
    def is_waiting(self) -> bool:
        """Whether facts of earlier builds have not been sent yet."""
        return self.after.is_pending and not self.differs and not self.is_fresh and not self.after.retired


class _Edition(msgspec.Struct, dict=True):
    """The last edition, and the one that a build would make.

    `former` and `following` are their ledgers. `former_notes` has the notes of the last edition's packages, with their
    decks; `next_decks` has the decks in which a build would place the notes.
    """

    prepared: PreparedBuild
    former: LedgerFile
    following: LedgerFile
    former_notes: NoteIndex
    next_decks: NoteIndex

    def changes(self) -> Changes:
        """Return what differs."""
        touched = [trials for trials in self._groups() if self._may_differ(trials)]
        packed_types = self._read_packages({pair.after.guid for pair in self._pairs(touched) if _has_words(pair)})
        moves = self._moves()
        comparison = Comparison()
        for trials in self._groups() if moves else touched:
            self._compare(trials, moves, comparison)
        types = {its_type.name: _type_state(its_type) for its_type in map(note_type, Kind)}
        return comparison.changes(self._former_types(packed_types), types, self.prepared.changes)

    def _groups(self) -> Iterator[tuple[str, ...]]:
        """Yield the trials of both ledgers; a trial comes together with its earlier ids."""
        current = self.prepared.references.current
        earlier: dict[str, list[str]] = defaultdict(list)
        for old, new in current.items():
            if old != new and old in self.former.parts:
                earlier[new].append(old)
        taken = set(chain.from_iterable(earlier.values()))
        for trial in sorted({*self.former.parts, *self.following.parts} - taken - {TYPES}):
            yield (trial, *earlier[trial])

    def _may_differ(self, trials: Sequence[str]) -> bool:
        rows = [self.following.rows(trial) for trial in trials]
        return any(_PENDING in lines for lines in rows) or rows != [self.former.rows(trial) for trial in trials]

    def _pairs(self, groups: Iterable[Sequence[str]]) -> Iterator[_Pair]:
        for trials in groups:
            before = {line.guid: line for trial in trials for line in self.former.lines(trial)}
            for line in chain.from_iterable(map(self.following.lines, trials)):
                yield _Pair(before.get(line.guid), line)

    def _read_packages(self, wanted: set[str]) -> Mapping[str, TypeState]:
        """Index all notes of the last edition's packages, the wanted ones with their words; return the note types."""
        packed_types: dict[str, PackedType] = {}
        for planned in self.prepared.filled_packages:
            path = self.prepared.out / file_of(planned)
            # Of a package that is missing, it is not known which notes have been in its decks.
            if not path.is_file():
                continue
            with opened_package(path) as package:
                packed_types = newest_types(packed_types, package.note_types)
                for note in package.notes():
                    self.former_notes.take(note, with_words=note.guid in wanted)
            for placed in planned.entries():
                self.next_decks.place(placed.note.guid, placed.deck)
        return type_states(packed_types)

    def _moves(self) -> dict[str, tuple[Decks, Decks]]:
        """Return the former and the next decks of the notes that leave a deck and enter another one.

        A note that only enters decks, or only leaves some, has not moved: a narrowed build leaves notes out of the
        packages that it writes, and does not rebuild the others.
        """
        pairs = joined(self.former_notes.decks(), self.next_decks.decks())
        return {guid: (before, after) for guid, before, after in pairs if before and after and _is_move(before, after)}

    def _compare(self, trials: Sequence[str], moves: Mapping[str, tuple[Decks, Decks]], comparison: Comparison) -> None:
        """Add what differs in a trial."""
        pairs = [pair for pair in self._pairs([trials]) if _counts(pair) or pair.after.guid in moves]
        notes = self._notes(trials) if any(not pair.is_waiting for pair in pairs) else {}
        for pair in pairs:
            line, note = pair.after, notes.get(pair.after.guid)
            after = _known(line) if note is None and not line.retired else _state(note or tombstone(line), line)
            if pair.differs:
                comparison.add(self._former_state(pair.before) if pair.before else None, after)
            elif pair.is_fresh and pair.before:
                comparison.add_facts(line.trial, line.key, note_change(self._former_state(pair.before), after))
            elif pair.is_waiting:
                comparison.facts_of(line.trial).waiting += 1
            if line.guid in moves and not line.retired:
                comparison.move(after, *moves[line.guid])

    def _notes(self, trials: Sequence[str]) -> Mapping[str, Note]:
        """Return the notes of trials that have cards."""
        repository = self.prepared.repository
        live = chain.from_iterable(
            repository.own_lines(trial) for trial in trials if trial in repository.references.owner_of
        )
        return {note.guid: note for note in live if note.cards}

    def _former_state(self, line: Line) -> NoteState:
        """Return the state of a note at the last edition, with its words if a package of that edition has them."""
        packed = self.former_notes.words(line.guid)
        if packed is None or not _is_of(line, packed):
            return _known(line)
        return NoteState(line.guid, line.key, packed.note_type, packed.fields, line.tags, (), line.retired, line.hash)

    def _former_types(self, packed: Mapping[str, TypeState]) -> Mapping[str, TypeState]:
        """Return the note types of the last edition; those that have changed are as its packages have them."""
        lines = {line.guid: line for line in self.former.lines(TYPES)}
        built = [its_type for its_type in map(note_type, Kind) if str(its_type.id) in lines]
        return {
            its_type.name: _type_state(its_type)
            if lines[str(its_type.id)].hash == type_hash(its_type)
            else packed.get(its_type.name, TypeState(its_type.name, its_type.field_names, (), ""))
            for its_type in built
        }


def _is_move(before: Decks, after: Decks) -> bool:
    """Tell whether a note leaves a deck and enters another one."""
    return bool(set(before) - set(after)) and bool(set(after) - set(before))


def _counts(pair: _Pair) -> bool:
    return pair.differs or pair.is_fresh or pair.is_waiting


def _has_words(pair: _Pair) -> bool:
    """Tell whether the former words of a note are needed."""
    return pair.before is not None and (pair.differs or pair.is_fresh)


def _is_of(line: Line, packed: PackedNote) -> bool:
    """Tell whether a note of a package is as a line of the last edition has it."""
    if packed.changed != line.changed:
        return False
    # An older trialdeck may have computed the hash in another way.
    return not line.own or line.hash == _hash(line, packed)


def _hash(line: Line, packed: PackedNote) -> str:
    ordinals = sorted({card.ordinal for card in packed.cards})
    return content_hash(line.kind, packed.fields.values(), packed.tags, ordinals)


def _known(line: Line) -> NoteState:
    """Return the state of a note from the ledger alone, without its words."""
    name = note_type(Kind(line.kind)).name if line.kind else ""
    return NoteState(line.guid, line.key, name, None, line.tags, (), line.retired, line.hash)


def _state(note: Note, line: Line) -> NoteState:
    its_type = note_type(note.kind)
    fields = dict(zip(its_type.field_names, note.fields, strict=True))
    return NoteState(note.guid, note.key, its_type.name, fields, note.tags, (), line.retired, note.digest)


def _type_state(each: NoteType) -> TypeState:
    templates = tuple(PackedTemplate(template.name, template.front, template.back) for template in each.templates)
    return TypeState(each.name, each.field_names, templates, each.style)
