"""Every command says what it has to say, whatever standard output can take, and its exit code tells how it ended."""

import codecs
import io
import json
import os
import pty
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conftest import RECORD
from matrices import IS_FULL
from projects import WHY, Project
from trialdeck.cli.terminal import tables
from trialdeck.cli.terminal.printing import wrapped_lines
from trialdeck.cli.terminal.streams import fitting
from trialdeck.core.text import printable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors, terminals and byte names are POSIX")
ENCODINGS = ["utf-8", "cp1252", "latin-1", "ascii", "cp437", "utf-16"]
GREEK = "NF-κB and ≥10 µg → “β” – Łódź ½"
FULL = Path("/dev/full")
PACKAGE = "decks/dawn-1.apkg"
CALLS = [
    ["check"],
    ["check", "--stats"],
    ["check", "--format", "json"],
    ["check", "--format", "github"],
    ["build"],
    ["build", "--by", "perspective", "--out", "other"],
    ["status"],
    ["status", "--format", "json"],
    ["diff"],
    ["diff", "--format", "json"],
    ["diff", PACKAGE, "older.apkg"],
    ["diff", PACKAGE, "older.apkg", "--format", "json"],
    ["diff", PACKAGE, "older.apkg", "--format", "markdown"],
    ["inspect", PACKAGE],
    ["inspect", PACKAGE, "--notes"],
    ["inspect", PACKAGE, "--format", "json"],
    ["import", PACKAGE],
    ["ingest", "page.txt"],
    ["schema", "trial"],
    ["retire"],
    ["sheet", "export", "-o", "κ.xlsx", "--force"],
    ["site", "--out", "sité"],
    ["--help"],
    ["build", "--help"],
    ["--version"],
]
FILES = [
    ["import", PACKAGE],
    ["ingest", "page.txt"],
    ["schema", "trial"],
    ["diff", PACKAGE, "older.apkg", "--format", "markdown"],
]
WAYS = [
    ["check", "--format", "json"],
    ["build", "--by", "perspective", "--out", "other"],
    ["status"],
    ["diff", PACKAGE, "older.apkg", "--format", "markdown"],
    ["inspect", PACKAGE, "--notes"],
    ["--help"],
    ["build", "--help"],
]
"""One call for each way in which something is printed."""


def name_of(call: Sequence[str | bytes]) -> str:
    return " ".join(os.fsdecode(word) for word in call).encode("ascii", "backslashreplace").decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose texts no old encoding holds, built, with an older package beside it."""
    project = Project(tmp_path_factory.mktemp("terminals"))
    text = RECORD.replace("Why does dawnol work?", f"How does DAWN-1 show {GREEK}?")
    project.text("dawn-1", text.replace("It binds", "It blocks"))
    called(project.folder, "build")
    shutil.copy(project.folder / PACKAGE, project.folder / "older.apkg")
    project.text("dawn-1", text)
    called(project.folder, "build", SOURCE_DATE_EPOCH="1760100000")
    (project.folder / "page.txt").write_text(f"Trial {GREEK}\n\nKey Findings\n\n1\n\n{GREEK}\n", encoding="utf-8")
    return project.folder


def called(folder: Path, *words: str | bytes, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a folder; options in capitals are variables, all others go to `subprocess.run`."""
    variables = {name: options.pop(name) for name in list(options) if name.isupper()}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120}
    program = [sys.executable, "-m", "trialdeck", *words]
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        program, check=False, cwd=folder, env=environment(folder, variables), **{**streams, **options}
    )
    return done


@cache
def in_utf_8(folder: Path, *words: str) -> bytes:
    """What a command prints on a UTF-8 stream."""
    done = called(folder, *words, PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    assert isinstance(done.stdout, bytes)
    return done.stdout


def environment(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "TERM"}}
    base = {
        "TRIALDECK_CACHE": os.fspath(folder / "cache"),
        "SOURCE_DATE_EPOCH": "1760000000",
        "COVERAGE_PROCESS_START": "",
    }
    return {**plain, **base, **variables}


def said(done: subprocess.CompletedProcess[bytes], encoding: str = "utf-8") -> str:
    """What was said on both streams, which is readable, and no fault of the program."""
    text = (done.stdout or b"").decode(encoding) + (done.stderr or b"").decode(encoding)
    for wrong in ("fault of trialdeck", "Traceback", "Exception ignored", "UnicodeEncodeError"):
        assert wrong not in text, text
    return text


# Encodings


