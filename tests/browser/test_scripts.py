"""Texts that would run or load something, in every field: in a Chromium, on the site, and in Anki's own web view.

Each of these is shown in three ways that must hold: together in every text field of a record, alone as the question and
response of a card, and, where the text is one, as a cloze statement. That the three can see what acts is tried as well.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import genanki
import pytest
import yaml
from click.testing import CliRunner

from anki_releases import NEWEST, desktop_python
from builds import build
from folders import ANKI_PROGRAMS, SUPPORT
from hostile_records import BUILT_AT, Filling, alone, filled, names_of, rendered, written
from matrices import IS_FULL
from trialdeck.cli import main
from trialdeck.markdown.math import find_formulas
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.check import check
from trialdeck.records.schema import load_schema
from trialdeck.records.settings import Split

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Request

    from chromium import Reviewer

pytest_plugins = ["chromium"]
Side = dict[str, Any]

GROUPS: Mapping[str, Mapping[str, str]] = yaml.safe_load((SUPPORT / "hostile" / "scripts.yaml").read_text("utf-8"))
TEXTS = {f"{group}: {name}": text for group, those in GROUPS.items() for name, text in those.items()}
STYLE = note_type(Kind.QUESTION).style
RENDERERS = ("Chromium", "the site", "Anki")
# So many texts together that a record of them stays below the largest size of one.
_TOGETHER = 34
# What Anki's reviewer says and asks for of its own.
_OWN = re.compile(
    r"console: No version information available for component \[tex\]/[a-z]+"
    r"|command: (?:updateToolbar|repaintNeeded|domDone)"
    r"|navigation: http://127\.0\.0\.1:[0-9]+/_anki/legacyPageData\?id=[0-9]+"
    r"|request: http://127\.0\.0\.1:[0-9]+/"
    r"(?:_anki/(?!pages)[\w./-]*(?:\?id=[0-9]+)?|favicon\.ico|trialdeck-[0-9a-f]{20}\.png)"
)
ACTING = """<img src=x onerror="alert(1)"><script>console.log(2); fetch("https://example.org/y"); pycmd("ans")</script>
<style>@import "https://example.org/z.css";</style><a href="javascript:alert(3)">x</a>
\\(\\href{javascript:alert(4)}{x}\\)"""


def records() -> Iterator[dict[str, Any]]:
    """Records with some of the texts in each field, and one with each of them alone.

    By default a few texts of every group are in each field: what a field lets through does not depend on the text, as
    long as there is one of its kind. All texts are tried alone, in every renderer.
    """
    texts = list(TEXTS.values())
    in_fields = texts if IS_FULL else some_of_each_group()
    for first in range(0, len(in_fields), _TOGETHER):
        together = filled(load_schema("trial"), Filling(tuple(in_fields[first : first + _TOGETHER])))
        del together["questions"][0]["guid"]
        yield {**together, "id": f"part-{first}", "acronym": f"PART-{first}", "formerly": []}
    yield alone("alone", texts)


def some_of_each_group() -> list[str]:
    """As many texts as fit into one record: those with a formula, then by turns from each group."""
    formulas = [text for text in TEXTS.values() if find_formulas(text)]
    turns = [text for turn in zip_longest(*(those.values() for those in GROUPS.values())) for text in turn if text]
    return list(dict.fromkeys([*formulas, *turns]))[:_TOGETHER]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("scripts") / "seeds"
    folder.mkdir()
    return written(folder, *records())


@pytest.fixture(scope="module")
def packages(paths: list[Path]) -> list[Path]:
    return [package.path for package in build(paths, Split.TRIAL, paths[0].parent / "out", BUILT_AT)]


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a note whose card acts, as somebody else could make it."""
    template = {"name": "x", "qfmt": "{{Text}}", "afmt": "{{Text}}"}
    model = genanki.Model(1, "Acting", fields=[{"name": "Key"}, {"name": "Text"}], templates=[template])
    deck = genanki.Deck(2, "Acting")
    deck.add_note(genanki.Note(model, ["acting", ACTING]))
    path = tmp_path_factory.mktemp("acting") / "acting.apkg"
    genanki.Package(deck).write_to_file(path)
    return path


def fields() -> int:
    """How many text fields a record has."""
    return len(set(names_of(next(records()))))


def test_the_records_are_free_of_errors(paths: list[Path]) -> None:
    assert check(paths).errors == ()


def test_every_text_is_another() -> None:
    assert len(set(TEXTS.values())) == len(TEXTS)


def test_nothing_acts_in_a_chromium(
    paths: list[Path], reviewer: "Callable[[int], Reviewer]", record_property: Callable[[str, object], None]
) -> None:
    page, count = reviewer(1280), 0
    for note, ordinal, is_back, html in rendered(paths):
        shown = page.show(html, STYLE)
        assert (shown.did, shown.acting) == ([], []), (note, ordinal, is_back)
        assert not [name for name in shown.attributes if name.startswith("on")]
        count += 1
    assert count > 2 * len(TEXTS)
    record_property("sides", count)


