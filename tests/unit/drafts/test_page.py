"""A page is taken apart: sections in any order, questions, related trials, the source, and what finds no place."""

import time

import pytest

from trialdeck.drafts.page import Page, read_page
from trialdeck.records.model import Perspective, Source, Statement


def page_of(*lines: str) -> Page:
    return read_page("\n".join(lines).encode())


def said(page: Page, section: str) -> list[str]:
    return [line.text for line in page.sections[section]]


def lost(page: Page) -> list[tuple[int, str, str]]:
    """Where each line that found no place stands, what it says, and where the record keeps it."""
    return [(stray.notice.line, stray.notice.text, stray.near) for stray in page.strays]


def asked(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    return [(pair.question, pair.response) for pair in page.questions]


# the title, the source and the abstract


def test_the_first_line_is_the_title_and_the_next_ones_are_the_abstract() -> None:
    page = page_of("", "A title", "Source: View publication →", "One.", "", "Two.", "Key Findings", "Three.")
    assert (page.title, said(page, "summary"), said(page, "key_findings")) == ("A title", ["One.", "Two."], ["Three."])
    assert page.strays == ()


@pytest.mark.parametrize("first", ["Source: View publication", "Key Findings"])
def test_a_page_may_have_no_title(first: str) -> None:
    assert page_of(first, "Text.").title == ""


def test_a_long_sentence_at_the_start_is_the_abstract() -> None:
    sentence = "Harbolol was compared with placebo " * 4 + "in adults."
    page = page_of(sentence, "Key Findings", "x")
    assert (page.title, said(page, "summary")) == ("", [sentence])


def test_markdown_marks_of_a_title_go_where_the_headings_have_them_too() -> None:
    assert page_of("# A title", "## Key Findings", "x").title == "A title"
    assert page_of("# A title", "Key Findings", "x").title == "# A title"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Smith J. Ex Med J 2031;1:2.", Source("Smith J. Ex Med J 2031;1:2.")),
        ("10.1000/abc.", Source("10.1000/abc.", "10.1000/abc")),
        ("(doi:10.1016/S0140-6736(16)3-4)", Source("(doi:10.1016/S0140-6736(16)3-4)", "10.1016/S0140-6736(16)3-4")),
        ("https://doi.org/10.1000/x", Source("https://doi.org/10.1000/x", "10.1000/x")),
        (
            "see https://Example.org/doi/full/10.1000/x.1/full?a=b.",
            Source(
                "see https://Example.org/doi/full/10.1000/x.1/full?a=b.",
                "10.1000/x.1",
                url="https://Example.org/doi/full/10.1000/x.1/full?a=b",
            ),
        ),
        ("A 2031 (nct01234567)", Source("A 2031 (nct01234567)", registry="NCT01234567")),
        ("A, ISRCTN12345678", Source("A, ISRCTN12345678", registry="ISRCTN12345678")),
        ("10.1002/(SICI)1-2:3<4::AID-5>6", Source("10.1002/(SICI)1-2:3<4::AID-5>6")),
        ("View publication →", Source()),
        ("View publication → Smith 2031", Source("Smith 2031")),
        ("[View publication →](https://doi.org/10.1000/x)", Source("", "10.1000/x")),
    ],
)
def test_the_source_is_kept_whole_and_taken_apart(text: str, expected: Source) -> None:
    page = page_of("T", f"Source: {text}", "The abstract.")
    assert (page.source, said(page, "summary")) == (expected, ["The abstract."])


@pytest.mark.parametrize("mark", ["Source:", "Source", "**Source:**", "SOURCE :"])
def test_a_bare_source_takes_the_next_line_if_it_names_a_publication(mark: str) -> None:
    page = page_of("T", mark, "Smith J. Ex Med J 2031;1:2.", "doi: 10.1000/x", "https://example.org/x", "Abstract.")
    assert page.source.citation == "Smith J. Ex Med J 2031;1:2. doi: 10.1000/x https://example.org/x"
    assert (page.source.doi, page.source.url) == ("10.1000/x", "https://example.org/x")
    assert said(page, "summary") == ["Abstract."]
    assert said(page_of("T", mark, "Abstract."), "summary") == ["Abstract."]


def test_a_second_source_is_reported_and_within_a_section_it_is_text() -> None:
    page = page_of("T", "Source: A", "Source: B", "Key Findings", "Source: C")
    assert page.source.citation == "A"
    assert lost(page) == [(3, "Source: B", "")]
    assert said(page, "key_findings") == ["Source: C"]


