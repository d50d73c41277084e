"""Read a saved trial page: its sections, its questions, and the lines that fit nowhere.

Sections may come in any order, be missing or empty; a repeated heading continues its section. Lines of the web page
itself are dropped by their words; every other line becomes a part of the page, or a notice with its number.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.headings import (
    GUIDED,
    QUESTIONS,
    RELATED,
    SCHOLARLY,
    TAKEAWAYS,
    bare,
    heading_of,
    is_furniture,
    is_last_furniture,
    is_unknown_heading,
    key_response,
    label_of,
    name_of,
)
from trialdeck.drafts.identifiers import with_identifiers
from trialdeck.drafts.lines import Notice, PageLine, clean_lines, decode, text_lines
from trialdeck.drafts.prose.names import is_never_taken
from trialdeck.drafts.questions import PageQuestion, read_questions
from trialdeck.drafts.related_trials import PageTrial, read_related
from trialdeck.drafts.source import is_pointer, make_source, names_publication, source_text, without_view
from trialdeck.records.model import Source

SUMMARY = "summary"
UNKNOWN = "unknown"
"""The part below a heading of which a record has none."""
LARGEST = 5_000_000
"""How many bytes of a page are read; most of a page are scripts and styles."""
_LONGEST_TITLE = 120


class Stray(msgspec.Struct, frozen=True):
    """A line that fits nowhere, and the nearest property of the record; `near` is empty if there is none."""

    near: str
    notice: Notice


class Page(msgspec.Struct, frozen=True):
    """The parts of a trial page, in plain text.

    `sections` are the sections of text and of points, with their lines; `headings` are the properties of a record for
    which the page has a heading, even if the section is empty. `hidden` are the notices of lines that were left out
    because the page hides them, or because they stand around the trial. `inferred` are parts of the source that were
    found in the text; `line_count` is the number of lines that are not the web page's own.

    Of an educator's notes, all texts are Markdown already, and more is known: a `statement` of one line for each of
    what was tested, in whom, against what and by which endpoint; `topics`; an `acronym`; `names`, the headings above
    entries of a section, by its index; and results that are `proposed`, as lines of YAML.
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
    inferred: tuple[Notice, ...] = ()
    line_count: int = 0
    statement: Mapping[str, str] = msgspec.field(default_factory=dict)
    topics: tuple[str, ...] = ()
    acronym: str = ""
    names: Mapping[str, tuple[tuple[int, str], ...]] = msgspec.field(default_factory=dict)
    proposed: tuple[str, ...] = ()
    is_notes: bool = False

    @property
    def noun(self) -> str:
        """What the file is, in a word."""
        return "notes" if self.is_notes else "page"


def read_page(content: bytes) -> Page:
    """Read the parts of a page from any bytes: what cannot be decoded becomes U+FFFD, with a notice.

    Raises TrialdeckError if the page is larger than `LARGEST`.
    """
    if len(content) > LARGEST:
        raise TrialdeckError(
            f"the page has more than {LARGEST:,} bytes", "save the page of one trial, without pictures"
        )
    lines, line_notices, hidden = _lines(content)
    sorter = _Sorter()
    below_title = sorter.take_title(lines)
    for line, below in zip_longest(below_title, below_title[1:]):
        sorter.take(line, below)
    others = {line.number for line in sorter.parts.get(RELATED, ())}
    own_lines = [line for line in lines if line.number not in others and not is_furniture(line.text)]
    source, inferred = with_identifiers(make_source(" ".join(sorter.citation), sorter.links), own_lines)
    questions: list[PageQuestion] = []
    notices = list(line_notices)
    strays = list(sorter.strays)
    for block in (GUIDED, SCHOLARLY):
        pairs, unpaired, doubts = read_questions(block, sorter.parts.pop(block, []))
        questions += pairs
        notices += doubts
        strays += (Stray(QUESTIONS, notice) for notice in unpaired)
    related, unpaired = read_related(sorter.parts.pop(RELATED, []))
    strays += (Stray(RELATED, notice) for notice in unpaired)
    return Page(
        title=sorter.title,
        source=source,
        sections={name: tuple(part) for name, part in sorter.parts.items()},
        headings=frozenset(QUESTIONS if name in (GUIDED, SCHOLARLY) else name for name in sorter.headings),
        questions=tuple(questions),
        related=tuple(related),
        strays=tuple(strays),
        notices=tuple(notices),
        hidden=hidden,
        inferred=inferred,
        line_count=len(own_lines) + len(others),
    )


