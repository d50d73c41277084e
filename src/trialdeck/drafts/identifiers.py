"""Find the DOI, registry number and PubMed number that a page names outside its source, if it names exactly one."""

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from trialdeck.drafts.lines import Notice, PageLine
from trialdeck.drafts.source import doi_of, registry_of
from trialdeck.records.model import Source

_PMID = re.compile(r"\bPMID:? {0,2}([0-9]{5,9})\b", re.IGNORECASE)
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"


def with_identifiers(source: Source, lines: Iterable[PageLine]) -> tuple[Source, tuple[Notice, ...]]:
    """Return a source with what it lacks and the text names once, and a notice for each part that was found so."""
    found: dict[str, dict[str, int]] = {"doi": {}, "registry": {}, "url": {}}
    for line in lines:
        for name, value in _named(line):
            found[name].setdefault(value, line.number)
    if source.doi or found["doi"]:
        # Whoever has the DOI needs no second address.
        found["url"] = {}
    lifted = {name: values for name, values in found.items() if len(values) == 1 and not getattr(source, name)}
    parts = {name: next(iter(values)) for name, values in lifted.items()}
    notices = tuple(
        Notice(number, f"{name}: found in the text, and taken for the source of this trial", value)
        for name, values in lifted.items()
        for value, number in values.items()
    )
    return replace(source, **parts), notices


def _named(line: PageLine) -> Iterable[tuple[str, str]]:
    words: Mapping[str, str] = {"doi": doi_of(line.text), "registry": registry_of(line.text)}
    yield from ((name, value) for name, value in words.items() if value)
    match = _PMID.search(line.text)
    if match:
        yield "url", f"{PUBMED}{match[1]}/"
