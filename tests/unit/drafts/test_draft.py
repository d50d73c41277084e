"""A draft is a record that passes the check, reads well, and has lost nothing of its page."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folders import ROOT, SUPPORT
from matrices import examples
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.acronym import find_acronym
from trialdeck.drafts.audience import named_audience
from trialdeck.drafts.draft import Draft, draft_record
from trialdeck.drafts.headings import HEADINGS, LABELS, is_furniture, key_response, name_of
from trialdeck.drafts.lines import without_bullets
from trialdeck.drafts.page import Page, read_page
from trialdeck.lint.card import check_fronts
from trialdeck.lint.record import check_record
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.load import load_record_text
from trialdeck.records.slugs import name_slug, point_slug, question_slug, unique

PAGES = SUPPORT / "pages"
SHARED = ROOT.parent / "shared" / "pages"


def marked(text: str) -> str:
    """Stand in for `escape_markdown`, and show that a text has passed through it once."""
    return f"«{text}»"


def same(text: str) -> str:
    return text


def drafted(*lines: str, escape: Any = same, **options: Any) -> Draft:
    draft = draft_record(read_page("\n".join(lines).encode()), escape, **options)
    assert list(errors(draft, shown=escape is escape_markdown)) == []
    return draft


def errors(draft: Draft, *, shown: bool = True) -> Iterator[str]:
    """Every error that the check finds; whether cards show something is seen once texts are escaped."""
    record = load_record_text(draft.text.encode(), "draft")
    assert record.trial is not None, record.problems
    assert record.document is not None
    problems = [*record.problems, *check_record(record.trial, record.document)]
    if shown:
        problems += check_fronts(record.trial, record.document)
    return (f"{each.line}: {each.message}" for each in problems if each.severity is Severity.ERROR)


def data_of(draft: Draft) -> dict[str, Any]:
    document = load_record_text(draft.text.encode(), "draft").document
    assert document is not None
    data: dict[str, Any] = document.data
    return data


# the whole of a page


def test_a_page_becomes_a_record() -> None:
    draft = draft_record(read_page((PAGES / "harbor-7.txt").read_bytes()), same, schema="../schemas/trial.schema.json")
    data = data_of(draft)
    assert (draft.id, draft.notices, draft.counts) == ("harbor-7", (), "4 questions, 2 related trials")
    assert list(data) == [
        "format", "id", "acronym", "title", "summary", "significance", "history", "key_findings", "design",
        "limitations", "questions", "related_trials", "takeaways", "review",
    ]  # fmt: skip
    assert data["acronym"] == "HARBOR-7"
    assert data["significance"].split("\n\n") == [
        "HARBOR-7 gave doctors a first tablet against second attacks.",
        "It is taken once a day.",
    ]
    assert data["key_findings"][0] == {
        "id": "second-attacks-fell-20-10",
        "text": "Second attacks fell from 20 to 10 of 100 patients.",
    }
    assert [item["text"] for item in data["design"]] == [
        "Double-blind and placebo-controlled.",
        "Two years of follow-up.",
    ]
    assert data["limitations"] == []
    assert [(pair["id"], pair["perspective"], pair["audience"]) for pair in data["questions"]] == [
        ("step-attack-needs-channel", "mechanism", ["student"]),
        ("tell-parents-child-example-disease", "clinical", ["resident"]),
        ("start-harbolol-slow-pulse", "clinical", ["fellow"]),
        ("matter-stopped-early", "reviewer", ["methodologist"]),
    ]
    assert data["questions"][1]["response"] == "That nobody knows yet.\n\nThe dose for a child is not known either."
    assert data["related_trials"][1] == {
        "id": "checkharbor-067",
        "name": "CheckHarbor 067 Study",
        "tested": "Harbolol twice a day",
        "endpoint": "Dizziness",
    }
    assert data["takeaways"] == [{"id": "check-pulse-first-tablet", "text": "Check the pulse before the first tablet."}]
    assert data["review"] == {"status": "unreviewed"}


def test_a_record_reads_well() -> None:
    draft = draft_record(read_page((PAGES / "harbor-7.txt").read_bytes()), same, schema="../schemas/trial.schema.json")
    assert draft.text.startswith(
        "# yaml-language-server: $schema=../schemas/trial.schema.json\n# Drafted from a web page"
    )
    assert "\nlimitations: [] # the page says nothing here\n" in draft.text
    assert "\nquestions:\n  # Guided Discussion\n  - id: step" in draft.text
    assert (
        "\n  # Scholarly Review\n  - id: matter-stopped-early\n    perspective: reviewer\n    audience: [meth"
        in draft.text
    )
    assert "\n    question: >-\n      The HARBOR-7 trial enrolled adults only." in draft.text
    assert max(map(len, draft.text.splitlines())) <= 105
    assert not draft_record(read_page(b"T\nKey Findings\nx"), same).text.startswith("# yaml")


def test_a_draft_is_the_same_in_every_run() -> None:
    content = (PAGES / "harbor-7.txt").read_bytes()
    assert draft_record(read_page(content), same) == draft_record(read_page(content), same)


def test_the_real_page() -> None:
    pages = sorted(SHARED.glob("*.txt"))
    if not pages:
        pytest.skip("../shared/pages is not here: the page of an invented trial, tests/support/pages, stands in for it")
    content = pages[0].read_bytes()
    draft = draft_record(read_page(content), escape_markdown)
    assert list(errors(draft)) == []
    lines = content.decode().splitlines()
    marks = [place for place, line in enumerate(lines) if line == "Key Response"]
    questions = data_of(draft)["questions"]
    assert (draft.id, data_of(draft)["acronym"], draft.notices) == ("tourmaline-mm1", "TOURMALINE-MM1", ())
    assert [pair["question"] for pair in questions] == [lines[place - 1] for place in marks]
    assert [pair["response"] for pair in questions] == [lines[place + 1] for place in marks]
    assert [pair["perspective"] for pair in questions] == ["mechanism", *["clinical"] * 3, *["reviewer"] * 3]
    assert [pair["audience"] for pair in questions] == [
        ["student"], ["resident"], ["fellow"], ["attending"], ["methodologist"], ["peer-reviewer"],
        ["guideline-committee"],
    ]  # fmt: skip
    assert [trial["id"] for trial in data_of(draft)["related_trials"]] == ["aspire", "eloquent-2", "pollux"]


# texts


def test_every_text_passes_through_escape_once_and_nothing_else_does() -> None:
    content = (
        (PAGES / "harbor-7.txt").read_text(encoding="utf-8").replace("View publication →", "A. 10.1000/x NCT01234567")
    )
    data = data_of(drafted(*content.splitlines(), escape=marked))
    texts = {path: text for path, text in leaves(data) if text.startswith("«")}
    plain = {path[-1] for path, _ in leaves(data)} - {path[-1] for path in texts}
    assert all(text.count("«") == 1 for text in texts.values())
    assert {str(name) for name in plain if isinstance(name, str)} == {
        "format", "id", "acronym", "doi", "registry", "perspective", "status",
    }  # fmt: skip
    assert (
        data["summary"]
        == "«Harbolol halved second attacks in adults with example disease, at the price of some dizziness.»"
    )
    assert data["source"]["citation"] == "«A. 10.1000/x NCT01234567»"


ODD_TEXTS = [
    *r"""1.10 NO null ~ 2016-11-01 12:30 0x1f 1e5 * # <b>bold</b> ' " \ '"\ {a} [a]""".split(),  # noqa: SIM905
    *("&a", "!a", "%a", "@a", "`a`", "|", ">", ":", "a:", "é", "漢", "😀", "“a”"),
    *("# x", "- ", "a: b", "a #b", "? x", "--- a", "... b", "a\u200cb", "\u0378", "\ue000"),
    *("x " * 200 + "y", "x" * 300, "a \\" * 60, '" ' * 90 + "x", "# " * 90 + "x"),
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_every_text_reads_back_as_it_is(text: str) -> None:
    shown = " ".join(text.split())
    data = data_of(drafted("T", "Historical Context", text, "Guided Discussion", f"{text} Q?", "Key Response", text))
    assert data["history"] == shown.replace("a\u200cb", "ab")
    assert data["questions"][0]["response"] == shown.replace("a\u200cb", "ab")


