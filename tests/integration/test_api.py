"""A program that imports trialdeck: few calls, honest results, and nothing done to its process."""

import doctest
import importlib
import inspect
import json
import pkgutil
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import genanki
import pytest
from click.testing import CliRunner

import trialdeck as td
import trialdeck.api as td_api
from trialdeck.apkg.reader import PackedNote
from trialdeck.cli import main
from trialdeck.core.codes import CODES

API = tuple(pkgutil.walk_packages(td_api.__path__, "trialdeck.api."))
AT = datetime(2027, 1, 1, tzinfo=UTC)
LATER = datetime(2027, 1, 2, tzinfo=UTC)
SCRIPT = """
import trialdeck as td

project = td.load("myeloma/", workers=2)
report: td.Report = td.check(project)
lines: list[tuple[str, int, str]] = [(fault.path, fault.line, fault.message) for fault in report.errors]
fronts: dict[str, str] = {note.guid: note.fields["Key"] for note in project.notes()}
try:
    result = td.build(project, out="decks/", filters=td.Filters(perspectives={"clinical"}))
except td.TrialdeckError as error:
    faults: tuple[td.Problem, ...] = error.problems
else:
    sizes: list[int] = [package.size for package in result.packages]
    fresh: int = result.counts["new"]
blobs: dict[str, bytes] = td.package_bytes(project, deck="myeloma-trial")
notes: str = td.diff(project, out="decks/").to_markdown()
pictures: list[bytes] = list(td.read_package("any.apkg").media.values())
record: str = td.ingest("page.html").record
"""
WRONG = "import trialdeck as td\ntd.load('.').bogus\ntd.bogus\ntd.build('.')\n"


