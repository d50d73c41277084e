"""Write paragraphs and simple lists as the HTML of a card.

To compare this with the HTML that Markdown gives takes a tenth of the time that it takes to read that HTML. It is what
most texts give; of any other HTML nothing is said here.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.html.seen import Block, Line, List, Paragraph, Run
from trialdeck.markdown.html.write_inline import MARKS, Part, parts_of

_UNUSUAL = re.compile(r"\\|\[(?:sound:|\$)")
"""In a text with one of these, `seen` may find a formula or a sound."""


def shows(html: str, blocks: tuple[Block, ...]) -> bool:
    """Return whether these blocks are what is seen of some HTML."""
    return html == card_html(blocks) or seen(html).blocks == blocks


def card_html(blocks: Sequence[Block]) -> str | None:
    """Return HTML of which these blocks are seen, in the form that a card has; None if they are no simple ones."""
    return "\n".join(map(_block, blocks)) if all(map(_is_simple, blocks)) else None


def _is_simple(block: Block) -> bool:
    if isinstance(block, List):
        texts = [item[0] for item in block.items if len(item) == 1 and isinstance(item[0], Paragraph)]
        is_list = block.has_bullets or block.start is not None
        return is_list and len(texts) == len(block.items) > 1 and all(map(_is_simple, texts))
    return isinstance(block, Paragraph) and all(line and all(map(_is_simple_run, line)) for line in block.lines)


def _is_simple_run(run: Run) -> bool:
    is_plain_link = run.link != run.text and not _UNUSUAL.search(run.link)
    return is_plain_link and not (run.is_formula or "code" in run.marks or _UNUSUAL.search(run.text))


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_lines(block.lines)}</p>"
    assert isinstance(block, List)
    items = "".join(f"<li>{_lines(item.lines)}</li>\n" for (item,) in block.items if isinstance(item, Paragraph))
    if block.start is None:
        return f"<ul>\n{items}</ul>"
    start = f' start="{block.start}"' if block.start != 1 else ""
    return f"<ol{start}>\n{items}</ol>"


def _lines(lines: Iterable[Line]) -> str:
    return "<br>\n".join(map(_line, lines))


def _line(line: Line) -> str:
    return "".join(map(_part, parts_of(line, MARKS[0], is_escaped=False)))


def _part(part: Part) -> str:
    if not part.key:
        return escape(part.text, quote=False).replace("\xa0", "&nbsp;")
    if part.key == "link":
        return f'<a href="{escape(part.address)}" rel="noopener noreferrer">' if part.opens else "</a>"
    return f"<{'' if part.opens else '/'}{part.key}>"
