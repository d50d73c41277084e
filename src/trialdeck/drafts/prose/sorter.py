"""Sort the pieces of notes into the parts of a record; an unknown heading ends a part, and is listed."""

from collections.abc import Iterable, Iterator

import msgspec

from trialdeck.drafts.headings import QUESTIONS
from trialdeck.drafts.prose.asked import Pairs
from trialdeck.drafts.prose.marks import (
    Label,
    answered,
    asked,
    asks,
    is_title_like,
    is_unknown_label,
    label_of,
    letter_label_of,
)
from trialdeck.drafts.prose.names import (
    ACRONYM,
    ANSWER,
    CITATION,
    LEFT,
    PICO,
    POINTER,
    QUESTION,
    STATEMENT,
    TITLE,
    UNKNOWN,
    Part,
    letter_part,
    part_of,
)
from trialdeck.drafts.prose.pieces import BOLD, MARKED, Kind, Piece, Unit, paragraphs, with_first_line
from trialdeck.drafts.source import is_pointer, names_publication
from trialdeck.markdown.html.seen import Block

_ROOT = Part("")
_OWN = frozenset({TITLE, ACRONYM, CITATION, POINTER, QUESTION, ANSWER, LEFT, UNKNOWN, PICO})
_LONGEST_TITLE = 250


class Entry(msgspec.Struct, frozen=True):
    """A text of a part, and the name above or before it."""

    part: str
    blocks: tuple[Block, ...]
    units: tuple[Unit, ...]
    name: str = ""
    keeps_name: bool = False


class _Open(msgspec.Struct):
    """A heading whose part has not ended; `has_text` says whether anything stands below it."""

    level: int
    part: Part
    name: str = ""
    piece: Piece | None = None
    has_text: bool = False


