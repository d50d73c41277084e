"""The ledger remembers every text that learners may have, and the site publishes the digests of all."""

import json
from collections.abc import Mapping
from hashlib import sha256
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from matrices import examples
from packages import open_package
from projects import DAY, NOW, Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.editions.ledger import FILE, Ledger, encoded, latest, read_ledger, sorted_lines
from trialdeck.editions.maintenance import clamp, forget, rebuild_ledger
from trialdeck.editions.texts.published_texts import published_texts
from trialdeck.notes.author_text import author_digest
from trialdeck.project.check import FaultyRecordsError
from trialdeck.records.schema import schema_text
from trialdeck.site.publish import publish

WHY = "dawn-1/question/why"
SCHEMA = Draft202012Validator(json.loads(schema_text("feed")))
LOST = ("texts-lost", "unusual-share", "ledger-lost")
Texts = dict[str, set[str]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two trials that name each other, in a deck by trial and a whole one; built once."""
    made = Project(tmp_path / "project")
    made.record("dawn-1")
    made.record("noon-2")
    made.edit("noon-2", related="{id: dawn-1, name: DAWN-1, tested: Dawnol}")
    made.settings("root: Decks", "homepage: https://example.org/decks", "report: errors@example.org")
    made.define("by-trial", "name: Trials", "split: trial")
    made.define("whole", "name: All of it")
    made.build()
    return made


def packed(folder: Path) -> Texts:
    """The digests of all notes of the packages in a folder, by guid."""
    texts: Texts = {}
    for path in folder.glob("*.apkg"):
        opened = open_package(path)
        for key, guid in opened.guids.items():
            texts.setdefault(guid, set()).add(author_digest(opened.notes[key].items()))
    return texts


def site(project: Project, time: int, *paths: Path) -> tuple[Mapping[str, list[str]], dict[str, object]]:
    """Publish the site; return the published texts by guid, and the feed, whose every file is checked."""
    out = project.folder / "site"
    publish(paths or [project.seeds], DeckRequest(), project.decks, out, time)
    feed = json.loads((out / "feed.json").read_bytes())
    SCHEMA.validate(feed)
    for file in [feed["published"], *(deck["package"] for deck in feed["decks"])]:
        content = (out / file["file"]).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (file["size"], file["sha256"])
    assert len(feed["decks"]) == len(list((out / "packages").iterdir()))
    return json.loads((out / "published.json").read_bytes())["notes"], feed


def of(feed: dict[str, object], deck: str) -> dict[str, object]:
    (found,) = (each for each in feed["decks"] if each["id"] == deck)  # type: ignore[attr-defined]
    return dict(found)


def test_three_editions_with_an_edit_a_retirement_and_a_return(project: Project) -> None:
    ever: Texts = {}

    def publish_edition(time: int) -> dict[str, object]:
        project.build(time, allow=LOST)
        for guid, texts in packed(project.decks).items():
            ever.setdefault(guid, set()).update(texts)
        notes, feed = site(project, time)
        assert {guid: set(texts) for guid, texts in notes.items()} == ever
        return feed

    publish_edition(NOW)
    before = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    project.edit("dawn-1", response="It blocks")
    edited = publish_edition(NOW + DAY)
    without_why(project)
    gone = publish_edition(NOW + 2 * DAY)
    project.text("dawn-1", before)
    back = publish_edition(NOW + 3 * DAY)

    guid = project.line(WHY).guid
    assert len(ever[guid]) == 3  # as it was and is again, as it was edited, and its tombstone
    assert of(edited, "by-trial-dawn-1")["changes"] == {
        "new": 0, "changed": 1, "retired": 0, "text": "Changed: 1 note\n- Why does dawnol work?",
    }  # fmt: skip
    assert of(gone, "by-trial-dawn-1")["changes"] == {
        "new": 0, "changed": 0, "retired": 1, "text": "Retired: 1 note\n- Why does dawnol work?",
    }  # fmt: skip
    assert of(back, "by-trial-dawn-1")["changes"] == {
        "new": 0, "changed": 1, "retired": 0, "text": "Changed: 1 note\n- Why does dawnol work?",
    }  # fmt: skip
    # This deck is still that of the first edition.
    assert of(back, "by-trial-noon-2") == of(edited, "by-trial-noon-2")
    assert of(back, "by-trial-noon-2")["edition"] == "2026-09-21"
    times = [of(feed, "by-trial-dawn-1")["changed"] for feed in (edited, gone, back)]
    assert times == sorted(times)  # type: ignore[type-var]
    assert len(set(map(str, times))) == 3


def test_new_facts_of_a_trial_are_texts_too(project: Project) -> None:
    first = packed(project.decks)
    project.edit("dawn-1", title="Dawnol for Another Disease")
    project.build(NOW + DAY)
    second = packed(project.decks)
    assert any(first[guid] != texts for guid, texts in second.items())
    assert project.line(WHY).changed == NOW
    notes, _ = site(project, NOW + DAY)
    assert all(first[guid] | texts == set(notes[guid]) for guid, texts in second.items())


def test_the_same_project_gives_the_same_bytes(project: Project) -> None:
    site(project, NOW)
    files = [project.folder / "site" / name for name in ("feed.json", "published.json")]
    before = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    site(project, NOW + 5 * DAY)
    assert [file.read_bytes() for file in files] == before


def test_a_site_of_one_record_publishes_the_texts_of_all_its_notes(project: Project) -> None:
    project.edit("noon-2", response="It blocks")
    notes, feed = site(project, NOW + DAY, project.seeds / "noon-2.yaml")
    texts = packed(project.folder / "site" / "packages")
    assert texts
    assert all(digests <= set(notes[guid]) for guid, digests in texts.items())
    assert feed["preview"]


def test_a_site_of_what_was_built_is_no_preview(project: Project) -> None:
    assert site(project, NOW)[1]["preview"] is False
    project.edit("dawn-1", response="It blocks")
    assert site(project, NOW)[1]["preview"] is True


def test_a_site_that_moved_says_where_to(project: Project) -> None:
    assert site(project, NOW)[1]["moved_to"] == ""
    project.settings("root: Decks", "moved_to: https://example.org/new/index.html")
    assert site(project, NOW)[1]["moved_to"] == "https://example.org/new/"


# the ledger


def test_a_merge_keeps_the_texts_of_both_branches(project: Project) -> None:
    line = project.line(WHY)
    ours = replace(line, hash="a", changed=NOW + 1, published=("1", "2"))
    theirs = replace(line, hash="b", changed=NOW + 2, published=("1", "3"))
    other = replace(line, hash="c", changed=NOW + 2, published=("4",))
    for order in permutations([ours, theirs, other]):
        assert latest(order)[line.guid].published == ("1", "2", "3", "4")


def test_an_old_ledger_begins_with_what_it_and_the_packages_know(project: Project) -> None:
    first = packed(project.decks)
    forget_texts(project)
    project.edit("dawn-1", response="It blocks")
    project.edit("noon-2", title="Dawnol for Another Disease")
    project.build(NOW + DAY)
    notes, _ = site(project, NOW + DAY)
    assert {guid: set(texts) for guid, texts in notes.items()} == {
        guid: texts | first[guid] for guid, texts in packed(project.decks).items()
    }
    assert len(notes[project.line(WHY).guid]) == 2


def test_an_old_ledger_without_packages_begins_with_the_texts_of_today(project: Project) -> None:
    forget_texts(project)
    for path in project.decks.glob("*.apkg"):
        path.unlink()
    project.edit("dawn-1", response="It blocks")
    project.build(NOW + DAY)
    assert published(project) == packed(project.decks)


def test_an_old_ledger_knows_the_tombstones_that_it_keeps(project: Project) -> None:
    retire(project)
    stone = packed(project.decks)[project.line(WHY).guid]
    forget_texts(project)
    assert set(published_texts(project.line(WHY))) == stone
    project.record("dawn-1")
    project.build(NOW + 2 * DAY, allow=LOST)
    assert stone < set(project.line(WHY).published)


def test_what_happens_to_the_ledger_keeps_the_texts(project: Project) -> None:
    project.edit("dawn-1", response="It blocks")
    retire(project)
    before = published(project)
    assert len(before[project.line(WHY).guid]) == 3
    clamp(project.decks, NOW)
    after = published(project)
    assert all(texts <= after[guid] for guid, texts in before.items())
    assert len(after[project.line(WHY).guid]) == 4  # the tombstone has another day
    rebuild_ledger(sorted(project.decks.glob("*.apkg")), project.decks, NOW, force=True)
    assert published(project) == after


def test_a_ledger_from_packages_alone_has_their_texts(project: Project) -> None:
    (project.decks / FILE).unlink()
    rebuild_ledger(sorted(project.decks.glob("*.apkg")), project.decks, NOW, force=False)
    assert published(project) == packed(project.decks)


def test_a_note_that_is_forgotten_has_no_texts_any_more(project: Project) -> None:
    retire(project)
    guid = project.line(WHY).guid
    forget(project.decks, [WHY], "")
    assert guid not in published(project)
    with pytest.raises(TrialdeckError):
        forget(project.decks, [WHY], "")


def retire(project: Project) -> None:
    """Build, delete the question, and build again."""
    project.build(NOW + DAY, allow=LOST)
    without_why(project)
    project.build(NOW + 2 * DAY, allow=LOST)


def without_why(project: Project) -> None:
    """Delete the question."""
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    start = text.index("  - id: why\n")
    project.text("dawn-1", text[:start] + text[text.index("  - id: ", start + 1) :])


def published(project: Project) -> Texts:
    return {line.guid: set(published_texts(line)) for line in project.ledger.notes}


def forget_texts(project: Project) -> None:
    """Make the ledger one of an earlier version, which has no texts."""
    path = project.decks / FILE
    old = Ledger({guid: replace(line, published=()) for guid, line in read_ledger(path).lines.items()})
    path.write_bytes(encoded(sorted_lines(old.lines.values())))


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=30)


@settings(max_examples=examples(12))
@given(texts, texts, texts)
def test_the_feed_of_any_project_is_what_its_schema_says(license_text: str, question: str, moved: str) -> None:
    with TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.record("dawn-1", why_question=json.dumps(f"Why {question}?", ensure_ascii=False))
        moved_to = "https://" + "".join(char for char in moved if not char.isspace() and char not in '"<>') + "."
        project.settings(
            f"license: {json.dumps(license_text, ensure_ascii=False)}",
            f"moved_to: {json.dumps(moved_to, ensure_ascii=False)}",
        )
        try:
            project.build()
        except FaultyRecordsError:
            reject()  # an author's text that `check` refuses
        notes, feed = site(project, NOW)
        assert {guid: set(digests) for guid, digests in notes.items()} == published(project)
        assert str(feed["moved_to"]).startswith("https://")
