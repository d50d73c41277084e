"""Rules for a single record, beyond its schema: a tuple of functions of one signature.

To add a rule, write a function, add it to `RULES`, and give it an example: see `docs/architecture.md`.
"""

import re
from collections.abc import Iterator

from trialdeck.core.problem import Problem, shortened
from trialdeck.core.system.windows import device_fault
from trialdeck.core.text import is_blank
from trialdeck.lint.results import RESULT_RULES, Rule, has_refused_number, unshown_values
from trialdeck.lint.text import check_texts
from trialdeck.markdown.cloze import MAX_NUMBER, parse_cloze
from trialdeck.records.asked import asked_points, is_asked, is_text_asked
from trialdeck.records.entries import (
    entries,
    numbered,
    retired_results_are_not_cited,
    retirements_are_complete,
    statements,
)
from trialdeck.records.media.figures import SECTIONS_WITH_FIGURES, figures_of
from trialdeck.records.model import Item, Question, Result, Review, Trial
from trialdeck.records.placeholder import YET_TO_BE_WRITTEN
from trialdeck.records.sections import (
    ENTRY_LISTS,
    LIST_SECTIONS,
    QUESTIONS,
    RELATED_TRIALS,
    RESULTS,
    SECTIONS,
    SUMMARY,
    TEXT_SECTIONS,
    Section,
)
from trialdeck.yamlfile.document import DataPath, Document

_BRACED = re.compile(r"\{\{([^{}:]{1,60})\}\}")
"""A deletion that lacks its number."""


def ids_are_unique(trial: Trial, document: Document) -> Iterator[Problem]:
    """No two entries of one list share an id: their notes would be one note."""
    first: dict[tuple[str | int, str], int] = {}
    for (section, index), entry in entries(trial):
        if not entry.id:
            continue
        earlier = first.setdefault((section, entry.id), int(index))
        if earlier != index:
            line = document.spot(section, earlier, "id").line
            hint = f"it was first used in line {line}; choose another one here"
            yield document.problem("TD201", document.spot(section, index, "id"), f"id '{entry.id}' is taken", hint)


def files_can_be_on_windows(trial: Trial, document: Document) -> Iterator[Problem]:
    """No package and no page is called like a device of Windows: learners could not save it there."""
    if fault := device_fault(trial.id):
        yield document.problem("TD426", document.spot("id"), fault, f"use a longer one, such as '{trial.id}-trial'")
    for position, topic in enumerate(trial.topics):
        if fault := device_fault(topic):
            yield document.problem("TD426", document.spot("topics", position), fault, "use a longer word for the topic")


def earlier_ids_do_not_clash(trial: Trial, document: Document) -> Iterator[Problem]:
    """An earlier id belongs to one entry only, and to none that is still there."""
    for name in ENTRY_LISTS:
        owners = {entry.id: index for index, entry in enumerate(getattr(trial, name)) if entry.id}
        for index, entry in enumerate(getattr(trial, name)):
            for position, earlier in enumerate(getattr(entry, "formerly", ())):
                owner = owners.setdefault(earlier, index)
                # An id that is empty, or that one entry names twice, is what the schema complains about.
                if earlier and (owner != index or earlier == entry.id):
                    message = f"the earlier id '{earlier}' belongs to '{getattr(trial, name)[owner].id}' as well"
                    if owner == index:
                        message = f"'{earlier}' is still the id of this entry"
                    spot = document.spot(name, index, "formerly", position)
                    yield document.problem("TD208", spot, message, "an id's history can go to one entry only")


def cloze_statements_work(trial: Trial, document: Document) -> Iterator[Problem]:
    """Every cloze statement has a deletion, and every deletion is whole."""
    for path, _, cloze in statements(trial):
        statement = parse_cloze(cloze.text)
        for fault in statement.faults:
            hint = "write {{c1::answer}} or {{c1::answer::hint}}"
            yield document.problem("TD204", document.spot(*path), fault, hint)
        if cloze.text.strip() and not statement.deletions and not statement.faults:
            braced = _BRACED.search(cloze.text)
            hint = f"mark what is to be recalled: {{{{c1::{braced[1].strip() if braced else 'answer'}}}}}"
            yield document.problem("TD203", document.spot(*path), f"'{cloze.id}' hides nothing", hint)


