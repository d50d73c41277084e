"""What comes back from Anki: edits in the author's own export, and suggestions of learners; three-way, one by one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trialdeck.anki import pull as pulling
from trialdeck.anki.collection_diff import NoteDifference, State, new_losses
from trialdeck.anki.pulled import Added, Pulled, WrittenEdit
from trialdeck.anki.pulling.decisions import Decisions
from trialdeck.anki.pulling.suggested import (
    PulledSuggestions,
    Standing,
    SuggestedField,
    SuggestedNote,
    pull_suggestions,
)
from trialdeck.anki.pulling.suggestions import ReadSuggestions, read_suggestions
from trialdeck.api.projects import Project, options_of
from trialdeck.core.build_time import build_time
from trialdeck.editions.compare.word_diff import Piece, PieceKind, field_difference, word_pieces
from trialdeck.editions.ledger import FILE, read_ledger
from trialdeck.editions.texts.earlier_packages import last_texts
from trialdeck.notes.note import label_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.discovery import DECKS, records_of
from trialdeck.yamlfile.write_records import complete_left

_Standing = Literal["open", "conflict", "new", "done", "declined", "left"]
_STANDINGS: Mapping[Standing, _Standing] = {
    Standing.OPEN: "open",
    Standing.CONFLICT: "conflict",
    Standing.DONE: "done",
    Standing.ACCEPTED: "done",
    Standing.DECLINED: "declined",
    Standing.REFUSED: "left",
}


@dataclass(frozen=True, slots=True)
class EditedText:
    """One text of a record, as Markdown: what the record says, and what it would say.

    `name` is by what it gets other words, `label` the field of the note. `pieces` are both word by word. `since` is
    what the record has changed since the edition, if it has. `losses` are what no record can hold of it.
    """

    name: str
    label: str
    file: str
    record: str
    proposed: str
    pieces: tuple[Piece, ...]
    since: tuple[Piece, ...] = ()
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditedNote:
    """A note that differs in Anki, or a suggestion for one; it is accepted or declined as a whole.

    `standing` is `open`, `conflict` (the record has changed since the edition), `new` (a note that was added in Anki),
    `done` (accepted before, or the record says it already), `declined` (before), or `left` (no record can take it, and
    `why` not). The rest is of a suggestion: the learner's reason and source, the name that they gave, the day, and
    their edition.
    """

    name: str
    key: str
    label: str
    standing: _Standing
    texts: tuple[EditedText, ...] = ()
    why: str = ""
    reason: str = ""
    source: str = ""
    contributor: str = ""
    date: str = ""
    edition: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether the author has to decide about it."""
        return self.standing in {"open", "conflict", "new"}


@dataclass(frozen=True, slots=True)
class AnkiEdits:
    """Edits from Anki, or suggestions, that wait for the author's decision.

    `way` is `pull` for an export of the author's own deck, `suggestions` for what learners sent. `notices` say what is
    no edit of a text: notes that were deleted, tags, files that cannot be read. Nothing is accepted until it is
    `chosen`.
    """

    files: tuple[str, ...]
    way: Literal["pull", "suggestions"]
    notes: tuple[EditedNote, ...]
    notices: tuple[tuple[str, str], ...] = ()
    _project: Project = field(repr=False, compare=False, kw_only=True)
    _paths: tuple[Path, ...] = field(repr=False, compare=False, kw_only=True)
    _decisions: Decisions = field(repr=False, compare=False, kw_only=True, default=Decisions(frozenset()))

    def chosen(
        self, accepted: Collection[str], *, declined: Collection[str] = (), texts: Mapping[str, str] | None = None
    ) -> "AnkiEdits":
        """Return the same with decisions.

            >>> import json, trialdeck as td
            >>> from pathlib import Path
            >>> text = {"before": "Dawnol 5 mg", "after": "Dawnol 5 mg, once a day"}
            >>> said = {"id": "example-1", "guid": "O5tVL5i8HYqfnQP1", "key": "", "note_type": "Trialdeck Trial",
            ...         "edition": "", "fields": {"Tested": text}, "reason": "See Methods.", "source": "",
            ...         "date": "2026-10-20"}
            >>> document = {"kind": "trialdeck-suggestions", "format": 1, "suggestions": [said]}
            >>> _ = Path("suggestions.json").write_text(json.dumps(document), encoding="utf-8")
            >>> (edits,) = td.intake(td.load("."), "suggestions.json").arrivals
            >>> edits.notes[0].standing, edits.notes[0].why
            ('left', 'no note of these records has its guid: it is about another deck')
            >>> edits.chosen({"example-1"}).write().records
            ()

        Args:
            accepted: The names or keys of the only notes that are taken.
            declined: Those that are not taken; declined suggestions are remembered, and not asked again.
            texts: Other words for single texts, as Markdown, by `EditedText.name`.
        """
        decisions = Decisions(frozenset(accepted), frozenset(declined), dict(texts or {}))
        return AnkiEdits(self.files, self.way, self.notes, self.notices,
                     _project=self._project, _paths=self._paths, _decisions=decisions)  # fmt: skip

    def write(self) -> "AnkiEditsWritten":
        """Write what is accepted into the records, as `trialdeck pull` does.

        Raises TrialdeckError if a record was changed meanwhile, or a decision names nothing that is here.
        """
        complete_left([records_of(self._project.path)])
        if self.way == "pull":
            pulled = _pull(self._project, self._paths[0], self._decisions)
            pulling.apply(pulled)
            return _written(pulled)
        suggested = _pull_suggestions(self._project, read_suggestions(self._paths), self._decisions)
        pulling.apply(suggested)
        return _written_suggestions(suggested)


