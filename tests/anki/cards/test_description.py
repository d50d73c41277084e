"""The description of a deck: what it is, which edition, by whom, under what license, and how to update it."""

import json
import re
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from anki_releases import NEWEST, RELEASES, Release, python_of, run, search
from folders import ANKI_PROGRAMS
from projects import DAY, NOW, WHY, Project
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.decks.description import describe
from trialdeck.editions.ledger import Line
from trialdeck.editions.next_edition import EditionCounts
from trialdeck.notes.note import guid_of
from trialdeck.project.cross_references import CrossReferences
from trialdeck.project.package_keys import PackageKeys, part_of
from trialdeck.records.settings import DeckDefinition, ProjectSettings

LATER = NOW + DAY
PLAIN = DeckDefinition("all", "All")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.record("dawn-1")
    made.record("noon-1")
    made.define("all", "name: All", "description: Cards of **two** trials.")
    return made


def descriptions(path: Path) -> dict[str, str]:
    """The descriptions of the decks in a package, by name, but for the deck that Anki always has."""
    with zipfile.ZipFile(path) as archive, closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(archive.read("collection.anki2"))
        decks = json.loads(connection.execute("SELECT decks FROM col").fetchone()[0])
    return {deck["name"]: deck["desc"] for deck in decks.values() if deck["name"] != "Default"}