@pytest.mark.parametrize(
    ("call", "encoding"),
    [(call, "cp1252") for call in (CALLS if IS_FULL else [*WAYS, *FILES])] + [(call, "ascii") for call in CALLS],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_command_speaks_in_any_encoding(call: list[str], encoding: str, folder: Path) -> None:
    done = called(folder, *call, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    if call in FILES:
        # What goes into a file is UTF-8: it is compared with what a UTF-8 terminal gets.
        assert done.stdout == in_utf_8(folder, *call)
        return
    text = said(done, encoding)
    if "json" in call:
        assert json.loads(done.stdout.decode(encoding)) == json.loads(in_utf_8(folder, *call))
    assert "\N{REPLACEMENT CHARACTER}" not in text


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
def test_what_an_encoding_lacks_is_replaced_by_what_looks_alike(encoding: str, folder: Path) -> None:
    text = said(called(folder, "inspect", PACKAGE, "--notes", PYTHONIOENCODING=encoding), encoding)
    assert "NF-kappaB and >=10 " in text
    assert r"\u0141\xf3d\u017a" in text or r"\u0141ód\u017a" in text


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-16"])
@pytest.mark.parametrize("words", [["check", "κ–ł.yaml"], ["κ"], ["build", "--deck", "κ"], ["check", "--κ"]])
def test_an_error_is_readable_in_any_encoding(words: list[str], encoding: str, folder: Path) -> None:
    done = called(folder, *words, PYTHONIOENCODING=encoding)
    assert done.returncode in {1, 2}
    assert "rror: " in said(done, encoding)


def test_the_library_leaves_the_streams_alone() -> None:
    code = "import sys, codecs; former = sys.stdout.errors; import trialdeck.cli"
    code += "; print(former == sys.stdout.errors); codecs.lookup_error('trialdeck')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n"
    assert "unknown error handler" in done.stderr


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("a ≥ 1 → 2 …", "ascii", "a >= 1 -> 2 ..."),
        ("Δ κ µg", "latin-1", "Delta kappa µg"),
        ("Δ κ µg", "ascii", "Delta kappa ug"),
        ("λ Λ", "cp1252", "lambda Lambda"),
        ("10² é", "ascii", r"10\xb2 \xe9"),
        ("10² é", "cp1252", "10² é"),
        ("漢😀", "cp1252", r"\u6f22\U0001f600"),
    ],
)
def test_characters_that_an_encoding_lacks(text: str, encoding: str, shown: str) -> None:
    assert fitting(text, io.TextIOWrapper(io.BytesIO(), encoding=encoding)) == shown


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_fits_can_be_encoded(encoding: str) -> None:
    every = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x10000), 0x1F600]))
    assert fitting(every, io.TextIOWrapper(io.BytesIO(), encoding=encoding)).encode(encoding)
    assert codecs.lookup(encoding)


# Full, closed and broken outputs


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("call", WAYS, ids=name_of)
def test_a_full_output_is_an_error_in_two_lines(call: list[str], folder: Path) -> None:
    with FULL.open("wb") as full:
        done = called(folder, *call, stdout=full)
    assert done.returncode == 1
    assert "No space left on device" in said(done).splitlines()[-2]


