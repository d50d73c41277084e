"""What authors type, and what learners must read: each line of ../shared/cases/texts.yaml and results.yaml.

The comment of a line says what its text reads as on the card; a text without one reads as it was typed.
"""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

import trialdeck as td
from folders import ROOT
from seen import seen
from sheets import KINDS, run
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import note_type
from trialdeck.project.note_repository import notes_of_records
from trialdeck.site.anki_template import card_html

CASES = ROOT.parent / "shared" / "cases"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
BLANK, GAP = "{{c1::gap}}", "\n{{c1::gap}}"


class Case(NamedTuple):
    """A text as an author types it, and the comment that says what it reads as; `line` is that of its entry."""

    id: str
    typed: str
    comment: str
    line: int


def entries(name: str) -> Iterator[tuple[str, str, int]]:
    """Yield the entries of a file of cases, each with its comment and its line."""
    path = CASES / name
    content = path.read_text(encoding="utf-8") if path.exists() else ""
    for found in re.finditer(r"(?m)^  - .*\n(?:^    .*\n)*", content):
        comment = re.search(r"(?m) {2,}# (.+)$", found[0])
        yield found[0], comment[1] if comment else "", content.count("\n", 0, found.start()) + 1


def cases() -> Iterator[Case]:
    for text, comment, line in entries("texts.yaml"):
        (entry,) = yaml.safe_load(text)
        yield Case(entry["id"], entry["response"], comment, line)


TEXTS = {case.id: case for case in cases()}
NUMBERS = {yaml.safe_load(text)[0]["id"]: (text, comment, line) for text, comment, line in entries("results.yaml")}
needs_cases = pytest.mark.skipif(not TEXTS or not NUMBERS, reason="../shared/cases is not here")


AS_TYPED = (
    "as typed", "a warning each", "runs from right to left", "either every", "reads: two lines", "reads: three lines",
)  # fmt: skip
"""How the comments of texts begin that read as they were typed."""


class Reading(NamedTuple):
    """What a text reads as where it may have blocks, and where it is one line; and what its HTML holds."""

    blocks: str
    line: str
    html: str = ""


def reading(case: Case) -> Reading:
    """Return what a case reads as, as its comment says."""
    typed, comment = case.typed, case.comment
    if not comment or comment.startswith(AS_TYPED):
        return Reading(typed, typed)
    if comment == "reads: a list of two":
        return Reading(typed.replace("- ", "• "), typed, "<li>10 mg</li>")
    if found := re.fullmatch("reads: (.+) in its cell; .*", comment):
        return Reading(f"a\nb\n{found[1]}\n0.5", typed.replace("\\|", "|"), f"<td>{found[1]}</td>")
    if comment == "bold, no asterisks":
        return Reading(typed.replace("**", ""), typed.replace("**", ""), "<strong>")
    if found := re.fullmatch("links to …(.+)", comment):
        words = re.sub(r"\[(.+)\]\(.*\)", r"\1", typed)
        return Reading(words, words, f'{found[1]}"')
    if found := re.fullmatch("reads: (.+?)(?:[:;] .*)?", comment):
        return Reading(found[1], found[1])
    raise AssertionError(f"no test knows what '{comment}' means")


PLACES: Mapping[str, tuple[str, str, bool]] = {
    "question": ("{}/question/asked", "Question", False),
    "response": ("{}/question/answered", "Response", False),
    "point": ("{}/limitations/points", "Text", False),
    "takeaway": ("{}/takeaway/first", "Response", False),
    "statement": ("{}/question/answered/cloze/gap", "Text", False),
    "tested": ("{}-2/trial", "Tested", True),
    "caption": ("{}/question/answered", "Picture", True),
}
"""Where a text may stand: the key of its note, its field, and whether it is one line there."""