def _lines(content: bytes) -> tuple[list[PageLine], tuple[Notice, ...], tuple[Notice, ...]]:
    """Return the lines of a page, all notices about them, and the notices of lines that the page hides."""
    text, notices = decode(content)
    parsed: tuple[list[PageLine], tuple[Notice, ...]] | None = (text_lines(text), ())
    if text.lstrip().startswith("<"):
        from trialdeck.drafts.saved_html import html_lines, is_html  # noqa: PLC0415 - only HTML needs its parser

        parsed = html_lines(text) if is_html(text) else parsed
    if parsed is None:
        notices = (*notices, Notice(1, "HTML that cannot be parsed; it was read as text", ""))
        parsed = text_lines(text), ()
    lines, controls = clean_lines(parsed[0])
    return lines, (*notices, *parsed[1], *controls), parsed[1]


class _Sorter(msgspec.Struct):
    """Sorts the lines of a page into its parts."""

    here: str = ""
    above: PageLine | None = None
    title: str = ""
    parts: dict[str, list[PageLine]] = msgspec.field(default_factory=dict)
    headings: set[str] = msgspec.field(default_factory=set)
    citation: list[str] = msgspec.field(default_factory=list)
    links: list[str] = msgspec.field(default_factory=list)
    strays: list[Stray] = msgspec.field(default_factory=list)
    has_source: bool = False
    below_source: bool = False
    behind_page: set[int] = msgspec.field(default_factory=set)

    def take_title(self, lines: Sequence[PageLine]) -> list[PageLine]:
        """Take the title, and return the lines below it without those of the web page itself."""
        lines_of_trial: list[PageLine] = []
        ends = False
        for line in lines:
            if is_furniture(line.text):
                self.links += line.links
                ends = ends or is_last_furniture(line.text)
            else:
                self.behind_page |= {line.number} if ends else set()
                ends = False
                lines_of_trial.append(line)
        opening = _lines_before_heading(lines_of_trial)
        title_positions = [index for index in range(opening) if lines_of_trial[index].is_title]
        position = title_positions[-1] if title_positions else 0
        if not title_positions and (not opening or _is_sentence(lines_of_trial[0].text)):
            return lines_of_trial
        for line in lines_of_trial[:position]:
            self.stray("before the title", line)
        marked = any(line.text.startswith(("#", "**")) and heading_of(line.text) for line in lines_of_trial)
        self.title = bare(lines_of_trial[position].text) if marked else lines_of_trial[position].text
        return lines_of_trial[position + 1 :]

    def take(self, line: PageLine, below: PageLine | None) -> None:
        heading, citation = heading_of(line.text), source_text(line.text)
        below_source, self.below_source = self.below_source, False
        above, self.above = self.above, None if heading else line
        if heading:
            self.here = heading
            self.headings.add(heading)
            self.parts.setdefault(heading, [])
        elif self.ends_part(line, above, below):
            self.here = UNKNOWN
            self.stray("an unknown heading", line)
        elif citation is not None and (not self.here or not self.has_source):
            self.take_source(citation, line)
        elif not self.here and name_of(line.text) == "source":
            self.take_source("", line)
        elif below_source and self.names_source(line.text):
            self.citation.append(line.text)
            self.links += line.links
            self.below_source = True
        elif key_response(line.text) is not None and self.here not in (GUIDED, SCHOLARLY):
            self.stray("outside Guided Discussion and Scholarly Review", line)
        elif self.here == UNKNOWN:
            self.stray("below an unknown heading", line)
        else:
            self.parts.setdefault(self.here or SUMMARY, []).append(line)

    def ends_part(self, line: PageLine, above: PageLine | None, below: PageLine | None) -> bool:
        """Whether a line starts a part that no record has; what it would end has to be there."""
        part = self.here or (SUMMARY if self.parts else "")
        if part in ("", UNKNOWN):
            return False
        if part == TAKEAWAYS and line.number in self.behind_page:
            return True
        is_value = above is not None and label_of(above.text) is not None
        return (not is_value and is_never_taken(line.text)) or is_unknown_heading(line, part, above, below)

    def names_source(self, text: str) -> bool:
        return is_pointer(text) if self.citation else names_publication(text)

    def take_source(self, said: str, line: PageLine) -> None:
        """Take the text after `Source:`; the lines that follow are the abstract, unless they continue the source."""
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


def _lines_before_heading(lines: Iterable[PageLine]) -> int:
    """Return the number of lines before the first heading or source."""
    count = 0
    for line in lines:
        if heading_of(line.text) or source_text(line.text) is not None or name_of(line.text) == "source":
            break
        count += 1
    return count


def _is_sentence(text: str) -> bool:
    """Whether the first line is the abstract, so that the page has no title."""
    return len(text) > _LONGEST_TITLE and text.endswith(".")
