"""The labels of templates in other languages.

One template serves the notes of all languages, so its HTML has the English label, which is also what lists of cards
show. The tag of a note is a class of its card, and for that class the style shows other words in the label's place.
"""

import re
from collections.abc import Iterator

from trialdeck.core.words import catalogue, languages
from trialdeck.notes.tags import tag_of
from trialdeck.records.model import Perspective

_LABEL = re.compile(r"\[\[([^\[\]]+)\]\]")
_NOT_A_LETTER = re.compile(r"[^a-z]+")
LABELS = (
    "trial",
    "For:",
    "Tested",
    "Population",
    "Comparator",
    "Endpoint",
    "Which trial?",
    "What was the primary endpoint of",
    "What did",
    "test, in whom, and against what?",
    "Retired by the deck's author",
    "on",
    "To remove all retired cards: Tools → Empty Cards.",
    "My notes",
    "Source, trial, report",
    "This card on the web",
    "Report an error",
)
"""All labels of the templates."""


def with_labels(template: str) -> str:
    """Return a template with each `[[label]]` as an element whose words the style can replace."""
    return _LABEL.sub(lambda found: f'<span class="{_class_of(found[1])}"><span>{found[1]}</span></span>', template)


def label_style() -> str:
    """Return the rules that show labels and perspectives in each language other than English."""
    return "\n".join(rule for language in languages() for rule in _rules(language))


def _rules(language: str) -> Iterator[str]:
    card = f'[class~="{tag_of("language", language)}"]'
    words = catalogue(language)
    places = [(f".{_class_of(label)}", label) for label in LABELS]
    places += [(f".td-tag.td-{perspective}", perspective) for perspective in Perspective]
    for place, english in places:
        if english in words:
            yield f'{card} {place}::before {{ content: "{_in_string(words[english])}"; }}'
            yield f"{card} {place} > span {{ display: none; }}"


def _class_of(label: str) -> str:
    return f"td-say-{_NOT_A_LETTER.sub('-', label.lower()).strip('-')}"


def _in_string(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"')
