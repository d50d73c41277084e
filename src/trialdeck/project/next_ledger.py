"""Write the next ledger trial by trial; lines of trials that have not changed are copied."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from trialdeck.core.inputs import needed_file
from trialdeck.core.problem import Problem
from trialdeck.core.serialise import digest
from trialdeck.editions.ledger import Line, encoded, sorted_lines
from trialdeck.editions.ledger_file import TYPES, LedgerFile, in_order
from trialdeck.editions.next_edition import BuildTime, Coverage, EditionCounts, Texts, next_lines, next_lines_of_types
from trialdeck.editions.release_notes import News
from trialdeck.editions.risks import Release, ReleaseChange
from trialdeck.editions.texts.earlier_packages import forgotten, last_texts
from trialdeck.editions.thanks import with_thanks
from trialdeck.lint.identity import check_identities
from trialdeck.notes.note import Note, trial_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.context import Progress
from trialdeck.project.coverage import DeckCoverage
from trialdeck.project.cross_references import CrossReferences
from trialdeck.project.note_repository import NoteRepository
from trialdeck.project.package_keys import LineOffsets, TrialDigest, trial_digest_of
from trialdeck.records.model import Contributor

_FIRST = b'"first":"'
_GUIDS = re.compile(rb'"guid":"((?:[^"\\]|\\.)*)"')


class Moves(msgspec.Struct):
    """Lines that leave a trial, by guid, and lines that come to it."""

    gone: set[str] = msgspec.field(default_factory=set)
    come: list[Line] = msgspec.field(default_factory=list)


def moves_between(former: LedgerFile, repository: NoteRepository, changed: Iterable[str]) -> Mapping[str, Moves]:
    """Return which lines go from one trial to another, by trial; `changed` are trials whose notes are made again."""
    moves: dict[str, Moves] = {}
    references = repository.references
    pairs = {
        *_renamed(former, references),
        *_renamed_back(former, references),
        *_moved_by_guid(former, references, changed),
    }
    for old, new in sorted(pairs):
        lines = {line.guid: line for line in former.lines(old)}
        for guid in sorted(lines.keys() & {note.guid for note in repository.own_lines(new)}):
            moves.setdefault(old, Moves()).gone.add(guid)
            moves.setdefault(new, Moves()).come.append(lines[guid])
    return moves


def _renamed(former: LedgerFile, references: CrossReferences) -> Iterator[tuple[str, str]]:
    """Yield the earlier ids of trials that have lines, each with the present id."""
    yield from ((old, new) for old, new in references.current.items() if old in former.parts)


def _renamed_back(former: LedgerFile, references: CrossReferences) -> Iterator[tuple[str, str]]:
    """Yield the trials with a line that first stood under another trial, each with the present id of that one."""
    for trial in former.parts:
        if trial != TYPES and _FIRST in former.rows(trial):
            firsts = {trial_of(line.identity) for line in former.lines(trial)}
            homes = {references.current.get(first, first) for first in firsts}
            yield from ((trial, home) for home in homes - {trial} if home in references.by_id)


def _moved_by_guid(
    former: LedgerFile, references: CrossReferences, changed: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield the trials with a line whose guid a record of another trial states, each with that other trial."""
    owners: dict[bytes, str] = {}
    for trial in changed:
        outline = references.by_id[trial].outline if trial in references.by_id else None
        stated = {_written(guid) for guid in outline.guids if guid} if outline else set[bytes]()
        if stated:
            owners |= dict.fromkeys(stated - set(_GUIDS.findall(former.rows(trial))), trial)
    if not owners:
        return
    for trial in former.parts:
        for guid in owners.keys() & set(_GUIDS.findall(former.rows(trial))):
            yield trial, owners[guid]


def _written(guid: str) -> bytes:
    """Return a guid as it is written in a line of the ledger (JSON), without the quotes."""
    return msgspec.json.encode(guid)[1:-1]


