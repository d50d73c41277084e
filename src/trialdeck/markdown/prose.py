"""A fast path for plain prose: texts that need neither Markdown nor the sanitiser."""

import re
from html import escape

# One line in which Markdown and HTML see nothing but letters. What could start a list, a heading, a quotation or a
# block is no first character; of typographic characters only those stand here that show. `\ufdd0…\ufdd1` is a piece
# that `trialdeck.markdown.render` has taken out.
_PROSE = re.compile(
    "(?![0-9]+[.)](?:[ \\n]|\\Z))(?=[^ \n,;:.%/?!\"'@#+=>&<-])"
    "(?:[A-Za-z0-9 ,;:.()%/?!\"'@#+=>\u00a1-\u00ac\u00ae-\u017f\u0391-\u03c9"
    "\u2010-\u2027\u2030-\u203a\u2190-\u21ff\u2200-\u22ff-]++"
    "|<(?=[ 0-9=])|&(?= )|\ufdd0[0-9]+\ufdd1)*+(?<! )\\n?"
)


def prose(text: str, *, inline: bool) -> str:
    """Return the HTML of plain prose, just as Markdown and the sanitiser make it, or nothing for any other text."""
    if not _PROSE.fullmatch(text):
        return ""
    html = escape(text.strip(), quote=False)
    return html if inline else f"<p>{html}</p>"
