"""Read a saved trial page: its sections, its questions, and the lines that have no place.

Sections may come in any order, be missing or empty; a heading that repeats continues its section. Furniture is dropped
by name; every other line is a part of the page or a notice with its number.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.headings import (
    GUIDED,
    QUESTIONS,
    RELATED,
    SCHOLARLY,
    bare,
    heading_of,
    is_furniture,
    key_response,
    name_of,
)
from trialdeck.drafts.lines import Notice, PageLine, clean_lines, decode, text_lines
from trialdeck.drafts.questions import PageQuestion, read_questions
from trialdeck.drafts.related_trials import PageTrial, read_related
from trialdeck.drafts.saved_html import html_lines, is_html
from trialdeck.drafts.source import is_pointer, make_source, names_publication, source_text, without_view
from trialdeck.records.model import Source

SUMMARY = "summary"
LARGEST = 5_000_000
"""How many bytes of a page are read; scripts and styles make up most of one."""
_LONGEST_TITLE = 120


class Stray(msgspec.Struct, frozen=True):
    """A line that found no place, and the property of the record that it is nearest to, if there is one."""

    near: str
    notice: Notice


class Page(msgspec.Struct, frozen=True):
    """A trial page, taken apart, in plain text.

    `sections` are the sections of text and of points, with their lines; `headings` are the properties of a record that
    the page has a heading for, also where it says nothing below it. `hidden` are those of the notices that are of
    lines left out because the page hides them, or because they stand around the trial.
    """

    title: str
    source: Source
    sections: Mapping[str, tuple[PageLine, ...]]
    headings: frozenset[str]
    questions: tuple[PageQuestion, ...]
    related: tuple[PageTrial, ...]
    strays: tuple[Stray, ...]
    notices: tuple[Notice, ...]
    hidden: tuple[Notice, ...] = ()


def read_page(content: bytes) -> Page:
    """Take a page apart. Any bytes will do: what cannot be read shows as U+FFFD, and is among the notices.

    Raises TrialdeckError where they are too many.
    """
    if len(content) > LARGEST:
        raise TrialdeckError(
            f"the page has more than {LARGEST:,} bytes", "save the page of one trial, without pictures"
        )
    lines, found, hidden = _lines(content)
    sorter = _Sorter()
    for line in sorter.opened(lines):
        sorter.take(line)
    questions: list[PageQuestion] = []
    notices = list(found)
    strays = list(sorter.strays)
    for block in (GUIDED, SCHOLARLY):
        asked, lost, doubts = read_questions(block, sorter.parts.pop(block, []))
        questions += asked
        notices += doubts
        strays += (Stray(QUESTIONS, notice) for notice in lost)
    related, lost = read_related(sorter.parts.pop(RELATED, []))
    strays += (Stray(RELATED, notice) for notice in lost)
    return Page(
        title=sorter.title,
        source=make_source(" ".join(sorter.citation), sorter.links),
        sections={name: tuple(part) for name, part in sorter.parts.items()},
        headings=frozenset(QUESTIONS if name in (GUIDED, SCHOLARLY) else name for name in sorter.headings),
        questions=tuple(questions),
        related=tuple(related),
        strays=tuple(strays),
        notices=tuple(notices),
        hidden=hidden,
    )


def _lines(content: bytes) -> tuple[list[PageLine], tuple[Notice, ...], tuple[Notice, ...]]:
    """Return the lines of a page, all notices of them, and those of what the page hides."""
    text, notices = decode(content)
    read = html_lines(text) if is_html(text) else (text_lines(text), ())
    if read is None:
        notices = (*notices, Notice(1, "HTML that cannot be parsed; it was read as text", ""))
        read = text_lines(text), ()
    lines, controls = clean_lines(read[0])
    return lines, (*notices, *read[1], *controls), read[1]


class _Sorter(msgspec.Struct):
    """Gives each line to the part of the page that it stands in."""

    here: str = ""
    title: str = ""
    parts: dict[str, list[PageLine]] = msgspec.field(default_factory=dict)
    headings: set[str] = msgspec.field(default_factory=set)
    citation: list[str] = msgspec.field(default_factory=list)
    links: list[str] = msgspec.field(default_factory=list)
    strays: list[Stray] = msgspec.field(default_factory=list)
    has_source: bool = False
    below_source: bool = False

    def opened(self, lines: Sequence[PageLine]) -> list[PageLine]:
        """Take the title, and return the lines without it and without furniture."""
        kept: list[PageLine] = []
        for line in lines:
            if is_furniture(line.text):
                self.links += line.links
            else:
                kept.append(line)
        opening = _opening(kept)
        headed = [place for place in range(opening) if kept[place].is_title]
        place = headed[-1] if headed else 0
        if not headed and (not opening or _is_sentence(kept[0].text)):
            return kept
        for line in kept[:place]:
            self.stray("before the title", line)
        marked = any(line.text.startswith(("#", "**")) and heading_of(line.text) for line in kept)
        self.title = bare(kept[place].text) if marked else kept[place].text
        return kept[place + 1 :]

    def take(self, line: PageLine) -> None:
        heading, said = heading_of(line.text), source_text(line.text)
        below_source, self.below_source = self.below_source, False
        if heading:
            self.here = heading
            self.headings.add(heading)
            self.parts.setdefault(heading, [])
        elif said is not None and (not self.here or not self.has_source):
            self.take_source(said, line)
        elif not self.here and name_of(line.text) == "source":
            self.take_source("", line)
        elif below_source and self.names_source(line.text):
            self.citation.append(line.text)
            self.links += line.links
            self.below_source = True
        elif key_response(line.text) is not None and self.here not in (GUIDED, SCHOLARLY):
            self.stray("outside Guided Discussion and Scholarly Review", line)
        else:
            self.parts.setdefault(self.here or SUMMARY, []).append(line)

    def names_source(self, text: str) -> bool:
        return is_pointer(text) if self.citation else names_publication(text)

    def take_source(self, said: str, line: PageLine) -> None:
        """Take what stands behind `Source:`; what follows is the abstract, unless it is still the source."""
        citation, links = without_view(said)
        self.has_source, self.here = True, ""
        self.links += (*links, *line.links)
        if citation and self.citation:
            self.stray("a second source", line)
        elif citation:
            self.citation.append(citation)
        self.below_source = not said or bool(citation)

    def stray(self, message: str, line: PageLine) -> None:
        self.strays.append(Stray("", Notice(line.number, message, line.text)))


def _opening(lines: Iterable[PageLine]) -> int:
    """Return how many lines stand before the first heading or source."""
    count = 0
    for line in lines:
        if heading_of(line.text) or source_text(line.text) is not None or name_of(line.text) == "source":
            break
        count += 1
    return count


def _is_sentence(text: str) -> bool:
    """Whether a first line is the abstract of a page without a title."""
    return len(text) > _LONGEST_TITLE and text.endswith(".")
