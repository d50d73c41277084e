"""Broken records, each named after its fault: the fault is found where it stands, and nothing else is.

A file says itself what is expected of it, in comments: `# expect: TD109 10:18`.
"""

import re
from pathlib import Path

import pytest

from folders import SUPPORT
from trialdeck.core.codes import CODES
from trialdeck.core.problem import Problem, Severity
from trialdeck.lint.record import check_record
from trialdeck.records.load import load_record

Fault = tuple[int, int, str]

EXPECTATION = re.compile(rb"(?m)^# expect: (TD[0-9]{3}) ([0-9]+):([0-9]+)\r?$")
CANNOT_HOLD_A_COMMENT: dict[str, list[Fault]] = {
    "empty-file": [(1, 1, "TD117")],
    "utf-16": [(1, 1, "TD120")],
}
NEEDS_RENDERING = {"empty-front", "invisible-front"}
NEEDS_NO_FIXTURE = {
    "TD100",  # the file cannot be read: see test_document.py
    "TD126",  # is no record: see test_json_records.py
    "TD125",  # needs a large file: see test_hostile_yaml.py
    "TD202",  # needs two files: see test_checks.py
    "TD210",  # needs the ledger of an earlier build
    "TD216",  # shows among all records: see test_checks.py
    "TD214",  # needs a large file: see test_media.py
}
FILES = sorted((SUPPORT / "broken").glob("*.yaml"))
IN_ONE_FILE = [path for path in FILES if path.stem not in NEEDS_RENDERING]
MANY = sorted((SUPPORT / "broken_many").glob("*.yaml"))


def named(path: Path) -> str:
    return path.stem


def expected(path: Path) -> list[Fault]:
    """The faults that a file is to have, by place."""
    said = EXPECTATION.findall(path.read_bytes())
    faults = [(int(line), int(column), code.decode()) for code, line, column in said]
    return sorted(faults) or CANNOT_HOLD_A_COMMENT[path.stem]


def errors(path: Path) -> list[Problem]:
    """What reading, schema and rules find in a record, without warnings."""
    record = load_record(path, path.name)
    problems = list(record.problems)
    if record.trial and record.document:
        problems += check_record(record.trial, record.document)
    return sorted(problem for problem in problems if problem.severity is Severity.ERROR)


def places(problems: list[Problem]) -> list[Fault]:
    return [(problem.line, problem.column, problem.code) for problem in problems]


@pytest.mark.parametrize("path", IN_ONE_FILE, ids=named)
def test_a_broken_record_has_its_one_fault(path: Path) -> None:
    assert len(expected(path)) == 1
    assert places(errors(path)) == expected(path)


@pytest.mark.parametrize("path", IN_ONE_FILE, ids=named)
def test_a_fault_says_what_is_wrong_and_what_to_do(path: Path) -> None:
    for problem in errors(path):
        assert problem.path == path.name
        assert problem.message
        assert problem.hint or CODES[problem.code].advice
        assert len(problem.message) + len(problem.hint) < 500


@pytest.mark.parametrize("path", [path for path in FILES if path.stem in NEEDS_RENDERING], ids=named)
def test_what_only_rendering_shows_is_no_fault_before(path: Path) -> None:
    assert [code for _, _, code in expected(path)] == ["TD205"]
    assert errors(path) == []


@pytest.mark.parametrize("path", MANY, ids=named)
def test_every_fault_is_reported_in_one_run(path: Path) -> None:
    assert places(errors(path)) == expected(path)


def test_ten_different_faults_stand_in_one_record() -> None:
    assert len({code for _, _, code in expected(SUPPORT / "broken_many" / "ten-faults.yaml")}) == 10


def test_every_error_has_a_fixture() -> None:
    shown = {code for path in FILES for _, _, code in expected(path)}
    of_records = {name for name, code in CODES.items() if not code.warning and not name.startswith("TD3")}
    assert shown == of_records - NEEDS_NO_FIXTURE


def test_the_names_above_are_files() -> None:
    assert {path.stem for path in FILES} >= NEEDS_RENDERING | CANNOT_HOLD_A_COMMENT.keys()
