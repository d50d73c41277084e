"""Recognise headings, labels and page furniture among the lines of a trial page."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from trialdeck.records.sections import LIST_SECTIONS, TEXT_SECTIONS

GUIDED, SCHOLARLY = "guided", "scholarly"
"""The two blocks of questions on a page; a record has one list of them."""
QUESTIONS, RELATED, TAKEAWAYS = "questions", "related_trials", "takeaways"
"""The properties of a record that hold what stands below the other headings."""

HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        # The abstract is the summary, and has no heading on a page.
        **{part.heading.casefold(): part.property for part in (*TEXT_SECTIONS[1:], *LIST_SECTIONS)},
        "guided discussion": GUIDED,
        "scholarly review": SCHOLARLY,
        "clinical landscape": RELATED,
        "noteworthy related trials": RELATED,
        "tailored to your role": TAKEAWAYS,
    }
)
"""The headings of a page, and the part that starts below each."""

LABELS = ("tested", "population", "comparator", "endpoint")
"""The labels of a related trial, in the order of the page."""

_FURNITURE = frozenset(
    {
        "view publication",
        "personalize this analysis",
        "want this tailored to you",
        "add your specialty or training stage to get role specific takeaways and more questions",
        "high yield insights from every perspective",
        "critical appraisal through the lens of expert reviewers and guideline development",
    }
)
_WORD = re.compile(r"[^\W_]+")
_LONGEST_NAME = 200
_JOINERS = re.compile("[\u200c\u200d\ufffd]")
_LABELLED = re.compile(rf"[*_]*({'|'.join(LABELS)})[*_ ]*[:：][*_]*\s*(.*)", re.IGNORECASE)
_KEY_RESPONSE = re.compile(r"[*_]*Key Response[*_ ]*:[*_]*\s*(\S.*)")


def name_of(text: str) -> str:
    """Return a line as headings are compared: without Markdown marks and colon, in small letters."""
    return " ".join(_JOINERS.sub(" ", text[:_LONGEST_NAME]).strip(" #*_:：").casefold().split())


def is_furniture(text: str) -> bool:
    """Whether a line belongs to the web page and not to the trial; it is known by its words alone."""
    return len(text) <= _LONGEST_NAME and " ".join(_WORD.findall(text.casefold())) in _FURNITURE


def heading_of(text: str) -> str | None:
    """Return the part of the page that starts below this line, if it is a heading."""
    return HEADINGS.get(name_of(text)) if len(text) <= _LONGEST_NAME else None


def label_of(text: str) -> tuple[str, str] | None:
    """Return the label of a related trial that a line is, and what stands behind it on the same line."""
    if name_of(text) in LABELS:
        return name_of(text), ""
    found = _LABELLED.fullmatch(text)
    return (found[1].lower(), found[2].strip()) if found else None


def key_response(text: str) -> str | None:
    """Return what stands behind `Key Response` on a line that is this mark, or nothing if it is not."""
    if name_of(text) == "key response":
        return ""
    found = _KEY_RESPONSE.fullmatch(text)
    return found[1] if found else None


def bare(text: str) -> str:
    """Return a heading without the marks that make it one in Markdown."""
    return text.strip("#* ").strip("_") or text
