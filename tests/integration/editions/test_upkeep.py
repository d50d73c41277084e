"""Looking after a ledger: retired notes are listed and forgotten, and a lost ledger comes back from packages."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import genanki
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from matrices import examples
from projects import DAY, NOW, WHY, Project
from trialdeck.apkg.row_ids import RowIds, created_at
from trialdeck.cli import main
from trialdeck.core.errors import TrialdeckError
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.editions.ledger import Ledger, Line, read_ledger
from trialdeck.markdown.render import render_cloze, render_inline, render_plain
from trialdeck.notes.note import label_of
from trialdeck.notes.note_types import Kind
from trialdeck.records.settings import DeckDefinition, Split

LATER = NOW + DAY
KEY = "dawn-1/question/why"
CLOZE = "dawn-1/key-findings/relapse/cloze/delay"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two trials, from within it."""
    made = Project(tmp_path)
    made.record("dawn-1")
    made.record("noon-1")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str | Path, **more: Any) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **more)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def in_packages(project: Project, key: str) -> bool:
    return any(key in package.notes for package in project.packages.values())


# retire


def test_a_list_of_what_is_retired(project: Project) -> None:
    project.build()
    assert run("retire").output == "no note is retired\n"
    project.record("dawn-1", why="")
    project.build(LATER)
    project.record("noon-1", cloze="")
    project.build(LATER + DAY)
    before = files(project.decks)
    result = run("retire")
    assert result.exit_code == 0
    assert result.output == (
        "2026-09-22  dawn-1/question/why  Why does dawnol work?\n"
        "2026-09-23  noon-1/key-findings/relapse/cloze/delay  "
        "NOON-1: dawnol delayed relapse by two months, against placebo.\n"
    )
    assert files(project.decks) == before


def test_a_list_without_a_ledger_makes_nothing(project: Project) -> None:
    assert run("retire").output == "no note is retired\n"
    assert not project.decks.exists()


def test_what_is_forgotten_is_shipped_no_more_and_may_come_back(project: Project) -> None:
    project.build()
    first = project.line(KEY)
    project.record("dawn-1", why="")
    project.build(LATER)
    assert in_packages(project, KEY)
    result = run("retire", "--forget", KEY)
    assert result.exit_code == 0
    assert result.output == (
        "forgotten: dawn-1/question/why\n1 forgotten; build again to take them out of the packages\n"
    )
    assert KEY not in {line.key for line in project.ledger.notes}
    assert in_packages(project, KEY)
    others = {line.key: line.changed for line in project.ledger.notes}
    plan = project.build(LATER + DAY)
    assert not in_packages(project, KEY)
    assert not plan.counts
    assert {line.key: line.changed for line in project.ledger.notes} == others
    project.record("dawn-1")
    project.build(LATER + 2 * DAY)
    back = project.line(KEY)
    assert (back.guid, back.hash, back.changed, back.retired) == (first.guid, first.hash, LATER + 2 * DAY, "")
    assert KEY in {key for key, *_ in project.opened("dawn-1").cards}


SAYS = "    retired: {on: 2020-01-02, reason: It was disproved.}\n"


def retire_why(project: Project) -> None:
    """Let the record of dawn-1 retire a question, as of a day long before."""
    path = project.seeds / "dawn-1.yaml"
    response = "    response: It binds **dawnin**.\n"
    path.write_text(path.read_text(encoding="utf-8").replace(response, response + SAYS), encoding="utf-8")


def test_what_its_record_retires_is_listed_with_the_reason_and_forgotten_for_good(project: Project) -> None:
    project.build()
    retire_why(project)
    project.build(LATER)
    assert run("retire").output == "2020-01-02  dawn-1/question/why  Why does dawnol work? (It was disproved.)\n"
    # Learners have been told on the day of the build.
    assert run("retire", "--before", "2026-09-22").output == "nothing to forget\n"
    assert run("retire", "--before", "2026-09-23").output.startswith("forgotten: dawn-1/question/why\n")
    for time in (LATER + DAY, LATER + 2 * DAY):
        assert not project.build(time).counts
        assert not in_packages(project, KEY)
        assert KEY not in {line.key for line in project.ledger.notes}


