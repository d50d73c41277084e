"""Draft a record from a trial page."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted
from trialdeck.drafts.acronym import find_acronym
from trialdeck.drafts.audience import named_audience
from trialdeck.drafts.headings import GUIDED, LABELS, QUESTIONS, RELATED, SCHOLARLY, TAKEAWAYS
from trialdeck.drafts.lines import Notice, without_bullets
from trialdeck.drafts.page import SUMMARY, Page, Stray, read_page
from trialdeck.drafts.prose.contents import (
    Contents,
    Draft,
    NamedPage,
    source_of,
    titles_of,
    topics_of,
    with_contents,
)
from trialdeck.drafts.related_trials import PageTrial
from trialdeck.markdown.render import escape_markdown
from trialdeck.records import sections
from trialdeck.records.sections import LIST_SECTIONS, TEXT_SECTIONS
from trialdeck.records.slugs import name_slug, point_slug, question_slug, refuse_id, unique
from trialdeck.yamlfile.writer import Property, write_record

__all__ = ["Draft", "Escape", "Notice", "draft_record"]

Escape = Callable[[str], str]
"""Turns plain text, paragraphs separated by blank lines, into Markdown that shows exactly that text."""

_HEAD = (
    "Drafted from a web page and not reviewed: check every statement against the publication.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
    "Yours to add: specialties and topics (they become tags), what the trial tested, and its results.",
)
_HEAD_OF_NOTES = (
    "Drafted from notes and not reviewed: check every statement against the publication.",
    *_HEAD[1:2],
    "Yours to add: specialties (they become tags), perspectives of questions, and results.",
)
_EMPTY = {False: "the page says nothing here", True: "the notes say nothing here"}
_UNPLACED = {
    False: "what the page says here found no place; see above",
    True: "what the notes say here found no place; see above",
}
_LONGEST_TITLE = 100
_MADE_UP = "the page has no title; its first words stand in for it"
_POINT = "point"
_COUNTED = (sections.QUESTIONS, sections.RELATED_TRIALS)


def draft_record(
    page: Page, escape: Escape, *, id: str | None = None, schema: str | None = None, others: Sequence[NamedPage] = (),  # noqa: A002
) -> Draft:  # fmt: skip
    """Draft the record of a page.

    Args:
        page: The page, in plain text.
        escape: Turns plain text into Markdown; the texts of notes are Markdown already.
        id: The trial's id; `None` makes one from the acronym or the title.
        schema: The path of the schema, relative to the record; `None` leaves out the comment that names it.
        others: Further pages and notes of the same trial; what they say is added.

    Returns:
        The record as YAML, with notices.

    Raises:
        TrialdeckError: The page has nothing to ask about, or `id` is not an id.
    """
    if id is not None:
        refuse_id(id)
    return _Drafter(page, _escape_of(page, escape), id or "").draft(schema, others, escape)


def contents_of(page: Page, escape: Escape, *, trial_id: str, acronym: str) -> Contents:
    """Return what the sections of a page add to the record of a study with this id and acronym."""
    drafter = _Drafter(page, _escape_of(page, escape), trial_id, list(page.strays))
    properties = tuple(drafter.contents(trial_id, acronym))
    strays = [stray.notice for stray in drafter.strays]
    return Contents(
        properties,
        _by_line([*page.notices, *drafter.notices, *strays]),
        _by_line([*page.hidden, *strays]),
        page.inferred,
        max(0, page.line_count - len(strays)),
    )


def with_pages(begun: Contents, pages: Sequence[NamedPage], escape: Escape, *, trial_id: str, acronym: str) -> Contents:
    """Return the contents of a record with what further pages add; each notice says in which file it is."""
    for named in pages:
        own = contents_of(named.page, escape, trial_id=trial_id, acronym=acronym)
        begun = with_contents(begun, own.placed_in(named.name), named.name)
    return begun


def source_parts(page: Page, escape: Escape) -> dict[str, str]:
    """Return what a page says of its source, as properties."""
    source = page.source
    citation = _escape_of(page, escape)(source.citation) if source.citation else ""
    parts = {"citation": citation, "doi": source.doi, "registry": source.registry, "url": source.url}
    return {name: text for name, text in parts.items() if text}


def name_of_trial(page: Page) -> str:
    """Return the name that a page uses for its trial; empty if it uses none."""
    return _Drafter(page, str, "", list(page.strays)).acronym()


def _escape_of(page: Page, escape: Escape) -> Escape:
    return str if page.is_notes else escape


class _Drafter(msgspec.Struct):
    """Builds the properties of one record, and collects what a human must look at."""

    page: Page
    escape: Escape
    wanted_id: str
    strays: list[Stray] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)

    def draft(self, schema: str | None, others: Sequence[NamedPage], escape: Escape) -> Draft:
        self.strays += self.page.strays
        acronym = self.acronym()
        trial_id = self.wanted_id or name_slug(acronym) or self.id_of_title()
        own = Contents(tuple(self.contents(trial_id, acronym)))
        contents = with_pages(own, others, escape, trial_id=trial_id, acronym=acronym)
        if not any(part.value for part in contents.properties):
            raise TrialdeckError("the page has nothing to ask about", _hint(self.page, self.strays))
        title = self.title(acronym)
        topics = list(dict.fromkeys([*self.page.topics, *topics_of(others)]))
        properties = [
            Property("format", 1),
            Property("id", trial_id),
            *([Property("acronym", acronym, beside="as the text names the trial")] if acronym else []),
            replace(title, above=(*title.above, *titles_of(others))),
            *self.source([source_parts(other.page, escape) for other in others]),
            *([Property("topics", topics)] if topics else []),
            *contents.properties,
            Property("review", {"status": "unreviewed"}, above=(*self.page.proposed, *self.comments("")), apart=True),
        ]
        head = [f"yaml-language-server: $schema={schema}"] if schema else []
        text = write_record(properties, [*head, *(_HEAD_OF_NOTES if self.page.is_notes else _HEAD)])
        strays = [stray.notice for stray in self.strays]
        notices = (*_by_line([*self.page.notices, *self.notices, *strays]), *contents.notices)
        not_taken = (*_by_line([*self.page.hidden, *strays]), *contents.not_taken)
        inferred = (*self.inferred(acronym), *contents.inferred)
        placed = max(0, self.page.line_count - len(strays)) + contents.placed
        return Draft(trial_id, text, notices, _counts(properties), not_taken, inferred, placed)

    def inferred(self, acronym: str) -> Iterator[Notice]:
        """Yield what was concluded from the text rather than read in a place of its own."""
        if acronym:
            yield Notice(1, "acronym: the name that the text uses for the trial", acronym)
        takeaways = self.page.sections.get(TAKEAWAYS, ())
        texts = [(line.number, line.text, named_audience(line.text)) for line in takeaways]
        for number, text, audience in texts:
            if audience:
                yield Notice(number, f"audience: {', '.join(map(str, audience))}, by its words", text)
        yield from self.page.inferred

    def contents(self, trial_id: str, acronym: str) -> Iterator[Property]:
        for index, (name, text) in enumerate(self.page.statement.items()):
            above = tuple(label for _, label in self.page.names.get(name, ()))
            yield Property(name, text, above, apart=index == 0)
        for section in TEXT_SECTIONS:
            yield from self.section(section.property, self.text(section.property))
        for points in LIST_SECTIONS:
            yield from self.section(points.property, self.points(points.property, acronym))
        yield from self.section(QUESTIONS, self.questions(acronym), self.blocks())
        yield from self.section(RELATED, self.related(trial_id))
        yield from self.section(TAKEAWAYS, self.points(TAKEAWAYS, acronym))

    def section(
        self, name: str, value: str | Sequence[object], within: tuple[tuple[int, str], ...] = ()
    ) -> Iterator[Property]:
        """Yield a section if the page has it; a comment says if it is empty."""
        above = self.comments(name)
        if value or above or name in self.page.headings:
            beside = "" if value else self.emptiness(is_unplaced=bool(above))
            apart = not isinstance(value, str) or name == SUMMARY
            names = self.page.names.get(name, ())
            above += tuple(text for _, text in names) if isinstance(value, str) else ()
            yield Property(name, value, above, beside, within if isinstance(value, str) else (*within, *names), apart)

    def emptiness(self, *, is_unplaced: bool) -> str:
        return (_UNPLACED if is_unplaced else _EMPTY)[self.page.is_notes]

    def comments(self, near: str) -> tuple[str, ...]:
        lines: list[str] = []
        for stray in self.strays:
            if stray.near == near:
                where = f"Line {stray.notice.line} of the {self.page.noun}" if stray.notice.line else "In the file"
                lines += [f"{where} ({stray.notice.message}):", f"  {stray.notice.text}"]
        return tuple(lines)

    def acronym(self) -> str:
        page = self.page
        if page.acronym:
            return page.acronym
        question_texts = [text for pair in page.questions for text in (pair.question, *pair.response)]
        section_texts = [line.text for lines in page.sections.values() for line in lines]
        stray_texts = [stray.notice.text for stray in self.strays]
        return find_acronym(
            page.title, [*section_texts, *question_texts, *stray_texts], [trial.name for trial in page.related]
        )

    def id_of_title(self) -> str:
        # An id belongs to one trial, so the name of a related trial cannot be this trial's id.
        other_ids = sorted({name_slug(trial.name) for trial in self.page.related})
        return unique([*other_ids, point_slug(self.page.title) or "trial"], "trial")[-1]

    def title(self, acronym: str) -> Property:
        if self.page.title:
            return Property("title", self.escape(self.page.title))
        title = acronym or self.wanted_id or _shorten(self.first_text())
        self.notices.append(
            Notice(1, "the page has no title; its name stands in for it" if acronym or self.wanted_id else _MADE_UP, "")
        )
        return Property("title", self.escape(title), above=("The page has no title; this stands in for it.",))

    def first_text(self) -> str:
        page = self.page
        section_texts = [line.text for name in page.sections for line in page.sections[name]]
        return next(
            iter(
                [
                    *section_texts,
                    *(pair.question for pair in page.questions),
                    *(trial.name for trial in page.related),
                    *page.statement.values(),
                ]
            )
        )

    def source(self, others: Sequence[dict[str, str]]) -> Iterator[Property]:
        filled = source_of([source_parts(self.page, self.escape), *others])
        if filled:
            above = tuple(
                f"inferred: {part.text} stands in line {part.line} of the {self.page.noun}."
                for part in self.page.inferred
                if part.message.partition(":")[0] in filled
            )
            yield Property("source", filled, above)

    def text(self, name: str) -> str:
        paragraphs = [line.text for line in self.page.sections.get(name, ())]
        return self.escape("\n\n".join(paragraphs)) if paragraphs else ""

    def points(self, name: str, acronym: str) -> list[dict[str, object]]:
        lines = self.page.sections.get(name, ())
        points, lone = (list(lines), []) if self.page.is_notes else without_bullets(lines)
        self.strays += (Stray(name, Notice(line.number, "a bullet without text", line.text)) for line in lone)
        texts = [point.text for point in points]
        ids = unique(
            [point_slug(text, acronym) for text in texts], sections.TAKEAWAYS.slug if name == TAKEAWAYS else _POINT
        )
        audiences = [named_audience(text) if name == TAKEAWAYS else () for text in texts]
        return [
            {"id": slug, **_audience(audience), "text": self.escape(text)}
            for slug, audience, text in zip(ids, audiences, texts, strict=True)
        ]

    def questions(self, acronym: str) -> list[dict[str, object]]:
        pairs = self.page.questions
        ids = unique([question_slug(pair.question, acronym) for pair in pairs], sections.QUESTIONS.slug)
        return [
            {
                "id": slug,
                "perspective": pair.perspective.value,
                **_audience(pair.audience),
                "question": self.escape(pair.question),
                "response": self.escape("\n\n".join(pair.response)),
            }
            for slug, pair in zip(ids, pairs, strict=True)
        ]

    def blocks(self) -> tuple[tuple[int, str], ...]:
        """Return the headings of the page that stand above questions, with the index of the question."""
        blocks = [pair.block for pair in self.page.questions]
        return tuple((blocks.index(block), heading) for block, heading in _BLOCKS.items() if block in blocks)

    def related(self, trial_id: str) -> list[dict[str, str]]:
        slugs = [name_slug(trial.name) for trial in self.page.related]
        related: list[dict[str, str]] = []
        for slug, own, trial in zip(unique(slugs, sections.RELATED_TRIALS.slug), slugs, self.page.related, strict=True):
            if own == trial_id:
                self.leave_out(trial)
                continue
            if own and slug != own:
                message = f"this trial is named twice; its second id is {slug}"
                self.notices.append(Notice(trial.lines[0].number, message, trial.name))
            related.append({"id": slug, "name": self.escape(trial.name), **self.statement(trial)})
        return related

    def leave_out(self, trial: PageTrial) -> None:
        """Leave out a related trial with the id of the record, which `check` would refuse."""
        message = "a related trial is another trial"
        self.strays += (Stray(RELATED, Notice(line.number, message, line.text)) for line in trial.lines)

    def statement(self, trial: PageTrial) -> dict[str, str]:
        texts = {label: str(getattr(trial.statement, label)) for label in LABELS}
        return {label: self.escape(text) for label, text in texts.items() if text}


def _by_line(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    return tuple(sorted(notices, key=lambda notice: notice.line))


_BLOCKS = {GUIDED: sections.GUIDED.heading, SCHOLARLY: sections.SCHOLARLY.heading}


def _audience(audience: Sequence[str]) -> dict[str, object]:
    return {"audience": [str(name) for name in audience]} if audience else {}


def _shorten(text: str) -> str:
    return (
        text
        if len(text) <= _LONGEST_TITLE
        else f"{text[:_LONGEST_TITLE].rpartition(' ')[0] or text[:_LONGEST_TITLE]} …"
    )


def _hint(page: Page, strays: Sequence[Stray]) -> str:
    lines = ", ".join(str(stray.notice.line) for stray in strays[:5])
    unplaced = f"the lines that found no place: {lines}{' …' if len(strays) > 5 else ''}; " if strays else ""
    saved = "save the page as text or as a whole HTML document, with its headings and what stands below them"
    return unplaced + saved if not page.notices else f"{unplaced}{saved}, in UTF-8"


def _counts(properties: Sequence[Property]) -> str:
    values = {part.name: part.value for part in properties}
    return ", ".join(counted(len(values.get(section.property) or ()), section.noun) for section in _COUNTED)


def draft(content: bytes, trial_id: str | None, schema: str | None) -> Draft:
    """Draft a record from the bytes of a trial page; see `draft_record`.

    Raises TrialdeckError if the page or the record is too large.
    """
    return draft_record(read_page(content), escape_markdown, id=trial_id, schema=schema)
