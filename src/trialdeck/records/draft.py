"""Draft a record from a trial page: choose ids, perspectives and audiences, and keep what finds no place."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trialdeck.errors import TrialdeckError
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.naming import (
    GUIDED_AUDIENCES,
    SCHOLARLY_AUDIENCES,
    Ids,
    asking_part,
    find_acronym,
    named_audience,
    without_trial,
)
from trialdeck.records.page import Discussed, Page, Part, listed
from trialdeck.records.page_lines import Line, Notice
from trialdeck.records.schema import load_schema
from trialdeck.records.writer import write_record

Escape = Callable[[str], str]

_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]*[A-Za-z0-9]")
_REGISTRY = re.compile(r"\bNCT[0-9]{8}\b")
_URL = re.compile(r"https?://[^\s\"<>]+")
_DOI_LINK = re.compile(r"https?://(?:dx\.)?doi\.org/")
_LISTS = ((Part.KEY_FINDINGS, "key_findings"), (Part.DESIGN, "design"), (Part.LIMITATIONS, "limitations"))
_TEXTS = ((Part.SUMMARY, "summary"), (Part.SIGNIFICANCE, "significance"), (Part.HISTORY, "history"))
_ASKED = ("questions", "related_trials", "takeaways", *(name for _, name in (*_LISTS, *_TEXTS)))
_STATEMENT = ("tested", "population", "comparator", "endpoint")


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted record: the trial's id, the YAML file, what a human must look at, and what is in it, in words."""

    id: str
    text: str
    notices: tuple[Notice, ...]
    counts: str


def draft_record(page: Page, escape: Escape, *, id: str | None = None, schema: str | None = None) -> Draft:  # noqa: A002
    """Draft a record; `escape` turns plain text into Markdown that reads the same.

    `schema` is the schema's path as seen from the record, for editors. Raises TrialdeckError where the page has nothing
    to ask about, or `id` is not a slug.
    """
    drafter = _Drafter(page, escape)
    data = drafter.record(_checked_id(id))
    if not any(
        data.get(name)
        for name in ("questions", "related_trials", "takeaways", *(name for _, name in (*_LISTS, *_TEXTS)))
    ):
        raise TrialdeckError(
            "the page has nothing to ask about: no text, no findings and no questions were found",
            "save the page as text or as a whole HTML document, with its headings",
        )
    notices = tuple(sorted([*page.notices, *drafter.notices], key=lambda notice: notice.line))
    text = write_record(
        data, schema=schema, unplaced=[f"line {each.line}: {each.text}" for each in notices if each.text]
    )
    faults = load_record_text(text.encode(), "draft").problems
    assert not faults, f"a drafted record must have no errors: {faults}"
    return Draft(str(data["id"]), text, notices, _counts(data))


def _checked_id(wanted: str | None) -> str:
    if wanted is not None and not re.fullmatch(load_schema("trial")["$defs"]["slug"]["pattern"], wanted):
        raise TrialdeckError(f"'{wanted}' cannot be a trial's id", "use small letters, digits and single hyphens")
    return wanted or ""


def _counts(data: dict[str, Any]) -> str:
    words = [("questions", "question", "questions"), ("related_trials", "related trial", "related trials")]
    parts = [f"{(n := len(data.get(name) or []))} {one if n == 1 else many}" for name, one, many in words]
    return ", ".join(parts)


