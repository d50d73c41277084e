"""The headings and labels of notes, in the words that people use, and the part of a record below each."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from trialdeck.drafts.headings import HEADINGS, QUESTIONS, RELATED, TAKEAWAYS

TITLE, ACRONYM, CITATION, POINTER = "title", "acronym", "citation", "pointer"
"""Labels of what a trial is: its title and name, its publication, and a number or an address alone."""
CLINICAL_QUESTION, PICO, LEFT, UNKNOWN = "clinical question", "pico", "left", "unknown"
"""A question that the summary answers; a heading above four labels; what is never taken; a heading nobody knows."""
QUESTION, ANSWER = "question", "answer"
"""The marks `Question` and `Answer`, on a line of their own or before a text."""
STATEMENT = ("tested", "population", "comparator", "endpoint")
"""The properties of a record that are one line."""

_MOST_WORDS = 6
_WORD = re.compile(r"[^\W_]+")


class Part(msgspec.Struct, frozen=True):
    """What stands below a heading.

    `property` is that of the record, or a word of this module. `keeps_name` means that a text needs its heading to be
    understood: `Exclusion criteria: pregnancy`. `reason` says why a part is not taken.
    """

    property: str
    keeps_name: bool = False
    reason: str = ""


_NAMES: Mapping[str, str] = {
    "summary": """
    bottom line; conclusion; conclusions; author conclusion; author conclusions; authors conclusion; authors
    conclusions; take home; take home message; take home point; take home points; summary; tl dr; tldr;
    abstract; overview; in brief; in a nutshell; synopsis; executive summary; interpretation; one liner;
    clinical bottom line; bottom line summary; conclusions and relevance; conclusion and relevance; conclusions
    and implications; final thoughts; concluding remarks; plain language summary; brief summary
    """,
    "history": """
    background; rationale; clinical context; context; introduction; historical context; history; importance;
    background and rationale; rationale and background; background and context; background and aims; why was
    this trial done; what was known before; prior evidence; previous evidence
    """,
    "significance": """
    clinical implications; clinical implication; implications; guidelines; clinical significance; significance;
    practice implications; implications for practice; clinical practice; impact; clinical impact; clinical
    relevance; clinical application; clinical applications; why it matters; why this matters; impact on
    practice; relevance; guideline; guideline recommendations; applicability; clinical applicability
    """,
    "design": """
    design; methods; method; methodology; setting; methods and design; design and methods; materials and
    methods; design and setting; setting and design; type; protocol; design setting and participants; design
    setting and patients; setting and participants; patients and methods; design participants and setting; main
    outcomes and measures; main outcome measures; measurements; interventions and main results
    """,
    "population": """
    population; participants; participant; patients; patient population; subjects; who; sample; participant
    population; population studied; patients studied
    """,
    "tested": """
    intervention; interventions; treatment; experimental arm; experimental group; intervention group;
    intervention arm; exposure; treatment arm; treatment group; drug; tested; treatments; experimental treatment
    """,
    "comparator": """
    control; comparator; comparison; control group; control arm; controls; comparators; comparison group;
    comparator arm
    """,
    "endpoint": """
    primary outcome; primary outcomes; primary endpoint; primary endpoints; primary end point; primary end
    points; primary outcome measure; primary outcome measures; endpoint; end point
    """,
    "key_findings": """
    results; result; outcomes; outcome; major points; major point; key findings; key finding; findings; key
    points; highlights; primary results; primary outcome results; primary result; key numbers; outcomes and
    results; results and outcomes; endpoints; end points; what did they find; core finding; core findings; main
    outcomes; primary and secondary outcomes; important results; important findings
    """,
    "limitations": """
    criticisms; criticism; limitations; limitation; weaknesses; weakness; critique; caveats; limitations and
    criticisms; criticisms and limitations; potential limitations; limitations of the trial; limitations and
    caveats; cons; potential biases; threats to validity
    """,
    QUESTIONS: """
    questions; discussion questions; q and a; q a; questions and answers; quiz; review questions; self test;
    test yourself; flashcards; cards; questions for discussion; discussion question; anki; anki cards; question
    and answer; board questions; journal club questions
    """,
    TAKEAWAYS: """
    takeaways; take aways; practice points; clinical pearls; pearls; learning points; teaching points; takeaway;
    take away; practice pearls
    """,
    TITLE: """
    title; article title; full title; official title; paper title; title of the article
    """,
    ACRONYM: """
    acronym; short title; trial name; name of trial; study acronym; trial acronym; short name; nickname
    """,
    CITATION: """
    citation; source; reference; full citation; publication; article; paper; full reference; original article;
    primary publication; primary reference; article citation
    """,
    POINTER: """
    doi; pmid; nct; nct number; nct id; registration; trial registration; trial registry; registry;
    clinicaltrials gov; clinical trials gov; registration number; url; link; clinicaltrials gov identifier;
    pubmed; pubmed id; trial number; clinical trial registration; registry number; full text; pdf; trial id
    """,
    CLINICAL_QUESTION: """
    clinical question; research question; the clinical question; the question; key question; pico question;
    clinical questions
    """,
    PICO: """
    pico; picot; picos; pico summary; pico format; pico t; pico analysis
    """,
    QUESTION: """
    question
    """,
    ANSWER: """
    answer; key response; response
    """,
}
_NAMED: Mapping[str, str] = {
    "population": """
    inclusion criteria; exclusion criteria; inclusion; exclusion; eligibility; eligibility criteria; inclusion
    and exclusion criteria; inclusion exclusion criteria; inclusion and exclusion; inclusion exclusion; key
    inclusion criteria; key exclusion criteria; exclusions; inclusions; selection criteria; main inclusion
    criteria; main exclusion criteria
    """,
    "design": """
    randomization; randomisation; blinding; masking; allocation; allocation concealment; follow up; duration of
    follow up; follow up duration; duration; statistical analysis; statistics; statistical methods; sample size;
    analysis; analyses; number of patients; number of participants; enrollment; enrolment; centers; centres;
    sites; objective; objectives; aim; aims; purpose; goal; hypothesis; baseline characteristics; study period;
    dates; enrollment period; location; locations; phase; secondary endpoint definition; power; median follow
    up; mean follow up; n; level of evidence; study sites; country; countries; recruitment; data collection;
    procedures; study type; type of study; study design type; data sources; population size
    """,
    "key_findings": """
    secondary outcomes; secondary outcome; secondary endpoints; secondary endpoint; secondary end points;
    secondary results; adverse events; adverse effects; adverse event; safety; safety outcomes; side effects;
    harms; toxicity; efficacy; efficacy outcomes; subgroup analysis; subgroup analyses; subgroups; tertiary
    outcomes; exploratory outcomes; other outcomes; additional outcomes; safety results; efficacy results;
    complications; serious adverse events; post hoc analysis; post hoc analyses; sensitivity analysis;
    sensitivity analyses; safety endpoints; primary safety outcome; primary efficacy outcome; mortality;
    secondary outcome measures; quality of life; secondary findings; other results; other endpoints; other
    secondary outcomes; tolerability
    """,
}
_NOT_TAKEN = """
    funding; sponsor; sponsors; funding source; funding sources; references; bibliography; further reading;
    disclosures; disclosure; conflict of interest; conflicts of interest; competing interests; acknowledgements;
    acknowledgments; external links; see also; links; resources; comments; abbreviations; glossary; tags;
    authors; author; faq; faqs; frequently asked questions; strengths; strength; copyright; license; appendix;
    table of contents; contents; navigation; share this; footnotes; disclaimer; contact; about; about the
    author; related articles; related posts; suggested reading; additional reading; works cited; journal; year;
    published; publication date; date; first author; lead author; category; categories; keywords; related
    trials; related studies; similar trials; financial disclosures; sources of funding; funding and disclosures;
    supplementary material; supplementary appendix; image credits; credits; sources; leave a comment; leave a
    reply; subscribe; newsletter; presenter; reviewer; backlinks; expert commentary
