"""Load a record: parse it, validate it, and build the `Trial`.

The builders forgive: what the schema has already complained about becomes empty, so that the rules can still look at
everything else and one run reports every fault.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from trialdeck.core.problem import FileLocation, Problem
from trialdeck.records.media.figures import with_media
from trialdeck.records.media.files import MediaCache
from trialdeck.records.model import (
    STATEMENT_PARTS,
    Arm,
    Audience,
    Cloze,
    Contributor,
    Figure,
    Item,
    Question,
    RelatedTrial,
    Result,
    Retirement,
    Review,
    Source,
    Statement,
    Takeaway,
    Trial,
)
from trialdeck.records.schema import typed
from trialdeck.records.sections import (
    LIST_SECTIONS,
    QUESTIONS,
    RELATED_TRIALS,
    RESULTS,
    TAKEAWAYS,
    TEXT_SECTIONS,
    Section,
)
from trialdeck.records.validation.other_json import other_data, other_json
from trialdeck.records.validation.schema_errors import validate
from trialdeck.yamlfile.document import Document, parse_document, read_content
from trialdeck.yamlfile.tree import choice_of, choices_of, flag_of, list_of, mappings_of, number_of, text_of, texts_of

_LANGUAGE = re.compile("[A-Za-z0-9-]{2,35}")


class Record(msgspec.Struct, frozen=True):
    """One file: its document, the trial in it, and what the schema and the YAML reader found wrong."""

    path: str
    document: Document | None
    trial: Trial | None
    problems: tuple[Problem, ...]


def load_record(path: Path, shown: str, cache: MediaCache | None = None) -> Record:
    """Load one record and its figures; `shown` is the path as problems name it, `cache` has the media read so far."""
    try:
        content = read_content(path)
    except OSError as error:
        fault = Problem(FileLocation(shown, 1, 1), "TD100", f"cannot read the file: {error.strerror}")
        return Record(shown, None, None, (fault,))
    return load_record_text(content, shown, path.parent, cache)


def load_record_text(content: bytes, shown: str, folder: Path | None = None, cache: MediaCache | None = None) -> Record:
    """Load a record from its bytes.

    Args:
        content: The bytes of the file.
        shown: The path as problems name it.
        folder: The folder of its figures; without one they are not read.
        cache: The media that have been read so far.

    Returns:
        The record, with its problems.

    """
    other = other_json(content, shown)
    document, problems = (None, (other,)) if other else parse_document(content, shown)
    return record_of(shown, document, problems, folder, cache)


def record_of(
    shown: str,
    document: Document | None,
    problems: tuple[Problem, ...],
    folder: Path | None = None,
    cache: MediaCache | None = None,
) -> Record:
    """Load a record from a document that has been read; see `load_record_text`."""
    record = _record(shown, document, problems)
    return _with_media(record, folder, cache or MediaCache()) if folder else record


def _with_media(record: Record, folder: Path, cache: MediaCache) -> Record:
    if not record.trial or not record.document:
        return record
    trial, faults = with_media(record.trial, record.document, folder, cache)
    return replace(record, trial=trial, problems=tuple(sorted({*record.problems, *faults})))


def _record(shown: str, document: Document | None, problems: tuple[Problem, ...]) -> Record:
    if document is None:
        return Record(shown, None, None, problems)
    if other := other_data(document):
        return Record(shown, None, None, (other,))
    data = typed(document.data, "trial")
    faults = tuple(sorted({*problems, *validate(document, data, "trial")}))
    trial = build_trial(data) if isinstance(data, dict) else None
    return Record(shown, document, trial, faults)


def build_trial(data: dict[str, Any]) -> Trial:
    """Build a trial from typed data; parts of a wrong kind become empty."""
    sections: dict[str, Any] = {section.property: text_of(data, section.property) for section in TEXT_SECTIONS}
    sections |= {section.property: _items(data, section) for section in LIST_SECTIONS}
    return Trial(
        id=text_of(data, "id"),
        title=text_of(data, "title"),
        acronym=text_of(data, "acronym"),
        formerly=texts_of(data, "formerly"),
        source=_source(data) or Source(),
        specialties=texts_of(data, "specialties"),
        topics=texts_of(data, "topics"),
        statement=_statement(data),
        core=data.get("core") is True,
        cards=texts_of(data, "cards"),
        figures=_figures(data),
        results=tuple(_result(entry) for entry in mappings_of(data, RESULTS.property)),
        questions=tuple(_question(entry) for entry in mappings_of(data, QUESTIONS.property)),
        related_trials=tuple(_related(entry) for entry in mappings_of(data, RELATED_TRIALS.property)),
        takeaways=tuple(_takeaway(entry) for entry in mappings_of(data, TAKEAWAYS.property)),
        review=_review(data) or Review(),
        language=_language(data),
        contributors=tuple(
            Contributor(*(text_of(entry, name) for name in ("name", "for", "on")))
            for entry in mappings_of(data, "contributors")
        ),
        **sections,
    )


def _language(data: dict[str, Any]) -> str:
    """Return the language of a record; empty if it is not valid, because it becomes an attribute of HTML."""
    tag = text_of(data, "language")
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _source(data: dict[str, Any]) -> Source | None:
    value = data.get("source")
    if not isinstance(value, dict):
        return None
    return Source(**{name: text_of(value, name) for name in ("citation", "doi", "registry", "url")})


def _review(data: dict[str, Any]) -> Review | None:
    value = data.get("review")
    if not isinstance(value, dict):
        return None
    status = text_of(value, "status") or "unreviewed"
    return Review(status, *(text_of(value, name) for name in ("by", "on", "as_of", "reason")))


def _retired(data: dict[str, Any]) -> Retirement | None:
    value = data.get("retired")
    if not isinstance(value, dict):
        return None
    return Retirement(text_of(value, "on"), text_of(value, "reason"), text_of(value, "instead"))


def _cloze(data: dict[str, Any]) -> tuple[Cloze, ...]:
    value = data.get("cloze")
    return tuple(Cloze(key, text_of(value, key)) for key in value) if isinstance(value, dict) else ()


def _figures(data: dict[str, Any]) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            file=text_of(entry, "file"),
            alt=text_of(entry, "alt"),
            license=text_of(entry, "license"),
            caption=text_of(entry, "caption"),
            credit=text_of(entry, "credit"),
        )
        for entry in mappings_of(data, "figures")
    )


def _shared(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": text_of(data, "id"),
        "audience": choices_of(data, "audience", Audience),
        "card": flag_of(data, "card"),
        "core": data.get("core") is True,
        "formerly": texts_of(data, "formerly"),
        "source": _source(data),
        "review": _review(data),
        "retired": _retired(data),
    }


def _items(data: dict[str, Any], section: Section) -> tuple[Item, ...]:
    return tuple(
        Item(
            text=text_of(entry, "text"),
            perspective=choice_of(entry, "perspective", section.perspective),
            cloze=_cloze(entry),
            results=texts_of(entry, "results"),
            figures=_figures(entry),
            **_shared(entry),
        )
        for entry in mappings_of(data, section.property)
    )


def _question(data: dict[str, Any]) -> Question:
    return Question(
        perspective=choice_of(data, "perspective", QUESTIONS.perspective),
        question=text_of(data, "question"),
        response=text_of(data, "response"),
        cloze=_cloze(data),
        results=texts_of(data, "results"),
        figures=_figures(data),
        guid=text_of(data, "guid"),
        **_shared(data),
    )


def _result(data: dict[str, Any]) -> Result:
    return Result(
        endpoint=text_of(data, "endpoint"),
        perspective=choice_of(data, "perspective", RESULTS.perspective),
        data_cut=text_of(data, "data_cut"),
        measure=text_of(data, "measure"),
        estimate=number_of(data, "estimate"),
        ci=_interval(data),
        ci_level=number_of(data, "ci_level"),
        p=text_of(data, "p"),
        unit=text_of(data, "unit"),
        arms=tuple(_arm(entry) for entry in mappings_of(data, "arms")),
        figures=_figures(data),
        outcome=text_of(data, "outcome"),
        analysis=text_of(data, "analysis"),
        timepoint=text_of(data, "timepoint"),
        population=text_of(data, "population"),
        between=texts_of(data, "between"),
        hypothesis=text_of(data, "hypothesis"),
        margin=number_of(data, "margin"),
        method=text_of(data, "method"),
        **_shared(data),
    )


def _interval(data: dict[str, Any]) -> tuple[Decimal, Decimal] | None:
    bounds = [Decimal(value) for value in list_of(data, "ci") if isinstance(value, (int, Decimal))]
    return (bounds[0], bounds[1]) if len(bounds) == 2 else None


def _arm_interval(data: dict[str, Any]) -> tuple[Decimal | None, Decimal | None] | None:
    """Return the bounds of an arm's interval; one that was not reached is None."""
    bounds = [None if value == "not reached" else value for value in list_of(data, "ci")]
    numbers = [Decimal(value) if isinstance(value, (int, Decimal)) else None for value in bounds]
    is_whole = len(bounds) == 2 and all(value is None or isinstance(value, (int, Decimal)) for value in bounds)
    return (numbers[0], numbers[1]) if is_whole else None


