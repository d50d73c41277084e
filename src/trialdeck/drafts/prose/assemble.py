"""Make the parts of a trial page of sorted notes, in Markdown, with what was inferred and what has no place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec
from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.acronym import find_acronym
from trialdeck.drafts.audience import named_audience
from trialdeck.drafts.headings import QUESTIONS, TAKEAWAYS
from trialdeck.drafts.lines import Notice, PageLine
from trialdeck.drafts.page import SUMMARY, Page, Stray
from trialdeck.drafts.prose.asked import Pair, without_number
from trialdeck.drafts.prose.facts import Facts, facts_of, page_lines, source_of
from trialdeck.drafts.prose.marks import asks
from trialdeck.drafts.prose.names import ACRONYM, CITATION, CLINICAL_QUESTION, POINTER, STATEMENT, TITLE
from trialdeck.drafts.prose.numbers import proposals
from trialdeck.drafts.prose.pieces import Document, Unit, paragraphs, plain, units_of, with_first_line, without_bold
from trialdeck.drafts.prose.sorter import Entry, Sorter, texts_of
from trialdeck.drafts.prose.written import line_of_markdown, markdown_of, with_name
from trialdeck.drafts.questions import PageQuestion
from trialdeck.markdown.html.seen import Paragraph, lines_of
from trialdeck.records.model import Perspective, Source
from trialdeck.records.sections import LIST_SECTIONS, SECTIONS, TEXT_SECTIONS

_BELOW = "inferred: below '{}' in the notes."
_LONGEST_STATEMENT = 300
_LONGEST_TITLE = 120
_LONGEST_ACRONYM = 40
_SHORTEST_SENTENCE, _MOST_OPENING = 30, 3
_RESULT = re.compile(r"\b(?:HR|RR|OR|CI)\b|\b[Pp]\s?[=<>]|[0-9]\s?%\s(?:vs?\.?|versus)\s")
_MECHANISM = re.compile(r"\bmechanis|\bpathophysiolog|\bpharmacolog|\bmolecul|\breceptor", re.IGNORECASE)
_APPRAISAL = re.compile(
    r"\bbias|\bblind|\bstatistic|\bpower(?:ed)?\b|\bconfound|\bgenerali[sz]|\bvalid|\blimitation|\bcritici"
    r"|\bmethodolog|\bintention.to.treat\b|\bnon-?inferior|\bsurrogate", re.IGNORECASE)  # fmt: skip
_HEADINGS = {section.property: section.heading for section in SECTIONS}
NOTHING_TO_ASK = (
    "give them headings such as Background, Design, Population, Intervention, Results, Limitations, Bottom Line or "
    "Questions, or write questions as `Q:` and `A:`"
)
"""What to do about notes that have no part of a record."""
_LISTED = tuple(section.property for section in LIST_SECTIONS)
_TEXTS = tuple(section.property for section in TEXT_SECTIONS)


def page_of_notes(document: Document) -> Page:
    """Return the parts of the notes of one trial.

    Raises TrialdeckError if they have nothing to ask about.
    """
    sorter = Sorter()
    sorter.sort(document.pieces)
    return _Assembler(document, sorter, facts_of(document.facts)).page()


class _Assembler(msgspec.Struct):
    """Puts entries into the parts of a page, and collects what a human must look at."""

    document: Document
    sorter: Sorter
    facts: Facts
    strays: list[tuple[Unit, str, str]] = msgspec.field(default_factory=list)
    inferred: list[Notice] = msgspec.field(default_factory=list)
    notices: list[Notice] = msgspec.field(default_factory=list)
    told: set[str] = msgspec.field(default_factory=set)
    labels: dict[str, tuple[tuple[int, str], ...]] = msgspec.field(default_factory=dict)

    def page(self) -> Page:
        self._notice_losses()
        title = self._title()
        acronym = self._acronym(title)
        source = self._source()
        self._take_opening()
        statement = dict(self._statement())
        sections = {name: tuple(self._section(name)) for name in (*_TEXTS, *_LISTED, TAKEAWAYS)}
        questions = [*self._clinical_question(sections[SUMMARY]), *map(self._question, self.sorter.pairs.pairs)]
        names = {name: tuple(self._names(name)) for name in sections} | self.labels
        self._refuse_if_empty(any([*sections.values(), questions]))
        self.strays += [(unit, reason, "") for unit, reason in self.document.left]
        self.strays += [(unit, "front matter that has no place in a record", "") for unit in self.facts.left]
        return Page(
            title=title,
            source=source,
            sections={name: lines for name, lines in sections.items() if lines},
            headings=frozenset(name for name in self.sorter.headings if name in {*sections, QUESTIONS}),
            questions=tuple(questions),
            related=(),
            strays=tuple(self._page_strays()),
            notices=(*self.notices, *self._hidden()),
            hidden=self._hidden(),
            inferred=tuple(sorted(self.inferred, key=lambda notice: notice.line)),
            line_count=len(self._all_units()),
            statement=statement,
            topics=self.facts.topics,
            acronym=acronym,
            names=names,
            proposed=tuple(proposals(sections["key_findings"])),
            is_notes=True,
        )

    def _all_units(self) -> set[int]:
        units = {unit.id for unit in units_of(self.document.pieces)} | {unit.id for unit, _ in self.document.left}
        return units | {unit.id for fact in self.document.facts for unit in fact.units}

    def _notice_losses(self) -> None:
        for number, loss in self.document.losses:
            self.notices.append(Notice(number, f"not kept: {loss}", ""))
        if self.document.looks:
            self.notices.append(
                Notice(1, f"looks that no record has are not kept: {', '.join(self.document.looks)}", "")
            )

    def _hidden(self) -> tuple[Notice, ...]:
        return tuple(Notice(unit.number, f"{reason}; left out", unit.text) for unit, reason in self.document.hidden
                     if unit.id not in self._listed())  # fmt: skip

    def _listed(self) -> set[int]:
        return {unit.id for unit, _ in self.document.left}

    def _page_strays(self) -> Iterator[Stray]:
        """Yield each line that has no place once."""
        known: set[int] = set()
        for unit, reason, near in sorted([*self.sorter.strays, *self.strays], key=lambda stray: stray[0].id):
            if unit.id not in known:
                known.add(unit.id)
                yield Stray(near, Notice(unit.number, reason, unit.text, "" if unit.number else "the Word file"))

    def _entries(self, part: str) -> list[Entry]:
        return list(texts_of(self.sorter.entries, part))

    def _stray(self, entries: Iterable[Entry], reason: str, near: str = "") -> None:
        self.strays += ((unit, reason, near) for entry in entries for unit in entry.units)

    def _title(self) -> str:
        named = self._entries(TITLE)
        heading = self.sorter.title
        if self.facts.title:
            self._stray(named, "a second title")
            self._leave_second_title(self.facts.title)
            return self.facts.title
        if named:
            self._stray(named[1:], "a second title")
            title = line_of_markdown(named[0].blocks)
            self._leave_second_title(title)
            return title
        if heading:
            return line_of_markdown(paragraphs([without_bold(heading.first_line)])).rstrip(":")
        return self._title_of_opening()

    def _leave_second_title(self, title: str) -> None:
        """List the first heading where the title stands elsewhere, unless it says the same or is the trial's name."""
        heading = self.sorter.title
        if heading and line_of_markdown(heading.blocks).casefold() != title.casefold() and not _name_in(heading.text):
            self.strays += ((unit, "a second title", "") for unit in heading.units)

    def _title_of_opening(self) -> str:
        """Take a short first line for the title."""
        opening = self._entries("")
        if not opening or len(opening[0].blocks) != 1 or not isinstance(opening[0].blocks[0], Paragraph):
            return ""
        first = opening[0].blocks[0].lines
        text = plain(first[0])
        if len(first) > 1 or len(text) > _LONGEST_TITLE or text.endswith((".", ":", ";", ",")):
            return ""
        self.sorter.entries.remove(opening[0])
        number = opening[0].units[0].number if opening[0].units else 1
        self.inferred.append(Notice(number, "title: the first line", text))
        return line_of_markdown(opening[0].blocks)

    def _acronym(self, title: str) -> str:
        named = self._entries(ACRONYM)
        if self.facts.acronym:
            self._stray(named, "a second name")
            return self.facts.acronym
        for index, entry in enumerate(named):
            text = _plain(entry)
            if len(text) <= _LONGEST_ACRONYM and not set(text) & set(':"\\*_{}<>[]`$&'):
                self._stray(named[:index] + named[index + 1 :], "a second name")
                return text
        self._stray(named, "too long for the name of a trial")
        heading = self.sorter.title
        return (_name_in(heading.text) if heading else "") or _name_in(title)

    def _source(self) -> Source:
        own = [entry for entry in self.sorter.entries if entry.part not in (CITATION, POINTER)]
        citations, pointers = self._entries(CITATION), self._entries(POINTER)
        lines = [*page_lines([*citations, *pointers, *own]),
                 *(PageLine(pair.units[0].number, " ".join(map(plain, lines_of([*pair.question, *pair.answer]))))
                   for pair in self.sorter.pairs.pairs if pair.units)]  # fmt: skip
        source, inferred, left = source_of(self.facts.source, citations, pointers, lines)
        self.inferred += inferred
        for entry, reason in left:
            self._stray([entry], reason)
        return source

    def _take_opening(self) -> None:
        """Take the text above the first heading for the summary, where there is none."""
        opening = self._entries("")
        others = [entry for entry in self.sorter.entries if entry.part in {*_TEXTS, *_LISTED, *STATEMENT}]
        is_needed = (others or self.sorter.pairs.pairs) and not self._entries(SUMMARY)
        texts = [entry for entry in opening if is_needed and _is_prose(entry)][:_MOST_OPENING]
        for entry in texts:
            number = entry.units[0].number if entry.units else 1
            self.inferred.append(Notice(number, "summary: the text above the first heading", _plain(entry)))
            self.sorter.entries.append(Entry(SUMMARY, entry.blocks, entry.units))
        self._stray([entry for entry in opening if entry not in texts], "above the first known heading")

    def _statement(self) -> Iterator[tuple[str, str]]:
        """Yield the properties that are one line; what is too long for one is a point of the design."""
        for name in STATEMENT:
            entries = self._entries(name)
            texts = list(map(_plain, entries))
            if name == "endpoint" and any(map(_RESULT.search, texts)):
                self._move(entries, "key_findings", name)
            elif sum(map(len, texts)) > _LONGEST_STATEMENT:
                self._move(entries, "design", name)
            elif entries:
                labels = tuple(dict.fromkeys(entry.name for entry in entries if entry.name.casefold() != name))
                self.labels[name] = tuple((0, _BELOW.format(label)) for label in labels)
                for label in labels:
                    number = next(entry.units[0].number for entry in entries if entry.name == label and entry.units)
                    self.inferred.append(Notice(number, f"section: '{label}' was read as {name}", ""))
                yield name, "; ".join(_statements(entries))

    def _move(self, entries: Sequence[Entry], part: str, name: str) -> None:
        number = entries[0].units[0].number if entries[0].units else 1
        self.told.add(entries[0].name)
        why = "it states results" if part == "key_findings" else "it is too long for one line"
        self.inferred.append(Notice(number, f"section: '{entries[0].name}' went to {part}, not {name}: {why}", ""))
        moved = [Entry(part, entry.blocks, entry.units, entry.name, keeps_name=True) for entry in entries]
        self.sorter.entries += moved

    def _section(self, name: str) -> Iterator[PageLine]:
        for entry in self._entries(name):
            number = entry.units[0].number if entry.units else 1
            text, loss = markdown_of(with_name(entry))
            if loss:
                self.notices.append(Notice(number, f"not kept: {loss}", ""))
            if text:
                yield PageLine(number, text)

    def _names(self, name: str) -> Iterator[tuple[int, str]]:
        """Yield the heading above each entry that stands below another one than the record's own."""
        before = ""
        known = {_HEADINGS.get(name, "").casefold(), name}
        for index, entry in enumerate(self._entries(name)):
            if entry.name and entry.name != before and entry.name.casefold() not in known:
                self._ask_for_day(entry, name)
                if entry.name not in self.told:
                    self.told.add(entry.name)
                    number = entry.units[0].number if entry.units else 1
                    self.inferred.append(Notice(number, f"section: '{entry.name}' was read as {name}", ""))
                if not entry.keeps_name:
                    yield index, _BELOW.format(entry.name)
            before = entry.name

    def _ask_for_day(self, entry: Entry, name: str) -> None:
        if name == "significance" and "guideline" in entry.name.casefold() and entry.units:
            message = "guidelines change: say under `review`, as `as_of`, up to which day this holds"
            self.notices.append(Notice(entry.units[0].number, message, ""))

    def _clinical_question(self, summary: Sequence[PageLine]) -> Iterator[PageQuestion]:
        entries = self._entries(CLINICAL_QUESTION)
        if not entries:
            return
        text = "\n\n".join(markdown_of(entry.blocks)[0] for entry in entries)
        if not summary or not asks(text):
            self._stray(entries, "a clinical question without its answer (Bottom Line)", QUESTIONS)
            return
        number = entries[0].units[0].number if entries[0].units else 1
        self.inferred.append(Notice(number, "response: the summary answers the clinical question", ""))
        yield PageQuestion("", text, tuple(line.text for line in summary), Perspective.CLINICAL, named_audience(text))

    def _question(self, pair: Pair) -> PageQuestion:
        first = next(lines_of(pair.question), ())
        question, loss = markdown_of(with_first_line(pair.question, without_number(first)))
        response, other = markdown_of(pair.answer)
        number = pair.units[0].number if pair.units else 1
        for name in filter(None, (loss, other)):
            self.notices.append(Notice(number, f"not kept: {name}", ""))
        perspective = _perspective(question)
        self.inferred.append(Notice(number, f"perspective: {perspective}, by the words of the question", ""))
        return PageQuestion("", question, (response,), perspective, named_audience(question))

    def _refuse_if_empty(self, has_content: bool) -> None:
        if has_content:
            return
        unknown = [f"'{unit.text}' (line {unit.number})" for unit, reason, _ in self.sorter.strays
                   if reason == "an unknown heading"]  # fmt: skip
        seen = f"; its headings are unknown: {', '.join(unknown[:4])}" if unknown else ""
        raise TrialdeckError(f"the notes have nothing to ask about{seen}", NOTHING_TO_ASK)


