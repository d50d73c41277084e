"""Citations of every format give the same publication; one alone goes into a record that exists."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.citations.citation import Citation
from trialdeck.drafts.citations.into_record import with_source
from trialdeck.drafts.kinds import read_material

NBIB = """PMID- 12345678
OWN - NLM
DP  - 2020 Dec 3
TI  - Effect of Dawnol on Relapse
      in Disease.
PG  - 2219-2229
LID - 10.1056/NEJMoa1234567 [doi]
FAU - Doe, Jane
AU  - Doe J
AU  - Roe R
TA  - N Engl J Med
SI  - ClinicalTrials.gov/NCT01234567
VI  - 383
IP  - 23
AID - 10.1056/NEJMoa1234567 [doi]
SO  - N Engl J Med. 2020 Dec 3;383(23):2219-2229. doi: 10.1056/NEJMoa1234567.
"""
XML = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/pubmed.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">12345678</PMID><Article>
<Journal><JournalIssue><Volume>383</Volume><Issue>23</Issue><PubDate><Year>2020</Year></PubDate></JournalIssue>
<ISOAbbreviation>N Engl J Med</ISOAbbreviation></Journal>
<ArticleTitle>Effect of <i>Dawnol</i> on Relapse in Disease.</ArticleTitle>
<Pagination><MedlinePgn>2219-2229</MedlinePgn></Pagination>
<ELocationID EIdType="doi">10.1056/NEJMoa1234567</ELocationID>
<AuthorList><Author><LastName>Doe</LastName><Initials>J</Initials></Author>
<Author><LastName>Roe</LastName><Initials>R</Initials></Author></AuthorList>
<DataBankList><DataBank><AccessionNumberList><AccessionNumber>NCT01234567</AccessionNumber></AccessionNumberList>
</DataBank></DataBankList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>
"""
RIS = """TY  - JOUR
TI  - Effect of Dawnol on Relapse in Disease
AU  - Doe J
AU  - Roe R
T2  - N Engl J Med
PY  - 2020
VL  - 383
IS  - 23
SP  - 2219
EP  - 2229
DO  - 10.1056/NEJMoa1234567
N1  - ClinicalTrials.gov NCT01234567
ER  -
"""
CSL = json.dumps([{
    "type": "article-journal", "title": "Effect of Dawnol on Relapse in Disease", "container-title": "N Engl J Med",
    "author": [{"family": "Doe", "given": "Jane"}, {"family": "Roe", "given": "Richard"}], "volume": "383",
    "issue": "23",
    "page": "2219-2229", "issued": {"date-parts": [[2020, 12, 3]]}, "DOI": "10.1056/NEJMoa1234567",
    "note": "NCT01234567", "PMID": "12345678",
}])  # fmt: skip
BIBTEX = r"""@article{doe2020,
  title = {Effect of {Dawnol} on Relapse in Disease},
  author = {Doe, Jane and Richard Roe},
  journal = {N Engl J Med}, year = {2020}, volume = {383}, number = {23}, pages = {2219--2229},
  doi = {https://doi.org/10.1056/NEJMoa1234567}, note = {NCT01234567},
}
"""


def only(text: str) -> Citation:
    (citation,) = read_material(text.encode(), "paper").citations
    return citation


@pytest.mark.parametrize("text", [NBIB, XML, RIS, CSL, BIBTEX], ids=["nbib", "xml", "ris", "csl", "bibtex"])
def test_every_format_gives_the_same_publication(text: str) -> None:
    citation = only(text)
    assert citation.title == "Effect of Dawnol on Relapse in Disease"
    assert citation.authors == ("Doe J", "Roe R")
    assert citation.doi == "10.1056/NEJMoa1234567"
    assert citation.registry == ("NCT01234567",)
    assert citation.text.startswith("Doe J, Roe R. N Engl J Med")
    assert "2020" in citation.text
    assert "383(23):2219-2229" in citation.text


def test_the_finished_citation_of_pubmed_is_used() -> None:
    said = "Doe J, Roe R. N Engl J Med. 2020 Dec 3;383(23):2219-2229. doi: 10.1056/NEJMoa1234567."
    assert only(NBIB).text == said
    assert only(NBIB).unused == ("OWN",)


@pytest.mark.parametrize("more", ["@article{b, title={x}", "@article{doe2020, title={The same key}}"])
def test_a_broken_entry_beside_a_good_one_is_not_passed_over(more: str) -> None:
    with pytest.raises(TrialdeckError, match="BibTeX entry in line 7"):
        only(f"{BIBTEX}{more}")


