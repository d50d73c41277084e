"""Infer the audience of a question from its wording.

Only wordings that address the reader count. `Residents of a nursing home`, `patients attending the clinic` and
`fellow investigators` name nobody in training.
"""

import re

from trialdeck.records.model import Audience

_FIELD = (
    r"(?:(?:medical|clinical|senior|junior|chief|surgical|internal|medicine|emergency|family|critical|care|intensive"
    r"|pulmonary|cardiology|cardiovascular|oncology|hematology|haematology|hematology-oncology|hematology/oncology"
    r"|nephrology|neurology|endocrinology|gastroenterology|rheumatology|infectious|diseases?|pediatrics?|paediatrics?"
    r"|psychiatry|radiology|surgery|anesthesiology|first-year|second-year|third-year|final-year|pgy-[0-9]|trial"
    r"|biostatistical|statistical|an?|the|member|members|of|on)\s+){0,4}"
)
_ROLES = {
    Audience.STUDENT: r"students?(?!['’]s?\s+t\b)",
    Audience.RESIDENT: (
        r"residents?(?!\s+(?:of|at|with|living|aged|whose|have|had|receive|received"
        r"|in\s+(?:an?\s+)?(?:long|nursing|assisted|residential|care|retirement))\b)"
    ),
    Audience.FELLOW: (
        r"(?:fellows?(?!\s+(?:clinicians?|physicians?|doctors?|patients?|human|citizens?|investigators?|researchers?"
        r"|colleagues?|travell?ers?|members?|authors?|scientists?|reviewers?|students?|residents?)\b))"
    ),
    Audience.ATTENDING: r"(?:attendings?(?=\s*(?:[,:;/?]|and\b|or\b|$)|\s+(?:physicians?|surgeons?|who|on|in|you))"
    r"|attendings|attending\s+(?:physicians?|surgeons?|oncologists?|cardiologists?|hematologists?))",
    Audience.METHODOLOGIST: r"(?:methodologists?|biostatisticians?|statisticians?)",
    Audience.PEER_REVIEWER: r"(?:peer[\s-]reviewers?)",
    Audience.GUIDELINE_COMMITTEE: (
        r"guidelines?(?:[\s-](?:development|writing))?[\s-](?:committees?|panels?|group)(?:\s+members?)?"
    ),
}
_ROLE = "|".join(_ROLES.values())
# Each separator can be read in one way only, so that a long list that does not match fails at once.
_SEPARATOR = r"(?>\s*(?:,\s+(?:and|or)|[,/])|\s+(?:and|or))\s*+"
_LIST = rf"(?:{_ROLE})\b(?:{_SEPARATOR}(?:an?\s+)?{_FIELD}(?:{_ROLE})\b)*"
_WHO = rf"(?P<who>{_LIST})"
_NOT_PATIENTS = r"(?!\s+(?:be|receive|get|undergo|take)\b)"
# Each wording starts with a rare word, so that a long text is scanned only once.
_WORDINGS = tuple(
    re.compile(pattern.replace("WHO", _WHO).replace("FIELD", _FIELD), re.IGNORECASE)
    for pattern in (
        r"\bas\s+an?\s+FIELDWHO",
        r"\bas\s+an?\s+(?P<who>reviewer)\b",
        r"\b(?:what|how|why|when|where)\s+(?:should|must|can|could|might|would|do|does|ought)\s+FIELDWHO"
        + _NOT_PATIENTS,
        r"\A(?:for|to)\s+(?:an?\s+|the\s+)?FIELDWHO\s*[:,]",
        r"\AFIELDWHO\s*:",
        r"\bfrom\s+(?:an?|the)\s+FIELDWHO(?:['’]s?)?\s+(?:perspective|point\s+of\s+view|standpoint|viewpoint|view)\b",
        r"\bat\s+the\s+WHO(?:['’]s?)?\s+level\b",
    )
)
_ROLE_PATTERNS = tuple(
    (audience, re.compile(rf"\b(?:{pattern})", re.IGNORECASE)) for audience, pattern in _ROLES.items()
)


# If a text mentions such a home, its residents live there and are no physicians.
_HOME = re.compile(
    r"\b(?:nursing|care|retirement)[\s-]+homes?\b|\blong-term[\s-]+care\b|\bassisted[\s-]+living\b", re.IGNORECASE
)


def named_audience(text: str) -> tuple[Audience, ...]:
    """Return the audiences that a text addresses by name, in their usual order; most texts address none."""
    match = next((hit for hit in (wording.search(text) for wording in _WORDINGS) if hit), None)
    if not match:
        return ()
    who = match["who"]
    if who.casefold() == "reviewer":
        return (Audience.PEER_REVIEWER,)
    # Search in the whole text, because the words that follow count: `resident of` is no audience.
    named = (
        audience for audience, pattern in _ROLE_PATTERNS if pattern.search(text, match.start("who"), match.end("who"))
    )
    return tuple(audience for audience in named if audience is not Audience.RESIDENT or not _HOME.search(text))