@pytest.mark.parametrize(
    "text", [" a", "a  b" * 40, "a\tb " * 40, "a\nb\n", "\n\na\n\n\nb", "a\n b\nc" * 30, "x\u2028y\x85z"]
)
def test_whatever_escape_returns_reads_back(text: str) -> None:
    assert data_of(drafted("T", "Historical Context", "x", escape=lambda _: text))["history"] == text


def test_bullets_and_numbers_of_a_list_are_stripped() -> None:
    points = ["• a", "- b", "* c", "– d", "▪ e", "1. f", "2) g", "(3) h", "-i", "1.5 mg", "9. line", "-", "+ 5 kg"]
    draft = drafted("T", "Key Findings", *points)
    assert [item["text"] for item in data_of(draft)["key_findings"]] == [
        *"abcdefgh", "-i", "1.5 mg", "9. line", "5 kg",
    ]  # fmt: skip
    assert [(notice.line, notice.text) for notice in draft.notices] == [(14, "-")]


# what finds no place


def test_what_finds_no_place_stays_as_a_comment_and_is_reported() -> None:
    draft = drafted("T", "Guided Discussion", "Before.", "Why?", "Key Response", "How?", "Key Response", "So.",
                    "Clinical Landscape", "Tested", "x")  # fmt: skip
    assert [(notice.line, notice.message, notice.text) for notice in draft.notices] == [
        (3, "no question belongs to this line", "Before."),
        (4, "this question has no response", "Why?"),
        (10, "no related trial belongs to this line", "Tested"),
        (11, "no related trial belongs to this line", "x"),
    ]
    assert "# Line 4 of the page (this question has no response):\n#   Why?\nquestions:\n" in draft.text
    assert "#   x\nrelated_trials: [] # what the page says here found no place; see above\n" in draft.text


