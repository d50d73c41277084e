"""Propose results from the numbers in a text; prose does not say what they belong to, so none is written as one."""

import re
from collections.abc import Iterator, Sequence

from trialdeck.drafts.lines import PageLine
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render

_NUMBER = r"[-−–]?[0-9]{1,4}(?:[.·][0-9]{1,4})?"
_MEASURES = (
    ("hazard ratio", "hazard-ratio", r"(?:a?HR|[Hh]azard [Rr]atio)"),
    ("odds ratio", "odds-ratio", r"(?:a?OR|[Oo]dds [Rr]atio)"),
    ("risk ratio", "risk-ratio", r"(?:a?RR|[Rr]elative [Rr]isk|[Rr]isk [Rr]atio)"),
    ("rate ratio", "rate-ratio", r"(?:IRR|[Rr]ate [Rr]atio)"),
    ("risk difference", "risk-difference", r"(?:ARD|[Rr]isk [Dd]ifference)"),
    ("mean difference", "mean-difference", r"(?:MD|[Mm]ean [Dd]ifference)"),
)
_ESTIMATES = tuple(
    (measure, slug, re.compile(rf"\b{words}\b[\] ,:=(]{{0,4}}(?:of |was )?({_NUMBER})(?![0-9%])"))
    for measure, slug, words in _MEASURES
)
_INTERVAL = re.compile(
    rf"([0-9]{{2}}(?:\.[0-9]{{1,2}})?)[ ]?%[ ]?(?:CI|confidence interval)[\] ,:=(\[]{{0,4}}({_NUMBER})[ ]?"
    rf"(?:to|,|[-–—−])[ ]?({_NUMBER})"
)
_P = re.compile(r"\b[Pp]\b(?:[ -]?value)?[ ]?(?:was )?([=<>≤]|&lt;)[ ]?(0?\.[0-9]{1,6})")
_REACH = 120
"""How many characters behind an estimate its interval and P value are looked for."""
_MOST = 20


def proposals(lines: Sequence[PageLine]) -> Iterator[str]:
    """Yield the lines of comments that propose results: YAML behind `#`, whose endpoint is yet to be written."""
    found = [proposal for line in lines for proposal in _of_text(line)][:_MOST]
    if not found:
        return
    yield "proposed: results, from numbers in the text. Say what each belongs to and compare it with the publication."
    yield "results:"
    names: dict[str, int] = {}
    for slug, number, body in found:
        names[slug] = names.get(slug, 0) + 1
        yield f"  - id: {slug}-{names[slug]}" if names[slug] > 1 else f"  - id: {slug}"
        yield f"    endpoint: Yet to be written. # line {number}"
        yield from (f"    {part}" for part in body)


def _of_text(line: PageLine) -> Iterator[tuple[str, int, list[str]]]:
    text = readable(render(line.text))
    hits = sorted(
        (match.start(), match.end(), measure, slug, match[1])
        for measure, slug, pattern in _ESTIMATES
        for match in pattern.finditer(text)
    )
    for index, (_, end, measure, slug, estimate) in enumerate(hits):
        limit = min(hits[index + 1][0] if index + 1 < len(hits) else len(text), end + _REACH)
        yield slug, line.number, [f"measure: {measure}", f"estimate: {_digits(estimate)}", *_around(text[end:limit])]


def _around(text: str) -> Iterator[str]:
    interval = _INTERVAL.search(text)
    if interval:
        yield f"ci: [{_digits(interval[2])}, {_digits(interval[3])}]"
        yield f"ci_level: {interval[1]}"
    if p := _P.search(text):
        sign = "" if p[1] == "=" else p[1].replace("&lt;", "<")
        yield f'p: "{sign}{p[2]}"'


def _digits(text: str) -> str:
    return text.replace("·", ".").replace("−", "-").replace("–", "-")
