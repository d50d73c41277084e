"""From a saved page to a draft: sections in any order, nothing lost, and a record that passes the check."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.cli import main
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.acronym import find_acronym
from trialdeck.drafts.audience import named_audience
from trialdeck.drafts.draft import Draft, draft
from trialdeck.drafts.headings import name_of as folded
from trialdeck.drafts.lines import clean_lines, decode, text_lines
from trialdeck.markdown.plain_text import visible_text
from trialdeck.markdown.render import render
from trialdeck.project.check import check
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Audience

OPENING = "Dawnol for Disease\nSource: View publication →\nDawnol delayed relapse in the DAWN-1 trial."
SECTIONS = {
    "key_findings": "Key Findings\nRelapse came later.\nNausea was mild.",
    "design": "Study Design\nRandomised and blinded.",
    "limitations": "Study Limitations\nShort follow-up.",
    "significance": "Clinical Significance\nAn option at relapse.",
    "history": "Historical Context\nThere was nothing before.",
    "guided": """Guided Discussion
High-yield insights from every perspective
Why does dawnol work?
Key Response
It blocks dawnase.
Resting cells need none.
How is nausea treated?
Key Response
With a remedy.""",
    "scholarly": """Scholarly Review
Critical appraisal through the lens of expert reviewers and guideline development
Why blind the trial?
Key Response
Because judges err.""",
    "related": """Clinical Landscape
