"""The window that says what an update would change, before anything is written."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...core.json_form import counted
from ..widgets import Window, button, label, row, view

if TYPE_CHECKING:
    from collections.abc import Callable

    from aqt.qt import QWidget

    from ...core.update import Plan

_MOST = 500
"""How many notes of a kind are listed at most."""


class PlanWindow(Window):
    """The window.

    Args:
        parent: The window before it.
        name: That of the subscription.
        plan: What the update would change.
        decided: Is told whether the learner wants the update.
    """

    def __init__(self, parent: QWidget, name: str, plan: Plan, decided: Callable[[bool], object]) -> None:
        super().__init__(parent, "What would change", "trialdeck-plan", (520, 480))
        self._decided = decided
        self.column.addWidget(label(f"{name}: {plan_words(plan)}", name="words", is_title=True))
        shown = view("notes")
        shown.setHtml(plan_html(plan))
        self.column.addWidget(shown, 1)
        self.column.addWidget(
            label("What you wrote, your tags, flags and schedule stay. Nothing has been changed yet.")
        )
        agree = button("Update", "agree", self._agree, is_default=True)
        self.column.addLayout(row(None, button("Not now", "cancel", self.reject), agree))

    def _agree(self) -> None:
        self.accept()
        self._decided(True)

    def reject(self) -> None:
        """Do not update now."""
        super().reject()
        self._decided(False)


def plan_words(plan: Plan) -> str:
    """Return a plan as a line."""
    parts = [
        f"{len(plan.updated):,} updated" if plan.updated else "",
        f"{len(plan.new):,} new" if plan.new else "",
        f"{len(plan.retired):,} retired" if plan.retired else "",
        f"{len(plan.questions):,} to ask you about" if plan.questions else "",
        f"{len(plan.kept):,} kept as you have them" if plan.kept else "",
        f"{counted(plan.returning, 'suspended card')} back" if plan.returning else "",
        "a new look of the cards" if plan.looks else "",
    ]
    return ", ".join(filter(None, parts)) or "nothing changes."


def plan_html(plan: Plan) -> str:
    """Return the notes of a plan by what becomes of them, as HTML."""
    parts = [
        ("Changed by you and by the authors", tuple(question.label for question in plan.questions)),
        ("Updated", plan.updated),
        ("New", plan.new),
        ("Retired", plan.retired),
        ("Kept as you have them", plan.kept),
    ]
    return "".join(_part(title, labels) for title, labels in parts if labels)


def _part(title: str, labels: tuple[str, ...]) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in labels[:_MOST])
    more = f"<p>and {counted(len(labels) - _MOST, 'more note')}</p>" if len(labels) > _MOST else ""
    return f"<h4>{title}</h4><ul>{items}</ul>{more}"
