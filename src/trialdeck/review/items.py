"""What a reviewer looks at: an entry of a record with its texts, its source, and what was said of it before."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from trialdeck.core.serialise import digest
from trialdeck.core.text import is_blank
from trialdeck.lint.provenance import guideline_claim
from trialdeck.markdown.cloze import bracketed
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_cloze
from trialdeck.notes.footer import review_html
from trialdeck.records.editing.values import schema_at
from trialdeck.records.entries import current
from trialdeck.records.model import STATEMENT_PARTS, Arm, Item, Question, Result, Source, Takeaway, Trial
from trialdeck.records.results.analysis import decision_words, setting_words
from trialdeck.records.results.arm_values import mean_label, mean_words, median_words, rate_words, share_words
from trialdeck.records.results.effect import HYPOTHESES, estimate_of, measure_of, unit_words
from trialdeck.records.review import Reviewable
from trialdeck.records.sections import RELATED_TRIALS, TEXT_SECTIONS
from trialdeck.yamlfile.document import DataPath, Document
from trialdeck.yamlfile.edit import value_at

ReviewStatus = Literal["unreviewed", "stale", "disputed", "reviewed"]
"""What is known of an entry; `stale`: it was reviewed too long ago, or has changed since."""

_REGISTRY = "https://clinicaltrials.gov/study/"
_OWN_TEXTS = (*(section.property for section in TEXT_SECTIONS), *STATEMENT_PARTS)
_NOT_CORRECTED = frozenset(
    [
        "id",
        "perspective",
        "audience",
        "specialties",
        "card",
        "core",
        "formerly",
        "source",
        "review",
        "results",
        "figures",
        "guid",
        "retired",
        "outcome",
        "analysis",
        "hypothesis",
        "between",
        "measure",
        "rate_unit",
    ]
)
"""The properties of an entry that a reviewer does not compare with the source, or that are chosen from a list."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A line of an entry as plain text; some have no label."""

    label: str
    text: str

    def __str__(self) -> str:
        """Return the line with its label."""
        return f"{self.label}: {self.text}" if self.label else self.text


