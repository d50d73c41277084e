"""Our three note types, by their ids: what is frozen of them. tests/support/addon_note_types.py writes this module."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTRA = "Extra"
"""The field that is the learner's own."""
RETIRED = "Retired"
KEY = "Key"


@dataclass(frozen=True)
class NoteTypeTable:
    """A note type: its name, whether it is of the kind Cloze, and the ids of fields and templates by name, in order.

    `own_names` are the fields in which a note says something itself: not those whose content it has in common with the
    others of its trial, nor the learner's.
    """

    name: str
    is_cloze: bool
    fields: Mapping[str, int]
    templates: Mapping[str, int]
    own_names: frozenset[str]

    def digest(self, fields: Mapping[str, str]) -> str:
        """Return the digest of the author's text: 24 hexadecimal digits of the SHA-256 of all fields but `Extra`."""
        texts = [fields[name] for name in self.fields if name != EXTRA]
        return part_digest(*texts)


def part_digest(*texts: str) -> str:
    """Return the digest of texts that belong together: those of a note, both sides of a template, or a style."""
    return sha256("\x1f".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


NOTE_TYPES: Mapping[int, NoteTypeTable] = {
    1763853001001: NoteTypeTable(
        "Trialdeck Question",
        is_cloze=False,
        fields={
            "Question": 5300100000000001,
            "Response": 5300100000000002,
            "Picture": 5300100000000003,
            "Trial": 5300100000000004,
            "Citation": 5300100000000005,
            "Perspective": 5300100000000006,
            "Audience": 5300100000000007,
            "Source": 5300100000000008,
            "Review": 5300100000000009,
            "About": 5300100000000010,
            "Report": 5300100000000011,
            "Retired": 5300100000000012,
            "Extra": 5300100000000013,
            "Key": 5300100000000014,
            "Link": 5300100000000015,
            "Spare": 5300100000000016,
        },
        templates={
            "Question → Response": 5300190000000001,
        },
        own_names=frozenset(
            {
                "Question",
                "Response",
                "Picture",
                "Perspective",
                "Audience",
                "Retired",
                "Key",
            }
        ),
    ),
    1763853002001: NoteTypeTable(
        "Trialdeck Cloze",
        is_cloze=True,
        fields={
            "Text": 5300200000000001,
            "Back": 5300200000000002,
            "Picture": 5300200000000003,
            "Trial": 5300200000000004,
            "Citation": 5300200000000005,
            "Perspective": 5300200000000006,
            "Audience": 5300200000000007,
            "Source": 5300200000000008,
            "Review": 5300200000000009,
            "About": 5300200000000010,
            "Report": 5300200000000011,
            "Retired": 5300200000000012,
            "Extra": 5300200000000013,
            "Key": 5300200000000014,
            "Link": 5300200000000015,
            "Spare": 5300200000000016,
        },
        templates={
            "Cloze": 5300290000000001,
        },
        own_names=frozenset(
            {
                "Text",
                "Back",
                "Picture",
                "Perspective",
                "Audience",
                "Retired",
                "Key",
            }
        ),
    ),
    1763853003001: NoteTypeTable(
        "Trialdeck Trial",
        is_cloze=False,
        fields={
            "Name": 5300300000000001,
            "Title": 5300300000000002,
            "Tested": 5300300000000003,
            "Population": 5300300000000004,
            "Comparator": 5300300000000005,
            "Endpoint": 5300300000000006,
            "Summary": 5300300000000007,
            "Picture": 5300300000000008,
            "Source": 5300300000000009,
            "Review": 5300300000000010,
            "About": 5300300000000011,
            "Report": 5300300000000012,
            "Retired": 5300300000000013,
            "Extra": 5300300000000014,
            "Key": 5300300000000015,
            "Citation": 5300300000000016,
            "Link": 5300300000000017,
            "Spare": 5300300000000018,
        },
        templates={
            "Trial → What was tested": 5300390000000001,
            "What was tested → Trial": 5300390000000002,
            "Trial → Endpoint": 5300390000000003,
        },
        own_names=frozenset(
            {
                "Name",
                "Title",
                "Tested",
                "Population",
                "Comparator",
                "Endpoint",
                "Summary",
                "Picture",
                "Retired",
                "Key",
            }
        ),
    ),
}