def test_nothing_acts_on_the_site(
    paths: list[Path], packages: list[Path], chromium: "Browser", record_property: Callable[[str, object], None]
) -> None:
    project = paths[0].parents[1]
    assert packages
    call = ["site", str(paths[0].parent), "--out", str(project / "site")]
    result = CliRunner(env={"SOURCE_DATE_EPOCH": str(BUILT_AT)}).invoke(main, call)
    assert result.exit_code == 0, result.output
    pages = sorted((project / "site").rglob("*.html"))
    for page in pages:
        did, found = visited(chromium, page, project / "site")
        assert (did, found) == ([], []), page
    assert len(pages) > len(paths)
    record_property("pages", len(pages))


LOOK = """() => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const links = [...document.links].filter(each => !["http:", "https:", "mailto:", "file:"].includes(each.protocol));
  const handlers = [...document.querySelectorAll("*")].filter(
    each => [...each.attributes].some(own => own.name.startsWith("on")));
  const own = /^(?:\\.\\.\\/)*[a-z-]+\\.js\\?[0-9a-f]+$/;
  const scripts = [...document.scripts].filter(each => !own.test(each.getAttribute("src")));
  const strange = document.querySelectorAll("iframe, frame, object, embed, applet, base, marquee, video, audio, " +
    "math, meta[http-equiv=refresh], template");
  return [...links, ...handlers, ...scripts, ...strange].map(each => each.outerHTML.slice(0, 200));
}"""


def visited(chromium: "Browser", path: Path, site: Path) -> tuple[list[str], list[str]]:
    """What a page of a site does when it is opened from the disk, and what in it could act."""
    did: list[str] = []

    def dismissed(dialog: "Dialog") -> None:
        did.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def asked(request: "Request") -> None:
        if not request.url.startswith(f"{site.as_uri()}/"):
            did.append(f"request: {request.url}")

    page = chromium.new_page()
    page.on("dialog", dismissed)
    page.on("console", lambda message: did.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: did.append(f"error: {error}"))
    page.on("request", asked)
    page.goto(path.as_uri())
    found: list[str] = page.evaluate(LOOK)
    page.close()
    return did, found


def test_nothing_acts_in_anki(
    packages: list[Path], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    sides = in_anki(tmp_path, *packages)
    for side in sides:
        name = (side["note"], side["ordinal"], side["is_back"])
        assert (strange(side), side["acting"]) == ([], []), name
    assert len(sides) > 2 * len(TEXTS)
    # MathJax was there, and has set what it was given.
    assert sum(side["formulas"] for side in sides) > len(TEXTS)
    record_property("sides", len(sides))


def test_anki_that_is_watched_shows_what_acts(acting: Path, tmp_path: Path) -> None:
    for side in in_anki(tmp_path, acting):
        did = strange(side)
        assert {"dialog: 1", "console: 2", "command: ans", "request: https://example.org/y"} <= set(did)
        assert "request: https://example.org/z.css" in did
        assert any(re.fullmatch(r"request: http://127\.0\.0\.1:[0-9]+/x", each) for each in did)
        started = {each.split(">")[0].split()[0] for each in side["acting"]}
        assert {"<img", "<script", "<style", "<a", "<mi"} <= started
        assert len([each for each in side["acting"] if "javascript:" in each]) == 3


def strange(side: Side) -> list[str]:
    """What a side did that Anki does not do by itself."""
    return [each for each in side["did"] if not _OWN.fullmatch(each)]


def in_anki(folder: Path, *packages: Path) -> list[Side]:
    """Every side of every card as the reviewer of the desktop program shows it."""
    # Qt's browser itself crashes now and then on a machine that is busy; a second crash is a failure.
    for profile in ("anki", "anki again"):
        (folder / profile).mkdir()
        program: list[str | Path] = [
            desktop_python(),
            "-I",
            ANKI_PROGRAMS / "anki_web_view.py",
            folder / profile,
            *packages,
        ]
        done = subprocess.run(program, capture_output=True, encoding="utf-8", timeout=1200, check=False)
        if done.returncode >= 0:
            break
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    # The program writes its version with two digits for the month.
    assert [*map(int, answer["version"].split("."))] == [*map(int, NEWEST.version.split("."))]
    sides: list[Side] = answer["sides"]
    return sides


def test_the_site_that_is_watched_shows_what_acts(chromium: "Browser", tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_text(ACTING.replace("fetch(", "void fetch("), encoding="utf-8")
    did, found = visited(chromium, path, tmp_path)
    assert {"dialog: 1", "console: 2", "request: https://example.org/y", "request: https://example.org/z.css"} <= set(
        did
    )
    assert [each.split()[0].split(">")[0] for each in found] == ["<a", "<img", "<script"]


def test_the_docs_say_how_much_was_tried(root: Path) -> None:
    text = " ".join((root / "SECURITY.md").read_text(encoding="utf-8").split())
    assert f"{len(TEXTS)} texts in {fields()} fields and {len(RENDERERS)} renderers" in text
