"""Rules for cards: warnings of what makes them hard to learn.

The rules follow Piotr Wozniak, "Effective learning: Twenty rules of formulating knowledge" (1999), and Andy Matuschak,
"How to write good prompts" (2020); `docs/quality.md` has each with its reason, its source and two examples.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, zip_longest

from trialdeck.core.problem import Problem, shortened
from trialdeck.core.text import is_blank
from trialdeck.lint.cards.owners import OWNER_RULES
from trialdeck.lint.cards.reporting import REPORTING_RULES
from trialdeck.lint.finding import Finding, Rule, place_of
from trialdeck.markdown.plain_text import shows_something
from trialdeck.notes.prompts.authored import GAP, Asked
from trialdeck.notes.prompts.made import all_asked
from trialdeck.notes.prompts.words import likeness, telling_words
from trialdeck.records.entries import entries, numbered
from trialdeck.records.model import Item, Takeaway, Trial
from trialdeck.records.results.effect import HAZARD_RATIO
from trialdeck.records.sections import QUESTIONS, RELATED_TRIALS, RESULTS
from trialdeck.yamlfile.document import DataPath, Document


def check_fronts(trial: Trial, document: Document) -> Iterator[Problem]:
    """Yield a problem for every text that is written but shows nothing on its card."""
    for path, text in _shown_texts(trial):
        # The schema complains of a text that is nothing but white space.
        if text.strip() and not shows_something(text):
            message = f"nothing of '{path[-1]}' can be seen on a card"
            hint = "write text; a link definition, an empty link or invisible characters alone show nothing"
            yield document.problem("TD205", document.spot(*path), message, hint)


def _shown_texts(trial: Trial) -> Iterator[tuple[DataPath, str]]:
    yield ("title",), trial.title
    for index, question in enumerate(trial.questions):
        yield (QUESTIONS.property, index, "question"), question.question
        yield (QUESTIONS.property, index, "response"), question.response
    for path, entry in entries(trial):
        if isinstance(entry, (Item, Takeaway)):
            yield (*path, "text"), entry.text
    for index, result in enumerate(trial.results):
        yield (RESULTS.property, index, "endpoint"), result.endpoint
    for index, related in enumerate(trial.related_trials):
        yield (RELATED_TRIALS.property, index, "name"), related.name


MOST_WORDS_ON_A_FRONT = 25
MOST_WORDS_OF_AN_ANSWER = 15
MOST_DELETIONS = 2
ALIKE = 0.85
"""From which likeness on two fronts of one trial are taken for the same."""
_MOST_COMPARED = 200
"""With how many fronts before it each is compared word by word; with those that have the same words, always."""
_MOST_LOOKED_FOR = 100
"""How many answers of a statement are looked for on its front; one that hides so many has TD605 anyway."""


_QUESTION_WORD = r"(?:what|which|who|whom|whose|when|where|why|how)"
_SECOND_QUESTION = re.compile(rf"(?: and|;) {_QUESTION_WORD}\b[^;?]*+(\?)?", re.IGNORECASE)
_FIRST_QUESTION = re.compile(rf"\b{_QUESTION_WORD}\b", re.IGNORECASE)
_ASKS_YES_OR_NO = re.compile(
    r"(?:^|[.,;:!?] )(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|had|may|might|must)(?:n't)? ",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<![\w-])(?:[0-9]+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|both|pair)\b", re.IGNORECASE
)
_CHOICE = re.compile(r"\b(?:among|between|of|from|either)\b", re.IGNORECASE)
_TRIAL_WORDS = re.compile(
    r"\b(?:the|this|that|both|its|either) (?:\w+ )?(?:trial|study|arms?|analysis|endpoint|cohort|results?)\b"
    r"|(?<![\w-])[0-9]"
    r"|\bpatients were\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"(?:it|that) (?:all )?(?:depends|varies)|depends|varies|unclear|unknown|not (?:known|clear|applicable)|various"
    r"|many|several|some|n/?a|t\.?b\.?[ad]\.?|todo|see (?:above|below|text|paper|the (?:text|paper))|[?…\W]+",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:we|our|ours|us|my|myself|ourselves)\b|\b(?:We|Our|My)\b"
    r"|(?<![\w-])(?<!type )(?<!Type )(?<!phase )(?<!Phase )(?<!grade )(?<!Grade )(?<!stage )(?<!Stage )(?<!class )"
    r"(?<!Class )(?<!arm )(?<!Arm )(?<!part )(?<!Part )(?<!cohort )(?<!Cohort )"
    r"I (?=(?:am|was|have|had|would|think|believe|use|used|do|did|can|could|should|will|may|might|find|found)\b)"
)
_POINTS_OUTSIDE = re.compile(
    r"\b(?:trial|study|table|figure|question|answer|card|section)s? (?:above|below)\b"
    r"|\b(?:above|below) (?:trial|study|table|figure|question|answer|card|section)s?\b"
    r"|\b(?:previous|preceding|next|last) (?:question|card|section|answer)s?\b"
    r"|\babove-?mentioned\b|\baforementioned\b|\bsee (?:above|below)\b"
    r"|\bas (?:noted|mentioned|discussed|described|shown|stated) (?:above|below|earlier|before|previously)\b",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"\b(?:CI|[Cc]onfidence [Ii]nterval|[Cc]redible [Ii]nterval)[\s:,=of]{0,5}[(\[]?[-−]?[0-9]")
_P = re.compile(r"\b[Pp](?:-value| value)?\s*[=<≤]\s*(0?[.·][0-9]+)")
_SIDED = re.compile(r"\b(?:one|two|1|2)[- ](?:sided|tailed)\b", re.IGNORECASE)
_FROM, _TO = Decimal("0.025"), Decimal("0.05")
_TIMES = frozenset(["day", "days", "week", "weeks", "month", "months", "year", "years"])


def one_question_each(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A front asks for one thing (Wozniak 4: minimum information)."""
    for prompt in _questions(asked):
        first = _FIRST_QUESTION.search(prompt.front)
        others = _SECOND_QUESTION.finditer(prompt.front, first.end()) if first else ()
        if prompt.front.count("?") > 1 or any(other[1] for other in others):
            yield Finding("TD601", prompt.path, "the front asks more than one thing", "make a question of each")


