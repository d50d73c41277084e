"""Whether a posted result can stand in a record: what `trialdeck check` calls an error is left out and listed."""

import json
from collections.abc import Mapping

from trialdeck.core.problem import Severity
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text
from trialdeck.yamlfile.writer import Number


def fault_of(result: Mapping[str, object]) -> str:
    """Return the first error that `trialdeck check` would find in a result; empty if there is none."""
    record = {"format": Number("1"), "id": "x", "title": "X", "results": [{"id": "x", **result}]}
    problems = problems_of(load_record_text(_in_flow(record).encode(), ""))
    return next((problem.message for problem in problems if problem.severity is Severity.ERROR), "")


def _in_flow(value: object) -> str:
    """Return data as YAML in brackets, which no reader sees: a study may have hundreds of results to try."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {_in_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_in_flow, value))}]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
