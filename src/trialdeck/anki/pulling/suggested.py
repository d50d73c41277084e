"""Hold suggestions against the records, and take into these what the author accepts.

Three states are compared, as in a three-way merge: the edition that the learner has, the record, and the suggestion.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from unicodedata import normalize

import msgspec
from msgspec.structs import replace

from trialdeck.anki.collection_diff import PERSONAL
from trialdeck.anki.pulled import WrittenEdit
from trialdeck.anki.pulling.answered import answered_file, read_answers, with_answers
from trialdeck.anki.pulling.decisions import Decisions
from trialdeck.anki.pulling.record_edits import RecordEdits, Taken
from trialdeck.anki.pulling.suggestions import ReadSuggestions, Suggestion, Unreadable
from trialdeck.core.text import printable
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.markdown.from_html import becomes, is_alike, points_of
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.notes.lists import points_alone
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build import with_plan
from trialdeck.project.context import BuildOptions
from trialdeck.project.prepare import PreparedBuild
from trialdeck.records.model import Contributor
from trialdeck.yamlfile.write_records import Rewrite

_UNKNOWN = "no note of these records has its guid: it is about another deck"
_RETIRED = "the note is retired: learners keep its text as it was"


class Standing(StrEnum):
    """How a suggestion, or a field of one, stands to the record."""

    OPEN = "the record says what the learner's edition says"
    CONFLICT = "the record has changed since the learner's edition"
    DONE = "the record says it already"
    ACCEPTED = "accepted before"
    DECLINED = "declined before"
    REFUSED = "no record can take it"


class SuggestedField(msgspec.Struct, frozen=True):
    """A field of a suggestion: the record's HTML and the suggested one, and `base`, that of the learner's edition.

    `edits` are the texts of the record that it changes, as Markdown; `reason` says why there are none.
    """

    change: FieldChange
    base: str
    standing: Standing
    edits: tuple[WrittenEdit, ...] = ()
    reason: str = ""


class SuggestedNote(msgspec.Struct, frozen=True):
    """A suggestion, and the note of the record that it is about: its key, and what it is called."""

    suggestion: Suggestion
    standing: Standing
    key: str
    label: str = ""
    fields: tuple[SuggestedField, ...] = ()
    reason: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """By which an author accepts or declines it: its id, and the key of its note."""
        return self.suggestion.id, self.key

    def name_of(self, edit: WrittenEdit) -> str:
        """Return the name by which an author gives one of its texts other words."""
        return f"{self.suggestion.id}:{edit.field}{f':{edit.point}' if edit.point else ''}"


class PulledSuggestions(msgspec.Struct):
    """The suggestions and what becomes of each; nothing is written yet.

    `accepted` and `declined` are ids. `refused` are the fields of accepted ones that no record takes, by id, with the
    reasons. `written` are the texts that change.
    """

    notes: tuple[SuggestedNote, ...]
    unreadable: tuple[Unreadable, ...]
    accepted: list[str] = msgspec.field(default_factory=list)
    declined: list[str] = msgspec.field(default_factory=list)
    refused: dict[str, list[tuple[str, str]]] = msgspec.field(default_factory=dict)
    written: list[WrittenEdit] = msgspec.field(default_factory=list)
    contents: dict[Path, Rewrite] = msgspec.field(default_factory=dict)


def pull_suggestions(  # noqa: PLR0913, PLR0917 - those of `with_plan`, the suggestions and the decisions
    read: ReadSuggestions,
    paths: Sequence[Path],
    out: Path,
    built_at: int,
    options: BuildOptions | None = None,
    decisions: Decisions | None = None,
) -> PulledSuggestions:
    """Return what becomes of suggestions; nothing is written.

    Args:
        read: The suggestions.
        paths: The records, and folders of records.
        out: The folder of the ledger.
        built_at: The time of the build, in seconds of Unix time.
        options: The build options.
        decisions: Which are taken; by default, all that are open.

    Raises:
        TrialdeckError: As `trialdeck.project.build.with_plan` does; also if a record cannot be changed, or a decision
            names no suggestion.
    """

    def use(prepared: PreparedBuild) -> PulledSuggestions:
        work = _Work(prepared, read, answered_file(paths), decisions or Decisions())
        work.run()
        return work.pulled

    return with_plan(paths, DeckRequest((BY_TRIAL,)), out, built_at, use, options)


class _Work:
    """One pull of suggestions."""

    def __init__(self, prepared: PreparedBuild, read: ReadSuggestions, memory: Path, decisions: Decisions) -> None:
        self.notes: Mapping[str, Note] = {note.guid: note for note in prepared.notes}
        self.retired = frozenset(line.guid for line in prepared.ledger.lines.values() if line.retired)
        self.edits = RecordEdits(prepared.references)
        self.memory, self.decisions = memory, decisions
        self.before = read_answers(memory)
        self.pulled = PulledSuggestions(tuple(map(self._judged, read.suggestions)), read.unreadable)
        self.origins: list[tuple[WrittenEdit, SuggestedNote]] = []

    def run(self) -> None:
        self.decisions.refuse_unknown(set(self._names()))
        for note in self.pulled.notes:
            self._decide(note)
        self.pulled.contents |= self.edits.rewrites(self._refuse)
        kept = {note.suggestion.id for _, note in self.origins}
        self.pulled.accepted = [name for name in self.pulled.accepted if name in kept]
        self._remember()

    def _names(self) -> Iterator[str]:
        for note in self.pulled.notes:
            yield from note.names
            yield from (note.name_of(edit) for field in note.fields for edit in field.edits)

    def _decide(self, note: SuggestedNote) -> None:
        name = note.suggestion.id
        if self.decisions.declined & set(note.names):
            self.pulled.declined.append(name)
            return
        is_open = note.standing not in {Standing.DONE, Standing.REFUSED}
        if not is_open or not self.decisions.takes(note.names, is_conflict=note.standing is not Standing.OPEN):
            return
        self.pulled.accepted.append(name)
        suggestion = note.suggestion
        thanked = " ".join(printable(suggestion.contributor).split())
        by = Contributor(thanked, note.key, suggestion.date) if thanked else None
        for field in note.fields:
            self._take(note, field, by)

    def _take(self, note: SuggestedNote, field: SuggestedField, by: Contributor | None) -> None:
        if field.standing is Standing.DONE:
            return
        if field.reason:
            self._miss(note, field.change.name, field.reason)
        for edit in field.edits:
            edit = replace(edit, after=self.decisions.texts.get(note.name_of(edit), edit.after))  # noqa: PLW2901
            try:
                is_new = self.edits.take(edit, by)
            except UnsayableError:
                self._miss(note, field.change.name, "another suggestion says something else of the same text")
                continue
            self.origins.append((edit, note))
            if is_new:
                self.pulled.written.append(edit)

    def _miss(self, note: SuggestedNote, field: str, reason: str) -> None:
        self.pulled.refused.setdefault(note.suggestion.id, []).append((field, reason))

    def _refuse(self, taken: Taken, reason: str) -> None:
        origin = taken.origin
        assert isinstance(origin, WrittenEdit)
        if origin in self.pulled.written:
            self.pulled.written.remove(origin)
        for edit, note in [each for each in self.origins if each[0] == origin]:
            self._miss(note, edit.field, reason)
            self.origins.remove((edit, note))

    def _remember(self) -> None:
        """Keep what was answered now."""
        by_id = {note.suggestion.id: note.suggestion for note in self.pulled.notes}
        accepted, declined = ([by_id[name] for name in ids] for ids in (self.pulled.accepted, self.pulled.declined))
        rewrite = with_answers(self.memory, self.before, accepted, declined)
        if (accepted or declined) and rewrite.before != rewrite.after:
            self.pulled.contents[self.memory] = rewrite

    def _judged(self, suggestion: Suggestion) -> SuggestedNote:
        note = self.notes.get(suggestion.guid)
        if note is None or not note.cards or note.retired:
            is_retired = note is not None or suggestion.guid in self.retired
            reason = _RETIRED if is_retired else _UNKNOWN
            return SuggestedNote(suggestion, Standing.REFUSED, note.key if note else suggestion.key, reason=reason)
        its_type = note_type(note.kind)
        if suggestion.note_type != its_type.name:
            reason = f"its note type is {printable(suggestion.note_type)}, and that of the note is {its_type.name}"
            return SuggestedNote(suggestion, Standing.REFUSED, note.key, note.label, reason=reason)
        fields = tuple(self._field(note, name, text.before, text.after) for name, text in suggestion.fields.items())
        standing = _standing_of(fields)
        if standing is not Standing.DONE and (former := self.before.get(suggestion.id)):
            standing = Standing.ACCEPTED if former.answer == "accepted" else Standing.DECLINED
        reason = fields[0].reason if standing is Standing.REFUSED else ""
        return SuggestedNote(suggestion, standing, note.key, note.label, fields, reason)

    def _field(self, note: Note, name: str, before: str, after: str) -> SuggestedField:
        its_type = note_type(note.kind)
        base, theirs = (normalize("NFC", html) for html in (before, after))
        if name not in its_type.field_names or name == PERSONAL:
            reason = f"{its_type.name} has no field of this name" if name != PERSONAL else "it is the learner's own"
            return SuggestedField(FieldChange(name, "", theirs), base, Standing.REFUSED, reason=reason)
        ours = normalize("NFC", note.fields[its_type.field_names.index(name)])
        change = FieldChange(name, ours, theirs)
        standing = self._standing(note, change, base)
        if standing is Standing.DONE:
            return SuggestedField(change, base, standing)
        try:
            return SuggestedField(change, base, standing, tuple(self.edits.edits_of(note, change, base)))
        except UnsayableError as error:
            return SuggestedField(change, base, Standing.REFUSED, reason=str(error))

    def _standing(self, note: Note, change: FieldChange, base: str) -> Standing:
        """Return how a field stands: of a list, only the points count that the suggestion changes."""
        triples = [(change.before, base, change.after)]
        if self.edits.points_in(note, change.name):
            ours, former, theirs = (points_of(points_alone(html)) for html in (change.before, base, change.after))
            if len(ours) == len(former) == len(theirs):
                triples = [each for each in zip(ours, former, theirs, strict=True) if not is_alike(each[1], each[2])]
        is_cloze = note.kind is Kind.CLOZE
        if all(becomes(theirs, ours, cloze=is_cloze) for ours, _, theirs in triples):
            return Standing.DONE
        is_same = all(is_alike(ours, former, cloze=is_cloze) for ours, former, _ in triples)
        return Standing.OPEN if is_same else Standing.CONFLICT


def _standing_of(fields: Sequence[SuggestedField]) -> Standing:
    """Return how a whole suggestion stands: it can be taken if any of its fields can."""
    standings = {field.standing for field in fields}
    for standing in (Standing.CONFLICT, Standing.OPEN, Standing.REFUSED):
        if standing in standings:
            return standing
    return Standing.DONE