class Elements(HTMLParser):
    """The names of all elements, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


# what it says


def test_the_least_that_it_says() -> None:
    html = describe(PLAIN, ProjectSettings(), "2026-09-21")
    edition, update = html.removeprefix("<p>").removesuffix("</p>").split("</p><p>")
    assert edition == "Edition 2026-09-21"
    assert update.startswith("<b>To update</b>, import the newer file")
    assert "<code>tag:trialdeck::edition::2026-09-21</code>" in update
    assert "<code>tag:trialdeck::retired</code>" in update


def test_all_that_it_can_say() -> None:
    settings = ProjectSettings(
        edition="2026.1",
        license="[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)",
        authors=("Jane Doe", "J. Roe & Sons"),
        homepage="https://www.example.org/decks?a=1&b=2",
        report="https://www.example.org/report",
    )
    html = describe(DeckDefinition("all", "All", "First.\n\n- *one*\n- two"), settings, "2026.1")
    written, edition, update, errors = html.removesuffix("</p>").split("<p>Edition ")[0], *html.split("<p>")[-3:]
    assert written == "<p>First.</p>\n<ul>\n<li><em>one</em></li>\n<li>two</li>\n</ul>"
    assert edition == (
        "Edition 2026.1 · by Jane Doe, J. Roe &amp; Sons · "
        '<a href="https://creativecommons.org/licenses/by/4.0/" rel="noopener noreferrer">CC BY 4.0</a> · '
        '<a href="https://www.example.org/decks?a=1&amp;b=2">https://www.example.org/decks?a=1&amp;b=2</a></p>'
    )
    assert update.startswith("<b>To update</b>")
    assert errors == (
        '<b>Report errors</b> to <a href="https://www.example.org/report">https://www.example.org/report</a>.</p>'
    )


@pytest.mark.parametrize(
    ("report", "link"),
    [
        ("errors@example.org", "mailto:errors@example.org"),
        ("https://example.org/report", "https://example.org/report"),
        ("http://example.org/@errors", "http://example.org/@errors"),
        ("https://me@example.org/", "https://me@example.org/"),
    ],
)
def test_errors_are_reported_to_a_page_or_by_mail(report: str, link: str) -> None:
    html = describe(PLAIN, ProjectSettings(report=report), "1")
    assert f'<b>Report errors</b> to <a href="{link}">{report}</a>.' in html


HOSTILE = [
    "<script>alert(1)</script>",
    '<img src="https://example.org/x.png" onerror="alert(1)">',
    "![picture](https://example.org/x.png)",
    "[link](javascript:alert(1))",
    "<style>* {display: none}</style><iframe src=https://example.org></iframe>",
    "</p></div><h1>out</h1>",
    "[sound:x.mp3] {{c1::x}} [latex]x[/latex]",
    "&lt;script&gt; \u2028 \u202e \x07",
    '" onclick="alert(1)',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_the_author_wrote_runs_nothing_and_loads_nothing(text: str) -> None:
    settings = ProjectSettings(license=text, authors=(text,), homepage="https://example.org/", report="a@example.org")
    html = describe(DeckDefinition("all", "All", text), settings, "1")
    elements = Elements(html).found
    assert {tag for tag, _ in elements} <= {"p", "b", "a", "code", "strong", "em", "span", "div", "ul", "li", "br"}
    assert {name for _, attributes in elements for name in attributes} <= {"href", "rel"}
    links = {attributes["href"] for tag, attributes in elements if tag == "a"}
    # A picture becomes a link, which loads nothing by itself.
    assert links - {"https://example.org/x.png"} == {"https://example.org/", "mailto:a@example.org"}
    assert "{{" not in html
    assert "[sound:" not in html
    assert "[latex]" not in html
    assert html.count("<p>") == html.count("</p>")


# which edition it shows


def test_the_edition_is_that_of_the_project(project: Project) -> None:
    project.settings("edition: '2026.10'")
    assert project.build().edition == "2026.10"
    project.settings("edition: '2027.1'")
    plan = project.build(LATER)
    assert plan.edition == "2027.1"
    assert not plan.counts
    assert "<p>Edition 2027.1</p>" in descriptions(project.decks / "all.apkg")["Landmark Trials::All::DAWN-1"]


def test_without_a_name_it_is_that_of_the_last_change(project: Project) -> None:
    project.build()
    first = (project.decks / "all.apkg").read_bytes()
    assert project.build(LATER).edition == "2026-09-21"
    assert (project.decks / "all.apkg").read_bytes() == first
    project.edit("noon-1", response="It blocks")
    assert project.build(LATER).edition == "2026-09-22"
    # All decks of a project are of one edition, whichever of them changed.
    assert {re.findall("Edition ([^<]*)<", text)[0] for text in descriptions(project.decks / "all.apkg").values()} == {
        "2026-09-22"
    }


def test_a_clock_that_was_set_back_shows_the_edition_of_the_change(project: Project) -> None:
    project.build()
    project.edit("noon-1", response="It blocks")
    assert project.build(NOW - 7 * DAY, wanted=DeckRequest(allow=("clock-ahead",))).edition == "2026-09-14"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([("a", 1, "one"), ("b", 2, "two")], "two"),
        ([("a", 2, ""), ("b", 2, "two")], "two"),
        ([("a", NOW, ""), ("b", 2, "two")], "2026-09-21"),
    ],
)
def test_a_recovered_ledger_may_lack_the_name_of_the_last_edition(
    lines: list[tuple[str, int, str]], shown: str
) -> None:
    every = [Line(key, guid_of(key), "", 1, time, edition=edition) for key, time, edition in lines]
    parts, links = [part_of([line]) for line in every], CrossReferences({}, {}, {}, {}, {})
    assert PackageKeys(ProjectSettings(), links, {}, every[:1], {}).edition(parts) == shown
    assert PackageKeys(ProjectSettings(edition="three"), links, {}, every[:1], {}).edition(parts) == "three"
    counts = EditionCounts()
    counts.count(every, every)
    assert not counts


# where it stands


def test_it_stands_in_every_deck_of_a_package(project: Project) -> None:
    project.define("by", "name: By", "split: perspective", "description: By perspective.")
    project.build()
    for name, count, words in (("all", 2, "<strong>two</strong>"), ("by-clinical", 2, "By perspective.")):
        found = descriptions(project.decks / f"{name}.apkg")
        assert len(found) == count
        assert all(words in text for text in found.values())


def test_each_deck_says_what_is_in_it(project: Project) -> None:
    project.edit("noon-1", status="status: reviewed, by: A. B., on: 2026-09-01")
    project.define("all", "name: All")
    project.define("by", "name: By", "split: perspective", "subdecks: none")
    project.build()
    dawn, noon = descriptions(project.decks / "all.apkg").values()
    notes, cards = counts_of(project, "all", "Landmark Trials::All::DAWN-1")
    first, second, searches, *_ = paragraphs(dawn)
    assert first == "<b>DAWN-1</b>: Dawnol for Example Disease."
    assert second == f"{notes} notes, {cards} cards; none of them reviewed"
    assert searches == (
        "<b>Search</b> in the browser: cards for the student <code>tag:trialdeck::audience::student deck:current</code>"
        '; what is not yet reviewed <code>"Review:*Not yet reviewed*" deck:current</code>.'
    )
    assert "; all of them reviewed" in noon
    assert "what is not yet reviewed" not in noon
    (mechanism,) = descriptions(project.decks / "by-mechanism.apkg").values()
    assert paragraphs(mechanism)[:2] == [
        "<b>DAWN-1</b> and <b>NOON-1</b>: how the treatments work.",
        "2 notes, 2 cards; 1 of them reviewed",
    ]


def counts_of(project: Project, stem: str, deck: str) -> tuple[int, int]:
    cards = [key for key, _, name, _ in project.opened(stem).cards if name == deck]
    return len(set(cards)), len(cards)


def paragraphs(html: str) -> list[str]:
    return re.findall("<p>(.*?)</p>", html, re.DOTALL)


def test_a_build_of_one_definition_gives_the_descriptions_that_a_build_of_all_gives(project: Project) -> None:
    project.define("each", "name: Each", "split: trial")
    project.build()
    whole = (project.decks / "all.apkg").read_bytes()
    (project.decks / "all.apkg").unlink()
    project.build(LATER, "all")
    assert (project.decks / "all.apkg").read_bytes() == whole


@pytest.mark.parametrize(
    ("second", "told"), [("{topics: [example-disease]}", True), ("{trials: [noon-1]}", True), ("{topics: [x]}", False)]
)
def test_a_learner_is_told_which_other_decks_hold_the_same_notes(second: str, told: bool, project: Project) -> None:
    project.define("each", "name: One of Each", "split: trial", f"select: {second}")
    project.build()
    words = "<b>Please choose one way</b>: “One of Each” holds the same notes."
    assert {words in text for text in descriptions(project.decks / "all.apkg").values()} == {told}


def test_a_package_of_tombstones_has_it_too(project: Project) -> None:
    project.define("each", "name: Each", "split: trial", "description: One each.")
    project.build()
    (project.seeds / "noon-1.yaml").unlink()
    project.build(LATER)
    (text,) = descriptions(project.decks / "each-noon-1.apkg").values()
    assert text.startswith("<p>One each.</p>")


def test_it_changes_no_note(project: Project) -> None:
    project.build()
    before = project.opened("all")
    project.define("all", "name: All", "description: Other words.")
    project.build(LATER)
    after = project.opened("all")
    assert (after.notes, after.changed, after.tags) == (before.notes, before.changed, before.tags)
    assert all("Other words." in text for text in descriptions(project.decks / "all.apkg").values())


# in real Anki


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_searches_that_it_offers_find_what_they_say(release: Release, project: Project) -> None:
    project.edit("dawn-1", why=WHY.replace("    audience", "    core: true\n    audience"))
    project.edit("noon-1", status="status: reviewed, by: A. B., on: 2026-09-01")
    project.build()
    decks = descriptions(project.decks / "all.apkg")
    offered = {deck: [unescape(code) for code in SEARCHES.findall(text)] for deck, text in decks.items()}
    assert [len(queries) for queries in offered.values()] == [3, 1]
    steps = [search(query, deck) for deck, queries in offered.items() for query in queries]
    found = iter(run(release, project.decks / "all.apkg", *steps)[1:])
    for deck, queries in offered.items():
        here = {key for key, _, name, _ in project.opened("all").cards if name == deck}
        for query in queries:
            keys = set(next(found))
            assert keys
            assert keys == {key for key in here if says(project, key, query)}


SEARCHES = re.compile(r"<code>([^<]*deck:current)</code>")


def says(project: Project, key: str, query: str) -> bool:
    """Whether a note is one that a search means."""
    if query.startswith("tag:"):
        return query.removeprefix("tag:").partition(" ")[0] in project.opened("all").tags[key]
    return "Not yet reviewed" in project.opened("all").notes[key]["Review"]


OLDEST = RELEASES[0]


def decks_in(release: Release, *packages: Path) -> dict[str, str]:
    """The decks of a real Anki after these imports, with their descriptions."""
    worker = ANKI_PROGRAMS / "anki_decks_worker.py"
    done = subprocess.run(
        [python_of(release), "-I", worker, *packages], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)
    assert given["anki"] == release.version
    decks: dict[str, str] = given["decks"]
    return decks


@pytest.mark.parametrize("release", [OLDEST, NEWEST], ids=str)
def test_it_arrives_in_anki_and_a_newer_one_replaces_it(release: Release, project: Project, tmp_path: Path) -> None:
    project.settings("edition: '1'", "authors: [Jane Doe]", "report: errors@example.org")
    project.build()
    first = tmp_path / "first.apkg"
    first.write_bytes((project.decks / "all.apkg").read_bytes())
    written = set(descriptions(first).values())
    own = {"Landmark Trials::All::DAWN-1", "Landmark Trials::All::NOON-1"}
    decks = decks_in(release, first)
    assert {decks[name] for name in own} == written
    assert {name for name, text in decks.items() if text} == own
    project.settings("edition: '2'", "authors: [Jane Doe]")
    # Up to 2.1.49, Anki takes a description over only where a deck gets a new card.
    for trial in ("dawn-1", "noon-1"):
        project.edit(trial, why="  - {id: new, perspective: clinical, question: What is new?, response: It.}\n" + WHY)
    project.build(LATER)
    second = project.decks / "all.apkg"
    decks = decks_in(release, first, second)
    assert {decks[name] for name in own} == set(descriptions(second).values())
    assert all("Edition 2 · by Jane Doe" in decks[name] for name in own)