class NextLedger(msgspec.Struct, dict=True):
    """The next ledger, which a build makes from the former one.

    `record_names` are the files of records, as a ledger names them, by trial. `coverage` is what the build has read.
    `decks` are the decks of the build; the line of a note that none of them takes stays as it is. `known` are the
    digests of trials as the last build left them, empty if the ledger has changed since. `texts` are the last fields of
    notes, by guid, as far as packages have them: of notes whose entries were deleted, or whose own content the ledger
    does not know. `packages` are the files of earlier builds that may have notes which the former ledger does not know.

    The other attributes are empty until `write` fills them: `digests` of all trials, `types` (the lines of the note
    types), `counts` of new, changed, retired and returned notes, `release` and `changes` (what learners will see),
    `news` (the rows of the release notes) and, if there are `packages`, `fresh` (the keys of new notes by guid).
    """

    former: LedgerFile
    repository: NoteRepository
    record_names: Mapping[str, str]
    coverage: Coverage
    decks: DeckCoverage
    build_time: BuildTime
    known: Mapping[str, TrialDigest] = msgspec.field(default_factory=dict)
    texts: Texts = msgspec.field(default_factory=dict)
    packages: Sequence[Path] = ()
    fresh: dict[str, str] = msgspec.field(default_factory=dict)
    digests: dict[str, TrialDigest] = msgspec.field(default_factory=dict)
    types: list[Line] = msgspec.field(default_factory=list)
    counts: EditionCounts = msgspec.field(default_factory=EditionCounts)
    release: Release = msgspec.field(default_factory=Release)

    @cached_property
    def news(self) -> News:
        """What the edition brought."""
        return News(self.build_time.edition)

    @property
    def trials(self) -> list[str]:
        """The trials that have lines, or will have some, in the order of the ledger."""
        return sorted({*self.repository.references.owner_of, *self.former.parts, TYPES}, key=in_order)

    @property
    def changes(self) -> tuple[ReleaseChange, ...]:
        """What the edition changes for learners who have the deck, once it is written."""
        times = (max(part.changed for part in trial.parts) for trial in self.digests.values())
        return self.release.changes(self.build_time.time, times)

    def write(self, target: BinaryIO, trials: Iterable[str]) -> None:
        """Write the lines of these trials, which come in the order of the ledger."""
        position = 0
        untouched: list[str] = []
        for trial in trials:
            known = self.known.get(trial)
            if known and trial not in self.moves and trial != TYPES and not self._is_touched(trial, known):
                self._keep_digest(trial, known, position)
                untouched.append(trial)
            else:
                self.former.copy(untouched, target)
                untouched.clear()
                is_of_types = trial == TYPES
                target.write(self._rows_of_types(position) if is_of_types else self._rows_of(trial, position))
            position += self.digests[trial].length
        self.former.copy(untouched, target)

    def again(self, texts: Texts) -> "NextLedger":
        """Return the same ledger before it is written, with the last texts of notes."""
        unwritten = NextLedger(
            self.former, self.repository, self.record_names, self.coverage, self.decks, self.build_time, self.known
        )
        return replace(unwritten, texts=texts, packages=self.packages)

    @property
    def needs_texts(self) -> list[Line]:
        """The former lines of the notes whose next line needs a last text that is unknown; empty before `write`."""
        needed = [*self.counts.lost, *self.counts.unsure]
        guids, trials = {line.guid for line in needed}, dict.fromkeys(line.trial for line in needed)
        return [line for line in lines_of(self.former, trials) if line.guid in guids]

    def identity_problems(self) -> Iterator[Problem]:
        """Yield a problem for each entry whose notes have lost their identity, of the trials that may have changed."""
        for trial in sorted({*self.changed_trials, *self.moves} & self.repository.references.by_id.keys()):
            record = self.repository.references.by_id[trial]
            earlier = lines_of(self.former, record.outline.formerly if record.outline else ())
            former = [*self._former_lines(trial), *earlier]
            if former:
                yield from check_identities(record, self.repository.own_lines(trial), former)

    @cached_property
    def moves(self) -> Mapping[str, Moves]:
        """The lines that go from one trial to another, by trial; the notes of changed trials have to be made before."""
        return moves_between(self.former, self.repository, self.changed_trials)

    @cached_property
    def changed_trials(self) -> Sequence[str]:
        """The trials whose notes have to be made or looked at again."""
        return [name for name in self._inputs if self._is_touched(name, self.known.get(name))]

    def _is_touched(self, trial: str, known: TrialDigest | None) -> bool:
        return trial in self.build_time.refreshed or self._inputs.get(trial, b"") != (known.inputs if known else b"")

    def _rows_of_types(self, position: int) -> bytes:
        former = self.former.lines(TYPES)
        self.types = next_lines_of_types(former, map(note_type, Kind), self.build_time)
        self._count(former, self.types)
        rows = encoded(self.types)
        self.digests[TYPES] = trial_digest_of(b"", position, rows, self.types, ())
        return rows

    def _former_lines(self, trial: str) -> list[Line]:
        """Return the lines of the last edition that belong to a trial now."""
        moves = self.moves.get(trial, Moves())
        return [line for line in self.former.lines(trial) if line.guid not in moves.gone] + moves.come

    def _rows_of(self, trial: str, position: int) -> bytes:
        notes = self.repository.own_lines(trial) if trial in self.repository.references.owner_of else []
        former = self._former_lines(trial)
        # A line that comes from another trial gets its new key at once: it cannot stand here under the old one.
        come = {line.guid for line in self.moves.get(trial, Moves()).come}
        once_reviewed = {line.guid for line in former if line.signed or line.disputed}
        taken = [
            note
            for note in notes
            if note.guid in come or self.decks.takes(note) or (note.guid in once_reviewed and self.decks.warns(note))
        ]
        untouched, candidates = self._divided(former, notes, taken)
        name = self.record_names.get(trial, "")
        lines = sorted_lines(
            [*untouched, *next_lines(candidates, taken, name, self.coverage, self.build_time, self.texts)]
        )
        lines = with_thanks(lines, former, self._contributors(trial), self.build_time.edition)
        self._count(former, lines, taken, has_record=trial in self.repository.references.by_id)
        rows = encoded(lines)
        self.digests[trial] = trial_digest_of(self._inputs.get(trial, b""), position, rows, lines, notes)
        return rows

    def _contributors(self, trial: str) -> Sequence[Contributor]:
        references = self.repository.references
        owner = references.by_id.get(references.owner_of.get(trial, ""))
        return owner.outline.contributors if owner and owner.outline else ()

    def _divided(
        self, former: Sequence[Line], notes: Sequence[Note], taken: Sequence[Note]
    ) -> tuple[list[Line], list[Line]]:
        """Return the lines that no deck of this build decides about, and the others."""
        live, ours = ({note.guid for note in group if note.cards or note.retired} for group in (notes, taken))
        untouched, candidates = list[Line](), list[Line]()
        for line in former:
            is_ours = line.guid in ours or line.retired or (line.guid not in live and self._takes_retired(line))
            (candidates if is_ours else untouched).append(line)
        return untouched, candidates

    def _takes_retired(self, line: Line) -> bool:
        """Tell whether any deck of this build retires a note."""
        return not line.kind or self.decks.takes_retired(replace(line, retired=self.build_time.day))

    def _keep_digest(self, trial: str, known: TrialDigest, position: int) -> None:
        """Keep the digest of a trial that has not changed, and add what the edition brought of it."""
        self.digests[trial] = known if known.start == position else replace(known, start=position)
        self.release.pass_over(known.live)
        touched = known.touched(self.build_time.edition)
        is_whole = len(known.editions) == 1 and touched.lines == touched.new
        # In a project that grows, this is true of most trials.
        if is_whole and touched.lines > 1 and not known.retired:
            self.news.add_new_trial(trial, touched.lines, max(part.changed for part in known.parts))
        elif touched.lines:
            self.news.add(self.former.lines(trial))

    def _count(
        self, former: Sequence[Line], lines: Sequence[Line], notes: Sequence[Note] = (), *, has_record: bool = True
    ) -> None:
        """Count what has happened to the lines of a trial, or of the note types.

        Args:
            former: The lines before the build.
            lines: The lines after it.
            notes: The notes of the trial that a deck takes.
            has_record: Whether the trial has a record.
        """
        if self.packages:
            known = {line.guid for line in former}
            self.fresh |= {line.guid: line.key for line in lines if line.is_note and line.guid not in known}
        self.counts.count(former, lines)
        self.release.add(former, lines, notes, has_record=has_record)
        self.news.add(lines)

    @cached_property
    def _inputs(self) -> Mapping[str, bytes]:
        """A digest of everything that the notes of each trial are made from; trials without notes have none."""
        references = self.repository.references
        own = {name: member.key for name, member in references.by_id.items()}
        return {
            trial: digest(
                own.get(trial, b""),
                references.reference(trial).key,
                self.record_names[trial].encode(),
                self.decks.mark(trial, references.trials_across(trial)),
            )
            for trial in references.owner_of
        }


