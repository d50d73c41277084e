"""What a record says, part by part, in a few words each: for somebody who is to accept it."""

from collections.abc import Iterator

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.load import load_record_text
from trialdeck.records.model import STATEMENT_PARTS, Trial
from trialdeck.records.sections import ENTRY_SECTIONS, QUESTIONS, RELATED_TRIALS, RESULTS, TAKEAWAYS, TEXT_SECTIONS

_LONGEST = 160
_HEADINGS = {
    QUESTIONS.property: "Questions",
    RESULTS.property: "Results",
    RELATED_TRIALS.property: "Related trials",
    TAKEAWAYS.property: "Takeaways",
}
_SOURCE = {"citation": "Citation", "doi": "DOI", "registry": "Registry number", "url": "Web address"}


class Part(msgspec.Struct, frozen=True):
    """A part of a record: its heading, and each of its entries in a few words."""

    heading: str
    entries: tuple[str, ...]


def parts_of(record: str) -> tuple[Part, ...]:
    """Return the parts of a record that say anything."""
    trial = load_record_text(record.encode(), "").trial
    return tuple(part for part in _parts(trial) if any(part.entries)) if trial else ()


def _parts(trial: Trial) -> Iterator[Part]:
    yield Part("Title", (_plain(trial.title),))
    source = (f"{label}: {_plain(getattr(trial.source, name))}" for name, label in _SOURCE.items()
              if getattr(trial.source, name))  # fmt: skip
    yield Part("Source", tuple(source))
    yield Part("Topics", (*trial.topics, *trial.specialties))
    statement = (f"{name.capitalize()}: {_plain(getattr(trial.statement, name))}" for name in STATEMENT_PARTS
                 if getattr(trial.statement, name))  # fmt: skip
    yield Part("What was tested", tuple(statement))
    for section in TEXT_SECTIONS:
        yield Part(section.heading, tuple(filter(None, (_plain(getattr(trial, section.property)),))))
    for section in ENTRY_SECTIONS:
        heading = _HEADINGS.get(section.property, section.heading)
        yield Part(heading, tuple(map(_entry, getattr(trial, section.property))))


def _entry(entry: object) -> str:
    names = ("question", "endpoint", "text", "name")
    return next((_plain(getattr(entry, name)) for name in names if getattr(entry, name, "")), "")


def _plain(text: str) -> str:
    return shortened(readable(render(text)), _LONGEST) if text else ""
