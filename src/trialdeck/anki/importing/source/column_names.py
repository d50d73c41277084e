"""Know by its name what a field or column holds: the trial, a part of its source, a section, a question, an answer."""

from collections.abc import Mapping, Sequence

from trialdeck.markdown.plain_text import readable

ROLES: Mapping[str, frozenset[str]] = {
    "trial": frozenset({"trial", "trial name", "study", "study name", "studies"}),
    "acronym": frozenset({"acronym", "trial acronym", "study acronym"}),
    "title": frozenset({"full title", "paper title", "publication", "study title", "trial title", "full name"}),
    "year": frozenset({"year", "publication year", "year published", "published", "date published"}),
    "source_url": frozenset({"url", "link", "source url", "website", "web address", "pubmed", "pubmed link"}),
    "citation": frozenset({"citation", "reference", "references", "source", "ref", "paper"}),
    "doi": frozenset({"doi"}),
    "registry": frozenset({"nct", "nct number", "registry", "registry number", "registration", "trial registration"}),
}
"""What a field of this name says of the source of a note."""
SECTIONS: Mapping[str, frozenset[str]] = {
    "tested": frozenset({"intervention", "interventions", "treatment", "tested", "drug"}),
    "population": frozenset({"population", "patients", "participants", "inclusion", "inclusion criteria"}),
    "comparator": frozenset({"comparator", "control", "comparison", "controls"}),
    "endpoint": frozenset({"primary endpoint", "primary outcome", "endpoint", "primary end point"}),
    "summary": frozenset({"summary", "abstract", "synopsis"}),
    "significance": frozenset({"significance", "clinical significance", "implications", "impact", "relevance"}),
    "history": frozenset({"background", "history", "context", "rationale"}),
    "key_findings": frozenset({"key findings", "findings", "results", "key results", "secondary outcomes"}),
    "design": frozenset({"design", "methods", "study design", "method"}),
    "limitations": frozenset({"limitations", "limitation", "criticism", "criticisms", "weaknesses", "caveats"}),
}
"""Which section a field of this name holds, where each note is about a trial of its own."""
QUESTIONS = frozenset({"question", "front", "prompt", "ask", "q", "primary outcome", "primary endpoint"})
ANSWERS = frozenset({"response", "answer", "back", "a", "solution", "explanation"})
"""What a field of this name asks, and what one answers."""


def names_columns(names: Sequence[str]) -> bool:
    """Tell whether at least two texts are usual names of fields, so that a first row of them is a head."""
    known = QUESTIONS | ANSWERS | {name for part in (ROLES, SECTIONS) for names in part.values() for name in names}
    return sum(plain_name(name) in known for name in names) > 1


def plain_name(name: str) -> str:
    """Return the name of a field as words in small letters: `TRIAL_NAME` is `trial name`."""
    return readable(name.replace("_", " ").replace("-", " ")).casefold()
