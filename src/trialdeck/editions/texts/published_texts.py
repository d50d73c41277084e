"""All texts of a note that learners may have: each build adds what packages bring, and nothing is taken away.

A program that updates a learner's note looks its text up here: a published text is one that the learner has not edited.
The same is remembered of styles and templates.
"""

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from trialdeck.editions.ledger import Line
from trialdeck.editions.tombstone import tombstone
from trialdeck.notes.author_text import author_digest, joined_digest
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


def part_digests(style: str, type_id: int, templates: Iterable[tuple[int, str, str]]) -> tuple[str, ...]:
    """Return what the line of a note type remembers of its look: an id and a digest for the style and each template.

    `templates` are the stable id, the front and the back of each.
    """
    sides = [f"{template_id}:{joined_digest([front, back])}" for template_id, front, back in templates]
    return tuple(sorted([f"{type_id}:{joined_digest([style])}", *sides]))


def published_parts(lines: Iterable[Line]) -> dict[str, tuple[str, ...]]:
    """Return the digests of all styles and templates that packages ever had, sorted, by the ids of these."""
    digests: dict[str, list[str]] = {}
    for line in lines:
        for part in () if line.is_note else line.published:
            part_id, _, digest = part.partition(":")
            digests.setdefault(part_id, []).append(digest)
    return {part_id: tuple(sorted(digests[part_id])) for part_id in sorted(digests)}


def united(*digests: Iterable[str]) -> tuple[str, ...]:
    """Return digests from several places, each once, sorted: branches that add the same agree."""
    return tuple(sorted({digest for part in digests for digest in part}))
