"""Errors that end a command with a message and a hint.

A fault in what an author wrote is not an error but a value (`trialdeck.core.problem.Problem`).
"""


class TrialdeckError(Exception):
    """Something that ends a command and that the user can mend, with a hint that says how."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