def lines_left_out(document: Document, reason: str) -> list[Stray]:
    """Return all lines of some notes as lines that have no place."""
    units = {unit.id: unit for unit in [*units_of(document.pieces), *(unit for unit, _ in document.left)]}
    return [Stray("", Notice(unit.number, reason, unit.text)) for unit in units.values()]


def _plain(entry: Entry) -> str:
    return " ".join(map(plain, lines_of(entry.blocks)))


def _is_prose(entry: Entry) -> bool:
    """Tell whether a text is a sentence, and no part of a menu."""
    text = _plain(entry)
    return len(text) >= _SHORTEST_SENTENCE and text.rstrip('*_)"”').endswith((".", "!", "?"))


def _name_in(title: str) -> str:
    """Return the acronym that a short title is, or that stands before its colon; empty if there is none."""
    head = title.partition(":")[0].partition("(")[0].strip()
    return find_acronym("", [f"The {head} trial"], []) if 0 < len(head.split()) <= 3 else ""


def _statements(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield entries as lines; a name stands before the first of those below it."""
    for _, together in groupby(entries, key=lambda entry: entry.name):
        alike = list(together)
        blocks = [block for entry in alike for block in entry.blocks]
        yield line_of_markdown(with_name(replace(alike[0], blocks=tuple(blocks))))


def _perspective(question: str) -> Perspective:
    if _MECHANISM.search(question):
        return Perspective.MECHANISM
    return Perspective.REVIEWER if _APPRAISAL.search(question) else Perspective.CLINICAL