def test_a_long_comment_is_wrapped_and_keeps_its_indentation() -> None:
    draft = drafted("T", "Guided Discussion", "word " * 60 + "?", "Key Findings", "x")
    comment = [line for line in draft.text.splitlines() if line.startswith("#   ")]
    assert len(comment) == 4
    assert " ".join(line[4:] for line in comment) == "word " * 60 + "?"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "\n \n",
        "View publication",
        "Key Findings\nStudy Design",
        "T",
        "Source: A 10.1000/x",
        "T\nGuided Discussion\nQ?",
    ],
)
def test_a_page_with_nothing_to_ask_about_is_refused(page: str) -> None:
    with pytest.raises(TrialdeckError, match="nothing to ask about") as error:
        drafted(*page.splitlines())
    assert "save the page as text" in error.value.hint


def test_a_refusal_names_the_lines_that_found_no_place() -> None:
    with pytest.raises(TrialdeckError) as error:
        drafted("T", "Guided Discussion", "Q?")
    assert "found no place: 3;" in error.value.hint


# names


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["Key Findings", "The DAWN-1 trial ended."], "DAWN-1"),
        (["Key Findings", "It ended."], "It ended."),
        (["Guided Discussion", "Q?", "Key Response", "A."], "Q?"),
        (["Clinical Landscape", "QUAY Trial"], "QUAY Trial"),
        (["Key Findings", "long " * 50], "long " * 19 + "long …"),
    ],
)
def test_a_page_without_a_title_gets_one_and_says_so(lines: list[str], title: str) -> None:
    draft = drafted(*lines)
    assert data_of(draft)["title"] == title
    assert "# The page has no title" in draft.text
    assert [notice.line for notice in draft.notices] == [1]
    assert data_of(drafted("Key Findings", "It ended.", id="dawn"))["title"] == "dawn"


