"""Anki's cloze syntax: which deletions a statement has, and what is wrong with those that do not work."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.markdown.cloze import MAX_NUMBER, Deletion, parse_cloze

HOSTILE = st.lists(
    st.sampled_from([*"{}:c1$\\()[] \n`a", "{{c1::", "{{c2::", "::", "}}", "{{", "\\(", "\\)", "$x$", "\n\n"])
).map("".join)


def parts(text: str) -> list[tuple[int, str, str]]:
    """The number, answer and hint of every deletion."""
    return [
        (found.number, text[found.inside : found.hint], text[found.hint + 2 : found.close])
        for found in parse_cloze(text).deletions
    ]


def only_fault(text: str) -> str:
    statement = parse_cloze(text)
    assert statement.deletions == ()
    assert len(statement.faults) == 1
    return statement.faults[0]


def test_a_deletion_has_a_number_and_an_answer() -> None:
    statement = parse_cloze("Dawnol binds {{c1::dawnin}}.")
    assert statement.deletions == (Deletion(number=1, start=13, inside=19, hint=25, close=25),)
    assert statement.deletions[0].end == 27
    assert statement.faults == ()


def test_a_deletion_may_have_a_hint() -> None:
    statement = parse_cloze("{{c2::dawnin::what}} is bound")
    assert statement.deletions == (Deletion(number=2, start=0, inside=6, hint=12, close=18),)
    assert parts("{{c2::dawnin::what}} is bound") == [(2, "dawnin", "what")]
    assert parts("{{c2::dawnin::}} is bound") == [(2, "dawnin", "")]


def test_numbers_are_sorted_and_stand_once() -> None:
    statement = parse_cloze("{{c3::a}} {{c1::b}} {{c3::c}} {{c499::d}}")
    assert statement.numbers == (1, 3, 499)
    assert [deletion.number for deletion in statement.deletions] == [3, 1, 3, 499]


@pytest.mark.parametrize("text", ["", "no deletion", "{c1::x}", "{{cereblon}}", "a :: b }} c", "{{ c }}", "{{C}}"])
def test_a_statement_without_marks_hides_nothing(text: str) -> None:
    assert parse_cloze(text).deletions == ()
    assert parse_cloze(text).faults == ()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"{{c1::\(\frac{1}{2}\)}}", r"\(\frac{1}{2}\)"),
        (r"{{c1::\(a_{b_{c}}\) mg}}", r"\(a_{b_{c}}\) mg"),
        (r"{{c1::$x::y$}}", "$x::y$"),
        (r"{{c1::\(\left\{ x \right.\)}}", r"\(\left\{ x \right.\)"),
        (r"{{c1::$\{$}}", r"$\{$"),
        ("{{c1::{a} mg}}", "{a} mg"),
        ("{{c1::a} mg}}", "a} mg"),
        ("{{c1::a\nb}}", "a\nb"),
        ("{{c1:::a:}}", ":a:"),
    ],
)
def test_an_answer_may_hold_formulas_braces_and_lines(text: str, answer: str) -> None:
    assert parse_cloze(text).faults == ()
    assert parts(text) == [(1, answer, "")]


def test_a_hint_may_hold_a_formula() -> None:
    assert parts("{{c1::a::$x::y$}}") == [(1, "a", "$x::y$")]
    assert parse_cloze("{{c1::a::$x::y$}}").faults == ()


def test_a_hint_starts_behind_the_first_two_colons() -> None:
    assert parts("{{c1::a:::b}}") == [(1, "a", ":b")]
    assert parts("a::b {{c1::c}} d::e {{c2::f::g}}") == [(1, "c", ""), (2, "f", "g")]


def test_formulas_do_not_shift_deletions() -> None:
    assert parts(r"$x$ and \(y\): {{c1::$z$::$h$}} and $$a$$ {{c2::b}}") == [(1, "$z$", "$h$"), (2, "b", "")]


def test_a_formula_hides_marks() -> None:
    assert parts(r"\({{c1::x}}\) and {{c2::y}}") == [(2, "y", "")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{c9999::x}}", "not between 1 and 499"),
        ("{{c1:: ::hint}}", "hides nothing"),
        ("{{c0::x}}", "not between 1 and 499"),
        ("{{c500::x}}", "not between 1 and 499"),
        ("{{c1::a::b::c}}", "`::` stands twice"),
        (r"{{c1::\frac{1}{2}}} mg", "in the middle of a brace"),
        ("{{c1::a::{b}}}", "in the middle of a brace"),
        ("{{c1::a\n \nb}}", "runs over a blank line"),
        ("{{c1::a", "{{c1::a is never closed"),
        ("{{c1::a}", "never closed"),
        ("{{c1::a {{c2::b}} c}}", "{{c2:: starts inside another"),
        ("{{c1::a {{c2::b {{c3::d", "{{c2:: starts inside another"),
        ("{{c1:a}}", "{{c1: does not start a deletion"),
        ("{{c1 ::a}}", "{{c1 does not start a deletion"),
        ("{{c::a}}", "{{c:: does not start a deletion"),
        ("{{C1::a}}", "{{C1:: does not start a deletion"),
        ("{{ c1::a}}", "{{ c1:: does not start a deletion"),
        ("{{c1,2::a}}", "{{c1 does not start a deletion"),
        ("{{c10000::a}}", "{{c10000:: does not start a deletion"),
    ],
)
def test_a_faulty_deletion_is_reported_once_and_left_out(text: str, said: str) -> None:
    assert said in only_fault(text)


def test_a_long_deletion_is_cut_in_what_is_said() -> None:
    assert only_fault("x {{c1::}} y") == "the deletion {{c1::}} y hides nothing"
    assert only_fault("x {{c1::" + "long" * 6) == f"the deletion {{{{c1::{'long' * 6} is never closed with }}}}"
    assert only_fault("x {{c1::" + "long" * 7) == f"the deletion {{{{c1::{'long' * 6}… is never closed with }}}}"


def test_the_other_deletions_are_kept() -> None:
    statement = parse_cloze("{{c1::a}} {{c2::}} {{c3:b}} {{c4::c {{c5::d}} {{c6::e}} {{c7::f")
    assert statement.numbers == (1, 6)
    assert [fault.split()[0] for fault in statement.faults] == ["the", "{{c3:", "{{c5::", "the"]


@given(HOSTILE)
def test_deletions_are_whole_and_do_not_overlap(text: str) -> None:
    statement = parse_cloze(text)
    position = 0
    for found in statement.deletions:
        assert position <= found.start < found.inside < found.hint <= found.close < found.end <= len(text)
        position = found.end
        assert text[found.start : found.inside] == f"{{{{c{found.number}::"
        assert text[found.close : found.end] == "}}"
        assert text[found.hint : found.hint + 2] == ("}}" if found.hint == found.close else "::")
        assert 1 <= found.number <= MAX_NUMBER
    assert set(statement.numbers) == {found.number for found in statement.deletions}
    assert list(statement.numbers) == sorted(set(statement.numbers))
    assert all(statement.faults)


@given(HOSTILE)
def test_whatever_looks_like_a_deletion_is_one_or_is_reported(text: str) -> None:
    starts = re.search(r"\{\{c[0-9]", text.replace("$", "").replace("\\", "").replace("`", ""))
    statement = parse_cloze(text.replace("$", "").replace("\\", "").replace("`", ""))
    assert bool(statement.deletions or statement.faults) >= bool(starts)


WORDS = st.text("ab mg:é.", min_size=1, max_size=8).filter(
    lambda text: text.strip() and "::" not in text and text.strip(":") == text
)


@given(st.lists(st.tuples(st.integers(1, MAX_NUMBER), WORDS, st.one_of(st.just(""), WORDS), WORDS), max_size=5))
def test_every_deletion_is_found(written: list[tuple[int, str, str, str]]) -> None:
    text = "".join(
        f"{before}{{{{c{number}::{answer}{'::' if hint else ''}{hint}}}}}" for number, answer, hint, before in written
    )
    assert parse_cloze(text).faults == ()
    assert parts(text) == [(number, answer, hint) for number, answer, hint, _ in written]
