"""Read PubMed XML."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.citations.citation import (
    Citation,
    doi_in,
    numbers_in,
    pages_in,
    pmid_in,
    tidy,
    without_point,
    year_in,
)

_HOLDERS = ("./MedlineCitation/*", "./MedlineCitation/Article/*")
_TAKEN = frozenset({"PMID", "Article", "ArticleTitle", "AuthorList", "MedlineJournalInfo", "Journal", "Pagination",
                    "ELocationID", "DataBankList"})  # fmt: skip
_ARTICLE = "PubmedArticle"


def read_pubmed_xml(content: bytes) -> list[Citation]:
    """Return the citations of a file; raises TrialdeckError if it is not XML."""
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise TrialdeckError(f"the XML cannot be read: {error}", "export the citation from PubMed again") from error
    return [_citation(article) for article in root.iter(_ARTICLE)]


def _citation(article: Element) -> Citation:
    pages = _text(article, ".//Pagination/MedlinePgn")
    return Citation(
        title=without_point(_text(article, ".//ArticleTitle")),
        authors=tuple(filter(None, map(_author, article.iterfind(".//AuthorList/Author")))),
        journal=_text(article, ".//MedlineTA")
        or _text(article, ".//Journal/ISOAbbreviation")
        or _text(article, ".//Journal/Title"),
        year=year_in(_text(article, ".//JournalIssue/PubDate")),
        where=pages_in(_text(article, ".//JournalIssue/Volume"), _text(article, ".//JournalIssue/Issue"), pages),
        doi=_doi(article),
        pmid=pmid_in(_text(article, "./MedlineCitation/PMID")),
        registry=numbers_in(*(number.text for number in article.iterfind(".//DataBankList//AccessionNumber"))),
        unused=tuple(sorted({part.tag for path in _HOLDERS for part in article.iterfind(path)} - _TAKEN)),
    )


def _doi(article: Element) -> str:
    paths = (".//Article/ELocationID[@EIdType='doi']", "./PubmedData/ArticleIdList/ArticleId[@IdType='doi']")
    return next(filter(None, (doi_in(_text(article, path)) for path in paths)), "")


def _author(author: Element) -> str:
    return _text(author, "CollectiveName") or f"{_text(author, 'LastName')} {_text(author, 'Initials')}".strip()


def _text(node: Element, path: str) -> str:
    found = node.find(path)
    return tidy(" ".join(found.itertext())) if found is not None else ""