def test_the_source_may_stand_behind_the_sections() -> None:
    page = page_of("T", "Key Findings", "x", "Source: A 10.1000/x", "The abstract.")
    assert (page.source.doi, said(page, "key_findings"), said(page, "summary")) == (
        "10.1000/x",
        ["x"],
        ["The abstract."],
    )


# headings and lines


@pytest.mark.parametrize(
    "heading",
    ["Key Findings", "KEY FINDINGS:", "## Key Findings ##", "**Key Findings**", "**Key findings:**",
     "Key\u00a0Findings",
     "\tKey  Findings ", "Key\u200b Findings", "__Key Findings__", "\ufeffKey Findings", "Key\u200d Findings"],
)  # fmt: skip
def test_a_heading_is_known_in_any_dress(heading: str) -> None:
    page = page_of("T", heading, "x")
    assert (said(page, "key_findings"), page.strays) == (["x"], ())


@pytest.mark.parametrize("line", ["Key Findings of the trial", "- Key Findings", "The Key Findings", "Key Finding"])
def test_what_only_looks_like_a_heading_is_text(line: str) -> None:
    assert said(page_of("T", "Study Design", line), "design") == [line]


def test_a_heading_that_repeats_continues_its_section() -> None:
    page = page_of("T", "Key Findings", "a", "Study Design", "b", "Key Findings", "c")
    assert (said(page, "key_findings"), said(page, "design")) == (["a", "c"], ["b"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\n\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    page = read_page(end.join(["T", "Key Findings", "a", "b"]).encode())
    assert said(page, "key_findings") == ["a", "b"]


def test_white_space_is_folded_and_quotes_stay() -> None:
    page = read_page("\ufeffA\u00a0\u202fb\tc  d\nKey Findings\n“x” ‘y’ i\u00adt\n\u200b\n\u2800".encode())
    assert (page.title, said(page, "key_findings")) == ("A b c d", ["“x” ‘y’ it"])


def test_joiners_stay_where_they_carry_meaning() -> None:
    page = page_of("T", "Key Findings", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 a\u200db")
    assert said(page, "key_findings") == ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 ab"]


def test_a_control_character_is_replaced_and_reported() -> None:
    page = page_of("T", "Key Findings", "a\x00b", "c\x1b[1md", "e")
    assert said(page, "key_findings") == ["a\ufffdb", "c\ufffd[1md", "e"]
    assert [(notice.line, notice.text) for notice in page.notices] == [(3, "a\ufffdb"), (4, "c\ufffd[1md")]


def test_what_is_not_utf8_is_replaced_and_reported() -> None:
    page = read_page("T\nKey Findings\nnaïve\nfine".encode("latin-1"))
    assert said(page, "key_findings") == ["na\ufffdve", "fine"]
    assert [(notice.line, notice.text) for notice in page.notices] == [(3, "na\ufffdve")]


def test_a_replacement_character_in_good_utf8_is_no_fault() -> None:
    assert page_of("T", "Key Findings", "a\ufffd").notices == ()


def test_utf16_is_read_and_reported() -> None:
    page = read_page("T\r\nKey Findings\r\nnaïve".encode("utf-16"))
    assert (said(page, "key_findings"), len(page.notices)) == (["naïve"], 1)


def test_a_file_that_is_no_text_is_reported_in_few_words() -> None:
    page = read_page(b"\x00\x01\xff\n" * 1000)
    assert len(page.notices) == 42
    assert "979 lines that follow" in page.notices[20].message


@pytest.mark.parametrize(
    "line",
    ["View publication", "view publication →", "Personalize this analysis »", "WANT THIS TAILORED TO YOU?",
     "High-yield insights from every perspective.", "High\u2011yield insights from every perspective"],
)  # fmt: skip
def test_furniture_is_dropped_by_name(line: str) -> None:
    page = page_of("T", line, "Key Findings", line, "a", "Guided Discussion", line, "Q?", "Key Response", line, "R.")
    assert (set(page.sections), said(page, "key_findings")) == ({"key_findings"}, ["a"])
    assert (asked(page), page.strays) == ([("Q?", ("R.",))], ())


def test_nothing_else_is_dropped() -> None:
    page = page_of("T", "Tailored to your role", "View publications", "Share", "Sign in")
    assert said(page, "takeaways") == ["View publications", "Share", "Sign in"]


# questions


def test_between_two_marks_the_last_line_is_the_next_question() -> None:
    page = page_of("T", "Guided Discussion", "Q1", "Key Response", "a", "b?", "c", "Q2", "Key Response", "d", "e")
    assert asked(page) == [("Q1", ("a", "b?", "c")), ("Q2", ("d", "e"))]
    assert page.strays == ()


def test_a_single_line_between_two_marks_is_a_question_if_it_asks() -> None:
    page = page_of("T", "Guided Discussion", "Q1?", "Key Response", "Q2?", "Key Response", "a", "Key Response", "b")
    assert asked(page) == [("Q2?", ("a",))]
    assert lost(page) == [(3, "Q1?", "questions"), (9, "b", "questions")]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (["Key Response", "a", "b"], ["a", "b"]),
        (["Q?"], ["Q?"]),
        (["Q?", "Key Response"], ["Q?"]),
        (["Remark", "Q?", "Key Response", "a"], ["Remark"]),
        (["Q?", "Key Response", "a", "Next?"], ["Next?"]),
        (["Key Response", "Key Response", "a"], ["Key Response", "a"]),
    ],
)
def test_what_makes_no_question_with_a_response_is_reported(block: list[str], expected: list[str]) -> None:
    page = page_of("T", "Scholarly Review", *block)
    assert [text for _, text, _ in lost(page)] == expected


def test_a_question_in_a_response_is_kept_there_and_pointed_at() -> None:
    page = page_of("T", "Guided Discussion", "Q?", "Key Response", "a", "b?", "Q2?", "Key Response", "c")
    assert asked(page)[0] == ("Q?", ("a", "b?"))
    assert [(notice.line, notice.text) for notice in page.notices] == [(6, "b?")]


def test_the_mark_may_have_the_response_behind_it() -> None:
    page = page_of("T", "Guided Discussion", "Q?", "**Key Response:** a", "b")
    assert asked(page) == [("Q?", ("a", "b"))]


def test_a_mark_outside_the_questions_is_reported() -> None:
    assert lost(page_of("T", "Key Findings", "a", "Key Response", "b")) == [(4, "Key Response", "")]


def test_perspective_and_audience_follow_the_order() -> None:
    block = [line for number in range(5) for line in (f"Q{number}?", "Key Response", f"R{number}.")]
    page = page_of("T", "Scholarly Review", *block, "Guided Discussion", *block)
    assert [(pair.perspective, *map(str, pair.audience)) for pair in page.questions] == [
        (Perspective.MECHANISM, "student"),
        (Perspective.CLINICAL, "resident"),
        (Perspective.CLINICAL, "fellow"),
        (Perspective.CLINICAL, "attending"),
        (Perspective.CLINICAL,),
        (Perspective.REVIEWER, "methodologist"),
        (Perspective.REVIEWER, "peer-reviewer"),
        (Perspective.REVIEWER, "guideline-committee"),
        (Perspective.REVIEWER,),
        (Perspective.REVIEWER,),
    ]


# related trials


def related(*lines: str) -> list[tuple[str, Statement]]:
    return [(trial.name, trial.statement) for trial in page_of("T", "Clinical Landscape", *lines).related]


def test_a_related_trial_has_a_name_and_labels_with_values() -> None:
    assert related("QUAY Trial", "Tested", "a", "b", "Population:", "c", "**Comparator:** d", "endpoint", "e") == [
        ("QUAY Trial", Statement("a b", "c", "d", "e"))
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["A", "Tested", "x", "B", "Tested", "y"], [("A", Statement("x")), ("B", Statement("y"))]),
        (["A", "Tested", "A1 Trial", "Endpoint", "y"], [("A", Statement()), ("A1 Trial", Statement(endpoint="y"))]),
        (["A", "Endpoint", "x", "B", "Tested", "y"], [("A", Statement(endpoint="x")), ("B", Statement("y"))]),
        (["A", "Endpoint", "B", "Endpoint", "y"], [("A", Statement()), ("B", Statement(endpoint="y"))]),
        (["A", "Tested", "Population", "x"], [("A", Statement(population="x"))]),
        (["A", "Population", "adults", "Tested", "y"], [("A", Statement("y", "adults"))]),
        (["QUAY Trial", "PIER Study"], [("QUAY Trial", Statement()), ("PIER Study", Statement())]),
        (["A", "Tested: x", "Tested: y"], [("A", Statement("x"))]),
    ],
)
def test_any_part_of_a_related_trial_may_be_missing(lines: list[str], expected: list[tuple[str, Statement]]) -> None:
    assert related(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Tested", "x"], ["Tested", "x"]),
        (["Tested: x"], ["Tested: x"]),
        (["The field moves on quickly.", "A", "Tested", "x"], ["The field moves on quickly."]),
        (["A", "Tested: x", "Tested: y"], ["Tested: y"]),
    ],
)
def test_what_belongs_to_no_related_trial_is_reported(lines: list[str], expected: list[str]) -> None:
    page = page_of("T", "Noteworthy Related Trials", *lines)
    assert [(text, near) for _, text, near in lost(page)] == [(text, "related_trials") for text in expected]


