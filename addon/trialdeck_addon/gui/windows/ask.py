"""The window that asks for notes which both the learner and the authors have changed: mine or theirs, side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aqt.qt import QButtonGroup, QListWidget, QListWidgetItem, QRadioButton, QResizeEvent, QWidget, qconnect

from ...core.json_form import counted
from ...core.update import Answer
from ...texts.differences import field_differences, marked
from ..widgets import MINE, THEIRS, Window, button, colour, label, row, view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...core.update import FieldDifference, Question

_NARROW = 460
"""The width below which the two texts stand one below the other."""
ANSWERS = {
    Answer.MINE: "Keep &mine",
    Answer.THEIRS: "Take &theirs",
    Answer.MINE_ALWAYS: "&Always keep mine: this note is not asked for again",
}


class AskWindow(Window):
    """The window.

    Args:
        parent: The window before it.
        questions: The notes.
        answered: Is given the answers by the tokens of questions, or None if the learner wants no update now.
    """

    def __init__(
        self,
        parent: QWidget,
        questions: Sequence[Question],
        answered: Callable[[Mapping[str, Answer] | None], object],
    ) -> None:
        super().__init__(parent, "Notes that you and the authors have changed", "trialdeck-ask", (720, 600))
        self._questions = questions
        self._answered = answered
        self._answers: dict[str, Answer] = {}
        self._is_narrow: bool | None = None
        words = (
            f"You have edited {counted(len(questions), 'note')} that the authors have changed too. What is yours in "
            "other fields, your tags and your schedule stay in any case."
        )
        self.column.addWidget(label(words, name="words"))
        self._make_list()
        self._make_choices()
        agree = button("Update", "agree", self._agree, is_default=True)
        self.column.addLayout(row(None, button("Not now", "cancel", self.reject), agree))
        self._list.setCurrentRow(0)
        self._list.setFocus()

    def _make_list(self) -> None:
        self._list = QListWidget()
        self._list.setObjectName("questions")
        self._list.setAccessibleName("Notes")
        self._list.setWordWrap(True)
        self._items = [QListWidgetItem(_item(question, None)) for question in self._questions]
        for item in self._items:
            self._list.addItem(item)
        self._view = view("texts")
        self._view.setAccessibleName("Your text and that of the authors")
        qconnect(self._list.currentRowChanged, lambda _: self._show())
        self.column.addWidget(self._list, 1)
        self.column.addWidget(self._view, 3)

    def _make_choices(self) -> None:
        self._group = QButtonGroup(self)
        self._buttons: dict[Answer, QRadioButton] = {}
        for answer, text in ANSWERS.items():
            made = QRadioButton(text)
            made.setObjectName(answer.name.lower())
            self._group.addButton(made)
            self._buttons[answer] = made
            qconnect(made.clicked, lambda _=False, answer=answer: self._choose(answer))
            self.column.addWidget(made)
        self.column.addLayout(
            row(
                button("Mine for all", "all_mine", lambda: self._choose_all(Answer.MINE)),
                button("Theirs for all", "all_theirs", lambda: self._choose_all(Answer.THEIRS)),
                None,
            )
        )
        self._left = label(name="left")
        self.column.addWidget(self._left)

    # Showing

    def _show(self) -> None:
        question = self._current
        self._is_narrow = self.width() < _NARROW
        self._view.setHtml("".join(_field(field, is_narrow=self._is_narrow) for field in _to_read(question)))
        answer = self._answers.get(question.token)
        self._group.setExclusive(False)
        for each, made in self._buttons.items():
            made.setChecked(each is answer)
        self._group.setExclusive(True)
        open_ones = len(self._questions) - len(self._answers)
        self._left.setText(
            f"{counted(open_ones, 'note has', 'notes have')} no answer yet. Without one, your text stays, and you are "
            "asked again next time."
            if open_ones
            else "All are answered."
        )

    @property
    def _current(self) -> Question:
        return self._questions[max(self._list.currentRow(), 0)]

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put the texts one below the other if there is no room beside each other."""
        super().resizeEvent(event)
        if self._is_narrow is not None and self._is_narrow != (self.width() < _NARROW):
            self._show()

    # Answering

    def _choose(self, answer: Answer) -> None:
        self._set(self._list.currentRow(), answer)
        self._show()

    def _choose_all(self, answer: Answer) -> None:
        for number in range(len(self._questions)):
            self._set(number, answer)
        self._show()

    def _set(self, number: int, answer: Answer) -> None:
        question = self._questions[number]
        self._answers[question.token] = answer
        self._items[number].setText(_item(question, answer))

    def _agree(self) -> None:
        self.accept()
        self._answered(dict(self._answers))

    def reject(self) -> None:
        """Do not update now."""
        super().reject()
        self._answered(None)


_SHORT = {Answer.MINE: "mine", Answer.THEIRS: "theirs", Answer.MINE_ALWAYS: "always mine", None: "no answer yet"}


def _item(question: Question, answer: Answer | None) -> str:
    withdrawn = ", withdrawn by the authors" if question.is_retired else ""
    return f"{question.label}  ({_SHORT[answer]}{withdrawn})"


def _to_read(question: Question) -> Sequence[FieldDifference]:
    """Return the fields that differ, without addresses that no card shows, unless nothing else differs."""
    return [field for field in question.fields if field.name not in {"Link", "Report"}] or question.fields


def _field(field: FieldDifference, *, is_narrow: bool) -> str:
    """Return a field of both as HTML, with what differs marked."""
    mine, theirs = field_differences(field.mine, field.theirs)
    texts = [("Mine", marked(mine, colour(MINE))), ("Theirs", marked(theirs, colour(THEIRS)))]
    title = f"<h3>{escape(field.name)}</h3>"
    if is_narrow:
        return title + "".join(f"<p><i>{who}</i><br>{text or '(empty)'}</p>" for who, text in texts)
    heads = "".join(f'<td width="50%"><i>{who}</i></td>' for who, _ in texts)
    cells = "".join(f'<td valign="top">{text or "(empty)"}</td>' for _, text in texts)
    return f'{title}<table width="100%" cellpadding="4"><tr>{heads}</tr><tr>{cells}</tr></table>'
