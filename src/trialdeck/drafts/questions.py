"""Pair the questions of a page with their responses."""

from collections.abc import Iterator, Sequence

import msgspec

from trialdeck.drafts.audience import named_audience
from trialdeck.drafts.headings import GUIDED, SCHOLARLY, key_response
from trialdeck.drafts.lines import Notice, PageLine
from trialdeck.records.model import Audience, Perspective

_AUDIENCES = {
    GUIDED: (Audience.STUDENT, Audience.RESIDENT, Audience.FELLOW, Audience.ATTENDING),
    SCHOLARLY: (Audience.METHODOLOGIST, Audience.PEER_REVIEWER, Audience.GUIDELINE_COMMITTEE),
}


class PageQuestion(msgspec.Struct, frozen=True):
    """A question of a page with the paragraphs of its response; `block` is the block of questions it is in."""

    block: str
    question: str
    response: tuple[str, ...]
    perspective: Perspective
    audience: tuple[Audience, ...]


class _Pair(msgspec.Struct, frozen=True):
    mark: PageLine | None
    question: PageLine | None
    response: tuple[PageLine, ...]


def read_questions(block: str, lines: Sequence[PageLine]) -> tuple[list[PageQuestion], list[Notice], list[Notice]]:
    """Return the questions of a block of a page, notices of unpaired lines, and notices of doubtful responses."""
    pieces = _split(lines)
    loose = pieces[0].lines[:-1] if len(pieces) > 1 else pieces[0].lines
    unpaired = [Notice(line.number, _message_outside(line), line.text) for line in loose]
    doubts: list[Notice] = []
    questions: list[PageQuestion] = []
    for position, pair in enumerate(_pairs(pieces)):
        if pair.question and pair.response:
            questions.append(_question(block, position, pair.question, pair.response))
            doubts += _notices_of_doubts(pair)
        else:
            unpaired += _notices_of_unpaired(pair)
    return questions, unpaired, doubts


class _Piece(msgspec.Struct, frozen=True):
    """The lines between two marks `Key Response`, and the mark above them."""

    mark: PageLine | None
    lines: list[PageLine]


def _split(lines: Sequence[PageLine]) -> list[_Piece]:
    pieces = [_Piece(None, [])]
    for line in lines:
        response = key_response(line.text)
        if response is None:
            pieces[-1].lines.append(line)
        else:
            pieces.append(_Piece(line, [PageLine(line.number, response)] if response else []))
    return pieces


def _pairs(pieces: Sequence[_Piece]) -> Iterator[_Pair]:
    question = pieces[0].lines[-1] if pieces[0].lines and len(pieces) > 1 else None
    for piece in pieces[1:]:
        response, following = _split_off_question(piece.lines, is_last=piece is pieces[-1])
        yield _Pair(piece.mark, question, tuple(response))
        question = following
    if question and len(pieces) > 1:
        yield _Pair(None, question, ())


def _split_off_question(lines: list[PageLine], *, is_last: bool) -> tuple[list[PageLine], PageLine | None]:
    """Split off the next question: the last line, unless it stands alone or at the end and asks nothing."""
    if lines and ((len(lines) > 1 and not is_last) or _asks(lines[-1])):
        return lines[:-1], lines[-1]
    return lines, None


def _asks(line: PageLine) -> bool:
    return line.text.rstrip("*_)\"'”’ ").endswith(("?", "？"))


def _message_outside(line: PageLine) -> str:
    return "this question has no `Key Response`" if _asks(line) else "no question belongs to this line"


def _notices_of_unpaired(pair: _Pair) -> Iterator[Notice]:
    if pair.question:
        message = "this question has no response" if pair.mark else "this question has no `Key Response`"
        yield Notice(pair.question.number, message, pair.question.text)
    for line in pair.response:
        yield Notice(line.number, "this response has no question", line.text)
    if pair.mark and not pair.question and not pair.response:
        yield Notice(pair.mark.number, "there is neither a question nor a response", pair.mark.text)


def _notices_of_doubts(pair: _Pair) -> Iterator[Notice]:
    for line in pair.response:
        if _asks(line):
            yield Notice(line.number, "kept in a response; is it a question without `Key Response`?", line.text)


def _question(block: str, position: int, question: PageLine, response: Sequence[PageLine]) -> PageQuestion:
    """Return a question with the perspective and the audience that its place on the page implies.

    Args:
        block: The block of questions.
        position: The index of the pair in its block.
        question: The line of the question.
        response: The lines of the response.

    Returns:
        The question; wording that names an audience overrides the audience of the block.
    """
    first = Perspective.MECHANISM if position == 0 else Perspective.CLINICAL
    return PageQuestion(
        block=block,
        question=question.text,
        response=tuple(line.text for line in response),
        perspective=first if block == GUIDED else Perspective.REVIEWER,
        audience=named_audience(question.text) or _AUDIENCES[block][position : position + 1],
    )