def test_the_texts_of_retired_notes_come_back_with_a_lost_ledger(project: Project) -> None:
    project.build()
    retire_why(project)
    project.record("noon-1", why="")
    project.build(LATER)
    before, ledger = files(project.decks), project.ledger
    (project.decks / "ledger.jsonl").unlink()
    assert run("ledger", "rebuild", *sorted(project.decks.glob("*.apkg"))).exit_code == 0
    kept = {line.key: (line.retired, line.kept) for line in ledger.retired}
    assert {line.key: (line.retired, line.kept) for line in project.ledger.retired} == kept
    assert len(kept) == 2
    for path in project.decks.glob("*.apkg"):
        path.unlink()
    assert not project.build(LATER + DAY).counts
    after = files(project.decks)
    assert {name: after[name] for name in before if name.endswith(".apkg")} == {
        name: content for name, content in before.items() if name.endswith(".apkg")
    }


def test_several_keys_and_a_day(project: Project) -> None:
    project.build()
    project.record("dawn-1", why="")
    project.build(LATER)
    project.record("dawn-1", why="", cloze="")
    project.record("noon-1", why="", cloze="")
    project.build(LATER + DAY)
    result = run("retire", "--forget", "noon-1/question/why", "--before", "2026-09-23")
    assert result.output.splitlines()[:-1] == [f"forgotten: {KEY}", "forgotten: noon-1/question/why"]
    left = ["dawn-1/key-findings/relapse/cloze/delay", "noon-1/key-findings/relapse/cloze/delay"]
    assert [line.key for line in project.ledger.retired] == left
    assert "\n2 forgotten; build again" in run("retire", "--forget", left[0], "--forget", left[1]).output
    assert not project.ledger.retired


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            "dawn-1/question/whom",
            ["'dawn-1/question/whom' is not retired", "retire it in its record, and build, first"],
        ),
        ("dawn-1/question/wy", ["the ledger has no note 'dawn-1/question/wy'", f"did you mean '{KEY}'?"]),
        ("zzz", ["the ledger has no note 'zzz'", "`trialdeck retire` lists the notes that are retired"]),
        ("", ["the ledger has no note ''", "`trialdeck retire` lists"]),
        (":notetype/cloze", ["the ledger has no note ':notetype/cloze'", ""]),
    ],
)
def test_a_key_that_is_not_retired_is_an_error_and_changes_nothing(key: str, said: list[str], project: Project) -> None:
    project.build()
    project.record("dawn-1", why="")
    project.build(LATER)
    before = files(project.decks)
    result = run("retire", "--forget", KEY, "--forget", key)
    assert result.exit_code == 1
    assert all(words in result.stderr for words in said)
    assert files(project.decks) == before


def test_nothing_to_forget(project: Project) -> None:
    project.build()
    before = files(project.decks)
    result = run("retire", "--before", "2030-01-01")
    assert (result.exit_code, result.output) == (0, "nothing to forget\n")
    assert files(project.decks) == before


@pytest.mark.parametrize("options", [["--before", "2030-01-01"], ["--forget", "x"]])
def test_forgetting_where_there_is_no_ledger_makes_nothing(options: list[str], project: Project) -> None:
    result = run("retire", *options, "--out", "nowhere")
    assert result.exit_code == 1
    assert "error: there is no ledger nowhere/ledger.jsonl" in result.stderr
    assert not (project.folder / "nowhere").exists()


def test_a_day_is_compared_as_a_day(project: Project) -> None:
    project.build()
    project.record("dawn-1", why="")
    project.build(LATER)
    for day in ("0999-01-01", "2026-09-22", "2026-9-1"):
        assert run("retire", "--before", day).output == "nothing to forget\n"
    wrong = run("retire", "--before", "yesterday")
    assert wrong.exit_code == 2
    assert run("retire", "--before", "2026-09-23").output.startswith(f"forgotten: {KEY}\n1 forgotten")


