"""Pull: write edits made in Anki back into the records, and list those that cannot be written."""

import codecs
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.anki.collection_diff import NoteDifference, State, diff_collection
from trialdeck.anki.new_questions import not_taken, question_value, trial_named_by
from trialdeck.anki.pulled import Added, Homeless, Pulled, Refused, WrittenEdit
from trialdeck.anki.record_paths import points_of_list, related_target, target, text_at
from trialdeck.apkg.reader import PackedNote, opened_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import needed_file
from trialdeck.core.problem import Severity
from trialdeck.core.text import is_blank
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.decks.package_plan import plan_packages
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.markdown.from_html import converted, is_alike, points_of
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.notes.lists import points_alone
from trialdeck.notes.note import is_key_across_trials, trial_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build import with_plan
from trialdeck.project.context import BuildOptions
from trialdeck.project.prepare import PreparedBuild
from trialdeck.project.record_loader import problems_of
from trialdeck.records.discovery import file_signature, home_of
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Trial
from trialdeck.records.sections import QUESTIONS, RESULTS
from trialdeck.records.slugs import question_slug, unique
from trialdeck.yamlfile.document import content_of
from trialdeck.yamlfile.edit import Put, edited
from trialdeck.yamlfile.positions import DataPath
from trialdeck.yamlfile.write_records import Rewrite, write_together

_TEXT_STARTS = (b"#separator:", b"#html:", b"#notetype", b"#deck", b"#guid", b"#tags", b"#columns:")
"""How Anki's export of notes as text begins (https://docs.ankiweb.net/exporting.html)."""
_START = 64
_EMPTY = "it is empty in Anki: to withdraw it, give its entry `retired` in the record"
_MADE_ELSEWHERE = "it is made from other parts of the record: change it there"
_MADE_OF_SEVERAL = "it shows results of several records: change them there"
_MADE_OF_RESULT = "it is made from the numbers of the result '{}': change them in the record"


def pull(package: Path, paths: Sequence[Path], out: Path, built_at: int, options: BuildOptions | None = None) -> Pulled:
    """Return the edits in a package that was exported from Anki; nothing is written.

    Args:
        package: The package from Anki.
        paths: The records, and folders of records.
        out: The folder of the ledger.
        built_at: The time of the build, in seconds of Unix time.
        options: The build options.

    Returns:
        The edits, and the files with them.

    Raises:
        TrialdeckError: As `trialdeck.project.build.with_plan` does; also if the package cannot be read, there is no
            ledger, no note of the records is in it, or a record cannot be changed.
    """
    _refuse_text(package)

    def use(prepared: PreparedBuild) -> Pulled:
        ledger = prepared.former
        if not ledger.lines:
            hint = "build first; a lost ledger comes back with `trialdeck ledger rebuild decks/*.apkg`"
            raise TrialdeckError(f"{out} has no ledger, so it cannot be told what was edited", hint)
        notes = {note.guid: note for note in prepared.notes}
        with opened_package(package) as packed:
            differences = diff_collection(packed.notes(), notes, ledger.lines, _decks_of(prepared))
        if not differences.recognised:
            hint = "export the deck that was built from them; `trialdeck import` takes the decks of others"
            raise TrialdeckError(f"{package} has no note of these records", hint)
        work = _Pull(prepared, Pulled(differences))
        work.run()
        return work.pulled

    return with_plan(paths, DeckRequest((BY_TRIAL,)), out, built_at, use, options)


def _refuse_text(package: Path) -> None:
    """Raise TrialdeckError for notes that were exported as text: these lack what tells edits from older notes."""
    with needed_file(package) as file:
        start = file.read(_START)
    if start.removeprefix(codecs.BOM_UTF8).startswith(_TEXT_STARTS):
        hint = "in Anki, File → Export: choose Anki Deck Package (.apkg), with or without scheduling"
        raise TrialdeckError(f"{package} holds notes as plain text, which do not say when they were changed", hint)


def _decks_of(prepared: PreparedBuild) -> Mapping[str, frozenset[str]]:
    """Return the decks of each note, by guid: those that the project defines, or one for each trial."""
    trials = prepared.repository.index(prepared.references.by_id)
    decks: dict[str, set[str]] = defaultdict(set)
    definitions = prepared.checked_build.checked.definitions
    for definition in definitions or (BY_TRIAL,):
        for package in plan_packages(definition, prepared.settings.root, trials):
            for entry in package.entries():
                decks[entry.note.guid].add(entry.deck)
    return {guid: frozenset(names) for guid, names in decks.items()}


