"""Files are known by content; what cannot be read is refused with the command or the step to take."""

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies import NCT, as_file, study
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import drafts_of
from trialdeck.records.load import load_record_text


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"%PDF-1.7", "a PDF", "JSON"),
        (b"\x89PNG\r\n\x1a\n", "a picture", "figure"),
        (b"\xff\xd8\xff\xe0", "a picture", "figure"),
        (archive("collection.anki2", "media"), "an Anki package", "trialdeck import"),
        (archive("xl/workbook.xml"), "a workbook", "trialdeck sheet import"),
        (archive("x.txt"), "a packed file", "unpack"),
        (b"PK\x03\x04 xl/workbook.xml", "a workbook", "trialdeck sheet import"),
        (b'{"FullStudiesResponse": {}}', "old API", "API v2"),
        (b"<clinical_study rank='1'><id_info/></clinical_study>", "XML of the registry", "API v2"),
        (b"<?xml version='1.0'?>\n<other/>", "neither a PubMed citation nor a page", ".nbib"),
        (b'{"protocolSection": {"identif', "begins like JSON", "API v2"),
        (b'{"format": 1, "id": "dawn-1", "title": "X"}', "neither a study", "ids are made"),
        (b'{"a": 1}', "neither a study", "API v2"),
        (b"[" * 100_000 + b"]" * 100_000, None, None),
        (b'{"a":' * 100_000, "nested too deeply", "JSON"),
        (b"#separator:tab\n#html:true\nq\ta\n", "Anki's export", "a map says"),
        (b"trial,id,question\na,b,c\nd,e,f\n", "a table", "trialdeck sheet import"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "with a password", "without a password"),
        (b"{\\rtf1 Results}", "rich text", ".docx"),
        (b"MIME-Version: 1.0\n\n<html>", "MHTML", "HTML only"),
        ("# DAWN-1\n## Results".encode("utf-16-le"), "UTF-16 without its mark", "UTF-8"),
        (b"# a comment\nformat: 1\nid: dawn-1\ntitle: X\n", "a record already", "trialdeck check"),
        (b"", "the file is empty", "name a file"),
        (b" \n\n", "the file is empty", "name a file"),
    ],
)  # fmt: skip
def test_what_is_no_source_material_is_refused_with_what_to_do(
    content: bytes, message: str | None, hint: str | None
) -> None:
    if message is None or hint is None:
        assert read_material(content, "x").page is not None
        return
    with pytest.raises(TrialdeckError) as error:
        read_material(content, "page.txt")
    assert message in error.value.message
    assert hint in error.value.hint


@pytest.mark.parametrize(
    "content", [b"A trial\n\nSummary\nIt works, well, and so on.", b"<html><p>x</p></html>", b"[1] A footnote"]
)
def test_anything_else_is_a_page(content: bytes) -> None:
    assert read_material(content, "NCT01234567.json").page == content


@given(st.binary())
def test_any_bytes_are_material_or_refused(content: bytes) -> None:
    try:
        hint = read_material(content, "x").name
    except TrialdeckError as error:
        hint = error.hint
    assert hint


PAPER = (
    f"PMID- 7\nTI  - A paper.\nAU  - Doe J\nSI  - ClinicalTrials.gov/{NCT}\nAID - 10.1234/abc [doi]\nSO  - J. 2020.\n"
)
PAGE = "Dawnol for Disease\nSource: J 2020. doi:10.1234/abc\nKey Findings\nRelapse came later.\n"


def records(*contents: bytes | str) -> list[str]:
    materials = [read_material(part if isinstance(part, bytes) else part.encode(), f"file {place}")
                 for place, part in enumerate(contents)]  # fmt: skip
    return [drafted.draft.text for drafted in drafts_of(materials)]


def test_registry_and_citation_of_one_trial_make_one_record() -> None:
    (text,) = records(as_file(study()), PAPER)
    assert "title: A paper\n" in text
    assert "doi: 10.1234/abc\n" in text
    assert "# Registry: Dawnol in Disease" in text


def test_the_result_of_the_registry_is_chosen_among_publications_and_the_others_are_listed() -> None:
    references = {"references": [{"pmid": "7", "type": "RESULT"}]}
    other = PAPER.replace("PMID- 7", "PMID- 8").replace("A paper", "Its design")
    materials = [read_material(part, str(place)) for place, part in
                 enumerate([other.encode(), PAPER.encode(), as_file(study(referencesModule=references))])]  # fmt: skip
    (drafted,) = drafts_of(materials)
    assert "title: A paper\n" in drafted.draft.text
    assert any("another publication" in part.message for part in drafted.draft.not_taken)