def references_exist(trial: Trial, document: Document) -> Iterator[Problem]:
    """A named result is one of this record; a record does not name itself as related."""
    known = {result.id: None for result in trial.results if result.id}
    listed = shortened(", ".join(known))
    wrong_kind = not known and _is_written(document, RESULTS.property)
    for path, entry in entries(trial):
        for position, name in enumerate(getattr(entry, RESULTS.property, ())):
            if name not in known and not wrong_kind:
                hint = f"results of this record: {listed}" if known else "this record has no results"
                spot = document.spot(*path, RESULTS.property, position)
                yield document.problem("TD206", spot, f"there is no result '{name}'", hint)
        if path[0] == RELATED_TRIALS.property and entry.id and entry.id == trial.id:
            message = f"'{entry.id}' is this trial itself"
            spot = document.spot(*path, "id")
            yield document.problem("TD206", spot, message, "a related trial is another trial; remove it")


def gives_a_card(_trial: Trial, document: Document) -> Iterator[Problem]:
    """A record says something that can be asked."""
    texts = (section.property for section in TEXT_SECTIONS)
    if not any(_is_written(document, name) for name in (*ENTRY_LISTS, *texts, "tested")):
        hint = "write at least one question: `trialdeck schema trial` shows how"
        yield document.problem("TD209", document.spot(), "the record has nothing to ask about", hint)


def lists_fit_on_a_note(trial: Trial, document: Document) -> Iterator[Problem]:
    """Every point of a list that is asked has a number of its own."""
    for section in LIST_SECTIONS:
        points = getattr(trial, section.property)
        if len(points) > MAX_NUMBER and asked_points(trial, section, points):
            message = f"a note asks up to {MAX_NUMBER} points, and this list has {len(points)}"
            hint = "leave it out of `cards`, and `card: true` out of its points; or write fewer points"
            yield document.problem("TD218", document.key_spot(section.property), message, hint)


def asked_sections_are_there(trial: Trial, document: Document) -> Iterator[Problem]:
    """A text or list that is asked is there; `sections_are_filled` says so of one that is empty."""
    for position, name in enumerate(trial.cards):
        if (name,) not in document.keys:
            message = f"'{name}' is asked, and the record has none"
            yield document.problem("TD443", document.spot("cards", position), message, "write it, or take it out")


def sections_are_filled(_trial: Trial, document: Document) -> Iterator[Problem]:
    """A section that is written down has something in it, and there are questions, whatever else gives cards."""
    for section in SECTIONS:
        if section is not QUESTIONS:
            yield from _empty(document, section.property)
    if not _is_written(document, QUESTIONS.property):
        hint = "write at least one: other cards ask for names, numbers and words, not for reasons"
        yield document.problem("TD401", document.key_spot(QUESTIONS.property), "the record has no questions", hint)


def _is_written(document: Document, name: str) -> bool:
    """Tell whether a property holds something, even of a wrong kind (of that the schema complains)."""
    value = document.data.get(name)
    return not is_blank(value) if isinstance(value, str) else bool(value)


def _empty(document: Document, name: str) -> Iterator[Problem]:
    if (name,) in document.keys and not _is_written(document, name):
        spot = document.key_spot(name)
        yield document.problem("TD401", spot, f"the section '{name}' is empty", "fill it, or leave it until you can")


def reviews_are_signed(trial: Trial, document: Document) -> Iterator[Problem]:
    """A review states who did it and when."""
    for path, review in _reviews(trial):
        if review.is_reviewed and (is_blank(review.by) or not review.on):
            spot = document.key_spot(*path, "review")
            message = "reviewed, but not by whom and on which day"
            yield document.problem("TD403", spot, message, "add `by:` and `on:`, or set `status: unreviewed`")


def disputes_have_reasons(trial: Trial, document: Document) -> Iterator[Problem]:
    """A dispute says why: a learner who sees it on the card has to know what to doubt."""
    for path, review in _reviews(trial):
        if review.is_disputed and is_blank(review.reason):
            hint = "add `reason:` with a sentence; the card shows it"
            yield document.problem("TD415", document.key_spot(*path, "review"), "disputed, but not why", hint)


