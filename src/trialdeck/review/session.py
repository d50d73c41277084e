"""A review session: sign or dispute one entry after the other, in place."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.problem import Severity
from trialdeck.core.safe_paths import refuse_outside
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
from trialdeck.records.model import Item, Question, Result, Review, Source, Takeaway, Trial
from trialdeck.records.review import Reviewable, is_stale, reviewables
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import TEXT_SECTIONS
from trialdeck.records.summary import STATEMENTS
from trialdeck.yamlfile.document import DataPath, content_of
from trialdeck.yamlfile.edit import Put, edited
from trialdeck.yamlfile.write_records import LINKED


class ReviewPage(msgspec.Struct, frozen=True):
    """What is laid before a reviewer: where it stands, what is said, and from where; texts are plain.

    `earlier` says why a review that is there no longer holds, or why somebody disputes it; `claim` is the guideline
    claim in the texts; both may be empty. `number` of `count` says how far one is in the file.
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
    """What a reviewer says: `status` is reviewed or disputed, dates are YEAR-MONTH-DAY, `as_of` may be empty.

    A dispute has a reason, in Markdown.
    """

    status: str
    by: str
    on: str
    as_of: str = ""
    reason: str = ""


def files_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the records that the paths name, sorted; raises TrialdeckError where there are none."""
    return tuple(Path(place.path) for place in Call.of(paths).files.records)


def pages_of(path: Path, today: date, oldest: int, *, disputed: bool = False) -> tuple[ReviewPage, ...]:
    """Return what of a record is to be reviewed, in its order, and the record itself last.

    That is what nobody has reviewed, or more than `oldest` days ago, or what has changed since; with `disputed`, what
    somebody disputes as well. Raises TrialdeckError where the record has errors.
    """
    trial = _trial(content_of(path, str(path)), path)
    earlier = _outdated(path, trial, today, oldest)
    open_status = {"unreviewed", "disputed"} if disputed else {"unreviewed"}
    those = [each for each in reviewables(trial) if each.review.status in open_status or each.slug in earlier]
    return tuple(
        _page(path, trial, each, earlier.get(each.slug) or _dispute(each.review), (number, len(those)))
        for number, each in enumerate(those, start=1)
    )


def _dispute(review: Review) -> str:
    """Return who disputes something, when and why; nothing where nobody does."""
    return readable(review_html(review)) if review.is_disputed else ""


def _outdated(path: Path, trial: Trial, today: date, oldest: int) -> dict[str, str]:
    """Return why reviews no longer hold, by the slugs of what they are of."""
    found = list(reviewables(trial))
    said = {each.slug: f"reviewed on {each.review.on} by {each.review.by}" for each in found}
    outdated = {each.slug: said[each.slug] for each in found if is_stale(each.review, today, oldest)}
    if words := words_of(trial):
        with ledgers() as those:
            lines = those.lines(path, (trial.id, *trial.formerly))
            changed = reworded(found, words, lines, today)
        outdated |= {slug: f"{said[slug]}, but {since(lines)}" for slug, lines in changed.items()}
    return outdated


def sign(path: Path, entry: DataPath, verdict: Verdict) -> None:
    """Write a verdict into a record, on the entry at a path, or on the record itself.

    Raises TrialdeckError where a dispute has no reason, and where the record was changed so that the entry is no longer
    there, cannot be written, or is a link out of its project.
    """
    real = refuse_outside(path, home_of(path), of="its project", hint=LINKED)
    if verdict.status == "disputed" and not verdict.reason.strip():
        raise TrialdeckError("a dispute needs a reason", "say in a sentence what is wrong; the card will show it")
    schema = load_schema("trial")
    order = tuple(schema["properties"] if not entry else schema["$defs"]["review"]["properties"])
    value = {"status": verdict.status, "by": verdict.by, "on": verdict.on}
    value |= {name: said for name in ("as_of", "reason") if (said := getattr(verdict, name))}
    with locked(path.parent, leaves_no_file=True):
        content = content_of(path, str(path))
        if not any(each.path == entry for each in reviewables(_trial(content, path))):
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


def _page(path: Path, trial: Trial, each: Reviewable, earlier: str, place: tuple[int, int]) -> ReviewPage:
    lines = tuple(_lines(trial, each))
    entry = each.entry
    source = (entry.source if entry else None) or trial.source
    title = each.slug.replace("/", ": ") if each.slug else "the record's own texts"
    claim = guideline_claim(" ".join(lines))
    return ReviewPage(path, each, trial.name, title, lines, _source(source), earlier, claim, *place)


def _lines(trial: Trial, each: Reviewable) -> Iterator[str]:
    entry = each.entry
    if isinstance(entry, Question):
        yield f"Question: {_plain(entry.question)}"
        yield f"Response: {_plain(entry.response)}"
    elif isinstance(entry, (Item, Takeaway)):
        yield f"Text: {_plain(entry.text)}"
    elif isinstance(entry, Result):
        yield from _result(entry)
    else:
        for section in TEXT_SECTIONS:
            if text := getattr(trial, section.property).strip():
                yield f"{section.heading}: {_plain(text)}"
        for name in STATEMENTS:
            if text := getattr(trial.statement, name).strip():
                yield f"{name.capitalize()}: {_plain(text)}"
        for related in current(trial.related_trials):
            said = "; ".join(filter(None, (getattr(related.statement, name) for name in STATEMENTS)))
            yield f"Related: {_plain(f'{related.name}: {said}')}"
    for cloze in getattr(entry, "cloze", ()):
        yield f"Statement: {_plain(cloze.text)}"


def _result(result: Result) -> Iterator[str]:
    yield f"Endpoint: {_plain(result.endpoint)}"
    yield f"Data cut: {result.data_cut or 'not stated'}"
    if result.estimate is not None or result.ci:
        interval = f", CI {result.ci[0]} to {result.ci[1]}" if result.ci else ""
        level = f" ({result.ci_level} %)" if result.ci and result.ci_level is not None else ""
        stated = "not stated" if result.estimate is None else result.estimate
        yield f"{result.measure or 'estimate'}: {stated}{interval}{level}"
    if result.p:
        yield f"P: {result.p}"
    for arm in result.arms:
        median = f"median {arm.median} {result.unit}" if arm.median is not None else ""
        reached = "" if arm.median_reached else "median not reached"
        parts = (
            f"n = {arm.n}" if arm.n else "",
            median,
            reached,
            f"{arm.percent} %" if arm.percent is not None else "",
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
