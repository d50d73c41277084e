"""Nothing that an author wrote is silently on no card and on no page."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from chromium_dot import DOT
from matrices import examples
from trialdeck.core.problem import Severity
from trialdeck.lint.cross_record import check_collection
from trialdeck.notes.builder import notes_of
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import Record, load_record_text
from trialdeck.records.schema import load_schema, resolved
from trialdeck.records.summary import known
from trialdeck.site.pages import Pages
from trialdeck.site.trial_page import Neighbours, trial_page
from trialdeck.site.whole import About
from trialdeck.yamlfile.document import DataPath

Marks = dict[DataPath, str]

UNSHOWN = {"TD404", "TD409", "TD416", "TD417"}
"""The warnings that say of a value, or of the entry around it, that no card shows it."""
IDENTITY = {"$schema", "format", "id", "formerly", "guid", "file", "outcome"}
"""What says which thing is meant, and is no text."""
FORMED: Mapping[str, Callable[[int], str]] = {
    "doi": "10.1000/qz{}q".format,
    "url": "https://example.org/qz{}q".format,
    "language": "de-qz{}q".format,
    "registry": "NCT0{:06}7".format,
    "on": lambda number: f"20{number % 90 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}",
    "as_of": lambda number: f"19{number % 90 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}",
}
NUMBERS: Mapping[str, str] = {
    "n": "1{:04}",
    "events": "8{:03}",
    "median": "20.{:03}7",
    "percent": "12.{:03}7",
    "mean": "30.{:03}7",
    "sd": "3.{:03}7",
    "se": "0.3{:03}7",
    "rate": "40.{:03}7",
    "margin": "1.3{:03}7",
    "estimate": "0.5{:03}7",
    "ci_level": "95.{:03}7",
}
BOUNDS = ("0.1{:03}7", "99.{:03}7")


REFERENCE = {"for", "on"}
"""What says of a contributor which note and which edition thanks them."""


class Writer:
    """Writes random data of a schema in which each text and number is one of its own."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.marks: Marks = {}
        self.count = count()

    def mark(self, path: DataPath, form: Callable[[int], str] = "qz{}q".format) -> str:
        self.marks[path] = form(next(self.count))
        return self.marks[path]

    def value(self, part: Mapping[str, Any], path: DataPath) -> Any:
        schema = resolved(part, load_schema("trial"))
        name = next((str(each) for each in reversed(path) if isinstance(each, str)), "")
        if "properties" in schema:
            return self.mapping(schema, path)
        if name == "cloze":
            marks = [self.mark((*path, "s", index)) for index in range(3)]
            return {"s": "{} {{{{c1::{}::{}}}}}".format(*marks)}
        if "boolean" in schema["type"]:
            return self.draw(st.booleans())
        if "array" in schema["type"]:
            return self.sequence(schema, path)
        if "enum" in schema:
            return self.draw(st.sampled_from(schema["enum"]))
        return self.number(path, name) if name in NUMBERS else self.mark(path, FORMED.get(name, "qz{}q".format))

    def number(self, path: DataPath, name: str) -> float | str:
        if name == "median" and self.draw(st.booleans()):
            return "not reached"
        number: float = json.loads(self.mark(path, NUMBERS[name].format))
        return number

    def mapping(self, schema: Mapping[str, Any], path: DataPath) -> dict[str, Any]:
        entry: dict[str, Any] = {"id": f"e{path[-1]}"} if "id" in schema["properties"] and path else {}
        entry |= {"file": "dot.png"} if "file" in schema["properties"] else {}
        for name, part in schema["properties"].items():
            is_cited = bool(path) and name == "results"
            is_reference = path[:1] == ("contributors",) and name in REFERENCE
            if (
                name not in {*IDENTITY, "retired"}  # a retired entry stands on cards of those alone who have it
                and not (is_cited or is_reference)
                and (name in schema.get("required", ()) or self.draw(st.booleans()))
            ):
                entry[name] = self.value(part, (*path, name))
        for name in self.impossible(entry):
            entry.pop(name)
            self.forget((*path, name))
        if "between" in entry:
            entry["between"] = [arm["name"] for arm in entry["arms"]]
            self.forget((*path, "between"))
        return entry

    def forget(self, path: DataPath) -> None:
        """Take back what was written at a path, and within."""
        self.marks = {at: mark for at, mark in self.marks.items() if at[: len(path)] != path}

    @staticmethod
    def impossible(entry: dict[str, Any]) -> Iterator[str]:
        """The properties that contradict others of the same entry, or need others."""
        if "events" in entry and entry.get("percent") is not None:
            yield "events"
        if "margin" in entry and entry.get("hypothesis") not in {"noninferiority", "equivalence"}:
            yield "margin"
        if "between" in entry and len(entry.get("arms") or ()) < 2:
            yield "between"

    def sequence(self, schema: Mapping[str, Any], path: DataPath) -> list[Any]:
        items = resolved(schema["items"], load_schema("trial"))
        if "number" in items["type"]:
            return [json.loads(self.mark((*path, index), form.format)) for index, form in enumerate(BOUNDS)]
        if "enum" in items:
            return self.draw(st.lists(st.sampled_from(items["enum"]), unique=True, max_size=2))
        return [self.value(items, (*path, index)) for index in range(self.draw(st.integers(0, 2)))]