# size


@pytest.mark.parametrize(
    "line",
    ["a ", "Key Response\n", "Q?\nKey Response\nR.\n", "Tested\nx\n", "Guided Discussion\nx?\n", "as a ", "A-",
     "the X-1 ",
     "Clinical Landscape\nA\nTested\nx\n", "\x00", "10.1000/", "<", "- ", "(", "Source: 10.1000/x\n", "X1 Trial\n"],
)  # fmt: skip
def test_a_big_page_is_read_in_linear_time(line: str) -> None:
    start = time.process_time()
    read_page(("T\nGuided Discussion\n" + line * (300_000 // len(line))).encode())
    assert time.process_time() - start < 5


# headings that no part of a record has

UNKNOWN = ["## Frequently Asked Questions", "**Frequently Asked Questions**", "Frequently Asked Questions",
           "## FAQ ##", "**Get in touch:**", "Terms of Use"]  # fmt: skip


@pytest.mark.parametrize("heading", UNKNOWN)
@pytest.mark.parametrize(
    "part",
    [
        ["An abstract."],
        ["Study Design", "Phase 3."],
        ["Guided Discussion", "Why?", "Key Response", "Because."],
        ["Clinical Landscape", "DUSK-2 Trial", "Endpoint", "Survival"],
    ],
)
def test_an_unknown_heading_ends_the_part_above_it(part: list[str], heading: str) -> None:
    rest = ["Key Findings", "It helped."]
    page = page_of("T", *part, heading, "How?", "So.", *rest)
    plain = page_of("T", *part, *rest)
    first = len(part) + 2
    assert lost(page) == [(first, heading, ""), (first + 1, "How?", ""), (first + 2, "So.", "")]
    assert [stray.notice.message.partition(" unknown")[0] for stray in page.strays] == ["an", "below an", "below an"]
    assert {name: said(page, name) for name in page.sections} == {name: said(plain, name) for name in plain.sections}
    assert (asked(page), page.strays[3:]) == (asked(plain), plain.strays)
    assert [(trial.name, trial.statement) for trial in page.related] == [
        (trial.name, trial.statement) for trial in plain.related
    ]


@pytest.mark.parametrize(
    "line",
    ["# of events: 42", "**Not** so", "**All** of **it**", "**It helped.**", "- Overall Survival", "Overall survival",
     "Nausea, Rash and Cough", "HR OS PFS", "ASPIRE 2", "Dawnol"],
)  # fmt: skip
def test_a_line_of_a_part_is_no_heading(line: str) -> None:
    assert said(page_of("T", "Study Limitations", "It was short.", line), "limitations") == ["It was short.", line]


def test_points_in_title_case_are_points() -> None:
    points = ["Improved Overall Survival", "Better Quality of Life"]
    assert said(page_of("T", "Key Findings", *points), "key_findings") == points


def test_names_values_and_questions_are_no_headings() -> None:
    names = ["**Checkmate Early**", "Tested", "Dawnol Plus Duskol", "Endpoint", "Overall Survival", "## The Dusk Trial"]
    page = page_of("T", "Clinical Landscape", *names, "Tested", "Noonol")
    assert [trial.statement for trial in page.related] == [
        Statement(tested="Dawnol Plus Duskol", endpoint="Overall Survival"), Statement(tested="Noonol"),
    ]  # fmt: skip
    page = page_of(
        "T", "Guided Discussion", "## Why?", "Key Response", "Overall Survival", "**Name It**", "Key Response", "x"
    )
    assert (len(asked(page)), page.strays) == (2, ())


def test_a_second_heading_of_html_is_a_heading() -> None:
    page = read_page(
        b"<html><body><h1>T</h1><p>A.</p><h2>Study Design</h2><p>Phase 3.</p><h2>FAQ</h2><p>x</p></body></html>"
    )
    assert said(page, "design") == ["Phase 3."]
    assert [text for _, text, _ in lost(page)] == ["FAQ", "x"]
