"""Remember which suggestions were declined, in a file beside the records, so that nobody is asked twice."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from trialdeck.anki.pulling.suggestions import Suggestion
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error, whole_input
from trialdeck.records.discovery import SEEDS, find_project, home_of
from trialdeck.yamlfile.write_records import Rewrite

FILE = "declined-suggestions.jsonl"
"""The name of the file, in the folder of the records; it belongs into version control with them."""
LARGEST = 50_000_000
"""How many bytes the file may have."""


def declined_file(paths: Iterable[Path]) -> Path:
    """Return the file for records: in the folder `seeds` of their project, or else beside them."""
    first = next(iter(paths))
    folder = first if first.is_dir() else first.parent
    project = find_project(folder)
    return project / SEEDS / FILE if project else folder / FILE


def read_declined(path: Path) -> dict[str, str]:
    """Return the lines of declined suggestions by id; raises TrialdeckError if one cannot be read."""
    if not path.exists():
        return {}
    declined: dict[str, str] = {}
    for number, line in enumerate(read_file_or_error(path, str(path), LARGEST).decode(errors="replace").split("\n"), 1):
        if line.strip():
            try:
                declined[str(json.loads(line)["id"])] = line
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                hint = "restore the file from version control, or remove the line: its suggestion is asked again then"
                raise TrialdeckError(f"{path}:{number}: the line cannot be read", hint) from error
    return declined


def with_declined(path: Path, known: Mapping[str, str], now: Iterable[Suggestion], taken: Iterable[str]) -> Rewrite:
    """Return the file after a session: with those that were declined, without those that were accepted after all."""
    lines = {**known, **{each.id: _line(each) for each in now}}
    for name in taken:
        lines.pop(name, None)
    before = whole_input(path) if path.exists() else b""
    after = "".join(f"{lines[name]}\n" for name in sorted(lines)).encode()
    return Rewrite(path.as_posix(), path.resolve(), home_of(path), before, after)


def _line(suggestion: Suggestion) -> str:
    # Nothing of whom it is from: who was declined need not be named for ever.
    return json.dumps({"id": suggestion.id, "key": suggestion.key, "date": suggestion.date}, ensure_ascii=True)
