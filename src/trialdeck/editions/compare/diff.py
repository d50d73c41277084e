"""Compare two states of a set of notes: two editions, two packages, or the ledger and the records."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from trialdeck.apkg.reader import PackedNote
from trialdeck.core.problem import shortened
from trialdeck.editions.compare.note_type_diff import TypeChanges, TypeState, type_changes
from trialdeck.editions.facts import Facts, FactsOfTrial
from trialdeck.editions.risks import ReleaseChange
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note import LONGEST, trial_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.retirement import reason_of, retired_on
from trialdeck.notes.tags import own_tags, values_of

_OURS = {note_type(kind).name: note_type(kind) for kind in Kind}


class NoteState(msgspec.Struct, frozen=True):
    """A note at one time.

    `name` is how a reader knows it. `fields` are HTML by name, or None where only the `digest` of the content is known.
    `decks` are those of its cards; a note without cards is in none. `retired` is the day on which it was retired, or
    empty. `changed` is its time stamp in a package, or 0.
    """

    guid: str
    name: str
    note_type: str
    fields: Mapping[str, str] | None
    tags: tuple[str, ...]
    decks: tuple[str, ...]
    retired: str = ""
    digest: str = ""
    changed: int = 0

    @property
    def label(self) -> str:
        """The visible text of the first field, cut to the length of a line; empty if it is not known."""
        return _label(self.fields or {})

    @property
    def reason(self) -> str:
        """Why the note was retired, and what replaces it, as plain text; empty if it is not, or nothing is stated."""
        return reason_of((self.fields or {}).get("Retired", "")) if self.retired else ""

    @property
    def brief(self) -> "NoteState":
        """The same with the fields alone that label and reason come from: ten thousand notes may be new at once."""
        names = {*list(self.fields)[:1], "Retired"} if self.fields else set[str]()
        return replace(self, fields={name: text for name, text in (self.fields or {}).items() if name in names} or None)

    @property
    def shared_fields(self) -> frozenset[str]:
        """The names of the fields that a note of ours shares with the others of its trial."""
        return _OURS[self.note_type].shared_fields if self.note_type in _OURS else frozenset()


class FieldChange(msgspec.Struct, frozen=True):
    """A field of a note before and after, as HTML; empty where the note did not have it."""

    name: str
    before: str
    after: str


class NoteChange(msgspec.Struct, frozen=True):
    """A note whose content changed, as it is now.

    `fields` are those that differ, in the order of the note type, or None where the former text is not known.
    `former_type` names the former note type if it was another, else it is empty. If it is not `sent`, its time stamp
    has not risen: Anki leaves the note of a learner who has it as it is.
    """

    note: NoteState
    fields: tuple[FieldChange, ...] | None
    tags_added: tuple[str, ...]
    tags_removed: tuple[str, ...]
    former_type: str = ""
    sent: bool = True


class Move(msgspec.Struct, frozen=True):
    """A note, as it is now, that lies in other decks than before."""

    note: NoteState
    before: tuple[str, ...]
    after: tuple[str, ...]


class Changes(msgspec.Struct, frozen=True):
    """Everything that differs, each part sorted by name, then guid.

    A note that was changed and moved stands in both. A note that was retired or came back stands nowhere else. `gone`
    are notes that the new state lacks and does not retire; Anki keeps them. `facts` are changes that notes of a trial
    share and that learners who have them are not sent; those notes stand nowhere else. `release` says what the edition
    means for learners who have the deck; it is None between packages.
    """

    new: tuple[NoteState, ...]
    changed: tuple[NoteChange, ...]
    moved: tuple[Move, ...]
    retired: tuple[NoteState, ...]
    returned: tuple[NoteState, ...]
    gone: tuple[NoteState, ...]
    note_types: TypeChanges
    facts: tuple[Facts, ...] = ()
    release: tuple[ReleaseChange, ...] | None = None

    def __bool__(self) -> bool:
        parts = (self.new, self.changed, self.moved, self.retired, self.returned, self.gone, self.facts)
        return any(parts) or len(self.note_types) > 0


class Comparison(msgspec.Struct):
    """Gathers what differs between two states, note by note, so that neither has to fit into memory.

    The tags that trialdeck itself gives for the edition and for a retired note do not count. A note that is retired on
    the only side that has it does not count: no learner loses or gets it.
    """

    new: list[NoteState] = msgspec.field(default_factory=list)
    changed: list[NoteChange] = msgspec.field(default_factory=list)
    moved: list[Move] = msgspec.field(default_factory=list)
    retired: list[NoteState] = msgspec.field(default_factory=list)
    returned: list[NoteState] = msgspec.field(default_factory=list)
    gone: list[NoteState] = msgspec.field(default_factory=list)
    facts: dict[str, FactsOfTrial] = msgspec.field(default_factory=dict)

    def add(self, before: NoteState | None, after: NoteState | None) -> None:
        """Add a note as it was and as it is; None on the side that lacks it."""
        if before and after:
            self._add_both(before, after)
        elif after and not after.retired:
            self.new.append(after.brief)
        elif before and not before.retired:
            self.gone.append(before.brief)

    def _add_both(self, before: NoteState, after: NoteState) -> None:
        if after.retired and not before.retired:
            self.retired.append(after.brief)
        elif before.retired and not after.retired:
            self.returned.append(after.brief)
        else:
            change = note_change(before, after)
            if change and not self._is_of_facts(change, after):
                self.changed.append(change)
            self.move(after, before.decks, after.decks)

    def move(self, note: NoteState, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        """Add the decks in which a note was and is."""
        # A note without cards, or one of which only the content is known, lies nowhere and so cannot move.
        if before and after and before != after:
            self.moved.append(Move(note.brief, before, after))

    def add_facts(self, trial: str, key: str, change: NoteChange | None) -> None:
        """Add a note of which only what it shares with the others of its trial has changed; None if not known how."""
        facts = self.facts_of(trial)
        if change is None or change.fields is None:
            facts.add(key, None)
        else:
            fields = [(field.name, field.before, field.after) for field in change.fields]
            facts.add(key, fields, change.tags_added, change.tags_removed)

    def facts_of(self, trial: str) -> FactsOfTrial:
        """Return the gathered facts of a trial."""
        return self.facts.setdefault(trial, FactsOfTrial(trial))

    def _is_of_facts(self, change: NoteChange, note: NoteState) -> bool:
        """Add a change to the facts if learners are not sent it and it is one of shared content alone."""
        fields = {field.name for field in change.fields or ()}
        own_tags_changed = any(map(_is_own, (*change.tags_added, *change.tags_removed)))
        is_shared = fields <= note.shared_fields and not change.former_type and not own_tags_changed
        if change.sent or not is_shared or change.fields is None:
            return False
        # New facts of a retired note do not count.
        if not note.retired:
            self.add_facts(trial_of(note.name), note.name, change)
        return True

    def changes(
        self,
        old: Mapping[str, TypeState],
        new: Mapping[str, TypeState],
        release: tuple[ReleaseChange, ...] | None = None,
    ) -> Changes:
        """Return all that was gathered; `old` and `new` are the note types by name."""
        return Changes(
            new=_sorted(self.new),
            changed=tuple(sorted(self.changed, key=lambda change: _order(change.note))),
            moved=tuple(sorted(self.moved, key=lambda move: _order(move.note))),
            retired=_sorted(self.retired),
            returned=_sorted(self.returned),
            gone=_sorted(self.gone),
            note_types=type_changes(old, new),
            facts=tuple(self.facts[trial].facts for trial in sorted(self.facts)),
            release=release,
        )


def note_state(note: PackedNote, decks: Iterable[str]) -> NoteState:
    """Return the state of a note of a package, whose cards lie in these decks."""
    ours = note.note_type in _OURS
    return NoteState(
        guid=note.guid,
        name=(note.fields.get("Key", "") if ours else "") or _label(note.fields) or note.guid,
        note_type=note.note_type,
        fields=note.fields,
        tags=note.tags,
        decks=tuple(sorted(decks)),
        retired=retired_on(note.fields.get("Retired", "")) if ours else "",
        changed=note.changed,
    )


def _label(fields: Mapping[str, str]) -> str:
    return shortened(readable(next(iter(fields.values()), "")), LONGEST)


def _order(note: NoteState) -> tuple[str, str]:
    return note.name, note.guid


def _sorted(notes: Iterable[NoteState]) -> tuple[NoteState, ...]:
    return tuple(sorted(notes, key=_order))


def note_change(before: NoteState, after: NoteState) -> NoteChange | None:
    """Return what differs between two states of a note, or None if nothing does that counts."""
    fields = _field_changes(before, after)
    if fields is None and before.digest == after.digest:
        return None
    old_tags, new_tags = set(own_tags(before.tags)), set(own_tags(after.tags))
    change = NoteChange(
        note=after.brief,
        fields=fields,
        tags_added=tuple(sorted(new_tags - old_tags)),
        tags_removed=tuple(sorted(old_tags - new_tags)),
        former_type=before.note_type if before.note_type != after.note_type else "",
        sent=_is_sent(before, after),
    )
    differs = fields is None or fields or old_tags != new_tags or change.former_type
    return change if differs else None


def _is_sent(before: NoteState, after: NoteState) -> bool:
    """Tell whether Anki updates a note of ours; what other programs write as time stamps is not looked at."""
    known = before.changed and after.changed and after.note_type in _OURS
    return not known or after.changed > before.changed


def _is_own(tag: str) -> bool:
    """Tell whether a tag is a note's own, as those of its perspective and audience are."""
    return bool(values_of([tag], "perspective") or values_of([tag], "audience"))


def _field_changes(before: NoteState, after: NoteState) -> tuple[FieldChange, ...] | None:
    """Return the fields that differ, those that only the former note type had at the end; None if not known."""
    if before.fields is None or after.fields is None:
        return None
    names = dict.fromkeys([*after.fields, *before.fields])
    texts = [FieldChange(name, before.fields.get(name, ""), after.fields.get(name, "")) for name in names]
    return tuple(text for text in texts if text.before != text.after)
