"""Rules for a project's settings: against each other, and against the records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from trialdeck.core.problem import FileLocation, Location, Problem, nearest, shortened
from trialdeck.core.system.windows import device_fault
from trialdeck.records.settings import DeckDefinition, DefinitionFile, ProjectFile, SettingsFile, Split, takes_trial
from trialdeck.records.summary import KnownRecord, RecordSummary, present_ids

_ONE = {"topics": "topic", "specialties": "specialty", "perspectives": "perspective", "audiences": "audience"}


def check_settings(files: Sequence[SettingsFile], records: Sequence[KnownRecord]) -> Iterator[Problem]:
    """Yield every problem between the settings files of one project, and between them and its records.

    Of two files that clash, the one that stands later in `files` has the problem.
    """
    problems = list(_check_files(files, records))
    yield from problems
    definitions = [file.definition for file in files if isinstance(file, DefinitionFile) and file.definition]
    # A selection that is wrong in itself, or a record that cannot be read, is the fault to correct first.
    is_sound = not problems and not any(file.problems for file in files) and all(record.outline for record in records)
    if definitions and is_sound:
        yield from _takes_every_trial(definitions, records)


def _check_files(files: Sequence[SettingsFile], records: Sequence[KnownRecord]) -> Iterator[Problem]:
    definitions = [file for file in files if isinstance(file, DefinitionFile)]
    yield from _settings_stand_once([file for file in files if isinstance(file, ProjectFile)])
    yield from _ids_are_unique(definitions)
    outlines = [record.outline for record in records if record.outline]
    for file in files:
        if isinstance(file, ProjectFile) and len(outlines) == len(records):
            yield from _titles_what_exists(file, outlines)
    for file in definitions:
        yield from _can_be_on_windows(file)
        yield from _divides_something(file)
        # What an unreadable record says is unknown: it may be just what a selection names.
        if len(outlines) == len(records):
            yield from _selects_what_exists(file, outlines)


def _settings_stand_once(files: Sequence[ProjectFile]) -> Iterator[Problem]:
    # The first by name counts, `project.yaml` before `project.yml`, whichever of them was asked for.
    ordered = sorted(files, key=lambda file: Path(file.path).name)
    for file in ordered[1:]:
        message = f"the settings of this project stand in {ordered[0].path} already"
        hint = f"move what is needed to {ordered[0].path}, remove this file"
        yield Problem(FileLocation(file.path, 1, 1), "TD304", message, hint)


def _ids_are_unique(files: Sequence[DefinitionFile]) -> Iterator[Problem]:
    first: dict[str, DefinitionFile] = {}
    for file in files:
        if not file.definition or not file.document or not file.definition.id:
            continue
        earlier = first.setdefault(file.definition.id, file)
        if earlier is not file:
            message = f"the deck id '{shortened(file.definition.id)}' is taken by {earlier.path}"
            hint = "give one of the two decks another id: it names the package files"
            yield file.document.problem("TD301", file.document.spot("id"), message, hint)


def _can_be_on_windows(file: DefinitionFile) -> Iterator[Problem]:
    definition, document = file.definition, file.document
    if definition and document and (fault := device_fault(definition.id)):
        yield document.problem("TD426", document.spot("id"), fault, "use a longer id: it names the package files")


def _divides_something(file: DefinitionFile) -> Iterator[Problem]:
    definition, document = file.definition, file.document
    if definition and document and definition.split is definition.subdecks is not Split.NONE:
        by = definition.split
        other = Split.TRIAL if by is Split.PERSPECTIVE else Split.PERSPECTIVE
        message = f"each package holds one {by} only; sub-decks by {by} divide nothing"
        hint = f"write `subdecks: {other}` or `subdecks: none`, or divide the packages by something else"
        yield document.problem("TD303", document.spot("subdecks"), message, hint)


def _selects_what_exists(file: DefinitionFile, trials: Sequence[RecordSummary]) -> Iterator[Problem]:
    if not file.definition or not file.document:
        return
    ids = [trial.id for trial in trials if trial.id]
    renamed = present_ids(trials)
    for spot, name in _selected(file, "trials", ids):
        hint = f"it is called '{renamed[name]}' now" if name in renamed else _hint("trials", name, ids)
        yield file.document.problem("TD302", spot, f"there is no record of a trial '{shortened(name)}'", hint)
    for part, known in _words(trials).items():
        for spot, name in _selected(file, part, known):
            message = f"no record has the {_ONE[part]} '{shortened(name)}'"
            yield file.document.problem("TD406", spot, message, _hint(part, name, known))


def _titles_what_exists(file: ProjectFile, trials: Sequence[RecordSummary]) -> Iterator[Problem]:
    known = _words(trials)["topics"]
    for topic in file.settings.topics if file.settings and file.document else ():
        if topic not in known:
            assert file.document
            message = f"no record has the topic '{shortened(topic)}', so nothing shows its title"
            yield file.document.problem(
                "TD406", file.document.key_spot("topics", topic), message, _hint("topics", topic, known)
            )


def _takes_every_trial(definitions: Sequence[DeckDefinition], records: Sequence[KnownRecord]) -> Iterator[Problem]:
    for record in records:
        outline = record.outline
        if outline and outline.id and not any(takes_trial(definition.select, outline) for definition in definitions):
            words = [f"topic {topic}" for topic in outline.topics] or ["no topic"]
            message = f"no deck takes this trial ({', '.join(words)}), so learners will not get it"
            hint = "give it a topic that a deck selects, or name its id under `select: {trials: […]}` of a deck"
            yield record.document.problem("TD410", record.document.spot("id"), message, hint)


def _selected(file: DefinitionFile, part: str, known: Iterable[str]) -> Iterator[tuple[Location, str]]:
    """Yield the unknown names in a part of the selection, with locations, unless the schema complains of them."""
    assert file.document is not None
    faulty = {(problem.line, problem.column) for problem in file.problems}
    select = file.document.data.get("select")
    names = select.get(part) if isinstance(select, dict) else None
    for index, name in enumerate(names if isinstance(names, list) else ()):
        spot = file.document.spot("select", part, index)
        if isinstance(name, str) and name not in known and (spot.line, spot.column) not in faulty:
            yield spot, name


def _words(trials: Iterable[RecordSummary]) -> Mapping[str, Sequence[str]]:
    """Return the topics, specialties, perspectives and audiences of the records, sorted."""
    words: dict[str, set[str]] = {part: set() for part in _ONE}
    for trial in trials:
        for part, names in words.items():
            names.update(getattr(trial, part))
    return {part: sorted(names) for part, names in words.items()}


def _hint(part: str, name: str, known: Sequence[str]) -> str:
    if not known:
        return f"the records of this project have no {part}"
    likely = nearest(name, known)
    question = f"did you mean '{likely}'? " if likely else ""
    return f"{question}{part} of this project: {shortened(', '.join(known), 200)}"
