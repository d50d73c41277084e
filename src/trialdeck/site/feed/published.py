"""published.json: the digests of all texts that the packages of any edition had, by note.

A program that updates the notes of a learner looks up the text that it finds there: one that was published is one that
the learner has not edited.
"""

import json

from trialdeck.editions.ledger import Ledger
from trialdeck.editions.texts.published_texts import published_texts

PUBLISHED = "published.json"
"""The file of the digests."""
FORMAT = 1
"""The version of its form."""


def published_json(ledger: Ledger) -> bytes:
    """Return the file of a ledger's published texts: an object of guids with sorted digests, a line for each note.

    Equal ledgers give equal bytes.
    """
    digests = {line.guid: published_texts(line) for line in ledger.notes}
    rows = ",\n".join(f"{json.dumps(guid)}:{_array(digests[guid])}" for guid in sorted(digests) if digests[guid])
    return f'{{"format":{FORMAT},"notes":{{\n{rows}\n}}}}\n'.encode()


def _array(digests: tuple[str, ...]) -> str:
    return json.dumps(digests, separators=(",", ":"))
