"""Files of suggestions, as the add-on writes them."""

import json
from pathlib import Path
from typing import Any

from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, note_type

WHY = "dawn-1/question/why"
BEFORE, AFTER = "<p>It binds <strong>dawnin</strong>.</p>", "<p>It binds <b>dawnin</b> tightly.</p>"
EIGHT_OF_TEN = "suggestion-1"


def suggestion(key: str = WHY, kind: Kind = Kind.QUESTION, **changes: Any) -> dict[str, Any]:
    """A suggestion for a note, by default of another response to why dawnol works; `None` leaves a property out."""
    made = {
        "id": EIGHT_OF_TEN,
        "guid": guid_of(key),
        "key": key,
        "note_type": note_type(kind).name,
        "edition": "2026-09-21",
        "fields": {"Response": {"before": BEFORE, "after": AFTER}},
        "reason": "Table 2 says so.",
        "source": "doi:10.1000/dawn",
        "contributor": "Ada Example",
        "date": "2026-10-20",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def document(*suggestions: Any, **changes: Any) -> dict[str, Any]:
    """The document around suggestions."""
    return {"kind": "trialdeck-suggestions", "format": 1, "suggestions": list(suggestions), **changes}


def suggestions_file(path: Path, *suggestions: Any, **changes: Any) -> Path:
    """Write a file of suggestions."""
    path.write_text(json.dumps(document(*suggestions, **changes), indent=1, ensure_ascii=False), encoding="utf-8")
    return path
