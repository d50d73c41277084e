"""The site as files: which there are, that they hold together, and that nothing else is ever touched."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path, PurePosixPath
from posixpath import normpath
from threading import Thread
from types import SimpleNamespace

import pytest
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from markupsafe import Markup
from msgspec.structs import replace

from folders import SUPPORT
from projects import DAY, NOW, Project
from trialdeck.cli.group import CommandEntry, Commands
from trialdeck.core import files
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.check import FaultyRecordsError
from trialdeck.site.feed.addon import addon_package
from trialdeck.site.pages import Pages
from trialdeck.site.parts.editions import FEED
from trialdeck.site.preview import HAS_PNG
from trialdeck.site.publish import MANIFEST, PublishedSite, publish
from trialdeck.site.server import HOST, Preview, ServerState
from trialdeck.site.styles import card_style
from trialdeck.site.trusted import outlined
from trialdeck.site.whole import Site

HOSTILE: Mapping[str, str] = yaml.safe_load((SUPPORT / "hostile" / "texts.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two trials that name each other, built once."""
    made = Project(tmp_path / "project")
    made.record("dawn-1")
    made.record("noon-2")
    made.edit("noon-2", related="{id: dawn-1, name: DAWN-1, tested: Dawnol}")
    made.settings("root: Landmark Trials", 'license: "[CC BY 4.0](https://example.org/by)"', "authors: [Jane Doe]",
                  "homepage: https://example.org/decks", "report: errors@example.org")  # fmt: skip
    made.define("by-trial", "name: Rhythm", "description: What **rhythm** is.", "split: trial")
    made.define("whole", "name: All of it")
    made.build()
    return made


def published(project: Project, out: Path | None = None, time: int = NOW) -> PublishedSite:
    return publish([project.seeds], DeckRequest(), project.decks, out or project.folder / "site", time)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def pages(folder: Path) -> dict[str, BeautifulSoup]:
    found = {name: content for name, content in files_of(folder).items() if name.endswith(".html")}
    return {name: BeautifulSoup(content, "html.parser") for name, content in found.items()}


# --- The files


def test_the_site_has_these_files(project: Project) -> None:
    made = published(project)
    pictures = [f"pictures/{name}.{kind}" for name in ("dawn-1", "noon-2") for kind in ("svg", "png")[: 1 + HAS_PNG]]
    assert set(files_of(made.out)) == {
        "index.html", "editions.html", "import.html", "search.html", "trials.html", FEED, "favicon.svg", *pictures,
        "trials/dawn-1.html", "trials/noon-2.html", "topics/example-disease.html",
        "site.css", "cards.css", "site.js", "search-index.js", "search/words-all.js", "search/notes-0.js",
        "SHA256SUMS", MANIFEST, "feed.json", "published.json", "trialdeck.ankiaddon",
        "packages/by-trial-dawn-1.apkg", "packages/by-trial-noon-2.apkg", "packages/whole.apkg",
    }  # fmt: skip
    assert set(made.files) == set(files_of(made.out)) - {MANIFEST}
    # What links to other files is written after them.
    assert made.files[-3:] == ("index.html", "published.json", "feed.json")


def test_the_same_records_give_the_same_bytes(project: Project, tmp_path: Path) -> None:
    published(project, tmp_path / "one", NOW)
    published(project, tmp_path / "two", NOW + 3 * DAY)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_a_second_call_changes_no_file(project: Project) -> None:
    first = published(project)
    stamps = {path: path.stat().st_mtime_ns for path in first.out.rglob("*")}
    again = published(project)
    assert (again.changed, again.removed) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in again.out.rglob("*") if path.name != MANIFEST} == {
        path: stamp for path, stamp in stamps.items() if path.name != MANIFEST
    }


