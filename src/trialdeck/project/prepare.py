"""Prepare a build: everything that a build, a dry run, a check or a diff needs, in an open transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import needed_file, reason_of, whole_input
from trialdeck.core.transactions import Transaction
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import Package, TrialIndex, plan_packages
from trialdeck.editions import ledger as ledgers
from trialdeck.editions import release_notes
from trialdeck.editions.ledger import Ledger, read_ledger
from trialdeck.editions.ledger_file import LedgerFile, open_ledger
from trialdeck.editions.next_edition import BuildTime, Coverage, day_of
from trialdeck.editions.risks import refused
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.note import Note
from trialdeck.project.build_index import Index, Output, checked_since, signatures_in
from trialdeck.project.build_result import BuildResult, RefusedReleaseError, ahead_of, filled_of
from trialdeck.project.check import Call, Checked, FaultyRecordsError
from trialdeck.project.context import BuildContext
from trialdeck.project.coverage import DeckCoverage, folders_asked, record_name, scope_of
from trialdeck.project.cross_references import cross_references_between, key_of, linked_notes
from trialdeck.project.next_ledger import NextLedger, Overview, lines_of, write_with_texts
from trialdeck.project.note_repository import NoteRepository
from trialdeck.project.package_keys import LineOffsets, PackageKeys, TrialDigest
from trialdeck.project.packages import PackageWriter, file_of, retired_lines
from trialdeck.project.record_loader import ProjectRecord, RecordLoader, keys_of
from trialdeck.records.discovery import NO_FILE, Signature
from trialdeck.records.settings import DeckDefinition

GIT_ATTRIBUTES = ".gitattributes"
_UNION = f"{ledgers.FILE} merge=union\n{release_notes.FILE} merge=union\n"
"""How git merges both files: neighbouring lines that two branches changed are no conflict."""


class Project(msgspec.Struct, dict=True):
    """The checked records of a build, and how they hang together."""

    call: Call
    index: Index
    checked: Checked
    loader: RecordLoader

    @classmethod
    def read(cls, call: Call, shared: BuildContext, index: Index) -> "Project":
        """Read and check the records of a call; raises FaultyRecordsError, and TrialdeckError where there is none."""
        loader = RecordLoader(shared, call.report)
        checked = checked_since(call, loader, index)
        if checked.errors:
            raise FaultyRecordsError(checked)
        if not checked.asked:
            raise TrialdeckError("settings alone give no deck", "name records, or leave PATH out and use --deck ID")
        return cls(call, index, checked, loader)

    @cached_property
    def members(self) -> tuple[ProjectRecord, ...]:
        """All records: those that were asked for, and those beside them."""
        return (*self.checked.asked, *self.checked.beside)

    @cached_property
    def repository(self) -> NoteRepository:
        """The notes of all trials."""
        return NoteRepository(self.loader, cross_references_between(self.members, self.call.report))

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders that were asked for."""
        return folders_asked(self.call.paths)

    def names(self, members: Iterable[ProjectRecord]) -> dict[str, str]:
        """Return the files of records as the ledger names them, by trial."""
        return {member.id: record_name(member.place, self.folders) for member in members}

    def scope(self, names: Mapping[str, str]) -> Coverage:
        """Return what was looked at, where records with these names were read."""
        return scope_of(names.values(), names, self.folders)

    def tidy(self) -> None:
        """Take what this build has not needed out of the store, once that is most of it."""
        store = self.loader.shared.store
        if store.is_kept and store.fresh:
            needed = {key for member in self.members for key in keys_of(member)}
            needed.update(key_of(link) for link in self.repository.links.links.values())
            stale = store.keys() - needed
            if len(stale) > len(needed):
                store.forget(stale)

    def packages(
        self, request: DeckRequest, stones: Sequence[Note], warned: frozenset[str] = frozenset()
    ) -> list[Package]:
        """Return the packages of all definitions; raises TrialdeckError where two share a file."""
        shelf = TrialIndex.of([self.repository.chapter(member.id) for member in self.checked.asked], stones, warned)
        found: dict[str, Package] = {}
        for definition in request.among(self.checked.definitions):
            for package in plan_packages(definition, self.checked.settings.root, shelf):
                other = found.setdefault(package.stem, package)
                if other is not package:
                    names = f"'{other.definition.id}' and '{definition.id}'"
                    message = f"the deck definitions {names} both give a package {file_of(package)}"
                    raise TrialdeckError(message, "change one of the two ids")
        return list(found.values())

    def refuse_nothing(self, request: DeckRequest, *, may_be_empty: bool) -> None:
        """Raise TrialdeckError where no note passes the filters, or where two packages share a file."""
        # With a ledger, what is gone or disputed is still told to learners.
        if may_be_empty:
            return
        packages = self.packages(request, ())
        linked_notes(self.loader, self.repository.links, list(self.repository.links.by_id))
        _refuse_no_note(request, [package for package in packages if not package.is_empty])

    def prepare(
        self, request: DeckRequest, change: Transaction, built_at: int, *, gated: bool = False, packed: bool = True
    ) -> "PreparedBuild":
        """Write all that a build writes into a transaction, which is not committed; without packages unless `packed`.

        If `gated`, it raises RefusedReleaseError where a build is refused.
        """
        change.refuse_links(ledgers.FILE, release_notes.FILE, GIT_ATTRIBUTES)
        there = signatures_in(change.folder)
        coverage = self._coverage(request)
        moment = self._moment(request, built_at)
        following, text = self._ledger_written(change, coverage, moment, there)
        changes, overview = following.changes, following.overview
        stopped = refused(changes, {*self.checked.settings.allow, *request.allow})
        if gated and stopped:
            raise RefusedReleaseError(changes, stopped)
        with closing(overview.opened(change.path(ledgers.FILE))) as ledger:
            package_keys, packages = self._arranged(request, overview, ledger)
            producer = PackageWriter(self.repository, ledger, package_keys, self.index.outputs, there)
            outputs = producer.produce(packages, change) if packed else {}
        plan = BuildResult(
            out=change.folder,
            settings=self.checked.settings,
            edition=package_keys.last_edition,
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
        _refuse_no_note(request, filled)
        defined = self.checked.definitions
        return PreparedBuild(plan, self.repository, filled, change, outputs, overview.digests, tuple(defined))

    def _coverage(self, request: DeckRequest) -> DeckCoverage:
        """Return what the decks of this build take."""
        outlines = [member.outline for member in self.checked.asked if member.outline]
        return DeckCoverage(request.among(self.checked.definitions), outlines, self.repository.links)

    def _moment(self, request: DeckRequest, built_at: int) -> BuildTime:
        """Return when this build is, and what it refreshes; raises TrialdeckError where that is no trial."""
        edition = self.checked.settings.edition or day_of(built_at)
        return BuildTime(built_at, edition, self.repository.links.named(request.refresh))

    def _ledger_written(
        self, change: Transaction, coverage: DeckCoverage, moment: BuildTime, there: Mapping[str, Signature]
    ) -> tuple[NextLedger, str]:
        """Write the next ledger and the release notes, and return how the one came about and the text of the other."""
        is_known = all(there.get(name, NO_FILE) == signature for name, signature in self.index.others.items())
        known = self.index.digests if is_known else {}
        names = self.names(self.members)
        makers = {trial: names[maker] for trial, maker in self.repository.links.makers.items()}
        with closing(open_ledger(change.folder / ledgers.FILE, LineOffsets(known))) as former:
            had_lines = bool(former.parts)
            # Of records that only stand beside those of this build, nothing is retired: it has no package of them.
            scope = self.scope(self.names(self.checked.asked))
            following = NextLedger(former, self.repository, makers, scope, coverage, moment, known)
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
        shared, links = self.loader.shared, self.repository.links
        # Fresh workers take less memory than those that have read all records; and what follows is done here.
        shared.workers.shut_down_idle()
        linked_notes(self.loader, links, sorted({links.makers[trial] for trial in following.changed_trials()}))
        shared.workers.shut_down_idle()
        shared.store.relax()
        with change.writing(ledgers.FILE) as target:
            following = write_with_texts(following, target, change.folder, shared.progress)
        if following.problems:
            problems = tuple(sorted({*self.checked.problems, *following.problems}))
            raise FaultyRecordsError(replace(self.checked, problems=problems))
        return following

    def _arranged(
        self, request: DeckRequest, overview: Overview, ledger: LedgerFile
    ) -> tuple[PackageKeys, Sequence[Package]]:
        """Return what all packages are to hold, and what they are made from."""
        asked = self.scope(self.names(self.checked.asked))
        of_retired = [trial for trial, view in overview.digests.items() if view.retired]
        of_disputed = [trial for trial, view in overview.digests.items() if view.disputed]
        warned = frozenset(line.guid for line in lines_of(ledger, of_disputed) if line.disputed)
        retired = {line.guid: line for line in retired_lines(ledger, of_retired)}
        stones = [tombstone(line) for line in retired.values() if asked.may_hold(line)]
        package_keys = PackageKeys(
            self.checked.settings, self.repository.links, overview.digests, overview.types, retired
        )
        return package_keys, self.packages(request, stones, warned)


def _packages_among(there: Mapping[str, Signature], written: Mapping[str, Output]) -> list[str]:
    """Return the names of the packages that are there, without those that the last build has written: it knew them."""
    known = {name for name, output in written.items() if there.get(name) == output.signature}
    return sorted(name for name in there if name.endswith(".apkg") and name not in known)


def _refuse_no_note(request: DeckRequest, filled: Sequence[Package]) -> None:
    """Raise TrialdeckError if no package holds anything, or, with `reviewed_only`, nothing but tombstones."""
    if request.reviewed_only:
        if all(replace(package, tombstones=()).is_empty for package in filled):
            raise TrialdeckError("nothing is reviewed, so there is nothing to build", "`trialdeck review` signs it")
    elif not filled:
        raise TrialdeckError("no note passes the filters", "take fewer filters, or others")


class PreparedBuild(msgspec.Struct, frozen=True):
    """A plan while all that would be written can be looked at: notes, packages, and the files in a transaction.

    `packages` are those that hold anything; `outputs` are the others as well. `definitions` are the decks that the
    project defines, whether this build makes them or not.
    """

    plan: BuildResult
    repository: NoteRepository
    packages: tuple[Package, ...]
    change: Transaction
    outputs: Mapping[str, Output]
    digests: Mapping[str, TrialDigest]
    definitions: tuple[DeckDefinition, ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes of the records that have cards, whether a package takes them or not; extracts too."""
        trials = sorted(self.repository.links.makers)
        return tuple(note for trial in trials for note in self.repository.own_lines(trial) if note.cards)

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
