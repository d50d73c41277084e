"""A `Note`: what a learner studies, before it is put into a deck; its key, guid, hashes and label."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.markdown.cloze import uncovered
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.lists import without_signatures
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.study_order import Step
from trialdeck.notes.tags import own_tags, values_of
from trialdeck.records.model import Audience, Perspective

if TYPE_CHECKING:
    from trialdeck.notes.genanki_notes import GenankiNote

from collections.abc import Callable, Iterator


def key_of(*parts: str) -> str:
    """Join the parts of a key, for example `tourmaline-mm1/question/why-combine`."""
    return "/".join(parts)


ACROSS = "across:"
"""What the key of a note of several trials begins with, before a topic, in place of the id of one trial."""


def guid_of(key: str) -> str:
    """Return the guid of the note with this key: 20 characters that hold 120 bits of its SHA-256."""
    return urlsafe_b64encode(sha256(f"trialdeck:{key}".encode()).digest()[:15]).decode("ascii")


LONGEST = 100
"""How many characters a label has at most."""


def label_of(kind: Kind, first_field: str) -> str:
    """Return what a note is called: its first field in one line, with the answers of a cloze statement in place."""
    shown = uncovered(first_field) if kind is Kind.CLOZE else first_field
    return shortened(readable(shown), LONGEST)


# The head and the foot of a card.
_NOT_SAID = frozenset(
    {
        "Trial",
        "Title",
        "Perspective",
        "Audience",
        "Citation",
        "Review",
        "About",
        "Link",
        "Report",
        "Retired",
        "Extra",
        "Spare",
        "Key",
    }
)


class Note(msgspec.Struct, frozen=True, array_like=True):
    """One note, the same in every deck; `new_note` makes one.

    `fields` are HTML in the order of the note type. `cards` are the ordinals that give a card: those of the templates,
    or those of the deletions counted from 0; a retired note has none. `identity` is the first key that the note ever
    had, from which `guid` is derived, the identity by which Anki knows the note. `digest` is the hash of what a learner
    gets of it, `label` what it is called where only a line is free. `signed` says when and by whom the note was found
    right against its source, empty if it was not; `media` are the names of the files that its fields show. `own` is the
    hash of its own content: what this note says, without what it shares with the other notes of its trial. `disputed`
    says that a reviewer disputes it. `step` is the step of learning its trial that it belongs to.
    """

    key: str
    identity: str
    kind: Kind
    fields: tuple[str, ...]
    cards: tuple[int, ...]
    tags: tuple[str, ...]
    trial: str
    perspective: Perspective
    audience: tuple[Audience, ...]
    specialties: tuple[str, ...]
    signed: str
    media: tuple[str, ...]
    guid: str
    digest: str
    label: str
    own: str
    disputed: bool = False
    step: Step = Step.MEANING

    @property
    def is_of_trial(self) -> bool:
        """Whether this is the note of a trial itself, which every record that names the trial has as well."""
        return is_key_of_trial(self.key)

    @property
    def trials(self) -> tuple[str, ...]:
        """The ids of the trials that it belongs to: one, or all those that a note across trials shows."""
        return values_of(self.tags, "trial") if self.is_across_trials else (self.trial,)

    @property
    def is_across_trials(self) -> bool:
        """Whether this belongs to several trials: it stands in the packages of all of them, in a deck of its own."""
        return is_key_across_trials(self.key)

    @property
    def retired(self) -> str:
        """The field that says when and why the note was retired; empty if it is not."""
        return self.fields[note_type(self.kind).field_names.index("Retired")]

    @property
    def reviewed(self) -> bool:
        """Whether somebody has checked the note against its source."""
        return bool(self.signed)

    @property
    def words(self) -> str:
        """A hash, not the words themselves: of all that a reviewer signs (question, answer, pictures and source)."""
        return text_hash(
            without_signatures(value)
            for name, value in zip(note_type(self.kind).field_names, self.fields, strict=True)
            if name not in _NOT_SAID
        )

    @property
    def is_takeaway(self) -> bool:
        """Whether this is what one role should take from a trial."""
        return self.key.partition("/")[2].startswith("takeaway/")

    def to_genanki(self) -> "GenankiNote":
        """Return the note as a `genanki.Note`, to be added to any `genanki.Deck`.

        It has the same guid, fields, tags, cards and note type as in our packages, so Anki takes both for one note. The
        files named in `media` have to be given to `genanki.Package`.
        """
        from trialdeck.notes.genanki_notes import GenankiNote  # noqa: PLC0415 - genanki is slow to import

        return GenankiNote(self)


def new_note(  # noqa: PLR0913 - one parameter a field
    *,
    key: str,
    identity: str,
    kind: Kind,
    fields: tuple[str, ...],
    cards: tuple[int, ...],
    tags: tuple[str, ...],
    trial: str,
    perspective: Perspective,
    audience: tuple[Audience, ...] = (),
    specialties: tuple[str, ...] = (),
    signed: str = "",
    media: tuple[str, ...] = (),
    guid: str = "",
    label: str = "",
    own: Iterable[str] = (),
    disputed: bool = False,
    step: Step = Step.MEANING,
) -> Note:
    """Return a note, with the hashes of its content.

    Args:
        key: The key, under which the ledger has it.
        identity: The key that it had first.
        kind: Its note type.
        fields: Its fields, in order.
        cards: The ordinals of its cards.
        tags: Its tags, sorted.
        trial: The id of its trial.
        perspective: Its perspective.
        audience: For whom it is; empty for everybody.
        specialties: The specialties that it concerns; empty for all.
        signed: The signature of its review, or empty.
        media: The names of its media files.
        guid: The guid; derived from the identity if empty.
        label: The name in lists; derived from the first field if empty.
        own: The texts in shared fields that are its own all the same, such as a source of its own.
        disputed: Whether somebody disputes it.
        step: The step of learning its trial that it belongs to.

    Returns:
        The note.

    """
    return Note(
        key=key,
        identity=identity,
        kind=kind,
        fields=fields,
        cards=cards,
        tags=tags,
        trial=trial,
        perspective=perspective,
        audience=audience,
        specialties=specialties,
        signed=signed,
        media=media,
        guid=guid or guid_of(identity),
        digest=content_hash(kind, fields, tags, cards),
        label=label or label_of(kind, fields[0] if fields else ""),
        own=_own_hash(kind, fields, tags, cards, own),
        disputed=disputed,
        step=step,
    )


def trial_of(key: str) -> str:
    """Return the id of the trial that a note is about, from its key."""
    return key.partition("/")[0]


def is_key_of_trial(key: str) -> bool:
    """Tell whether a key is that of the note of a trial itself."""
    return key.partition("/")[2] == "trial" and not is_key_across_trials(key)


def is_key_across_trials(key: str) -> bool:
    """Tell whether a key is that of a note of several trials: what it begins with is no id of a trial."""
    return key.startswith(ACROSS)


def content_hash(kind: str, fields: Iterable[str], tags: Iterable[str], cards: Iterable[int]) -> str:
    """Return the hash of a note's content.

    The tag of the edition is not part of it: that alone never makes a note count as changed.

    Args:
        kind: Its note type.
        fields: Its fields; the key is one of them.
        tags: Its tags.
        cards: The ordinals of its cards.

    Returns:
        The hash.

    """
    return text_hash([kind, *fields, "", *own_tags(tags), "", *map(str, cards)])


def _own_hash(
    kind: Kind, fields: Iterable[str], tags: Iterable[str], cards: Iterable[int], texts: Iterable[str]
) -> str:
    """Return the hash of a note's own content.

    Args:
        kind: Its note type.
        fields: Its fields; those that all notes of a trial share do not count.
        tags: Its tags; only perspective and audience are its own.
        cards: The ordinals of its cards.
        texts: The texts in shared fields that are its own all the same.

    Returns:
        The hash.

    """
    its_type = note_type(kind)
    pairs = zip(its_type.field_names, fields, strict=True)
    own_fields = [without_signatures(value) for name, value in pairs if name not in its_type.shared_fields]
    labels = [*values_of(tags, "perspective"), *values_of(tags, "audience")]
    return text_hash([kind, *own_fields, "", *labels, "", *map(str, cards), "", *texts])


def has_same_own_content(note: Note, fields: Sequence[str], tags: Iterable[str]) -> bool:
    """Tell whether a note has the same own content as earlier fields and tags of it, as far as these tell.

    A source of its own stands in a shared field, so its change is not seen here.
    """
    former = _own_hash(note.kind, fields, tags, note.cards, ())
    return former == _own_hash(note.kind, note.fields, note.tags, note.cards, ())


def text_hash(parts: Iterable[str]) -> str:
    """Return the hash of texts in their order: 24 hexadecimal digits of their SHA-256."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:24]


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """The position of the note of a trial, by its id, before the own note at `place`, counted from 0."""

    place: int
    trial: str


class OwnNotes(msgspec.Struct, frozen=True, array_like=True):
    """The notes that need no other record, in the order of the record, and the slots for the others."""

    notes: tuple[Note, ...] = ()
    slots: tuple[Slot, ...] = ()

    def completed(self, trial_note: Callable[[str], Note | None]) -> Iterator[Note]:
        """Yield all notes of the record; `trial_note` gives that of a trial by id, or None where it is not wanted."""
        slots = iter((*self.slots, Slot(len(self.notes) + 1, "")))
        slot = next(slots)
        for position in range(len(self.notes) + 1):
            while slot.place == position:
                if note := trial_note(slot.trial):
                    yield note
                slot = next(slots)
            yield from self.notes[position : position + 1]