def test_a_damaged_ledger_is_not_overwritten(project: Project) -> None:
    project.build()
    (project.decks / "ledger.jsonl").write_text("broken\n", encoding="utf-8")
    result = run("retire", "--before", "2030-01-01")
    assert result.exit_code == 1
    assert "ledger.jsonl:1:1: this line of the ledger is damaged" in result.stderr
    assert (project.decks / "ledger.jsonl").read_text(encoding="utf-8") == "broken\n"


def test_retiring_twice_on_one_day_is_two_changes(project: Project) -> None:
    project.build()
    for number, why in enumerate(("", WHY, ""), start=1):
        project.record("dawn-1", why=why)
        project.build(NOW + number * 60)
        assert project.line(KEY).changed == NOW + number * 60
        assert project.line(KEY).retired == ("" if why else "2026-09-21")
    assert [line.key for line in project.ledger.retired] == [KEY]


def test_a_clock_that_was_set_back_still_retires(project: Project) -> None:
    project.build()
    project.record("dawn-1", why="")
    project.build(NOW - 7 * DAY, wanted=DeckRequest(allow=("clock-ahead",)))
    assert (project.line(KEY).retired, project.line(KEY).changed) == ("2026-09-14", NOW + 1)


# lines that no build of this version writes


@pytest.mark.parametrize("retired", ["", "2026-09-21"])
def test_a_kind_of_note_that_is_unknown_is_an_error_that_says_so(retired: str, project: Project) -> None:
    project.build()
    path = project.decks / "ledger.jsonl"
    strange = replace(project.line(KEY), key="dawn-1/poem/x", guid="x", kind="poem", retired=retired)
    path.write_text(path.read_text(encoding="utf-8") + strange.text + "\n", encoding="utf-8")
    before = files(project.decks)
    with pytest.raises(TrialdeckError) as caught:
        project.build(LATER)
    assert caught.value.message.endswith(":23:1: the kind of note 'poem' is unknown")
    assert "update trialdeck" in caught.value.hint
    assert files(project.decks) == before


def test_a_retired_line_without_a_kind_is_damaged(tmp_path: Path) -> None:
    line = Line("a/summary", "g", "h", NOW, NOW, retired="2026-09-21")
    (tmp_path / "ledger.jsonl").write_text(f"{line.text}\n", encoding="utf-8")
    with pytest.raises(TrialdeckError, match="this line of the ledger is damaged"):
        read_ledger(tmp_path / "ledger.jsonl")


LINES = st.builds(
    Line,
    key=st.text(min_size=1).filter(lambda key: not key.startswith(":notetype/")),
    guid=st.text(min_size=1),
    hash=st.text(min_size=1),
    created=st.integers(0, 2**40),
    changed=st.integers(0, 2**40),
    since=st.text(),
    edition=st.text(),
    retired=st.text(),
    first=st.text(),
    kind=st.sampled_from(list(map(str, Kind))),
    label=st.text(st.characters(codec="utf-8")) | st.sampled_from(["a\u2028b", "c\x85d", "e\rf\ng"]),
    record=st.text(),
    tags=st.lists(st.text()).map(tuple),
)


@given(st.lists(LINES, unique_by=lambda line: line.guid))
def test_a_ledger_is_read_as_it_was_written(lines: list[Line]) -> None:
    ledger = Ledger({line.guid: line for line in lines})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        path.write_bytes(ledger.text.encode())
        assert read_ledger(path).lines == ledger.lines
        assert read_ledger(path).text == ledger.text


# ledger rebuild

RECOVERED = ("key", "guid", "hash", "created", "changed", "edition", "retired", "kind", "label", "tags")


def history(project: Project) -> None:
    """Four builds: everything is new, then some is changed, renamed, retired, and some comes back."""
    project.build(NOW)
    project.record("dawn-1", response="It blocks")
    project.record("noon-1", why="")
    project.build(LATER)
    project.record("dawn-1", why_id="  - id: how\n    formerly: [why]\n", cloze="")
    project.build(LATER + DAY)
    project.settings("edition: a.b_c")
    project.record("noon-1")
    project.record("dawn-1", why_id="  - id: how\n    formerly: [why]\n", cloze="", short="")
    path = project.seeds / "dawn-1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("limitations:\n", ""), encoding="utf-8")