def values_are_shown(trial: Trial, document: Document) -> Iterator[Problem]:
    """Every value is on a card; what needs another value beside it has that."""
    for path, review in _reviews(trial):
        for name in _unshown_of_review(review):
            hint = "set `status: disputed`, or remove it" if name == "reason" else "set the `status`, or remove it"
            message = f"no card shows `{name}` while the status is {review.status}"
            yield document.problem("TD416", document.key_spot(*path, "review", name), message, hint)
    for index, result in enumerate(trial.results):
        if has_refused_number(result, document, index):
            continue
        for path, needed in unshown_values(result):
            message = f"no card shows `{path[-1]}` without {needed}"
            spot = document.key_spot(RESULTS.property, index, *path)
            yield document.problem("TD416", spot, message, f"add {needed}, or remove `{path[-1]}`")


def _reviews(trial: Trial) -> Iterator[tuple[DataPath, Review]]:
    """Yield every review that is written down, and the path of its owner."""
    yield (), trial.review
    for path, entry in entries(trial):
        if review := getattr(entry, "review", None):
            yield path, review


def _unshown_of_review(review: Review) -> Iterator[str]:
    if review.status == "unreviewed":
        yield from (name for name in ("by", "on") if not is_blank(getattr(review, name)))
    if not review.is_disputed and not is_blank(review.reason):
        yield "reason"


def results_have_numbers(trial: Trial, document: Document) -> Iterator[Problem]:
    """A result states a number; without one there is nothing to ask."""
    for index, result in numbered(trial.results):
        if result.id and not result.states_numbers and not has_refused_number(result, document, index):
            hint = "add an estimate, or the arms' medians, means, rates or percentages; until then it gives no card"
            yield document.problem(
                "TD404", document.spot(RESULTS.property, index), f"'{result.id}' has no numbers", hint
            )


def figures_are_shown(trial: Trial, document: Document) -> Iterator[Problem]:
    """A figure has a card to stand on: of the record that of its summary, of an entry its own or one of a statement."""
    if trial.figures and (is_blank(trial.summary) or not is_text_asked(trial, SUMMARY)):
        hint = "figures of the record stand below its summary: write it and ask it (`cards: [summary]`), or move them"
        yield document.problem("TD409", document.key_spot("figures"), _NO_CARD, f"{hint} to a question")
    for section in SECTIONS_WITH_FIGURES:
        for index, entry in numbered(getattr(trial, section.property)):
            if entry.figures and not _has_card(trial, section, entry):
                yield document.problem(
                    "TD409", document.key_spot(section.property, index, "figures"), _NO_CARD, _to_have_card(entry)
                )


_NO_CARD = "no card shows these figures"


def _has_card(trial: Trial, section: Section, entry: Item | Question | Result) -> bool:
    if isinstance(entry, Result):
        return is_asked(trial, entry)
    is_own = is_asked(trial, entry) if isinstance(entry, Question) else bool(asked_points(trial, section, (entry,)))
    return is_own or bool(entry.cloze)


def _to_have_card(entry: Item | Question | Result) -> str:
    if isinstance(entry, Result) and not entry.states_numbers:
        return "a result without numbers gives no card: add them, or move the figures to a question"
    return "this is for reading: give it a card (`card: true`), or move the figures to what is asked"


def figures_are_described(trial: Trial, document: Document) -> Iterator[Problem]:
    """A figure has a description and a licence, where an import has left both to the author."""
    for path, figure in figures_of(trial):
        pending = [name for name in ("alt", "license") if getattr(figure, name).strip() == YET_TO_BE_WRITTEN]
        if pending:
            verb = "are" if len(pending) > 1 else "is"
            named = " and ".join(f"`{name}`" for name in pending)
            message = f"{named} of '{shortened(figure.file)}' {verb} yet to be written"
            hint = "say under `alt` what it shows or says, and under `license` by what right it may be shared"
            yield document.problem("TD430", document.spot(*path, pending[0]), message, hint)


RULES: tuple[Rule, ...] = (
    ids_are_unique,
    files_can_be_on_windows,
    earlier_ids_do_not_clash,
    cloze_statements_work,
    references_exist,
    *RESULT_RULES,
    gives_a_card,
    lists_fit_on_a_note,
    asked_sections_are_there,
    sections_are_filled,
    reviews_are_signed,
    disputes_have_reasons,
    values_are_shown,
    results_have_numbers,
    figures_are_shown,
    figures_are_described,
    retirements_are_complete,
    retired_results_are_not_cited,
)


def check_record(trial: Trial, document: Document) -> Iterator[Problem]:
    """Yield every problem of one record beyond its form."""
    for rule in RULES:
        yield from rule(trial, document)
    yield from check_texts(document)
