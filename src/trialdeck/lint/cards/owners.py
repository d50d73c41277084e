"""Rules for a whole record's cards: each fact is asked by one card, and few facts are core."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from trialdeck.core.problem import shortened
from trialdeck.lint.finding import Finding, Rule, place_of
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.notes.prompts.authored import Asked
from trialdeck.notes.prompts.words import likeness, telling_words
from trialdeck.records.asked import asked_points, is_asked, statements_are_core
from trialdeck.records.entries import current, numbered
from trialdeck.records.model import Item, Question, Result, Trial
from trialdeck.records.results.arm_values import share_of
from trialdeck.records.sections import LIST_SECTIONS, QUESTIONS, RESULTS, TAKEAWAYS, Section
from trialdeck.yamlfile.document import DataPath

MOST_CORE_CARDS = 8
LIKE = 0.5
"""From which likeness on two fronts with one number for an answer ask for the same fact."""
_NUMBER = re.compile(r"(?<![\w.])[0-9]{1,9}(?:[.·][0-9]{1,9})?(?![\w.·]|-[A-Za-z])")
_LONGEST_NUMBER = 5
"""How many words an answer has at most that is a number with what belongs to it."""


def facts_have_one_owner(trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A number that the card of a result asks, or another card, is not asked again (Wozniak 4: minimum information)."""
    stated = {index: set(_numbers_of(result)) for index, result in numbered(trial.results) if is_asked(trial, result)}
    earlier: list[tuple[Asked, frozenset[Decimal], frozenset[str]]] = []
    for prompt in (prompt for prompt in asked if not prompt.is_made):
        numbers = _asked_numbers(prompt)
        if not numbers:
            continue
        owner = None if _compares(trial, prompt) else _owner_of(prompt, trial, numbers, stated)
        words = telling_words(prompt.front)
        like = next((other for other, same, its in earlier if same == numbers and likeness(its, words) >= LIKE), None)
        if owner is not None:
            where = place_of(trial, (RESULTS.property, owner))
            yield _finding(prompt, where, "remove it, or give the result `card: false`")
        elif like:
            yield _finding(prompt, place_of(trial, like.path), "keep one of the two")
        earlier.append((prompt, numbers, words))


def _finding(prompt: Asked, owner: str, hint: str) -> Finding:
    message = f"'{shortened(prompt.answer)}' is asked already, by '{owner}'"
    return Finding("TD616", prompt.answer_path, message, hint)


def _asked_numbers(prompt: Asked) -> frozenset[Decimal]:
    """Return the numbers that a prompt asks for; none if any of its answers is more than a number."""
    answers = prompt.answers or (prompt.answer,)
    if any(len(answer.split()) > _LONGEST_NUMBER or not _NUMBER.search(answer) for answer in answers):
        return frozenset()
    return frozenset(_number(match[0]) for answer in answers for match in _NUMBER.finditer(answer))


def _number(digits: str) -> Decimal:
    return Decimal(digits.replace("·", "."))


def _compares(trial: Trial, prompt: Asked) -> bool:
    """Tell whether a prompt sets the trial beside another: then the number is not all that it asks for."""
    words = f"{prompt.front} {prompt.answer}".casefold()
    return any(related.name.casefold() in words for related in trial.related_trials if related.name)


def _owner_of(
    prompt: Asked, trial: Trial, numbers: frozenset[Decimal], stated: Mapping[int, set[Decimal]]
) -> int | None:
    """Return the position of the result whose card asks for the numbers of a prompt, or None."""
    results = ((index, trial.results[index]) for index in stated)
    return next((index for index, result in results if _asks_of(prompt, result, numbers, stated[index])), None)


def _asks_of(prompt: Asked, result: Result, numbers: frozenset[Decimal], stated: set[Decimal]) -> bool:
    """Tell whether a prompt asks for numbers of a result: it cites the result, or they are no round ones."""
    if not numbers <= stated:
        return False
    cites = result.id in getattr(prompt.entry, "results", ())
    return cites or all(number != number.to_integral_value() for number in numbers)


def _numbers_of(result: Result) -> Iterator[Decimal]:
    stated = [result.estimate, *(result.ci or ())]
    for arm in result.arms:
        stated += [arm.median, share_of(arm), arm.mean, arm.rate]
    yield from (abs(number) for number in stated if number is not None)
    yield from (_number(match[0]) for match in _NUMBER.finditer(result.p))


def core_is_few(trial: Trial, _asked: Sequence[Asked]) -> Iterator[Finding]:
    """What everybody should know of a trial is learned in a day (Wozniak 1 and 20: prioritise)."""
    count = 0
    for path, cards in _core_cards(trial):
        count += cards
        if count > MOST_CORE_CARDS:
            message = f"with this, {count} cards of the trial are core, more than {MOST_CORE_CARDS}"
            yield Finding("TD617", path, message, "choose what everybody should know, and leave `core` out elsewhere")
            return


def _core_cards(trial: Trial) -> Iterator[tuple[DataPath, int]]:
    """Yield where `core` stands, in the order of the record, and how many cards it marks."""
    if trial.core:
        yield ("core",), 2 * bool(trial.statement.tested) + bool(trial.statement.endpoint)
    for section in LIST_SECTIONS:
        every: Sequence[Item] = getattr(trial, section.property)
        asked = asked_points(trial, section, current(every))
        for index, item in numbered(every):
            if item.core:
                is_first = item in asked and item == next(point for point in asked if point.core)
                # One core point makes the whole list core, for its points are the cards of one note.
                yield (section.property, index, "core"), len(asked) * is_first + _core_statements(trial, item, section)
    for section in (RESULTS, QUESTIONS, TAKEAWAYS):
        for index, entry in numbered(getattr(trial, section.property)):
            if entry.core:
                statements = _core_statements(trial, entry, section) if isinstance(entry, Question) else 0
                yield (section.property, index, "core"), is_asked(trial, entry) + statements


def _core_statements(trial: Trial, entry: Item | Question, section: Section) -> int:
    if not statements_are_core(trial, entry, section):
        return 0
    return sum(len(parse_cloze(cloze.text).numbers) for cloze in entry.cloze)


OWNER_RULES: tuple[Rule, ...] = (facts_have_one_owner, core_is_few)