class Sorter:
    """Sorts pieces into entries; `strays` are lines without a place, each with the reason and the nearest property."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._above: Piece | None = None
        self.pairs = Pairs()
        self.title: Piece | None = None
        self.entries: list[Entry] = []
        self.strays: list[tuple[Unit, str, str]] = []
        self.headings: dict[str, None] = {}

    def sort(self, pieces: Iterable[Piece]) -> None:
        """Sort all pieces of the notes of one trial."""
        for piece in pieces:
            if piece.kind is Kind.END:
                self._close(piece.level)
            elif piece.kind is Kind.LOST:
                self._stray(piece, piece.reason)
            elif piece.kind is Kind.HEADING:
                self._heading(piece)
            else:
                self._body(piece)
            self._above = piece if piece.kind is not Kind.HEADING else None
        self._close(0)
        self.pairs.end()
        self.strays += ((unit, "this question has no answer", QUESTIONS) for unit in self.pairs.unanswered)

    @property
    def _here(self) -> Part:
        return self._open[-1].part if self._open else _ROOT

    def _close(self, level: int) -> None:
        if self._open and self._open[-1].level >= level:
            self.pairs.end()
        while self._open and self._open[-1].level >= level:
            ended = self._open.pop()
            if ended.piece and not ended.has_text:
                self._stray(ended.piece, "a heading below which nothing was taken")

    def _mark_open(self) -> None:
        for opened in self._open:
            opened.has_text = True

    def _heading(self, piece: Piece) -> None:
        text = piece.text
        line = piece.first_line
        is_mark = asked(line) is not None or answered(line) is not None
        if is_mark and self.pairs.take(piece, is_section=True):
            self._mark_open()
            return
        in_questions = any(opened.part.property == QUESTIONS for opened in self._open)
        if in_questions and part_of(text) is None and (asks(text) or piece.folds):
            self._close_within_questions(piece.level)
            self._mark_open()
            self.pairs.take_heading(piece)
            return
        self._close(piece.level)
        part = self._part(text)
        label = None if part else label_of(line)
        if part:
            self._begin(piece, part, text.strip(" *_:：."))
        elif label and label.rest and label.part.property not in _OWN:
            self._begin(piece, label.part, label.name)
            self._mark_open()
            self._body(Piece(Kind.TEXT, piece.units, paragraphs([label.rest])))
        elif piece.folds and asks(text):
            self._open.append(_Open(piece.level, Part(QUESTIONS), text))
            self.pairs.take_heading(piece)
        elif self._is_title(piece):
            self.title = piece
        else:
            self._open.append(_Open(piece.level, Part(UNKNOWN), text))
            self._stray(piece, "an unknown heading")

    def _close_within_questions(self, level: int) -> None:
        while self._open and self._open[-1].level >= level and self._open[-1].part.property != QUESTIONS:
            self._open.pop()

    def _close_questions(self) -> None:
        """End the questions: a table of names and texts is about the trial, and no part of an answer."""
        levels = [opened.level for opened in self._open if opened.part.property == QUESTIONS]
        if levels:
            self._close(min(levels))
        self.pairs.end()

    def _begin(self, piece: Piece, part: Part, name: str) -> None:
        self.pairs.end()
        self._mark_open()
        self._open.append(_Open(piece.level, part, name, None if part.property == LEFT else piece))
        if part.property == LEFT:
            self._stray(piece, part.reason)
        elif part.property not in _OWN:
            self.headings[part.property] = None

    def _is_title(self, piece: Piece) -> bool:
        is_first = not self._open and not self.headings
        return self.title is None and is_first and piece.level <= BOLD and len(piece.text) <= _LONGEST_TITLE

    def _part(self, text: str) -> Part | None:
        """Return the part below a heading, which depends on the part that the heading stands in."""
        parent = next((opened.part.property for opened in reversed(self._open) if opened.part.property), "")
        if parent == PICO and (letter := letter_part(text)):
            return letter
        part = part_of(text)
        if part is None or part.property in _OWN:
            return part
        return self._within(part, parent)

    def _within(self, part: Part, parent: str) -> Part:
        if parent == "key_findings" and part.property in STATEMENT:
            return Part("key_findings", keeps_name=True)
        if parent == "design" and part.property == "key_findings":
            return Part("design", keeps_name=True)
        return part

    def _body(self, piece: Piece) -> None:
        if piece.is_row:
            self._close_questions()
        in_questions = self._here.property == QUESTIONS
        label = label_of(piece.first_line) if piece.kind is not Kind.TABLE else None
        if label is None and self._here.property == PICO:
            label = letter_label_of(piece.first_line)
        is_named = label is not None and label.part.property not in {QUESTION, ANSWER} and not in_questions
        if not is_named and self.pairs.take(piece, is_section=in_questions):
            self._mark_open()
            return
        if not in_questions:
            self.pairs.end()
        if label and is_named and self._labelled(piece, label):
            return
        if self._open and self._open[-1].level == MARKED and is_unknown_label(piece.first_line):
            self._close(MARKED)
            self._stray(piece, "an unknown label")
            return
        if self._is_unknown_heading(piece):
            self._close(BOLD)
            self._open.append(_Open(BOLD, Part(UNKNOWN), piece.text))
            self._stray(piece, "an unknown heading")
            return
        self._place(piece, self._here, self._open[-1].name if self._open else "")

    def _labelled(self, piece: Piece, label: Label) -> bool:
        """Take a text behind a label; return whether it is one here: among results, `Control: 12%` is a result."""
        here = self._here.property
        part = label.part
        if part.property not in _OWN:
            if here in {"key_findings", "limitations", "history", "significance"} and part.property in STATEMENT:
                return False
            part = self._within(part, here)
            if part.property == here and here not in STATEMENT:
                return False
        rest = Piece(piece.kind, piece.units, with_first_line(piece.blocks, label.rest))
        # An item is a label for itself; those beside it have their own, or none that is known.
        if self._is_level_of_labels() and piece.kind is not Kind.ITEM:
            self._close(MARKED)
            self._open.append(_Open(MARKED, part, label.name))
        if part.property == LEFT:
            self._stray(piece, part.reason)
        elif rest.blocks:
            self.headings.update({} if part.property in _OWN else {part.property: None})
            self._place(rest, part, label.name)
        return True

    def _is_level_of_labels(self) -> bool:
        """Tell whether labels are the headings here: nothing but labels stands above."""
        return not self._open or self._open[-1].level == MARKED

    def _is_unknown_heading(self, piece: Piece) -> bool:
        here = self._here.property
        if here in ("", UNKNOWN, LEFT) or piece.kind is not Kind.TEXT or self._above is None:
            return False
        text = piece.text
        return is_title_like(text) and part_of(text) is None and not is_title_like(self._above.text)

    def _place(self, piece: Piece, part: Part, name: str) -> None:
        here = part.property
        if here == UNKNOWN:
            self._stray(piece, "below an unknown heading")
        elif here == LEFT:
            self._stray(piece, f"below '{name}', which is {part.reason}")
        elif here in (QUESTIONS, QUESTION, ANSWER):
            for unit in piece.units:
                self.strays.append((unit, "no question belongs to this line", QUESTIONS))
        elif here == "" and (names_publication(piece.text) or is_pointer(piece.text)):
            self.entries.append(Entry(CITATION, piece.blocks, piece.units))
            self._mark_open()
        elif here == "" and not self._opens(piece):
            self._stray(piece, "in no part that is known")
        elif here == PICO:
            self._stray(piece, "below PICO, without one of its four names")
        else:
            self.entries.append(Entry(here, piece.blocks, piece.units, name, part.keeps_name))
            self._mark_open()

    def _opens(self, piece: Piece) -> bool:
        """Tell whether a text outside all parts is the opening of the notes, which may be their summary."""
        return piece.kind is Kind.TEXT and not self.headings and not is_unknown_label(piece.first_line)

    def _stray(self, piece: Piece, reason: str) -> None:
        self.strays += ((unit, reason, "") for unit in piece.units)


def texts_of(entries: Iterable[Entry], part: str) -> Iterator[Entry]:
    """Yield the entries of one part."""
    return (entry for entry in entries if entry.part == part)
