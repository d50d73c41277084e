"""A trial from the text of a record."""

from trialdeck.records.load import load_record_text
from trialdeck.records.model import Trial


def trial(text: str, changes: dict[str, str] | None = None) -> Trial:
    """Read a record after some replacements."""
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    record = load_record_text(text.encode(), "x.yaml")
    assert record.trial is not None
    return record.trial
