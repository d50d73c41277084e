"""Settings and fixtures that all tests share."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from folders import ROOT
from matrices import examples

# The same examples in every run: a failure is found again, and no database is written.
settings.register_profile(
    "steady",
    max_examples=examples(100),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Snapshots are only ever changed on demand."""
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots of cards anew")


def pytest_configure() -> None:
    """Answer Ctrl-C even if the shell told this run to ignore it (nohup, a background job); write into memory.

    Programs that tests start inherit what is ignored, but not what is answered: they start as at a terminal.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


MEMORY = Path("/dev/shm")
"""A folder in memory. Builds and Anki wait for the disk to have what they write: there they never do."""


def _has_room(folder: Path) -> bool:
    """Return whether programs can be run from a folder, and all tests can write into it."""
    if sys.platform == "win32" or not os.access(folder, os.W_OK):
        return False
    state = os.statvfs(folder)
    return not state.f_flag & os.ST_NOEXEC and state.f_bavail * state.f_frsize > 4 * 1024**3


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What property tests reach is not counted, nor what other tests reach that do the same over and over.

    Counting takes as long as they do. The marker `no_cover` of pytest-cov has no effect in the processes of xdist.
    """
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    if not is_property and not item.get_closest_marker("uncounted"):
        return (yield)
    counter = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counter)


# What workers ran is counted here too, not in the folder that a test works in.
os.environ.setdefault("COVERAGE_FILE", str(ROOT / ".coverage"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


RECORD = """\
format: 1
id: dawn-1
acronym: DAWN-1
title: Dawnol for Example Disease
source: {doi: 10.1000/dawn, registry: NCT00000001}
specialties: [cardiology]
topics: [example-disease]
tested: Dawnol
population: Adults with example disease
comparator: Placebo
endpoint: Relapse-free survival
summary: Dawnol delayed relapse.
key_findings:
  - id: relapse
    text: Dawnol delayed relapse by two months.
    results: [rfs]
    cloze: {delay: "DAWN-1: dawnol delayed relapse by {{c1::two months}}, against {{c2::placebo}}."}
limitations:
  - {id: short, text: Follow-up was short.}
results:
  - id: rfs
    endpoint: Relapse-free survival
    data_cut: Primary analysis
    measure: hazard ratio
    estimate: 0.70
    ci: [0.60, 0.90]
    ci_level: 95
    p: "<0.001"
    unit: months
    arms: [{name: dawnol, n: 100, median: 12.0}, {name: placebo, n: 99, median: not reached}]
questions:
  - id: why
    perspective: mechanism
    audience: [student]
    question: Why does dawnol work?
    response: It binds **dawnin**.
  - id: whom
    perspective: clinical
    question: Whom does dawnol help?
    response: Adults with example disease.
related_trials:
  - {id: dusk-2, name: DUSK-2, tested: Duskol, endpoint: Survival}
takeaways:
  - {id: start, audience: [fellow], specialties: [oncology], card: true, text: Start early.}
review: {status: unreviewed}
cards: [summary, key_findings, limitations]
"""


@pytest.fixture
def record_text() -> str:
    """The text of a small record with every kind of section; free of errors and warnings."""
    return RECORD


@pytest.fixture
def write_record(tmp_path: Path) -> Callable[..., Path]:
    """Write a record into a folder of its own, with replacements: `write_record("x.yaml", {"DAWN-1": "NOON-1"})`."""

    def write(name: str = "dawn-1.yaml", changes: dict[str, str] | None = None, text: str = RECORD) -> Path:
        for old, new in (changes or {}).items():
            assert old in text, f"nothing to replace: {old}"
            text = text.replace(old, new)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names for folders, each given once; they are numbered here, because pytest lists all of them to find the next."""
    above = tmp_path_factory.mktemp("own")
    return (above / str(number) for number in count())


@pytest.fixture(autouse=True)
def own_cache(own_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a cache and a state folder of its own, and its processes too; nobody's own are touched."""
    monkeypatch.setenv("TRIALDECK_CACHE", str(next(own_folders)))
    monkeypatch.setenv("TRIALDECK_STATE", str(next(own_folders)))
