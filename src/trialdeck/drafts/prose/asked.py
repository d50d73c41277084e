"""Pair the questions of notes with their answers."""

from collections.abc import Iterator

import msgspec

from trialdeck.drafts.prose.marks import answered, asked, asks, both_sides
from trialdeck.drafts.prose.pieces import Kind, Piece, Unit, paragraphs, plain, with_first_line, without_start
from trialdeck.markdown.html.seen import BULLET, Block, Line, List, Paragraph


class Pair(msgspec.Struct):
    """A question with its answer, and the lines that both stand on.

    `is_open` means that paragraphs below belong to the answer; otherwise only lists do.
    """

    question: list[Block]
    units: list[Unit]
    answer: list[Block]
    has_mark: bool = False
    is_open: bool = True


class Pairs:
    """Collects the questions of notes; what is no question of theirs is left to the caller."""

    def __init__(self) -> None:
        self._now: Pair | None = None
        self.pairs: list[Pair] = []
        self.unanswered: list[Unit] = []

    def take(self, piece: Piece, *, is_section: bool) -> bool:
        """Take a piece that asks or answers; `is_section` means that it stands below a heading such as `Questions`."""
        line = piece.first_line
        if (question := asked(line)) is not None and piece.kind is not Kind.TABLE:
            self._begin(piece, _behind_mark(piece, line, question), is_section=is_section)
            return True
        if self._now and (answer := answered(line)) is not None:
            self._now.has_mark = True
            self._answer(piece, _behind_mark(piece, line, answer))
            # Outside its section a paragraph below an answer is the next part of the notes.
            self._now.is_open = is_section or not answer
            return True
        if is_section and self._asks(piece):
            self._begin(piece, piece.blocks, is_section=True)
            return True
        if self._now and (self._now.is_open or (piece.kind is Kind.ITEM and self._now.answer)) and _says(piece):
            self._go_on(piece)
            return True
        return False

    def take_heading(self, piece: Piece) -> None:
        """Begin a question that is a heading."""
        self._begin(piece, piece.blocks, is_section=True)

    def end(self) -> None:
        """End the question that is being read."""
        if self._now and self._now.answer and self._now.question:
            self.pairs.append(self._now)
        elif self._now:
            self.unanswered += self._now.units
        self._now = None

    def _begin(self, piece: Piece, blocks: tuple[Block, ...], *, is_section: bool) -> None:
        self.end()
        question, answer = _parted(blocks)
        self._now = Pair(list(question), list(piece.units), list(answer), bool(answer), is_section or not answer)

    def _asks(self, piece: Piece) -> bool:
        """Tell whether a piece begins the next question: within an answer that has a mark it may ask something."""
        first = plain(piece.first_line)
        is_answering = self._now is not None and not self._now.answer
        return (asks(first) and not (is_answering and piece.kind is Kind.ITEM)) or both_sides(
            piece.first_line
        ) is not None

    def _go_on(self, piece: Piece) -> None:
        assert self._now is not None
        if self._now.has_mark or self._now.answer or asks(_text(tuple(self._now.question))):
            self._answer(piece, piece.blocks)
        else:
            self._now.question += piece.blocks
            self._now.units += piece.units

    def _answer(self, piece: Piece, blocks: tuple[Block, ...]) -> None:
        assert self._now is not None
        is_point = piece.kind is Kind.ITEM and bool(self._now.answer) and bool(blocks)
        self._now.answer += [List((blocks,), (BULLET,))] if is_point else blocks
        self._now.units += piece.units


def _behind_mark(piece: Piece, line: Line, rest: Line) -> tuple[Block, ...]:
    return with_first_line(piece.blocks, rest) if rest != line else piece.blocks


def _parted(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Part a question from the answer that stands in the same item: on its line, or on those below."""
    first = blocks[0] if blocks else None
    if not isinstance(first, Paragraph):
        return blocks, ()
    sides = both_sides(first.lines[0])
    if sides:
        return paragraphs(sides[:1]), (*paragraphs([sides[1], *first.lines[1:]]), *blocks[1:])
    for index, line in enumerate(first.lines[1:], 1):
        answer = answered(line)
        if answer is not None:
            return paragraphs(first.lines[:index]), (*paragraphs([answer, *first.lines[index + 1 :]]), *blocks[1:])
    if asks(plain(first.lines[0])) and (len(first.lines) > 1 or len(blocks) > 1):
        return paragraphs(first.lines[:1]), tuple(_without_mark((*paragraphs(first.lines[1:]), *blocks[1:])))
    return blocks, ()


def _without_mark(blocks: tuple[Block, ...]) -> Iterator[Block]:
    first = blocks[0] if blocks else None
    if isinstance(first, Paragraph) and (answer := answered(first.lines[0])) is not None:
        yield from with_first_line(blocks, answer)
    else:
        yield from blocks


def _says(piece: Piece) -> bool:
    """Tell whether a piece can answer: the number of the next question cannot."""
    return any(map(str.isalpha, piece.text)) or len(piece.text) > 2


def _text(blocks: tuple[Block, ...]) -> str:
    return Piece(Kind.TEXT, (), blocks).text


def without_number(line: Line) -> Line:
    """Return a question without the number before it."""
    text = plain(line)
    digits = len(text) - len(text.lstrip("0123456789"))
    is_mark = 0 < digits < 3 and text[digits : digits + 2] in {". ", ") "}
    return without_start(line, digits + 2) if is_mark else line