def test_page_and_citation_are_known_by_doi() -> None:
    (text,) = records(PAGE, PAPER)
    assert f"registry: {NCT}\n" in text


def test_files_of_several_trials_make_several_records_and_a_study_twice_is_one() -> None:
    assert len(records(as_file(study()), as_file(study(nct="NCT07654321")), PAGE)) == 3
    assert len(records(as_file(study()), as_file({"study": study()}))) == 1


NOTES = f"""\
---
tags: [example-disease]
---
# Dawnol for Disease

J 2031;1:2. {NCT}

## Population

Adults

## Design

Twelve centres

## Bottom Line

It *works*.

## Dosing in the Clinic

Ten.
"""


def test_registry_and_notes_of_one_trial_make_one_record() -> None:
    materials = [read_material(as_file(study()), "a.json"), read_material(NOTES.encode(), "notes.md")]
    (drafted,) = drafts_of(materials)
    record = load_record_text(drafted.draft.text.encode(), "draft")
    assert [problem for problem in record.problems if problem.severity is Severity.ERROR] == []
    assert record.document is not None
    data = record.document.data
    assert (data["summary"], data["population"], data["topics"]) == ("It *works*.", "Adults", ["example-disease"])
    assert (data["source"]["citation"], data["source"]["registry"]) == (f"J 2031;1:2. {NCT}", NCT)
    assert data["design"][-1]["text"] == "Twelve centres"
    assert "# notes.md: Dawnol for Disease" in drafted.draft.text
    listed = [notice.place for notice in drafted.draft.not_taken if notice.place.startswith("notes.md")]
    assert listed == ["notes.md, line 20", "notes.md, line 22"]
    assert drafted.names == ("a.json", "notes.md")


def test_notes_of_another_trial_are_another_record() -> None:
    assert len(records(as_file(study()), NOTES.replace(NCT, "NCT07654321"))) == 2


@pytest.mark.parametrize("others", [[], [as_file(study(nct="NCT07654321"))]])
def test_a_citation_without_its_trial_is_refused(others: list[bytes]) -> None:
    with pytest.raises(TrialdeckError) as error:
        records(*others, PAPER)
    assert error.value.hint


def test_numbers_in_the_text_of_a_page_are_lifted_and_marked() -> None:
    page = b"Dawnol for Disease\nKey Findings\nRelapse came later (NCT01234567; PMID: 12345678).\n"
    (drafted,) = drafts_of([read_material(page, "page.txt")])
    assert "registry: NCT01234567\n" in drafted.draft.text
    assert "url: https://pubmed.ncbi.nlm.nih.gov/12345678/\n" in drafted.draft.text
    assert "# inferred: NCT01234567 stands in line 3 of the page." in drafted.draft.text
    assert drafted.draft.balance == "3 of 3 lines placed; 2 inferred (registry, url); 0 not taken"


def test_two_numbers_of_a_kind_are_nobodys() -> None:
    (text,) = records("Dawnol for Disease\nKey Findings\nAs in NCT01234567.\nAnd NCT07654321.\n")
    assert "source:" not in text


def test_csl_needs_a_title() -> None:
    with pytest.raises(TrialdeckError):
        read_material(json.dumps({"DOI": "10.1234/abc"}).encode(), "x")


def test_a_study_that_says_nothing_does_not_stop_the_others() -> None:
    empty = {"protocolSection": {"identificationModule": {"nctId": "NCT00000002", "briefTitle": "Nothing"}}}
    materials = [read_material(as_file({"studies": [empty, study()]}), "search.json")]
    faults: list[TrialdeckError] = []
    (made,) = drafts_of(materials, faults=faults)
    assert made.draft.text
    (fault,) = faults
    assert fault.message == "search.json, NCT00000002: the study has nothing to ask about"
    with pytest.raises(TrialdeckError, match=r"^search\.json, NCT00000002: "):
        drafts_of(materials)


@pytest.mark.parametrize("opening", ["```json\n", "```JSON\n", "```\n", "```json "])
def test_a_study_in_a_fence_is_a_study(opening: str) -> None:
    fenced = opening.encode() + as_file(study()) + b"\n```\n"
    assert [found.nct for found in read_material(fenced, "x").studies] == [NCT]