@pytest.mark.parametrize("call", WAYS, ids=name_of)
def test_a_reader_that_has_gone_ends_the_command_quietly(call: list[str], folder: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = called(folder, *call, stdout=theirs)
    finally:
        os.close(theirs)
    assert done.returncode == 141
    assert "Broken pipe" not in said(done)


@pytest.mark.parametrize("call", WAYS, ids=name_of)
def test_closed_streams_are_as_good_as_nowhere(call: list[str], folder: Path) -> None:
    done = called(folder, *call, stdout=None, preexec_fn=lambda: os.closerange(0, 2))
    assert done.returncode == 0, done.stderr
    said(done)


def test_nothing_is_printed_into_a_file_that_has_the_number_of_a_closed_stream(folder: Path) -> None:
    called(
        folder,
        "build",
        "--no-cache",
        "--out",
        "closed",
        stdout=None,
        stderr=None,
        preexec_fn=lambda: os.closerange(0, 3),
    )
    assert called(folder, "build", "--check", "--out", "closed").returncode == 0


@pytest.mark.parametrize(
    ("words", "code"), [(["check", "none.yaml"], 2), (["none"], 2), (["--none"], 2), (["build", "--deck", "none"], 1)]
)
@pytest.mark.parametrize("closed", [True, False])
def test_without_standard_error_the_exit_code_is_the_same(
    words: list[str], code: int, *, closed: bool, folder: Path
) -> None:
    if closed:
        assert called(folder, *words, stderr=None, preexec_fn=lambda: os.close(2)).returncode == code
    else:
        with FULL.open("wb") as full:
            assert called(folder, *words, stderr=full).returncode == code


# Few descriptors


WORK = [
    ["check"],
    ["build", "--no-cache", "--workers", "16"],
    ["build"],
    ["diff"],
    ["status"],
    ["site", "--out", "few"],
    ["sheet", "export", "-o", "few.xlsx", "--force"],
    ["inspect", PACKAGE],
]


@pytest.mark.parametrize("limit", [6, 20])
@pytest.mark.parametrize("call", WORK, ids=name_of)
def test_few_descriptors_are_enough_or_are_named(call: list[str], limit: int, folder: Path) -> None:
    done = called(folder, *call, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    text = said(done)
    assert done.returncode in ({0, 1} if limit < 10 else {0}), text
    if done.returncode:
        assert f"this process may have {limit} open at once" in text or "No usable temporary directory" in text


def test_many_workers_and_few_descriptors(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for number in range(60):
        project.record(f"dawn-{number}")
    words = ["build", "--workers", "64", "--no-cache"]
    done = called(tmp_path, *words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50)))
    assert done.returncode == 0, done.stderr
    said(done)


# Names that are not UTF-8


BAD = b"caf\xe9"


@pytest.fixture(scope="module")
def badly_named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in a folder with such a name, whose record, its folder and its picture have one."""
    folder = os.fsencode(tmp_path_factory.mktemp("names")) + b"/" + BAD
    seeds = folder + b"/seeds/" + BAD
    try:
        Path(os.fsdecode(seeds)).mkdir(parents=True)
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    Path(os.fsdecode(seeds + b"/" + BAD + b".yaml")).write_text(RECORD, encoding="utf-8")
    Path(os.fsdecode(seeds + b"/" + BAD + b".png")).write_bytes(b"x")
    home = Path(os.fsdecode(folder))
    assert called(home, "build").returncode == 0
    shutil.copy(home / PACKAGE, os.fsdecode(folder + b"/" + BAD + b".apkg"))
    return home


@pytest.mark.parametrize(
    "words",
    [
        [b"check"],
        [b"check", b"--format", b"json"],
        [b"check", b"--format", b"github"],
        [b"check", b"--stats"],
        [b"build"],
        [b"build", b"--check"],
        [b"build", b"--no-cache", b"--workers", b"2"],
        [b"build", b"--out", BAD + b"-out"],
        [b"build", b"seeds/" + BAD + b"/" + BAD + b".yaml", b"--out", b"one"],
        [b"diff"],
        [b"diff", BAD + b".apkg", BAD + b".apkg"],
        [b"status"],
        [b"status", b"--format", b"json"],
        [b"site"],
        [b"site", b"--out", BAD + b"-site"],
        [b"sheet", b"export", b"-o", BAD + b".xlsx", b"--force"],
        [b"sheet", b"export", b"-o", BAD + b"-csv", b"--force"],
        [b"inspect", BAD + b".apkg"],
        [b"inspect", b"--format", b"json", BAD + b".apkg"],
        [b"pull", BAD + b".apkg"],
        [b"import", BAD + b".apkg"],
        [b"ledger", b"rebuild", BAD + b".apkg", b"--out", b"rebuilt", b"--force"],
        [b"new", b"noon-9", b"--title", b"Noon", b"-o", BAD + b"-new.yaml", b"--force"],
        [b"retire"],
    ],
    ids=name_of,
)
def test_names_of_any_bytes_work(words: list[bytes], badly_named: Path) -> None:
    done = called(badly_named, *words)
    assert done.returncode == 0, done.stderr
    said(done)
    if b"json" in words:
        json.loads(done.stdout)


def test_a_name_of_any_bytes_is_spelt_out(badly_named: Path) -> None:
    assert r"seeds/caf\xe9/caf\xe9.png:1:1: warning [TD408]" in said(called(badly_named, "check"))
    assert printable("a\udce9\udc80\ud800") == r"a\xe9\x80\ud800"


def test_the_ledger_stays_utf_8_and_knows_the_record_again(badly_named: Path) -> None:
    ledger = badly_named / "decks" / "ledger.jsonl"
    assert r"seeds/caf\\xe9/caf\\xe9.yaml" in ledger.read_text(encoding="utf-8")
    (record,) = badly_named.glob("seeds/*/*.yaml")
    record.write_text(RECORD.replace(WHY, ""), encoding="utf-8")
    try:
        assert "1 retired" in said(called(badly_named, "build", "--dry-run"))
    finally:
        record.write_text(RECORD, encoding="utf-8")


@pytest.mark.parametrize("words", [[b"build", b"--deck", BAD], [b"review", b"--by", BAD]])
def test_a_text_of_the_command_line_that_is_not_utf_8_is_named(words: list[bytes], badly_named: Path) -> None:
    done = called(badly_named, *words)
    assert done.returncode == 1
    assert r"a name or a text is not UTF-8: caf\xe9" in said(done)


# Colours, widths, and what the system does not have


def on_terminal(folder: Path, columns: int, *words: str, **variables: str) -> str:
    """What a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    try:
        os.set_blocking(ours, False)
        done = called(folder, *words, stdout=theirs, stderr=theirs, COLUMNS=str(columns), **variables)
        assert done.returncode == 0
        return os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)