def record_of(case: Case) -> dict[str, Any]:
    """Return a record that has the text of a case in every place."""
    figure = {"file": "dot.svg", "alt": "A dot", "license": "CC0", "caption": case.typed}
    answered = {
        "id": "answered", "perspective": "clinical", "question": "Which text?", "response": case.typed,
        "figures": [figure], "cloze": {"gap": f"{case.typed}\n\n{BLANK}"},
    }  # fmt: skip
    asked = {"id": "asked", "perspective": "clinical", "question": case.typed, "response": "That one."}
    return {
        "format": 1, "id": case.id, "acronym": case.id.upper(), "title": "Text as it is typed",
        "limitations": [{"id": "one", "card": True, "text": case.typed}], "questions": [asked, answered],
        "related_trials": [{"id": f"{case.id}-2", "name": f"{case.id}-2", "tested": case.typed}],
        "takeaways": [{"id": "first", "audience": ["fellow"], "card": True, "text": case.typed}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a record for each case."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "seeds").mkdir()
    (folder / "seeds" / "dot.svg").write_text(PICTURE, encoding="utf-8")
    for case in TEXTS.values():
        written = yaml.safe_dump(record_of(case), allow_unicode=True, sort_keys=False)
        (folder / "seeds" / f"{case.id}.yaml").write_text(written, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def notes(project: Path) -> dict[str, Note]:
    return notes_in(project)


def notes_in(project: Path) -> dict[str, Note]:
    assert td.check(td.load(project)).errors == ()
    return {note.key: note for note in notes_of_records([project / "seeds"])}


def fields_of(note: Note) -> dict[str, str]:
    return dict(zip(note_type(note.kind).field_names, note.fields, strict=True))


def text_in(place: str, html: str) -> str:
    """Return what a field says, without what stands around a text there."""
    if place == "point":
        html = re.sub(r"(?s)^.*?<ol><li>\{\{c[0-9]+::(.*)\}\}</li></ol>.*$", r"\1", html)
    if place == "caption":
        html = re.sub(r"(?s)^.*<figcaption[^>]*>(.*)<br>CC0</figcaption>$", r"\1", html)
    text = seen(re.sub("(?s)</?t[hd]>", "\n", html))
    return text.removesuffix(GAP) if place == "statement" else text


@needs_cases
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_reads_as_its_comment_says(name: str, place: str, notes: dict[str, Note]) -> None:
    expected = reading(TEXTS[name])
    key, field, is_line = PLACES[place]
    html = fields_of(notes[key.format(name)])[field]
    assert text_in(place, html) == (expected.line if is_line else expected.blocks)
    assert expected.html in html or (is_line and expected.line != expected.blocks)


class _Directions(HTMLParser):
    """Finds the direction that some words have, as the nearest element around them says."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words, self.found = words, list[str]()
        self.around: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in {"br", "hr", "img"}:
            own = dict(attributes).get("dir")
            self.around.append((tag, own or (self.around[-1][1] if self.around else "")))

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.words in data:
            self.found.append(self.around[-1][1])


@needs_cases
@pytest.mark.parametrize("place", PLACES)
def test_a_text_has_its_own_direction(place: str, notes: dict[str, Note]) -> None:
    (case,) = [case for case in TEXTS.values() if case.comment.startswith("runs from right to left")]
    note = notes[PLACES[place][0].format(case.id)]
    for number in note.cards:
        shown = _Directions(case.typed)
        shown.feed(card_html(note, number).back)
        assert set(shown.found) == {"auto"}


@needs_cases
def test_check_warns_as_the_comments_say(tmp_path: Path) -> None:
    unescaped = re.sub(r"(?m)^(  - \{id: in-table.*)$", lambda line: line[0].replace("\\\\|", "|"), read("texts.yaml"))
    path = tmp_path / "texts.yaml"
    path.write_text(unescaped, encoding="utf-8")
    problems = td.check(td.load(path)).problems
    found = {name: [problem for problem in problems if problem.line == case.line] for name, case in TEXTS.items()}
    assert [problem.code for problem in problems if 0 <= problem.line - TEXTS["plain-hash"].line < 5] == ["TD425"]
    assert [problem.hint for problem in found["tags"] if problem.code == "TD421"] == ["write ²"]
    assert len([problem for problem in found["raw"] if problem.code == "TD421"]) == TEXTS["raw"].typed.count("](")
    assert "TD424" in [problem.code for problem in found["in-table"]]
    named = [problem.message for problem in problems if problem.code == "TD204"]
    assert [re.findall("c[0-9]", message)[0] for message in named] == ["c3", "c4"]


def read(name: str) -> str:
    return (CASES / name).read_text(encoding="utf-8")


@needs_cases
@pytest.mark.parametrize("name", KINDS)
def test_texts_read_the_same_from_sheets(
    name: str, project: Path, notes: dict[str, Note], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    run("export", "-o", str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    run("import", name)
    again = notes_in(tmp_path)
    assert list(again) == list(notes)
    for key, note in again.items():
        # A sheet has no figures.
        assert fields_of(note) | {"Picture": ""} == fields_of(notes[key]) | {"Picture": ""}


# --- numbers


@needs_cases
def test_what_cannot_be_true_is_an_error_with_a_valid_hint(tmp_path: Path) -> None:
    path = tmp_path / "numbers.yaml"
    path.write_text(read("results.yaml"), encoding="utf-8")
    errors = td.check(td.load(path)).errors
    assert {error.line for error in errors} == {line for _, comment, line in NUMBERS.values() if comment[0] == "E"}
    hints = {name: [error.hint for error in errors if error.line == line] for name, (_, _, line) in NUMBERS.items()}
    assert hints["level"] == ["the level is in per cent: write 95"]
    assert hints["dash"] == ["write a list: [0.59, 0.94]"]
    assert hints["minus"] == ["write -2.5"]


@needs_cases
@pytest.mark.parametrize("name", [name for name, (_, comment, _) in NUMBERS.items() if comment.startswith("C: ")])
def test_a_number_is_right_on_the_card(name: str, tmp_path: Path) -> None:
    text, comment, _ = NUMBERS[name]
    head = read("results.yaml").partition("results:\n")[0]
    (tmp_path / "numbers.yaml").write_text(f"{head}results:\n{text}", encoding="utf-8")
    (note,) = [note for note in notes_of_records([tmp_path]) if note.key.startswith("numbers/result/")]
    response = " ".join(seen(fields_of(note)["Response"]).split())
    assert response.count(comment.removeprefix("C: ").partition(",")[0]) == 1
    assert response.count("P ") + response.count("p=") + response.count("P=") <= 1