Noteworthy Related Trials
DUSK-2 Trial
Tested
Duskol
Population
Adults
Comparator
Usual care
Endpoint
Survival
NOON-3 Study
Tested: Noonol""",
    "role": "Tailored to your role\nWant this tailored to you?\nStart early.\nPersonalize this analysis",
}
PAGE = "\n".join([OPENING, *SECTIONS.values()])


def drafted(page: str | bytes, **options: Any) -> Draft:
    made = draft(page if isinstance(page, bytes) else page.encode(), options.get("trial_id"), options.get("schema"))
    assert load_record_text(made.text.encode(), "x").problems == ()
    return made


def data_of(page: str | bytes, **options: Any) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(drafted(page, **options).text, Loader=yaml.BaseLoader)
    return data


def test_every_section_lands_where_it_belongs() -> None:
    data = data_of(PAGE)
    assert data["id"] == "dawn-1"
    assert data["acronym"] == "DAWN-1"
    assert data["title"] == "Dawnol for Disease"
    assert data["summary"] == "Dawnol delayed relapse in the DAWN-1 trial."
    assert [item["text"] for item in data["key_findings"]] == ["Relapse came later.", "Nausea was mild."]
    assert [item["text"] for item in data["design"]] == ["Randomised and blinded."]
    assert [item["text"] for item in data["limitations"]] == ["Short follow-up."]
    assert data["significance"] == "An option at relapse."
    assert data["history"] == "There was nothing before."
    assert data["questions"] == [
        {
            "id": "dawnol-work",
            "perspective": "mechanism",
            "audience": ["student"],
            "question": "Why does dawnol work?",
            "response": "It blocks dawnase.\n\nResting cells need none.",
        },
        {
            "id": "nausea-treated",
            "perspective": "clinical",
            "audience": ["resident"],
            "question": "How is nausea treated?",
            "response": "With a remedy.",
        },
        {
            "id": "blind",
            "perspective": "reviewer",
            "audience": ["methodologist"],
            "question": "Why blind the trial?",
            "response": "Because judges err.",
        },
    ]
    assert data["related_trials"] == [
        {
            "id": "dusk-2",
            "name": "DUSK-2 Trial",
            "tested": "Duskol",
            "population": "Adults",
            "comparator": "Usual care",
            "endpoint": "Survival",
        },
        {"id": "noon-3", "name": "NOON-3 Study", "tested": "Noonol"},
    ]
    assert data["takeaways"] == [{"id": "start-early", "text": "Start early."}]
    assert data["review"] == {"status": "unreviewed"}
    assert drafted(PAGE).notices == ()


@settings(max_examples=examples(60))
@given(st.permutations(sorted(SECTIONS)), st.sets(st.sampled_from(sorted(SECTIONS)), max_size=6))
def test_sections_may_come_in_any_order_or_be_missing(order: list[str], missing: set[str]) -> None:
    page = "\n".join([OPENING, *(SECTIONS[name] for name in order if name not in missing)])
    whole, part = data_of(PAGE), data_of(page)
    fields = {"guided": "questions", "scholarly": "questions", "related": "related_trials", "role": "takeaways"}
    for name in SECTIONS:
        field = fields.get(name, name)
        if field != "questions":
            assert part.get(field) == (None if name in missing else whole[field])
    asked = [entry["question"] for entry in part.get("questions", [])]
    expected = ["Why does dawnol work?", "How is nausea treated?"] * ("guided" not in missing)
    assert asked == expected + ["Why blind the trial?"] * ("scholarly" not in missing)
    assert drafted(page).notices == ()


def test_an_empty_section_stays_in_the_record_with_a_comment() -> None:
    text = drafted(PAGE.replace(SECTIONS["design"], "Study Design")).text
    assert re.search(r"^design: \[\] # the page says nothing here$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("\n", "\r"),
        ("\n", "\n\n"),
        ("\n", " \u2028"),
        ("Dawnol for", "\ufeffDawnol for"),
        ("Dawnol for Disease", "Dawnol\u00a0for\tDisease "),
        ("Key Findings", "KEY FINDINGS:"),
        ("Key Findings", "## Key Findings"),
        ("Study Design", "**Study Design**"),
        ("Key Response", "key response:"),
        ("Key Response\n", "Key Response: "),
        ("Tested\nDuskol", "**Tested:** Duskol"),
        ("Relapse came later.\nNausea", "• Relapse came later.\n- Nausea"),
        ("Relapse came later.\nNausea was", "1. Relapse came later.\n2) Nausea was"),
        ("Clinical Landscape\n", ""),
        ("Noteworthy Related Trials\n", ""),
        ("Want this tailored to you?", "want this TAILORED to you"),
        ("View publication →", "view publication"),
        ("Why does", "Why\u200b does"),
    ],
)
def test_pages_are_saved_in_many_ways(old: str, new: str) -> None:
    assert old in PAGE
    assert data_of(PAGE.replace(old, new)) == data_of(PAGE)


def test_a_heading_that_repeats_continues_its_section() -> None:
    data = data_of(f"{PAGE}\nKey Findings\nOne more.")
    assert [item["text"] for item in data["key_findings"]][-1] == "One more."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Source: View publication →", None),
        ("Source: A B. J 2020;1:2.", {"citation": "A B. J 2020;1:2."}),
        ("Source:\nA B. doi:10.1000/x.y.", {"citation": "A B. doi:10.1000/x.y.", "doi": "10.1000/x.y"}),
        (
            "source: NCT01234567, https://example.org/x",
            {
                "citation": "NCT01234567, https://example.org/x",
                "registry": "NCT01234567",
                "url": "https://example.org/x",
            },
        ),
        (
            "Source: https://doi.org/10.1000/abc",
            {"citation": "https://doi.org/10.1000/abc", "doi": "10.1000/abc"},
        ),
    ],
)
def test_the_source_is_kept_and_taken_apart(source: str, expected: dict[str, str] | None) -> None:
    data = data_of(PAGE.replace("Source: View publication →", source))
    assert data.get("source") == expected
    assert data["summary"] == "Dawnol delayed relapse in the DAWN-1 trial."


def test_a_page_is_plain_text_and_reads_the_same_on_the_card() -> None:
    lines = [
        "1.10",
        "NO",
        "* star",
        "# hash",
        "<b>bold</b>",
        "p<0.001 & A&amp;B",
        "a_b_c",
        "$5 and $x$",
        "{{c1::x}} [sound:a.mp3]",
    ]
    data = data_of("\n".join(["T", "Key Findings", *lines]))
    shown = [BeautifulSoup(render(item["text"]), "html.parser").get_text() for item in data["key_findings"]]
    assert shown == ["1.10", "NO", "star", *lines[3:]]
    assert [item["text"] for item in data["key_findings"]][:4] == ["1.10", "NO", "star", "# hash"]


@pytest.mark.parametrize(
    ("block", "line", "message"),
    [
        ("Guided Discussion\nA word before.\nWhy?\nKey Response\nSo.", 3, "no question belongs to this line"),
        ("Guided Discussion\nWhy?\nKey Response\nSo.\nAnd how?", 6, None),
        ("Guided Discussion\nWhy?\nKey Response\nHow?\nKey Response\nSo.", 3, "this question has no response"),
        ("Guided Discussion\nKey Response\nSo.", 4, "this response has no question"),
        ("Guided Discussion\nJust a remark.\nWhat now?", 3, "no question belongs to this line"),
        ("Clinical Landscape\nTested\nDuskol", 3, "no related trial belongs to this line"),
        ("Key Findings\nA \x07 bell", 3, "a control character was replaced by \ufffd"),
    ],
)
def test_what_finds_no_place_is_reported_with_its_line(block: str, line: int, message: str | None) -> None:
    made = drafted(f"Title\n{block}\nClinical Significance\nMuch.")
    found = [(notice.line, notice.message) for notice in made.notices]
    assert ((line, message) in found) == (message is not None)
    assert all(notice.text in made.text for notice in made.notices)


def test_a_page_that_is_not_utf8_is_read_as_far_as_it_goes() -> None:
    made = drafted(PAGE.replace("Nausea", "Naus\u00e9a").encode("latin-1", "replace"))
    assert made.notices[0].message.startswith("the page is not UTF-8")


def test_a_replacement_character_on_the_page_is_no_fault() -> None:
    assert drafted(PAGE.replace("Nausea", "Naus\ufffda")).notices == ()


def test_without_a_title_the_name_stands_in() -> None:
    made = drafted(PAGE.replace("Dawnol for Disease\n", ""))
    assert yaml.safe_load(made.text)["title"] == "DAWN-1"
    assert [notice.message for notice in made.notices] == ["the page has no title; its name stands in for it"]


def test_a_long_first_sentence_is_the_abstract_and_not_the_title() -> None:
    sentence = f"In the DAWN-1 study, {'adding dawnol to usual care delayed relapse ' * 3}at last."
    assert data_of(f"{sentence}\nKey Findings\nMuch.")["summary"] == sentence


@pytest.mark.parametrize(
    "page", ["", "  \n\n", "Just a title", "Key Findings\nStudy Design", "Source: View publication →"]
)
def test_a_page_with_nothing_to_ask_about_is_refused(page: str) -> None:
    with pytest.raises(TrialdeckError, match="nothing to ask about"):
        draft(page.encode(), None, None)


def test_ids_are_unique_and_the_same_in_every_run() -> None:
    page = "T\nKey Findings\nSame words.\nSame words.\n…\n漢字\nСлово"
    ids = [item["id"] for item in data_of(page)["key_findings"]]
    assert ids == ["words", "words-2", "point-3", "han-zi", "slovo"]
    assert drafted(page).text == drafted(page).text


def test_the_id_may_be_chosen() -> None:
    assert data_of(PAGE, trial_id="my-trial")["id"] == "my-trial"
    with pytest.raises(TrialdeckError, match="'My Trial' cannot be the id of a trial"):
        draft(PAGE.encode(), "My Trial", None)


def test_a_related_trial_that_is_the_trial_itself_is_reported() -> None:
    made = drafted(PAGE, trial_id="noon-3")
    assert [(notice.message, notice.text) for notice in made.notices] == [
        ("a related trial is another trial", "NOON-3 Study"),
        ("a related trial is another trial", "Noonol"),
    ]
    assert [trial["id"] for trial in yaml.safe_load(made.text)["related_trials"]] == ["dusk-2"]


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("The TOURMALINE-MM1 trial showed it. In the POLLUX trial, too.", "TOURMALINE-MM1"),
        ("In KEYNOTE-189 and the KEYNOTE-189 study", "KEYNOTE-189"),
        ("The CheckMate 067 trial compared", "CheckMate 067"),
        ("PARADIGM-HF established sacubitril. DAPA-HF trial was later; PARADIGM-HF trial", "PARADIGM-HF"),
        ("The NSABP B-31 trial", "NSABP B-31"),
        ("The PFS data and the FDA trial", ""),
        ("Nothing here.", ""),
    ],
)
def test_acronyms(text: str, acronym: str) -> None:
    assert find_acronym("", [text], ["POLLUX Trial"]) == acronym


@pytest.mark.parametrize(
    ("question", "audience"),
    [
        ("As a peer reviewer analyzing the manuscript, what would you raise?", "peer-reviewer"),
        ("As a fellow, how would you choose?", "fellow"),
        ("What should residents tell the family?", "resident"),
        ("As a first-year medical student, why?", "student"),
        ("How would a guideline committee rank it?", "guideline-committee"),
        ("How did nursing home residents fare?", "attending"),
        ("How did patients attending clinic fare?", "attending"),
        ("Were previewers biased?", "attending"),
    ],
)
def test_the_wording_may_name_the_audience(question: str, audience: str) -> None:
    assert (named_audience(question) or (Audience.ATTENDING,)) == (Audience(audience),)


SNIPPETS = r"""dawnol relapse 1.10 NO * # <b> {{c1::x}} $5 - 3. `a` [x](y) p<0.001 é 漢 “q” & _x_ Source: 10.1000/x
\ | ~ : trial?"""
WORDS = st.sampled_from(SNIPPETS.split())
FREE = st.lists(WORDS, min_size=1, max_size=6).map(" ".join) | st.text(max_size=40)
MARKED = st.sampled_from([line for block in [OPENING, *SECTIONS.values()] for line in block.split("\n")])


@settings(max_examples=examples(250))
@given(st.lists(FREE | MARKED, max_size=25), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_any_text_is_read_and_no_line_is_lost(lines: list[str], end: str) -> None:
    page = end.join(lines).encode("utf-8", "surrogatepass")
    try:
        made = drafted(page)
    except TrialdeckError:
        return
    record = load_record_text(made.text.encode(), "x")
    assert record.trial is not None
    kept = "".join(re.findall(r"\w+", seen_in(made, made.text)))
    for line in clean_lines(text_lines(decode(page)[0]))[0]:
        if not is_furniture_or_heading(line.text):
            for word in re.findall(r"\w+", line.text):
                assert word in kept, f"lost: {line.text!r}"


def seen_in(made: Draft, text: str) -> str:
    """Every value of the record as a reader sees it, and every comment and notice."""
    data = yaml.load(text, Loader=yaml.BaseLoader)
    values = [visible_text(render(value)) + value for value in leaves(data)]
    return " ".join([*values, text, *(notice.text for notice in made.notices)])


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def is_furniture_or_heading(line: str) -> bool:
    known = {folded(mark) for block in SECTIONS.values() for mark in block.split("\n")}
    plain = {"relapse came later", "nausea was mild"}
    return folded(line) in known - plain or folded(line.partition(":")[0]) in {"source", "key response", "tested"}


# the command


def run(*arguments: str | Path, text: str | None = None) -> Any:
    return CliRunner().invoke(main, ["ingest", *map(str, arguments)], input=text)


def test_ingest_writes_a_file_and_says_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    result = run(tmp_path / "page.txt", "-o", tmp_path / "new" / "x.yaml")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        f"{tmp_path / 'page.txt'}:1: inferred: acronym: the name that the text uses for the trial: DAWN-1",
        f"{tmp_path / 'new' / 'x.yaml'}: dawn-1, 3 questions, 2 related trials",
        "41 of 41 lines placed; 1 inferred (acronym); 0 not taken",
    ]
    assert check([tmp_path / "new"]).errors == ()


def test_ingest_reads_standard_input_and_writes_standard_output() -> None:
    result = run("-", "--id", "some-id", text=PAGE)
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout)["id"] == "some-id"


def test_ingest_never_overwrites_without_force(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "x.yaml").write_text("mine", encoding="utf-8")
    result = run(tmp_path / "page.txt", "-o", tmp_path / "x.yaml")
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert (tmp_path / "x.yaml").read_text(encoding="utf-8") == "mine"
    assert run(tmp_path / "page.txt", "-o", tmp_path / "x.yaml", "--force").exit_code == 0
    assert "dawn-1" in (tmp_path / "x.yaml").read_text(encoding="utf-8")


def test_ingest_reports_lines_without_a_place(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(f"{PAGE}\nGuided Discussion\nA stray\x1b remark.", encoding="utf-8")
    result = run(tmp_path / "page.txt")
    line = PAGE.count("\n") + 3
    assert f"{tmp_path / 'page.txt'}:{line}: " in result.stderr
    assert "A stray\ufffd remark." in result.stdout


def test_ingest_names_the_schema_of_the_project(tmp_path: Path, root: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "trial.schema.json").write_text("{}", encoding="utf-8")
    run("-", "-o", tmp_path / "seeds" / "x.yaml", text=PAGE)
    first = (tmp_path / "seeds" / "x.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/trial.schema.json"


def test_ingest_of_nothing_is_an_error() -> None:
    result = run("-", text="")
    assert result.exit_code == 1
    assert "the file is empty" in result.stderr


def test_the_example_page_gives_a_good_record(root: Path) -> None:
    made = drafted((root / "docs" / "examples" / "dawn-1.txt").read_bytes())
    assert (made.id, made.counts, made.notices) == ("dawn-1", "3 questions, 1 related trial", ())


def test_the_real_page(root: Path, write_record: Callable[..., Path]) -> None:
    pages = sorted((root.parent / "shared" / "pages").glob("*.txt"))
    if not pages:
        pytest.skip("../shared/pages is not here; the page of docs/examples covers the ground")
    content = pages[0].read_bytes()
    made = drafted(content)
    data = yaml.safe_load(made.text)
    lines = [line.strip() for line in content.decode().splitlines()]
    answers = [lines[place + 1] for place, line in enumerate(lines) if line == "Key Response"]
    asked = [lines[place - 1] for place, line in enumerate(lines) if line == "Key Response"]
    assert (made.id, made.notices) == ("tourmaline-mm1", ())
    assert [entry["question"] for entry in data["questions"]] == asked
    assert [entry["response"] for entry in data["questions"]] == answers
    assert [entry["perspective"] for entry in data["questions"]] == ["mechanism", *["clinical"] * 3, *["reviewer"] * 3]
    assert [entry["audience"][0] for entry in data["questions"]] == [
        *("student", "resident", "fellow", "attending", "methodologist", "peer-reviewer", "guideline-committee")
    ]
    assert [trial["id"] for trial in data["related_trials"]] == ["aspire", "eloquent-2", "pollux"]
