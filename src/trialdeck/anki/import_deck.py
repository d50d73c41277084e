"""Import a deck of another author: turn its notes into records, trial by trial."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from trialdeck.apkg.reader import PackedNote, PackedType, ReadPackage, read_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.safe_paths import is_inside
from trialdeck.core.text import is_blank
from trialdeck.markdown.from_html import converted, is_alike
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.discovery import home_of
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Perspective
from trialdeck.records.schema import typed
from trialdeck.records.sections import QUESTIONS
from trialdeck.records.slugs import name_slug, question_slug, unique
from trialdeck.records.validation.schema_errors import validate
from trialdeck.yamlfile.document import content_of, read_document
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.tree import choice_of, text_of
from trialdeck.yamlfile.write_records import Rewrite, write_together
from trialdeck.yamlfile.writer import Property, write_record


class DeckMap(msgspec.Struct, frozen=True):
    """The names of the fields, and where a note names its trial: a field, a tag, one id for all, or else its deck."""

    question: str
    response: str
    note_type: str = ""
    trial_field: str = ""
    trial_tag: str = ""
    trial_id: str = ""
    perspective: Perspective = Perspective.CLINICAL


def read_deck_map(path: Path) -> DeckMap:
    """Read a deck map; raises TrialdeckError at its first fault, with file, line and column."""
    document, problems = read_document(path, str(path))
    if document is None:
        raise TrialdeckError(problems[0].located_message, problems[0].hint)
    data = typed(document.data, "map")
    faults = sorted({*problems, *validate(document, data, "map")})
    if faults:
        raise TrialdeckError(faults[0].located_message, faults[0].hint)
    return DeckMap(
        question=text_of(data, "question"),
        response=text_of(data, "response"),
        note_type=text_of(data, "note_type"),
        trial_field=text_of(data, "trial_field"),
        trial_tag=text_of(data, "trial_tag"),
        trial_id=text_of(data, "trial_id"),
        perspective=choice_of(data, "perspective", Perspective.CLINICAL),
    )


_HEAD = (
    "Taken over from an Anki deck and not reviewed: check every statement against the publication, and ask its author.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
)


class LeftOut(msgspec.Struct, frozen=True):
    """A note, or a part of one, that did not become a question, and the reason."""

    name: str
    reason: str


class Adopted(msgspec.Struct):
    """The records that a deck gives: content and number of new questions by file, and notes that were left out.

    `known` counts the questions that the records had already.
    """

    contents: dict[Path, Rewrite] = msgspec.field(default_factory=dict)
    counts: dict[Path, int] = msgspec.field(default_factory=dict)
    known: int = 0
    left_out: list[LeftOut] = msgspec.field(default_factory=list)


class _Pair(msgspec.Struct, frozen=True):
    question: str
    response: str


def adopt(package: Path, form: DeckMap, folder: Path) -> Adopted:
    """Return the records that a package gives, in a folder; existing records get the questions that they lack.

    Raises TrialdeckError if the package or an existing record cannot be read, or no note has the fields of the map.
    """
    packed = read_package(package)
    chosen = [note for note in packed.notes if _has_fields_of(note, form)]
    if not chosen:
        raise TrialdeckError(f"{package} has no note with the fields of the map", _hint_of_types(packed))
    adopted = Adopted()
    by_trial: dict[str, tuple[str, list[_Pair]]] = {}
    for note in chosen:
        name = _trial_name(note, form)
        trial = form.trial_id or name_slug(name)
        pair = _pair(note, form, adopted)
        if pair and not trial:
            adopted.left_out.append(LeftOut(_label(note), "it names no trial"))
        elif pair:
            by_trial.setdefault(trial, (name, []))[1].append(pair)
    home = home_of(folder / "record")
    # A folder that was named may itself be a link out of the project.
    within = home if is_inside(folder, home) else folder
    for trial, (name, pairs) in sorted(by_trial.items()):
        path = folder / f"{trial}.yaml"
        rewritten = _extend_record(path, trial, pairs, form) if path.exists() else _new_record(trial, name, pairs, form)
        before, content, count = rewritten
        adopted.known += len(pairs) - count
        if count:
            rewrite = Rewrite(path.as_posix(), path.resolve(), within, before, content)
            adopted.contents[path], adopted.counts[path] = rewrite, count
    return adopted


def write(adopted: Adopted) -> None:
    """Write all records or none; raises TrialdeckError if one was changed meanwhile, or the disk refuses."""
    write_together(list(adopted.contents.values()), "import the deck again")


def proposed_map(package: Path) -> str:
    """Return a deck map, as YAML, for the note type with most notes and its first two fields.

    Raises TrialdeckError if no note type has two fields, or the package cannot be read.
    """
    packed = read_package(package)
    types = [kind for kind in packed.note_types if len(kind.fields) > 1]
    if not types:
        raise TrialdeckError(f"{package} has no note type with two fields", "there is nothing to make questions of")
    counts = {kind.name: sum(note.note_type == kind.name for note in packed.notes) for kind in types}
    most = max(types, key=lambda kind: counts[kind.name])
    properties = [
        Property("format", 1),
        Property("note_type", most.name),
        Property("question", most.fields[0]),
        Property("response", most.fields[1]),
    ]
    return write_record(properties, _map_head(types, counts))


def _map_head(types: list[PackedType], counts: Mapping[str, int]) -> Iterator[str]:
    yield "Which field holds what. The note types of this deck, and their fields:"
    for kind in types:
        yield f"  {kind.name} ({counts[kind.name]} notes): {', '.join(kind.fields)}"
    yield "How a note names its trial: trial_field: FIELD, trial_tag: PREFIX, or trial_id: ID for all of them;"
    yield "without any of these, the last part of the deck's name does. perspective: mechanism, clinical or reviewer."


def _has_fields_of(note: PackedNote, form: DeckMap) -> bool:
    has_type = not form.note_type or note.note_type == form.note_type
    return has_type and {form.question, form.response} <= note.fields.keys()


def _hint_of_types(packed: ReadPackage) -> str:
    types = "; ".join(f"{kind.name}: {', '.join(kind.fields)}" for kind in packed.note_types)
    return f"it has these note types and fields: {types}"


def _trial_name(note: PackedNote, form: DeckMap) -> str:
    """Return the name of a note's trial."""
    if form.trial_field:
        return readable(note.fields.get(form.trial_field, ""))
    if form.trial_tag:
        names = (tag.removeprefix(form.trial_tag) for tag in note.tags if tag.startswith(form.trial_tag))
        return next(names, "").replace("_", " ")
    return form.trial_id or next((card.deck.rpartition("::")[2] for card in note.cards), "")


