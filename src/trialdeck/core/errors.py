"""Errors that end a command with a message and a hint.

A fault in what an author wrote is not an error but a value (`trialdeck.core.problem.Problem`).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialdeck.core.problem import Problem


class TrialdeckError(Exception):
    """An error that ends a command and that the user can correct, with a hint that says how.

    `problems` are the faults of records and settings, if those are the reason.
    """

    def __init__(self, message: str, hint: str = "", problems: "tuple[Problem, ...]" = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = problems
