"""What is seen of some HTML: blocks of lines, each a sequence of runs of text that look alike.

Two pieces of HTML look the same if and only if they give equal blocks. White space is collapsed as a browser does, but
for no-break spaces. How many blank lines stand between two paragraphs is not seen, nor whether the space between two
words in bold is bold.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

BULLET = "•"
MARK = re.compile("[\U0010f000-\U0010fffd]")
"""The characters that stand for the marks of cloze deletions."""

_SPACES = re.compile("[ \t\n\r\f]+")
_PART = re.compile(f"[ \t\n\r\f]+|{MARK.pattern}|[^ \t\n\r\f\U0010f000-\U0010fffd]+")
_NUMBER = re.compile(r"([0-9]{1,9})\.")


class Run(msgspec.Struct, frozen=True):
    r"""Text of one look: `marks` are those of `strong`, `em`, `s` and `code` that it has, `link` is an address.

    Of a formula the text is its TeX between `\(` and `\)`, or `\[` and `\]`.
    """

    text: str
    marks: frozenset[str] = frozenset()
    link: str = ""
    is_formula: bool = False

    def looks_like(self, other: "Run") -> bool:
        """Return whether both can be one run."""
        return not self.is_formula and self == Run(self.text, other.marks, other.link, other.is_formula)


Line = tuple[Run, ...]


class Paragraph(msgspec.Struct, frozen=True, tag=True):
    """Lines without a gap between them."""

    lines: tuple[Line, ...]


class Code(msgspec.Struct, frozen=True, tag=True):
    """Lines of code, with their spaces."""

    text: str


class List(msgspec.Struct, frozen=True, tag=True):
    """A list: what each item holds, and the label before it, which is BULLET, or a number with a point."""

    items: tuple[tuple["Block", ...], ...]
    labels: tuple[str, ...]

    @property
    def start(self) -> int | None:
        """The first number; None if the labels are no numbers that follow each other."""
        numbers = [int(found[1]) for label in self.labels if (found := _NUMBER.fullmatch(label))]
        is_row = len(numbers) == len(self.labels) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        return numbers[0] if is_row else None

    @property
    def has_bullets(self) -> bool:
        """Whether all items have bullets."""
        return set(self.labels) == {BULLET}


class Table(msgspec.Struct, frozen=True, tag=True):
    """Rows of cells, all of one length, and how each column is aligned."""

    rows: tuple[tuple[Line, ...], ...]
    align: tuple[str, ...]


Block = Paragraph | Code | List | Table


def line_of(runs: Iterable[Run]) -> Line:
    """Return a line as it is seen: white space collapsed, runs that look alike joined."""
    runs = list(runs)
    if not any(run.is_formula or run.text.strip() for run in runs):
        return ()
    if len(runs) == 1 and not runs[0].is_formula and not MARK.search(runs[0].text):
        # Most lines are text of one look.
        return (Run(_SPACES.sub(" ", runs[0].text).lstrip(" ").rstrip(), runs[0].marks, runs[0].link),)
    parts = _without_spare_spaces([part for run in runs for part in _parts(run)])
    placed = [_placed(parts, index) if part.text == " " else part for index, part in enumerate(parts)]
    alike: list[list[Run]] = []
    for part in placed:
        first = alike[-1][0] if alike else None
        if first and first.looks_like(part) and not MARK.match(part.text) and not MARK.match(first.text):
            alike[-1].append(part)
        else:
            alike.append([part])
    return tuple(_joined(runs) for runs in alike)


def _joined(runs: Sequence[Run]) -> Run:
    """Return runs that look alike as one."""
    first, *others = runs
    return Run("".join(run.text for run in runs), first.marks, first.link) if others else first


def _parts(run: Run) -> Iterator[Run]:
    if run.is_formula:
        yield run
        return
    for part in _PART.findall(run.text):
        if part[0] in " \t\n\r\f":
            yield Run(" ", run.marks, run.link)
        elif MARK.match(part):
            yield Run(part)
        else:
            yield Run(part, run.marks, run.link)


def _without_spare_spaces(parts: list[Run]) -> list[Run]:
    kept: list[Run] = []
    for part in parts:
        if part.text != " " or (kept and kept[-1].text != " "):
            kept.append(part)
    # At the end of a line a no-break space is not seen either.
    while kept and not kept[-1].is_formula and not kept[-1].text.rstrip():
        kept.pop()
    if kept and not kept[-1].is_formula:
        last = kept.pop()
        kept.append(Run(last.text.rstrip(), last.marks, last.link))
    return [] if not any(part.is_formula or part.text.strip() for part in kept) else kept


def _placed(parts: Sequence[Run], index: int) -> Run:
    """Return a space with the look that the parts on both of its sides share."""
    before, behind = parts[index - 1], parts[index + 1]
    return Run(" ", before.marks & behind.marks, before.link if before.link == behind.link else "")


def joined_lines(lines: Iterable[Line], between: str = " ") -> Line:
    """Return several lines as one."""
    runs: list[Run] = []
    for line in lines:
        runs += [Run(between), *line] if runs else line
    return line_of(runs)


def with_free_spaces(line: Line) -> Line:
    """Return a line that looks the same, in which no space at the edge of a run is bold or italic."""
    runs: list[Run] = []
    for index, run in enumerate(line):
        text = run.text
        free = Run(" ", run.marks - {"strong", "em"}, run.link)
        if run.is_formula or "code" in run.marks:
            runs.append(run)
            continue
        inner = Run(text.strip(" "), run.marks, run.link)
        runs += [free] if index and text.startswith(" ") else []
        runs += [inner] if inner.text else []
        runs += [free] if index + 1 < len(line) and text.endswith(" ") and inner.text else []
    return tuple(runs)


def plain_line(line: Line) -> Line:
    """Return a line without emphasis, code and links."""
    return line_of(Run(run.text, is_formula=run.is_formula) for run in line)


def lines_of(blocks: Iterable[Block], indent: str = "") -> Iterator[Line]:
    """Yield everything as lines of text: items behind their labels, the cells of a row behind each other."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from (line_of([Run(indent), *line]) for line in block.lines)
        elif isinstance(block, Code):
            yield from (line_of([Run(indent), Run(text)]) for text in block.text.split("\n") if text.strip())
        elif isinstance(block, Table):
            yield from (line_of([Run(indent), *joined_lines(row, " | ")]) for row in block.rows)
        else:
            for item, label in zip(block.items, block.labels, strict=True):
                first, *others = lines_of(item, indent)
                yield line_of([Run(f"{indent}{label} "), *first])
                yield from others


