"""A review session: sign or dispute one entry after the other, in place."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.problem import Severity
from trialdeck.core.safe_paths import refuse_outside
from trialdeck.core.text import is_blank
from trialdeck.core.transactions import locked
from trialdeck.lint.provenance import guideline_claim
from trialdeck.lint.review_rules import ledgers, reworded, since, words_of
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.notes.footer import review_html
from trialdeck.project.check import Call
from trialdeck.records.discovery import home_of
from trialdeck.records.entries import current
from trialdeck.records.load import Record, load_record_text
from trialdeck.records.model import STATEMENT_PARTS, Item, Question, Result, Review, Source, Takeaway, Trial
from trialdeck.records.results.analysis import decision_words, setting_words
from trialdeck.records.results.arm_values import mean_label, mean_words, median_words, rate_words, share_words
from trialdeck.records.results.effect import HYPOTHESES, estimate_of, measure_of, unit_words
from trialdeck.records.review import Reviewable, is_stale, reviewables
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import TEXT_SECTIONS
from trialdeck.yamlfile.document import DataPath, content_of
from trialdeck.yamlfile.edit import Put, edited
from trialdeck.yamlfile.write_records import LINKED


class ReviewPage(msgspec.Struct, frozen=True):
    """An entry as a reviewer sees it: its place, its texts and its source, as plain text.

    `earlier` says why an existing review no longer holds, or why somebody disputes the entry; `claim` is the guideline
    claim in the texts; both may be empty. `number` of `count` is the progress in the file.
    """

    path: Path
    reviewable: Reviewable
    trial: str
    title: str
    lines: tuple[str, ...]
    source: str
    earlier: str
    claim: str
    number: int
    count: int


class Verdict(msgspec.Struct, frozen=True):
    """A reviewer's verdict: `status` is reviewed or disputed, dates are YEAR-MONTH-DAY, `as_of` may be empty.

    A dispute has a reason, in Markdown.
    """

    status: str
    by: str
    on: str
    as_of: str = ""
    reason: str = ""


def files_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the records that the paths name, sorted; raises TrialdeckError if there are none."""
    return tuple(Path(place.path) for place in Call.of(paths).files.records)


def pages_of(path: Path, today: date, oldest: int, *, disputed: bool = False) -> tuple[ReviewPage, ...]:
    """Return the entries of a record that need a review, in their order, and the record itself last.

    Args:
        path: The record.
        today: The day of the review.
        oldest: The number of days after which a review is out of date.
        disputed: Whether to include entries that somebody disputes.

    Returns:
        The entries that are unreviewed, were reviewed too long ago, or have changed since.

    Raises:
        TrialdeckError: The record has errors.
    """
    trial = _trial(content_of(path, str(path)), path)
    earlier = _reasons_outdated(path, trial, today, oldest)
    open_status = {"unreviewed", "disputed"} if disputed else {"unreviewed"}
    due = [
        reviewable
        for reviewable in reviewables(trial)
        if reviewable.review.status in open_status or reviewable.slug in earlier
    ]
    return tuple(
        _page(path, trial, reviewable, earlier.get(reviewable.slug) or _dispute(reviewable.review), (number, len(due)))
        for number, reviewable in enumerate(due, start=1)
    )


def _dispute(review: Review) -> str:
    """Return who disputes an entry, when and why; empty if nobody does."""
    return readable(review_html(review)) if review.is_disputed else ""


def _reasons_outdated(path: Path, trial: Trial, today: date, oldest: int) -> dict[str, str]:
    """Return why reviews no longer hold, by the slugs of their entries.

    Args:
        path: The record.
        trial: Its trial.
        today: The day of the review.
        oldest: The number of days after which a review is out of date.

    Returns:
        The reasons, in words.
    """
    entries = list(reviewables(trial))
    reviews = {entry.slug: f"reviewed on {entry.review.on} by {entry.review.by}" for entry in entries}
    outdated = {entry.slug: reviews[entry.slug] for entry in entries if is_stale(entry.review, today, oldest)}
    if words := words_of(trial):
        with ledgers() as project_ledgers:
            lines = project_ledgers.lines(path, (trial.id, *trial.formerly))
            changed = reworded(entries, words, lines, today)
        outdated |= {slug: f"{reviews[slug]}, but {since(lines)}" for slug, lines in changed.items()}
    return outdated