def apply(pulled: Pulled) -> None:
    """Write all records or none; raises TrialdeckError if one was changed meanwhile, or the disk refuses."""
    write_together(list(pulled.contents.values()), "pull again")


class _Pull:
    """Turns differences into edits of records."""

    def __init__(self, prepared: PreparedBuild, pulled: Pulled) -> None:
        self.members = prepared.references.by_id
        self.owner_of = prepared.references.owner_of
        self.notes = tuple(prepared.notes)
        self.guids = frozenset(note.guid for note in self.notes)
        self.pulled = pulled
        self.edits: dict[str, list[_Taken]] = {}

    def run(self) -> None:
        for difference in self.pulled.returned.of(State.EDITED):
            for change in difference.fields:
                self._take_field(difference, change)
        self._take_new()
        self.pulled.homeless += map(self._foreign, self.pulled.returned.foreign)
        for name, taken in self.edits.items():
            self._rewrite(name, taken)

    def trial(self, name: str) -> Trial:
        return self.members[name].trial

    def _take_field(self, difference: NoteDifference, change: FieldChange) -> None:
        """Write a field into its record, or report why not."""
        key = difference.mine.key
        name = trial_of(key)
        owner = self.owner_of[name]
        try:
            if owner == name and (points := points_of_list(self.trial(name), key, change.name)):
                self._take_points(key, points, change)
                return
            path = self._path(owner, key, change.name)
            self._put(owner, key, path, change, cloze=difference.mine.kind is Kind.CLOZE)
        except UnsayableError as error:
            self.pulled.refused.append(Refused(key, change, str(error)))

    def _path(self, owner: str, key: str, field_name: str) -> DataPath:
        """Return the path in the record from which the field is made; raises UnsayableError if there is none."""
        trial = self.trial(owner)
        path = target(trial, key, field_name) if owner == trial_of(key) else related_target(trial, key, field_name)
        if not path:
            _, _, name = key.partition(f"/{RESULTS.slug}/")
            made = _MADE_OF_SEVERAL if is_key_across_trials(key) else _MADE_ELSEWHERE
            raise UnsayableError(_MADE_OF_RESULT.format(name) if name else made)
        return path

    def _take_points(self, key: str, points: Sequence[DataPath], change: FieldChange) -> None:
        """Write the changed points of a list; an added or removed point is refused, as it cannot be identified."""
        before, after = (points_of(points_alone(text)) for text in (change.before, change.after))
        if len(before) != len(after):
            raise UnsayableError("there is a point more or less: change that in the record")
        if _is_reordered(before, after):
            raise UnsayableError("its points stand in another order: change that in the record")
        changed = [(path, new) for path, old, new in zip(points, before, after, strict=True) if not is_alike(old, new)]
        if not changed:
            raise UnsayableError(_MADE_ELSEWHERE)
        for path, html in changed:
            self._put(trial_of(key), key, path, replace(change, after=html))

    def _put(self, name: str, key: str, path: DataPath, change: FieldChange, *, cloze: bool = False) -> None:
        """Add the edit of a text.

        Args:
            name: The trial in whose record the text is.
            key: The key of the note.
            path: The path of the text in the record.
            change: The field of the note, or the point of its list, in the collection.
            cloze: Whether the field has cloze deletions.

        Raises:
            UnsayableError: Markdown cannot express the HTML, or another note has a different edit of the same text.
        """
        former = text_at(self.members[name].document.data, path)
        made = converted(change.after, former, cloze=cloze)
        if is_blank(made.text):
            raise UnsayableError(f"it holds nothing but {', '.join(made.losses)}" if made.losses else _EMPTY)
        earlier = next((taken.edit for taken in self.edits.get(name, []) if taken.edit.path == path), None)
        if earlier is None:
            written = WrittenEdit(self.members[name].path, key, path, former, made.text, made.losses)
            self.pulled.written.append(written)
            taken = _Taken(Put(path, made.text), written=written, change=change)
            self.edits.setdefault(name, []).append(taken)
        elif earlier.value != made.text:
            raise UnsayableError("another note says something else of the same text")

    def _take_new(self) -> None:
        taken: dict[str, list[str]] = {}
        for note in self.pulled.returned.new:
            try:
                self._take_question(note, taken)
            except UnsayableError as error:
                self.pulled.homeless.append(Homeless(note, str(error)))

    def _take_question(self, note: PackedNote, taken: dict[str, list[str]]) -> None:
        if note.note_type != note_type(Kind.QUESTION).name:
            raise UnsayableError(f"only a {note_type(Kind.QUESTION).name} becomes a question")
        name = trial_named_by(note, {name: self.trial(name).name for name in self.members})
        trial = self.trial(name)
        sides = [converted(note.fields[side]) for side in ("Question", "Response")]
        question, response = (made.text for made in sides)
        if is_blank(question) or is_blank(response):
            raise UnsayableError("its question or its response is empty")
        ids = taken.setdefault(name, [entry.id for entry in trial.questions])
        ids.append(unique([*ids, question_slug(readable(render(question)), trial.acronym)], QUESTIONS.slug)[-1])
        value = question_value(note, ids[-1], question, response)
        known = {text for mine in self.notes if mine.trial == name for text in mine.fields}
        losses = (*sides[0].losses, *sides[1].losses, *not_taken(note, value, known))
        added = Added(self.members[name].path, f"{name}/question/{ids[-1]}", question, response, losses)
        self.pulled.added.append(added)
        edit = Put((QUESTIONS.property, len(ids) - 1), value)
        self.edits.setdefault(name, []).append(_Taken(edit, added=added, note=note))

    def _foreign(self, note: PackedNote) -> Homeless:
        """Return the reason why a note of another type is left alone."""
        wanted = note_type(Kind.QUESTION).name
        if note.guid in self.guids:
            hint = "change it back (Notes → Change Note Type), and pull again"
            return Homeless(note, f"its note type was changed to {note.note_type}: {hint}")
        return Homeless(note, f"it is of the type {note.note_type}: change it to {wanted} to pull it")

    def _rewrite(self, name: str, taken: list["_Taken"]) -> None:
        """Keep the new content of a record, without the edits that would give it an error."""
        member = self.members[name]
        path = Path(member.path)
        before = content_of(path, member.path)
        if file_signature(path) != member.place.signature:
            # The edits have positions in the record as it was.
            raise TrialdeckError(f"{member.path} was changed meanwhile", "nothing was written; pull again")

        def changed(edits: list[_Taken]) -> tuple[bytes, str]:
            content = edited(before, [each.edit for each in edits], member.path)
            problems = problems_of(load_record_text(content, member.path, path.parent))
            errors = (f"{each.code} {each.message}" for each in problems if each.severity is Severity.ERROR)
            return content, next(errors, "")

        content, error = changed(taken)
        if error:
            taken = self._without_errors(taken, len(self.trial(name).questions), lambda edits: changed(edits)[1])
            content, _ = changed(taken)
        if taken:
            self.pulled.contents[path] = Rewrite(member.path, path.resolve(), home_of(path), before, content)

    def _without_errors(
        self, taken: list["_Taken"], position: int, error_of: Callable[[list["_Taken"]], str]
    ) -> list["_Taken"]:
        """Return the edits without those that would make an error beside the others; these are listed as refused.

        Args:
            taken: The edits of a record.
            position: The position of the first new question.
            error_of: Returns the first error of the record with some edits; empty if there is none.

        Returns:
            The edits that are right together.
        """
        kept: list[_Taken] = []
        for each in taken:
            moved = replace(each, edit=Put((QUESTIONS.property, position), each.edit.value)) if each.added else each
            if error := error_of([*kept, moved]):
                self._refuse(each, f"the record would have an error: {error}")
            else:
                kept.append(moved)
                position += each.added is not None
        return kept

    def _refuse(self, taken: "_Taken", reason: str) -> None:
        """Move an edit from the taken ones (written or added) to those that are left out, with the reason."""
        if taken.written and taken.change:
            self.pulled.written.remove(taken.written)
            self.pulled.refused.append(Refused(taken.written.key, taken.change, reason))
        elif taken.added and taken.note:
            self.pulled.added.remove(taken.added)
            self.pulled.homeless.append(Homeless(taken.note, reason))


def _is_reordered(before: Sequence[str], after: Sequence[str]) -> bool:
    """Return whether a point has the words of another one: ids, results and cloze statements would not follow it."""
    return any(
        is_alike(new, other) and not is_alike(new, old)
        for old, new in zip(before, after, strict=True)
        for other in before
    )


class _Taken(msgspec.Struct, frozen=True):
    """An edit of a record, and what it comes from: a field of a note, or a new note."""

    edit: Put
    written: WrittenEdit | None = None
    change: FieldChange | None = None
    added: Added | None = None
    note: PackedNote | None = None
