"""Read what a note says of its source: web address, DOI, registry number, citation, title, year."""

import re
from functools import cache
from html import unescape

from trialdeck.anki.importing.deck_map import NoteTypeMap
from trialdeck.anki.importing.trial_name import TrialName, read_trial_name, year_of
from trialdeck.apkg.reader import PackedNote
from trialdeck.markdown.plain_text import readable
from trialdeck.records.schema import load_schema

_HREF = re.compile(r"""\bhref\s*+=\s*+["']?+(https?://[^\s"'<>]++)""", re.IGNORECASE)
_PROPERTIES = {"doi": "doi", "registry": "registry", "source_url": "url"}
"""Facts that have a form, and the properties of a source that hold them."""
_REASONS = {
    "doi": "no DOI",
    "registry": "no registry number",
    "source_url": "no web address",
    "year": "no year of a publication",
    "acronym": "no acronym",
}


def read_facts(note: PackedNote, mapped: NoteTypeMap, name: TrialName) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the facts of a note by the properties of a source, and what is none, as pairs of field and reason.

    `title`, `acronym` and `year` are among the facts; `name` is what the note calls its trial.
    """
    facts: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    for fact, field in mapped.facts.items():
        html = note.fields.get(field, "")
        text = readable(html)
        if fact == "trial" or not (text or "href" in html):
            continue
        value = _fact(fact, html, text)
        facts[_PROPERTIES.get(fact, fact)] = value
        if not value:
            faults.append((field, _REASONS.get(fact, "no text")))
        elif further := _further(fact, html, value):
            faults.append((field, f"a second source: {further}"))
    facts.setdefault("year", name.year)
    return {fact: value for fact, value in facts.items() if value}, faults


def _fact(fact: str, html: str, text: str) -> str:
    if fact in _PROPERTIES:
        return _value(fact, html, text)
    return {"year": year_of, "acronym": _acronym}.get(fact, str)(text)


def _further(fact: str, html: str, value: str) -> str:
    """Return the next part of a field that has the form of the same fact, and says something else; or nothing."""
    if fact not in _PROPERTIES:
        return ""
    links = [unescape(link) for link in _HREF.findall(html)] if fact == "source_url" else []
    found = links or [match[0].rstrip(".,;)") for match in _form(_PROPERTIES[fact]).finditer(readable(html))]
    return next((each for each in found if each not in value), "")


def _acronym(text: str) -> str:
    return read_trial_name(text).acronym


def _value(fact: str, html: str, text: str) -> str:
    """Return the first part of a field that has the form of a fact; empty without any."""
    link = _HREF.search(html) if fact == "source_url" else None
    if link:
        return unescape(link[1])
    found = _form(_PROPERTIES[fact]).search(text)
    return found[0].rstrip(".,;)") if found else ""


@cache
def _form(name: str) -> re.Pattern[str]:
    pattern: str = load_schema("trial")["$defs"]["source"]["properties"][name]["pattern"]
    return re.compile(pattern.strip("^$"))