"""
_MIXED = """
    strengths and limitations; strengths and weaknesses; strengths weaknesses; strengths limitations; pros and
    cons
"""
_LETTERS = {"p": "population", "i": "tested", "c": "comparator", "o": "endpoint"}
_QUALIFIERS = frozenset({"the", "study", "trial", "main", "key", "overall", "brief", "our", "my", "primary", "major"})


def _split(names: str) -> Iterator[str]:
    return (" ".join(name.split()) for name in names.split(";"))


def _table(names: Mapping[str, str], *, keeps_name: bool) -> Iterator[tuple[str, Part]]:
    for property_name, words in names.items():
        yield from ((name, Part(property_name, keeps_name)) for name in _split(words))


def _folded(words: Iterable[str]) -> str:
    return " ".join("and" if word == "&" else word for word in words)


_PARTS: Mapping[str, Part] = MappingProxyType(
    {
        **{
            _folded(_WORD.findall(name)): Part(part)
            for name, part in HEADINGS.items()
            if part not in ("guided", RELATED)
        },
        **dict.fromkeys(("guided discussion", "scholarly review"), Part(QUESTIONS)),
        **dict(_table(_NAMES, keeps_name=False)),
        **dict(_table(_NAMED, keeps_name=True)),
        **dict.fromkeys(_split(_NOT_TAKEN), Part(LEFT, reason="no part of a record")),
        **dict.fromkeys(
            _split(_MIXED), Part(LEFT, reason="strengths and limitations in one; put these under Limitations")
        ),
    }
)


def part_of(text: str) -> Part | None:
    """Return the part that starts below a heading or behind a label; None if nobody knows its name.

    Case, marks, numbers before the name, a part in brackets behind it and words such as `Study` do not count.
    """
    if len(text) > 100 or "%" in text:
        return None
    name, bracket, _ = text.partition("(")
    is_behind = bracket and text.rstrip(" *_:：").endswith(")") and ":" not in name
    return _known(_words(text)) or (_known(_words(name)) if is_behind else None)


def is_never_taken(text: str) -> bool:
    """Tell whether a line is a heading below which nothing belongs into a record, such as `References`."""
    part = part_of(text)
    return part is not None and part.property == LEFT


def letter_part(text: str) -> Part | None:
    """Return the part of a letter below `PICO`."""
    name = _LETTERS.get(text.strip(" *_()").casefold())
    return Part(name) if name else None


def _words(text: str) -> list[str]:
    folded = text.replace("’", "").replace("'", "").replace("&", " and ").casefold()
    words = _WORD.findall(folded)
    return (
        words[1:] if len(words) > 1 and (words[0].isdecimal() or words[0] in {"i", "ii", "iii", "iv", "v"}) else words
    )


def _known(words: list[str]) -> Part | None:
    if not 0 < len(words) <= _MOST_WORDS:
        return None
    while words:
        if part := _PARTS.get(" ".join(words)):
            return part
        if words[0] not in _QUALIFIERS:
            return None
        words = words[1:]
    return None
