"""published.json: the digests of all texts that the packages of any edition had, by note.

A program that updates the notes of a learner looks up the text that it finds there: one that was published is one that
the learner has not edited. The same holds for the style and the templates of note types.
"""

import json
from collections.abc import Mapping

from trialdeck.editions.ledger import Ledger
from trialdeck.editions.texts.published_texts import published_parts, published_texts

PUBLISHED = "published.json"
"""The file of the digests."""
FORMAT = 1
"""The version of its form."""


def published_json(ledger: Ledger) -> bytes:
    """Return the file of a ledger's published texts, sorted, a line for each note, style and template.

    Equal ledgers give equal bytes.
    """
    notes = {line.guid: published_texts(line) for line in ledger.notes}
    parts = published_parts(ledger.lines.values())
    return f'{{"format":{FORMAT},"notes":{_object(notes)},"parts":{_object(parts)}}}\n'.encode()


def _object(digests: Mapping[str, tuple[str, ...]]) -> str:
    rows = ",\n".join(f"{json.dumps(name)}:{_array(digests[name])}" for name in sorted(digests) if digests[name])
    return f"{{\n{rows}\n}}"


def _array(digests: tuple[str, ...]) -> str:
    return json.dumps(digests, separators=(",", ":"))