def not_yes_or_no(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """An answer is recalled, not guessed (Matuschak: prompts should be effortful)."""
    for prompt in _questions(asked):
        last = len(prompt.front) - 1
        clause = _last_of(".;:!?", prompt.front, last)
        is_asked = prompt.front.endswith("?") and _ASKS_YES_OR_NO.search(prompt.front, max(clause, 0), last)
        if is_asked and " or " not in prompt.front:
            hint = "ask for what is to be known: which, how much, why"
            yield Finding("TD602", prompt.path, "the question can be answered with yes or no", hint)


def short_fronts(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A front is read in one breath (Wozniak 12: optimise wording)."""
    for prompt in asked:
        count = len(prompt.front.split())
        if count > MOST_WORDS_ON_A_FRONT:
            message = f"the front has {count} words, more than {MOST_WORDS_ON_A_FRONT}"
            yield Finding("TD603", prompt.path, message, "say it in fewer words, or make two cards of it")


def short_answers(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A long answer is split as well: into points, or into cloze statements (Wozniak 4 and 5)."""
    for prompt in _questions(asked):
        count = len(prompt.answer.split())
        if count > MOST_WORDS_OF_AN_ANSWER and not prompt.is_split and not prompt.points:
            message = f"the answer has {count} words in one piece, more than {MOST_WORDS_OF_AN_ANSWER}"
            yield Finding("TD604", prompt.answer_path, message, "shorten it, or add cloze statements for its parts")


def few_deletions(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """What is left of a statement still says what is missing (Wozniak 5: cloze deletion)."""
    for prompt in asked:
        if len(prompt.answers) > MOST_DELETIONS:
            message = f"the statement hides {len(prompt.answers)} things, more than {MOST_DELETIONS}"
            yield Finding("TD605", prompt.path, message, "make two statements of it")


def lists_are_counted(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """Who is to recall a list knows when it is complete (Wozniak 9 and 10: avoid sets and enumerations)."""
    for prompt in _questions(asked):
        if prompt.points > 1 and not prompt.is_made and not _COUNT.search(prompt.front):
            message = f"the answer is a list of {prompt.points} points, and the front does not say how many"
            yield Finding("TD606", prompt.path, message, f"ask for {prompt.points}")


def fronts_keep_the_answer(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A card that shows its answer asks nothing (Matuschak: prompts should be effortful)."""
    for prompt in asked:
        if prompt.is_statement:
            answers = prompt.answers[:_MOST_LOOKED_FOR]
            shown = [
                answer for answer in answers if _is_shown(answer, prompt.front) or _is_shown(answer, prompt.beside)
            ]
            pairs = zip(answers, prompt.hints, strict=False)
            shown += [answer for answer, hint in pairs if " or " not in hint and _is_shown(answer, hint)]
            revealed = shown[0] if shown else ""
        else:
            words, shown_words = telling_words(prompt.answer), telling_words(f"{prompt.front} {prompt.beside}")
            revealed = prompt.answer if words and words <= shown_words else ""
        if revealed:
            message = f"the front gives the answer away: '{shortened(revealed)}'"
            yield Finding("TD607", prompt.path, message, "ask without the words of the answer")


def _is_shown(answer: str, front: str) -> bool:
    if len(answer) < 2:
        return False
    match = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", front, re.IGNORECASE)
    # If the front lists things to choose from, the answer may be among them.
    return bool(match and not _CHOICE.search(front, _last_of(".;:?", front, match.start()) + 1, match.start()))


def _last_of(signs: str, text: str, end: int) -> int:
    """Return where the last of some signs stands before a place, or -1."""
    return max(text.rfind(sign, 0, end) for sign in signs)


def fronts_name_the_trial(trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A statement that is true of one trial names it, also if only the text is seen (Wozniak 16: context cues)."""
    name = trial.acronym.casefold()
    for prompt in asked if name else ():
        text = f"{prompt.front} {prompt.answer}" if prompt.is_statement else prompt.front
        is_general = prompt.is_statement and not _TRIAL_WORDS.search(text)
        if name not in text.casefold() and not is_general and not prompt.is_made:
            hint = f"name {trial.acronym}: the same is asked of other trials"
            yield Finding("TD608", prompt.path, "the front does not name the trial", hint)


def fronts_differ(trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """Cards of one trial that look the same are taken for each other (Wozniak 11: combat interference)."""
    # The points of a list share their front, which shows them in a list: none is taken for another.
    fronts = [(prompt, telling_words(prompt.front)) for prompt in asked if not prompt.is_point]
    first: dict[tuple[bool, frozenset[str]], int] = {}
    for index, (prompt, own) in enumerate(fronts):
        same = first.setdefault((prompt.is_statement, own), index)
        before = fronts[max(index - _MOST_COMPARED, 0) : index]
        for other, words in [fronts[same], *before] if same < index - _MOST_COMPARED else before:
            if prompt.is_statement == other.is_statement and likeness(own, words) >= ALIKE:
                message = f"the front is nearly that of '{place_of(trial, other.path)}'"
                yield Finding("TD609", prompt.path, message, "say on both what makes them differ")
                break


def answers_say_something(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """An answer can be right or wrong (Wozniak 1: do not learn if you do not understand)."""
    for prompt in asked:
        for answer in prompt.answers or (prompt.answer,):
            if _SAYS_NOTHING.fullmatch(answer.rstrip(". ")):
                message = f"the answer says nothing: '{shortened(answer)}'"
                yield Finding("TD611", prompt.answer_path, message, "say on what it depends, or what is known")


def cards_stand_alone(_trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """A card is seen alone, years later (Matuschak: prompts should be precise)."""
    for prompt in asked:
        for path, text in ((prompt.path, prompt.front), (prompt.answer_path, prompt.answer)):
            match = _FIRST_PERSON.search(text) or _POINTS_OUTSIDE.search(text)
            if match:
                hint = "say who, or which: a card is seen alone"
                yield Finding("TD612", path, f"'{match[0].strip()}' points at nothing on the card", hint)


def intervals_have_levels(trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """An interval without its level cannot be read (CONSORT 2010, item 17a)."""
    for path, text in _texts(asked):
        if any(not _follows_per_cent(text, match.start()) for match in _INTERVAL.finditer(text)):
            yield Finding("TD613", path, "a confidence interval without its level", "write 95% CI")
    for index, result in numbered(trial.results):
        if result.ci and result.ci_level is None:
            hint = "add `ci_level: 95`, or whichever it is"
            yield Finding("TD613", (RESULTS.property, index, "ci"), "a confidence interval without its level", hint)


def _follows_per_cent(text: str, place: int) -> bool:
    while place and text[place - 1] in " -":
        place -= 1
    return place > 0 and text[place - 1] == "%"


def close_p_values_have_sides(trial: Trial, asked: Sequence[Asked]) -> Iterator[Finding]:
    """From 0.025 to 0.05 a P value is significant or not by its number of sides (ICH E9, 5.5)."""
    stated = [(path, text) for path, text in _texts(asked) if not _SIDED.search(text)]
    stated += [
        ((RESULTS.property, index, "p"), f"P = {result.p.lstrip('=<≤ ')}")
        for index, result in numbered(trial.results)
        if not _SIDED.search(f"{result.p} {result.measure} {result.data_cut}")
    ]
    for path, text in stated:
        values = [match[1].replace("·", ".") for match in _P.finditer(text)]
        close = [value for value in values if _FROM <= Decimal(value) <= _TO]
        if close:
            message = f"P = {close[0]} without its number of sides"
            yield Finding("TD614", path, message, "write `(two-sided)` or `(one-sided)` behind it")


def times_have_data_cuts(trial: Trial, _asked: Sequence[Asked]) -> Iterator[Finding]:
    """A time to an event changes with every later look at the data."""
    for index, result in numbered(trial.results):
        is_time = result.measure.casefold() == HAZARD_RATIO or (
            result.unit.casefold() in _TIMES and result.states_numbers
        )
        if is_time and is_blank(result.data_cut):
            hint = "add `data_cut:`, the analysis or the date that the numbers are from"
            yield Finding(
                "TD615", (RESULTS.property, index), f"'{result.id}' does not say from which data cut it is", hint
            )


def _questions(asked: Sequence[Asked]) -> list[Asked]:
    return [prompt for prompt in asked if not prompt.is_statement]


def _texts(asked: Sequence[Asked]) -> Iterator[tuple[DataPath, str]]:
    for prompt in asked:
        if prompt.is_statement:
            parts = prompt.front.split(GAP, len(prompt.answers))
            yield prompt.path, "".join(chain.from_iterable(zip_longest(parts, prompt.answers, fillvalue="")))
        else:
            yield prompt.path, prompt.front
            yield prompt.answer_path, prompt.answer


RULES: tuple[Rule, ...] = (
    one_question_each,
    not_yes_or_no,
    short_fronts,
    short_answers,
    few_deletions,
    lists_are_counted,
    fronts_keep_the_answer,
    fronts_name_the_trial,
    fronts_differ,
    answers_say_something,
    cards_stand_alone,
    intervals_have_levels,
    close_p_values_have_sides,
    times_have_data_cuts,
    *OWNER_RULES,
    *REPORTING_RULES,
)


def check_quality(trial: Trial, document: Document) -> Iterator[Problem]:
    """Yield a warning for everything that makes a card of this record hard to learn."""
    asked = all_asked(trial)
    for rule in RULES:
        for finding in rule(trial, asked):
            yield document.problem(finding.code, document.spot(*finding.path), finding.message, finding.hint)
