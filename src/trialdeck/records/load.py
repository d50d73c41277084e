"""From a file to a trial: read, hold against the schema, and build the model.

The builders forgive: what the schema has already complained about becomes empty, so that the rules can still look at
everything else and one run reports every fault.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from trialdeck.records.document import Document, parse_document, read_document
from trialdeck.records.model import (
    Arm,
    Audience,
    Cloze,
    Item,
    Perspective,
    Question,
    RelatedTrial,
    Result,
    Review,
    Source,
    Statement,
    Takeaway,
    Trial,
)
from trialdeck.records.problem import Problem
from trialdeck.records.schema import typed, validate
from trialdeck.records.sections import LIST_SECTIONS

_Choice = TypeVar("_Choice", Perspective, Audience)


@dataclass(frozen=True, slots=True)
class Record:
    """One file: its document, the trial in it, and what the schema and the YAML reader found wrong."""

    path: str
    document: Document | None
    trial: Trial | None
    problems: tuple[Problem, ...]


def load_record(path: Path, shown: str) -> Record:
    """Load one record; `shown` is the path as problems name it."""
    return _record(shown, *read_document(path, shown))


def load_record_text(content: bytes, shown: str) -> Record:
    """Load a record from its bytes."""
    return _record(shown, *parse_document(content, shown))


def _record(shown: str, document: Document | None, problems: tuple[Problem, ...]) -> Record:
    if document is None:
        return Record(shown, None, None, problems)
    data = typed(document.data, "trial")
    faults = tuple(sorted({*problems, *validate(document, data, "trial")}))
    trial = build_trial(data) if isinstance(data, dict) else None
    return Record(shown, document, trial, faults)


def build_trial(data: dict[str, Any]) -> Trial:
    """Build a trial from typed data; parts of a wrong kind become empty."""
    sections = {section.property: _items(data, section.property, section.perspective) for section in LIST_SECTIONS}
    return Trial(
        id=_text(data, "id"),
        title=_text(data, "title"),
        acronym=_text(data, "acronym"),
        formerly=_texts(data, "formerly"),
        source=_source(data) or Source(),
        specialties=_texts(data, "specialties"),
        topics=_texts(data, "topics"),
        statement=_statement(data),
        summary=_text(data, "summary"),
        significance=_text(data, "significance"),
        history=_text(data, "history"),
        results=tuple(_result(entry) for entry in _mappings(data, "results")),
        questions=tuple(_question(entry) for entry in _mappings(data, "questions")),
        related_trials=tuple(_related(entry) for entry in _mappings(data, "related_trials")),
        takeaways=tuple(_takeaway(entry) for entry in _mappings(data, "takeaways")),
        review=_review(data) or Review(),
        **sections,
    )


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _texts(data: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(value for value in _list(data, key) if isinstance(value, str))


def _mappings(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    # An entry of a wrong kind keeps its place, so that the places of the others still hold.
    return [value if isinstance(value, dict) else {} for value in _list(data, key)]


def _number(data: dict[str, Any], key: str) -> Decimal | None:
    value = data.get(key)
    return Decimal(value) if isinstance(value, (int, Decimal)) else None


def _choices(data: dict[str, Any], key: str, kind: type[_Choice]) -> tuple[_Choice, ...]:
    return tuple(kind(value) for value in _texts(data, key) if value in set(kind))


def _perspective(data: dict[str, Any], default: Perspective) -> Perspective:
    value = _text(data, "perspective")
    return Perspective(value) if value in set(Perspective) else default


def _source(data: dict[str, Any]) -> Source | None:
    value = data.get("source")
    if not isinstance(value, dict):
        return None
    return Source(**{name: _text(value, name) for name in ("citation", "doi", "registry", "url")})


def _review(data: dict[str, Any]) -> Review | None:
    value = data.get("review")
    if not isinstance(value, dict):
        return None
    status = _text(value, "status") or "unreviewed"
    return Review(status, _text(value, "by"), _text(value, "on"), _text(value, "as_of"))


def _cloze(data: dict[str, Any]) -> tuple[Cloze, ...]:
    value = data.get("cloze")
    return tuple(Cloze(key, _text(value, key)) for key in value) if isinstance(value, dict) else ()


def _shared(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _text(data, "id"),
        "audience": _choices(data, "audience", Audience),
        "formerly": _texts(data, "formerly"),
        "source": _source(data),
        "review": _review(data),
    }


def _items(data: dict[str, Any], section: str, default: Perspective) -> tuple[Item, ...]:
    return tuple(
        Item(
            text=_text(entry, "text"),
            perspective=_perspective(entry, default),
            cloze=_cloze(entry),
            results=_texts(entry, "results"),
            **_shared(entry),
        )
        for entry in _mappings(data, section)
    )


def _question(data: dict[str, Any]) -> Question:
    return Question(
        perspective=_perspective(data, Perspective.CLINICAL),
        question=_text(data, "question"),
        response=_text(data, "response"),
        cloze=_cloze(data),
        results=_texts(data, "results"),
        **_shared(data),
    )


def _result(data: dict[str, Any]) -> Result:
    bounds = [Decimal(value) for value in _list(data, "ci") if isinstance(value, (int, Decimal))]
    return Result(
        endpoint=_text(data, "endpoint"),
        perspective=_perspective(data, Perspective.CLINICAL),
        data_cut=_text(data, "data_cut"),
        measure=_text(data, "measure"),
        estimate=_number(data, "estimate"),
        ci=(bounds[0], bounds[1]) if len(bounds) == 2 else None,
        ci_level=_number(data, "ci_level"),
        p=_text(data, "p"),
        unit=_text(data, "unit"),
        arms=tuple(_arm(entry) for entry in _mappings(data, "arms")),
        **_shared(data),
    )


def _arm(data: dict[str, Any]) -> Arm:
    n = data.get("n")
    return Arm(
        name=_text(data, "name"),
        n=n if isinstance(n, int) else None,
        median=_number(data, "median"),
        median_reached=data.get("median") != "not reached",
        percent=_number(data, "percent"),
    )


def _statement(data: dict[str, Any]) -> Statement:
    return Statement(*(_text(data, name) for name in ("tested", "population", "comparator", "endpoint")))


def _related(data: dict[str, Any]) -> RelatedTrial:
    return RelatedTrial(_text(data, "id"), _text(data, "name"), _statement(data))


def _takeaway(data: dict[str, Any]) -> Takeaway:
    return Takeaway(
        text=_text(data, "text"),
        perspective=_perspective(data, Perspective.CLINICAL),
        specialties=_texts(data, "specialties"),
        **_shared(data),
    )
