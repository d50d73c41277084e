"""Import a deck that somebody else made: turn its notes into records, trial by trial."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from trialdeck.apkg.reader import PackedNote, PackedType, ReadPackage, read_package
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem
from trialdeck.core.safe_paths import is_inside
from trialdeck.markdown.from_html import is_alike, markdown_of
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.discovery import home_of
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Perspective
from trialdeck.records.schema import typed
from trialdeck.records.schema_errors import validate
from trialdeck.records.slugs import name_slug, question_slug, unique
from trialdeck.yamlfile.document import content_of, read_document
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.tree import choice_of, text_of
from trialdeck.yamlfile.write_records import Rewrite, write_together
from trialdeck.yamlfile.writer import Property, write_record


class DeckMap(msgspec.Struct, frozen=True):
    """The names of fields, and how a note names its trial: by a field, a tag, an id for all, or else by its deck."""

    question: str
    response: str
    note_type: str = ""
    trial_field: str = ""
    trial_tag: str = ""
    trial_id: str = ""
    perspective: Perspective = Perspective.CLINICAL


def read_deck_map(path: Path) -> DeckMap:
    """Read a deck map; raises TrialdeckError, which names file, line and column, at its first fault."""
    document, problems = read_document(path, str(path))
    if document is None:
        raise _error(problems[0])
    data = typed(document.data, "map")
    faults = sorted({*problems, *validate(document, data, "map")})
    if faults:
        raise _error(faults[0])
    return DeckMap(
        question=text_of(data, "question"),
        response=text_of(data, "response"),
        note_type=text_of(data, "note_type"),
        trial_field=text_of(data, "trial_field"),
        trial_tag=text_of(data, "trial_tag"),
        trial_id=text_of(data, "trial_id"),
        perspective=choice_of(data, "perspective", Perspective.CLINICAL),
    )


def _error(problem: Problem) -> TrialdeckError:
    place = f"{problem.path}:{problem.line}:{problem.column}"
    return TrialdeckError(f"{place}: {problem.code} {problem.message}", problem.hint)


_HEAD = (
    "Taken over from an Anki deck and not reviewed: check every statement against the publication, and ask its author.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
)


class LeftOut(msgspec.Struct, frozen=True):
    """A note, or a part of it, that did not become a question, and why."""

    name: str
    reason: str


class Adopted(msgspec.Struct):
    """The records as they would be: content by file, and how many questions each got; and what was left out."""

    contents: dict[Path, Rewrite] = msgspec.field(default_factory=dict)
    counts: dict[Path, int] = msgspec.field(default_factory=dict)
    known: int = 0
    left_out: list[LeftOut] = msgspec.field(default_factory=list)


class _Pair(msgspec.Struct, frozen=True):
    question: str
    response: str


def adopt(package: Path, form: DeckMap, folder: Path) -> Adopted:
    """Return the records that a package gives, in a folder; a record that is there gets what it lacks.

    Raises TrialdeckError where the package cannot be read, has no note that the map is about, or a record that is there
    cannot be read.
    """
    packed = read_package(package)
    taken = [note for note in packed.notes if _is_meant(note, form)]
    if not taken:
        raise TrialdeckError(f"{package} has no note with the fields of the map", _advice(packed))
    adopted = Adopted()
    by_trial: dict[str, tuple[str, list[_Pair]]] = {}
    for note in taken:
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
        made = _extended(path, trial, pairs, form) if path.exists() else _new_record(trial, name, pairs, form)
        before, content, count = made
        adopted.known += len(pairs) - count
        if count:
            rewrite = Rewrite(path.as_posix(), path.resolve(), within, before, content)
            adopted.contents[path], adopted.counts[path] = rewrite, count
    return adopted


def write(adopted: Adopted) -> None:
    """Write all records or none; raises TrialdeckError where one was changed meanwhile, or the disk refuses."""
    write_together(list(adopted.contents.values()), "import the deck again")


def proposed_map(package: Path) -> str:
    """Return a deck map, as YAML, that may fit a package: the note type with most notes, its first two fields."""
    packed = read_package(package)
    types = [each for each in packed.note_types if len(each.fields) > 1]
    if not types:
        raise TrialdeckError(f"{package} has no note type with two fields", "there is nothing to make questions of")
    counts = {each.name: sum(note.note_type == each.name for note in packed.notes) for each in types}
    most = max(types, key=lambda each: counts[each.name])
    properties = [
        Property("format", 1),
        Property("note_type", most.name),
        Property("question", most.fields[0]),
        Property("response", most.fields[1]),
    ]
    return write_record(properties, _map_head(types, counts))


def _map_head(types: list[PackedType], counts: Mapping[str, int]) -> Iterator[str]:
    yield "Which field holds what. The note types of this deck, and their fields:"
    for each in types:
        yield f"  {each.name} ({counts[each.name]} notes): {', '.join(each.fields)}"
    yield "How a note names its trial: trial_field: FIELD, trial_tag: PREFIX, or trial_id: ID for all of them;"
    yield "without any of these, the last part of the deck's name does. perspective: mechanism, clinical or reviewer."


def _is_meant(note: PackedNote, form: DeckMap) -> bool:
    named = not form.note_type or note.note_type == form.note_type
    return named and {form.question, form.response} <= note.fields.keys()


def _advice(packed: ReadPackage) -> str:
    types = "; ".join(f"{each.name}: {', '.join(each.fields)}" for each in packed.note_types)
    return f"it has these note types and fields: {types}"


def _trial_name(note: PackedNote, form: DeckMap) -> str:
    """Return what a note calls its trial."""
    if form.trial_field:
        return readable(note.fields.get(form.trial_field, ""))
    if form.trial_tag:
        found = (tag.removeprefix(form.trial_tag) for tag in note.tags if tag.startswith(form.trial_tag))
        return next(found, "").replace("_", " ")
    return form.trial_id or next((card.deck.rpartition("::")[2] for card in note.cards), "")


def _pair(note: PackedNote, form: DeckMap, adopted: Adopted) -> _Pair | None:
    """Return question and response as Markdown; what a record cannot hold is left out, and told."""
    texts = []
    for side in (form.question, form.response):
        html = note.fields[side]
        try:
            text = markdown_of(html)
        except UnsayableError as error:
            adopted.left_out.append(LeftOut(_label(note), f"{side}: {str(error) or 'Markdown cannot say it'}"))
            return None
        if not text.strip():
            adopted.left_out.append(LeftOut(_label(note), f"{side} has no text"))
            return None
        if "<img" in html or "[sound:" in html:
            adopted.left_out.append(LeftOut(_label(note), f"{side}: its pictures and sounds; add them as figures"))
        texts.append(text)
    return _Pair(*texts)


def _extended(path: Path, trial: str, pairs: list[_Pair], form: DeckMap) -> tuple[bytes, bytes, int]:
    before = content_of(path, str(path))
    record = load_record_text(before, str(path), path.parent)
    if record.trial is None:
        raise TrialdeckError(f"{path} is there, but cannot be read", f"`trialdeck check {path}` says why")
    if trial not in {record.trial.id, *record.trial.formerly}:
        raise TrialdeckError(
            f"{path} is there, but is the record of '{record.trial.id}'", "nothing was written; rename or remove it"
        )
    known = [render(each.question) for each in record.trial.questions]
    fresh = [pair for pair in pairs if not any(is_alike(render(pair.question), other) for other in known)]
    ids = [each.id for each in record.trial.questions]
    questions = _questions(fresh, form, ids, record.trial.acronym)
    edits: list[Edit] = [Put(("questions", len(ids) + place), each) for place, each in enumerate(questions)]
    return before, edited(before, edits, str(path)), len(fresh)


def _new_record(trial: str, name: str, pairs: list[_Pair], form: DeckMap) -> tuple[bytes, bytes, int]:
    properties = [
        Property("format", 1),
        Property("id", trial),
        Property("title", name or trial, beside="the title of the publication"),
        Property("questions", _questions(pairs, form, [], name), apart=True),
        Property("review", {"status": "unreviewed"}, apart=True),
    ]
    return b"", write_record(properties, _HEAD).encode(), len(pairs)


def _questions(pairs: list[_Pair], form: DeckMap, taken: list[str], acronym: str) -> list[dict[str, str]]:
    slugs = [question_slug(readable(render(pair.question)), acronym) for pair in pairs]
    ids = unique([*taken, *slugs], "question")[len(taken) :]
    return [
        {"id": name, "perspective": form.perspective.value, "question": pair.question, "response": pair.response}
        for name, pair in zip(ids, pairs, strict=True)
    ]


def _label(note: PackedNote) -> str:
    return readable(next(iter(note.fields.values()), ""))[:80] or note.guid
