"""HTML in the form that a browser's editor leaves behind, so that passing through it changes nothing.

Anki's editor reads a field into a page and writes the page's HTML back. What that changes would look like an edit of
the learner's.
"""


def as_editor_leaves(html: str) -> str:
    """Return HTML that trialdeck has written with its no-break spaces as Anki's editor writes them: `&nbsp;`.

    Elements are written in that form from the start: `<rect …></rect>`, attributes in double quotes.
    """
    return html.replace("\u00a0", "&nbsp;")
