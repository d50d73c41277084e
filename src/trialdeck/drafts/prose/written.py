"""Write what stands in notes as Markdown of a record."""

from collections.abc import Iterator, Sequence

from trialdeck.drafts.prose.pieces import paragraphs, plain, text_line, with_first_line, without_start
from trialdeck.drafts.prose.sorter import Entry
from trialdeck.drafts.prose.split import one_line
from trialdeck.markdown.from_html import written
from trialdeck.markdown.html.elements import UnsayableError
from trialdeck.markdown.html.seen import BULLET, Block, List, Paragraph, Run, joined_lists, line_of, lines_of
from trialdeck.markdown.render import escape_markdown


def markdown_of(blocks: Sequence[Block]) -> tuple[str, str]:
    """Return blocks as Markdown, and in plain words what of their form it does not have."""
    try:
        converted = written(list(_without_lone_bullets(blocks)))
    except UnsayableError as error:
        return escape_markdown("\n\n".join(plain(line) for line in lines_of(blocks))), f"its form ({error})"
    return converted.text, ", ".join(converted.losses)


def _without_lone_bullets(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks in which a list of one item is that item: a record knows no such list."""
    for block in joined_lists(blocks):
        if isinstance(block, List) and len(block.items) == 1 and block.has_bullets:
            yield from block.items[0]
        elif len(blocks) == 1 and isinstance(block, Paragraph) and plain(block.lines[0]).startswith(f"{BULLET} "):
            yield Paragraph((without_start(block.lines[0], 2), *block.lines[1:]))
        else:
            yield block


def line_of_markdown(blocks: Sequence[Block]) -> str:
    """Return blocks as one line of Markdown."""
    return " ".join(markdown_of(paragraphs([one_line(blocks)]))[0].split("\n"))


def with_name(entry: Entry) -> tuple[Block, ...]:
    """Return the text of an entry, behind its name if it needs that: `Exclusion criteria: pregnancy`."""
    if not entry.keeps_name or not entry.name:
        return entry.blocks
    if not isinstance(entry.blocks[0], Paragraph):
        return (*paragraphs([text_line(f"{entry.name}:")]), *entry.blocks)
    first = entry.blocks[0].lines[0]
    named = line_of([Run(f"{entry.name}: "), *first])
    return with_first_line(entry.blocks, named)
