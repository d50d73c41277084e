"""Plan a build: from the records of a call to all that is written, and what is told of it."""

from collections.abc import Iterable, Mapping, Sequence, Sized
from contextlib import closing
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.cards.note import Note
from trialdeck.decks import ledger as ledgers
from trialdeck.decks import release_notes
from trialdeck.decks.arrange import Package, Shelf, arrange
from trialdeck.decks.editions import Moment, Scope, day_of
from trialdeck.decks.ledger import Ledger, read_ledger
from trialdeck.decks.ledger_file import LedgerFile, open_ledger
from trialdeck.decks.releases import refused
from trialdeck.decks.tombstone import tombstone
from trialdeck.errors import TrialdeckError
from trialdeck.inputs import needed_file, reason_of, whole_input
from trialdeck.pipeline.chapters import Chapters
from trialdeck.pipeline.checking import (
    Call,
    Checked,
    FaultyRecordsError,
)
from trialdeck.pipeline.clocks import ahead_of
from trialdeck.pipeline.coverage import Coverage
from trialdeck.pipeline.index import (
    Index,
    Output,
    signatures_in,
)
from trialdeck.pipeline.ledgers import NextLedger, Overview, lines_of, write_with_texts
from trialdeck.pipeline.linking import key_of, linked_notes, links_between
from trialdeck.pipeline.means import Shared
from trialdeck.pipeline.plan import Plan, filled_of
from trialdeck.pipeline.producing import Producer, file_of, retired_lines
from trialdeck.pipeline.readings import Member, Readings, keys_of
from trialdeck.pipeline.rechecking import checked_since
from trialdeck.pipeline.recipes import Recipes
from trialdeck.pipeline.releasing import RefusedReleaseError
from trialdeck.pipeline.scope import folders_asked, record_name, scope_of
from trialdeck.pipeline.views import Stretches, View
from trialdeck.pipeline.wanted import Wanted
from trialdeck.records.project import NO_FILE, Signature
from trialdeck.transactions import Transaction

GIT_ATTRIBUTES = ".gitattributes"
_UNION = f"{ledgers.FILE} merge=union\n{release_notes.FILE} merge=union\n"
"""How git merges both files: neighbouring lines that two branches changed are no conflict."""


