"""HTML in the form that Anki and its editor leave behind, so that passing through them changes nothing.

Anki's editor reads a field into a page and writes the page's HTML back; an import stores every text in the form NFC of
Unicode. What that changes would look like an edit of the learner's.
"""

from unicodedata import normalize


def as_editor_leaves(html: str) -> str:
    """Return HTML that trialdeck has written in NFC, with its no-break spaces as Anki's editor writes them: `&nbsp;`.

    Elements are written in that form from the start: `<rect …></rect>`, attributes in double quotes.
    """
    return normalize("NFC", html).replace("\u00a0", "&nbsp;")
