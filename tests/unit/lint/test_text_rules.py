"""What an author may have meant as markup is told; what shows as it was typed and is meant so is not."""

import pytest

from trialdeck.lint.text import RULES, check_texts
from trialdeck.yamlfile.document import parse_document


def doubts(text: str) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.hint) for rule in RULES for doubt in rule(text)]


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("25 mg/m<sup>2</sup>", "TD421", "write ²"),
        ("10<sup>-9</sup>/L", "TD421", "write ⁻⁹"),
        ("H<sub>2</sub>O", "TD421", "write ₂"),
        ("10<sup>x</sup>", "TD421", r"write a formula: \(^{x}\)"),
        ("10<sup>long story, told</sup>", "TD421", r"write a formula, such as \(10^{9}\)"),
        ("<u>m</u><sup>2</sup>", "TD421", "leave it out: records are text, with Markdown for what stands out"),
        ("<b>m</b><sup>2</sup>", "TD421", "write **bold**"),
        ("do <b>not</b> stop", "TD421", "write **bold**"),
        ("a<br>b", "TD421", "break the line itself"),
        ("![plot](plot.png)", "TD421", "name the picture under `figures`: it goes into the package"),
        ("[paper](www.nejm.org/x)", "TD421", "write its whole address: https://www.nejm.org/x"),
        ("[doi](doi:10.1000/x)", "TD421", "write its whole address: https://doi.org/10.1000/x"),
        ("[doi](10.1000/x)", "TD421", "write its whole address: https://doi.org/10.1000/x"),
        ("[doi](10.1000/x(05)6-1)", "TD421", "write its whole address: https://doi.org/10.1000/x(05)6-1"),
        ("## Why\n\nIt works.", "TD421", "write **bold** on a line of its own"),
        ("one\n\n---\n\ntwo", "TD421", "leave an empty line instead"),
        ("> one\n> two", "TD421", "use quotation marks"),
        ("[a]: https://example.org", "TD421", "write [text](https://…) where the link stands"),
        (
            "The trial gave dawnol to three hundred adults who had not been\ntreated before.",
            "TD422",
            "write the sentence in one line, or start the text with `>-` instead of `|`",
        ),
        ("1. a\n1. b", "TD423", "number them one after the other: 1. 2. 3."),
        ("- 3.1 points\n- 2.2 points", "TD423", "write a minus sign before its number without a space: -3.1"),
        ("| a | b |\n|---|---|\n| P(x|y) | 0.5 |", "TD424", r"write a bar inside a cell as \|"),
    ],
)
def test_it_is_told(text: str, code: str, hint: str) -> None:
    assert doubts(text) == [(code, hint)]


@pytest.mark.parametrize(
    "text",
    [
        ">65 years",
        "# of events: 42",
        "- 3.1 points",
        "- 10 mg\n- 20 mg",
        "1. a\n2. b",
        "p < 0.05 and n > 3",
        "`<b>` is code",
        "[paper](https://www.nejm.org/x)",
        "| a | b |\n|---|---|\n| P(x\\|y) | 0.5 |",
        "A short line.\nand another",
        "a|b|c",
        "| a | b |\n|- -|---|\n| P(x|y) | 0.5 |",
    ],
)
def test_it_is_not_told(text: str) -> None:
    assert doubts(text) == []


def test_every_text_of_a_record_is_looked_at() -> None:
    content = b"""
title: <b>a</b>
id: <b>no-text</b>
questions:
  - question: <b>b</b>
    response: c
    cloze: {one: "{{c1::<b>d</b>}}"}
"""
    document, problems = parse_document(content, "x.yaml")
    assert document
    assert problems == ()
    assert [(problem.line, problem.code) for problem in check_texts(document)] == [
        (2, "TD421"),
        (5, "TD421"),
        (7, "TD421"),
    ]


@pytest.mark.parametrize("comment", ["#2 won, by far", "# of events"])
def test_text_that_yaml_takes_for_a_comment_is_told(comment: str) -> None:
    document, (problem,) = parse_document(f"response: Arm {comment}\nid: x\n".encode(), "x.yaml")
    assert document
    assert (problem.line, problem.column, problem.code) == (1, 15, "TD425")
    assert comment in problem.message


@pytest.mark.parametrize(
    "line", ["id: x  # a comment", "id: x #trialdeck: ignore TD425", "id: 'Arm #2'", "id: C#2", "# x"]
)
def test_a_comment_is_a_comment(line: str) -> None:
    assert parse_document(f"{line}\ntitle: x\n".encode(), "x.yaml")[1] == ()
