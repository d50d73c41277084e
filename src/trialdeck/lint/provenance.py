"""Rules for sources, guideline claims and numbers: what a card rests on."""

import re
from collections.abc import Iterator
from decimal import Decimal

from trialdeck.core.problem import Problem
from trialdeck.records.entries import current, entries, numbered, statements
from trialdeck.records.model import Entry, Item, Review, Takeaway, Trial
from trialdeck.records.results.arm_values import share_of
from trialdeck.records.sections import QUESTIONS, TEXT_SECTIONS
from trialdeck.yamlfile.document import DataPath, Document

_GUIDELINE = re.compile(
    r"\b(?:NCCN|ESMO|EHA|ASCO)\b|\bIMWG\b(?!\W+(?:\w+ )?(?:criteri|defin|respon))|\bcategory [12][AB]?\b"
    r"|\bpreferred (?:regimen|option|treatment|therapy|choice|agent|triplet|doublet|first|second)"
    r"|\bstandards?[ -]of[ -]care\b(?! (?:arm|comparator|control|group))"
    r"|\bguidelines? (?:recommend|list|prefer|endorse|advise)",
    re.IGNORECASE,
)
# A number that stands by itself: not the digits of a name (CD38, del(17p), t(4;14), 28-day), a ratio or an address.
_NUMBER = re.compile(
    r"(?<![\w.,:;/%·'’(-])\(?(?<![A-Za-z]\()(?P<number>[0-9]+(?:[.·][0-9]+)?)(?P<percent> ?%)?"
    r"(?![\w:;/]|[.·,][0-9]|-[A-Za-z])"
)
# What a number behind these words counts or names is no result; nor are those that follow it in a list.
_NAMING = re.compile(
    r"\b(?:phase|grades?|stage|class|type|cycles?|days?|lines?|part|cohort|arm|level|category|version|figure|table|step"
    r"|aged?|year|chapter|ECOG|ISS|factor|group|weeks?)\s+",
    re.IGNORECASE,
)
_NEXT_IN_LIST = re.compile(r"[0-9]++\s*+(?:or|to|and|,(?= ?[0-9]++(?:,| and| or))|[-–])\s*", re.IGNORECASE)
# Nor is one before these: doses, schedules, counts of what the reader knows.
_NAMED_AFTER = re.compile(
    r"\s*(?:(?:or|to|and|[-–])\s*[0-9]+\s*)?(?:mg|µg|mcg|g|kg|mL|ml|IU|Gy|cycles?|lines?|times?|doses?|drugs?|arms?"
    r"|prior|trials?|points?|fold)\b|\s*(?:mg|g)/m",
)
_TIME = re.compile(r"\s*(?:months?|weeks?|years?|days?|patients|%)", re.IGNORECASE)
_LARGEST_COUNT = 12
"""Up to which number a whole one that nothing follows is a count, such as of prior lines."""
_YEARS = range(1900, 2100)
_LONGEST_COUNT = 9
"""A whole number of more digits is neither a year nor a count."""
_ADDRESS = re.compile(r"https?://\S+")
_HIDING = re.compile(r"\{\{c[0-9]+::|::[^{}]*+(\}\})?|\}\}")


def check_provenance(trial: Trial, document: Document) -> Iterator[Problem]:
    """Yield a warning for every statement of a card whose origin the record does not name."""
    yield from _guideline_claims_have_dates(trial, document)
    yield from _numbers_have_results(trial, document)
    yield from _records_have_sources(trial, document)


def guideline_claim(text: str) -> str:
    """Return the words of a text that claim what a guideline says, or that something is standard; empty without any."""
    match = _GUIDELINE.search(text)
    return match[0] if match else ""


def _guideline_claims_have_dates(trial: Trial, document: Document) -> Iterator[Problem]:
    for path, text, review in _texts(trial):
        claim = guideline_claim(text)
        if claim and not review.as_of:
            hint = "guidelines change: give the day as `as_of` of the review, of the record or of this entry"
            yield document.problem("TD501", document.spot(*path), f"'{claim}' is a claim without a day", hint)


def _numbers_have_results(trial: Trial, document: Document) -> Iterator[Problem]:
    known = set(_numbers_of(trial))
    for path, text, entry in _asked(trial):
        if entry.source:
            continue
        for number in unnamed_numbers(text):
            if Decimal(number) not in known:
                hint = "add the result, or give this entry a `source` of its own"
                message = f"the number {number} stands in no result of this record"
                yield document.problem("TD504", document.spot(*path), message, hint)
                break


def _records_have_sources(trial: Trial, document: Document) -> Iterator[Problem]:
    source = trial.source
    if not (source.citation or source.doi or source.registry or source.url):
        hint = "add `source:` with the citation, the DOI or the registry number"
        yield document.problem("TD505", document.key_spot("source"), "the record names no source", hint)


def unnamed_numbers(text: str) -> list[str]:
    """Return the numbers of a text that state something measured: no names, doses, years or small counts."""
    numbers = []
    text = _ADDRESS.sub("", text)
    named = _named_places(text)
    for match in _NUMBER.finditer(text):
        number = match["number"].replace("·", ".")
        is_whole = number.isdecimal()
        is_measured = bool(match["percent"] or _TIME.match(text, match.end()) or not is_whole)
        value = int(number) if is_whole and len(number) <= _LONGEST_COUNT else None
        is_year = not match["percent"] and value in _YEARS
        is_count = value is not None and not is_measured and value <= _LARGEST_COUNT
        is_name = match.start("number") in named
        if not (is_year or is_name or is_count or _NAMED_AFTER.match(text, match.end())):
            numbers.append(number)
    return numbers


def _named_places(text: str) -> set[int]:
    """Return where numbers may start that a word before them names: `phase 3`, `grades 1, 2 and 3`."""
    positions: set[int] = set()
    for match in _NAMING.finditer(text):
        position = match.end()
        while position not in positions:
            positions.add(position)
            following = _NEXT_IN_LIST.match(text, position)
            position = following.end() if following else position
    return positions


def _numbers_of(trial: Trial) -> Iterator[Decimal]:
    for result in current(trial.results):
        stated = [result.estimate, *(result.ci or ()), result.ci_level, result.margin]
        for arm in result.arms:
            stated += [Decimal(count) for count in (arm.n, arm.events) if count is not None]
            stated += [arm.median, share_of(arm), arm.mean, arm.sd, arm.se, arm.rate, *(arm.ci or ()), arm.ci_level]
        yield from (number for number in stated if number is not None)
        text = " ".join((result.p, result.endpoint, result.data_cut, result.timepoint, result.population))
        yield from (Decimal(digits) for digits in re.findall(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+", text))


def _asked(trial: Trial) -> Iterator[tuple[DataPath, str, Entry]]:
    for index, question in numbered(trial.questions):
        yield (QUESTIONS.property, index, "question"), question.question, question
        yield (QUESTIONS.property, index, "response"), question.response, question
    for path, owner, cloze in statements(trial):
        if not owner.retired:
            # A hint ends with its deletion; two colons elsewhere are text.
            text = _HIDING.sub(lambda found: found[0] if found[0].startswith("::") and not found[1] else "", cloze.text)
            yield path, text, owner


def _texts(trial: Trial) -> Iterator[tuple[DataPath, str, Review]]:
    for section in TEXT_SECTIONS:
        yield (section.property,), getattr(trial, section.property), trial.review
    for path, entry in entries(trial):
        if isinstance(entry, (Item, Takeaway)) and not entry.retired:
            yield (*path, "text"), entry.text, entry.review or trial.review
    for path, text, entry in _asked(trial):
        yield path, text, entry.review or trial.review
