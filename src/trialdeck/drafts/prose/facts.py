"""What notes say of the trial itself: its title, name, source and topics."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.drafts.identifiers import with_identifiers
from trialdeck.drafts.lines import Notice, PageLine
from trialdeck.drafts.prose.pieces import Fact, Unit
from trialdeck.drafts.prose.sorter import Entry
from trialdeck.drafts.prose.written import line_of_markdown
from trialdeck.drafts.source import bare_doi, doi_of, make_source, registry_of
from trialdeck.markdown.html.seen import Block, lines_of
from trialdeck.markdown.render import escape_markdown
from trialdeck.records.model import Source
from trialdeck.records.slugs import name_slug

_TITLES = frozenset({"title"})
_ACRONYMS = frozenset({"acronym", "trial", "trial name", "short title", "short_title"})
_CITATIONS = frozenset({"citation", "reference", "source"})
_TOPICS = frozenset({"tags", "topics", "keywords", "tag", "topic"})
_NUMBERS = frozenset({"nct", "registry", "registration", "nct_id", "nctid", "trial_registration", "clinicaltrials"})
_PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
_AROUND_NUMBERS = (
    "https://doi.org/", "http://dx.doi.org/", "https://clinicaltrials.gov/", "show/", "study/", "doi", "DOI", "PMID",
    "PubMed", "ClinicalTrials.gov", "http://", "https://", "www.", "number", "ct2",
)  # fmt: skip
"""What stands around a number in the text, and says nothing more."""


class Facts(msgspec.Struct):
    """Front matter, sorted; `left` are the lines of what has no place in a record."""

    title: str = ""
    acronym: str = ""
    topics: tuple[str, ...] = ()
    source: Source = Source()
    left: list[Unit] = msgspec.field(default_factory=list)


def facts_of(facts: Iterable[Fact]) -> Facts:
    """Return what front matter says of a trial, as a record has it."""
    known = Facts()
    for fact in facts:
        if not _take(known, fact.name.casefold(), fact.values):
            known.left += fact.units
    return known


def _take(known: Facts, name: str, values: tuple[str, ...]) -> bool:
    text = " ".join(values)
    if not text:
        return False
    if name in _TITLES and not known.title:
        known.title = escape_markdown(text)
    elif name in _ACRONYMS and not known.acronym and len(text) <= 40:
        known.acronym = text
    elif name in _TOPICS and not known.topics and all(map(name_slug, values)):
        words = values if len(values) > 1 else tuple(filter(str.strip, text.replace(";", ",").split(",")))
        known.topics = tuple(dict.fromkeys(filter(None, map(name_slug, words))))
    else:
        return _take_source(known, name, text)
    return True


def _take_source(known: Facts, name: str, text: str) -> bool:
    source = known.source
    doi, registry = doi_of(bare_doi(text)), registry_of(text)
    if name == "doi" and doi and not source.doi:
        known.source = replace(source, doi=doi)
    elif name in _NUMBERS and registry and not source.registry:
        known.source = replace(source, registry=registry)
    elif name == "pmid" and text.isdecimal() and not source.url:
        known.source = replace(source, url=f"{_PUBMED}{text}/")
    elif name in {"url", "link", "source"} and text.startswith(("https://", "http://")) and not source.url:
        known.source = replace(source, doi=source.doi or doi) if doi else replace(source, url=text)
    elif name in _CITATIONS and not source.citation:
        made = make_source(text, ())
        known.source = replace(source, citation=escape_markdown(text), doi=source.doi or made.doi)
    else:
        return False
    return True


def source_of(
    begun: Source, citations: Sequence[Entry], pointers: Sequence[Entry], lines: Sequence[PageLine]
) -> tuple[Source, tuple[Notice, ...], list[tuple[Entry, str]]]:
    """Return the source of a trial, what in it was inferred, and what has no place in it, with the reason.

    Args:
        begun: What front matter says.
        citations: The publications that are named.
        pointers: Numbers and addresses behind their labels.
        lines: All lines that may name the trial; what they name once is taken.
    """
    source = begun
    left = [(entry, "no place in the source of a record") for entry in pointers]
    for entry in citations:
        if source.citation:
            left.append((entry, "a second source"))
            continue
        made = make_source(_text(entry.blocks), _links(entry.blocks))
        source = Source(
            line_of_markdown(entry.blocks),
            source.doi or made.doi,
            source.registry or made.registry,
            source.url or made.url,
        )
    found, inferred = with_identifiers(source, lines)
    return found, inferred, [(entry, reason) for entry, reason in left if not _stands_in(entry, found)]


def page_lines(entries: Iterable[Entry]) -> Iterator[PageLine]:
    """Yield the lines of entries as text, with the addresses of their links."""
    for entry in entries:
        number = entry.units[0].number if entry.units else 1
        for line in lines_of(entry.blocks):
            links = " ".join(run.link for run in line if run.link)
            yield PageLine(number, f"{_text_of(line)} {links}".strip())


def _stands_in(entry: Entry, source: Source) -> bool:
    """Tell whether a source says all that a line names, so that nothing is lost without it."""
    text = " ".join([_text(entry.blocks), *_links(entry.blocks)])
    rest = text
    parts = (source.doi, source.registry, source.url, source.url.removeprefix(_PUBMED).strip("/"), source.citation)
    for part in filter(None, parts):
        rest = rest.replace(part, " ")
    for words in _AROUND_NUMBERS:
        rest = rest.replace(words, " ")
    return rest != text and not any(map(str.isalnum, rest))


def _links(blocks: Sequence[Block]) -> list[str]:
    return [run.link for line in lines_of(blocks) for run in line if run.link]


def _text(blocks: Sequence[Block]) -> str:
    return " ".join(map(_text_of, lines_of(blocks)))


def _text_of(line: Iterable[object]) -> str:
    return "".join(getattr(run, "text", "") for run in line)
