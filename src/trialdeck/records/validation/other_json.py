"""Know JSON that lies among the records and is none: a registry file is to be ingested, not corrected."""

from trialdeck.core.problem import FileLocation, Problem
from trialdeck.yamlfile.document import Document, is_json

_STUDY = b'"protocolSection"'
"""What every study of ClinicalTrials.gov holds; such a file is often too large for a record."""
_MARKS = frozenset({"format", "id", "title"})
_INGEST = "`trialdeck ingest` drafts a record from it; take it out of the folder of records"
_OTHER = 'a record is a mapping that begins with `"format": 1`; take other files out of the folder of records'


def other_json(content: bytes, shown: str) -> Problem | None:
    """Return the fault of a JSON file that holds a study of the registry; None for any other file."""
    if not is_json(shown) or _STUDY not in content:
        return None
    return _no_record(shown, "this is a study of ClinicalTrials.gov, not a record", _INGEST)


def other_data(document: Document) -> Problem | None:
    """Return the fault of a JSON file that has nothing of a record."""
    data = document.data
    if not is_json(document.path) or data is None or (isinstance(data, dict) and _MARKS & data.keys()):
        return None
    if isinstance(data, list) and any(isinstance(part, dict) and _MARKS & part.keys() for part in data):
        return _no_record(document.path, "this is a list of records", "write each of them into a file of its own")
    return _no_record(
        document.path, "this JSON is not a record", f"{_OTHER}, and `trialdeck ingest` what you draft from"
    )


def _no_record(shown: str, message: str, hint: str) -> Problem:
    return Problem(FileLocation(shown, 1, 1), "TD126", message, hint)