WAYS = {
    "by trial": (BY_TRIAL,),
    "by perspective": (DeckDefinition("", "", split=Split.PERSPECTIVE, subdecks=Split.TRIAL),),
    "by definitions": (DeckDefinition("one", "One", split=Split.NONE), DeckDefinition("by", "By", split=Split.TRIAL)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_ledger_comes_back_and_no_stamp_changes(way: str, project: Project) -> None:
    history(project)
    wanted = DeckRequest(WAYS[way])
    project.build(LATER + 2 * DAY, wanted=wanted)
    before, ledger = files(project.decks), project.ledger
    (project.decks / "ledger.jsonl").unlink()
    packages = sorted(project.decks.glob("*.apkg"))
    if way == "by definitions":  # the one that has everything is enough
        packages = [project.decks / "one.apkg"]
    result = run("ledger", "rebuild", *packages)
    assert result.exit_code == 0
    notes, retired = len(ledger.notes), len(ledger.retired)
    assert result.output == f"decks/ledger.jsonl: {notes} notes, {retired} retired\n"
    assert retired == 2
    lines = project.ledger.lines
    assert set(lines) == set(ledger.lines)
    for guid, line in ledger.lines.items():
        for name in RECOVERED if line.is_note else ("key", "guid", "hash", "changed"):
            assert getattr(lines[guid], name) == getattr(line, name), (line.key, name)
        assert lines[guid].since in {line.since, ""}
    plan = project.build(LATER + 9 * DAY, wanted=wanted)
    assert not plan.counts
    assert {name: content for name, content in files(project.decks).items() if name != "ledger.jsonl"} == {
        name: content for name, content in before.items() if name != "ledger.jsonl"
    }
    told = {line.key: (line.record, line.first) for line in project.ledger.notes if not line.retired}
    assert told == {line.key: (line.record, line.first) for line in ledger.notes if not line.retired}


def test_after_a_recovery_the_next_edit_is_the_only_change(project: Project) -> None:
    history(project)
    project.build(LATER + 2 * DAY)
    (project.decks / "ledger.jsonl").unlink()
    run("ledger", "rebuild", *project.decks.glob("*.apkg"))
    project.edit("noon-1", summary="Dawnol delayed relapse by far.\n")
    plan = project.build(LATER + 9 * DAY)
    changed = [line.key for line in project.ledger.notes if line.changed == LATER + 9 * DAY]
    assert changed == ["noon-1/summary", "noon-1/trial"]
    counts = plan.counts
    assert (counts.new, counts.changed, counts.retired, counts.returned, counts.note_types) == (0, 2, 0, 0, 0)


def test_what_went_meanwhile_is_retired_after_a_recovery(project: Project) -> None:
    project.build()
    (project.decks / "ledger.jsonl").unlink()
    run("ledger", "rebuild", *project.decks.glob("*.apkg"))
    project.record("dawn-1", why="")
    (project.seeds / "noon-1.yaml").unlink()
    project.build(LATER)
    gone = {line.key for line in project.ledger.retired}
    assert KEY in gone
    assert {key for key in gone if key != KEY} == {line.key for line in project.ledger.notes if line.trial == "noon-1"}


@pytest.mark.parametrize("turned", [False, True])
def test_the_newer_of_two_packages_wins(turned: bool, project: Project) -> None:
    project.build()
    old = project.folder / "old.apkg"
    old.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    project.record("dawn-1", response="It blocks")
    project.build(LATER)
    both = [old, project.decks / "dawn-1.apkg"]
    assert run("ledger", "rebuild", *(reversed(both) if turned else both), "--out", "new").exit_code == 0
    line = {each.key: each for each in read_ledger(project.folder / "new" / "ledger.jsonl").notes}[KEY]
    assert (line.hash, line.changed) == (project.line(KEY).hash, LATER)


def foreign(path: Path, name: str, model_id: int, fields: list[str], values: list[str]) -> None:
    """Write a package that another program made."""
    model = genanki.Model(
        model_id, name, fields=[{"name": each} for each in fields],
        templates=[{"name": "Card", "qfmt": "{{" + fields[0] + "}}", "afmt": "b"}],
    )  # fmt: skip
    deck = genanki.Deck(1, "Foreign")
    deck.add_note(genanki.Note(model, values))
    with clean_temporary_files():
        genanki.Package(deck).write_to_file(path, timestamp=NOW)


@contextmanager
def clean_temporary_files() -> Iterator[None]:
    """Genanki leaves its database behind."""
    with tempfile.TemporaryDirectory() as folder:
        former, tempfile.tempdir = tempfile.tempdir, folder
        try:
            yield
        finally:
            tempfile.tempdir = former


def test_foreign_packages_have_nothing_to_recover(project: Project) -> None:
    path = project.folder / "foreign.apkg"
    foreign(path, "Basic", 5, ["Front", "Back"], ["f", "b"])
    result = run("ledger", "rebuild", path)
    assert result.exit_code == 1
    assert result.stderr == (
        "error: these packages have no notes of trialdeck\n    name packages that `trialdeck build` made\n"
    )
    assert not project.decks.exists()


def test_foreign_notes_beside_ours_are_passed_over(project: Project) -> None:
    project.build()
    foreign(project.folder / "foreign.apkg", "Basic", 5, ["Front", "Key"], ["f", "dawn-1/trial"])
    assert (
        run("ledger", "rebuild", project.folder / "foreign.apkg", *project.decks.glob("*.apkg"), "--force").exit_code
        == 0
    )
    assert {line.key for line in project.ledger.notes} == {
        key for package in project.packages.values() for key in package.notes
    }


def test_a_foreign_note_type_of_our_name_is_no_fault_of_ours(project: Project) -> None:
    path = project.folder / "foreign.apkg"
    foreign(path, "Trialdeck Question", 5, ["Question", "Key"], ["f", "x/question/y"])
    result = run("ledger", "rebuild", path)
    assert (result.exit_code, result.output) == (0, "decks/ledger.jsonl: 1 note, 0 retired\n")


def test_a_ledger_that_is_there_is_not_overwritten_unless_forced(project: Project) -> None:
    project.build()
    before = files(project.decks)
    result = run("ledger", "rebuild", "decks/dawn-1.apkg")
    assert result.exit_code == 1
    assert "error: decks/ledger.jsonl exists already\n    move it away, or recover it with --force" in result.stderr
    assert files(project.decks) == before
    assert run("ledger", "rebuild", "decks/dawn-1.apkg", "--force").exit_code == 0


def test_what_packages_do_not_have_stays_in_the_ledger(project: Project) -> None:
    project.build()
    ledger = project.ledger
    others = sum(line.trial == "noon-1" for line in ledger.notes)
    result = run("ledger", "rebuild", "--force", "--from", "decks/dawn-1.apkg")
    assert result.output.splitlines() == [
        f"decks/ledger.jsonl: {len(ledger.notes)} notes, 0 retired",
        f"{others} of them are as the former ledger had them: these packages do not have them",
    ]
    assert set(project.ledger.lines) == set(ledger.lines)
    built = project.build(LATER)
    assert (built.counts.new, built.counts.changed, built.changes) == (0, 0, ())


def test_a_damaged_line_does_not_cost_the_others(project: Project) -> None:
    project.build()
    path = project.decks / "ledger.jsonl"
    rows = path.read_text(encoding="utf-8").splitlines()
    damaged = [row[:-1] if "noon-1/question/why" in row else row for row in rows]
    path.write_text("\n".join(["<<<<<<< main", *damaged]), encoding="utf-8")
    result = run("ledger", "rebuild", "--force", "decks/dawn-1.apkg")
    assert "left out: 2 damaged lines of the former ledger" in result.output
    assert len(project.ledger.lines) == len(rows) - 1


def test_force_mends_a_damaged_ledger(project: Project) -> None:
    project.build()
    ledger = project.ledger
    (project.decks / "ledger.jsonl").write_text("broken", encoding="utf-8")
    assert run("ledger", "rebuild", "decks/dawn-1.apkg", "decks/noon-1.apkg", "--force").exit_code == 0
    assert set(project.ledger.lines) == set(ledger.lines)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no package"])
def test_a_broken_package_is_an_error_that_names_it(content: bytes, project: Project) -> None:
    project.build()
    (project.folder / "broken.apkg").write_bytes(content)
    before = files(project.decks)
    result = run("ledger", "rebuild", "decks/dawn-1.apkg", "broken.apkg", "--force")
    assert result.exit_code == 1
    assert "broken.apkg" in result.stderr
    assert "this is a fault of trialdeck" not in result.stderr
    assert files(project.decks) == before


def test_rebuild_needs_a_package(project: Project) -> None:
    assert run("ledger", "rebuild").exit_code == 2
    assert run("ledger", "rebuild", "nowhere.apkg").exit_code == 2
    assert run("ledger", "rebuild", project.seeds).exit_code == 2
    assert not project.decks.exists()


# what recovery rests on

TRIAL = "tourmaline-mm1"


def given_ids(created: dict[str, int]) -> dict[str, int]:
    """The ids of the rows of notes by guid, of which it is known when each was built first."""
    ids = RowIds()
    half = len(created) // 2
    guids, times = list(created), list(created.values())
    trials = [TRIAL] * len(guids)
    parts = (slice(half), slice(half, None))
    found = [each for part in parts for each in ids.notes(guids[part], trials[part], times[part])]
    assert len(set(found)) == len(found)
    return dict(zip(guids, found, strict=True))


@given(st.dictionaries(st.text(min_size=1), st.integers(10**8, 10**10), max_size=30))
def test_when_a_note_was_built_first_follows_from_the_id_of_its_row(created: dict[str, int]) -> None:
    assert {guid: created_at(guid, TRIAL, row_id) for guid, row_id in given_ids(created).items()} == created


def test_so_it_does_where_an_id_had_to_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialdeck.apkg.row_ids.SPREAD", 3)
    created = {str(number): NOW for number in range(100)}
    assert {guid: created_at(guid, TRIAL, row_id) for guid, row_id in given_ids(created).items()} == created


ORDINALS = st.frozensets(st.integers(0, 9)).map(tuple)


@given(st.lists(st.dictionaries(st.integers(10**11, 10**11 + 2**15), ORDINALS, max_size=20), max_size=3))
def test_no_two_rows_have_the_same_id(parts: list[dict[int, tuple[int, ...]]]) -> None:
    ids, given = RowIds(), set[int]()
    for cards in parts:
        wanted = [note - 1 - ordinal for note, ordinals in cards.items() for ordinal in ordinals]
        found = ids.cards(cards, cards.values())
        assert len(set(found)) == len(wanted)
        assert given.isdisjoint(found)
        assert all(row_id <= each for row_id, each in zip(found, wanted, strict=True))
        given.update(found)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=160) | st.lists(
    st.sampled_from(["{{c1::", "::", "}}", "<b>", "&amp;", "&", "\\(", "\\)", "[sound:", "]", "$", "`", "*", " ", "a"]),
    max_size=80,
).map("".join)


@settings(max_examples=examples(300))
@given(TEXTS, st.sampled_from(list(Kind)))
def test_a_label_comes_back_from_a_retired_note(text: str, kind: Kind) -> None:
    label = label_of(kind, render_cloze(text) if kind is Kind.CLOZE else render_inline(text))
    assert len(label) <= 100
    assert len(label.splitlines()) <= 1
    shown = render_plain(label)
    assert not set(unescape(shown)) & {"\n", "\r", "\x1f"}
    assert "{{" not in shown
    assert label_of(kind, shown) == label


def test_the_ledgers_lines_are_json_without_what_is_empty(project: Project) -> None:
    project.build()
    for row in (project.decks / "ledger.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        assert all(json.loads(row).values())
    assert json.loads(Line("k", "g", "h", 0, 0).text) == {
        "key": "k",
        "guid": "g",
        "hash": "h",
        "created": 0,
        "changed": 0,
    }