@pytest.fixture
def folder(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped project, without packages, as the folder that the program runs in."""
    copy = tmp_path / "myeloma"
    shutil.copytree(root / "seeds", copy / "seeds")
    shutil.copytree(root / "docs" / "examples", copy / "docs" / "examples")
    (copy / "decks").mkdir()
    for file in [*(root / "decks").glob("*.yaml"), root / "decks" / "ledger.jsonl", root / "decks" / "EDITIONS.md"]:
        shutil.copy(file, copy / "decks")
    monkeypatch.chdir(copy)
    return copy


def command_line(*arguments: str) -> str:
    """What a command prints, at the time of the tests."""
    done = CliRunner().invoke(
        main, arguments, env={"SOURCE_DATE_EPOCH": str(int(AT.timestamp()))}, catch_exceptions=False
    )
    return done.stdout


def packages_in(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.glob("*.apkg"))}


def read_notes(package: td.BuiltPackage) -> tuple[PackedNote, ...]:
    return td.read_package(package.path).notes


def broken(folder: Path) -> Path:
    """The record of a trial, now with a property that there is none of."""
    record = folder / "seeds" / "aspire.yaml"
    record.write_text(f"{record.read_text(encoding='utf-8')}bogus: 1\n", encoding="utf-8")
    return record


def test_the_eight_calls_work_on_the_shipped_project(folder: Path) -> None:
    project = td.load(folder)
    assert td.check(project).ok
    trials = {path.stem for path in (folder / "seeds").glob("*.yaml")}
    assert {note.trial for note in project.notes() if not note.trial.startswith("across:")} == trials
    built = td.build(project, out="new", filters=td.Filters(perspectives={"clinical"}))
    assert [package.path for package in built.packages] == sorted((Path("new")).glob("*.apkg"))
    assert built.counts["new"] == len({note.guid for file in built.packages for note in read_notes(file)})
    assert len(td.package_bytes(project, deck="myeloma-trial")) == 4
    assert not td.diff(project, out="decks")
    package = td.read_package(built.packages[0].path)
    assert {note.note_type for note in package.notes} <= {each.name for each in package.note_types}
    assert td.ingest(folder / "docs" / "examples" / "dawn-1.txt").record.count("id: dawn-1") == 1


def test_each_public_name_is_there() -> None:
    code = "import trialdeck as td; print(*dir(td)); print(*(getattr(td, name) is not None for name in dir(td)))"
    names, there = python(code).splitlines()
    assert names.split() == sorted(td.__all__)
    assert set(there.split()) == {"True"}
    assert not hasattr(td, "bogus")


def test_no_room_has_a_public_name() -> None:
    """Python puts an imported room into the package, in the place of what has its name."""
    assert {module.name for module in pkgutil.iter_modules(td.__path__)}.isdisjoint(td.__all__)


def test_the_package_alone_imports_nothing() -> None:
    code = "import sys; before = set(sys.modules); import trialdeck; print(*sorted(set(sys.modules) - before))"
    assert python(code).split() == ["trialdeck"]


STUDY = (
    '{"protocolSection": {"identificationModule": {"nctId": "NCT01234567", "briefTitle": "A"}, '
    '"armsInterventionsModule": {"armGroups": [{"label": "A", "type": "EXPERIMENTAL"}]}}}'
)
READERS = ("bs4", "bibtexparser", "rispy", "mammoth", "trialdeck.drafts.prose.read")


@pytest.mark.parametrize(
    ("name", "content", "needed"),
    [
        ("NCT01234567.json", STUDY, []),
        ("notes.md", "# A trial\n\n## Results\n\nIt works.\n", ["bs4", "trialdeck.drafts.prose.read"]),
    ],
)  # fmt: skip
def test_a_reader_is_imported_when_a_file_needs_it(tmp_path: Path, name: str, content: str, needed: list[str]) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    code = f"""
import sys
import trialdeck as td
td.ingest({str(tmp_path / name)!r})
print(*[name for name in {READERS!r} if name in sys.modules])
"""
    assert python(code).split() == needed


def test_a_project_is_not_read_before_it_is_asked_for(tmp_path: Path) -> None:
    project = td.load(tmp_path / "later")
    with pytest.raises(td.TrialdeckError, match="there is no "):
        td.check(project)
    (tmp_path / "later").mkdir()
    with pytest.raises(td.TrialdeckError, match="there are no records here"):
        td.check(project)


@pytest.mark.parametrize("path", [".", "seeds", "seeds/aspire.yaml"])
def test_a_check_reports_what_the_command_line_does(folder: Path, path: str) -> None:
    broken(folder)
    (folder / "decks" / "project.yaml").write_text("format: 1\nbogus: 1\n", encoding="utf-8")
    report = td.check(td.load(path), at=AT)
    printed = json.loads(command_line("check", "--format", "json", *([] if path == "." else [path])))["problems"]
    assert [(each.path, each.line, each.code) for each in report.problems] == [
        (each["path"], each["line"], each["code"]) for each in printed
    ]
    assert {each.code for each in report.errors} == {"TD103"}
    assert not report.ok
    assert all(CODES[each.code].warning for each in report.warnings)
    assert len(report.errors) + len(report.warnings) == len(report.problems)


def test_faults_of_an_author_are_problems_and_stop_a_build(folder: Path) -> None:
    record, project = broken(folder), td.load(folder)
    (problem,) = td.check(project).errors
    assert (problem.path, problem.message) == (str(record), "unknown property 'bogus'")
    assert "aspire/question" not in {note.key.rpartition("/")[0] for note in project.notes()}
    assert project.notes()
    for call in (td.build, td.package_bytes, td.diff):
        with pytest.raises(td.TrialdeckError) as caught:
            call(project, out="new")
        assert problem in caught.value.problems
    assert not Path("new").exists()


@pytest.mark.parametrize(
    ("filters", "options"),
    [
        (td.Filters(perspectives={"reviewer", "clinical"}), ["--perspective", "clinical", "--perspective", "reviewer"]),
        (td.Filters(audiences=["fellow"], specialties=["hematology"]),
         ["--audience", "fellow", "--specialty", "hematology"]),
        (td.Filters(), []),
    ],
    ids=["perspectives", "audience and specialty", "none"],
)  # fmt: skip
def test_filters_give_the_packages_of_the_command_line(folder: Path, filters: td.Filters, options: list[str]) -> None:
    td.build(td.load("."), out="ours", filters=filters, at=AT)
    command_line("build", "--out", "theirs", *options)
    assert packages_in(Path("ours")) == packages_in(Path("theirs")) != {}
    assert Path("ours/ledger.jsonl").read_bytes() == Path("theirs/ledger.jsonl").read_bytes()


def test_records_by_perspective_and_alone_give_the_packages_of_the_command_line(folder: Path) -> None:
    td.build(td.load("."), out="ours", by="perspective", at=AT)
    td.build(td.load("seeds/pollux.yaml"), out="ours-alone", at=AT)
    command_line("build", "--out", "theirs", "--by", "perspective")
    command_line("build", "--out", "theirs-alone", "seeds/pollux.yaml")
    assert packages_in(Path("ours")) == packages_in(Path("theirs"))
    assert list(packages_in(Path("ours"))) == ["clinical.apkg", "mechanism.apkg", "reviewer.apkg"]
    assert packages_in(Path("ours-alone")) == packages_in(Path("theirs-alone"))
    assert list(packages_in(Path("ours-alone"))) == ["pollux.apkg"]


def test_nothing_reviewed_is_nothing_to_build(folder: Path) -> None:
    with pytest.raises(td.TrialdeckError, match="nothing is reviewed"):
        td.build(td.load("."), out="new", filters=td.Filters(reviewed_only=True))


def test_the_bytes_of_packages_are_those_that_a_build_writes(folder: Path) -> None:
    project = td.load(".")
    blobs = td.package_bytes(project, deck="myeloma-trial", at=AT)
    assert not list(Path("decks").glob("*.apkg"))
    built = td.build(project, deck="myeloma-trial", at=AT)
    assert blobs == packages_in(Path("decks"))
    assert [package.path.name for package in built.packages] == list(blobs)
    assert built.counts == dict.fromkeys(["new", "changed", "retired", "returned", "note_types"], 0)
    assert td.build(project, deck="myeloma-trial", at=AT).up_to_date


def test_the_bytes_are_those_of_a_build_with_the_same_arguments(folder: Path) -> None:
    td.build(td.load("."), by="perspective", at=AT)
    record = folder / "seeds" / "aspire.yaml"
    record.write_text(
        record.read_text(encoding="utf-8").replace("acronym: ASPIRE", "acronym: ASPIRED"), encoding="utf-8"
    )
    stale = td.package_bytes(td.load("."), by="perspective", at=LATER)
    blobs = td.package_bytes(td.load("."), by="perspective", refresh=["aspire"], at=LATER)
    td.build(td.load("."), by="perspective", refresh=["aspire"], at=LATER)
    assert blobs == packages_in(Path("decks")) != stale


def test_the_arguments_of_package_bytes_are_those_of_build() -> None:
    assert inspect.signature(td.package_bytes).parameters == inspect.signature(td.build).parameters


def test_a_cache_is_used_only_where_one_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = tmp_path / "users"
    monkeypatch.setenv("TRIALDECK_CACHE", str(users))
    td.build(td.load("."), out="new", at=AT)
    assert not users.exists()
    td.build(td.load(".", cache=tmp_path / "named"), out="other", at=AT)
    assert any((tmp_path / "named").iterdir())
    assert packages_in(Path("new")) == packages_in(Path("other"))


def test_what_would_harm_learners_is_refused_unless_it_is_allowed(folder: Path) -> None:
    td.build(td.load("."), at=AT)
    for package in Path("decks").glob("*.apkg"):
        package.unlink()
    text = Path("seeds/aspire.yaml").read_text(encoding="utf-8")
    ident = text.partition("questions:")[2].partition("- id: ")[2].partition("\n")[0]
    own = [note for note in td.load(".").notes() if f"{note.key}/".startswith(f"aspire/question/{ident}/")]
    Path("seeds/aspire.yaml").write_text(text.replace(f"- id: {ident}\n", "- id: other-id\n"), encoding="utf-8")
    for call in (td.build, td.package_bytes):
        with pytest.raises(td.TrialdeckError, match="history-cut"):
            call(td.load("."), at=LATER)
    allowed = td.build(td.load("."), allow=["history-cut", "texts-lost"], at=LATER)
    # The question and its statements.
    assert (allowed.counts["new"], allowed.counts["retired"]) == (len(own), len(own))


def test_changes_are_those_that_the_command_line_prints(folder: Path) -> None:
    td.build(td.load("."), at=AT)
    record = folder / "seeds" / "aspire.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("dexamethasone", "DEXAMETHASONE", 1), encoding="utf-8")
    changes = td.diff(td.load("."), at=AT)
    assert changes
    assert changes.to_json() == command_line("diff", "--format", "json").rstrip("\n")
    assert changes.to_markdown() == command_line("diff", "--format", "markdown").rstrip("\n")
    assert "DEXAMETHASONE" in changes.to_markdown()


def test_notes_are_those_of_the_packages_and_go_into_ones_own(folder: Path) -> None:
    td.build(td.load("."), by="trial", out="decks", at=AT)
    packages = [td.read_package(f"decks/{path}") for path in packages_in(Path("decks"))]
    packed = {note.guid: note for package in packages for note in package.notes if note.cards}
    notes = td.load(".").notes()
    assert {note.guid for note in notes} == set(packed)
    for note in notes:
        theirs = packed[note.guid]
        assert (note.note_type, note.fields) == (theirs.note_type, theirs.fields)
        assert set(note.cards) == {card.ordinal for card in theirs.cards}
        assert set(note.tags) <= set(theirs.tags)
    deck = genanki.Deck(2059400110, "My Trials")
    for note in notes:
        deck.add_note(note.to_genanki())
    genanki.Package(deck).write_to_file("mine.apkg", timestamp=AT.timestamp())
    assert {note.guid for note in td.read_package("mine.apkg").notes} == set(packed)


def test_the_media_of_a_package_are_its_files(tmp_path: Path) -> None:
    deck, model = genanki.Deck(2059400110, "Pictures"), genanki.BASIC_MODEL
    deck.add_note(genanki.Note(model, ['<img src="a.png">', "b"]))
    (tmp_path / "a.png").write_bytes(b"picture")
    genanki.Package(deck, [str(tmp_path / "a.png")]).write_to_file(tmp_path / "one.apkg")
    package = td.read_package(tmp_path / "one.apkg")
    assert package.media == {"a.png": b"picture"}
    assert package.decks["Pictures"] == ""


def test_media_that_lead_out_of_a_folder_are_refused(tmp_path: Path) -> None:
    deck = genanki.Deck(2059400110, "Pictures")
    deck.add_note(genanki.Note(genanki.BASIC_MODEL, ["a", "b"]))
    genanki.Package(deck).write_to_file(tmp_path / "one.apkg")
    with zipfile.ZipFile(tmp_path / "one.apkg") as old, zipfile.ZipFile(tmp_path / "two.apkg", "w") as new:
        new.writestr("collection.anki2", old.read("collection.anki2"))
        new.writestr("media", '{"0": "../../evil"}')
        new.writestr("0", b"evil")
    with pytest.raises(td.TrialdeckError, match="leads out of its folder"):
        td.read_package(tmp_path / "two.apkg")


def test_a_draft_tells_what_it_did_not_take_from_what_it_read_into_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><body><h2>Key Findings</h2><ul><li>Dawnol delayed relapse.</li></ul>"
        '<p style="display:none">A long paragraph that nobody who reads this page in a browser ever sees, and that '
        "is long enough to be worth a word, because it may say something of the trial after all.</p></body></html>"
    )
    draft = td.ingest(page, trial_id="dawn-1")
    assert "id: dawn-1" in draft.record
    assert [notice.message for notice in draft.not_taken] == ["hidden on the web page; left out"]
    assert [notice.message for notice in draft.inferred] == ["the page has no title; its name stands in for it"]


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: td.Filters(perspectives="clinical"), "not one text"),
        (lambda: td.Filters(perspectives={"clinic"}), "'clinic' is no perspective"),
        (lambda: td.Filters(audiences={"nobody"}), "'nobody' is no audience"),
        (lambda: td.build(td.load("."), out="new", at=datetime(2026, 1, 1)), "no time zone"),
        (lambda: td.build(td.load("."), out="new", at=datetime(1970, 1, 1, tzinfo=UTC)), "is between"),
        (lambda: td.build(td.load("."), out="new", allow=["bogus"]), "'bogus' is not a change that is refused"),
        (lambda: td.build(td.load("."), out="new", by="none"), "not by 'none'"),  # type: ignore[arg-type]
        (lambda: td.build(td.load("."), out="new", deck="myeloma-trial", by="trial"), "built as it is"),
        (lambda: td.build(td.load("."), out="new", deck="bogus"), "no deck definition 'bogus'"),
        (lambda: td.read_package("seeds/aspire.yaml"), "not an Anki package"),
        (lambda: td.ingest("bogus.html"), "bogus.html"),
    ],
)
def test_a_wrong_call_is_an_error_of_ours_and_writes_nothing(folder: Path, mistake: object, message: str) -> None:
    assert callable(mistake)
    with pytest.raises(td.TrialdeckError, match=message):
        mistake()
    assert not Path("new").exists()


def test_the_folder_of_packages_must_not_lead_out_of_the_project(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "decks", tmp_path / "elsewhere")
    (folder / "decks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(td.TrialdeckError, match="leads out of the project"):
        td.build(td.load("."), at=AT)
    assert not list((tmp_path / "elsewhere").glob("*.apkg"))


def test_results_do_not_change(folder: Path) -> None:
    project = td.load(".")
    for result, name in ((project, "path"), (td.check(project), "problems"), (project.notes()[0], "key")):
        with pytest.raises(FrozenInstanceError):
            setattr(result, name, None)


def test_the_process_is_left_as_it_was(folder: Path) -> None:
    code = """
import csv, gc, locale, signal, sys, threading, multiprocessing
def state():
    return (gc.get_threshold(), gc.isenabled(), gc.get_freeze_count(), signal.getsignal(signal.SIGINT),
            signal.getsignal(signal.SIGTERM), csv.field_size_limit(), sys.getrecursionlimit(), locale.setlocale(0),
            threading.active_count(), multiprocessing.active_children(), sys.excepthook)
before = state()
import trialdeck as td
from datetime import UTC, datetime
project = td.load(".")
td.check(project), project.notes()
td.build(project, out="new", at=datetime(2027, 1, 1, tzinfo=UTC))
td.diff(project, out="new"), td.package_bytes(project), td.ingest("docs/examples/dawn-1.txt")
td.read_package("new/myeloma-trial-aspire.apkg")
changed = [pair for pair in zip(before, state()) if pair[0] != pair[1]]
print(changed, [name for name in ("click", "rich", "jinja2", "openpyxl") if name in sys.modules])
"""
    assert python(code) == "[] []\n"


def test_threads_build_at_the_same_time(folder: Path) -> None:
    """A server answers each request in a thread; what is shared in a process must not be in one's way."""
    former = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            built = list(
                threads.map(lambda name: td.build(td.load("."), out=name, at=AT), ("one", "two", "three", "four"))
            )
    finally:
        sys.setswitchinterval(former)
    assert {each.counts["new"] for each in built} == {len(td.load(".").notes())}
    first, *others = (packages_in(Path(name)) for name in ("one", "two", "three", "four"))
    assert others == [first] * 3


@pytest.mark.parametrize(
    "name",
    ["trialdeck.decks.filters", *(module.name for module in API if not module.ispkg)],
)
def test_the_examples_of_the_docstrings_run(folder: Path, name: str) -> None:
    counted = doctest.testmod(importlib.import_module(name))
    assert (counted.failed, counted.attempted > 0) == (0, True)


def test_the_types_hold_in_a_script_of_a_user(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "wrong.py").write_text(WRONG)
    done = [
        subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", name], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for name in ("script.py", "wrong.py")
    ]
    assert done[0].stdout == "Success: no issues found in 1 source file\n", done[0].stdout
    assert [line.rpartition("[")[2] for line in done[1].stdout.splitlines()[:-1]] == [
        "attr-defined]",
        "attr-defined]",
        "arg-type]",
    ]


def python(code: str) -> str:
    """What a program prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
