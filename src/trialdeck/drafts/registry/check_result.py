"""Whether a posted result can stand in a record: what `trialdeck check` calls an error is left out and listed."""

from collections.abc import Mapping

from trialdeck.core.problem import Severity
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text
from trialdeck.yamlfile.writer import Property, write_record


def fault_of(result: Mapping[str, object]) -> str:
    """Return the first error that `trialdeck check` would find in a result; empty if there is none."""
    properties = [Property("format", 1), Property("id", "x"), Property("title", "X"),
                  Property("results", [{"id": "x", **result}])]  # fmt: skip
    problems = problems_of(load_record_text(write_record(properties, []).encode(), ""))
    return next((problem.message for problem in problems if problem.severity is Severity.ERROR), "")