def test_the_packages_are_those_of_the_build_with_their_sums(project: Project) -> None:
    made = published(project)
    for line in (made.out / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        content = (made.out / name).read_bytes()
        assert content == (project.decks / PurePosixPath(name).name).read_bytes()
        assert sha256(content).hexdigest() == digest
        assert digest in (made.out / "index.html").read_text()


# --- The pages


def test_pages_say_how_to_subscribe(project: Project) -> None:
    made = published(project)
    found = pages(made.out)
    for name, above in (("index.html", ""), ("trials/dawn-1.html", "../")):
        assert found[name].select(f'a[href="{above}import.html#subscribe"]'), name
        (feed,) = found[name].select('link[rel=alternate][type="application/json"]')
        assert feed["href"] == f"{above}feed.json"
    told = found["import.html"].select_one("#subscribe ~ ol")
    assert told
    assert told.select('a[href="trialdeck.ankiaddon"]')
    assert "https://example.org/decks/" in told.text
    assert (made.out / "trialdeck.ankiaddon").read_bytes() == addon_package()


def test_nothing_is_loaded_from_elsewhere(project: Project) -> None:
    made = published(project)
    for name, page in pages(made.out).items():
        links = page.select("link[href]:not([rel=canonical]):not([rel=alternate])")
        loaded = [*(tag["src"] for tag in page.select("[src]")), *(tag["href"] for tag in links)]
        assert all(re.match(r"(\.\./)?[a-z-]+\.(css|js|svg)\?[0-9a-f]{8}$", str(each)) for each in loaded), name
        policy = page.select_one("meta[http-equiv=Content-Security-Policy]")
        assert policy
        assert str(policy["content"]).startswith("default-src 'none';")
    for style in ("site.css", "cards.css"):
        assert not re.search(r"url\(|@import|http", (made.out / style).read_text())
    assert not re.search(r"https?://|eval|innerHTML", (made.out / "site.js").read_text())


def test_every_link_leads_somewhere_below_any_address(project: Project) -> None:
    made = published(project)
    found = pages(made.out)
    ids = {name: {str(tag["id"]) for tag in page.select("[id]")} for name, page in found.items()}
    checked = 0
    for name, page in found.items():
        for tag in page.select("a[href], form[action], link[href]:not([rel=canonical]), script[src]"):
            address = str(tag.get("href") or tag.get("action") or tag.get("src"))
            if address.startswith(("https://", "mailto:")):
                assert tag.name == "a"
                continue
            assert not address.startswith("/")
            path, _, anchor = address.partition("#")
            path = path.partition("?")[0]
            target = normpath(f"{PurePosixPath(name).parent}/{path}") if path else name
            assert target in made.files, (name, address)
            assert not anchor or anchor in ids[target], (name, address)
            checked += 1
    assert checked > 50


def test_pages_are_well_formed_and_in_order(project: Project) -> None:
    project.edit("dawn-1", summary='"### Deep\\n\\n# High\\n\\n## Low"\n')
    for name, page in pages(published(project).out).items():
        assert page.html
        assert page.html["lang"] == "en"
        assert page.title
        assert page.title.text
        assert len(page.select("h1:not([aria-level])")) == len(page.select("main")) == 1, name
        twice = [each for each, count in Counter(str(tag["id"]) for tag in page.select("[id]")).items() if count > 1]
        assert twice == [], name
        levels = [int(str(tag.get("aria-level") or tag.name[1])) for tag in page.find_all(re.compile("^h[1-6]$"))]
        assert all(after <= before + 1 for before, after in pairwise(levels)), (name, levels)


def test_a_trial_page_has_the_whole_record_and_its_cards(project: Project) -> None:
    made = published(project)
    page = pages(made.out)["trials/dawn-1.html"]
    headings = [tag.text for tag in page.select("h2")]
    assert headings == ["The trial itself, in cards", "Summary", "Key Findings", "Study Limitations", "Results",
                        "Guided Discussion", "Clinical Landscape", "Tailored to Your Role", "Decks with this trial",
                        "Cite and share"]  # fmt: skip
    results = page.select_one("table.results")
    assert results
    cells = [" ".join(tag.get_text(" ").split()) for tag in results.select("tbody th, tbody td")]
    assert cells == ["Relapse-free survival Data cut: Primary analysis", "dawnol", "100", "median 12.0 months", "",
                     "placebo", "99", "median not reached", "",
                     "Hazard ratio 0.70 (95% CI 0.60 to 0.90), P < 0.001"]  # fmt: skip
    assert [tag.text for tag in page.select(".download-name")] == ["Rhythm › DAWN-1", "All of it"]
    cards = [str(tag["id"]) for tag in page.select(".slot")]
    assert cards[:3] == ["card.trial.1", "card.trial.2", "card.trial.3"]
    assert {"card.key-findings.relapse.cloze.delay.1", "card.key-findings.relapse.cloze.delay.2"} <= set(cards)


def test_every_packed_card_stands_on_one_page(project: Project) -> None:
    made = published(project)
    shown = Counter(key.text for page in pages(made.out).values() for key in page.select(".slot .back .td-key"))
    packed = Counter(note for note, *_ in project.packages["whole"].cards)
    assert {key.partition(" ")[0]: count for key, count in shown.items()} == dict(packed)
    assert made.site.counts.cards == sum(packed.values())


@pytest.mark.parametrize(
    ("change", "effect", "large"),
    [
        (
            {"    ci_level: 95\n": ""},
            "Hazard ratio 0.70 (CI, level not stated: 0.60 to 0.90), P < 0.001",
            "0.70 CI, level not stated: 0.60–0.90 P < 0.001",
        ),
        (
            {"    ci: [0.60, 0.90]\n": "", "    ci_level: 95\n": ""},
            "Hazard ratio 0.70, P < 0.001",
            "0.70 P < 0.001",
        ),
        (
            {"    measure: hazard ratio\n": "", '"<0.001"': '"0.2"'},
            "Estimate 0.70 (95% CI 0.60 to 0.90), P = 0.2",
            "0.70 95% CI 0.60–0.90 P = 0.2",
        ),
    ],
)
def test_an_effect_says_as_much_as_the_card(project: Project, change: dict[str, str], effect: str, large: str) -> None:
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    project.text("dawn-1", text)
    page = pages(published(project).out)["trials/dawn-1.html"]
    assert [tag.text for tag in page.select(".results td[colspan]")] == [effect]
    card = page.find(id="card.result.rfs.1")
    assert card
    (headline,) = card.select(".td-hero")
    assert " ".join(headline.get_text("").split()) == large


def test_a_dispute_stands_out_on_the_page_and_on_the_card(project: Project) -> None:
    why, start = project.seeds / "dawn-1.yaml", "question: Why does dawnol work?"
    dispute = "review: {status: disputed, by: A. Reader, reason: It is unknown.}"
    text = why.read_text(encoding="utf-8")
    why.write_text(text.replace(start, f"{start}\n    {dispute}"), encoding="utf-8")
    published(project)
    page = pages(project.folder / "site")["trials/dawn-1.html"]
    found = [(each.name, " ".join(each["class"])) for each in page.select(".td-warn, .td-disputed")]
    assert found == [("div", "td-own td-verdict td-warn"), ("span", "td-pill td-disputed")]
    assert {each.text for each in page.select(".td-warn, .td-disputed")} == {"Disputed by A. Reader: It is unknown."}


def test_a_related_trial_links_to_its_own_page(project: Project) -> None:
    page = pages(published(project).out)["trials/noon-2.html"]
    link = page.select_one("table.related a")
    assert link
    assert (link["href"], link.text) == ("../trials/dawn-1.html", "DAWN-1")


def test_the_front_page_lists_decks_and_trials_and_says_what_they_are(project: Project) -> None:
    text = " ".join(pages(published(project).out)["index.html"].get_text(" ").split())
    expected = ["2 trials", "Rhythm", "What rhythm is.", "All of it", "CC BY 4.0", "Jane Doe", "edition 2026-09-21"]
    for words in (*expected, "No note has been reviewed yet", "Report errors to errors@example.org"):
        assert words in text
    assert "Preview:" not in text


def test_what_is_not_built_yet_is_said_on_every_page(project: Project) -> None:
    project.edit("dawn-1", response="It blocks")
    made = published(project, time=NOW + DAY)
    assert made.site.unbuilt == "1 note has changed since the decks were last built"
    for page in pages(made.out).values():
        assert "1 note has changed since the decks were last built" in page.text


def test_decks_that_were_never_built_are_said_to_be_so(project: Project) -> None:
    (project.decks / "ledger.jsonl").unlink()
    assert published(project).site.unbuilt == "the decks have not been built yet"


def test_retired_notes_are_listed_and_have_no_card(project: Project) -> None:
    project.edit("dawn-1", why="")
    project.build(NOW + DAY)
    found = pages(published(project, time=NOW + DAY).out)
    assert not found["trials/dawn-1.html"].find(id="card.question.why.1")
    row = found["editions.html"].select_one("#retired ~ table tbody tr")
    assert row
    assert " ".join(row.get_text(" ").split()) == "2026-09-22 Why does dawnol work? dawn-1/question/why"


def test_a_trial_page_lists_what_its_record_has_retired(project: Project) -> None:
    path = project.seeds / "dawn-1.yaml"
    says = "    retired: {on: 2026-09-22, reason: It was *disproved*., instead: whom}\n"
    text = path.read_text(encoding="utf-8")
    response = "    response: It binds **dawnin**.\n"
    path.write_text(text.replace(response, response + says), encoding="utf-8")
    project.build(NOW + DAY)
    found = pages(published(project, time=NOW + DAY).out)
    page = found["trials/dawn-1.html"]
    (row,) = page.select("#retired ~ ul li")
    said = "Retired on 2026-09-22. It was disproved. Instead: Whom does dawnol help?"
    assert " ".join(row.text.split()) == f"Why does dawnol work? {said}"
    assert not page.find(string="It binds ")
    assert "It was disproved. Instead: Whom does dawnol help?" in " ".join(found["editions.html"].get_text(" ").split())


def test_a_page_with_formulas_says_that_anki_sets_them(project: Project) -> None:
    project.edit("dawn-1", response=r"\(a < b\) binds")
    found = pages(published(project).out)
    assert "Anki sets them" in found["trials/dawn-1.html"].text
    assert "Anki sets them" not in found["trials/noon-2.html"].text


def test_editions_read_as_text(project: Project) -> None:
    project.edit("dawn-1", why_question="Why does it cost 5 $ or @more?")
    project.build(NOW + DAY)
    page = pages(published(project, time=NOW + DAY).out)["editions.html"]
    assert [tag.text for tag in page.select("h2")] == ["2026-09-22", "2026-09-21"]
    assert "Why does it cost 5 $ or @more? (dawn-1/question/why)" in page.text
    assert "<!--" not in page.text
    assert "span>" not in page.text


def test_no_text_of_a_record_becomes_markup(project: Project) -> None:
    hostile = "\n\n".join(HOSTILE.values())
    # What may name a deck has no character of HTML but the single quote.
    name = "DAWN-1' onload='alert(1)' %3Cscript%3E (x) |-- #1 ~~ ; javascript"
    one_line = "<script>alert(1)</script>\" onload='x' {{ 7 * 7 }} {% raw %} &lt; ]]> -->"
    record = {
        "format": 1,
        "id": "hostile",
        "acronym": name,
        "source": {"citation": hostile},
        **dict.fromkeys(("title", "tested", "endpoint", "summary"), hostile),
        "limitations": [{"id": "a", "text": hostile}],
        "results": [
            {"id": "r", "estimate": 1, "arms": [{"name": hostile, "n": 1, "median": 2}]}
            | dict.fromkeys(("endpoint", "data_cut", "p", "unit"), hostile)
        ],
        "questions": [{"id": "q", "perspective": "reviewer", "question": hostile, "response": hostile}],
        "related_trials": [{"id": "other", "name": hostile, "tested": hostile}],
        "takeaways": [{"id": "t", "text": hostile}],
    }
    project.text("hostile", yaml.safe_dump(json.loads(json.dumps(record))))
    project.settings(yaml.safe_dump({"root": name, "license": one_line, "authors": [one_line]}))
    made = published(project)
    for file, page in pages(made.out).items():
        assert [str(tag.get("src", "")).rpartition("/")[2].partition("?")[0] for tag in page.select("script")] == [
            "site.js"
        ]
        forbidden = page.select("iframe, object, embed, img, video, audio, style, base, meta[http-equiv=refresh]")
        assert forbidden == [], file
        acting = [tag for tag in page.find_all(True) if any(key.startswith("on") for key in tag.attrs)]
        assert acting == [], file
        schemes = {str(tag["href"]).partition(":")[0] for tag in page.select("a[href]") if ":" in str(tag["href"])}
        assert schemes <= {"http", "https", "mailto"}, file
    shown = pages(made.out)["trials/hostile.html"]
    assert shown.h1
    assert shown.h1.text == name
    index = (made.out / "search-index.js").read_text(encoding="utf-8")
    assert json.loads(index.removeprefix("window.trialdeckIndex=").removesuffix(";\n"))["trials"]
    notes = (made.out / "search/notes-0.js").read_text(encoding="utf-8")
    assert json.loads(notes.partition("=")[2].removesuffix(";\n"))


def test_the_front_page_stays_small_with_a_thousand_trials(project: Project) -> None:
    small = published(project).site
    trial, download = small.trials[0], small.downloads[0]
    title = "Dawnol with or without Duskol for Previously Treated Example Disease"
    trials = tuple(
        replace(trial, id=f"{letter}-{number}", name=f"{letter}-{number}", title=title)
        for letter in "ABCD" for number in range(250)
    )  # fmt: skip
    downloads = tuple(replace(download, file=f"packages/deck-landmark-{number}.apkg") for number in range(1000))
    group = replace(small.groups[0], downloads=downloads, page="decks/rhythm.html")
    topics = tuple(replace(small.topics[0], slug=f"t-{number}", trials=trials) for number in range(100))
    large: Site = replace(small, trials=trials, groups=(group, small.groups[1]), topics=topics)
    files = dict(Pages(large.about).others(large))
    assert len(files["index.html"]) < 60_000
    assert files["decks/rhythm.html"].count(b"download>Download") == 1000
    assert {f"letters/{letter}.html" for letter in "abcd"} <= files.keys()
    assert files["letters/b.html"].count(b"<tr><th scope") == 250 + 1
    assert b"letters/d.html" in files["trials.html"]
    assert len(files["trials.html"]) < 60_000


def test_many_packages_of_one_definition_have_a_page_of_their_own(project: Project) -> None:
    for number in range(20):
        project.record(f"star-{number}")
    found = pages(published(project).out)
    link = found["index.html"].select_one(".group a[href^=decks]")
    assert link
    assert (link["href"], link.text) == ("decks/by-trial.html", "22 packages")
    assert len(found["decks/by-trial.html"].select(".download")) == 22


# --- What the pages are made of


def test_headings_in_texts_continue_the_outline() -> None:
    html = "<h3>a</h3><h1>b</h1><h2>c</h2><h6>d</h6><h2>e</h2><p>h1</p>"
    levels = re.findall(r'<h(\d) aria-level="(\d)">', outlined(html, 2))
    assert levels == [("3", "3"), ("1", "3"), ("2", "4"), ("6", "5"), ("2", "4")]


def test_the_style_of_the_cards_stays_and_follows_the_system() -> None:
    style = note_type(Kind.QUESTION).style
    made = card_style(style)
    assert made.startswith(style)
    dark = made.partition("(prefers-color-scheme: dark)")[2].partition("@media print")[0]
    assert ":root:not(.dayMode) .card {" in dark
    night = re.search(r"\.nightMode \.card[^{]*\{([^}]*)\}", style)
    assert night
    assert night[1].split() == dark.partition("{")[2].partition("{")[2].partition("}")[0].split()


def test_rules_for_narrow_screens_hold_on_a_phone_that_is_tried_out() -> None:
    narrow = "@media (max-width: 26rem) { .a b, .c { d: e; } .f { g: h; } }"
    style = f".card {{ --x: 1; }} {narrow} @media (max-width: 9rem) {{ .i {{ j: k; }} }}"
    made = card_style(style).removeprefix(style)
    assert ":where(.phone) .a b, :where(.phone) .c { d: e; }" in made
    assert ":where(.phone) .f { g: h; }" in made
    assert ".i" not in made


def test_plain_text_is_escaped_and_only_markup_is_not(project: Project) -> None:
    small = published(project).site
    about = replace(
        small.about, name="<b>A & B</b>", license=Markup("<em>free</em>"), authors=("<i>J</i>",), homepage='"><x>',
        folder='"><x>/',
    )  # fmt: skip
    page = dict(Pages(about).others(replace(small, about=about)))["editions.html"].decode()
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page
    assert "<em>free</em>" in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<x>" not in page


# --- The folder


def test_a_page_that_is_gone_is_removed_and_nothing_else(project: Project) -> None:
    made = published(project)
    (made.out / "own.html").write_text("mine")
    (made.out / "trials" / "own.txt").write_text("mine")
    (project.seeds / "noon-2.yaml").unlink()
    again = published(project, time=NOW + DAY)
    pictures = {f"pictures/noon-2.{kind}" for kind in ("svg", "png")[: 1 + HAS_PNG]}
    gone = {"trials/noon-2.html", "packages/by-trial-noon-2.apkg", *pictures}
    assert set(again.removed) == gone - set(again.files)
    assert "trials/noon-2.html" in again.removed
    assert (made.out / "own.html").read_text() == "mine"
    assert (made.out / "trials" / "own.txt").read_text() == "mine"


def test_a_page_that_is_gone_but_was_edited_is_kept(project: Project) -> None:
    made = published(project)
    (made.out / "trials" / "noon-2.html").write_text("edited")
    (project.seeds / "noon-2.yaml").unlink()
    assert "trials/noon-2.html" not in published(project, time=NOW + DAY).removed
    assert (made.out / "trials" / "noon-2.html").read_text() == "edited"


def test_a_manifest_cannot_name_files_outside(project: Project) -> None:
    made = published(project)
    outside = project.folder / "precious.txt"
    outside.write_text("mine")
    manifest = json.loads((made.out / MANIFEST).read_text())
    digest = sha256(b"mine").hexdigest()
    manifest["files"] |= {"../precious.txt": digest, str(outside): digest, "trials/../../precious.txt": digest}
    (made.out / MANIFEST).write_text(json.dumps(manifest))
    assert published(project).removed == ()
    assert outside.read_text() == "mine"


def test_a_folder_with_files_of_others_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("my own page")
    with pytest.raises(TrialdeckError, match="in the way"):
        published(project, tmp_path / "mine")
    assert files_of(tmp_path / "mine") == {"index.html": b"my own page"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": []}', "\x00"])
def test_a_damaged_manifest_is_an_error(project: Project, text: str) -> None:
    made = published(project)
    before = files_of(made.out) | {MANIFEST: text.encode()}
    (made.out / MANIFEST).write_text(text)
    with pytest.raises(TrialdeckError, match="cannot read"):
        published(project)
    assert files_of(made.out) == before


def test_an_interrupted_call_leaves_the_old_front_page_and_is_completed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialdeck.site import publish as publishing

    made = published(project)
    front = (made.out / "index.html").read_bytes()
    project.edit("dawn-1", response="It blocks")
    (project.seeds / "noon-2.yaml").unlink()
    real = files.replace_file

    def breaks(path: Path, content: bytes, within: Path | None = None) -> None:
        if path.name == "index.html":
            raise TrialdeckError("the disk is full")
        real(path, content, within)

    monkeypatch.setattr(publishing, "replace_file", breaks)
    with pytest.raises(TrialdeckError, match="full"):
        published(project, time=NOW + DAY)
    assert (made.out / "index.html").read_bytes() == front
    assert (made.out / "trials" / "noon-2.html").exists()
    monkeypatch.setattr(publishing, "replace_file", real)
    again = published(project, time=NOW + DAY)
    assert "trials/noon-2.html" in again.removed
    assert set(files_of(made.out)) == {*again.files, MANIFEST}


def test_a_faulty_record_leaves_the_old_site(project: Project) -> None:
    made = published(project)
    before = files_of(made.out)
    project.edit("dawn-1", format="format: one\n")
    with pytest.raises(FaultyRecordsError):
        published(project)
    assert files_of(made.out) == before


def test_the_ledger_and_the_decks_are_not_touched(project: Project) -> None:
    project.edit("dawn-1", response="It blocks")
    before = files_of(project.decks)
    published(project, time=NOW + DAY)
    assert files_of(project.decks) == before


def test_without_release_notes_there_are_no_editions_yet(project: Project) -> None:
    project.editions.unlink()
    assert "No edition has been built yet." in pages(published(project).out)["editions.html"].text


def test_a_folder_that_has_become_empty_is_removed(project: Project) -> None:
    for number in range(20):
        project.record(f"star-{number}")
    made = published(project)
    assert (made.out / "decks").is_dir()
    for number in range(20):
        (project.seeds / f"star-{number}.yaml").unlink()
    published(project)
    assert not (made.out / "decks").exists()


def test_unreadable_release_notes_are_an_error(project: Project) -> None:
    project.editions.write_bytes(b"\xff")
    with pytest.raises(TrialdeckError, match="EDITIONS"):
        published(project)


# --- The command


class Interrupted:
    """An event that nobody sets: Ctrl-C comes first."""

    def wait(self) -> None:
        raise KeyboardInterrupt


def run(*arguments: str) -> Result:
    group = Commands("trialdeck", entries={"site": CommandEntry("packages.site.site", "Make a site.", "Share")})
    return CliRunner().invoke(group, ["site", *arguments])


def test_the_command_makes_the_site_of_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.seeds)
    done = run()
    assert done.exit_code == 0, done.output
    assert re.match(r"\.\./site: 2 trials, \d+ notes, \d+ cards, 3 packages, ", done.stdout)
    assert (project.folder / "site" / "index.html").exists()


def test_the_command_shows_what_was_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    assert run("seeds/dawn-1.yaml", "--out", "one").exit_code == 0
    assert set(pages(project.folder / "one")) >= {"trials/dawn-1.html"}
    assert not (project.folder / "one" / "trials" / "noon-2.html").exists()
    assert run("--deck", "whole", "--out", "two").exit_code == 0
    assert [path.name for path in (project.folder / "two" / "packages").iterdir()] == ["whole.apkg"]


def test_the_command_says_when_decks_are_to_be_built_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    project.edit("dawn-1", response="It blocks")
    assert "run `trialdeck build` before you share it" in run().stdout


def test_the_command_prints_problems(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    project.edit("dawn-1", format="format: one\n")
    done = run()
    assert done.exit_code == 1
    assert "seeds/dawn-1.yaml:1:" in done.stderr


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were opened in the browser."""
    addresses: list[str] = []
    monkeypatch.setattr("trialdeck.cli.packages.site.open_in_browser", addresses.append)
    return addresses


@pytest.mark.parametrize("option", [[], ["--no-open"]])
def test_serving_makes_the_site_first_and_ends_with_the_wait(
    option: list[str], project: Project, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr("trialdeck.cli.packages.site.threading", SimpleNamespace(Thread=Thread, Event=Interrupted))
    done = run("--serve", *option)
    assert done.exit_code == 0
    assert (project.folder / "site" / "index.html").exists()
    address = re.search(r"http://127\.0\.0\.1:\d+/", done.stderr)
    assert address
    assert opened == ([] if option else [address[0]])


def test_watching_tells_open_pages_what_is_wrong_until_it_is_mended(
    project: Project, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[ServerState] = []

    def saves(_: Sequence[Path], make: Callable[[], None]) -> None:
        assert opened == []  # there is nothing to see yet
        make()
        make()
        assert opened == [preview.address]
        states.append(preview.state)
        project.edit("dawn-1", format="format: one\n")
        with pytest.raises(FaultyRecordsError):
            make()
        states.append(preview.state)
        (project.seeds / "dawn-1.yaml").unlink()
        (project.seeds / "noon-2.yaml").unlink()
        with pytest.raises(TrialdeckError, match="no records"):
            make()
        states.append(preview.state)

    monkeypatch.chdir(project.folder)
    monkeypatch.setattr("trialdeck.cli.packages.site.keep_building", saves)
    preview = Preview(project.folder / "site", reloads=True)
    monkeypatch.setattr("trialdeck.cli.packages.site.Preview", lambda *_, **__: preview)
    assert run("--serve", "--watch").exit_code == 0
    assert [state.version for state in states] == [3, 3, 3]
    assert states[0].problem == ""
    assert "seeds/dawn-1.yaml:1:9" in states[1].problem
    assert "no records" in states[2].problem


def test_watching_without_serving_makes_the_site(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr("trialdeck.cli.packages.site.keep_building", lambda _, make: make())
    assert run("--watch").exit_code == 0
    assert (project.folder / "site" / "index.html").exists()


@pytest.mark.parametrize(
    "arguments", [["--deck", "whole", "seeds"], ["--port", "8000"], ["--port", "x", "--serve"], ["--no-open"]]
)
def test_calls_that_are_wrong(project: Project, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(project.folder)
    assert run(*arguments).exit_code == 2


def test_a_port_that_is_taken_is_an_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    other = Preview(project.folder, reloads=False)
    try:
        done = run("--serve", "--port", str(other.server.server_address[1]))
    finally:
        other.server.server_close()
    assert done.exit_code == 1
    assert "cannot serve at port" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["seeds/dawn-1.yaml"]])
def test_serving_ends_cleanly_and_a_glance_leaves_nothing(project: Project, arguments: list[str]) -> None:
    code = "from trialdeck.cli.packages.site import site; site()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--serve", "--no-open"],
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr
        assert re.fullmatch(r"serving http://127\.0\.0\.1:\d+/ ; Ctrl-C ends\n", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        said, wrong = process.communicate(timeout=10)
    finally:
        process.kill()
    folder = project.folder / said.partition(":")[0]
    assert (process.returncode, wrong.strip()) == (0, "")
    assert folder.exists() is not bool(arguments)
    assert (project.folder / "site").exists() is not bool(arguments)


# --- The server


@pytest.fixture
def served(project: Project) -> Iterator[Preview]:
    preview = Preview(published(project).out, reloads=True)
    Thread(target=preview.server.serve_forever, args=[0.05], daemon=True).start()
    yield preview
    preview.server.shutdown()
    preview.server.server_close()


def ask(preview: Preview, path: str, host: str = "") -> tuple[int, str]:
    port = preview.server.server_address[1]
    connection = HTTPConnection(HOST, port, timeout=5)
    connection.request("GET", path, headers={"Host": host or f"{HOST}:{port}"})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, text


def test_the_server_listens_on_this_machine_only(served: Preview) -> None:
    assert served.server.server_address[0] == HOST
    assert ask(served, "/", host="evil.example")[0] == 403
    assert ask(served, "/", host="localhost")[0] == 200


def test_the_server_gives_files_below_its_folder_only(served: Preview) -> None:
    assert ask(served, "/SHA256SUMS")[0] == 200
    assert ask(served, "/packages/whole.apkg")[0] == 200
    for path in (
        "/../seeds/dawn-1.yaml",
        "/%2e%2e/seeds/dawn-1.yaml",
        "/packages",
        "/none.html",
        "/none.css",
        "/trials/",
    ):
        assert ask(served, path)[0] in {301, 404}, path


def test_served_pages_reload_and_files_do_not(served: Preview) -> None:
    status, page = ask(served, "/trials/dawn-1.html?x")
    assert status == 200
    assert '<script src="/-/live.js" data-version="1"></script></body>' in page
    assert "connect-src 'self'" in page
    assert "live.js" not in (served.folder / "trials" / "dawn-1.html").read_text()
    assert ask(served, "/-/live.js")[0] == 200


def test_the_state_says_when_the_site_is_new_and_what_is_wrong(served: Preview) -> None:
    assert json.loads(ask(served, "/-/state")[1]) == {"version": 1, "problem": ""}
    served.refused("line 3 is wrong")
    assert json.loads(ask(served, "/-/state")[1]) == {"version": 1, "problem": "line 3 is wrong"}
    served.renewed()
    assert json.loads(ask(served, "/-/state")[1]) == {"version": 2, "problem": ""}


def test_a_site_that_is_not_there_yet_has_a_page_that_waits_for_it(tmp_path: Path) -> None:
    preview = Preview(tmp_path / "none", reloads=True)
    Thread(target=preview.server.serve_forever, args=[0.05], daemon=True).start()
    status, page = ask(preview, "/")
    preview.server.shutdown()
    preview.server.server_close()
    assert status == 404
    assert "live.js" in page


def test_pictures_and_sounds_lie_beside_the_pages_that_show_them(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record()
    record = project.seeds / "dawn-1.yaml"
    figures = (
        "    figures:\n      - {file: blue.svg, alt: A blue square, license: CC0}\n"
        "      - {file: said.ogg, alt: What was said, license: CC0}\n"
    )
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace("  - id: why\n", f"  - id: why\n{figures}"), encoding="utf-8")
    (project.seeds / "blue.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>', encoding="utf-8"
    )
    (project.seeds / "said.ogg").write_bytes(b"OggS" + b"\0" * 40)
    publish([project.seeds], DeckRequest(), project.decks, tmp_path / "site", NOW)
    page = (tmp_path / "site" / "trials" / "dawn-1.html").read_text(encoding="utf-8")
    shown = re.findall(r'<(?:img|audio)[^>]* src="(trialdeck-[0-9a-f]{20}\.(?:svg|ogg))"', page)
    assert sorted({name.rpartition(".")[2] for name in shown}) == ["ogg", "svg"]
    assert all((tmp_path / "site" / "trials" / name).is_file() for name in shown)
    assert "[sound:" not in page
