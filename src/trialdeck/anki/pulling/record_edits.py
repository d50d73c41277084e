"""Turn fields that were edited in Anki into edits of records, and write these in place.

An edit that would give a record an error beside the others is left out, with the reason.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.anki.pulled import Added, WrittenEdit
from trialdeck.anki.record_paths import points_of_list, related_target, target, text_at
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.core.text import is_blank
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.markdown.from_html import converted, is_alike, points_of
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.notes.lists import points_alone
from trialdeck.notes.note import Note, is_key_across_trials, trial_of
from trialdeck.notes.note_types import Kind
from trialdeck.project.cross_references import CrossReferences
from trialdeck.project.record_loader import ProjectRecord, problems_of
from trialdeck.records.discovery import file_signature, home_of
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Contributor, Trial
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import QUESTIONS, RESULTS
from trialdeck.yamlfile.document import content_of
from trialdeck.yamlfile.edit import Put, edited
from trialdeck.yamlfile.positions import DataPath
from trialdeck.yamlfile.write_records import Rewrite

CONTRIBUTORS = "contributors"
_EMPTY = "it is empty in Anki: to withdraw it, give its entry `retired` in the record"
_MADE_ELSEWHERE = "it is made from other parts of the record: change it there"
_MADE_OF_SEVERAL = "it shows results of several records: change them there"
_MADE_OF_RESULT = "it is made from the numbers of the result '{}': change them in the record"


class Taken(msgspec.Struct, frozen=True):
    """An edit that a record takes.

    `origin` is what it comes from, `path` the text that it replaces, empty for a new question. `by` is who is thanked
    for it, if anybody.
    """

    origin: WrittenEdit | Added
    value: Any
    path: DataPath = ()
    by: Contributor | None = None


class RecordEdits:
    """Edits of the records of a project, collected before any is written."""

    def __init__(self, references: CrossReferences) -> None:
        self.members = references.by_id
        self._owner_of = references.owner_of
        self._taken: dict[str, list[Taken]] = {}

    def trial(self, name: str) -> Trial:
        """Return the trial of a record."""
        return self.members[name].trial

    def edits_of(self, note: Note, change: FieldChange, base: str | None = None) -> Iterator[WrittenEdit]:
        """Yield the texts of a record that a changed field changes: one, or the changed points of a list.

        Args:
            note: The note of the record.
            change: The field as the record says it, and as it was edited.
            base: The field that was edited, if it is not the record's.

        Raises:
            UnsayableError: No text of a record has this field, or none can have what it says.
        """
        owner = self._owner_of[trial_of(note.key)]
        if paths := self.points_in(note, change.name):
            for position, html in _changed_points(change, base):
                yield self._edit(owner, note, change.name, paths[position], html, point=position + 1)
            return
        path = self._path(owner, note.key, change.name)
        yield self._edit(owner, note, change.name, path, change.after)

    def points_in(self, note: Note, field: str) -> Sequence[DataPath]:
        """Return the paths of the points in a field; empty if the field is no list of a record."""
        name = trial_of(note.key)
        return points_of_list(self.trial(name), note.key, field) if self._owner_of[name] == name else ()

    def _path(self, owner: str, key: str, field_name: str) -> DataPath:
        """Return the path in the record from which the field is made; raises UnsayableError if there is none."""
        trial = self.trial(owner)
        path = target(trial, key, field_name) if owner == trial_of(key) else related_target(trial, key, field_name)
        if not path:
            _, _, name = key.partition(f"/{RESULTS.slug}/")
            made = _MADE_OF_SEVERAL if is_key_across_trials(key) else _MADE_ELSEWHERE
            raise UnsayableError(_MADE_OF_RESULT.format(name) if name else made)
        return path

    def _edit(self, owner: str, note: Note, field: str, path: DataPath, html: str, *, point: int = 0) -> WrittenEdit:  # noqa: PLR0913
        member = self.members[owner]
        former = text_at(member.document.data, path)
        made = converted(html, former, cloze=note.kind is Kind.CLOZE and not point)
        if is_blank(made.text):
            raise UnsayableError(f"it holds nothing but {', '.join(made.losses)}" if made.losses else _EMPTY)
        return WrittenEdit(member.path, note.key, path, former, made.text, made.losses, field, point)

    def take(self, edit: WrittenEdit, by: Contributor | None = None) -> bool:
        """Take an edit; return False if the same was taken already.

        Raises UnsayableError if another text was taken for its place.
        """
        owner = self._owner_of[trial_of(edit.key)]
        taken = self._taken.setdefault(owner, [])
        earlier = next((each for each in taken if each.path == edit.path), None)
        if earlier and earlier.value != edit.after:
            raise UnsayableError("another note says something else of the same text")
        if earlier is None or by:
            taken.append(Taken(edit, edit.after, edit.path, by))
        return earlier is None

    def add(self, trial: str, question: Added, value: Any) -> None:
        """Take a new question."""
        self._taken.setdefault(trial, []).append(Taken(question, value))

    def rewrites(self, refuse: Callable[[Taken, str], None]) -> dict[Path, Rewrite]:
        """Return the new contents of the records; `refuse` gets the edits that would make an error, and the error.

        Raises TrialdeckError if a record was changed meanwhile, or cannot be changed in place.
        """
        contents: dict[Path, Rewrite] = {}
        for name, taken in self._taken.items():
            member = self.members[name]
            path = Path(member.path)
            before = content_of(path, member.path)
            if file_signature(path) != member.place.signature:
                # The edits have positions in the record as it was.
                raise TrialdeckError(f"{member.path} was changed meanwhile", "nothing was written; pull again")
            if after := _Rewriting(member, before).content(taken, refuse):
                contents[path] = Rewrite(member.path, path.resolve(), home_of(path), before, after)
        return contents


class _Rewriting:
    """Writes edits into one record."""

    def __init__(self, member: ProjectRecord, before: bytes) -> None:
        self.member, self.before = member, before

    def content(self, taken: Sequence[Taken], refuse: Callable[[Taken, str], None]) -> bytes:
        """Return the record with the edits, but for those that would make an error; empty if none is left."""
        kept = list(taken)
        content, error = self._changed(kept)
        if error:
            kept = []
            for each in taken:
                if error := self._changed([*kept, each])[1]:
                    refuse(each, f"the record would have an error: {error}")
                else:
                    kept.append(each)
            content, _ = self._changed(kept)
        return content if kept else b""

    def _changed(self, taken: Sequence[Taken]) -> tuple[bytes, str]:
        content = edited(self.before, self._edits(taken), self.member.path)
        problems = problems_of(load_record_text(content, self.member.path, Path(self.member.path).parent))
        errors = (f"{each.code} {each.message}" for each in problems if each.severity is Severity.ERROR)
        return content, next(errors, "")

    def _edits(self, taken: Sequence[Taken]) -> Iterator[Put]:
        position = len(self.member.trial.questions)
        for each in taken:
            yield Put(each.path or (QUESTIONS.property, position), each.value)
            position += not each.path
        yield from self._credits(taken)

    def _credits(self, taken: Sequence[Taken]) -> Iterator[Put]:
        """Yield the edits that name the contributors, each once."""
        there = self.member.trial.contributors
        new = [by for by in dict.fromkeys(each.by for each in taken) if by and by not in there]
        order = tuple(load_schema("trial")["properties"])
        entries = [{"name": by.name, "for": by.note, "on": by.on} for by in new]
        if not there and entries:
            yield Put((CONTRIBUTORS,), entries, order)
            return
        for position, entry in enumerate(entries, start=len(there)):
            yield Put((CONTRIBUTORS, position), entry)


def _changed_points(change: FieldChange, base: str | None) -> Iterator[tuple[int, str]]:
    """Yield the changed points of a list by position; an added or removed one is refused: it cannot be identified."""
    former = change.before if base is None else base
    before, after = (points_of(points_alone(text)) for text in (former, change.after))
    if len(before) != len(after) or len(before) != len(points_of(points_alone(change.before))):
        raise UnsayableError("there is a point more or less: change that in the record")
    if _is_reordered(before, after):
        raise UnsayableError("its points stand in another order: change that in the record")
    changed = [
        (position, new) for position, (old, new) in enumerate(zip(before, after, strict=True)) if not is_alike(old, new)
    ]
    if not changed:
        raise UnsayableError(_MADE_ELSEWHERE)
    yield from changed


def _is_reordered(before: Sequence[str], after: Sequence[str]) -> bool:
    """Return whether a point has the words of another one: ids, results and cloze statements would not follow it."""
    return any(
        is_alike(new, other) and not is_alike(new, old)
        for old, new in zip(before, after, strict=True)
        for other in before
    )