@st.composite
def records(draw: st.DrawFn) -> tuple[bytes, Marks]:
    """A valid record with one question at least, and its texts and numbers by their paths."""
    writer = Writer(draw)
    data = writer.value(load_schema("trial"), ())
    data |= {"format": 1, "id": "dawn-1"}
    if not data.get("questions"):
        data["questions"] = [{"id": "q", "perspective": "clinical", "question": "What?", "response": "That."}]
    return json.dumps(data).encode(), writer.marks


def shown(record: Record) -> str:
    """All that the notes with cards of a record hold, and its page."""
    trial = record.trial
    assert trial
    notes = [note for note in notes_of(trial, trial_notes([trial])) if note.cards]
    page = trial_page(trial, notes, Neighbours(frozenset({trial.id}), {}))
    about = About("S", "2026", Markup(), (), "", Markup(), "")
    held = " ".join(part for note in notes for part in (*note.fields, *note.tags))
    return f"{held} {Pages(about).trial(page, {})[1].decode()}"


def warned_of(record: Record) -> set[tuple[int, int]]:
    """The places of all that a check says is on no card."""
    problems = [*problems_of(record), *check_collection([known(record)])]
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    return {(problem.line, problem.column) for problem in problems if problem.code in UNSHOWN}


def is_warned(record: Record, path: DataPath, warned: set[tuple[int, int]]) -> bool:
    """Whether a warning stands at a value, at its name, or at an entry around it."""
    document = record.document
    assert document
    around = [path[:length] for length in range(1, len(path) + 1)]
    spots = [spot(*each) for each in around for spot in (document.spot, document.key_spot)]
    return any((spot.line, spot.column) in warned for spot in spots)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown")
    (folder / "dot.png").write_bytes(DOT)
    return folder


@settings(max_examples=examples(150))
@given(records())
def test_every_text_and_number_is_in_a_note_on_the_site_or_in_a_warning(
    folder: Path, written: tuple[bytes, Marks]
) -> None:
    content, marks = written
    record = load_record_text(content, "x.yaml", folder)
    text, warned = shown(record), warned_of(record)
    lost = {path: mark for path, mark in marks.items() if mark not in text and not is_warned(record, path, warned)}
    assert lost == {}


def test_the_test_finds_what_is_lost(folder: Path) -> None:
    """A value that nothing shows and nothing warns of is found by the test above."""
    record = load_record_text(b"format: 1\nid: x\ntitle: T\nsummary: S\nreview: {by: qz1q}\n", "x.yaml", folder)
    assert "qz1q" not in shown(record)
    warned = warned_of(record)
    assert is_warned(record, ("review", "by"), warned)
    assert not is_warned(record, ("review", "by"), set())
    assert not is_warned(record, ("summary",), warned)


def test_who_has_corrected_a_trial_is_thanked_once_on_its_page(folder: Path) -> None:
    text = (
        b"format: 1\nid: x\ntitle: T\nsummary: S\n"
        b"contributors: [{name: Ada  <E>, on: 2026-10-20}, {name: B. Reader}, {name: Ada <E>, on: 2026-11-20}]\n"
    )
    record = load_record_text(text, "x.yaml", folder)
    assert "With corrections by Ada &lt;E&gt;, B. Reader." in shown(record)
