"""The next ledger: written trial by trial beside the former one, of which what nobody has touched is taken over."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from trialdeck.cards.keys import is_key_of_extract, key_of_list
from trialdeck.cards.note import Note
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.decks.editions import Moment, Scope, Step, Texts, next_lines, next_lines_of_types
from trialdeck.decks.identity import check_identities
from trialdeck.decks.last_texts import last_texts
from trialdeck.decks.ledger import Line, encoded, sorted_lines
from trialdeck.decks.ledger_file import TYPES, LedgerFile, in_order
from trialdeck.decks.lost_ledger import forgotten
from trialdeck.decks.release_notes import News
from trialdeck.decks.releases import Release, ReleaseChange
from trialdeck.inputs import needed_file
from trialdeck.pipeline.chapters import Chapters
from trialdeck.pipeline.codec import digest
from trialdeck.pipeline.coverage import Coverage
from trialdeck.pipeline.extracts import texts_of_lists
from trialdeck.pipeline.moves import Moves, moves_between
from trialdeck.pipeline.progress import Progress
from trialdeck.pipeline.views import Stretches, View, view_of
from trialdeck.records.problem import Problem


class Overview(msgspec.Struct, frozen=True):
    """What packages need to know of a ledger: the views of all trials, and the lines of the note types."""

    views: Mapping[str, View]
    types: Sequence[Line]

    def opened(self, path: Path) -> LedgerFile:
        """Open the ledger, wherever it is; the caller closes it."""
        return LedgerFile(path, needed_file(path), Stretches(self.views))


class NextLedger(msgspec.Struct, dict=True):
    """What a build makes of a ledger; `record_names` are the files of records, as a ledger names them, by trial.

    Of a note that no deck of the build takes (`coverage`), the ledger says what it said before. `texts` are the
    last fields of notes whose entries were deleted, or of which the ledger does not know the own content, as far as
    packages have them.

    `packages` are those of earlier builds that may have notes of which the former ledger does not know.

    After `write`, `views` are those of all trials, `types` the lines of the note types, `step` what has happened,
    `news` what the edition brought, `changes` what it changes for learners, and `problems` are notes that have lost
    their identity. If there are such packages, `fresh` has the keys of the new notes by guid.
    """

    former: LedgerFile
    chapters: Chapters
    record_names: Mapping[str, str]
    scope: Scope
    coverage: Coverage
    moment: Moment
    known: Mapping[str, View] = msgspec.field(default_factory=dict)
    texts: Texts = msgspec.field(default_factory=dict)
    packages: Sequence[Path] = ()
    fresh: dict[str, str] = msgspec.field(default_factory=dict)
    views: dict[str, View] = msgspec.field(default_factory=dict)
    types: list[Line] = msgspec.field(default_factory=list)
    step: Step = msgspec.field(default_factory=Step)
    problems: list[Problem] = msgspec.field(default_factory=list)
    release: Release = msgspec.field(default_factory=Release)

    @cached_property
    def news(self) -> News:
        """What the edition brought."""
        return News(self.moment.edition)

    @property
    def trials(self) -> list[str]:
        """The trials that have lines, or will have some, in the order of the ledger."""
        return sorted({*self.chapters.links.makers, *self.former.parts, TYPES}, key=in_order)

    @property
    def overview(self) -> Overview:
        """What packages need to know of it, once it is written."""
        return Overview(self.views, self.types)

    @property
    def changes(self) -> tuple[ReleaseChange, ...]:
        """What the edition changes for learners who have the deck, once it is written."""
        times = (max(part.changed for part in view.parts) for view in self.views.values())
        return self.release.changes(self.moment.time, times)

    def write(self, target: BinaryIO, trials: Iterable[str]) -> None:
        """Write the lines of these trials, which come in the order of the ledger."""
        place = 0
        moves = moves_between(self.former, self.chapters, self.changed_trials())
        untouched: list[str] = []
        for trial in trials:
            known = self.known.get(trial)
            if known and trial not in moves and trial != TYPES and not self._is_touched(trial, known):
                self._keep(trial, known, place)
                untouched.append(trial)
            else:
                self.former.copy(untouched, target)
                untouched.clear()
                is_of_types = trial == TYPES
                its_moves = moves.get(trial, Moves())
                target.write(self._rows_of_types(place) if is_of_types else self._rows_of(trial, place, its_moves))
            place += self.views[trial].length
        self.former.copy(untouched, target)

    def again(self, texts: Texts) -> "NextLedger":
        """Return the same before it is written, with the last texts of notes."""
        nothing = NextLedger(
            self.former, self.chapters, self.record_names, self.scope, self.coverage, self.moment, self.known
        )
        return replace(nothing, texts=texts, packages=self.packages)

    @property
    def needs_texts(self) -> list[Line]:
        """The former lines of the notes whose last text has a say in the next line, and is not known; once written."""
        needed = [*self.step.lost, *self.step.unsure]
        guids, trials = {line.guid for line in needed}, dict.fromkeys(line.trial for line in needed)
        return [line for line in lines_of(self.former, trials) if line.guid in guids]

    def changed_trials(self) -> list[str]:
        """Return the trials that have records whose notes have to be made or looked at again."""
        return [name for name in self._inputs if self._is_touched(name, self.known.get(name))]

    def _is_touched(self, trial: str, known: View | None) -> bool:
        return trial in self.moment.refreshed or self._inputs.get(trial, b"") != (known.inputs if known else b"")

    def _rows_of_types(self, place: int) -> bytes:
        former = self.former.lines(TYPES)
        self.types = next_lines_of_types(former, map(note_type, Kind), self.moment)
        self._count(former, self.types)
        rows = encoded(self.types)
        self.views[TYPES] = view_of(b"", place, rows, self.types, ())
        return rows

    def _rows_of(self, trial: str, place: int, moves: Moves) -> bytes:
        notes = self.chapters.own_lines(trial) if trial in self.chapters.links.makers else []
        former = [line for line in self.former.lines(trial) if line.guid not in moves.gone] + moves.come
        if trial in self.chapters.links.by_id:
            record = self.chapters.links.by_id[trial]
            earlier = lines_of(self.former, record.outline.formerly if record.outline else ())
            self.problems += check_identities(record, notes, [*former, *earlier])
        # A line that comes from another trial gets its new key at once: it cannot stand here under the old one.
        come = {line.guid for line in moves.come}
        once_reviewed = {line.guid for line in former if line.signed or line.disputed}
        taken = [
            note
            for note in notes
            if note.guid in come
            or self.coverage.takes(note)
            or (note.guid in once_reviewed and self.coverage.warns(note))
        ]
        left, rest = self._divided(former, notes, taken)
        name = self.record_names.get(trial, "")
        lines = sorted_lines([*left, *next_lines(rest, taken, name, self.scope, self.moment, self.texts)])
        self._count(former, lines, taken, has_record=trial in self.chapters.links.by_id)
        rows = encoded(lines)
        self.views[trial] = view_of(self._inputs.get(trial, b""), place, rows, lines, notes)
        return rows

    def _divided(
        self, former: Sequence[Line], notes: Sequence[Note], taken: Sequence[Note]
    ) -> tuple[list[Line], list[Line]]:
        """Return the lines that no deck of this build has a say in, and the others."""
        live, ours = ({note.guid for note in some if note.cards or note.retired} for some in (notes, taken))
        asked = {note.key for note in notes if note.cards}
        left, rest = list[Line](), list[Line]()
        for line in former:
            is_ours = line.guid in ours or line.retired or (line.guid not in live and self._takes_retired(line, asked))
            (rest if is_ours else left).append(line)
        return left, rest

    def _takes_retired(self, line: Line, asked: Container[str]) -> bool:
        """Tell whether any deck of this build retires a note; `asked` are the keys of the notes with cards."""
        key = line.key
        if is_key_of_extract(key) and key_of_list(key) not in asked:
            # It goes with its list: else it would stay, as most builds have no deck of reviewed notes.
            key = key_of_list(key)
        return not line.kind or self.coverage.takes_retired(replace(line, key=key, retired=self.moment.day))

    def _keep(self, trial: str, known: View, place: int) -> None:
        """Keep the view of a trial that has not changed, and add what the edition brought of it."""
        self.views[trial] = known if known.start == place else replace(known, start=place)
        self.release.pass_over(known.live)
        touched = known.touched(self.moment.edition)
        is_whole = len(known.editions) == 1 and touched.lines == touched.new
        # As the author builds on, this is what most trials are.
        if is_whole and touched.lines > 1 and not known.retired:
            self.news.add_new_trial(trial, touched.lines, max(part.changed for part in known.parts))
        elif touched.lines:
            self.news.add(self.former.lines(trial))

    def _count(
        self, former: Sequence[Line], lines: Sequence[Line], notes: Sequence[Note] = (), *, has_record: bool = True
    ) -> None:
        if self.packages:
            known = {line.guid for line in former}
            self.fresh |= {line.guid: line.key for line in lines if line.is_note and line.guid not in known}
        self.step.count(former, lines)
        self.release.add(former, lines, notes, has_record=has_record)
        self.news.add(lines)

    @cached_property
    def _inputs(self) -> Mapping[str, bytes]:
        """The digests of all that the notes of each trial come from; those without notes are not among them."""
        links = self.chapters.links
        own = {name: member.key for name, member in links.by_id.items()}
        return {
            trial: digest(
                own.get(trial, b""),
                links.links[maker].key,
                self.record_names[trial].encode(),
                self.coverage.mark(trial),
            )
            for trial, maker in links.makers.items()
        }


def write_with_texts(following: NextLedger, target: BinaryIO, folder: Path, progress: Progress) -> NextLedger:
    """Write a ledger, with the last texts of notes from the packages in a folder; return what was written.

    Which entries were deleted, and of which notes the own content is not known, shows once it is written. If packages
    have their texts, it is written once more.
    """
    trials = following.trials
    following.write(target, progress(trials, "comparing notes", len(trials)))
    texts = _texts_for(following, folder)
    if texts:
        following = following.again(texts)
        target.seek(0)
        target.truncate()
        following.write(target, progress(trials, "comparing notes", len(trials)))
    for key in forgotten(following.fresh, following.packages, following.views):
        following.release.forgotten.add(key)
    return following


def _texts_for(following: NextLedger, folder: Path) -> Texts:
    needed = following.needs_texts
    texts = last_texts(folder, needed)
    lost = {line.guid for line in following.step.lost if is_key_of_extract(line.key)} - texts.keys()
    extracts = [line for line in needed if line.guid in lost]
    return {**texts, **texts_of_lists(extracts, following.chapters, following.former, folder)}


def lines_of(ledger: LedgerFile, trials: Iterable[str]) -> Iterator[Line]:
    """Yield the lines of trials."""
    for trial in trials:
        yield from ledger.lines(trial)
