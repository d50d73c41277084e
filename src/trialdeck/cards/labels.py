"""What a note is called where only a line is free for it: in lists of changes, and on a retired card."""

import re

from trialdeck.cards.notetypes import Kind
from trialdeck.cards.readable import readable
from trialdeck.records.problem import shortened
from trialdeck.records.spans import replaced

LONGEST = 100
"""How many characters a label has at most."""

_DELETION = re.compile(r"\{\{c[0-9]+::(.*?)(?:::.*?)?\}\}", re.DOTALL)


def label_of(kind: Kind, first_field: str) -> str:
    """Return what a note is called: its first field in one line, with the answers of a cloze statement in place."""
    shown = replaced(_DELETION, r"\1", first_field, "}}") if kind is Kind.CLOZE else first_field
    return shortened(readable(shown), LONGEST)