@cache
def widely(folder: Path, *words: str) -> str:
    """What a command writes where everything fits, from the second time on: then a build changes nothing."""
    on_terminal(folder, 300, *words, TERM="dumb")
    return on_terminal(folder, 300, *words, TERM="dumb")


TABLES = [
    ["status"],
    ["check", "--stats"],
    ["build", "--by", "perspective", "--out", "a-folder-with-a-long-name-for-packages"],
]


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "TERM": "xterm-256color"}, {"TERM": "dumb"}])
@pytest.mark.parametrize("words", [*TABLES, ["inspect", PACKAGE], ["diff", PACKAGE, "older.apkg"]])
def test_no_colours_where_they_are_not_wanted(words: list[str], variables: dict[str, str], folder: Path) -> None:
    assert "\x1b" not in on_terminal(folder, 100, *words, **variables)


def test_colours_where_they_are_shown(folder: Path) -> None:
    assert "\x1b[1m" in on_terminal(folder, 100, "diff", PACKAGE, "older.apkg", TERM="xterm-256color")


@pytest.mark.parametrize("columns", [40, 60, 80, 131])
@pytest.mark.parametrize("words", TABLES)
def test_tables_fit_and_break_no_number_and_no_path(words: list[str], columns: int, folder: Path) -> None:
    wide = widely(folder, *words)
    shown = on_terminal(folder, columns, *words, TERM="dumb")
    numbers = re.compile(r"[\w./%-]*\d[\w./%-]*")
    assert set(numbers.findall(wide)) - {"notes:"} <= set(numbers.findall(shown))
    long = [line for line in shown.splitlines() if len(line) > columns]
    assert all(len(line.split()) <= 2 for line in long), long


@pytest.mark.parametrize("columns", [40, 80])
def test_messages_and_hints_fit_a_terminal_and_are_whole_in_a_file(columns: int, folder: Path) -> None:
    words = ["diff", PACKAGE, "older.apkg"]
    whole = called(folder, *words).stdout.decode().splitlines()
    assert max(map(len, whole)) > columns
    shown = on_terminal(folder, columns, *words, TERM="dumb").splitlines()
    assert max(map(len, shown)) <= columns
    assert " ".join(" ".join(shown).split()) == " ".join(" ".join(whole).split())
    assert json.loads(on_terminal(folder, columns, *words, "--format", "json", TERM="dumb"))["changed"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short\n    hint", "short\n    hint"),
        ("error: one two three four five six", "error: one two three four five\n  six"),
        ("    a hint of some more words here", "    a hint of some more words\n      here"),
        ("error: \x1b[31mone two three four five\x1b[0m six", "error: \x1b[31mone two three four five\x1b[0m\n  six"),
        ("error: 漢字漢字漢字漢字漢字 two three", "error: 漢字漢字漢字漢字漢字\n  two three"),
        ("see decks/a-long-name-of-a-package.apkg now", "see\n  decks/a-long-name-of-a-package.apkg\n  now"),
    ],
)
def test_long_lines_are_broken_at_spaces(text: str, shown: str) -> None:
    assert wrapped_lines(text, 30) == shown


def test_a_row_that_does_not_fit_becomes_a_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = [("A trial with a name of many words", "12", "3 (25 %)", "decks/a-rather-long-name-of-a-package.apkg")]
    shown = list(tables.table_lines(("trial", "items", "reviewed", "path"), rows, {"trial", "path"}))
    assert shown[0].endswith("A trial with a name of many words\x1b[0m")
    assert shown[1:] == [
        "    items: 12, reviewed: 3 (25 %),",
        "    path:",
        "    decks/a-rather-long-name-of-a-package.apkg",
    ]
    monkeypatch.setenv("COLUMNS", "36")
    narrow = [("A trial with a name of many words", "12", "3 (25 %)")]
    assert list(tables.table_lines(("trial", "items", "reviewed"), narrow, {"trial"}))[1:] == [
        "A trial with a name     12  3 (25 %)",
        "of many words",
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"HOME": "/proc/none"},
        {"TMPDIR": "/proc/none"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
@pytest.mark.parametrize("words", [["build", "--no-cache"], ["status"]])
def test_a_poor_environment_is_enough(words: list[str], variables: dict[str, str], folder: Path) -> None:
    done = called(folder, *words, **variables)
    assert done.returncode == 0, done.stderr
    said(done)


def test_no_home_and_no_folder_for_temporary_files(folder: Path) -> None:
    variables = {
        name: value for name, value in environment(folder, {}).items() if name not in {"HOME", "TRIALDECK_CACHE"}
    }
    done = subprocess.run(
        [sys.executable, "-m", "trialdeck", "build"], cwd=folder, env=variables, capture_output=True, check=False
    )
    assert done.returncode == 0
    said(done)
