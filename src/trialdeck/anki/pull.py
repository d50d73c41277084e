"""Pull: write edits made in Anki back into the records, and list those that cannot be written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from trialdeck.anki.collection_diff import CollectionDiff, NoteDifference, State, diff_collection
from trialdeck.apkg.reader import PackedNote, opened_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.core.text import is_blank
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.editions.diff import FieldChange
from trialdeck.markdown.from_html import is_alike, markdown_of, points_of
from trialdeck.markdown.html_tokens import UnsayableError
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.notes.lists import points_alone
from trialdeck.notes.note import trial_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import values_of
from trialdeck.project.build import with_plan
from trialdeck.project.context import BuildOptions
from trialdeck.project.prepare import PreparedBuild
from trialdeck.records.discovery import file_signature, home_of
from trialdeck.records.load import load_record_text
from trialdeck.records.model import STATEMENT_PARTS, Entry, Perspective, Trial
from trialdeck.records.sections import (
    LIST_SECTIONS,
    QUESTIONS,
    RELATED_TRIALS,
    RESULTS,
    SUMMARY,
    TAKEAWAYS,
    TEXT_SECTIONS,
)
from trialdeck.records.slugs import question_slug, unique
from trialdeck.yamlfile.document import content_of
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.positions import DataPath
from trialdeck.yamlfile.write_records import Rewrite, write_together

_LISTS = {section.slug: section.property for section in LIST_SECTIONS}
_TEXTS = {section.slug: section.property for section in TEXT_SECTIONS}
_OF_TRIAL = {name.capitalize(): name for name in ("title", *STATEMENT_PARTS, SUMMARY.property)}
_OF_QUESTION = {"Question": "question", "Response": "response"}


def target(trial: Trial, key: str, field: str) -> DataPath:
    """Return the path of the text from which a field of a note is made; `()` if it is made from several parts."""
    path: DataPath = ()
    match (key.split("/")[1:], field):
        # Without an acronym, the title is the name.
        case ["trial"], _ if field in _OF_TRIAL and (trial.acronym or field != "Title"):
            path = (_OF_TRIAL[field],)
        case [slug], "Response" if slug in _TEXTS:
            path = (_TEXTS[slug],)
        case [QUESTIONS.slug, name], ("Question" | "Response"):
            path = (QUESTIONS.property, _index(trial.questions, name), _OF_QUESTION[field])
        case [TAKEAWAYS.slug, name], "Response":
            path = (TAKEAWAYS.property, _index(trial.takeaways, name), "text")
        case [QUESTIONS.slug, name, "cloze", statement], "Text":
            path = (QUESTIONS.property, _index(trial.questions, name), "cloze", statement)
        case [slug, name, "cloze", statement], "Text" if slug in _LISTS:
            items: Sequence[Entry] = getattr(trial, _LISTS[str(slug)])
            path = (_LISTS[str(slug)], _index(items, name), "cloze", statement)
        case _:
            pass
    return path


def points_of_list(trial: Trial, key: str, field: str) -> Sequence[DataPath]:
    """Return the paths of the points in a field of a note, in their order; empty if the field is no list."""
    _, *of_what, slug = key.split("/")
    if field != "Response" or slug not in _LISTS or of_what not in ([], ["reviewed"]):
        return []
    items: Sequence[Entry] = getattr(trial, _LISTS[slug])
    listed = [not of_what or (item.review or trial.review).is_reviewed for item in items]
    return [(_LISTS[slug], index, "text") for index, is_listed in enumerate(listed) if is_listed]


def related_target(trial: Trial, key: str, field: str) -> DataPath:
    """Return the path of a text about another trial without a record of its own, in the record that names it."""
    name, part = key.partition("/")[0], _OF_TRIAL.get(field, "")
    for index, related in enumerate(trial.related_trials):
        if related.id == name and part in STATEMENT_PARTS and getattr(related.statement, part):
            return (RELATED_TRIALS.property, index, part)
    return ()


def _index(entries: Sequence[Entry], name: str) -> int:
    return [entry.id for entry in entries].index(name)


ORDER = ("id", "guid", "perspective", "audience", "question", "response")
"""The order of the properties of a new question."""

_MADE_ELSEWHERE = "it is made from other parts of the record: change it there"
_MADE_OF_RESULT = "it is made from the numbers of the result '{}': change them in the record"


class WrittenEdit(msgspec.Struct, frozen=True):
    """A text of a record that was edited in Anki, as Markdown before and after."""

    file: str
    key: str
    path: DataPath
    before: str
    after: str


class Refused(msgspec.Struct, frozen=True):
    """A field that was edited in Anki but cannot be written into a record, and the reason."""

    key: str
    field: FieldChange
    reason: str


class Added(msgspec.Struct, frozen=True):
    """A note that was added in Anki and becomes a question of a record."""

    file: str
    key: str
    question: str
    response: str


class Homeless(msgspec.Struct, frozen=True):
    """A note that was added in Anki but cannot become a question, and the reason."""

    note: PackedNote
    reason: str


class Pulled(msgspec.Struct):
    """The differences in the collection, those that records can take, and the resulting files."""

    returned: CollectionDiff
    written: list[WrittenEdit] = msgspec.field(default_factory=list)
    refused: list[Refused] = msgspec.field(default_factory=list)
    added: list[Added] = msgspec.field(default_factory=list)
    homeless: list[Homeless] = msgspec.field(default_factory=list)
    contents: dict[Path, Rewrite] = msgspec.field(default_factory=dict)


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
            ledger, or a record cannot be changed.
    """

    def use(prepared: PreparedBuild) -> Pulled:
        ledger = prepared.former
        if not ledger.lines:
            hint = "build first; a lost ledger comes back with `trialdeck ledger rebuild decks/*.apkg`"
            raise TrialdeckError(f"{out} has no ledger, so it cannot be told what was edited", hint)
        notes = {note.guid: note for note in prepared.notes}
        with opened_package(package) as packed:
            differences = diff_collection(packed.notes(), notes, ledger.lines)
        work = _Pull(prepared, Pulled(differences))
        work.run()
        return work.pulled

    return with_plan(paths, DeckRequest((BY_TRIAL,)), out, built_at, use, options)


