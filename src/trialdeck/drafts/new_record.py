"""Begin a new record: a commented form, filled with what is known, and a check that its id is free."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any
from unicodedata import category

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.source import bare_doi
from trialdeck.project.check import Call, with_loader
from trialdeck.project.context import BuildOptions
from trialdeck.project.record_loader import problems_of
from trialdeck.records.discovery import survey
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.placeholder import YET_TO_BE_WRITTEN
from trialdeck.records.schema import load_schema, resolved
from trialdeck.records.sections import QUESTIONS, RELATED_TRIALS
from trialdeck.records.summary import RecordSummary
from trialdeck.yamlfile.jsonfile.text import record_json
from trialdeck.yamlfile.writer import WIDTH, Property, write_record

_HEAD = (
    "To be filled in. One # begins an example: take it and the space behind it away, write your own.",
    "Two # begin an explanation. Ids are for ever: learners' notes hang on them. Texts take Markdown.",
    "`trialdeck check` says what is wrong, and `trialdeck schema trial` shows every property.",
)
_MORE: Mapping[str, str] = {
    "key_findings": "A statement under `cloze` is a card that hides what stands in {{c1::…}}.",
    "results": "`p` stands in quotes; a median may be `not reached`. A finding that states these numbers names them: "
    "`results: [relapse-free-survival]`.",
    "questions": f"Perspectives: {', '.join(Perspective)}. The first is begun for you.",
    "related_trials": "The id is that of the other trial's own record, if there is one.",
    "takeaways": f"Audiences: {', '.join(Audience)}; without one it is for everybody.",
    "review": "Once somebody has: {status: reviewed, by: A. Reviewer, on: 2026-09-01}. To dispute it, write "
    "`status: disputed`, and why under `reason`.",
}
_EXAMPLES: Mapping[str, Any] = {
    "acronym": "DAWN-1",
    "source": {
        "citation": "Doe J, et al. Journal of Examples 2026;1:1-9.",
        "doi": "10.1000/dawn",
        "registry": "NCT00000001",
        "url": "https://www.example.org/trials/dawn-1",
    },
    "specialties": ["hematology"],
    "topics": ["example-disease"],
    "tested": "Dawnol, once a day",
    "population": "Adults with example disease, after one prior line",
    "comparator": "Placebo",
    "endpoint": "Relapse-free survival",
    "summary": "In example disease, dawnol delayed relapse by three months.",
    "significance": "Dawnol is the first treatment of example disease that can be taken at home.",
    "history": "Before, example disease was treated by infusion.",
    "key_findings": [
        {
            "id": "relapse",
            "text": "Median relapse-free survival was 12 months with dawnol and 9 months with placebo.",
            "cloze": {"delay": "In DAWN-1, dawnol delayed relapse by {{c1::three months}}, against {{c2::placebo}}."},
        }
    ],
    "design": [{"id": "randomised", "text": "Phase 3, randomised and double-blind: 400 patients."}],
    "limitations": [{"id": "short", "text": "Follow-up was too short to judge survival."}],
    "results": [
        {
            "id": "relapse-free-survival",
            "endpoint": "Relapse-free survival",
            "data_cut": "Primary analysis",
            "measure": "hazard ratio",
            "estimate": 0.74,
            "ci": [0.59, 0.94],
            "ci_level": 95,
            "p": "0.01",
            "unit": "months",
            "arms": [
                {"name": "Dawnol", "n": 200, "median": 12, "percent": 41},
                {"name": "Placebo", "n": 200, "median": 9, "percent": 55},
            ],
        }
    ],
    "questions": [
        {
            "id": "why-it-works",
            "perspective": "mechanism",
            "audience": ["student", "resident"],
            "question": "Why does dawnol work in example disease?",
            "response": "It binds **dawnin**, without which the cells cannot divide.",
            "cloze": {"target": "Dawnol binds {{c1::dawnin}}."},
        }
    ],
    "takeaways": [
        {
            "id": "start-early",
            "audience": ["fellow", "attending"],
            "specialties": ["hematology"],
            "text": "Offer dawnol at the first relapse.",
        }
    ],
}
_RELATED = ("dusk-2", "noon-3")
_ABSENT = ("formerly", "figures", "language", "contributors")
_GIVEN = frozenset({"$schema", "format", "id"})
_LATER = (
    "To withdraw an entry later, keep it and add "
    "`retired: {on: 2026-09-01, reason: Why it was withdrawn.}`: learners who have its card keep the text."
)


class Beginning(msgspec.Struct, frozen=True):
    """What is known of a trial when its record is begun; `title` and `acronym` as the record has them."""

    id: str
    title: str
    acronym: str = ""
    doi: str = ""
    registry: str = ""
    url: str = ""
    specialties: tuple[str, ...] = ()


def beginning(trial_id: str, given: Mapping[str, str]) -> Beginning:
    """Return what is known of a trial, from texts as users type them, by the names of the parts.

    A DOI may be a URL, a registry number may be in lower case, and specialties are one text, separated by commas.
    Raises TrialdeckError if a text holds a control character, a surrogate or an unassigned character.
    """
    texts = {name: _one_line(name, text) for name, text in given.items()}
    return Beginning(
        id=trial_id,
        title=texts.get("title", ""),
        acronym=texts.get("acronym", ""),
        doi=bare_doi(texts.get("doi", "")),
        registry=_registry(texts.get("registry", "")),
        url=texts.get("url", ""),
        specialties=tuple(dict.fromkeys(filter(None, map(str.strip, texts.get("specialties", "").split(","))))),
    )


def _one_line(name: str, text: str) -> str:
    line = " ".join(text.split())
    foreign = next((char for char in line if category(char) in {"Cc", "Cs", "Cn"}), "")
    if foreign:
        raise TrialdeckError(f"the {name} holds a character that is not text: U+{ord(foreign):04X}", "leave it out")
    return line


def _registry(text: str) -> str:
    pattern = load_schema("trial")["$defs"]["source"]["properties"]["registry"]["pattern"]
    number = text.replace(" ", "")
    return number.upper() if re.fullmatch(pattern, number.upper()) else number


def skeleton(begun: Beginning, schema: str | None = None) -> str:
    """Return the YAML text of a record to fill in; `schema` is the path of the schema, relative to the record."""
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    shown = [name for name in load_schema("trial")["properties"] if name not in {*_GIVEN, *_ABSENT}]
    sections = ("".join([_explanation(name), *_section(name, begun)]) for name in shown)
    absent = f"Not here: {', '.join(f'`{name}`' for name in _ABSENT)}; see `trialdeck schema trial`."
    start = head + "".join(map(_as_explanation, _HEAD)) + _yaml("format", 1) + _yaml("id", begun.id)
    return "\n".join([start, *sections, _as_explanation(_LATER) + _as_explanation(absent)])


def _section(name: str, begun: Beginning) -> Iterator[str]:
    match name:
        case "title":
            yield _yaml(name, begun.title)
        case "acronym" | "specialties":
            known = getattr(begun, name)
            yield _yaml(name, list(known) if isinstance(known, tuple) else known) if known else _example(name)
        case "source":
            yield from _source(begun)
        case QUESTIONS.property:
            yield _yaml(name, [_first_question(begun)])
            yield _as_comment(_yaml_below_name(name, _EXAMPLES[name]))
        case RELATED_TRIALS.property:
            other_id = next(trial_id for trial_id in _RELATED if trial_id != begun.id)
            statement = {"tested": "Duskol", "comparator": "Placebo", "endpoint": "Overall survival"}
            yield _as_comment(_yaml(name, [{"id": other_id, "name": other_id.upper(), **statement}]))
        case "review":
            yield _yaml(name, {"status": "unreviewed"})
        case _:
            yield _example(name)


def _source(begun: Beginning) -> Iterator[str]:
    known = {"doi": begun.doi, "registry": begun.registry, "url": begun.url}
    yield "source:\n" if any(known.values()) else "# source:\n"
    for name, example in _EXAMPLES["source"].items():
        value = known.get(name)
        yield (
            _yaml_below_name("source", {name: value})
            if value
            else _as_comment(_yaml_below_name("source", {name: example}))
        )


def _first_question(begun: Beginning) -> dict[str, str]:
    """Return a question that fits any trial: a record without a question makes no card."""
    return {
        "id": "main-finding",
        "perspective": "clinical",
        "question": f"What did {begun.acronym} show?" if begun.acronym else "What did this trial show?",
        "response": YET_TO_BE_WRITTEN,
    }


def _described(name: str) -> Mapping[str, Any]:
    """Return what the schema says of a property."""
    schema = load_schema("trial")
    return resolved(schema["properties"][name], schema)


def _explanation(name: str) -> str:
    return _as_explanation(_described(name)["description"]) + (_as_explanation(_MORE[name]) if name in _MORE else "")


def _example(name: str) -> str:
    return _as_comment(_yaml(name, _EXAMPLES[name] if name in _EXAMPLES else _described(name)["examples"][0]))


def _yaml(name: str, value: Any) -> str:
    return write_record([Property(name, value)], ())


def _yaml_below_name(name: str, value: Any) -> str:
    """Return the YAML of a property without the line of its name."""
    return _yaml(name, value).partition("\n")[2]


def _as_comment(text: str) -> str:
    return "".join(f"# {line}" for line in text.splitlines(keepends=True))


def _as_explanation(text: str) -> str:
    return "".join(f"## {line}\n" for line in wrap(text, WIDTH - 3, break_long_words=False, break_on_hyphens=False))


def json_skeleton(begun: Beginning, schema: str | None = None) -> str:
    """Return the JSON text of a record to fill in: JSON has no comments, so it holds what is known and a question."""
    source = {"doi": begun.doi, "registry": begun.registry, "url": begun.url}
    known = {
        "$schema": schema,
        "format": 1,
        "id": begun.id,
        "acronym": begun.acronym,
        "title": begun.title,
        "source": {name: text for name, text in source.items() if text},
        "specialties": list(begun.specialties),
        "questions": [_first_question(begun)],
        "review": {"status": "unreviewed"},
    }
    return record_json({name: value for name, value in known.items() if value})


def start(begun: Beginning, schema: str | None = None, ending: str = "") -> str:
    """Return the text of a record to fill in, JSON where its file has the ending `.json`.

    Raises TrialdeckError if what was given is at fault.
    """
    text = json_skeleton(begun, schema) if ending else skeleton(begun, schema)
    problems = problems_of(load_record_text(text.encode(), ending))
    # The first response is the author's to write, and an error until then.
    errors = [problem for problem in problems if problem.severity is Severity.ERROR and problem.code != "TD222"]
    if errors:
        hints = dict.fromkeys(problem.hint for problem in errors if problem.hint)
        raise TrialdeckError("; ".join(problem.message for problem in errors), "; ".join(hints))
    return text


def refuse_taken(trial_id: str, seeds: Path, own: Path, options: BuildOptions) -> None:
    """Refuse an id that another record of a folder has or had.

    Args:
        trial_id: The id of the new record.
        seeds: The folder of the records.
        own: The file of the new record, which does not count.
        options: The build options, for reading the records.

    Raises:
        TrialdeckError: Another record has this id, or had it earlier.
    """
    if not survey([seeds]).records:
        return
    call = Call.of([seeds])
    own_path = os.path.realpath(own)
    records = with_loader(options, call, lambda loader: loader.read(call.files.records))
    for record in records:
        if record.outline and record.place.real != own_path:
            _refuse_id_of(trial_id, record.outline, record.path)


def _refuse_id_of(trial_id: str, outline: RecordSummary, path: str) -> None:
    if trial_id == outline.id:
        raise TrialdeckError(f"the id '{trial_id}' is taken by {path}", "choose another id, or go on with that record")
    if trial_id in outline.formerly:
        message = f"'{trial_id}' is an earlier id of {path}"
        raise TrialdeckError(message, "choose another id: learners have notes under this one")
