"""Package keys: a digest of all that a package is made from; one whose key is unchanged is not written again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter

import msgspec
from msgspec.structs import force_setattr

from trialdeck.core.serialise import digest
from trialdeck.decks.description import describe
from trialdeck.decks.package_plan import Package, TrialNotes
from trialdeck.editions.ledger import Line, encoded
from trialdeck.editions.next_edition import day_of
from trialdeck.editions.tombstone import perspective_of
from trialdeck.notes.note import Note, is_key_of_trial
from trialdeck.project.cache.fingerprint import program
from trialdeck.project.cross_references import CrossReferences
from trialdeck.records.model import Perspective
from trialdeck.records.settings import DeckDefinition, ProjectSettings, takes_trial


class LinesDigest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Some lines of a trial: their digest, when one of them last changed, and the edition of that."""

    digest: bytes = b""
    changed: int = 0
    edition: str = ""


class Touched(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How many lines last changed in an edition, and how many of them came with it."""

    edition: str
    lines: int
    new: int


class TrialDigest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What packages need to know of the lines of a trial; small, because ten thousand of them are in memory at once.

    `inputs` is the digest of all that its notes come from; `start` and `length` are the position of its lines in the
    ledger. `mechanism`, `clinical` and `reviewer` digest the lines of each perspective, `trial` the line of the note of
    the trial itself, which other trials show. `retired` counts the notes without cards, `editions` says what each
    edition has touched, and `disputed` counts the notes that decks of reviewed notes mark as disputed.
    """

    inputs: bytes
    start: int
    length: int
    retired: int
    mechanism: LinesDigest
    clinical: LinesDigest
    reviewer: LinesDigest
    trial: LinesDigest
    editions: tuple[Touched, ...]
    disputed: int = 0

    def __post_init__(self) -> None:
        # Most trials came whole with one edition, and with about as many notes.
        force_setattr(self, "editions", _shared(self.editions))

    @property
    def live(self) -> int:
        """How many notes have cards."""
        return sum(touched.lines for touched in self.editions) - self.retired

    @property
    def parts(self) -> Sequence[LinesDigest]:
        """The digests of all perspectives."""
        return self.mechanism, self.clinical, self.reviewer

    def part(self, perspective: Perspective) -> LinesDigest:
        """Return the digest of one perspective."""
        match perspective:
            case Perspective.MECHANISM:
                return self.mechanism
            case Perspective.CLINICAL:
                return self.clinical
            case Perspective.REVIEWER:
                return self.reviewer

    def touched(self, edition: str) -> Touched:
        """Return what an edition has touched."""
        return next((touched for touched in self.editions if touched.edition == edition), Touched(edition, 0, 0))


class LineOffsets(Mapping[str, tuple[int, int]]):
    """The position and the length of each trial's lines in a ledger, as their digests have them."""

    def __init__(self, digests: Mapping[str, TrialDigest]) -> None:
        self._digests = digests

    def __getitem__(self, trial: str) -> tuple[int, int]:
        trial_digest = self._digests[trial]
        return trial_digest.start, trial_digest.length

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)


def trial_digest_of(
    inputs: bytes, start: int, rows: bytes, lines: Sequence[Line], notes: Iterable[Note]
) -> TrialDigest:
    """Return the digest of a trial's lines.

    Args:
        inputs: The digest of all that the notes come from.
        start: Where in the ledger the lines are.
        rows: The lines as they stand in the file.
        lines: The lines.
        notes: The notes of the trial, in the order of its record.
    """
    order = {note.guid: position for position, note in enumerate(notes)}
    by_perspective: dict[Perspective, list[Line]] = {perspective: [] for perspective in Perspective}
    for line in sorted(lines, key=lambda line: order.get(line.guid, len(order))):
        by_perspective[perspective_of(line)].append(line)
    return TrialDigest(
        inputs=inputs,
        start=start,
        length=len(rows),
        retired=sum(bool(line.retired) for line in lines),
        mechanism=part_of(by_perspective[Perspective.MECHANISM]),
        clinical=part_of(by_perspective[Perspective.CLINICAL]),
        reviewer=part_of(by_perspective[Perspective.REVIEWER]),
        trial=part_of([line for line in lines if is_key_of_trial(line.key)]),
        editions=_editions(lines),
        disputed=sum(line.disputed for line in lines),
    )


def _editions(lines: Iterable[Line]) -> tuple[Touched, ...]:
    by_edition: dict[str, tuple[int, int]] = {}
    for line in lines:
        touched, new = by_edition.get(line.edition, (0, 0))
        by_edition[line.edition] = touched + 1, new + (line.since == line.edition)
    return tuple(Touched(edition, *counts) for edition, counts in by_edition.items())


@lru_cache(1024)
def _shared(editions: tuple[Touched, ...]) -> tuple[Touched, ...]:
    return editions


