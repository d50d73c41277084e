"""Split paragraphs of notes into what stands on lines of its own: labels, headings, questions and answers."""

from collections.abc import Iterable, Iterator, Sequence

from trialdeck.drafts.prose.marks import answered, asked, heading_level, label_of, parts_of_abstract
from trialdeck.drafts.prose.pieces import BOLD, MARKED, Kind, Piece, Unit, paragraphs, plain, without_start
from trialdeck.markdown.html.seen import BULLET, Block, Line, List, Paragraph, joined_lines, lines_of

_NARROWEST = 68
"""How wide a text is at least that an editor wraps; a line that ends before has a break that was typed."""
_SENTENCE_ENDS = (".", "!", "?", ":", ";")


def split_pieces(pieces: Iterable[Piece], *, is_wrapped: bool) -> list[Piece]:
    """Return pieces of which each has one idea; `is_wrapped` says that a line break may be one of the editor's."""
    parts = [part for piece in pieces for part in _parts(piece, is_wrapped=is_wrapped)]
    return list(_with_lists(parts))


def _parts(piece: Piece, *, is_wrapped: bool) -> Iterator[Piece]:
    if piece.kind is not Kind.TEXT or len(piece.blocks) != 1 or not isinstance(piece.blocks[0], Paragraph):
        yield piece
        return
    typed = piece.blocks[0].lines
    units_of_typed = _units_of_lines(piece.units, len(typed))
    parts = [parts_of_abstract(line) for line in typed]
    lines = [part for line in parts for part in line]
    units = [own for line, own in zip(parts, units_of_typed, strict=True) for _ in line]
    begin = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines) and not _starts_part(lines[index]) and not _is_heading(lines[index - 1]):
            continue
        own = dict.fromkeys(unit for part in units[begin:index] for unit in part)
        yield _part(lines[begin:index], tuple(own), is_alone=len(lines) == 1, is_wrapped=is_wrapped)
        begin = index


def _units_of_lines(units: Sequence[Unit], count: int) -> list[tuple[Unit, ...]]:
    return [(unit,) for unit in units] if len(units) == count else [tuple(units)] * count


def _starts_part(line: Line) -> bool:
    return bool(label_of(line) or asked(line) is not None or answered(line) is not None or _is_heading(line))


def _is_heading(line: Line) -> bool:
    return bool(heading_level(line, is_alone=False))


def _part(lines: Sequence[Line], units: tuple[Unit, ...], *, is_alone: bool, is_wrapped: bool) -> Piece:
    level = heading_level(lines[0], is_alone=is_alone) if len(lines) == 1 else ""
    if level:
        return Piece(Kind.HEADING, units, paragraphs(lines), BOLD if level == "bold" else MARKED)
    return Piece(Kind.TEXT, units, paragraphs(_unwrapped(lines) if is_wrapped else lines))


def _unwrapped(lines: Sequence[Line]) -> list[Line]:
    """Return lines without the breaks that an editor made in the middle of a sentence."""
    groups: list[list[Line]] = []
    above = ""
    width = max(_NARROWEST, *(len(plain(line)) for line in lines))
    for line in lines:
        text = plain(line)
        would_fit = len(above) + 1 + len(text.partition(" ")[0]) <= width
        is_wrapped = not would_fit or (text[:1].islower() and not above.endswith(_SENTENCE_ENDS))
        if above and is_wrapped:
            groups[-1].append(line)
        else:
            groups.append([line])
        above = text
    return [joined_lines(group) if len(group) > 1 else group[0] for group in groups]


def _with_lists(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield pieces; a text that ends with a colon has the list below it."""
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        index += 1
        items: list[Piece] = []
        if piece.kind is Kind.TEXT and piece.text.endswith((":", "：")):
            while (
                index < len(pieces) and pieces[index].kind is Kind.ITEM and not _starts_part(pieces[index].first_line)
            ):
                items.append(pieces[index])
                index += 1
        yield _joined(piece, items) if items else piece


def _joined(piece: Piece, items: Sequence[Piece]) -> Piece:
    units = dict.fromkeys([*piece.units, *(unit for item in items for unit in item.units)])
    blocks: tuple[Block, ...] = (List(tuple(item.blocks for item in items), (BULLET,) * len(items)),)
    if len(items) == 1:
        blocks = items[0].blocks
    return Piece(Kind.TEXT, tuple(units), (*piece.blocks, *blocks))


def one_line(blocks: Iterable[Block]) -> Line:
    """Return blocks as one line: items and lines are parted by semicolons."""
    lines = [_without_bullet(line) for line in lines_of(blocks)]
    return joined_lines(filter(None, lines), "; ") if lines else ()


def _without_bullet(line: Line) -> Line:
    text = "".join(run.text for run in line)
    lead = len(text) - len(text.lstrip(f" {BULLET}"))
    return without_start(line, lead)