@dataclass(frozen=True, slots=True)
class ReviewText:
    """A text or number that a reviewer may correct: its path in the record, what it is called, and how it stands there.

    Texts are Markdown.
    """

    path: tuple[str | int, ...]
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ReviewSource:
    """Where an entry comes from: its citation as plain text, addresses to look at, and both in one line."""

    citation: str
    links: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An entry of a record, or all else that the record says, as a reviewer sees it.

    `file` is the record, `entry` the path of the entry, empty for the record; `trial` is what its trial is called.
    `status` is what is known of it, by whom since when (`by`, `on`); `reason` says in Markdown why somebody disputes
    it. `earlier` says in words why an earlier review no longer holds, or that somebody disputes it. `claim` is a
    guideline claim in the texts, which needs a day as of which it is true. All of these may be empty. `day` is the day
    on which `status` holds. `seen` stands for what the entry says now: `sign_review` refuses to sign another text.
    """

    file: str
    entry: tuple[str | int, ...]
    trial: str
    title: str
    perspective: str
    lines: tuple[ReviewLine, ...]
    texts: tuple[ReviewText, ...]
    source: ReviewSource
    status: ReviewStatus
    by: str
    on: str
    reason: str
    earlier: str
    claim: str
    day: str
    seen: str


def item_of(trial: Trial, document: Document, reviewable: Reviewable, outdated: str, today: date) -> ReviewItem:
    """Return an entry as a reviewer sees it.

    Args:
        trial: The trial of the record.
        document: Its document.
        reviewable: The entry, or the record itself.
        outdated: Why its review no longer holds; empty if it does, or there is none.
        today: The day of the review.
    """
    review, entry = reviewable.review, reviewable.entry
    lines = tuple(_lines(trial, reviewable))
    status: ReviewStatus = "stale" if outdated else "disputed" if review.is_disputed else "unreviewed"
    return ReviewItem(
        file=document.path,
        entry=reviewable.path,
        trial=trial.name,
        title=reviewable.slug.replace("/", ": ") if reviewable.slug else "the record's own texts",
        perspective=reviewable.perspective,
        lines=lines,
        texts=tuple(texts_of(document.data, reviewable.path)),
        source=_source((entry.source if entry else None) or trial.source),
        status="reviewed" if review.is_reviewed and not outdated else status,
        by=review.by,
        on=review.on,
        reason=review.reason,
        earlier=outdated or _dispute(reviewable),
        claim=guideline_claim(" ".join(map(str, lines))),
        day=today.isoformat(),
        seen=seen_of(document.data, reviewable.path),
    )


def seen_of(data: Mapping[str, Any], path: DataPath) -> str:
    """Return a digest of what an entry says and of its source, or of the record itself outside of its entries."""
    own = (*_OWN_TEXTS, RELATED_TRIALS.property)
    said = value_at(data, path) if path else {name: data.get(name) for name in own}
    without_review = {name: part for name, part in said.items() if name != "review"}
    return digest(json.dumps([without_review, data.get("source")], sort_keys=True).encode()).hex()


def texts_of(data: Mapping[str, Any], path: DataPath) -> Iterator[ReviewText]:
    """Yield the texts and numbers of an entry, or of the record itself, in the order of the schema."""
    if path:
        yield from _texts(value_at(data, path), path, ())
        return
    for name in _OWN_TEXTS:
        yield from _texts(data.get(name), (name,), (_label((name,)),))
    for index, related in enumerate(data.get(RELATED_TRIALS.property) or ()):
        if "retired" not in related:
            parts = {name: related.get(name) for name in STATEMENT_PARTS}
            yield from _texts(parts, (RELATED_TRIALS.property, index), (str(related.get("name", "")),))


def _texts(value: Any, path: DataPath, labels: tuple[str, ...]) -> Iterator[ReviewText]:
    if isinstance(value, Mapping):
        names = [name for name in schema_at(path).get("properties", value) if name in value]
        for name in names if path[-1] != "cloze" else value:
            if name not in _NOT_CORRECTED or len(path) > 2:
                called = (name if path[-1] == "cloze" else _label((*path, name)),)
                yield from _texts(value[name], (*path, name), (*labels, *called))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            named = part.get("name") if isinstance(part, Mapping) else None
            yield from _texts(part, (*path, index), (*labels, str(named or index + 1)))
    elif value is not None:
        yield ReviewText(path, " › ".join(labels), str(value))


def _label(path: DataPath) -> str:
    """Return what the schema calls a property."""
    return str(schema_at(path).get("title") or path[-1])


def _dispute(reviewable: Reviewable) -> str:
    """Return who disputes an entry, when and why; empty if nobody does."""
    return readable(review_html(reviewable.review)) if reviewable.review.is_disputed else ""


def _lines(trial: Trial, reviewable: Reviewable) -> Iterator[ReviewLine]:
    entry = reviewable.entry
    if isinstance(entry, Question):
        yield _line("Question", entry.question)
        yield _line("Response", entry.response)
    elif isinstance(entry, (Item, Takeaway)):
        yield _line("Text", entry.text)
    elif isinstance(entry, Result):
        yield from _lines_of_result(entry)
    else:
        yield from _lines_of_record(trial)
    for cloze in getattr(entry, "cloze", ()):
        yield ReviewLine("Statement", readable(bracketed(render_cloze(cloze.text))))


def _lines_of_record(trial: Trial) -> Iterator[ReviewLine]:
    for section in TEXT_SECTIONS:
        if not is_blank(text := getattr(trial, section.property)):
            yield _line(section.heading, text)
    for name in STATEMENT_PARTS:
        if not is_blank(text := getattr(trial.statement, name)):
            yield _line(name.capitalize(), text)
    for related in current(trial.related_trials):
        statement = "; ".join(filter(None, (getattr(related.statement, name) for name in STATEMENT_PARTS)))
        yield _line("Related", f"{related.name}: {statement}")


def _lines_of_result(result: Result) -> Iterator[ReviewLine]:
    yield _line("Endpoint", result.endpoint)
    if setting := setting_words(result):
        yield ReviewLine("", setting)
    if result.estimate is not None or result.ci:
        interval = f", CI {result.ci[0]} to {result.ci[1]}" if result.ci else ""
        level = f" ({result.ci_level} %)" if result.ci and result.ci_level is not None else ""
        between = f" ({' against '.join(result.between)})" if result.between else ""
        estimate = f"{estimate_of(result)}{interval}{level}{unit_words(result)}"
        yield ReviewLine(f"{measure_of(result)}{between}", estimate)
    if result.p:
        hypothesis = f" for {HYPOTHESES[result.hypothesis]}" if result.hypothesis in HYPOTHESES else ""
        yield ReviewLine("P", f"{result.p}{hypothesis}")
    if decision := decision_words(result):
        yield ReviewLine("", decision)
    for arm in result.arms:
        yield ReviewLine(arm.name, ", ".join(filter(None, _parts_of(arm, result))))


def _parts_of(arm: Arm, result: Result) -> Iterator[str]:
    median, mean, rate = median_words(arm, result), mean_words(arm, result), rate_words(arm, result)
    yield f"n = {arm.n}" if arm.n else ""
    yield median and f"median {median}"
    yield mean and f"{mean_label(result).lower()} {mean}"
    yield rate and f"rate {rate}"
    yield share_words(arm, result)


def _source(source: Source) -> ReviewSource:
    citation, doi = _plain(source.citation).rstrip("."), source.doi and f"https://doi.org/{source.doi}"
    registry = f"{_REGISTRY}{source.registry}" if source.registry.startswith("NCT") else ""
    links = tuple(filter(None, (doi, registry, source.url)))
    words = "; ".join(filter(None, (citation, doi, source.registry, source.url)))
    return ReviewSource(citation, links, words or "none stated")


def _line(label: str, markdown: str) -> ReviewLine:
    return ReviewLine(label, _plain(markdown))


def _plain(markdown: str) -> str:
    return readable(render(markdown))
