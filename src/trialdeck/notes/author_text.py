"""The digest of what an author wrote in a note, by which a program knows whether a learner has edited it.

It needs nothing but hashlib: an add-on holds the same function. docs/subscribe.md has examples of it.
"""

from collections.abc import Iterable
from hashlib import sha256

LEARNERS_FIELD = "Extra"
"""The name of the field that is the learner's own, and so no part of the digest."""


def author_digest(fields: Iterable[tuple[str, str]]) -> str:
    """Return the digest of the author's text of a note: 24 hexadecimal digits of its SHA-256.

    `fields` are the names and the HTML of all fields that the note type has as it is published, in that order. The HTML
    of all but the learner's field counts, joined by the control character U+001F, which Anki allows in no field.
    """
    return joined_digest(html for name, html in fields if name != LEARNERS_FIELD)


def joined_digest(texts: Iterable[str]) -> str:
    """Return the digest of texts that belong together: those of a note, both sides of a template, or one style."""
    return sha256("\x1f".join(texts).encode()).hexdigest()[:24]
