"""The prompts of a record in its own words: its questions and cloze statements, as shown on cards."""

from collections.abc import Iterator

import msgspec

from trialdeck.markdown.cloze import Deletion, parse_cloze
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_inline
from trialdeck.notes.prompts.fronts import VEILED, header_html
from trialdeck.records.asked import is_asked
from trialdeck.records.entries import numbered, statements
from trialdeck.records.model import Item, Question, Result, Takeaway, Trial
from trialdeck.records.sections import QUESTIONS
from trialdeck.yamlfile.document import DataPath

GAP = "…"
"""What stands for a deletion on the front of a cloze statement."""


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
    def is_point(self) -> bool:
        """Whether it is a point of a list that is asked, whose front shows the others."""
        return self.is_made and isinstance(self.entry, Item)

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
