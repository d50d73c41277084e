"""Endpoints that everybody calls alike: their key joins a result to those of other trials."""

import re

_LEAD = re.compile(
    r"\A(?:(?:the|time|to|number|percentage|proportion|of|participants|subjects|patients|with|first|occurrence|a|an|event|"
    r"kaplan|meier|estimates?|median|rate|incidence|any)[ -]+){1,12}",
    re.IGNORECASE,
)
_NAMES = {
    "pfs": r"progression[- ]free survival|pfs",
    "os": r"overall survival|os",
    "dfs": r"disease[- ]free survival|dfs",
    "efs": r"event[- ]free survival|efs",
    "rfs": r"(?:relapse|recurrence)[- ]free survival|rfs",
    "orr": r"(?:objective|overall) response(?: rate)?|orr",
    "dor": r"duration of (?:objective |overall )?response|dor",
    "ttp": r"time to (?:disease )?progression|ttp",
    "mace": r"major adverse (?:cardiovascular|cardiac) events?|mace",
    "death": r"(?:all[- ]cause|total) (?:mortality|death)|death (?:from|due to) any cause|death of any cause",
    "cv-death": r"(?:cardiovascular|cv) (?:death|mortality)|death (?:from|due to) cardiovascular causes?",
    "hf-hospitalisation": r"hospitali[sz]ations? (?:for|due to) heart failure|heart failure hospitali[sz]ations?",
}
# What may follow the name: its abbreviation, who judged it, when.
_WHO_AND_WHEN = r"(?:as|by|per|according|assessed|based|at|up|until|through|from|during)"
_REST = rf"(?: ?\([^()]{{1,40}}\))?(?: rates?| \(?{_WHO_AND_WHEN}\b.*|[,:;.] ?.*| [-–] .*)?"
_KNOWN = re.compile(
    "|".join(f"(?P<{key.replace('-', '_')}>(?:{names}){_REST})" for key, names in _NAMES.items()),
    re.IGNORECASE | re.DOTALL,
)
_OTHER = re.compile(
    r"\b(?:or|and|composite|subgroups?|second|next|pfs ?2|free from|without|versus)\b|\bplus\b|/", re.IGNORECASE
)


def outcome_key(title: str) -> str:
    """Return the key of a well-known endpoint; empty if the title could mean anything else, or a composite of it."""
    if _OTHER.search(title):
        return ""
    bare = title.strip()
    match = _KNOWN.fullmatch(bare) or _KNOWN.fullmatch(_LEAD.sub("", bare))
    return (match.lastgroup or "").replace("_", "-") if match else ""
