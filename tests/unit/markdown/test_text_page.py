"""The page on how text is read (docs/text.md): every example of it shows as the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from seen import seen
from trialdeck.core.codes import CODES
from trialdeck.lint.text import RULES
from trialdeck.markdown.render import render
from trialdeck.yamlfile.document import parse_document

PAGE = (Path(__file__).parents[3] / "docs" / "text.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")}
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`) ?(.+?) ?(?<!`)\1(?!`)")


def spans(text: str) -> list[str]:
    return [span[2].replace("⏎", "\n") for span in CODE_SPAN.finditer(text)]


def rows(section: str) -> Iterator[tuple[str, ...]]:
    """Yield the cells of the rows of a section's tables, without their heads and the tables in code."""
    prose = re.sub(r"(?s)```.*?```", "", SECTIONS[section])
    for above, line in re.findall(r"(?m)^(.*)\n(?=(\|.*))", prose):
        if above.startswith("|") and not line.startswith("|---"):
            yield tuple(line.strip("|").split(" | "))


def shown(section: str) -> list[tuple[str, str]]:
    """Return what a section's tables say that one writes, each with what the card shows."""
    return [
        (each, text)
        for written, expected, *_ in rows(section)
        for each, text in zip(spans(written), re.split(", (?=italic)", spans(expected)[0]), strict=True)
    ]


def in_commonmark(text: str) -> str:
    return str(MarkdownIt("commonmark").render(text)).strip().replace("<br />", "<br>")


def test_what_differs_in_nothing_is_no_difference() -> None:
    for text in ("text", "**bold** p < 0.05", "- a\n- b", "HR 0.74 \\[0.59\\]"):
        assert in_commonmark(text) == render(text)


@pytest.mark.parametrize("text", [spans(written)[0] for written, _ in rows("What shows as you typed it")])
def test_it_shows_as_typed_and_not_so_in_other_markdown(text: str) -> None:
    assert seen(render(text)) == text
    assert in_commonmark(text) != render(text)


@pytest.mark.parametrize("text", spans(SECTIONS["What shows as you typed it"].rpartition("Just as safe")[2]))
def test_what_is_just_as_safe_shows_as_typed(text: str) -> None:
    assert seen(render(text)) == text


@pytest.mark.parametrize(("text", "expected"), shown("What is a mark"))
def test_a_mark_shows_as_the_page_says(text: str, expected: str) -> None:
    assert seen(render(text)) == expected


@pytest.mark.parametrize(("text", "expected"), shown("Differences from CommonMark"))
def test_a_difference_is_one(text: str, expected: str) -> None:
    assert seen(render(text)) == expected
    assert in_commonmark(text) != render(text)


def test_the_table_is_one() -> None:
    (table,) = re.findall(r"(?s)```markdown\n(.*?)\n```", PAGE)
    assert "<td>dawnol</td>" in render(table)
    assert "<th>P(x|y)</th>" in render(table)
    assert [doubt for rule in RULES for doubt in rule(table)] == []


@pytest.mark.parametrize("example", re.findall(r"(?s)```yaml\n(.*?)```", PAGE))
def test_text_that_yaml_would_change_is_safe_as_the_page_writes_it(example: str) -> None:
    document, problems = parse_document(example.encode(), "x.yaml")
    assert document
    assert problems == ()
    assert document.data["response"] in {"Arm #2 won: by far", ">65 years: 42 of #2"}


@pytest.mark.parametrize("sign", SECTIONS["What YAML reads before"].split("``")[1].split())
def test_text_that_starts_with_a_sign_of_yaml_is_read_otherwise(sign: str) -> None:
    document, problems = parse_document(f"response: {sign}5 x\nid: x\n".encode(), "x.yaml")
    assert problems or not document or document.data["response"] != f"{sign}5 x"


def test_the_warnings_are_those_of_texts() -> None:
    codes = [code for code in CODES if "TD421" <= code <= "TD425"]
    assert list(rows("Warnings")) == [(f" {code}", f"{CODES[code].title} ") for code in codes]
