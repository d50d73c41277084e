"""Read a trial page: find its sections, its questions and its related trials.

Sections may come in any order, be missing or empty. Furniture is dropped by name; every other line is given to a part
of the page, or to a notice with its line number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from trialdeck.records.page_lines import Line, Notice, page_lines


class Part(Enum):
    """A part of a trial page."""

    TITLE = auto()
    SOURCE = auto()
    SUMMARY = auto()
    KEY_FINDINGS = auto()
    DESIGN = auto()
    LIMITATIONS = auto()
    SIGNIFICANCE = auto()
    HISTORY = auto()
    GUIDED = auto()
    SCHOLARLY = auto()
    RELATED = auto()
    ROLE = auto()


_HEADINGS = {
    "key findings": Part.KEY_FINDINGS,
    "study design": Part.DESIGN,
    "study limitations": Part.LIMITATIONS,
    "clinical significance": Part.SIGNIFICANCE,
    "historical context": Part.HISTORY,
    "guided discussion": Part.GUIDED,
    "scholarly review": Part.SCHOLARLY,
    "clinical landscape": Part.RELATED,
    "noteworthy related trials": Part.RELATED,
    "tailored to your role": Part.ROLE,
}
_FURNITURE = {
    "view publication",
    "personalize this analysis",
    "want this tailored to you",
    "add your specialty or training stage to get role-specific takeaways and more questions",
    "high-yield insights from every perspective",
    "critical appraisal through the lens of expert reviewers and guideline development",
}
_KEY_RESPONSE = "key response"
_LABELS = ("tested", "population", "comparator", "endpoint")
_SOURCE = re.compile(r"source\s*:\s*(.*)", re.IGNORECASE)
_LABELLED = re.compile(rf"({'|'.join(_LABELS)})\s*:\s*(.+)", re.IGNORECASE)
_REFERENCE = re.compile(r"10\.[0-9]{4,9}/|https?://|doi\.org|NCT[0-9]{8}", re.IGNORECASE)
_SENTENCE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Discussed:
    """One question of a page and the paragraphs of its response; either may be missing."""

    question: Line | None
    response: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """One related trial of a page: its name, and the lines below each of its labels."""

    name: Line
    statement: dict[str, list[Line]]


@dataclass(frozen=True, slots=True)
class Page:
    """A trial page, taken apart; `headed` are the parts whose heading is there, also where nothing stands below it."""

    lines: tuple[Line, ...]
    parts: dict[Part, tuple[Line, ...]]
    headed: frozenset[Part]
    guided: tuple[Discussed, ...]
    scholarly: tuple[Discussed, ...]
    related: tuple[Named, ...]
    address: str
    notices: tuple[Notice, ...]

    def text(self, part: Part) -> str:
        """Return a part as paragraphs with blank lines between them."""
        return "\n\n".join(line.text for line in self.parts.get(part, ()))


def read_page(content: bytes) -> Page:
    """Take a page apart; any bytes will do, and what finds no place is among the notices."""
    lines, address, notices = page_lines(content)
    sorter = _Sorter()
    for line in lines:
        sorter.take(line)
    parts, unplaced = sorter.parts, list(notices)
    guided, loose = _discussed(parts.get(Part.GUIDED, []))
    scholarly, also_loose = _discussed(parts.get(Part.SCHOLARLY, []))
    related, nameless = _related(parts.get(Part.RELATED, []))
    unplaced += [Notice(line.number, "no question belongs to this line", line.text) for line in (*loose, *also_loose)]
    unplaced += [Notice(line.number, "no related trial belongs to this line", line.text) for line in nameless]
    return Page(
        lines=lines,
        parts={part: tuple(found) for part, found in parts.items()},
        headed=frozenset(sorter.headed),
        guided=guided,
        scholarly=scholarly,
        related=related,
        address=address,
        notices=tuple(unplaced),
    )


def folded(text: str) -> str:
    """Return a line as headings are compared: without Markdown marks, arrows, closing punctuation and capitals."""
    bare = text.strip().lstrip("#").strip().strip("*_").strip()
    return bare.rstrip(" :.?!→➔➜›»↗>").rstrip("*_").strip().casefold()


@dataclass(slots=True)
class _Sorter:
    """Gives each line to the part of the page below whose heading it stands."""

    here: Part = Part.TITLE
    parts: dict[Part, list[Line]] = field(default_factory=dict)
    headed: set[Part] = field(default_factory=set)
    awaits_source: bool = False

    def take(self, line: Line) -> None:
        name = folded(line.text)
        source = _SOURCE.match(line.text) or (name == "source" and _SOURCE.match("source:"))
        if name in _HEADINGS:
            self.here = _HEADINGS[name]
            self.headed.add(self.here)
        elif name in _FURNITURE:
            return
        elif source:
            self.take_source(Line(line.number, source[1]))
        elif self.awaits_source and _REFERENCE.search(line.text):
            self.add(Part.SOURCE, line)
            self.awaits_source = False
        elif self.here is Part.TITLE:
            self.take_opening(line)
        else:
            self.add(self.here, line)

    def take_source(self, rest: Line) -> None:
        if self.here is Part.TITLE:
            self.here = Part.SUMMARY
        if rest.text and folded(rest.text) not in _FURNITURE:
            self.add(Part.SOURCE, rest)
        self.awaits_source = not rest.text

    def take_opening(self, line: Line) -> None:
        """Give the first line to the title, unless it is a sentence of the abstract; the next ones to the abstract."""
        is_sentence = len(line.text) > _SENTENCE_LENGTH and line.text.endswith(".")
        self.here = Part.SUMMARY
        self.add(Part.SUMMARY if is_sentence else Part.TITLE, line)

    def add(self, part: Part, line: Line) -> None:
        self.parts.setdefault(part, []).append(line)


def _discussed(lines: Sequence[Line]) -> tuple[tuple[Discussed, ...], tuple[Line, ...]]:
    """Pair questions and responses; return the pairs and the lines that belong to neither.

    Between two lines `Key Response`, the last line is the next question and those before it are the response. A single
    line is the next question if it ends in a question mark, and else the response.
    """
    groups = _split(lines)
    if len(groups) == 1:
        return tuple(Discussed(line, ()) for line in groups[0] if line.text.endswith("?")), tuple(
            line for line in groups[0] if not line.text.endswith("?")
        )
    loose = groups[0][:-1]
    question = groups[0][-1] if groups[0] else None
    pairs: list[Discussed] = []
    for group in groups[1:-1]:
        asks = len(group) > 1 or (bool(group) and group[0].text.endswith("?"))
        response, following = (group[:-1], group[-1]) if asks else (group, None)
        pairs.append(Discussed(question, tuple(response)))
        question = following
    pairs.append(Discussed(question, tuple(groups[-1])))
    return tuple(pair for pair in pairs if pair.question or pair.response), tuple(loose)


def _split(lines: Sequence[Line]) -> list[list[Line]]:
    """Split lines at `Key Response`; text behind a colon on that line belongs to what follows."""
    groups: list[list[Line]] = [[]]
    for line in lines:
        mark, colon, rest = line.text.partition(":")
        if folded(line.text) == _KEY_RESPONSE:
            groups.append([])
        elif colon and rest.strip() and folded(mark) == _KEY_RESPONSE:
            groups.append([Line(line.number, rest.strip())])
        else:
            groups[-1].append(line)
    return groups


def _related(lines: Sequence[Line]) -> tuple[tuple[Named, ...], tuple[Line, ...]]:
    """Read the related trials; return them, and the lines that have no trial to belong to."""
    reader = _RelatedReader()
    labels = [_label(line) for line in lines]
    for index, line in enumerate(lines):
        reader.take(line, labels[index], next(iter(labels[index + 1 : index + 2]), None))
    return tuple(reader.found), tuple(reader.nameless)


def _label(line: Line) -> tuple[str, str] | None:
    """Return the label that a line is, and the text behind it on the same line."""
    if folded(line.text) in _LABELS:
        return folded(line.text), ""
    found = _LABELLED.match(line.text.strip("*_"))
    return (found[1].casefold(), found[2].strip("*_ ")) if found else None


@dataclass(slots=True)
class _RelatedReader:
    """Tells names, labels and values apart: a name stands before a label that starts a trial."""

    found: list[Named] = field(default_factory=list)
    nameless: list[Line] = field(default_factory=list)
    label: str = ""

    def take(self, line: Line, label: tuple[str, str] | None, following: tuple[str, str] | None) -> None:
        if label:
            self.take_label(line, *label)
        elif self.starts_trial(following):
            self.found.append(Named(line, {}))
            self.label = ""
        else:
            self.values(self.label).append(line)

    def starts_trial(self, following: tuple[str, str] | None) -> bool:
        if not self.found or not self.label:
            return True
        statement = self.found[-1].statement
        if following is None:
            return False
        # The label below this line has been used by the current trial, or this trial is complete.
        return following[0] in statement or (bool(statement.get(self.label)) and following[0] == _LABELS[0])

    def take_label(self, line: Line, label: str, text: str) -> None:
        if not self.found:
            self.nameless.append(line)
            return
        self.label = label
        self.values(label)
        if text:
            self.values(label).append(Line(line.number, text))

    def values(self, label: str) -> list[Line]:
        return self.found[-1].statement.setdefault(label, [])


def listed(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the points of a list without their bullets and numbers."""
    for line in lines:
        text = _BULLET.sub("", line.text)
        yield Line(line.number, text or line.text)


_BULLET = re.compile(r"^(?:[-*+•‣▪▫◦●○■□–—·]\s+|\(?[0-9]{1,2}[.)]\s+)")
