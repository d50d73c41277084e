"""The settings in a project's `decks` folder: project settings and deck definitions."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.core.problem import Problem
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.schema import typed
from trialdeck.records.summary import RecordSummary, folded
from trialdeck.records.validation.schema_errors import validate
from trialdeck.yamlfile.document import Document, parse_document, read_document
from trialdeck.yamlfile.tree import choice_of, choices_of, mapping_of, text_of, texts_of

PROJECT = "project"
"""The name of the file with the project's settings, without its ending."""


class Split(StrEnum):
    """By what a deck is divided into packages, or a package into sub-decks."""

    TRIAL = "trial"
    PERSPECTIVE = "perspective"
    NONE = "none"


class Order(StrEnum):
    """In which order new cards come.

    As somebody new to the trials learns them (`trialdeck.notes.study_order`); trial by trial; one of each trial in
    turn; mixed, the same in every build; or own takeaways first, then the rest as in `study`.
    """

    STUDY = "study"
    RECORD = "record"
    INTERLEAVED = "interleaved"
    SHUFFLED = "shuffled"
    TAKEAWAYS = "takeaways"


class ProjectSettings(msgspec.Struct, frozen=True):
    """What all decks of a project have in common; `license` is Markdown, `report` a web or mail address.

    `allow` has the codes of changes that a build of the project does not refuse (`trialdeck.editions.risks`). `topics`
    are the titles of topics, in plain words, by topic. `moved_to` is the address of the site that replaces this one.
    """

    root: str = "Landmark Trials"
    edition: str = ""
    license: str = ""
    authors: tuple[str, ...] = ()
    homepage: str = ""
    report: str = ""
    moved_to: str = ""
    allow: tuple[str, ...] = ()
    topics: Mapping[str, str] = msgspec.field(default_factory=dict)


class Selected(msgspec.Struct, frozen=True):
    """What a deck takes; an empty part takes everything. `trials` are ids, and topics and specialties are slugs."""

    trials: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    perspectives: tuple[Perspective, ...] = ()
    audiences: tuple[Audience, ...] = ()
    reviewed_only: bool = False


class DeckDefinition(msgspec.Struct, frozen=True):
    """One deck: what goes into it and how it is divided; `id` names its packages, `description` is Markdown."""

    id: str
    name: str
    description: str = ""
    select: Selected = msgspec.field(default_factory=Selected)
    split: Split = Split.NONE
    subdecks: Split = Split.TRIAL
    order: Order = Order.STUDY


def takes_trial(select: Selected, trial: RecordSummary) -> bool:
    """Tell whether a deck takes notes from the record of this trial."""
    on_topic = not select.topics or any(topic in select.topics for topic in trial.topics)
    return on_topic and (not select.trials or trial.id in select.trials)


class ProjectFile(msgspec.Struct, frozen=True):
    """A file of project settings: its document, what it says, and what the schema and the YAML reader found wrong."""

    path: str
    document: Document | None
    settings: ProjectSettings | None
    problems: tuple[Problem, ...]


class DefinitionFile(msgspec.Struct, frozen=True):
    """A file that defines a deck: its document, the definition, and what the schema and the YAML reader found wrong."""

    path: str
    document: Document | None
    definition: DeckDefinition | None
    problems: tuple[Problem, ...]


SettingsFile = ProjectFile | DefinitionFile
"""Either kind of file in the folder `decks`."""


def settings_of(file: SettingsFile) -> ProjectSettings | DeckDefinition | None:
    """Return what a settings file says."""
    return file.settings if isinstance(file, ProjectFile) else file.definition


def load_settings_file(path: Path, shown: str) -> SettingsFile:
    """Load one settings file; `shown` is the path as problems name it."""
    return _settings_file(shown, *read_document(path, shown))


def load_settings_text(content: bytes, shown: str) -> SettingsFile:
    """Load a settings file from its bytes; the name in `shown` tells which kind it is."""
    return _settings_file(shown, *parse_document(content, shown))


def _settings_file(shown: str, document: Document | None, problems: tuple[Problem, ...]) -> SettingsFile:
    of_project = Path(shown).stem == PROJECT
    if document is None:
        return ProjectFile(shown, None, None, problems) if of_project else DefinitionFile(shown, None, None, problems)
    schema = "project" if of_project else "deck"
    data = typed(document.data, schema)
    faults = tuple(sorted({*problems, *validate(document, data, schema)}))
    data = data if isinstance(data, dict) else None
    if of_project:
        return ProjectFile(shown, document, None if data is None else build_settings(data), faults)
    return DefinitionFile(shown, document, None if data is None else build_definition(data), faults)


def build_settings(data: dict[str, Any]) -> ProjectSettings:
    """Build project settings from typed data; parts of a wrong kind count as absent."""
    return ProjectSettings(
        root=text_of(data, "root") or ProjectSettings().root,
        edition=text_of(data, "edition"),
        license=text_of(data, "license").strip(),
        authors=texts_of(data, "authors"),
        homepage=text_of(data, "homepage"),
        report=text_of(data, "report"),
        moved_to=text_of(data, "moved_to"),
        allow=texts_of(data, "allow"),
        topics={name: folded(title) for name, title in mapping_of(data, "topics").items() if isinstance(title, str)},
    )


def build_definition(data: dict[str, Any]) -> DeckDefinition:
    """Build a deck definition from typed data; parts of a wrong kind count as absent."""
    split = choice_of(data, "split", Split.NONE)
    return DeckDefinition(
        id=text_of(data, "id"),
        name=text_of(data, "name"),
        description=text_of(data, "description"),
        select=_selected(mapping_of(data, "select")),
        split=split,
        subdecks=choice_of(data, "subdecks", Split.NONE if split is Split.TRIAL else Split.TRIAL),
        order=choice_of(data, "order", Order.STUDY),
    )


def _selected(data: dict[str, Any]) -> Selected:
    return Selected(
        trials=texts_of(data, "trials"),
        topics=texts_of(data, "topics"),
        specialties=texts_of(data, "specialties"),
        perspectives=choices_of(data, "perspectives", Perspective),
        audiences=choices_of(data, "audiences", Audience),
        reviewed_only=data.get("reviewed_only") is True,
    )