def test_the_id_may_be_chosen() -> None:
    draft = drafted("T", "Key Findings", "The DAWN-1 trial ended.", id="my-trial")
    assert (draft.id, data_of(draft)["id"], data_of(draft)["acronym"]) == ("my-trial", "my-trial", "DAWN-1")


@pytest.mark.parametrize("wanted", ["", "My", "a_b", "-a", "a\n", "é", "a" * 81])
def test_an_id_that_is_no_slug_is_refused(wanted: str) -> None:
    with pytest.raises(TrialdeckError, match="cannot be the id of a trial"):
        drafted("T", "Key Findings", "x", id=wanted)


def test_without_an_acronym_the_title_gives_the_id() -> None:
    assert drafted("Harbolol for the Prevention of Attacks in Adults", "Key Findings", "x").id == (
        "harbolol-prevention-attacks-adults"
    )
    assert drafted("…", "Key Findings", "x").id == "trial"


def test_a_related_trial_that_is_the_trial_itself_is_left_out() -> None:
    draft = drafted("T", "Clinical Landscape", "QUAY Trial", "Tested", "x", "PIER Trial", "Tested", "y", id="quay")
    assert [trial["id"] for trial in data_of(draft)["related_trials"]] == ["pier"]
    assert [(notice.line, notice.text) for notice in draft.notices] == [(3, "QUAY Trial"), (5, "x")]


def test_a_related_trial_that_is_named_twice_takes_no_other_trials_id() -> None:
    draft = drafted("T", "Clinical Landscape", *(f"{name} Trial" for name in ("QUAY", "QUAY", "QUAY-2")))
    assert [trial["id"] for trial in data_of(draft)["related_trials"]] == ["quay", "quay-3", "quay-2"]
    assert [notice.line for notice in draft.notices] == [4]


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("The HARBOR-MM1 trial showed it. In the PIER trial, too.", "HARBOR-MM1"),
        ("KEYNOTE-189 and the KEYNOTE-189 study", "KEYNOTE-189"),
        ("The CheckMate 067 trial came later.", "CheckMate 067"),
        ("the randomised RECOVERY platform trial", "RECOVERY"),
        ("PARADIGM-HF worked. The DAPA-HF trial was later. PARADIGM-HF trial", "PARADIGM-HF"),
        ("The NSABP B-31 trial", "NSABP B-31"),
        ("The EMPA-REG OUTCOME trial. EMPA-REG OUTCOME", "EMPA-REG OUTCOME"),
        ("the DAPA\u2011HF trial", "DAPA-HF"),
        ("HARBOR-7's trial", "HARBOR-7"),
        ("the RECOVERY results", "RECOVERY"),
        ("a phase III trial, an RCT study, the PFS, the FDA, a US trial", ""),
        ("PFS. Trial results", ""),
        ("the PIER trial", ""),
        ("nothing", ""),
    ],
)
def test_acronyms_are_found_in_the_text(text: str, acronym: str) -> None:
    assert find_acronym("", [text], ["PIER Trial"]) == acronym


