"""YAML with positions: texts stay as they were written, and every key and value knows its place."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.codes import CODES
from trialdeck.core.problem import FileLocation, Location, Problem
from trialdeck.yamlfile.document import MAX_DEPTH, DataPath, Document, Plain, parse_document, read_document


def parsed(text: str) -> Document:
    document, problems = parse_document(text.encode(), "dawn.yaml")
    assert problems == ()
    assert document is not None
    return document


def place(line: int, column: int) -> FileLocation:
    return FileLocation("dawn.yaml", line, column)


# Faults that leave the rest of the file worth reading.
HARMLESS = {"TD102", "TD121", "TD405"}


def faults(text: str | bytes) -> tuple[Problem, ...]:
    document, problems = parse_document(text.encode() if isinstance(text, str) else text, "dawn.yaml")
    assert document is None or all(problem.code in HARMLESS for problem in problems)
    return problems


def places(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(fault.code, fault.line, fault.column) for fault in faults(text)]


# Values


@pytest.mark.parametrize(
    "written",
    [
        "NO",
        "yes",
        "on",
        "True",
        "1.10",
        "0.70",
        "2016-11-01",
        "12:30",
        "0x1F",
        "0o17",
        "1_000",
        ".5",
        "1e3",
        ".inf",
        "=",
    ],
)
def test_a_scalar_stays_as_it_was_written(written: str) -> None:
    value = parsed(f"title: {written}").data["title"]
    assert value == written
    assert isinstance(value, Plain)


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_nothing_is_nothing(written: str) -> None:
    assert parsed(f"title: {written}").data == {"title": None}


@pytest.mark.parametrize("written", ["Null", "NULL", "none", '""', "'~'", '"null"', "|\n  null"])
def test_only_three_plain_scalars_are_nothing(written: str) -> None:
    assert parsed(f"title: {written}").data["title"] is not None


@pytest.mark.parametrize("written", ["'0.70'", '"0.70"', "|-\n  0.70", ">-\n  0.70"])
def test_a_quoted_or_block_scalar_is_not_plain(written: str) -> None:
    value = parsed(f"title: {written}").data["title"]
    assert value == "0.70"
    assert not isinstance(value, Plain)


def test_a_file_without_content_is_nothing() -> None:
    assert parsed("# to be written\n").data is None


NESTED = st.recursive(
    # PyYAML writes the separators of YAML 1.1 so that only YAML 1.1 reads them; they have tests of their own below.
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], include_characters="\n\t\ufeff")),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text("ab:# -?\u00e9\n", max_size=4), part, max_size=4),
    max_leaves=15,
)


@given(
    data=NESTED,
    style=st.sampled_from([None, "'", '"']),
    flow=st.booleans(),
    unicode=st.booleans(),
    width=st.sampled_from([20, 80, 1000]),
)
def test_whatever_is_dumped_is_read_back(data: Any, style: str | None, flow: bool, unicode: bool, width: int) -> None:
    text = yaml.safe_dump(
        data, default_style=style, default_flow_style=flow, allow_unicode=unicode, width=width, sort_keys=False
    )
    assert parsed(text).data == data


@given(st.binary() | st.text("ab:-?{}[]&*!|>'\"%@`#,~ \t\n\\\x00\x85\u2028\ufeff", max_size=60).map(str.encode))
def test_no_input_breaks_the_reader(content: bytes) -> None:
    document, problems = parse_document(content, "dawn.yaml")
    assert (document is None) == bool(problems)
    lines = content.count(b"\n") + content.count(b"\r") + 1
    for problem in problems:
        assert problem.code in CODES
        assert 1 <= problem.line <= lines
        assert 1 <= problem.column <= len(content) + 1


# Places


def test_every_key_and_value_knows_its_place() -> None:
    document = parsed("title: Dawn\nquestions:\n  - id: why\n    audience: [student, fellow]\n")
    assert document.spot() == place(1, 1)
    assert document.key_spot("title") == place(1, 1)
    assert document.spot("title") == place(1, 8)
    assert document.key_spot("questions") == place(2, 1)
    assert document.spot("questions", 0) == place(3, 5)
    assert document.spot("questions", 0, "id") == place(3, 9)
    assert document.key_spot("questions", 0, "audience") == place(4, 5)
    assert document.spot("questions", 0, "audience", 1) == place(4, 25)


def test_what_was_not_written_has_the_place_of_what_is_around_it() -> None:
    document = parsed("title: Dawn\nquestions:\n  - id: why\n")
    assert document.spot("questions", 0, "response") == place(3, 5)
    assert document.key_spot("questions", 0, "response") == place(3, 5)
    assert document.spot("review", "on") == place(1, 1)
    assert document.key_spot("questions", 0) == place(3, 5)


def test_a_problem_carries_file_and_place() -> None:
    problem = parsed("title: Dawn\n").problem("TD117", place(1, 8), "too short", "write more")
    assert problem == Problem(place(1, 8), "TD117", "too short", "write more")


SHAPES = st.recursive(
    st.none(),
    lambda part: (
        st.lists(part, min_size=1, max_size=4)
        | st.lists(part, min_size=1, max_size=4).map(lambda parts: dict(enumerate(parts)))
    ),
    max_leaves=20,
)


def numbered(shape: Any, counter: Iterator[int]) -> Any:
    """Fill a shape with texts, no two of which are the same."""
    if isinstance(shape, list):
        return [numbered(part, counter) for part in shape]
    if isinstance(shape, dict):
        return {f"key{next(counter)}.": numbered(part, counter) for part in shape.values()}
    return f"leaf{next(counter)}. and more text that a narrow file breaks"


def leaves(data: Any, path: DataPath = ()) -> Iterator[tuple[DataPath, str]]:
    parts: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        yield from leaves(part, (*path, key))
    if isinstance(data, str):
        yield path, data


@given(
    shape=SHAPES,
    style=st.sampled_from([None, "'", '"']),
    flow=st.booleans(),
    width=st.sampled_from([30, 1000]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    start=st.sampled_from(["", "\ufeff", "# \u2028 not a line\u0085 of its own\n", "\ufeff# \U0001f9ec\n\n---\n"]),
)
def test_the_place_of_a_scalar_is_where_it_starts(
    shape: Any, style: str | None, flow: bool, width: int, ending: str, start: str
) -> None:
    data = numbered(shape, iter(range(1000)))
    dumped = yaml.safe_dump(data, default_style=style, default_flow_style=flow, width=width, sort_keys=False)
    text = (start + dumped).replace("\n", ending)
    document = parsed(text)
    lines = re.split("\r\n|\n|\r", text.removeprefix("\ufeff"))

    def at(spot: Location) -> str:
        return lines[spot.line - 1][spot.column - 1 :]

    assert document.data == data
    for path, leaf in leaves(data):
        assert at(document.values[path]).startswith((style or "") + leaf.split()[0])
    for path, spot in document.keys.items():
        assert at(spot).startswith((style or "") + str(path[-1]))


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("'", "'"), ('"', '"'), ("|-\n  ", ""), ("[", "]")],
    ids=["plain", "'", '"', "|", "["],
)
def test_a_separator_is_text_and_not_the_end_of_a_line(separator: str, before: str, after: str) -> None:
    text = f"first: {before}one{separator}two  {separator} three{after}\nsecond: x\n"
    document = parsed(text)
    first = document.data["first"]
    assert (first[0] if before == "[" else first) == f"one{separator}two  {separator} three"
    assert document.spot("second").line == text.count("\n")


def test_a_separator_in_a_comment_does_not_end_it() -> None:
    assert parsed("a: b # one\u2028two: three\u0085four\nc: d\n").data == {"a": "b", "c": "d"}


@pytest.mark.parametrize("marks", ["\ufeff", "\ufeff\ufeff"])
def test_byte_order_marks_are_no_text(marks: str) -> None:
    document = parsed(f"{marks}title: Dawn\n")
    assert document.data == {"title": "Dawn"}
    assert document.spot("title") == place(1, 8)


# Faults


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    document, problems = read_document(tmp_path / "none.yaml", "seeds/none.yaml")
    assert document is None
    [problem] = problems
    assert (problem.path, problem.line, problem.column, problem.code) == ("seeds/none.yaml", 1, 1, "TD100")
    assert "No such file" in problem.message


def test_a_file_that_is_there_is_read(tmp_path: Path) -> None:
    (tmp_path / "dawn.yaml").write_bytes(b"title: Dawn\n")
    document, problems = read_document(tmp_path / "dawn.yaml", "dawn.yaml")
    assert problems == ()
    assert document is not None
    assert (document.path, document.data) == ("dawn.yaml", {"title": "Dawn"})


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_the_first_byte_that_is_not_utf_8_is_named(ending: bytes) -> None:
    content = b"\xef\xbb\xbftitle: D\xc3\xa4wn" + ending + b"summary: f\xfcr" + ending
    [fault] = faults(content)
    assert (fault.code, fault.line, fault.column) == ("TD120", 2, 11)
    assert "0xfc" in fault.message


def test_hidden_characters_are_reported_once_a_line() -> None:
    text = "a: x\x00y\x1b\nb: \u00e9\n# \x07\nc: \ufffe\ud7ff\n"
    assert places(text) == [("TD112", 1, 5), ("TD112", 3, 3), ("TD112", 4, 4)]
    assert "U+0000" in faults(text)[0].message


@pytest.mark.parametrize("char", ["\x7f", "\x80", "\x9f", "\ufdd0", "\ufdef", "\uffff"])
def test_controls_and_noncharacters_are_not_text(char: str) -> None:
    assert places(f"a: b{char}\n") == [("TD112", 1, 5)]


@pytest.mark.parametrize(
    "char", ["\t", "\x7e", "\xa0", "\u200b", "\ud7ff", "\ue000", "\ufdcf", "\ufdf0", "\ufffd", "\U0010ffff"]
)
def test_everything_else_is_text(char: str) -> None:
    assert parsed(f"a: b{char}c\n").data == {"a": f"b{char}c"}


@pytest.mark.parametrize(("written", "name"), [(r"$\beta$", "U+0008"), (r"$\frac12$", "U+000C"), (r"\0", "U+0000")])
def test_a_backslash_between_double_quotes_that_hides_a_character_is_a_warning(written: str, name: str) -> None:
    [fault] = faults(f'id: a\ntitle: "x {written}"\n')
    assert (fault.code, fault.severity, fault.line, fault.column) == ("TD405", "warning", 2, 8)
    assert name in fault.message
    assert "single quotes" in fault.hint


def test_a_key_hides_no_character_either() -> None:
    assert places('id: a\n"tit\\ble": x\n') == [("TD405", 2, 1)]


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ("title: Dawn: a trial", 1, 12, "a colon and a space start a new key"),
        ("a:\n\tb: c", 2, 1, "not with tabs"),
        ("a: b\n\tc: d", 2, 1, "not with tabs"),
        ("a: |\n\tb", 2, 1, "not with tabs"),
        ('a: b\nc: "x\nd: e\n', 2, 4, "never closed"),
        ("a: b\nc: 'x\n---\n", 2, 4, "never closed"),
        ("a: 'it's'\n", 1, 8, "quotes of the other kind"),
        ('- "Dawn" x\n', 1, 10, "quotes of the other kind"),
        ('a: "\\(x\\)"\n', 1, 5, "single quotes"),
        ('a: "\\xg"\n', 1, 7, "single quotes"),
        ("a: `b`\n", 1, 4, "put the text in quotes"),
        ("a: @b\n", 1, 4, "put the text in quotes"),
        ("a: %b\n", 1, 4, "put the text in quotes"),
        ("a: **b**\n", 1, 4, "put the text in quotes"),
        ("a: & b\n", 1, 4, "put the text in quotes"),
        ("a: >5 months\n", 1, 4, "put the text in quotes"),
        ("a: |x| > 1\n", 1, 4, "put the text in quotes"),
        ("a: - b\n", 1, 4, "put the text in quotes"),
        ("a: ]b\n", 1, 4, "put the text in quotes"),
        ("a: [b\nc: d\n", 2, 2, "close the bracket"),
        ("a: {b: c\nd: e\n", 2, 2, "close the bracket"),
        ("a: b\nsummary x\nc: d\n", 3, 1, "'key: value'"),
        ("a:\n  b: c\n\u00a0\u00a0d: e\n  f: g\n", 4, 4, "with plain spaces"),
        ("a:\n  b: c\n d: e\n", 3, 2, "compare the indentation"),
    ],
)
def test_a_fault_of_syntax_says_what_to_do(text: str, line: int, column: int, hint: str) -> None:
    [fault] = faults(text)
    assert (fault.code, fault.line, fault.column) == ("TD101", line, column)
    assert hint in fault.hint


@pytest.mark.parametrize("text", ["a: {{c1::b}} binds c\n", "a: {{c1::b}}\n"])
def test_a_cloze_without_quotes_is_one_fault(text: str) -> None:
    [fault] = faults(text)
    assert (fault.code, fault.line, fault.column) == ("TD105", 1, 5)
    assert "belongs in quotes" in fault.hint


def test_a_fault_of_syntax_in_another_line_is_reported_as_well() -> None:
    assert places("a: {{c1::b}}\nc: `d`\n") == [("TD105", 1, 5), ("TD101", 2, 4)]
    assert places("a: &x b\nc: {{c1::d}} e\n") == [("TD106", 1, 4), ("TD105", 2, 5)]


def test_a_fault_of_syntax_behind_an_anchor_is_reported_as_well() -> None:
    assert places('a: &x "b" c\n') == [("TD106", 1, 4), ("TD101", 1, 11)]


def test_faults_do_not_end_the_reading() -> None:
    text = "a: &one b\nc: *one\n? [d]\n: !e f\n? {g: h}\n: i\na: k\na: l\n"
    assert places(text) == [
        ("TD106", 1, 4),
        ("TD106", 2, 4),
        ("TD105", 3, 3),
        ("TD107", 4, 3),
        ("TD105", 5, 3),
        ("TD102", 7, 1),
        ("TD102", 8, 1),
    ]


def test_a_key_may_not_carry_extras() -> None:
    assert places("&a b: c\n") == [("TD106", 1, 1)]
    assert places("!a b: c\n") == [("TD107", 1, 1)]
    assert places("a: &a b\n*a : c\n") == [("TD106", 1, 4), ("TD106", 2, 1)]


def test_extras_are_named_as_they_are_written() -> None:
    messages = [fault.message for fault in faults("a: &one b\nc: *one\nd: !!float 1\ne: !own x\n")]
    assert [re.findall(r"\S*[&*!]\S+", message) for message in messages] == [["&one"], ["*one"], ["!!float"], ["!own"]]


def test_the_second_of_two_keys_is_at_fault_and_names_the_first() -> None:
    [fault] = faults("a: 1\nb: 2\n\na: 3\n")
    assert (fault.code, fault.line, fault.column) == ("TD102", 4, 1)
    assert "'a'" in fault.message
    assert "line 1" in fault.hint


def test_the_same_key_in_two_mappings_is_no_fault() -> None:
    assert parsed("- {a: b}\n- {a: c}\n").data == [{"a": "b"}, {"a": "c"}]


def test_a_third_document_is_not_reported_again() -> None:
    assert places("---\na: b\n---\nc: d\n---\ne: f\n") == [("TD121", 3, 1)]


def test_one_document_may_be_marked() -> None:
    assert parsed("%YAML 1.1\n---\na: b\n...\n").data == {"a": "b"}


def test_nesting_has_a_limit() -> None:
    allowed = "[" * MAX_DEPTH + "a" + "]" * MAX_DEPTH
    assert parsed(allowed).values[(0,) * MAX_DEPTH] == place(1, MAX_DEPTH + 1)
    assert places(f"[{allowed}]") == [("TD122", 1, MAX_DEPTH + 2)]


@pytest.mark.parametrize("opened", ["[", "{", "- ", "? ", "a: {", "[\n"])
def test_endless_nesting_ends(opened: str) -> None:
    assert "TD122" in {fault.code for fault in faults(opened * 20_000)}
