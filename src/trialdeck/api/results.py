"""What the public API returns: notes, problems, packages and drafts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialdeck.apkg.reader import PackedNote, PackedType
from trialdeck.core.problem import Problem, Severity
from trialdeck.drafts.lines import Notice
from trialdeck.notes import note as notes
from trialdeck.notes.note_types import note_type
from trialdeck.project import build_result
from trialdeck.project.build_result import BuiltPackage

if TYPE_CHECKING:
    from trialdeck.notes.genanki_notes import GenankiNote


@dataclass(frozen=True, slots=True)
class Note:
    """A note: the HTML of its fields by their names, and the ordinals of its cards.

    `guid` is the identity by which Anki knows the note, `key` the one that people read; `media` are the names of the
    files that its fields show. The ordinals are those of the templates, or of the cloze deletions, that give a card.
    """

    key: str
    guid: str
    note_type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    cards: tuple[int, ...]
    trial: str
    perspective: str
    media: tuple[str, ...]
    _note: notes.Note = field(repr=False, compare=False)

    def to_genanki(self) -> "GenankiNote":
        """Return the note as a `genanki.Note`; for Anki, it is the same note as the one in our packages.

        >>> import genanki, trialdeck as td
        >>> deck = genanki.Deck(2059400110, "My Trials")
        >>> for note in td.load("seeds/aspire.yaml").notes():
        ...     deck.add_note(note.to_genanki())
        """
        return self._note.to_genanki()


@dataclass(frozen=True, slots=True)
class Report:
    """The problems of records and settings, by file and line."""

    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not stop a build."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build has written.

    `counts` has the notes that are `new`, `changed`, `retired` or `returned` in this edition, and the `note_types`
    whose look has changed. `up_to_date` is true if there was nothing to write. `release_notes` is what `EDITIONS.md`
    says of the edition, empty if no note has changed. `trials_in_no_deck` are those that learners do not get.
    """

    packages: tuple[BuiltPackage, ...]
    edition: str
    counts: Mapping[str, int]
    up_to_date: bool
    release_notes: str = ""
    trials_in_no_deck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """What is in a package of any program: notes by guid, note types by name, descriptions of decks, bytes of media."""

    notes: tuple[PackedNote, ...]
    note_types: tuple[PackedType, ...]
    decks: Mapping[str, str]
    media: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted record as YAML.

    `not_taken` are the parts of the material that are not in the record: lines of a page, outcomes and fields of a
    registry file (`place`). `inferred` are those that were concluded, or could be read in more than one way: a human
    must compare them with the record.
    """

    record: str
    not_taken: tuple[Notice, ...]
    inferred: tuple[Notice, ...]


_COUNTS = ("new", "changed", "retired", "returned", "note_types")


def public_result(built: build_result.BuildResult) -> BuildResult:
    """Return the result of a build as the API gives it."""
    return BuildResult(
        built.built,
        built.edition,
        {name: getattr(built.counts, name) for name in _COUNTS},
        not built.changed_files,
        built.release_notes,
        built.trials_in_no_deck or (),
    )


def public_note(note: notes.Note) -> Note:
    """Return a note as the API gives it."""
    its_type = note_type(note.kind)
    return Note(
        key=note.key,
        guid=note.guid,
        note_type=its_type.name,
        fields=dict(zip(its_type.field_names, note.fields, strict=True)),
        tags=note.tags,
        cards=note.cards,
        trial=note.trial,
        perspective=note.perspective.value,
        media=note.media,
        _note=note,
    )
