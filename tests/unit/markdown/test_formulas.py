"""Formulas in texts: what is mathematics, and what is money, code or two paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.markdown.math import Formula, find_formulas

HOSTILE = st.lists(st.sampled_from([*"{}:c1$\\()[] \n`a.", "$$", "``", "\\(", "\\)", "\\[", "\\]", "\n\n"])).map(
    "".join
)
CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$"}


def formulas(text: str) -> list[str]:
    return [text[formula.start : formula.end] for formula in find_formulas(text)]


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        (r"with \(x > 5\) in both", Formula(5, 14, "x > 5", display=False)),
        (r"with \[x > 5\] in both", Formula(5, 14, "x > 5", display=True)),
        ("with $x > 5$ in both", Formula(5, 12, "x > 5", display=False)),
        ("with $$x > 5$$ in both", Formula(5, 14, "x > 5", display=True)),
        ("$x$", Formula(0, 3, "x", display=False)),
        ("$$ x $$", Formula(0, 7, " x ", display=True)),
        ("\\( x\ny \\)", Formula(0, 9, " x\ny ", display=False)),
    ],
)
def test_the_four_ways_to_write_a_formula(text: str, formula: Formula) -> None:
    assert find_formulas(text) == (formula,)


def test_formulas_come_in_order() -> None:
    text = r"$a$, \(b\), \[c\], $$d$$ and $e$."
    assert formulas(text) == ["$a$", r"\(b\)", r"\[c\]", "$$d$$", "$e$"]
    assert [formula.tex for formula in find_formulas(text)] == list("abcde")


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10 a day",
        "between US$5 and US$6",
        "5$ or 6$",
        "$5",
        "$ x $",
        "$x $",
        "$ x$",
        "a$x$",
        "1$x$",
        "$x$a",
        "$x$1",
        "in a$x$",
        "$x$a b",
        "$$",
        "$$$$",
        "$$ $$",
        r"\(\)",
        "\\( \n \\)",
        r"\(x",
        r"x\)",
        r"\[x\)",
    ],
)
def test_money_and_fragments_are_no_formulas(text: str) -> None:
    assert formulas(text) == []


def test_the_nearest_dollar_closes() -> None:
    assert formulas("$x$$") == ["$x$"]
    assert formulas("$$x$") == []


@pytest.mark.parametrize("text", [r"\$x$", r"\$5 or \$6", r"\\(x\\)", r"\`$x", r"$x\$"])
def test_what_is_escaped_is_no_mark(text: str) -> None:
    assert formulas(text) == []


def test_a_dollar_in_a_formula_is_escaped() -> None:
    assert formulas(r"costs $5\$ \cdot 2$ a day") == [r"$5\$ \cdot 2$"]
    assert formulas(r"costs $$5\$$ \cdot 2$$ a day") == [r"$$5\$$ \cdot 2$$"]


def test_an_escaped_backtick_starts_no_code() -> None:
    assert formulas(r"\`$x$`") == ["$x$"]


@pytest.mark.parametrize("blank", ["\n\n", "\n \t\n", "\n\n\n"])
def test_no_formula_crosses_a_blank_line(blank: str) -> None:
    assert formulas(f"$x{blank}y$ \\(x{blank}y\\) $$x{blank}y$$ \\[x{blank}y\\]") == []
    assert formulas(f"$x{blank}$y$") == ["$y$"]
    assert formulas(f"{blank}$x$\n{blank}") == ["$x$"]


@pytest.mark.parametrize("code", ["`$x$`", "`` ` $x$ ``", "```\n$x$\n```", r"`\(x\)`", "`a`` $x$`", "```` $x$````"])
def test_code_holds_no_formula(code: str) -> None:
    assert formulas(f"{code} and $y$") == ["$y$"]


def test_a_backslash_in_code_escapes_nothing() -> None:
    assert formulas(r"`\`$x$`") == ["$x$"]


@pytest.mark.parametrize("text", ["` $x$", "`` $x$ `", "`` ` $x$ ```", "`\n\n$x$`", "```$x$``"])
def test_backticks_that_do_not_match_hold_nothing(text: str) -> None:
    assert formulas(text) == ["$x$"]


def test_a_formula_may_hold_backticks() -> None:
    assert formulas("$a`b$ and `$c$`") == ["$a`b$"]


def test_backticks_behind_a_mark_that_opens_nothing_hide_nothing() -> None:
    assert formulas(r"\( $x$ `` and $y$") == ["$x$", "$y$"]


def test_a_closer_serves_once() -> None:
    assert formulas(r"\(a \(b\) c\)") == [r"\(a \(b\)"]
    assert formulas("$a$ b $c$") == ["$a$", "$c$"]


def test_a_closer_that_closes_nothing_yet_closes_the_next() -> None:
    assert formulas("pay $5 where $x$ holds") == ["$x$"]
    assert formulas("\\(a\n\n\\(b\\)") == ["\\(b\\)"]


@given(HOSTILE)
def test_formulas_are_whole_and_do_not_overlap(text: str) -> None:
    position = 0
    for formula in find_formulas(text):
        assert position <= formula.start < formula.end <= len(text)
        position = formula.end
        shown = text[formula.start : formula.end]
        opener = shown[: (len(shown) - len(formula.tex)) // 2]
        assert shown == opener + formula.tex + CLOSERS[opener]
        assert formula.display == (opener in {"\\[", "$$"})
        assert formula.tex.strip()
        assert "\n\n" not in formula.tex


@given(
    st.lists(st.tuples(st.sampled_from(sorted(CLOSERS)), st.text("xy+ ", min_size=1).map("x={}".format)), max_size=5),
)
def test_every_formula_is_found(written: list[tuple[str, str]]) -> None:
    texts = [opener + tex.strip() + CLOSERS[opener] for opener, tex in written]
    assert formulas(" and ".join(texts)) == texts


@pytest.mark.parametrize(
    "text", ["HR 0.74 \\[0.59, 0.94\\]", "\\[see the paper\\]", "\\(05\\)", "a \\[1\\] and \\[2\\]"]
)
def test_brackets_that_are_only_escaped_are_text(text: str) -> None:
    assert formulas(text) == []


@pytest.mark.parametrize(
    "text", ["\\(p\\)", "\\[n = 5\\]", "\\(10^9\\)", "\\(\\alpha\\)", "\\(α\\)", "\\(5 \\times 10\\)"]
)
def test_what_reads_as_a_formula_is_one(text: str) -> None:
    assert formulas(text) == [text]
