"""Files that pretend to be records: an error line each, in little time and memory; limits are those of SECURITY.md."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from measured import measured
from trialdeck.core.problem import MOST_FAULTS
from trialdeck.records.load import load_record
from trialdeck.yamlfile.document import LARGEST, MAX_DEPTH, MOST_VALUES, parse_document

HEAD = b"format: 1\nid: x\ntitle: X\n"
MILLION = 1_000_000
HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "a million aliases": lambda: b"a: &a x\nb: [" + b"*a," * MILLION + b"]\n",
    "aliases below the limit": lambda: b"a: &a x\nb: [" + b"*a," * 300_000 + b"]\n",
    "billion laughs": lambda: (
        b"a0: &a0 [x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30))
    ),
    "brackets without end": lambda: b"a: " + b"[" * 900_000,
    "braces without end": lambda: b"{a: " * 200_000,
    "nested lists": lambda: b"- " * 400_000,
    "nested mappings": lambda: b"".join(b" " * n + b"a:\n" for n in range(1_000)),
    "a scalar of 100 MB": lambda: HEAD + b"summary: " + b"a" * 100 * MILLION,
    "a quoted scalar of 100 MB": lambda: HEAD + b'summary: "' + b"a" * 100 * MILLION + b'"',
    "a million keys": lambda: HEAD + b"".join(b"k%d: x\n" % n for n in range(MILLION)),
    "100,000 keys": lambda: HEAD + b"".join(b"k%d:\n" % n for n in range(100_000)),
    "19,000 unknown keys": lambda: HEAD + b"".join(b"k%d: x\n" % n for n in range(19_000)),
    "the same key again and again": lambda: HEAD + b"a: x\n" * 150_000,
    "a million entries": lambda: b"a: [" + b"x," * MILLION + b"]",
    "no UTF-8 at the start": lambda: b"\xff" + b"a" * 900_000,
    "no UTF-8 at the end": lambda: b"a: " + b"b" * 900_000 + b"\xff",
    "UTF-16": lambda: "format: 1\n".encode("utf-16"),
    "NUL": lambda: HEAD + b"summary: a\0b\n",
    "NUL in every line": lambda: b"\0\n" * 400_000,
    "an open quote": lambda: HEAD + b'summary: "' + b"a " * 400_000,
    "an open bracket": lambda: HEAD + b"topics: [a, b\n",
    "an open brace": lambda: HEAD + b"source: {doi: a\n",
    "directives": lambda: b"%A\n" * 300_000,
    "documents": lambda: b"---\na\n" * 150_000,
    "question marks": lambda: b"? " * 400_000,
    "tabs": lambda: HEAD + b"\t" * 900_000,
    "tags": lambda: b"a: [" + b"!!str x," * 100_000 + b"]",
    "a long anchor": lambda: b"a: &" + b"a" * 900_000 + b" x\n",
    "a number of a million digits": lambda: (
        HEAD + b"results: [{id: a, endpoint: b, estimate: " + b"1" * 900_000 + b"}]"
    ),
    "an exponent without end": lambda: HEAD + b"results: [{id: a, endpoint: b, estimate: 1e999999999}]\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_record_is_an_error_in_little_memory(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(HOSTILE[name]())
    code, said, told, peak = measured(tmp_path, "check", "x.yaml")
    path.unlink()
    assert code == 1
    assert "Traceback" not in said + told
    assert "fault of trialdeck" not in told
    first = said.splitlines()[0]
    assert first.startswith("x.yaml:")
    assert len(first) < 600
    assert peak < 300_000_000
    record_property("peak", peak)


@pytest.mark.parametrize(
    ("content", "is_taken"),
    [
        (b"a: " + b"b" * (LARGEST - 3), True),
        (b"a: " + b"b" * (LARGEST - 2), False),
        (b"a: [" + b"b," * (MOST_VALUES - 2) + b"]", True),
        (b"a: [" + b"b," * (MOST_VALUES - 1) + b"]", False),
    ],
)
def test_a_file_may_be_as_large_as_the_limit(content: bytes, is_taken: bool) -> None:
    document, problems = parse_document(content, "x")
    assert (document is not None) == is_taken
    assert [problem.code for problem in problems] == ([] if is_taken else ["TD125"])


def test_of_many_faults_the_first_are_told_and_that_there_are_more() -> None:
    tags = b"!!str x," * MOST_FAULTS
    for content in (
        b"a: [" + tags + tags + b"]",
        b"a: [" + tags + b"}",
        b"a: [" + tags + b"[" * 30,
        b"a\n" + b"\0\n" * 1_000,
    ):
        _, problems = parse_document(content, "x")
        assert len(problems) == MOST_FAULTS + 1
        assert problems[-1].code == "TD125"


def test_of_many_faults_against_the_schema_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(HOSTILE["19,000 unknown keys"]())
    codes = [problem.code for problem in load_record(path, "x").problems]
    assert codes == [*["TD103"] * MOST_FAULTS, "TD125"]


def test_the_limits_in_the_docs_are_those_of_the_program(root: Path) -> None:
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    assert LARGEST == 1_000_000
    limits = f"1 MB; {MOST_VALUES:,} values; {MAX_DEPTH} levels; numbers of 30 digits"
    assert f"{limits}; of many faults, {MOST_FAULTS} are told" in text