def sign(path: Path, entry: DataPath, verdict: Verdict) -> None:
    """Write a verdict into a record, on the entry at a path, or on the record itself.

    Raises TrialdeckError if a dispute has no reason, the entry is no longer there, the record cannot be written, or it
    is a link out of its project.
    """
    real = refuse_outside(path, home_of(path), of="its project", hint=LINKED)
    if verdict.status == "disputed" and is_blank(verdict.reason):
        raise TrialdeckError("a dispute needs a reason", "say in a sentence what is wrong; the card will show it")
    schema = load_schema("trial")
    order = tuple(schema["properties"] if not entry else schema["$defs"]["review"]["properties"])
    value = {"status": verdict.status, "by": verdict.by, "on": verdict.on}
    value |= {name: text for name in ("as_of", "reason") if (text := getattr(verdict, name))}
    with locked(path.parent, leaves_no_file=True):
        content = content_of(path, str(path))
        if not any(reviewable.path == entry for reviewable in reviewables(_trial(content, path))):
            raise TrialdeckError(f"{path}: the entry is no longer there", "somebody has edited the record; begin again")
        signed = edited(content, [Put((*entry, "review"), value, order)], path.as_posix())
        _trial(signed, path)
        replace_file(real, signed)


def _trial(content: bytes, path: Path) -> Trial:
    record: Record = load_record_text(content, path.as_posix(), path.parent)
    error = next((problem for problem in record.problems if problem.severity is Severity.ERROR), None)
    if error or record.trial is None:
        message = error.located_message if error else f"{path}: empty"
        raise TrialdeckError(message, "correct it first; `trialdeck check` lists everything")
    return record.trial


def _page(path: Path, trial: Trial, reviewable: Reviewable, earlier: str, place: tuple[int, int]) -> ReviewPage:
    """Return the page of an entry.

    Args:
        path: The record.
        trial: Its trial.
        reviewable: The entry, or the record itself.
        earlier: Why an earlier review does not hold, or is a dispute; may be empty.
        place: The number of the page, and the number of pages.

    Returns:
        The page.
    """
    lines = tuple(_lines(trial, reviewable))
    entry = reviewable.entry
    source = (entry.source if entry else None) or trial.source
    title = reviewable.slug.replace("/", ": ") if reviewable.slug else "the record's own texts"
    claim = guideline_claim(" ".join(lines))
    return ReviewPage(path, reviewable, trial.name, title, lines, _source(source), earlier, claim, *place)


def _lines(trial: Trial, reviewable: Reviewable) -> Iterator[str]:
    entry = reviewable.entry
    if isinstance(entry, Question):
        yield f"Question: {_plain(entry.question)}"
        yield f"Response: {_plain(entry.response)}"
    elif isinstance(entry, (Item, Takeaway)):
        yield f"Text: {_plain(entry.text)}"
    elif isinstance(entry, Result):
        yield from _lines_of_result(entry)
    else:
        for section in TEXT_SECTIONS:
            if not is_blank(text := getattr(trial, section.property)):
                yield f"{section.heading}: {_plain(text)}"
        for name in STATEMENT_PARTS:
            if not is_blank(text := getattr(trial.statement, name)):
                yield f"{name.capitalize()}: {_plain(text)}"
        for related in current(trial.related_trials):
            statement = "; ".join(filter(None, (getattr(related.statement, name) for name in STATEMENT_PARTS)))
            yield f"Related: {_plain(f'{related.name}: {statement}')}"
    for cloze in getattr(entry, "cloze", ()):
        yield f"Statement: {_plain(cloze.text)}"


def _lines_of_result(result: Result) -> Iterator[str]:
    yield f"Endpoint: {_plain(result.endpoint)}"
    if setting := setting_words(result):
        yield setting
    if result.estimate is not None or result.ci:
        interval = f", CI {result.ci[0]} to {result.ci[1]}" if result.ci else ""
        level = f" ({result.ci_level} %)" if result.ci and result.ci_level is not None else ""
        between = f" ({' against '.join(result.between)})" if result.between else ""
        yield f"{measure_of(result)}{between}: {estimate_of(result)}{interval}{level}{unit_words(result)}"
    if result.p:
        yield f"P: {result.p}{f' for {HYPOTHESES[result.hypothesis]}' if result.hypothesis in HYPOTHESES else ''}"
    if decision := decision_words(result):
        yield decision
    for arm in result.arms:
        median, mean, rate = median_words(arm, result), mean_words(arm, result), rate_words(arm, result)
        parts = (
            f"n = {arm.n}" if arm.n else "",
            median and f"median {median}",
            mean and f"{mean_label(result).lower()} {mean}",
            rate and f"rate {rate}",
            share_words(arm, result),
        )
        yield f"{arm.name}: {', '.join(filter(None, parts))}"


def _source(source: Source) -> str:
    parts = (
        _plain(source.citation).rstrip("."),
        source.doi and f"https://doi.org/{source.doi}",
        source.registry,
        source.url,
    )
    return "; ".join(filter(None, parts)) or "none stated"


def _plain(markdown: str) -> str:
    return readable(render(markdown))
