"""All texts of a note that learners may have: each build adds what packages bring, and nothing is taken away.

A program that updates a learner's note looks its text up here: a published text is one that the learner has not edited.
"""

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from trialdeck.editions.ledger import Line
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.author_text import author_digest
from trialdeck.notes.note_types import Kind, note_type


def text_digest(kind: str, fields: Sequence[str]) -> str:
    """Return the digest of the author's text of a note from its fields, in the order of its note type.

    It is that of the text as Anki stores it, in NFC: packages of earlier versions have others.
    """
    its_type = note_type(Kind(kind))
    stored = its_type.completed(tuple(normalize("NFC", html) for html in fields))
    return author_digest(zip(its_type.field_names, stored, strict=True))


def published_texts(line: Line) -> tuple[str, ...]:
    """Return the digests of all published texts of a line, sorted; with that of its tombstone if it is retired.

    A ledger of trialdeck 0.4 or older has none of them: then only the tombstone is known.
    """
    stone = [text_digest(line.kind, tombstone(line).fields)] if line.retired else []
    return united(line.published, stone)


def united(*digests: Iterable[str]) -> tuple[str, ...]:
    """Return digests from several places, each once, sorted: branches that add the same agree."""
    return tuple(sorted({digest for part in digests for digest in part}))