def test_acronyms_are_found_in_the_title() -> None:
    assert find_acronym("Harbolol in Adults (HARBOR-HF)", ["text"], []) == "HARBOR-HF"
    assert find_acronym("HARBOR: harbolol in adults", ["text"], []) == "HARBOR"


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("As a peer reviewer, what would you ask?", ["peer-reviewer"]),
        ("As a reviewer of this manuscript, what would you ask?", ["peer-reviewer"]),
        ("as a fellow, how would you choose?", ["fellow"]),
        ("What should residents tell the family?", ["resident"]),
        ("As a first-year medical student, what do you see?", ["student"]),
        ("As an attending physician, when would you stop?", ["attending"]),
        ("As a member of the guideline committee, how would you grade it?", ["guideline-committee"]),
        ("From a methodologist’s perspective, what is missing?", ["methodologist"]),
        ("As a resident or fellow, what would you do?", ["resident", "fellow"]),
        ("For residents: what is the dose?", ["resident"]),
        ("How did nursing home residents fare?", []),
        ("As a nursing home resident, what does she want?", []),
        ("How should residents of care homes be treated?", []),
        ("How should residents in long-term care be dosed?", []),
        ("What can residents expect in a care home?", []),
        ("How did patients attending clinic fare?", []),
        ("What should patients attending the clinic know?", []),
        ("As a fellow clinician, what would you say?", []),
        ("Were previewers biased, and as a rule, reviewers?", []),
        ("What can Student's t test show?", []),
    ],
)
def test_the_wording_may_name_the_audience(text: str, audience: list[str]) -> None:
    assert [str(one) for one in named_audience(text)] == audience


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Given the DAWN-1 trial, what are the main risks of dawnol, and why?", "main-risks-dawnol"),
        ("Dawnol works. How does follow-up change?", "follow-up-change"),
        ("Discuss the role of dawnol.", "discuss-role-dawnol"),
        ("What?", "what"),
        ("…?", ""),
        ("漢字?", "han-zi"),
        ("x" * 99 + "?", "x" * 45),
    ],
)
def test_a_question_is_called_after_what_it_asks(text: str, slug: str) -> None:
    assert question_slug(text, "DAWN-1") == slug


def test_names_and_points_as_slugs() -> None:
    assert [name_slug(name) for name in ("The PIER Trial (2031)", "CheckMate 067 study", "Trial", "…")] == [
        "pier", "checkmate-067", "trial", "",
    ]  # fmt: skip
    assert point_slug("Over 10⁹ cells") == "10-9-cells"
    assert point_slug("DAWN-1 was a trial of dawnol &amp; rest", "DAWN-1") == "dawnol-amp-rest"
    assert unique(["a", "a", "a-2", "", "a"], "point") == ["a", "a-3", "a-2", "point-4", "a-4"]


# whatever the page


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, (dict, list)):
        yield path, str(value)
    for key, part in parts:
        yield from leaves(part, (*path, key))


SNIPPETS = r"""dawnol DAWN-1 the trial 1.10 NO * # - <b> {{c1::x}} $5$ 3. `a` [x](y) p<0.001 é 漢 “q” & _x_ 10.1000/x \
| ~ : why? As residents: https://x.org 'y' "z" ﬁ 😀"""
BITS = st.sampled_from([*SNIPPETS.split(), "\u200b", "\u00a0", "\x07"])
TEXTS = st.lists(BITS, min_size=1, max_size=6).map(" ".join) | st.text(max_size=30)
NAMES = st.sampled_from(
    [*HEADINGS, "Key Response", "Source:", "Source: x", "View publication →", *LABELS, "Tested: x", "QUAY Trial"]
)