def joined_lists(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks with lists that go on with each other as one."""
    before: Block | None = None
    for block in blocks:
        if isinstance(before, List) and isinstance(block, List):
            whole = List(before.items + block.items, before.labels + block.labels)
            if whole.has_bullets or (before.start is not None and whole.start is not None):
                before = whole
                continue
        if before is not None:
            yield before
        before = block
    if before is not None:
        yield before


def sayable(blocks: Iterable[Block], *, is_nested: bool = False) -> Iterator[Block]:
    """Yield blocks as the dialect has them: it takes one line alone for no list, and has no letters for labels.

    Such lists are paragraphs that look the same. See `trialdeck.markdown.dialect`.
    """
    for block in joined_lists(blocks):
        if isinstance(block, List):
            yield from _sayable_list(block, is_nested=is_nested)
        else:
            yield block


def _sayable_list(block: List, *, is_nested: bool) -> Iterator[Block]:
    items = tuple(tuple(sayable(item, is_nested=True)) for item in block.items)
    whole = List(items, block.labels)
    if (whole.has_bullets and is_nested) or ((whole.has_bullets or whole.start is not None) and _count(whole) > 1):
        yield whole
        return
    simple: list[Line] = []
    for item, label in zip(block.items, block.labels, strict=True):
        first, *others = item if isinstance(item[0], Paragraph) else (Paragraph(((),)), *item)
        lines = first.lines if isinstance(first, Paragraph) else ()
        simple += [line_of([Run(f"{label} "), *lines[0]]), *lines[1:]]
        if others:
            yield Paragraph(tuple(simple))
            yield from sayable(others, is_nested=is_nested)
            simple = []
    if simple:
        yield Paragraph(tuple(simple))


def _count(block: List) -> int:
    """Return how many items a list has, with those of the lists inside."""
    inner = (part for item in block.items for part in item if isinstance(part, List))
    return len(block.items) + sum(map(_count, inner))
