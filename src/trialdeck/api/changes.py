"""What an edition changes for learners, as data: notes, words, new facts and risks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trialdeck.editions.compare import diff as editions_diff
from trialdeck.editions.compare.diff import FieldChange, NoteChange, NoteState
from trialdeck.editions.compare.word_diff import Piece, abridged, field_difference
from trialdeck.editions.facts import Facts
from trialdeck.editions.report.as_json import changes_json
from trialdeck.editions.report.as_markdown import changes_markdown
from trialdeck.editions.report.wording import field_of, label_of, type_lines, way_of
from trialdeck.editions.risks import ReleaseChange
from trialdeck.notes.note import trial_of
from trialdeck.project.diff import Upcoming


@dataclass(frozen=True, slots=True)
class ChangedText:
    """A field before and after, word by word: each piece has a `kind` (same, removed or added) and a `text`.

    What is the same is cut to some words on both sides. With `of_markup` a reader sees no difference, and the pieces
    are HTML. `is_shared` says that the field has what stands on all notes of a trial; `notes` is on how many of them it
    has changed so.
    """

    name: str
    pieces: tuple[Piece, ...]
    of_markup: bool
    is_shared: bool = False
    notes: int = 1


@dataclass(frozen=True, slots=True)
class ChangedNote:
    """A note that differs: its key, its first words (`label`), its trial (or `across:…`), and its note type.

    `texts` are the fields that differ, own content apart from shared (`is_shared`); without `is_known`, the former text
    is not known. If it is not `sent`, learners who have the note keep the former text. `reason` and `retired` (a day)
    are those of a retired note, `way` says from which deck to which one a note has moved.
    """

    key: str
    label: str
    trial: str
    note_type: str
    texts: tuple[ChangedText, ...] = ()
    is_known: bool = True
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    sent: bool = True
    reason: str = ""
    retired: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class NewFacts:
    """New shared content of one trial, which learners who have its notes are not sent.

    It stands on `notes` notes, on `waiting` of them since an earlier edition; `texts` are examples of the others, and
    `more` counts further ones. Of `unknown` notes the former text is not known.
    """

    trial: str
    notes: int
    waiting: int
    texts: tuple[ChangedText, ...]
    more: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between the last edition and the records; false if nothing does.

    >>> import trialdeck as td
    >>> changes = td.diff(td.load("."), out="new")
    >>> len(changes.new) > 90, changes.refused
    (True, ())
    >>> changes.new[-1].key, changes.new[-1].note_type
    ('tourmaline-mm1/trial', 'Trialdeck Trial')
    """

    _upcoming: Upcoming

    def __bool__(self) -> bool:
        return bool(self._changes)

    @property
    def edition(self) -> str:
        """The name of the edition that a build would make."""
        return self._upcoming.edition

    @property
    def new(self) -> tuple[ChangedNote, ...]:
        """The notes that learners get for the first time."""
        return _notes(self._changes.new)

    @property
    def changed(self) -> tuple[ChangedNote, ...]:
        """The notes whose own content has changed, word by word."""
        return tuple(map(_changed, self._changes.changed))

    @property
    def retired(self) -> tuple[ChangedNote, ...]:
        """The notes that are withdrawn: their cards say so and ask nothing."""
        return _notes(self._changes.retired)

    @property
    def returned(self) -> tuple[ChangedNote, ...]:
        """The notes that were retired and ask again."""
        return _notes(self._changes.returned)

    @property
    def moved(self) -> tuple[ChangedNote, ...]:
        """The notes that lie in another deck for new learners."""
        return tuple(_note(move.note, way=way_of(move)) for move in self._changes.moved)

    @property
    def new_facts(self) -> tuple[NewFacts, ...]:
        """New shared content, trial by trial."""
        return tuple(map(_new_facts, self._changes.facts))

    @property
    def looks(self) -> tuple[str, ...]:
        """A line for each note type whose look has changed."""
        return tuple(type_lines(self._changes))

    @property
    def learners(self) -> tuple[ReleaseChange, ...]:
        """What the edition means for learners who have the deck, lowest risk first: `code`, `risk`, `message`."""
        return self._changes.release or ()

    @property
    def refused(self) -> tuple[ReleaseChange, ...]:
        """Those of them for which a build is refused; each has a `code` to `allow` it, and a `consent` in words."""
        return self._upcoming.refused

    @property
    def trials_in_no_deck(self) -> tuple[str, ...]:
        """The trials that no deck takes, so that learners do not get them."""
        return self._upcoming.trials_in_no_deck

    @property
    def acronyms(self) -> Mapping[str, str]:
        """The acronyms of the trials, by id."""
        return self._upcoming.acronyms

    @property
    def release_notes(self) -> str:
        """What `EDITIONS.md` would say of this edition, as Markdown; empty if it changes no note."""
        return self._upcoming.release_notes

    def to_json(self) -> str:
        """Return one JSON document, as `trialdeck diff --format json` prints it."""
        return changes_json(self._changes)

    def to_markdown(self) -> str:
        """Return all differences word by word, as `trialdeck diff --format markdown` prints them."""
        return changes_markdown(self._changes)

    @property
    def _changes(self) -> editions_diff.Changes:
        return self._upcoming.changes


def _notes(states: Iterable[NoteState]) -> tuple[ChangedNote, ...]:
    return tuple(map(_note, states))


def _note(note: NoteState, way: str = "") -> ChangedNote:
    return ChangedNote(
        note.name,
        label_of(note),
        trial_of(note.name),
        note.note_type,
        reason=note.reason,
        retired=note.retired,
        way=way,
    )


def _changed(change: NoteChange) -> ChangedNote:
    note = change.note
    return ChangedNote(
        note.name,
        label_of(note),
        trial_of(note.name),
        note.note_type,
        tuple(_text(field, is_shared=field.name in note.shared_fields) for field in change.fields or ()),
        change.fields is not None,
        change.tags_added,
        change.tags_removed,
        change.sent,
    )


def _text(field: FieldChange, notes: int = 1, *, is_shared: bool) -> ChangedText:
    difference = field_difference(field.before, field.after)
    return ChangedText(field.name, abridged(difference.pieces), difference.of_markup, is_shared, notes)


def _new_facts(facts: Facts) -> NewFacts:
    texts = [_text(field_of(fact), fact.notes, is_shared=True) for fact in facts.shown]
    return NewFacts(facts.trial, facts.notes, facts.waiting, tuple(texts), facts.more, facts.unknown)
