"""Build packages from checked records: plan what a build would write, and write it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trialdeck.cards.note import Note
from trialdeck.cards.notes import notes_of
from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.trials import trial_notes
from trialdeck.decks import ledger as ledgers
from trialdeck.decks import release_notes
from trialdeck.decks.arrange import Chapter, Package, arrange
from trialdeck.decks.description import describe, edition_shown
from trialdeck.decks.editions import Moment, Scope, Sourced, Step, day_of, next_edition, step_between
from trialdeck.decks.identity import check_identities
from trialdeck.decks.ledger import Ledger, read_ledger
from trialdeck.decks.row_ids import row_ids
from trialdeck.decks.tombstone import tombstone
from trialdeck.errors import TrialdeckError
from trialdeck.files import COMMIT, finish_commit, locked, replace_files
from trialdeck.pipeline.checking import Checked, FaultyRecordsError, check_project
from trialdeck.pipeline.scope import record_name, scope_of, widened
from trialdeck.records.settings import DeckDefinition, ProjectSettings, Split

GIT_ATTRIBUTES = ".gitattributes"
_UNION = f"{ledgers.FILE} merge=union\n{release_notes.FILE} merge=union\n"
"""How git merges both files: neighbouring lines that two branches changed are no conflict."""

BY_TRIAL = DeckDefinition(id="", name="", split=Split.TRIAL, subdecks=Split.NONE)
"""The deck of a project that defines none: one package a trial, named after it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decks a build makes: definitions of its own, or those of the project, or of these those with some ids."""

    definitions: tuple[DeckDefinition, ...] = ()
    ids: tuple[str, ...] = ()

    def among(self, defined: Sequence[DeckDefinition]) -> Sequence[DeckDefinition]:
        """Return the definitions to build; raises TrialdeckError where the project has not all that are named."""
        known = {definition.id: definition for definition in defined}
        for name in self.ids:
            if name not in known:
                hint = f"defined are: {', '.join(sorted(known))}" if known else "its decks folder defines none"
                raise TrialdeckError(f"the project has no deck definition '{name}'", hint)
        named = tuple(known[name] for name in dict.fromkeys(self.ids))
        return self.definitions or named or tuple(defined) or (BY_TRIAL,)


@dataclass(frozen=True, slots=True)
class Built:
    """One package: the deck above all of its decks, its counts, its size in bytes, and its file.

    `retired` counts the notes that travel without cards.
    """

    title: str
    notes: int
    cards: int
    retired: int
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build writes: files by name, in the order in which they are written, and what is in them.

    `edition` is the one that packages name, `release_notes` the text of that file after the build. `outdated` names the
    files that are missing, or have another content, before it. `notes` are all notes of the
    records that have cards, whether a package takes them or not.
    """

    out: Path
    settings: ProjectSettings
    edition: str
    release_notes: str
    step: Step
    ledger: Ledger
    notes: tuple[Note, ...]
    packages: tuple[Package, ...]
    files: Mapping[str, bytes]
    outdated: tuple[str, ...]

    @property
    def package_files(self) -> tuple[str, ...]:
        """The names of the packages."""
        return tuple(_file(package) for package in self.packages)

    @property
    def built(self) -> tuple[Built, ...]:
        """The packages, as they are on disk after the build."""
        return tuple(self._built(package, _file(package)) for package in self.packages)

    def _built(self, package: Package, name: str) -> Built:
        return Built(
            title=package.title,
            notes=len(package.placed),
            cards=package.cards,
            retired=len(package.tombstones),
            size=len(self.files[name]),
            path=self.out / name,
        )


def plan(paths: Sequence[Path], wanted: Wanted, out: Path, built_at: int) -> Plan:
    """Plan a build of checked records into the folder `out`; `built_at` is in seconds of Unix time.

    Only what has changed since the last build gets the build time, as the ledger in `out` tells. Raises
    FaultyRecordsError where anything in the project has an error, and TrialdeckError where nothing is left to build,
    the ledger is damaged, or a build was interrupted half-way.
    """
    if (out / COMMIT).exists():
        raise TrialdeckError(f"a build into {out} is under way, or was interrupted", "build again to complete it")
    return _Project.read(paths).plan(wanted, out, built_at)


def build(paths: Sequence[Path], wanted: Wanted, out: Path, built_at: int) -> Plan:
    """Build packages into the folder `out` and return what was planned and is now written.

    Raises as `plan` does, and TrialdeckError where the disk refuses; nothing is changed then.
    """
    project = _Project.read(paths)
    # What a build of these records would refuse in any folder is said before a folder is made.
    project.arranged(wanted, (), may_be_empty=(out / ledgers.FILE).exists())
    with locked(out):
        finish_commit(out)
        planned = project.plan(wanted, out, built_at)
        replace_files(out, {name: planned.files[name] for name in planned.outdated})
    return planned


_Arranged = tuple[DeckDefinition, Package]


