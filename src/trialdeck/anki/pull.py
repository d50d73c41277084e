"""Pull: write edits made in Anki back into the records, and list those that cannot be written."""

import codecs
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from trialdeck.anki.collection_diff import NoteDifference, State, diff_collection
from trialdeck.anki.new_questions import not_taken, question_value, trial_named_by
from trialdeck.anki.pulled import Added, Homeless, Pulled, Refused, WrittenEdit
from trialdeck.anki.pulling.decisions import Decisions
from trialdeck.anki.pulling.record_edits import RecordEdits, Taken
from trialdeck.anki.pulling.suggested import PulledSuggestions
from trialdeck.apkg.reader import PackedNote, opened_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import needed_file
from trialdeck.core.text import is_blank
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.decks.package_plan import plan_packages
from trialdeck.editions.compare.diff import FieldChange
from trialdeck.markdown.from_html import converted
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build import with_plan
from trialdeck.project.context import BuildOptions
from trialdeck.project.prepare import PreparedBuild
from trialdeck.records.sections import QUESTIONS
from trialdeck.records.slugs import question_slug, unique
from trialdeck.yamlfile.write_records import write_together

_TEXT_STARTS = (b"#separator:", b"#html:", b"#notetype", b"#deck", b"#guid", b"#tags", b"#columns:")
"""How Anki's export of notes as text begins (https://docs.ankiweb.net/exporting.html)."""
_START = 64


def pull(  # noqa: PLR0913, PLR0917 - those of `with_plan`, the package and the decisions
    package: Path,
    paths: Sequence[Path],
    out: Path,
    built_at: int,
    options: BuildOptions | None = None,
    decisions: Decisions | None = None,
) -> Pulled:
    """Return the edits in a package that was exported from Anki; nothing is written.

    Args:
        package: The package from Anki.
        paths: The records, and folders of records.
        out: The folder of the ledger.
        built_at: The time of the build, in seconds of Unix time.
        options: The build options.
        decisions: Which edits are taken; by default, all that are no conflict.

    Returns:
        The edits, and the files with them.

    Raises:
        TrialdeckError: As `trialdeck.project.build.with_plan` does; also if the package cannot be read, there is no
            ledger, no note of the records is in it, a record cannot be changed, or a decision names no edit.
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
        work = _Pull(prepared, Pulled(differences), decisions or Decisions())
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


def apply(pulled: Pulled | PulledSuggestions) -> None:
    """Write all records or none; raises TrialdeckError if one was changed meanwhile, or the disk refuses."""
    write_together(list(pulled.contents.values()), "pull again")


class _Pull:
    """Turns differences into edits of records."""

    def __init__(self, prepared: PreparedBuild, pulled: Pulled, decisions: Decisions) -> None:
        self.edits = RecordEdits(prepared.references)
        self.notes = tuple(prepared.notes)
        self.guids = frozenset(note.guid for note in self.notes)
        self.pulled, self.decisions = pulled, decisions

    def run(self) -> None:
        for state in (State.EDITED, State.CONFLICT):
            for difference in self.pulled.returned.of(state):
                for change in difference.fields:
                    self._take_field(difference, change)
        self._take_new()
        self.pulled.homeless += map(self._foreign, self.pulled.returned.foreign)
        self.decisions.refuse_unknown({*self.pulled.names, *self._names})
        self.pulled.contents |= self.edits.rewrites(self._refuse)

    @property
    def _names(self) -> set[str]:
        """The names of fields that were edited, though no record may take them, and of the texts of new questions."""
        new = (each for each in (*self.pulled.added, *self.pulled.left) if isinstance(each, Added))
        texts = [(each.key, side) for each in new for side in ("Question", "Response")]
        edited = (*self.pulled.returned.of(State.EDITED), *self.pulled.returned.of(State.CONFLICT))
        fields = [(each.mine.key, field.name) for each in edited for field in each.fields]
        return {f"{key}:{name}" for key, name in (*texts, *fields)} | {key for key, _ in fields}

    def _take_field(self, difference: NoteDifference, change: FieldChange) -> None:
        """Write a field into its record, or report why not."""
        is_conflict = difference.state is State.CONFLICT
        try:
            for edit in self.edits.edits_of(difference.mine, change):
                self._decide(edit, is_conflict=is_conflict)
        except UnsayableError as error:
            names = (difference.mine.key, f"{difference.mine.key}:{change.name}")
            if self.decisions.takes(names, is_conflict=is_conflict):
                self.pulled.refused.append(Refused(difference.mine.key, change, str(error)))

    def _decide(self, edit: WrittenEdit, *, is_conflict: bool) -> None:
        edit = replace(edit, after=self.decisions.texts.get(edit.name, edit.after))
        names = (edit.key, edit.name)
        if not self.decisions.takes(names, is_conflict=is_conflict):
            (self.pulled.conflicts if is_conflict else self.pulled.left).append(edit)
        elif self.edits.take(edit):
            self.pulled.written.append(edit)

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
        name = trial_named_by(note, {name: self.edits.trial(name).name for name in self.edits.members})
        trial = self.edits.trial(name)
        sides = [converted(note.fields[side]) for side in ("Question", "Response")]
        question, response = (made.text for made in sides)
        if is_blank(question) or is_blank(response):
            raise UnsayableError("its question or its response is empty")
        ids = taken.setdefault(name, [entry.id for entry in trial.questions])
        ids.append(unique([*ids, question_slug(readable(render(question)), trial.acronym)], QUESTIONS.slug)[-1])
        key = f"{name}/question/{ids[-1]}"
        question, response = (
            self.decisions.texts.get(f"{key}:{side}", text)
            for side, text in (("Question", question), ("Response", response))
        )
        value = question_value(note, ids[-1], question, response)
        known = {text for mine in self.notes if mine.trial == name for text in mine.fields}
        losses = (*sides[0].losses, *sides[1].losses, *not_taken(note, value, known))
        added = Added(self.edits.members[name].path, key, question, response, losses, note)
        if not self.decisions.takes([key]):
            self.pulled.left.append(added)
            return
        self.pulled.added.append(added)
        self.edits.add(name, added, value)

    def _foreign(self, note: PackedNote) -> Homeless:
        """Return the reason why a note of another type is left alone."""
        wanted = note_type(Kind.QUESTION).name
        if note.guid in self.guids:
            hint = "change it back (Notes → Change Note Type), and pull again"
            return Homeless(note, f"its note type was changed to {note.note_type}: {hint}")
        return Homeless(note, f"it is of the type {note.note_type}: change it to {wanted} to pull it")

    def _refuse(self, taken: Taken, reason: str) -> None:
        """Move an edit from the taken ones (written or added) to those that are left out, with the reason."""
        origin = taken.origin
        if isinstance(origin, WrittenEdit):
            self.pulled.written.remove(origin)
            self.pulled.refused.append(Refused(origin.key, self._change_of(origin), reason))
        elif origin.note:
            self.pulled.added.remove(origin)
            self.pulled.homeless.append(Homeless(origin.note, reason))

    def _change_of(self, edit: WrittenEdit) -> FieldChange:
        differences = (each for each in self.pulled.returned.differences if each.mine.key == edit.key)
        return next(change for each in differences for change in each.fields if change.name == edit.field)