@dataclass(frozen=True, slots=True)
class AnkiEditsWritten:
    """What was written: the records, the keys of accepted and of declined notes, and what was not taken, and why not.

    `thanked` are the contributors whom the next release notes will name.
    """

    records: tuple[Path, ...]
    accepted: tuple[str, ...]
    declined: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    thanked: tuple[str, ...] = ()


def edits_of_package(project: Project, file: Path) -> AnkiEdits:
    """Return the edits in an export of the author's own deck; raises TrialdeckError as `trialdeck pull` does."""
    pulled = _pull(project, file, Decisions())
    notes = tuple(sorted(_notes(project, pulled), key=lambda note: note.key))
    return AnkiEdits((file.name,), "pull", notes, tuple(_notices(pulled)), _project=project, _paths=(file,))


def suggested_edits(project: Project, files: Sequence[Path]) -> AnkiEdits:
    """Return the suggestions in files; raises TrialdeckError if one cannot be read."""
    pulled = _pull_suggestions(project, read_suggestions(files), Decisions())
    notices = tuple((each.place, each.reason) for each in pulled.unreadable)
    names = tuple(file.name for file in files)
    return AnkiEdits(names, "suggestions", tuple(map(_of_suggestion, pulled.notes)), notices,
                 _project=project, _paths=tuple(files))  # fmt: skip


def _pull(project: Project, file: Path, decisions: Decisions) -> Pulled:
    paths, out = [records_of(project.path)], project.path / DECKS
    return pulling.pull(file, paths, out, build_time(), options_of(project), decisions)


def _pull_suggestions(project: Project, read: ReadSuggestions, decisions: Decisions) -> PulledSuggestions:
    paths, out = [records_of(project.path)], project.path / DECKS
    return pull_suggestions(read, paths, out, build_time(), options_of(project), decisions)


def _last_edition(project: Project, conflicts: Sequence[NoteDifference]) -> dict[tuple[str, str], tuple[Piece, ...]]:
    """Return what records have changed since the last edition, by key and field, as far as packages have that."""
    folder = project.path / DECKS
    lines = read_ledger(folder / FILE).lines
    known = [lines[each.mine.guid] for each in conflicts if each.mine.guid in lines]
    texts = last_texts(folder, known) if known else {}
    changes: dict[tuple[str, str], tuple[Piece, ...]] = {}
    for each in conflicts:
        names = note_type(each.mine.kind).field_names
        for name, ours, former in zip(names, each.mine.fields, texts.get(each.mine.guid, ()), strict=False):
            if ours != former:
                changes[each.mine.key, name] = field_difference(former, ours).pieces
    return changes


def _notes(project: Project, pulled: Pulled) -> Iterator[EditedNote]:
    differences = {each.mine.key: each for each in pulled.returned.differences}
    texts: dict[str, list[WrittenEdit]] = {}
    for edit in (*pulled.written, *pulled.conflicts):
        texts.setdefault(edit.key, []).append(edit)
    editions = _last_edition(project, [each for each in differences.values() if each.state is State.CONFLICT])
    for key, edits in texts.items():
        difference = differences[key]
        is_conflict = difference.state is State.CONFLICT
        listed = tuple(_text(edit, edit.name, editions.get((key, edit.field), ())) for edit in edits)
        yield EditedNote(key, key, difference.mine.label, "conflict" if is_conflict else "open", listed)
    for added in pulled.added:
        yield _of_added(added)
    for refused in pulled.refused:
        pieces = field_difference(refused.field.before, refused.field.after).pieces
        shown = EditedText("", refused.field.name, "", "", "", pieces)
        label = differences[refused.key].mine.label
        yield EditedNote(refused.key, refused.key, label, "left", (shown,), refused.reason)
    for difference in (*pulled.returned.of(State.OUTDATED), *_lost(pulled)):
        yield _left(difference)
    for homeless in pulled.homeless:
        label = label_of(Kind.QUESTION, next(iter(homeless.note.fields.values()), ""))
        yield EditedNote(homeless.note.guid, "", label, "left", (), homeless.reason)