@dataclass(frozen=True, slots=True)
class _Project:
    """The checked records of a build and their notes."""

    checked: Checked
    asked: Scope
    looked_at: Scope
    chapters: tuple[Chapter, ...]
    notes: tuple[Sourced, ...]

    @classmethod
    def read(cls, paths: Sequence[Path]) -> "_Project":
        checked = check_project(paths)
        if checked.errors:
            raise FaultyRecordsError(checked)
        if not checked.asked:
            raise TrialdeckError("settings alone give no deck", "name records, or leave PATH out and use --deck ID")
        records = (*checked.asked, *checked.beside)
        report = checked.settings.report
        own = {record.trial.id: record.trial for record in records if record.trial}
        notes = trial_notes(tuple(own.values()), report)
        chapters = [Chapter(trial, notes_of(trial, notes, report, own)) for trial in own.values()]
        names = [record_name(record.path, paths) for record in records]
        return cls(
            checked=checked,
            asked=scope_of(checked.asked, paths),
            looked_at=widened(scope_of(records, paths)),
            chapters=tuple(chapters[: len(checked.asked)]),
            notes=tuple(_sourced(zip(chapters, names, strict=True))),
        )

    def plan(self, wanted: Wanted, out: Path, built_at: int) -> Plan:
        former = read_ledger(out / ledgers.FILE)
        self.hold_against(former)
        moment = Moment(built_at, self.checked.settings.edition or day_of(built_at))
        ledger = next_edition(former, self.notes, map(note_type, Kind), self.looked_at, moment)
        stones = tuple(tombstone(line) for line in ledger.retired)
        shipped = [stone for stone, line in zip(stones, ledger.retired, strict=True) if self.asked.may_hold(line)]
        edition = edition_shown(self.checked.settings, ledger)
        packages = tuple(
            replace(package, description=describe(definition, self.checked.settings, edition))
            for definition, package in self.arranged(wanted, shipped)
        )
        step = step_between(former, ledger)
        files = {ledgers.FILE: ledger.text.encode()}
        # Only with a new ledger: whoever removes the file later may have reasons.
        if not former.lines and not (out / GIT_ATTRIBUTES).exists():
            files[GIT_ATTRIBUTES] = _UNION.encode()
        text = _read(out / release_notes.FILE)
        if step:
            text = release_notes.release_notes(text, ledger, moment.edition)
            files[release_notes.FILE] = text.encode()
        notes = tuple(each.note for each in self.notes)
        files |= _contents(packages, [*notes, *stones], ledger)
        outdated = tuple(name for name, content in files.items() if not _holds(out / name, content))
        return Plan(out, self.checked.settings, edition, text, step, ledger, notes, packages, files, outdated)

    def hold_against(self, ledger: Ledger) -> None:
        """Raise FaultyRecordsError where a note has lost the identity under which the ledger has it."""
        records = (*self.checked.asked, *self.checked.beside)
        faults = tuple(check_identities(records, (each.note for each in self.notes), ledger))
        if faults:
            raise FaultyRecordsError(replace(self.checked, problems=tuple(sorted({*self.checked.problems, *faults}))))

    def arranged(self, wanted: Wanted, stones: Sequence[Note], *, may_be_empty: bool = False) -> list[_Arranged]:
        """Return the packages of all definitions; raises TrialdeckError where there are none, or two share a file."""
        root = self.checked.settings.root
        found: dict[str, _Arranged] = {}
        for definition in wanted.among(self.checked.definitions):
            for package in arrange(definition, root, self.chapters, stones):
                other = found.setdefault(package.stem, (definition, package))
                if other[1] is not package:
                    names = f"'{other[0].id}' and '{definition.id}'"
                    message = f"the deck definitions {names} both give a package {_file(package)}"
                    raise TrialdeckError(message, "change one of the two ids")
        if not found and not may_be_empty:
            raise TrialdeckError("no note passes the filters", "take fewer filters, or others")
        return list(found.values())


def _sourced(chapters: Iterable[tuple[Chapter, str]]) -> Iterator[Sourced]:
    """Yield every note that has a card, with its record; a trial's own record goes before one that names the trial."""
    found: dict[str, Sourced] = {}
    for chapter, name in sorted(chapters, key=lambda each: (each[0].trial.id, each[1])):
        for note in chapter.notes:
            if note.guid not in found or note.trial == chapter.trial.id:
                found[note.guid] = Sourced(note, name)
    yield from (each for each in found.values() if each.note.cards)


def _contents(packages: Iterable[Package], notes: Iterable[Note], ledger: Ledger) -> dict[str, bytes]:
    from trialdeck.decks.package import package_bytes  # noqa: PLC0415 - genanki is slow to import

    ids = row_ids(notes, ledger)
    return {_file(package): package_bytes(package, ids, ledger) for package in packages}


def _file(package: Package) -> str:
    return f"{package.stem}.apkg"


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError as error:
        raise TrialdeckError(f"cannot read {path}: {error.strerror or error}", "see that you may read it") from error


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise TrialdeckError(f"cannot read {path}: {error}", "correct the file, or move it away") from error