def apply(pulled: Pulled) -> None:
    """Write all records or none; raises TrialdeckError if one was changed meanwhile, or the disk refuses."""
    write_together(list(pulled.contents.values()), "pull again")


class _Pull:
    """Turns differences into edits of records."""

    def __init__(self, prepared: PreparedBuild, pulled: Pulled) -> None:
        self.members = prepared.references.by_id
        self.owner_of = prepared.references.owner_of
        self.pulled = pulled
        self.edits: dict[str, dict[DataPath, Edit]] = {}

    def run(self) -> None:
        for difference in self.pulled.returned.of(State.EDITED):
            for change in difference.fields:
                self._take_field(difference, change)
        self._take_new()
        for name, edits in self.edits.items():
            self._rewrite(name, list(edits.values()))

    def trial(self, name: str) -> Trial:
        return self.members[name].trial

    def _take_field(self, difference: NoteDifference, change: FieldChange) -> None:
        """Write a field into its record, or report why not; a field that looks the same as before is left alone."""
        if is_alike(change.before, change.after):
            return
        key = difference.mine.key
        name = trial_of(key)
        owner = self.owner_of[name]
        try:
            if owner == name and (points := points_of_list(self.trial(name), key, change.name)):
                self._take_points(key, points, change)
                return
            path = self._path(owner, key, change.name)
            self._put(owner, key, path, change.after, cloze=difference.mine.kind is Kind.CLOZE)
        except UnsayableError as error:
            self.pulled.refused.append(Refused(key, change, str(error) or "Markdown cannot say it"))

    def _path(self, owner: str, key: str, field_name: str) -> DataPath:
        """Return the path in the record from which the field is made; raises UnsayableError if there is none."""
        trial = self.trial(owner)
        path = target(trial, key, field_name) if owner == trial_of(key) else related_target(trial, key, field_name)
        if not path:
            _, _, name = key.partition(f"/{RESULTS.slug}/")
            raise UnsayableError(_MADE_OF_RESULT.format(name) if name else _MADE_ELSEWHERE)
        return path

    def _take_points(self, key: str, points: Sequence[DataPath], change: FieldChange) -> None:
        """Write the changed points of a list; an added or removed point is refused, as it cannot be identified."""
        before, after = points_of(points_alone(change.before)), points_of(points_alone(change.after))
        if len(before) != len(after):
            raise UnsayableError("there is a point more or less: change that in the record")
        changed = [(path, new) for path, old, new in zip(points, before, after, strict=True) if not is_alike(old, new)]
        if not changed:
            raise UnsayableError(_MADE_ELSEWHERE)
        for path, html in changed:
            self._put(trial_of(key), key, path, html)

    def _put(self, name: str, key: str, path: DataPath, html: str, *, cloze: bool = False) -> None:
        """Add the edit of a text.

        Args:
            name: The trial in whose record the text is.
            key: The key of the note.
            path: The path of the text in the record.
            html: The HTML of the field.
            cloze: Whether the field has cloze deletions.

        Raises:
            UnsayableError: Markdown cannot express the HTML, or another note has a different edit of the same text.
        """
        former = _text_at(self.members[name].document.data, path)
        text = markdown_of(html, former, cloze=cloze)
        earlier = self.edits.setdefault(name, {}).get(path)
        if isinstance(earlier, Put) and earlier.value != text:
            raise UnsayableError("another note says something else of the same text")
        self.edits[name][path] = Put(path, text)
        if earlier is None:
            self.pulled.written.append(WrittenEdit(self.members[name].path, key, path, former, text))

    def _take_new(self) -> None:
        taken: dict[str, list[str]] = {}
        for note in self.pulled.returned.new:
            try:
                self._take_question(note, taken)
            except UnsayableError as error:
                self.pulled.homeless.append(Homeless(note, str(error) or "Markdown cannot say it"))

    def _take_question(self, note: PackedNote, taken: dict[str, list[str]]) -> None:
        if note.note_type != note_type(Kind.QUESTION).name:
            raise UnsayableError(f"only a {note_type(Kind.QUESTION).name} becomes a question")
        name = self._trial_of_new(note)
        if not name:
            raise UnsayableError("it names no trial that has a record: fill in its field Trial")
        trial = self.trial(name)
        question, response = (markdown_of(note.fields[side]) for side in ("Question", "Response"))
        if is_blank(question) or is_blank(response):
            raise UnsayableError("its question or its response is empty")
        ids = taken.setdefault(name, [entry.id for entry in trial.questions])
        ids.append(unique([*ids, question_slug(readable(render(question)), trial.acronym)], QUESTIONS.slug)[-1])
        perspective = note.fields.get("Perspective", "").strip().lower()
        value = {
            "id": ids[-1],
            "guid": note.guid,
            "perspective": perspective if perspective in set(Perspective) else Perspective.CLINICAL.value,
            "question": question,
            "response": response,
        }
        path = (QUESTIONS.property, len(ids) - 1)
        self.edits.setdefault(name, {})[path] = Put(path, value)
        self.pulled.added.append(Added(self.members[name].path, f"{name}/question/{ids[-1]}", question, response))

    def _trial_of_new(self, note: PackedNote) -> str:
        """Return the trial of a new note: from its tag, its field Trial, or the name of its deck."""
        names = {readable(note.fields.get("Trial", "")).casefold()}
        names.update(part.casefold() for card in note.cards for part in card.deck.split("::"))
        tagged = [name for name in values_of(note.tags, "trial") if name in self.members]
        named = [name for name in self.members if {name, self.trial(name).name.casefold()} & (names - {""})]
        return next(iter((*tagged, *named)), "")

    def _rewrite(self, name: str, edits: list[Edit]) -> None:
        """Add the new content of a record; raises TrialdeckError if it would have errors."""
        member = self.members[name]
        path = Path(member.path)
        before = content_of(path, member.path)
        if file_signature(path) != member.place.signature:
            # The edits have positions in the record as it was.
            raise TrialdeckError(f"{member.path} was changed meanwhile", "nothing was written; pull again")
        content = edited(before, edits, member.path)
        problems = load_record_text(content, member.path, path.parent).problems
        for problem in problems:
            if problem.severity is Severity.ERROR:
                message = f"what was edited in Anki is no good record: {problem.located_message}"
                raise TrialdeckError(message, problem.hint)
        self.pulled.contents[path] = Rewrite(member.path, path.resolve(), home_of(path), before, content)


def _text_at(data: object, path: DataPath) -> str:
    """Return the text at a path; empty if there is none."""
    for part in path:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, Sequence) and isinstance(part, int):
            data = data[part]
    return str(data) if data is not None else ""