def part_of(lines: Sequence[Line]) -> LinesDigest:
    """Return the digest of some lines."""
    newest = max(((line.changed, line.edition) for line in lines), default=(0, ""))
    return LinesDigest(digest(encoded(lines)) if lines else b"", *newest)


def parts_seen(
    digests: Mapping[str, TrialDigest], trial: str, perspective: Perspective | None
) -> Sequence[LinesDigest]:
    """Return the digests of the lines that a trial's notes of one perspective, or of all, come from."""
    trial_digest = digests.get(trial)
    if trial_digest is None:
        return ()
    return trial_digest.parts if perspective is None else (trial_digest.part(perspective),)


def trials_at_home(package: Package, trial_notes: TrialNotes, references: CrossReferences) -> list[str]:
    """Return the related trials whose own notes stand with this trial in a package."""
    related = dict.fromkeys(references.related(trial_notes.outline))
    return [name for name in related if package.homes.get(name) == trial_notes.id and name != trial_notes.id]


_AGE = attrgetter("changed", "edition")
"""The sort key by which the newest digest is found."""


class PackageKeys(msgspec.Struct, frozen=True, dict=True):
    """What packages are made from: the digests of all trials, the lines of note types and of retired notes by guid.

    `definitions` are all deck definitions of the project, whichever of them are built.
    """

    settings: ProjectSettings
    references: CrossReferences
    digests: Mapping[str, TrialDigest]
    types: Sequence[Line]
    retired: Mapping[str, Line]
    definitions: Sequence[DeckDefinition] = ()
    _of_definitions: dict[tuple[str, str], tuple[str, bytes]] = msgspec.field(default_factory=dict)

    @cached_property
    def type_times(self) -> dict[str, int]:
        """When each note type last changed, by its kind."""
        return {line.key.rpartition("/")[2]: line.changed for line in self.types}

    def edition(self, parts: Iterable[LinesDigest]) -> str:
        """Return the edition of a package: the project's, or else the one in which anything in it last changed."""
        return self._age(parts)[1]

    def _age(self, parts: Iterable[LinesDigest]) -> tuple[int, str]:
        changed, edition = max(map(_AGE, (*parts, self._types)))
        return changed, self.settings.edition or edition or day_of(changed)

    def age(self, package: Package) -> tuple[int, str]:
        """Return when anything in a package last changed, in seconds of Unix time, and its edition."""
        return self._age([*self._parts(package), self._stones(package)])

    @cached_property
    def _types(self) -> LinesDigest:
        return part_of(self.types)

    @property
    def last_edition(self) -> str:
        """The edition of all packages together."""
        return self.edition(part for trial in self.digests.values() for part in trial.parts)

    def of(self, package: Package) -> tuple[bytes, str]:
        """Return the digest of all that a package is made from, and its description."""
        parts = [*self._parts(package), self._stones(package)]
        description, common = self._common(package.definition, self.edition(parts))
        order = (self.digests[trial_notes.id].inputs for trial_notes in package.trials if package.perspective is None)
        names = (f"{trial_notes.id} {trial_notes.deck_name}".encode() for trial_notes in package.trials)
        titles = (package.title.encode(), package.common.encode(), (package.perspective or "").encode())
        return digest(common, *titles, *names, *order, *(part.digest for part in parts)), description

    def _stones(self, package: Package) -> LinesDigest:
        return part_of([self.retired[stone.guid] for stone in package.tombstones])

    def _common(self, definition: DeckDefinition, edition: str) -> tuple[str, bytes]:
        """Return the description that all packages of a definition share, and the digest of all that they share."""
        if (definition.id, edition) not in self._of_definitions:
            description = describe(definition, self.settings, edition, self._holding_the_same(definition))
            content = msgspec.msgpack.encode([definition, description, self.type_times])
            self._of_definitions[definition.id, edition] = description, digest(program(), content, self._types.digest)
        return self._of_definitions[definition.id, edition]

    def _holding_the_same(self, definition: DeckDefinition) -> list[DeckDefinition]:
        """Return the other deck definitions of the project that take a trial which this one takes."""
        outlines = [member.outline for member in self.references.by_id.values() if member.outline]
        taken = [outline for outline in outlines if takes_trial(definition.select, outline)]
        others = (other for other in self.definitions if other.id != definition.id)
        return [other for other in others if any(takes_trial(other.select, outline) for outline in taken)]

    def _parts(self, package: Package) -> Iterator[LinesDigest]:
        for trial_notes in package.trials:
            yield from parts_seen(self.digests, trial_notes.id, package.perspective)
            for across in self.references.across_of.get(trial_notes.id, ()):
                yield from parts_seen(self.digests, across, package.perspective)
            # The notes of trials are clinical.
            if package.perspective in {None, Perspective.CLINICAL}:
                for name in trials_at_home(package, trial_notes, self.references):
                    if name in self.digests:
                        yield self.digests[name].trial

    def rows_of(self, package: Package) -> bytes:
        """Return the lines of a package's tombstones as they stand in the ledger."""
        return encoded(self.retired[stone.guid] for stone in package.tombstones)
