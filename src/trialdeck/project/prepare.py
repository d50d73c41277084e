"""Prepare a build: all steps before the commit, which a build, a dry run, a diff, a pull and a site share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import needed_file
from trialdeck.core.transactions import Transaction, refuse_links
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.package_plan import Package, plan_packages
from trialdeck.editions import ledger as ledgers
from trialdeck.editions import release_notes
from trialdeck.editions.ledger import Ledger, Line, read_ledger
from trialdeck.editions.ledger_file import open_ledger
from trialdeck.editions.next_edition import BuildTime, Coverage, day_of
from trialdeck.editions.risks import ReleaseChange, refused
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.note import Note
from trialdeck.project.build_index import Index, Output, checked_since, signatures_in
from trialdeck.project.build_result import BuildResult, RefusedReleaseError, ahead_of, filled_of, refuse_empty
from trialdeck.project.check import Call, Checked, FaultyRecordsError
from trialdeck.project.coverage import DeckCoverage, coverage_of, folders_asked, record_name
from trialdeck.project.cross_references import CrossReferences, key_of, linked_notes
from trialdeck.project.next_ledger import NextLedger, lines_of, open_written, write_with_texts
from trialdeck.project.note_repository import NoteRepository
from trialdeck.project.package_keys import LineOffsets, PackageKeys
from trialdeck.project.packages import PackageWriter, file_of
from trialdeck.project.record_loader import ProjectRecord, RecordLoader, keys_of
from trialdeck.records.discovery import NO_FILE, Signature
from trialdeck.records.settings import DeckDefinition, ProjectSettings

GIT_ATTRIBUTES = ".gitattributes"
_UNION = f"{ledgers.FILE} merge=union\n{release_notes.FILE} merge=union\n"
"""How git merges both files: neighbouring lines that two branches changed are no conflict."""


class CheckedBuild(msgspec.Struct, frozen=True, dict=True):
    """A build whose records and settings have no error; `index` is that of the last build into the folder `out`."""

    call: Call
    request: DeckRequest
    out: Path
    index: Index
    checked: Checked
    loader: RecordLoader

    @classmethod
    def of(cls, call: Call, request: DeckRequest, out: Path, index: Index, loader: RecordLoader) -> "CheckedBuild":
        """Read and check the records of a call.

        Args:
            call: The files.
            request: Which decks are wanted.
            out: The folder of the packages and the ledger.
            index: That of the last build into `out`.
            loader: Reads the records.

        Raises:
            FaultyRecordsError: A record or a settings file has an error.
            TrialdeckError: There is no record, or no note that a build can take.
        """
        checked = checked_since(call, loader, index)
        if checked.errors:
            raise FaultyRecordsError(checked)
        if not checked.asked:
            raise TrialdeckError("settings alone give no deck", "name records, or leave PATH out and use --deck ID")
        build = cls(call, request, out, index, checked, loader)
        # If there is a ledger, a build without live notes still sends tombstones and disputes to learners.
        if not (out / ledgers.FILE).exists():
            build._refuse_no_note()
        return build

    @cached_property
    def members(self) -> tuple[ProjectRecord, ...]:
        """All records: those that were asked for, and those beside them."""
        return (*self.checked.asked, *self.checked.beside)

    @cached_property
    def repository(self) -> NoteRepository:
        """The notes of all trials."""
        return NoteRepository.of(self.members, self.loader, self.checked.settings.topics)

    @cached_property
    def coverage(self) -> Coverage:
        """The records that were asked for: only their notes can be retired, the others have no package here."""
        names = self._names(self.checked.asked)
        return coverage_of(names.values(), names, self._folders)

    @cached_property
    def files(self) -> Mapping[str, Signature]:
        """The signatures of the files in `out`, before the build, by name."""
        return signatures_in(self.out)

    @contextmanager
    def next_ledger(self, built_at: int) -> Iterator[NextLedger]:
        """Open the ledger in the folder, and lend the next ledger, which is not written yet.

        Raises FaultyRecordsError if notes have lost their identity.
        """
        refuse_links(self.out, ledgers.FILE, release_notes.FILE, GIT_ATTRIBUTES)
        is_known = all(self.files.get(name, NO_FILE) == signature for name, signature in self.index.others.items())
        known, written = (self.index.digests, self.index.outputs) if is_known else ({}, {})
        names = self._names(self.members)
        with closing(open_ledger(self.out / ledgers.FILE, LineOffsets(known))) as former:
            following = NextLedger(
                former=former,
                repository=self.repository,
                record_names={trial: names[owner] for trial, owner in self.repository.references.owner_of.items()},
                coverage=self.coverage,
                decks=self._deck_coverage(),
                build_time=self._build_time(built_at),
                known=known,
                packages=self._packages_beside(written),
            )
            self._refuse_lost_identities(following)
            yield following

    def prepare(self, following: NextLedger, change: Transaction) -> "PreparedBuild":
        """Write the next ledger and the release notes into a transaction on the folder, which is not committed."""
        had_lines = bool(following.former.parts)
        with change.writing(ledgers.FILE) as target:
            following = write_with_texts(following, target, self.out, self.loader.progress)
        # Windows replaces no file that is open.
        following.former.close()
        # Only with a new ledger: an author may have reasons to remove the file later.
        if not had_lines and not (self.out / GIT_ATTRIBUTES).exists():
            change.put(GIT_ATTRIBUTES, _UNION.encode())
        text = release_notes.read_release_notes(self.out / release_notes.FILE)
        if following.counts:
            text = release_notes.release_notes(text, following.news)
            change.put(release_notes.FILE, text.encode())
        return PreparedBuild(self, following, text, change)

    def plan_packages(self, stones: Sequence[Note] = (), warned: frozenset[str] = frozenset()) -> list[Package]:
        """Return the packages of all definitions; raises TrialdeckError if two share a file."""
        index = self.repository.index([member.id for member in self.checked.asked], stones, warned)
        packages: dict[str, Package] = {}
        for definition in self._definitions:
            for package in plan_packages(definition, self.checked.settings.root, index):
                other = packages.setdefault(package.stem, package)
                if other is not package:
                    names = f"{other.definition.id}' and '{definition.id}"
                    message = f"the deck definitions '{names}' both give a package {file_of(package)}"
                    raise TrialdeckError(message, "change one of the two ids")
        return list(packages.values())

    def remove_stale_entries(self) -> None:
        """Remove from the store what this build has not needed, once that is most of it."""
        store = self.loader.store
        if store.is_kept and store.fresh:
            needed = {key for member in self.members for key in keys_of(member)}
            needed.update(key_of(link) for link in self.repository.references.of_record.values())
            stale = store.keys() - needed
            if len(stale) > len(needed):
                store.forget(stale)

    def _refuse_no_note(self) -> None:
        packages = self.plan_packages()
        linked_notes(self.loader, self.repository.references, list(self.repository.references.of_record))
        refuse_empty(self.request, [package for package in packages if not package.is_empty])

    def _refuse_lost_identities(self, following: NextLedger) -> None:
        """Make the notes of the trials that may have changed; raise FaultyRecordsError if any lost its identity."""
        loader, references = self.loader, self.repository.references
        # New workers take less memory than those that have read all records; the steps after theirs run here.
        loader.workers.shut_down_idle()
        linked_notes(loader, references, following.changed_trials)
        loader.workers.shut_down_idle()
        loader.store.relax()
        if lost := tuple(following.identity_problems()):
            raise FaultyRecordsError(replace(self.checked, problems=tuple(sorted({*self.checked.problems, *lost}))))

    @property
    def _definitions(self) -> Sequence[DeckDefinition]:
        return self.request.among(self.checked.definitions)

    @cached_property
    def _folders(self) -> tuple[str, ...]:
        """The folders that were asked for."""
        return folders_asked(self.call.paths)

    def _names(self, members: Iterable[ProjectRecord]) -> dict[str, str]:
        """Return the files of records as the ledger names them, by trial."""
        return {member.id: record_name(member.place, self._folders) for member in members}

    def _deck_coverage(self) -> DeckCoverage:
        """Return what the decks of this build take."""
        asked = frozenset(member.id for member in self.checked.asked)
        return DeckCoverage(self._definitions, self.repository.outlines, asked, self.repository.references.current)

    def _build_time(self, built_at: int) -> BuildTime:
        """Return the time of this build and the trials to refresh; raises TrialdeckError if one does not exist."""
        edition = self.checked.settings.edition or day_of(built_at)
        return BuildTime(built_at, edition, self.repository.references.named(self.request.refresh))

    def _packages_beside(self, written: Mapping[str, Output]) -> list[Path]:
        """Return the packages in the folder, without those that the last build wrote: the ledger knows their notes."""
        known = {name for name, output in written.items() if self.files.get(name) == output.signature}
        names = sorted(name for name in self.files if name.endswith(".apkg") and name not in known)
        # The target of a link is not a package of this folder.
        return [self.out / name for name in names if not (self.out / name).is_symlink()]


class PreparedBuild(msgspec.Struct, frozen=True, dict=True):
    """A build whose next ledger and release notes are in the open transaction `change` (not one of the `changes`).

    `release_notes` is their text. Packages are planned at the first access, and written by `write_packages` alone.
    """

    checked_build: CheckedBuild
    next_ledger: NextLedger
    release_notes: str
    change: Transaction

    @property
    def out(self) -> Path:
        """The folder of the packages and the ledger."""
        return self.checked_build.out

    @property
    def repository(self) -> NoteRepository:
        """The notes of all trials."""
        return self.checked_build.repository

    @property
    def references(self) -> CrossReferences:
        """How the records refer to each other."""
        return self.repository.references

    @property
    def settings(self) -> ProjectSettings:
        """The settings of the project."""
        return self.checked_build.checked.settings

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes of the records that have cards, whether a package takes them or not."""
        trials = sorted(self.references.owner_of)
        return tuple(note for trial in trials for note in self.repository.own_lines(trial) if note.cards)

    @property
    def ledger(self) -> Ledger:
        """The ledger after the build."""
        return read_ledger(self._ledger_path)

    @property
    def former(self) -> Ledger:
        """The ledger before the build."""
        return read_ledger(self.out / ledgers.FILE)

    @property
    def edition(self) -> str:
        """The edition of all packages together."""
        return self._package_keys.last_edition

    def age(self, package: Package) -> tuple[int, str]:
        """Return when anything in a package last changed, in seconds of Unix time, and its edition."""
        return self._package_keys.age(package)

    @cached_property
    def changes(self) -> tuple[ReleaseChange, ...]:
        """What the edition changes for learners who have the deck."""
        return self.next_ledger.changes

    @property
    def refused(self) -> tuple[ReleaseChange, ...]:
        """The changes for which a build is refused."""
        return refused(self.changes, {*self.settings.allow, *self.checked_build.request.allow})

    def refuse_risks(self) -> None:
        """Raise RefusedReleaseError if the edition would harm learners, and that is not allowed."""
        if self.refused:
            raise RefusedReleaseError(self.changes, self.refused)

    @cached_property
    def packages(self) -> Sequence[Package]:
        """The packages of all definitions; some of them may turn out to be empty."""
        digests = self.next_ledger.digests
        with_disputes = [trial for trial, trial_digest in digests.items() if trial_digest.disputed]
        with closing(open_written(self._ledger_path, digests)) as ledger:
            warned = frozenset(line.guid for line in lines_of(ledger, with_disputes) if line.disputed)
        coverage = self.checked_build.coverage
        stones = [tombstone(line) for line in self._retired.values() if coverage.may_hold(line)]
        return self.checked_build.plan_packages(stones, warned)

    @cached_property
    def filled_packages(self) -> tuple[Package, ...]:
        """The packages that hold anything, which needs their notes; raises TrialdeckError if nothing is to be built."""
        filled = tuple(package for package in self.packages if not package.is_empty)
        refuse_empty(self.checked_build.request, filled)
        return filled

    def write_packages(self) -> Mapping[str, Output]:
        """Write those packages into the transaction that are not up to date; return all of them, by file name.

        Raises TrialdeckError if nothing is to be built.
        """
        build = self.checked_build
        with closing(open_written(self._ledger_path, self.next_ledger.digests)) as ledger:
            writer = PackageWriter(self.repository, ledger, self._package_keys, build.index.outputs, build.files)
            outputs = writer.write(self.packages, self.change)
        refuse_empty(build.request, [package for package in self.packages if not outputs[file_of(package)].is_empty])
        return outputs

    def content(self, file_name: str) -> bytes:
        """Return the content of a package that was written."""
        with needed_file(self.change.path(file_name)) as file:
            return file.read()

    def result(self, outputs: Mapping[str, Output]) -> BuildResult:
        """Return the result of the build, before it is committed; `outputs` are the packages that were written."""
        following = self.next_ledger
        return BuildResult(
            out=self.out,
            settings=self.settings,
            edition=self.edition,
            counts=following.counts,
            outputs=filled_of(outputs),
            changed_files=self.change.changed,
            trials_in_no_deck=following.decks.trials_in_no_deck,
            ahead=ahead_of(following.digests, self._ledger_path, following.build_time.time),
            changes=self.changes,
            refused=self.refused,
            release_notes=release_notes.section(following.news) if following.counts else "",
        )

    @property
    def _ledger_path(self) -> Path:
        return self.change.path(ledgers.FILE)

    @cached_property
    def _retired(self) -> Mapping[str, Line]:
        """The lines of retired notes, by guid."""
        digests = self.next_ledger.digests
        with_retired = [trial for trial, trial_digest in digests.items() if trial_digest.retired]
        with closing(open_written(self._ledger_path, digests)) as ledger:
            return {line.guid: line for line in lines_of(ledger, with_retired) if line.retired}

    @cached_property
    def _package_keys(self) -> PackageKeys:
        following, definitions = self.next_ledger, self.checked_build.checked.definitions
        return PackageKeys(
            self.settings, self.references, following.digests, following.types, self._retired, definitions
        )