class _Drafter:
    """Builds the data of one record; `notices` collects what a human must look at."""

    def __init__(self, page: Page, escape: Escape) -> None:
        self.page = page
        self.escape = escape
        self.notices: list[Notice] = []
        whole = "\n".join(line.text for line in page.lines)
        self.acronym = find_acronym(whole, [named.name.text for named in page.related])

    def record(self, wanted: str) -> dict[str, Any]:
        trial_id = wanted or Ids("trial").make(self.acronym) if wanted or self.acronym else self.id_of_title()
        data: dict[str, Any] = {"format": 1, "id": trial_id}
        if self.acronym:
            data["acronym"] = self.acronym
        data["title"] = self.title(trial_id)
        data["source"] = self.source()
        data.update(self.texts())
        data.update(self.lists())
        data["questions"] = list(self.questions())
        data["related_trials"] = list(self.related(trial_id))
        data["takeaways"] = self.takeaways()
        data["review"] = {"status": "unreviewed"}
        return {name: value for name, value in data.items() if self.is_wanted(name, value)}

    def is_wanted(self, name: str, value: Any) -> bool:
        """Keep what is filled, and an empty section whose heading the page has."""
        headings = {name: part for part, name in (*_LISTS, *_TEXTS)} | {"related_trials": Part.RELATED}
        return bool(value) or (name in headings and headings[name] in self.page.headed)

    def id_of_title(self) -> str:
        return Ids("trial").make(self.page.text(Part.TITLE))

    def title(self, trial_id: str) -> str:
        title = self.page.text(Part.TITLE)
        if not title:
            self.notices.append(Notice(1, "the page has no title; its name stands in for it"))
        return self.escape(title) if title else self.acronym or trial_id

    def source(self) -> dict[str, str]:
        citation = " ".join(line.text for line in self.page.parts.get(Part.SOURCE, ()))
        address = self.page.address
        both = f"{citation} {address}"
        doi, registry = _DOI.search(both), _REGISTRY.search(both)
        url = _URL.search(citation) or _URL.fullmatch(address)
        found = {
            "citation": self.escape(citation) if citation else "",
            "doi": doi[0] if doi else "",
            "registry": registry[0] if registry else "",
            "url": url[0] if url and not _DOI_LINK.match(url[0]) else "",
        }
        return {name: value for name, value in found.items() if value}

    def texts(self) -> dict[str, str]:
        return {name: self.escape(self.page.text(part)) for part, name in _TEXTS}

    def lists(self) -> dict[str, list[dict[str, Any]]]:
        return {name: self.items(self.page.parts.get(part, ()), "point") for part, name in _LISTS}

    def items(self, lines: Sequence[Line], fallback: str) -> list[dict[str, Any]]:
        ids = Ids(fallback, self.acronym)
        return [{"id": ids.make(line.text), "text": self.escape(line.text)} for line in listed(lines)]

    def takeaways(self) -> list[dict[str, Any]]:
        return self.items(self.page.parts.get(Part.ROLE, ()), "takeaway")

    def questions(self) -> Iterator[dict[str, Any]]:
        ids = Ids("question", self.acronym)
        guided, scholarly = self.page.guided, self.page.scholarly
        for place, pair in enumerate(guided):
            perspective = Perspective.CLINICAL if place else Perspective.MECHANISM
            yield from self.question(pair, perspective, GUIDED_AUDIENCES, place, ids)
        for place, pair in enumerate(scholarly):
            yield from self.question(pair, Perspective.REVIEWER, SCHOLARLY_AUDIENCES, place, ids)

    def question(
        self, pair: Discussed, perspective: Perspective, order: Sequence[Audience], place: int, ids: Ids
    ) -> Iterator[dict[str, Any]]:
        if not pair.question or not pair.response:
            self.notices += _unpaired(pair)
            return
        asked = pair.question.text
        audience = named_audience(asked, order, place)
        yield {
            "id": ids.make(asking_part(asked), asked),
            "perspective": str(perspective),
            **({"audience": [str(name) for name in audience]} if audience else {}),
            "question": self.escape(asked),
            "response": self.escape("\n\n".join(line.text for line in pair.response)),
        }

    def related(self, trial_id: str) -> Iterator[dict[str, Any]]:
        ids = Ids("trial")
        for named in self.page.related:
            related_id = ids.make(without_trial(named.name.text))
            statement = {
                label: self.escape(" ".join(line.text for line in named.statement[label]))
                for label in _STATEMENT
                if named.statement.get(label)
            }
            if related_id == trial_id:
                lines = [named.name, *(line for label in _STATEMENT for line in named.statement.get(label, []))]
                self.notices += [Notice(line.number, "a related trial is another trial", line.text) for line in lines]
            else:
                yield {"id": related_id, "name": self.escape(named.name.text), **statement}


def _unpaired(pair: Discussed) -> Iterator[Notice]:
    if pair.question:
        yield Notice(pair.question.number, "this question has no response", pair.question.text)
    for line in pair.response:
        yield Notice(line.number, "this response has no question", line.text)
