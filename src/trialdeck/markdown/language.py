"""Mark HTML with the language of its text, for screen readers, hyphenation and fonts."""


def in_language(html: str, language: str, element: str = "div") -> str:
    """Return HTML within an element that states its language, a BCP 47 tag; HTML as it is if either is empty.

    `element` is `div` around blocks and `span` within a line.
    """
    return f'<{element} lang="{language}">{html}</{element}>' if html and language else html