@settings(max_examples=examples(300))
@given(st.lists(TEXTS | NAMES, max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_page_is_drafted_and_nothing_is_lost(lines: list[str], end: str) -> None:
    content = end.join(lines).encode("utf-8", "surrogatepass")
    page = read_page(content)
    if not has_content(page):
        with pytest.raises(TrialdeckError, match="nothing to ask about"):
            draft_record(page, escape_markdown)
        return
    draft = draft_record(page, escape_markdown)
    assert list(errors(draft)) == []
    shown = [text for _, text in leaves(data_of(draft))]
    comments = re.findall(r"(?m)^# ?(.*)$", draft.text)
    kept = words(" ".join([*shown, *comments, *(notice.text for notice in draft.notices)]))
    kept |= words(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", " ".join(shown)))
    for line in re.split("\r\n|[\r\n\x85\u2028\u2029]", content.decode("utf-8", "replace")):
        if not is_known(line):
            assert words(line) <= kept, line


def has_content(page: Page) -> bool:
    said = {
        name: without_bullets(lines)[0] if name in LISTS.values() else lines for name, lines in page.sections.items()
    }
    return any(said.values()) or bool(page.questions or page.related)


def words(text: str) -> set[str]:
    """What a text says; numbers alone may be those of a list."""
    plain = re.sub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u200c\u200d]", "", text)
    return {word for word in re.findall(r"\w+", plain) if not word.isdigit()}


def is_known(line: str) -> bool:
    name = name_of(line)
    label = re.match(r"\W*(source|tested|population|comparator|endpoint)\W*[:：]", line, re.IGNORECASE)
    return (
        name in HEADINGS or name in LABELS or name == "source" or is_furniture(line)
        or key_response(" ".join(line.split())) is not None or bool(label)
    )  # fmt: skip


@settings(max_examples=examples(100))
@given(st.binary(max_size=200))
def test_any_bytes_are_read(content: bytes) -> None:
    page = read_page(b"T\nKey Findings\nx\n" + content)
    assert list(errors(draft_record(page, escape_markdown))) == []


WORDS = st.text("abcdefg", min_size=1, max_size=6)
LINE = st.lists(WORDS, min_size=2, max_size=9).map(lambda found: f"x {' '.join(found)}.")
LINES = st.lists(LINE, max_size=4)
PAIRS = st.lists(st.tuples(LINE.map(lambda line: f"{line[:-1]}?"), st.lists(LINE, min_size=1, max_size=3)), max_size=5)
TRIALS = st.lists(st.dictionaries(st.sampled_from(LABELS), LINE, min_size=1), max_size=4)
LISTS = {"Key Findings": "key_findings", "Study Design": "design", "Study Limitations": "limitations",
         "Tailored to your role": "takeaways"}  # fmt: skip
PROSE = {"Clinical Significance": "significance", "Historical Context": "history"}
BLOCKS = ("Guided Discussion", "Scholarly Review")


@st.composite
def sections(draw: st.DrawFn) -> dict[str, Any]:
    """Some sections of a page in some order, with what stands below each heading."""
    kinds: dict[str, st.SearchStrategy[Any]] = dict.fromkeys((*LISTS, *PROSE), LINES)
    kinds |= dict.fromkeys(BLOCKS, PAIRS) | {"Clinical Landscape": TRIALS}
    names = draw(st.lists(st.sampled_from(sorted(kinds)), unique=True))
    return {name: draw(kinds[name]) for name in names}


def labelled(values: dict[str, str]) -> list[str]:
    return [text for label in LABELS if label in values for text in (label.title(), values[label])]


def page_lines_of(name: str, content: Any) -> list[str]:
    if name in BLOCKS:
        return [line for question, response in content for line in (question, "Key Response", *response)]
    if name == "Clinical Landscape":
        return [line for place, values in enumerate(content) for line in (f"QUAY-{place} Trial", *labelled(values))]
    return list(content)


@settings(max_examples=examples(150))
@given(sections())
def test_sections_in_any_order_are_recovered(parts: dict[str, Any]) -> None:
    lines = ["A title", "Source: View publication →", "An abstract."]
    for name, content in parts.items():
        lines += [name, *page_lines_of(name, content)]
    draft = drafted(*lines)
    data = data_of(draft)
    assert (data["title"], data["summary"], draft.notices) == ("A title", "An abstract.", ())
    for name, content in parts.items():
        if name in LISTS:
            assert [item["text"] for item in data[LISTS[name]]] == content
        elif name in PROSE:
            assert data[PROSE[name]] == "\n\n".join(content)
    pairs = [pair for block in BLOCKS for pair in parts.get(block, [])]
    assert [(pair["question"], pair["response"].split("\n\n")) for pair in data.get("questions", [])] == pairs
    named = [{label: trial[label] for label in LABELS if label in trial} for trial in data.get("related_trials", [])]
    assert named == parts.get("Clinical Landscape", [])


@pytest.mark.uncounted
def test_a_big_page_is_drafted_in_linear_time() -> None:
    pair = "Q one two three?\nKey Response\nR.\n"
    lines = "Same words here again and again.\n" * 3000
    content = f"T\nKey Findings\n{lines}Guided Discussion\n{pair * 2000}Historical Context\n{'long ' * 30_000}\n"
    start = time.process_time()
    draft_record(read_page(content.encode()), same)
    assert time.process_time() - start < 10