def write_with_texts(following: NextLedger, target: BinaryIO, folder: Path, progress: Progress) -> NextLedger:
    """Write a ledger, with the last texts of notes from packages; return the ledger that was written.

    Only after the first write is it known which entries were deleted, and which notes have unknown own content. If
    packages have the texts of these notes, the ledger is written again with them.

    Args:
        following: The ledger.
        target: The file that it is written into.
        folder: The packages of the last edition.
        progress: The progress callback.
    """
    trials = following.trials
    following.write(target, progress(trials, "comparing notes", len(trials)))
    texts = last_texts(folder, following.needs_texts)
    if texts:
        following = following.again(texts)
        target.seek(0)
        target.truncate()
        following.write(target, progress(trials, "comparing notes", len(trials)))
    for key in forgotten(following.fresh, following.packages, following.digests):
        following.release.forgotten.add(key)
    return following


def open_written(path: Path, digests: Mapping[str, TrialDigest]) -> LedgerFile:
    """Open a ledger whose trials have these digests; the caller closes it."""
    return LedgerFile(path, needed_file(path), LineOffsets(digests))


def lines_of(ledger: LedgerFile, trials: Iterable[str]) -> Iterator[Line]:
    """Yield the lines of trials."""
    for trial in trials:
        yield from ledger.lines(trial)