def test_letters_of_latex_are_read() -> None:
    assert only(r"@article{a, title={On {\"o} and {\'e}}, author={M{\"u}ller, Ana}}").authors == ("Müller A",)


def test_many_authors_are_et_al() -> None:
    assert Citation(authors=("A B", "C D", "E F", "G H")).text == "A B, C D, E F, et al."


def test_without_a_doi_pubmed_is_the_address() -> None:
    assert Citation(pmid="12345678").source == {"url": "https://pubmed.ncbi.nlm.nih.gov/12345678/"}


def test_several_citations_of_a_file_are_all_read() -> None:
    assert len(read_material(f"{NBIB}\n{NBIB}".encode(), "x").citations) == 2


@pytest.mark.parametrize(
    "text",
    ["<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><PubmedArticleSet>&a;</PubmedArticleSet>",
     "<PubmedArticleSet><x>",
     "<PubmedArticleSet></PubmedArticleSet>", "TY  - JOUR\n", "@article{", "@comment{x}"],
)  # fmt: skip
def test_a_broken_file_of_citations_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(TrialdeckError) as error:
        read_material(text.encode(), "x")
    assert "export the citation" in error.value.hint


@given(
    st.sampled_from(["PMID- 1\n", "TY  - JOUR\n", "@article{a,\n", "<PubmedArticleSet>", '[{"title": "x", "DOI": ']),
    st.text(),
)
def test_any_text_behind_the_first_mark_is_read_or_refused(mark: str, text: str) -> None:
    try:
        material = read_material((mark + text).encode("utf-8", "replace"), "x")
        said = bool(material.citations) or material.page is not None
    except TrialdeckError as error:
        said = bool(error.hint)
    assert said


RECORD = b"format: 1\nid: dawn-1\ntitle: Dawnol  # mine\nsource:\n  registry: NCT01234567\ntested: Dawnol\n"


def test_a_citation_fills_what_the_source_of_a_record_lacks() -> None:
    change = with_source(RECORD, "x.yaml", only(NBIB))
    assert b"title: Dawnol  # mine\n" in change.content
    assert b"doi: 10.1056/NEJMoa1234567\n" in change.content
    assert [message.partition(" is now ")[0] for message in change.messages] == ["source.citation", "source.doi"]
    assert with_source(change.content, "x.yaml", only(NBIB)).messages == ()


def test_a_record_without_a_source_gets_one_and_what_stands_stays() -> None:
    without = RECORD.replace(b"source:\n  registry: NCT01234567\n", b"")
    assert b"registry: NCT01234567" in with_source(without, "x.yaml", only(NBIB)).content
    told = with_source(RECORD.replace(b"registry: NCT01234567", b"citation: Mine"), "x.yaml", only(NBIB))
    assert b"citation: Mine\n" in told.content
    assert any(message.startswith("source.citation stays 'Mine'") for message in told.messages)


@pytest.mark.parametrize("said", [b"registry: NCT09999999", b"doi: 10.1056/other"])
def test_a_citation_of_another_trial_is_refused(said: bytes) -> None:
    with pytest.raises(TrialdeckError):
        with_source(RECORD.replace(b"registry: NCT01234567", said), "x.yaml", only(NBIB))


OTHER = "PMID- 7\nTI  - Another trial\nAU  - Poe X\nSO  - J. 2020.\nDP  - 2020\n"


@pytest.mark.parametrize(
    ("said", "paper"),
    [
        (b"citation: Doe J. N Engl J Med. 2020.\n  doi: 10.1056/NEJMoa1234567", OTHER),
        (b"citation: Doe J. N Engl J Med. 2011.", NBIB),
    ],
)
def test_a_record_never_gets_the_address_of_another_publication(said: bytes, paper: str) -> None:
    with pytest.raises(TrialdeckError, match=r"^x\.yaml cites '.*', and this is '"):
        with_source(RECORD.replace(b"registry: NCT01234567", said), "x.yaml", only(paper))


@pytest.mark.parametrize(
    "said",
    [b"citation: Doe J. N Engl J Med. 2020.", b"citation: J. 2011.\n  registry: NCT01234567", b"citation: Mine"],
)
def test_the_same_publication_in_other_words_fills_the_source(said: bytes) -> None:
    change = with_source(RECORD.replace(b"registry: NCT01234567", said), "x.yaml", only(NBIB))
    assert b"doi: 10.1056/NEJMoa1234567\n" in change.content
