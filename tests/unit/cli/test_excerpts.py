"""The line of a file below a problem: the mark stands below what is meant, whatever characters the line has."""

from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.cli.output.excerpts import excerpt_lines, lines_in
from trialdeck.cli.terminal.printing import shown_width
from trialdeck.core.problem import FileLocation


def excerpt(line: str, column: int) -> list[str]:
    return [click.unstyle(text) for text in excerpt_lines(FileLocation("a.yaml", 1, column), [line], "red")]


@pytest.mark.parametrize(
    ("line", "column", "marked"),
    [
        ("title: Dawnol v placebo", 8, "Dawnol v placebo"),
        ("title: Dawnol v placebo  # to be checked", 8, "Dawnol v placebo"),
        ("  perspectve: mechanism", 3, "perspectve"),
        ('p: "<0.001"  # P', 4, '"<0.001"'),
        ("- 'it''s' # so", 3, "'it''s'"),
        ("ci: [0.60, 1.90]", 12, "1.90"),
        ("arms: [{name: dawnol, n: 100}, {}]", 15, "dawnol"),
        ("arms: [{name: dawnol, n: 100}, {}]", 8, "{"),
        ("a: b", 4, "b"),
    ],
)
def test_the_mark_stands_below_what_is_meant(line: str, column: int, marked: str) -> None:
    shown, mark = excerpt(line, column)
    start = mark.index("^")
    assert shown[start : start + len(marked)] == marked
    assert mark[start:] == "^" + "~" * (len(marked) - 1)


def test_tabs_wide_letters_and_control_characters_keep_the_mark_in_place() -> None:
    shown, mark = excerpt("  試験:\t日本\x07語: [x, 日本語, y]", 17)
    assert shown == "   1 | 試験:    日本\\x07語: [x, 日本語, y]"
    assert shown_width(shown[: shown.index("日本語, y")]) == mark.index("^")
    assert mark.count("~") == 5


@pytest.mark.parametrize("column", [1, 40, 150, 290])
def test_a_long_line_is_cut_around_the_mark(column: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    line = "[" + ", ".join(f"w{number:03}" for number in range(50)) + "]"
    at = line.index("w", column)
    shown, mark = excerpt(line, at + 1)
    assert len(shown) <= 60
    start = mark.index("^")
    assert shown[start : start + 4] == line[at : at + 4]
    assert ("…" in shown[:start], "…" in shown[start:]) == (column > 30, column < 270)


@pytest.mark.parametrize(("line", "column"), [("a: b", 0), ("a: b", 5), ("", 1)])
def test_a_position_that_the_line_does_not_have_gives_nothing(line: str, column: int) -> None:
    assert excerpt(line, column) == []


@pytest.mark.parametrize("line", [0, 2])
def test_a_line_that_the_file_does_not_have_gives_nothing(line: int) -> None:
    assert list(excerpt_lines(FileLocation("a.yaml", line, 1), ["a: b"], "red")) == []


@given(st.text(alphabet=st.characters(exclude_characters="\r\n")), st.integers(1, 100))
def test_any_line_gives_two_lines_that_fit_or_nothing(line: str, column: int) -> None:
    lines = excerpt(line, column)
    assert len(lines) == 2 * (column <= len(line))
    for text in lines:
        assert text.isprintable()
        assert shown_width(text) <= 80


def test_lines_end_where_an_editor_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffone\r\ntwo\u2028still\rthree\n".encode() + b"\xff")
    assert lines_in(str(path)) == ["one", "two\u2028still", "three", "\ufffd"]


def test_a_file_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    assert lines_in(str(tmp_path / "none.yaml")) == ()
    assert lines_in(str(tmp_path)) == ()
    assert lines_in("a\0b.yaml") == ()


def test_a_picture_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    assert lines_in(str(tmp_path / "a.png")) == ()