def _pair(note: PackedNote, form: DeckMap, adopted: Adopted) -> _Pair | None:
    """Return question and response as Markdown; parts that a record cannot hold are left out and reported."""
    texts = []
    for side in (form.question, form.response):
        html = note.fields[side]
        try:
            made = converted(html)
        except UnsayableError as error:
            adopted.left_out.append(LeftOut(_label(note), f"{side}: {str(error) or 'Markdown cannot say it'}"))
            return None
        if is_blank(made.text):
            adopted.left_out.append(LeftOut(_label(note), f"{side} has no text"))
            return None
        if made.losses:
            has_media = any(loss.startswith(("a picture", "a drawing", "a sound")) for loss in made.losses)
            hint = "; add pictures and sounds as figures" if has_media else ""
            adopted.left_out.append(LeftOut(_label(note), f"{side}: {', '.join(made.losses)}{hint}"))
        texts.append(made.text)
    return _Pair(*texts)


def _extend_record(path: Path, trial: str, pairs: list[_Pair], form: DeckMap) -> tuple[bytes, bytes, int]:
    """Return an existing record with the questions that it lacks.

    Args:
        path: The file of the record.
        trial: The id of the trial.
        pairs: The questions and responses of the deck.
        form: The deck map.

    Returns:
        The record before and after, and the number of new questions.

    Raises:
        TrialdeckError: The record cannot be read, or is that of another trial.
    """
    before = content_of(path, str(path))
    record = load_record_text(before, str(path), path.parent)
    if record.trial is None:
        raise TrialdeckError(f"{path} is there, but cannot be read", f"`trialdeck check {path}` says why")
    if trial not in {record.trial.id, *record.trial.formerly}:
        raise TrialdeckError(
            f"{path} is there, but is the record of '{record.trial.id}'", "nothing was written; rename or remove it"
        )
    known_questions = [render(question.question) for question in record.trial.questions]
    new_pairs = [
        pair for pair in pairs if not any(is_alike(render(pair.question), question) for question in known_questions)
    ]
    ids = [question.id for question in record.trial.questions]
    questions = _questions(new_pairs, form, ids, record.trial.acronym)
    edits: list[Edit] = [
        Put((QUESTIONS.property, len(ids) + position), question) for position, question in enumerate(questions)
    ]
    return before, edited(before, edits, str(path)), len(new_pairs)


def _new_record(trial: str, name: str, pairs: list[_Pair], form: DeckMap) -> tuple[bytes, bytes, int]:
    """Return a new record with all questions of the deck.

    Args:
        trial: The id of the trial.
        name: The name of the trial, if the deck has one.
        pairs: The questions and responses of the deck.
        form: The deck map.

    Returns:
        No bytes for the record before, the record, and the number of questions.
    """
    properties = [
        Property("format", 1),
        Property("id", trial),
        Property("title", name or trial, beside="the title of the publication"),
        Property(QUESTIONS.property, _questions(pairs, form, [], name), apart=True),
        Property("review", {"status": "unreviewed"}, apart=True),
    ]
    return b"", write_record(properties, _HEAD).encode(), len(pairs)


def _questions(pairs: list[_Pair], form: DeckMap, taken: list[str], acronym: str) -> list[dict[str, str]]:
    """Return questions as they stand in a record.

    Args:
        pairs: The questions and responses.
        form: The deck map.
        taken: The ids of the questions in the record.
        acronym: The acronym of the trial, which is left out of ids.

    Returns:
        The questions, each with an id of its own.
    """
    slugs = [question_slug(readable(render(pair.question)), acronym) for pair in pairs]
    ids = unique([*taken, *slugs], QUESTIONS.slug)[len(taken) :]
    return [
        {"id": name, "perspective": form.perspective.value, "question": pair.question, "response": pair.response}
        for name, pair in zip(ids, pairs, strict=True)
    ]


def _label(note: PackedNote) -> str:
    return readable(next(iter(note.fields.values()), ""))[:80] or note.guid