def _count(data: dict[str, Any], key: str) -> int | None:
    count = data.get(key)
    return count if isinstance(count, int) else None


def _arm(data: dict[str, Any]) -> Arm:
    return Arm(
        name=text_of(data, "name"),
        n=_count(data, "n"),
        events=_count(data, "events"),
        median=number_of(data, "median"),
        median_reached=data.get("median") != "not reached",
        percent=number_of(data, "percent"),
        mean=number_of(data, "mean"),
        sd=number_of(data, "sd"),
        se=number_of(data, "se"),
        rate=number_of(data, "rate"),
        rate_unit=text_of(data, "rate_unit"),
        ci=_arm_interval(data),
        ci_level=number_of(data, "ci_level"),
    )


def _statement(data: dict[str, Any]) -> Statement:
    return Statement(*(text_of(data, name) for name in STATEMENT_PARTS))


def _related(data: dict[str, Any]) -> RelatedTrial:
    return RelatedTrial(text_of(data, "id"), text_of(data, "name"), _statement(data), _retired(data))


def _takeaway(data: dict[str, Any]) -> Takeaway:
    return Takeaway(
        text=text_of(data, "text"),
        perspective=choice_of(data, "perspective", TAKEAWAYS.perspective),
        specialties=texts_of(data, "specialties"),
        **_shared(data),
    )
