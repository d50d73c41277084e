"""Write the table of note types that the add-on carries: `python tests/support/addon_note_types.py`."""

from folders import ROOT
from trialdeck.notes.author_text import LEARNERS_FIELD
from trialdeck.notes.note_types import Kind, NoteType, note_type

TABLE = ROOT / "addon" / "trialdeck_addon" / "core" / "note_types.py"
_HEAD = '''\
"""Our three note types, by their ids: what is frozen of them. tests/support/addon_note_types.py writes this module."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTRA = "{extra}"
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
    return sha256("\\x1f".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


'''


def table() -> str:
    """Return the text of the module."""
    kinds = [note_type(kind) for kind in Kind]
    entries = "".join(_entry(kind) for kind in kinds)
    head = _HEAD.replace("{extra}", LEARNERS_FIELD)
    return f"{head}NOTE_TYPES: Mapping[int, NoteTypeTable] = {{\n{entries}}}\n"


def _entry(kind: NoteType) -> str:
    fields = "".join(f'            "{field.name}": {field.id},\n' for field in kind.fields)
    names = [name for name in kind.field_names if name not in {*kind.shared_fields, LEARNERS_FIELD}]
    own = "".join(f'                "{name}",\n' for name in names)
    templates = "".join(f'            "{template.name}": {template.id},\n' for template in kind.templates)
    return (
        f"    {kind.id}: NoteTypeTable(\n"
        f'        "{kind.name}",\n        is_cloze={kind.kind is Kind.CLOZE},\n'
        f"        fields={{\n{fields}        }},\n        templates={{\n{templates}        }},\n"
        f"        own_names=frozenset(\n            {{\n{own}            }}\n        ),\n    ),\n"
    )


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
