"""Recognise headings, labels and page furniture among the lines of a trial page."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from trialdeck.drafts.lines import PageLine
from trialdeck.records import sections
from trialdeck.records.model import STATEMENT_PARTS
from trialdeck.records.sections import LIST_SECTIONS, RELATED_TRIALS, TEXT_SECTIONS

GUIDED, SCHOLARLY = "guided", "scholarly"
"""The two blocks of questions on a page; a record has one list of them."""
QUESTIONS, RELATED, TAKEAWAYS = sections.QUESTIONS.property, RELATED_TRIALS.property, sections.TAKEAWAYS.property
"""The properties of a record for the text below the other headings."""

HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        # The first section is the summary, the abstract of a page, which has no heading.
        **{part.heading.casefold(): part.property for part in (*TEXT_SECTIONS[1:], *LIST_SECTIONS)},
        sections.GUIDED.heading.casefold(): GUIDED,
        sections.SCHOLARLY.heading.casefold(): SCHOLARLY,
        RELATED_TRIALS.heading.casefold(): RELATED,
        "noteworthy related trials": RELATED,
        sections.TAKEAWAYS.heading.casefold(): TAKEAWAYS,
    }
)
"""The headings of a page, and the part that starts below each."""

LABELS = STATEMENT_PARTS
"""The labels of a related trial, in the order of the page."""

_LAST_FURNITURE = "personalize this analysis"
_FURNITURE = frozenset(
    {
        "view publication",
        _LAST_FURNITURE,
        "want this tailored to you",
        "add your specialty or training stage to get role specific takeaways and more questions",
        "high yield insights from every perspective",
        "critical appraisal through the lens of expert reviewers and guideline development",
    }
)
_WORD = re.compile(r"[^\W_]+")
_LONGEST_NAME = 200
_JOINERS = re.compile("[\u200c\u200d\ufffd]")
_LONGEST_HEADING = 120
_MARKED = re.compile(r"## +\S.*|\*\*[^*]+\*\*[:：]?")
_SENTENCE_ENDS = (".", "!", ";", ",", "…")
_CAPITAL_WORD = re.compile(r"[A-Z][A-Za-z'’&/-]*")
_SMALL_WORDS = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "v", "vs", "with", "&"]
)
_LEAST_WORDS, _MOST_WORDS = 2, 8
_TRIAL = re.compile(r".*\b(?:trial|study)(?: \([^()]*\))?", re.IGNORECASE)
_LABELLED = re.compile(rf"[*_]*({'|'.join(LABELS)})[*_ ]*[:：][*_]*\s*(.*)", re.IGNORECASE)
_KEY_RESPONSE = re.compile(r"[*_]*Key Response[*_ ]*:[*_]*\s*(\S.*)")


def name_of(text: str) -> str:
    """Return a line in the form in which headings are compared: without Markdown marks and colon, in lower case."""
    return " ".join(_JOINERS.sub(" ", text[:_LONGEST_NAME]).strip(" #*_:：").casefold().split())


def is_furniture(text: str) -> bool:
    """Whether a line belongs to the web page and not to the trial, judged by its words alone."""
    return len(text) <= _LONGEST_NAME and " ".join(_WORD.findall(text.casefold())) in _FURNITURE


def is_last_furniture(text: str) -> bool:
    """Whether a line is the last one of the web page: what stands below it is no part of the trial."""
    return len(text) <= _LONGEST_NAME and " ".join(_WORD.findall(text.casefold())) == _LAST_FURNITURE


def heading_of(text: str) -> str | None:
    """Return the part of the page that starts below this line; `None` if the line is no heading."""
    return HEADINGS.get(name_of(text)) if len(text) <= _LONGEST_NAME else None


def label_of(text: str) -> tuple[str, str] | None:
    """Return the label of a related trial that starts a line, and the text after it; `None` if there is no label."""
    if name_of(text) in LABELS:
        return name_of(text), ""
    match = _LABELLED.fullmatch(text)
    return (match[1].lower(), match[2].strip()) if match else None


def key_response(text: str) -> str | None:
    """Return the text after the mark `Key Response`; `None` if the line does not start with the mark."""
    if name_of(text) == "key response":
        return ""
    match = _KEY_RESPONSE.fullmatch(text)
    return match[1] if match else None


def bare(text: str) -> str:
    """Return a heading without the marks that make it one in Markdown."""
    return text.strip("#* ").strip("_") or text


def is_unknown_heading(line: PageLine, part: str, above: PageLine | None, below: PageLine | None) -> bool:
    """Tell whether a line, which is no known heading, ends the part that it stands in.

    A heading has the marks of one (`##`, `**…**`, `<h2>`), or is a line in title case that nothing explains: no value
    of a label, no response, no point among others in title case, no name of a related trial.

    Args:
        line: The line.
        part: The part of the page that it stands in.
        above: The line before it; None where the part begins with this line.
        below: The line behind it.
    """
    text = line.text
    if len(text) > _LONGEST_HEADING or bare(text).endswith(_SENTENCE_ENDS) or _is_of_part(text, part, below):
        return False
    if line.is_heading or _MARKED.fullmatch(text):
        return True
    if not above or _is_mark(above.text) or is_title_case(above.text):
        return False
    return is_title_case(text)


def _is_of_part(text: str, part: str, below: PageLine | None) -> bool:
    """Tell whether a line is a question of its block, or a label or a name among related trials."""
    if key_response(text) is not None or _names_label(text):
        return True
    if part == RELATED:
        return bool(_TRIAL.fullmatch(bare(text))) or bool(below and label_of(below.text))
    is_asked = bare(text).endswith("?") or bool(below and key_response(below.text) is not None)
    return part in (GUIDED, SCHOLARLY) and is_asked


def _is_mark(text: str) -> bool:
    return _names_label(text) or key_response(text) == ""


def _names_label(text: str) -> bool:
    return name_of(text) in LABELS


def is_title_case(text: str) -> bool:
    """Tell whether a line is a few words in title case, as headings are."""
    words = text.split()
    if not _LEAST_WORDS <= len(words) <= _MOST_WORDS or words[0] in _SMALL_WORDS:
        return False
    capital = [word for word in words if word not in _SMALL_WORDS]
    return all(map(_CAPITAL_WORD.fullmatch, capital)) and sum(not word.isupper() for word in capital) >= _LEAST_WORDS