class Project(msgspec.Struct, dict=True):
    """The checked records of a build, and how they hang together."""

    call: Call
    index: Index
    checked: Checked
    readings: Readings

    @classmethod
    def read(cls, call: Call, shared: Shared, index: Index) -> "Project":
        """Read and check the records of a call; raises FaultyRecordsError, and TrialdeckError where there is none."""
        readings = Readings(shared, call.report)
        checked = checked_since(call, readings, index)
        if checked.errors:
            raise FaultyRecordsError(checked)
        if not checked.asked:
            raise TrialdeckError("settings alone give no deck", "name records, or leave PATH out and use --deck ID")
        return cls(call, index, checked, readings)

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """All records: those that were asked for, and those beside them."""
        return (*self.checked.asked, *self.checked.beside)

    @cached_property
    def chapters(self) -> Chapters:
        """The notes of all trials."""
        return Chapters(self.readings, links_between(self.members, self.call.report))

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders that were asked for."""
        return folders_asked(self.call.paths)

    def names(self, members: Iterable[Member]) -> dict[str, str]:
        """Return the files of records as the ledger names them, by trial."""
        return {member.id: record_name(member.place, self.folders) for member in members}

    def scope(self, names: Mapping[str, str]) -> Scope:
        """Return what was looked at, where records with these names were read."""
        return scope_of(names.values(), names, self.folders)

    def tidy(self) -> None:
        """Take what this build has not needed out of the store, once that is most of it."""
        store = self.readings.shared.store
        if store.is_kept and store.fresh:
            needed = {key for member in self.members for key in keys_of(member)}
            needed.update(key_of(link) for link in self.chapters.links.links.values())
            stale = store.keys() - needed
            if len(stale) > len(needed):
                store.forget(stale)

    def packages(self, wanted: Wanted, stones: Sequence[Note], warned: frozenset[str] = frozenset()) -> list[Package]:
        """Return the packages of all definitions; raises TrialdeckError where two share a file."""
        shelf = Shelf.of([self.chapters.chapter(member.id) for member in self.checked.asked], stones, warned)
        found: dict[str, Package] = {}
        for definition in wanted.among(self.checked.definitions):
            for package in arrange(definition, self.checked.settings.root, shelf):
                other = found.setdefault(package.stem, package)
                if other is not package:
                    names = f"'{other.definition.id}' and '{definition.id}'"
                    message = f"the deck definitions {names} both give a package {file_of(package)}"
                    raise TrialdeckError(message, "change one of the two ids")
        return list(found.values())

    def refuse_nothing(self, wanted: Wanted, *, may_be_empty: bool) -> None:
        """Raise TrialdeckError where no note passes the filters, or where two packages share a file."""
        # With a ledger, what is gone or disputed is still told to learners.
        if may_be_empty:
            return
        packages = self.packages(wanted, ())
        linked_notes(self.readings, self.chapters.links, list(self.chapters.links.by_id))
        _refuse_no_note(wanted, [package for package in packages if not package.is_empty])

    def opened(
        self, wanted: Wanted, change: Transaction, built_at: int, *, gated: bool = False, packed: bool = True
    ) -> "Opened":
        """Write all that a build writes into a transaction, which is not committed; without packages unless `packed`.

        If `gated`, it raises RefusedReleaseError where a build is refused.
        """
        change.refuse_links(ledgers.FILE, release_notes.FILE, GIT_ATTRIBUTES)
        there = signatures_in(change.folder)
        coverage = self._coverage(wanted)
        moment = self._moment(wanted, built_at)
        following, text = self._ledger_written(change, coverage, moment, there)
        changes, overview = following.changes, following.overview
        stopped = refused(changes, {*self.checked.settings.allow, *wanted.allow})
        if gated and stopped:
            raise RefusedReleaseError(changes, stopped)
        with closing(overview.opened(change.path(ledgers.FILE))) as ledger:
            recipes, packages = self._arranged(wanted, overview, ledger)
            producer = Producer(self.chapters, ledger, recipes, self.index.outputs, there)
            outputs = producer.produce(packages, change) if packed else {}
        plan = Plan(
            out=change.folder,
            settings=self.checked.settings,
            edition=recipes.last_edition,
            release_notes=text,
            step=following.step,
            outputs=filled_of(outputs),
            outdated=change.changed,
            untaken=coverage.untaken,
            ahead=ahead_of(overview, change.path(ledgers.FILE), built_at),
            changes=changes,
            refused=stopped,
        )
        filled = tuple(each for each in packages if (file_of(each) in plan.outputs if packed else not each.is_empty))
        # Tombstones alone are what learners have to be told; but a filter that nothing passes is a mistake.
        told = [replace(each, tombstones=()) for each in filled] if wanted.reviewed_only else filled
        _refuse_no_note(wanted, [each for each in told if not each.is_empty])
        return Opened(plan, self.chapters, filled, change, outputs, overview.views)

    def _coverage(self, wanted: Wanted) -> Coverage:
        """Return what the decks of this build take."""
        outlines = [member.outline for member in self.checked.asked if member.outline]
        return Coverage(wanted.among(self.checked.definitions), outlines, self.chapters.links)

    def _moment(self, wanted: Wanted, built_at: int) -> Moment:
        """Return when this build is, and what it refreshes; raises TrialdeckError where that is no trial."""
        edition = self.checked.settings.edition or day_of(built_at)
        return Moment(built_at, edition, self.chapters.links.named(wanted.refresh))

    def _ledger_written(
        self, change: Transaction, coverage: Coverage, moment: Moment, there: Mapping[str, Signature]
    ) -> tuple[NextLedger, str]:
        """Write the next ledger and the release notes, and return how the one came about and the text of the other."""
        is_known = all(there.get(name, NO_FILE) == signature for name, signature in self.index.others.items())
        known = self.index.views if is_known else {}
        names = self.names(self.members)
        makers = {trial: names[maker] for trial, maker in self.chapters.links.makers.items()}
        with closing(open_ledger(change.folder / ledgers.FILE, Stretches(known))) as former:
            had_lines = bool(former.parts)
            # Of records that only stand beside those of this build, nothing is retired: it has no package of them.
            scope = self.scope(self.names(self.checked.asked))
            following = NextLedger(former, self.chapters, makers, scope, coverage, moment, known)
            written = self.index.outputs if is_known else {}
            packages = (change.folder / name for name in _packages_among(there, written))
            # What a link leads to is of another folder.
            following.packages = [path for path in packages if not path.is_symlink()]
            following = self._write_ledger(following, change)
        # Only with a new ledger: whoever removes the file later may have reasons.
        if not had_lines and not (change.folder / GIT_ATTRIBUTES).exists():
            change.put(GIT_ATTRIBUTES, _UNION.encode())
        text = _read(change.folder / release_notes.FILE)
        if following.step:
            text = release_notes.release_notes(text, following.news)
            change.put(release_notes.FILE, text.encode())
        return following, text

    def _write_ledger(self, following: NextLedger, change: Transaction) -> NextLedger:
        """Write the next ledger and return it; raises FaultyRecordsError where notes have lost their identity."""
        shared, links = self.readings.shared, self.chapters.links
        # Fresh workers take less memory than those that have read all records; and what follows is done here.
        shared.workers.rest()
        linked_notes(self.readings, links, sorted({links.makers[trial] for trial in following.changed_trials()}))
        shared.workers.rest()
        shared.store.relax()
        with change.writing(ledgers.FILE) as target:
            following = write_with_texts(following, target, change.folder, shared.progress)
        if following.problems:
            problems = tuple(sorted({*self.checked.problems, *following.problems}))
            raise FaultyRecordsError(replace(self.checked, problems=problems))
        return following

    def _arranged(self, wanted: Wanted, overview: Overview, ledger: LedgerFile) -> tuple[Recipes, Sequence[Package]]:
        """Return what all packages are to hold, and what they are made from."""
        asked = self.scope(self.names(self.checked.asked))
        of_retired = [trial for trial, view in overview.views.items() if view.retired]
        of_disputed = [trial for trial, view in overview.views.items() if view.disputed]
        warned = frozenset(line.guid for line in lines_of(ledger, of_disputed) if line.disputed)
        retired = {line.guid: line for line in retired_lines(ledger, of_retired)}
        stones = [tombstone(line) for line in retired.values() if asked.may_hold(line)]
        recipes = Recipes(self.checked.settings, self.chapters.links, overview.views, overview.types, retired)
        return recipes, self.packages(wanted, stones, warned)


def _packages_among(there: Mapping[str, Signature], written: Mapping[str, Output]) -> list[str]:
    """Return the names of the packages that are there, without those that the last build has written: it knew them."""
    known = {name for name, output in written.items() if there.get(name) == output.signature}
    return sorted(name for name in there if name.endswith(".apkg") and name not in known)


def _refuse_no_note(wanted: Wanted, filled: Sized) -> None:
    """Raise TrialdeckError where no package holds anything."""
    if filled:
        return
    if wanted.reviewed_only:
        raise TrialdeckError("nothing is reviewed, so there is nothing to build", "`trialdeck review` signs it")
    raise TrialdeckError("no note passes the filters", "take fewer filters, or others")


class Opened(msgspec.Struct, frozen=True):
    """A plan while all that would be written can be looked at: notes, packages, and the files in a transaction.

    `packages` are those that hold anything; `outputs` are the others as well.
    """

    plan: Plan
    chapters: Chapters
    packages: tuple[Package, ...]
    change: Transaction
    outputs: Mapping[str, Output]
    views: Mapping[str, View]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes of the records that have cards, whether a package takes them or not; extracts too."""
        trials = sorted(self.chapters.links.makers)
        return tuple(note for trial in trials for note in self.chapters.own_lines(trial) if note.cards)

    @property
    def ledger(self) -> Ledger:
        """The ledger after the build."""
        return read_ledger(self.change.path(ledgers.FILE))

    @property
    def former(self) -> Ledger:
        """The ledger before the build."""
        return read_ledger(self.change.folder / ledgers.FILE)

    def content(self, package: Package) -> bytes:
        """Return the file of a package."""
        with needed_file(self.change.path(file_of(package))) as file:
            return file.read()


def _read(path: Path) -> str:
    try:
        return whole_input(path).decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise TrialdeckError(f"cannot read {path}: {reason_of(error)}", "correct the file, or move it away") from error
