"""Twice the text takes twice the time: every pattern, and every function that reads what somebody else has written.

Times are those of the processor, so that other programs do not count. Four times the input has to take less than eight
times as long; where time grows with the square, it takes sixteen times as long. What takes a few milliseconds at the
larger size cannot be such: 32,000 characters have 500 million pairs.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import trialdeck
from growth import FIND, INLINE, MADE, MATCH, OWN, PATTERNS, WITHIN
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import FileLocation, Problem
from trialdeck.core.text import replaced, unshowable
from trialdeck.drafts.draft import draft_record
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.page import read_page
from trialdeck.drafts.prose.read import read_pages
from trialdeck.editions.compare.word_diff import word_pieces
from trialdeck.editions.release_notes import News, release_notes
from trialdeck.lint import card as quality
from trialdeck.lint.interference import Front, Fronts
from trialdeck.lint.provenance import unnamed_numbers
from trialdeck.lint.suppressions import ignores_of, without_ignored
from trialdeck.markdown import render as markup
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.markdown.from_html import markdown_of
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.math import find_formulas
from trialdeck.markdown.plain_text import in_markdown, readable
from trialdeck.notes.links import Addresses
from trialdeck.notes.lists import points_alone, without_signatures
from trialdeck.notes.note import label_of
from trialdeck.notes.note_types import Kind
from trialdeck.notes.prompts import authored as asked
from trialdeck.project.record_loader import Raw, read_raw
from trialdeck.records.media.svg_file import plain_svg
from trialdeck.records.model import Cloze, Item, Perspective, Question, Trial
from trialdeck.records.schema import load_schema, python_pattern
from trialdeck.records.slugs import name_slug, point_slug, question_slug, unique
from trialdeck.review.card_report import appraisal_of
from trialdeck.sheets.cells import cell_value, is_unchanged
from trialdeck.sheets.columns import CellKind, Column
from trialdeck.site.anki_template import render_side
from trialdeck.site.parts.editions import editions_of, linked, page_of, release_notes_html
from trialdeck.site.search import words_of
from trialdeck.yamlfile.document import Document

LARGE, OF_A_FUNCTION, OF_A_SLOW_ONE = 32_000, 16_000, 4_000
"""How many characters the larger text has: for a pattern, a function, and one that takes milliseconds for a page."""
NOTHING = 0.012
"""Seconds in which nothing can have been done for each pair of characters of the larger text."""
MOST = 8
"""How many times as long four times the text may take."""
ANY = (" ", "a", "1", "\n", "<", "[", "(", "{", "*", ":", ".", "-", "A-1 ")
"""What every pattern is tried with, beside what is the worst for it alone."""
ENDS = ("", "\x01")
"""How the texts end: the second is in hardly any pattern, so that what began to match has to be given up."""


def grows_in_step(work: Callable[[str], object], text_of: Callable[[int], str], large: int = LARGE) -> bool:
    """Whether work on four times the text takes about four times as long; measured anew where it seems not to."""
    for _ in range(4):
        taken = spent(work, text_of(large))
        if taken < NOTHING or taken < MOST * min(spent(work, text_of(large // 4)) for _ in range(2)):
            return True
    return False


def spent(work: Callable[[str], object], text: str) -> float:
    for cache in (markup.render, markup.render_inline, seen):
        cache.cache_clear()
    start = time.process_time()
    with suppress(TrialdeckError, UnsayableError):
        work(text)
    return time.process_time() - start


# --- patterns


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern that a module has, by the names of both."""
    for found in pkgutil.walk_packages(trialdeck.__path__, "trialdeck."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                yield from within(f"{found.name.removeprefix('trialdeck.')}:{name}", value)


def within(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, tuple | list):
        for index, each in enumerate(value):
            yield from within(f"{name}.{index}", each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from within(f"{name}.{key}", each)


BY_NAME = dict(patterns())


def calls() -> Iterator[tuple[str, ast.expr]]:
    """Every call of `re` within a function that is given a pattern: the file, and the pattern as it is written."""
    root = Path(trialdeck.__file__).parent
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for node in ast.walk(function):
                match node:
                    case ast.Call(ast.Attribute(ast.Name("re"), name), [pattern, *_]) if name != "escape":
                        yield path.relative_to(root).as_posix(), pattern


def test_every_pattern_is_tried() -> None:
    listed = {*PATTERNS, *WITHIN, *OWN}
    known = {id(BY_NAME[name]) for name in listed if name in BY_NAME}
    assert sorted(name for name, pattern in BY_NAME.items() if id(pattern) not in known) == []
    assert sorted(listed - BY_NAME.keys()) == []
    assert set(WITHIN.values()) <= FUNCTIONS.keys()


def test_every_pattern_that_stands_in_a_function_is_tried() -> None:
    found = list(calls())
    stated = {pattern.value for _, pattern in found if isinstance(pattern, ast.Constant)}
    made = {path for path, pattern in found if not isinstance(pattern, ast.Constant)}
    assert (stated, made) == (set(INLINE), set(MADE))


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_patterns_grow_in_step(name: str) -> None:
    how, units = PATTERNS[name]
    assert_in_step(BY_NAME[name], how, units)


@pytest.mark.parametrize("pattern", sorted(INLINE))
def test_patterns_in_functions_grow_in_step(pattern: str) -> None:
    how, units = INLINE[pattern]
    assert_in_step(re.compile(pattern), how, units)


def test_patterns_of_the_schemas_grow_in_step() -> None:
    found = {
        pattern for name in ("trial", "deck", "project", "profile", "map") for pattern in stated(load_schema(name))
    }
    assert len(found) > 8
    for pattern in sorted(found):
        assert_in_step(
            re.compile(python_pattern(pattern)), FIND, ("a-", "10.1234/", "NL1", "a@a", "https://a", "a_", "x.")
        )


def stated(schema: object) -> Iterator[str]:
    """The patterns of a schema."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for part in schema.values():
            yield from stated(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from stated(part)


def assert_in_step(pattern: re.Pattern[Any], how: str, units: tuple[str, ...] | Any) -> None:
    def work(text: str) -> object:
        read = text.encode("latin-1") if isinstance(pattern.pattern, bytes) else text
        if how == FIND:
            return sum(1 for _ in pattern.finditer(read))
        return pattern.match(read) if how == MATCH else pattern.fullmatch(read)

    for unit in (*units, *ANY):
        for end in ENDS:
            assert grows_in_step(work, lambda size: unit * (size // len(unit)) + end), (pattern.pattern, unit, end)  # noqa: B023


# --- functions


def drafted(text: str) -> object:
    return draft_record(read_page(text.encode()), markup.escape_markdown)


def as_material(text: str) -> object:
    with suppress(TrialdeckError):
        return read_material(text.encode(), "x").name
    return None


def in_html(text: str) -> object:
    return drafted(f"<!doctype html><html><body><h1>A</h1>{text}")


def in_notes(text: str) -> object:
    return [draft_record(page, str) for page in read_pages(f"# A\n\n## Background\n\n{text}".encode(), splits=True)]


def asked_in(text: str) -> object:
    """A record that says a text in all of its fields, as `check` and `build` read it."""
    said = "\n".join(f"      {line}" for line in re.split("[\r\n]", text) if line.strip()) or "      a"
    content = (
        "format: 1\nid: a-1\nacronym: A-1\ntitle: A\n"
        f"summary: |\n{said}\nkey_findings:\n  - id: one\n    text: |\n{said}\n"
        f"questions:\n  - id: one\n    perspective: clinical\n    question: |\n{said}\n    response: |\n{said}\n"
        f"    cloze:\n      one: |\n{said.replace('      ', '        ')}\n"
    ).encode()
    return read_raw(Raw(content, Addresses())), appraisal_of(Raw(content, Addresses()))


def question(name: str, said: str) -> Question:
    return Question(id=name, perspective=Perspective.CLINICAL, question=said, response=said)


def checked(text: str) -> object:
    """The rules of quality, on a front, on answers and on a statement of many deletions."""
    cloze = (Cloze("a", f"{text[:100]} {{{{c1::{text}}}}}"),)
    item = Item(id="a", perspective=Perspective.CLINICAL, text="a", cloze=cloze)
    trial = Trial("a", "A", acronym="A", questions=(question("a", text),), key_findings=(item,))
    return list(quality.check_quality(trial, Document("a.yaml", {}, {}, {})))


def compared(text: str) -> object:
    """The rule that compares the questions of one record."""
    words = text.split()
    questions = [question(f"q{place}", " ".join(words[place : place + 6])) for place in range(0, len(words), 6)]
    trial = Trial("a", "A", questions=tuple(questions))
    return list(quality.fronts_differ(trial, asked.asked_of(trial)))


def alike(text: str) -> object:
    """The rules that compare the questions of many records."""
    fronts = Fronts()
    for index, word in enumerate(text.split()):
        fronts.add(f"{index}.yaml", f"t{index % 7}", (Front(1, 1, (word,), (word,), word, True),))
    return list(fronts.problems())


def ignored(text: str) -> object:
    lines = re.split("[\r\n]", text)
    problems = [Problem(FileLocation("a", number, 1), "TD603", "too long") for number in range(1, len(lines), 2)]
    return without_ignored(problems, ignores_of("\n".join(f"a: b {line}" for line in lines)), "a")


def card(text: str) -> object:
    return render_side("{{cloze:Text}}", {"Text": text}, 1, is_front=True)


def news(text: str) -> object:
    """The release notes as the site shows them, and as what its feed tells of."""
    html = release_notes_html(text)
    return page_of(linked(html, {})), editions_of(html)


def lists_alone(text: str) -> object:
    return points_alone(text), without_signatures(text)


def in_a_cell(text: str) -> object:
    return [cell_value(text, Column("a", ("a",), kind, "", parts=("name", "n"))) for kind in CellKind], is_unchanged(
        text, f"{text}a"
    )


def slugs(text: str) -> object:
    words = text.split()
    return point_slug(text, "A-1"), question_slug(text, "A-1"), name_slug(text), unique(words, "a")


MARKS = (
    "[", "[a](", "![", "*a ", "*a_ ", "**a", "`", "``a`", "<", "<a ", "&", "\\", "> ", ">", "- ", "1. ", "#", "|", "a|",
    "~~a", "[a]: b\n", "[a]", "(", "  \n", "a\n\n", "{{c1::", "{{c1::a}} ", "}}", "::", "$", "$a", "$a$ ", "\\(", "\\[",
    "$$", "](", "[](", "<!--", "```\n", "*", "__a__", "a**b", "[a](<", '[a](b "', "&#1;", "`a\n", "* - ", "[a]()",
    "<https://a", "x\\\n",
)  # fmt: skip
RULED = (
    "1.2 to ", "1 or ", "phase 1, ", "phase ", "of ", "of a ", " and what ", ", is ", "CI ", "CI 1 - ", "p ", "IMWG ",
    "? ", "{{c1::a}} ", "{{c1::a", "::", "the ", "see ", "I am ", "A-1 ", "a ", "1", "(1", "0.1 ",
)  # fmt: skip
ON_PAGES = (
    "ABC-1 ", "A-1 ", "(ABC-1) ", "ABC-1 trial ", "the ABC-1 ", "10.1234/a/", "10.1234/a<1", "doi:", "Source: ",
    "Source: 10.1000/1\n", "View publication ", "view publication](", "https://a", "NCT", "tested: ", "Tested\n",
    "what?\nKey Response\n", "Key Response: a\n", "Guided Discussion\n", "as a student, ", "from a student  and ",
    "what should a resident or ", "- a\n", "1. a\n", "Key Findings\n- a\n", "Clinical Landscape\nAAA\n", "a?b. ", ". ",
    "Noteworthy Related Trials\nABC-1 trial\nTested: a\n", "Tailored to your role\nstudents: a\n", "\0", "\u200d", " ",
)  # fmt: skip
ELEMENTS = (
    "<div>", "<p>", "<a ", "<b>", "<!--", "<![", "<![if ", "&#", "</div>", "<ul><li>", "<table><tr><td>",
    "<sup>1</sup>", "1<sup>", "<br>", "<h1>a</h1>", "<script>", "<p hidden>a", "<?", "<!",
    '<a href="', "<pre>\n", "<b>a</b> ", "<nav>",
)  # fmt: skip
IN_NOTES = (
    "a\n", "a\n\n", "# Results\n", "# a\n## Results\n", "**Results**\n", "Results: a\n", "Q: a\n", "Q: a\nA: b\n",
    "- a\n", "  - Results: a\n", "| a | b |\n", "> a\n", "[a]: b\n", "<details>", "<p><b>Results</b><p>a",
    "<h2>Results</h2><p>a", "HR 0.7 (95% CI 0.6-0.8) ", "source: a\n", "<!-- a -->",
)  # fmt: skip
FIELDS = (
    "<div>", "<p>", "<ul><li>", "<br>", "<b> a</b>", "\\(", "\\(a\\)", "{{c1::", "*", "<span>a", "[$]", "[$]a[/$]",
    "[$$]", "<![", "<![a]>", "[sound:", "<sup>1", "<sup>a</sup>", "<ul>", "<li>a", "<td>a", "<tr>", "<table><tr><td>a",
    "<blockquote>a", "<pre>", "a<br>", "<u>a</u>", "<a href='https://a'>a</a>", "a&nbsp;", "<div>a</div>",
    "<ol><li>a</ol>", "<pre><sup>1<br>", "<pre>1<sup>1</sup>",
)  # fmt: skip
CITATIONS = (
    "PMID- 1\n", "TY  - JOUR\nER  -\n", "TY  - JOUR\nTI  - a\n", "@article{a,\n", '{"study":',
    "<PubmedArticleSet><PubmedArticle>",
)  # fmt: skip
SLOW = frozenset({
    "page", "material", "html", "notes", "record", "check_quality", "render", "render_inline", "render_cloze",
    "escape_markdown", "markdown_of", "editions",
})  # fmt: skip

FUNCTIONS: Mapping[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "page": (drafted, ON_PAGES),
    "material": (as_material, CITATIONS),
    "html": (in_html, ELEMENTS),
    "notes": (in_notes, IN_NOTES),
    "record": (asked_in, RULED),
    "check_quality": (checked, (*RULED, "{{c1::a}}")),
    "fronts_differ": (compared, ("a b c d e f g ", "alpha beta ", "a ")),
    "interference": (alike, ("a ", "a b ")),
    "ignores": (ignored, ("# trialdeck: ignore[TD603]\n", "# trialdeck: ignore[", "# trialdeck: ignore[TD6,", "\n#")),
    "render": (markup.render, MARKS),
    "render_inline": (markup.render_inline, MARKS[:12]),
    "render_cloze": (markup.render_cloze, MARKS[::2]),
    "escape_markdown": (markup.escape_markdown, (*MARKS[:24], " ", "\t", " \n")),
    "formulas": (find_formulas, MARKS),
    "parse_cloze": (parse_cloze, MARKS),
    "readable": (readable, ("<svg>", "<svg", "</svg", "<b>", "<", "&", "<br>", "<svg><a")),
    "in_markdown": (in_markdown, ("`", "<", "- ")),
    "label_of": (lambda text: label_of(Kind.CLOZE, text), ("{{c1::", "{{c1::a::", "}}", "::", "{{c1::a}}")),
    "card": (card, ("{{c1::", "{{c1::a::", "}}", "{{c1::a}}", "\\(", "\\(<", "\\)", "<", "\\(a\\)")),
    "points_alone": (lists_alone, ('<div class="td-own">', '<div class="td-own td-verdict">', '<div class="td-own')),
    "markdown_of": (markdown_of, FIELDS),
    "replaced": (
        lambda text: replaced(BY_NAME["markdown.html.normalise:_SOUND"], "", text, "]"), ("[sound:", "[sound:a]")
    ),
    "editions": (news, ("<!--\n", "<!-- a -->", "<!-- a --> b\n", "-->\n", "--> ", "## a\n", "`a` ")),
    "words_of": (lambda text: list(words_of(text)), ("_", "a_", "-", "a-b", "a -", "é")),
    "release_notes": (lambda text: release_notes(text, News("a")), ("<!-- edition a", "<!-- edition a:\n", "\n## ")),
    "unnamed_numbers": (unnamed_numbers, RULED),
    "unshowable": (lambda text: list(unshowable(text)), ("\0", "\u2009", "a\0")),
    "cells": (in_a_cell, ("a: b\n", "  a\n", "a: b\n  a\n", "|", "a|", "a | n=1\n", "\\", ",", " ", "1")),
    "name_slug": (slugs, ("a ", "a-2 ", "the ", "(", " trial", "'")),
    "words": (lambda text: word_pieces(text, text[::-1]), ("a b c ", "{{c1", "<a", "one two ", "a.b ")),
    "svg": (
        lambda text: plain_svg(f'<svg xmlns="http://www.w3.org/2000/svg"><style>{text}</style></svg>'.encode()),
        ("\\", "url(", "url( ", "src ", "@impor"),
    ),
}  # fmt: skip
"""Functions that read what somebody else has written, and what is the worst for them, repeated."""


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_grow_in_step(name: str) -> None:
    work, units = FUNCTIONS[name]
    large = OF_A_SLOW_ONE if name in SLOW else OF_A_FUNCTION
    for unit in units:
        assert grows_in_step(work, lambda size: unit * (size // len(unit)), large), unit  # noqa: B023


@pytest.mark.parametrize(
    ("work", "start", "unit", "end"),
    [
        (drafted, "A\nSource: ", "10.1234/", "<1"),
        (drafted, "A\nSource: a 10.1000/1", ".", ""),
        (drafted, "A\nSource: a 10.1000/1", ")", ""),
        (drafted, "A\nGuided Discussion\nfrom a student", "  and student", "?\nKey Response\nb"),
        (drafted, "A\nGuided Discussion\nwhat?\nKey Response\n", "ABC-1 ", ""),
        (in_html, "", "<!-- a", "-->"),
        (checked, "What ", "and what is it ", "?"),
        (checked, "", "{{c1::a}} of ", "a."),
        (lambda text: list(words_of(text)), "a", "_", "b"),
    ],
)  # fmt: skip
def test_what_is_worst_in_its_place_grows_in_step(
    work: Callable[[str], object], start: str, unit: str, end: str
) -> None:
    assert grows_in_step(work, lambda size: start + unit * (size // len(unit)) + end, OF_A_FUNCTION)


def test_growth_is_noticed() -> None:
    quadratic = re.compile("<!--.*?-->", re.DOTALL)
    assert not grows_in_step(lambda text: quadratic.sub("", text), lambda size: "<!--" * (size // 4), 8_000)
