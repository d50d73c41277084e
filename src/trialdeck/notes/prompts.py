"""The prompts of a record: what its texts, questions, cloze statements and takeaways ask, as shown on cards."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from trialdeck.markdown.cloze import Deletion, hidden_in, parse_cloze
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_inline
from trialdeck.records.asked import is_asked
from trialdeck.records.entries import current, numbered, statements
from trialdeck.records.model import Audience, Item, Question, Result, Takeaway, Trial
from trialdeck.records.sections import QUESTIONS, Section
from trialdeck.yamlfile.document import DataPath

_T = TypeVar("_T")

GAP = "…"
"""What stands for a deletion on the front of a cloze statement."""

VEILED = "td-veiled"
"""The class of a name that the style hides on fronts."""

_WORD = re.compile(r"[^\W_]+(?:[.·'’-][^\W_]+)*")
# What a question is made of, whatever it is about.
_COMMON = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "did", "do", "does", "for", "from",
    "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "may", "more", "most", "not", "of", "on",
    "or", "over", "so", "such", "than", "that", "the", "their", "them", "they", "this", "to", "under", "versus",
    "vs", "was", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "should", "could",
})  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """What one card or several ask, in plain text: a question, a cloze statement, or what trialdeck makes a front of.

    `path` is where its front stands, `answer_path` where its answer; `entry` is what both belong to, None for the trial
    itself. `answers` and `hints` are those of the deletions, none for a question; `points` is how many points the lists
    of a response have; `is_split` says whether a question has cloze statements as well. `is_made` says that trialdeck
    has made the front. `beside` is what else stands there: the name of the trial above it, other points of its list.
    """

    path: DataPath
    answer_path: DataPath
    entry: Item | Question | Result | Takeaway | None
    front: str
    answer: str
    answers: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    points: int = 0
    is_split: bool = False
    is_made: bool = False
    beside: str = ""

    @property
    def is_statement(self) -> bool:
        """Whether it is a cloze statement."""
        return "cloze" in self.path


def asked_of(trial: Trial) -> tuple[Asked, ...]:
    """Return all that a record asks in its own words, in its order: questions, then cloze statements.

    What is retired is not asked any more, and a question that is reading has no card.
    """
    return (*_questions(trial), *_statements(trial))


def _questions(trial: Trial) -> Iterator[Asked]:
    for index, question in numbered(trial.questions):
        if is_asked(trial, question):
            front, response = render(question.question), render(question.response)
            yield Asked(
                (QUESTIONS.property, index, "question"),
                (QUESTIONS.property, index, "response"),
                question,
                readable(front),
                readable(response),
                points=response.count("<li>"),
                is_split=bool(question.cloze),
                beside=_head(trial, response),
            )


def _statements(trial: Trial) -> Iterator[Asked]:
    for path, entry, cloze in statements(trial):
        if entry.retired:
            continue
        deletions = parse_cloze(cloze.text).deletions
        answers = tuple(_plain(cloze.text[deletion.inside : deletion.hint]) for deletion in deletions)
        hints = tuple(_plain(cloze.text[deletion.hint : deletion.close].removeprefix("::")) for deletion in deletions)
        front = _plain(_with_gaps(cloze.text, deletions))
        beside = _head(trial, " ".join(answers))
        yield Asked(path, path, entry, front, "; ".join(answers), answers, hints, beside=beside)


def _head(trial: Trial, answer: str) -> str:
    """Return the name of the trial where it stands above a front, in plain text; empty where it is veiled."""
    html = header_html(trial, render_inline(trial.name), {"Response": answer})
    return "" if VEILED in html else readable(html)


def _with_gaps(text: str, deletions: tuple[Deletion, ...]) -> str:
    parts, last = [], 0
    for deletion in deletions:
        parts += [text[last : deletion.start], GAP]
        last = deletion.end
    return "".join([*parts, text[last:]])


def _plain(markdown: str) -> str:
    return readable(render(markdown))


def header_html(trial: Trial, name: str, sides: Mapping[str, str]) -> str:
    """Return what stands above a card, its field `Trial`: the HTML `name` of the trial.

    It is veiled until the answer is shown if the answer names the trial. `sides` are the fields that the type of the
    note alone has.
    """
    answer = hidden_in(sides["Text"]) if "Text" in sides else sides["Response"]
    return f'<span class="{VEILED}">{name}</span>' if names_trial(trial, readable(answer)) else name


def names_trial(trial: Trial, text: str) -> bool:
    """Tell whether a plain text has the acronym of the trial as a word, in capitals or not."""
    name, folded = trial.acronym.casefold(), text.casefold()
    start = folded.find(name) if name else -1
    while start >= 0:
        around = folded[max(start - 1, 0) : start] + folded[start + len(name) : start + len(name) + 1]
        if not any(letter.isalnum() for letter in around):
            return True
        start = folded.find(name, start + 1)
    return False


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters, in their order."""
    return [word.casefold() for word in _WORD.findall(text)]


def telling_words(text: str) -> frozenset[str]:
    """Return the words of a text that say what it is about."""
    return frozenset(words_of(text)) - _COMMON


def likeness(one: frozenset[_T], other: frozenset[_T]) -> float:
    """Return how much two sets of words have in common, from 0 to 1: the Jaccard index."""
    return len(one & other) / len(one | other) if one or other else 1.0


_TEXT_FRONTS = {
    "summary": "What did {trial} show?",
    "significance": "What is the clinical significance of {trial}?",
    "history": "Where did the field stand before {trial}?",
}
_ROLES = {
    Audience.STUDENT: "a student",
    Audience.RESIDENT: "a resident",
    Audience.FELLOW: "a fellow",
    Audience.ATTENDING: "an attending",
    Audience.METHODOLOGIST: "a methodologist",
    Audience.PEER_REVIEWER: "a peer reviewer",
    Audience.GUIDELINE_COMMITTEE: "a guideline committee",
}


def text_front(section: Section, name: str) -> str:
    """Return the front's HTML of a section that is a text; `name` is the name of the trial as HTML."""
    return f"<p>{_TEXT_FRONTS[section.property].format(trial=name)}</p>"


def takeaway_front(trial: Trial, takeaway: Takeaway, name: str) -> str:
    """Return the front's HTML; of several takeaways for the same readers it says which one is asked for.

    `name` is the name of the trial as HTML. Those that are not retired do not count the retired ones.
    """
    among = trial.takeaways if takeaway.retired else current(trial.takeaways)
    readers = (takeaway.audience, takeaway.specialties)
    like = [other for other in among if (other.audience, other.specialties) == readers]
    roles = " or ".join(_ROLES[role] for role in takeaway.audience) or "a reader"
    number = f" ({like.index(takeaway) + 1} of {len(like)})" if len(like) > 1 else ""
    return f"<p>What should {roles} take away from {name}?{number}</p>"
