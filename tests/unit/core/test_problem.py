"""Locations in files and in spreadsheets print and sort as places in them do."""

import pytest

from trialdeck.core.problem import CellLocation, FileLocation, Location, Problem
from trialdeck.core.serialise import packed, unpacked


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (FileLocation("a.yaml", 3, 7), "a.yaml:3:7"),
        (FileLocation("a.yaml", 3), "a.yaml:3"),
        (FileLocation("a.yaml"), "a.yaml"),
        (CellLocation("trials.xlsx", "Questions", 12, 4), "trials.xlsx: Questions!D12"),
        (CellLocation("Questions.csv", "", 2, 28), "Questions.csv: AB2"),
    ],
    ids=str,
)
def test_a_location_prints_what_is_known_of_it(location: Location, words: str) -> None:
    assert str(location) == words
    problem = Problem(location, "TD117", "it is empty")
    assert unpacked(packed(problem), Problem) == problem
    assert problem.located_message == f"{words}: error [TD117] it is empty"
    moved = problem.in_file("b")
    assert (moved.path, moved.line, moved.column) == ("b", location.line, location.column)


def test_problems_of_a_file_sort_by_line_and_column() -> None:
    places = [FileLocation("a", 10, 1), FileLocation("b", 1, 1), FileLocation("a", 9, 2), FileLocation("a", 9, 1)]
    problems = sorted(Problem(place, "TD117", "it is empty") for place in places)
    assert [str(problem.location) for problem in problems] == ["a:9:1", "a:9:2", "a:10:1", "b:1:1"]