def _lost(pulled: Pulled) -> Iterator[NoteDifference]:
    """Yield the conflicts that no record can take."""
    shown = {edit.key for edit in (*pulled.written, *pulled.conflicts)}
    yield from (each for each in pulled.returned.of(State.CONFLICT) if each.mine.key not in shown)


def _left(difference: NoteDifference) -> EditedNote:
    is_outdated = difference.state is State.OUTDATED
    why = (
        "it is of another edition than the last one: import that, and export again"
        if is_outdated
        else "edited in Anki and in the record, and no record can say what Anki says"
    )
    texts = tuple(
        EditedText("", change.name, "", "", "", field_difference(change.before, change.after).pieces)
        for change in difference.fields
    )
    return EditedNote(difference.mine.key, difference.mine.key, difference.mine.label, "left", texts, why)


def _text(edit: WrittenEdit, name: str, since: tuple[Piece, ...] = ()) -> EditedText:
    label = f"{edit.field}, point {edit.point}" if edit.point else edit.field
    pieces = word_pieces(edit.before, edit.after)
    return EditedText(name, label, edit.file, edit.before, edit.after, pieces, since, edit.losses)


def _of_added(added: Added) -> EditedNote:
    sides = (("Question", added.question), ("Response", added.response))
    texts = tuple(
        EditedText(f"{added.key}:{side}", side, added.file, "", text, (Piece(PieceKind.ADDED, text),),
                 losses=added.losses if side == "Response" else ())
        for side, text in sides
    )  # fmt: skip
    return EditedNote(added.key, added.key, added.question, "new", texts)


def _notices(pulled: Pulled) -> Iterator[tuple[str, str]]:
    for note in pulled.returned.missing:
        yield note.key, "deleted in Anki; the record keeps it"
    for tagged in pulled.returned.tagged:
        tags = [*(f"+{tag}" for tag in tagged.added), *(f"−{tag}" for tag in tagged.removed)]
        yield tagged.note.key, f"tags: {' '.join(tags)}"
    for each in pulled.returned.of(State.UNSAYABLE):
        for change in each.fields:
            yield each.mine.key, f"{change.name}: in Anki alone, no record can hold {', '.join(new_losses(change))}"


def _of_suggestion(note: SuggestedNote) -> EditedNote:
    suggestion = note.suggestion
    return EditedNote(
        name=suggestion.id,
        key=note.key,
        label=note.label,
        standing=_STANDINGS[note.standing],
        texts=tuple(text for each in note.fields for text in _suggested_texts(note, each)),
        why=note.reason,
        reason=suggestion.reason,
        source=suggestion.source,
        contributor=suggestion.contributor,
        date=suggestion.date,
        edition=suggestion.edition,
    )


def _suggested_texts(note: SuggestedNote, each: SuggestedField) -> Iterator[EditedText]:
    since: tuple[Piece, ...] = ()
    if each.standing is Standing.CONFLICT:
        since = field_difference(each.base, each.change.before).pieces
    for edit in each.edits:
        yield _text(edit, note.name_of(edit), since)


def _written(pulled: Pulled) -> AnkiEditsWritten:
    refused = [(each.key, f"{each.field.name}: {each.reason}") for each in pulled.refused]
    keys = dict.fromkeys([*(each.key for each in pulled.written), *(each.key for each in pulled.added)])
    return AnkiEditsWritten(tuple(pulled.contents), tuple(keys), (), tuple(refused))


def _written_suggestions(pulled: PulledSuggestions) -> AnkiEditsWritten:
    by_id = {note.suggestion.id: note for note in pulled.notes}
    names = {by_id[name].suggestion.contributor for name in pulled.accepted} - {""}
    return AnkiEditsWritten(
        records=tuple(dict.fromkeys(Path(edit.file) for edit in pulled.written)),
        accepted=tuple(by_id[name].key for name in pulled.accepted),
        declined=tuple(by_id[name].key for name in pulled.declined),
        refused=tuple(
            (by_id[name].key, f"{part}: {why}") for name, parts in pulled.refused.items() for part, why in parts
        ),
        thanked=tuple(sorted(names)),
    )
