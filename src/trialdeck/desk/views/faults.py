"""The faults that stop something, each with the place in the desk where it can be put right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import trialdeck as td
from trialdeck.desk.forms.filled import key_of
from trialdeck.desk.forms.page_words import hint_on_page
from trialdeck.desk.forms.problem_words import said_in_form
from trialdeck.desk.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: in words, what to do, and the address of the page where it can be corrected."""

    message: str
    hint: str
    place: str
    address: str


def faults_in(workspace: Workspace, error: td.TrialdeckError) -> Iterator[Fault]:
    """Yield the faults of an error in the words of the form, each with the address of the field that can correct it."""
    paths: dict[Path, Mapping[td.Problem, tuple[str | int, ...]]] = {}
    for found in error.problems:
        problem = workspace.named(found)
        # A problem may name a file as it is called from the folder in which the desk was started.
        file = Path(problem.path).absolute()
        if problem.severity.value != "error":
            continue
        if file.is_relative_to(workspace.seeds):
            if file not in paths:
                record = td.read_record(file)
                paths[file] = {each.problem: each.path for each in record.problems if record.data is not None}
            yield _fault_of_record(workspace.record_name(file), problem, paths[file].get(found))
        elif file.is_relative_to(workspace.decks):
            address = "/settings" if file.stem == "project" else f"/decks/{quote(file.stem)}"
            yield Fault(problem.message, hint_on_page(problem.hint), f"Settings, {file.name}", address)
        else:
            yield Fault(problem.message, hint_on_page(problem.hint), file.name, "")


def _fault_of_record(name: str, problem: td.Problem, path: tuple[str | int, ...] | None) -> Fault:
    """Return a fault of a record; one that only a comparison of records finds has no path."""
    place, address = f"{name}, line {problem.line}", f"/trial/{quote(name)}"
    if path is None:
        return Fault(problem.message, problem.hint, place, address)
    said = said_in_form(problem, path)
    return Fault(said.message, said.hint, place, f"{address}#{quote(key_of(path))}" if path else address)
