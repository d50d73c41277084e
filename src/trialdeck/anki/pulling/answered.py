"""Remember how suggestions were answered, in a file beside the records, so that nobody is asked twice."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from trialdeck.anki.pulling.suggestions import Suggestion
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.inputs import read_file_or_error, whole_input
from trialdeck.records.discovery import SEEDS, find_project, home_of
from trialdeck.yamlfile.write_records import Rewrite

FILE = "answered-suggestions.jsonl"
"""The name of the file, in the folder of the records; it belongs into version control with them."""
LARGEST = 50_000_000
"""How many bytes the file may have."""


class Answer(msgspec.Struct, frozen=True):
    """What the author has answered to a suggestion; it does not say whom: nobody need be named for ever."""

    id: str
    answer: Literal["accepted", "declined"]
    key: str = ""
    date: str = ""


def answered_file(paths: Iterable[Path]) -> Path:
    """Return the file for records: in the folder `seeds` of their project, or else beside them."""
    first = next(iter(paths))
    folder = first if first.is_dir() else first.parent
    project = find_project(folder)
    return project / SEEDS / FILE if project else folder / FILE


def read_answers(path: Path) -> dict[str, Answer]:
    """Return the answers by the ids of suggestions; raises TrialdeckError if a line cannot be read."""
    if not path.exists():
        return {}
    answers: dict[str, Answer] = {}
    for number, line in enumerate(read_file_or_error(path, str(path), LARGEST).split(b"\n"), start=1):
        if line.strip():
            try:
                answer = msgspec.json.decode(line, type=Answer)
            except msgspec.MsgspecError as error:
                hint = "restore the file from version control, or remove the line: its suggestion is asked again then"
                raise TrialdeckError(f"{path}:{number}: the line cannot be read: {error}", hint) from error
            answers[answer.id] = answer
    return answers


def with_answers(
    path: Path, known: Mapping[str, Answer], accepted: Iterable[Suggestion], declined: Iterable[Suggestion]
) -> Rewrite:
    """Return the file with the answers of a session beside those that it has."""
    new = [*(_answer(each, "declined") for each in declined), *(_answer(each, "accepted") for each in accepted)]
    answers = {**known, **{answer.id: answer for answer in new}}
    before = whole_input(path) if path.exists() else b""
    lines = [json.dumps(msgspec.to_builtins(answers[name]), ensure_ascii=True) for name in sorted(answers)]
    return Rewrite(
        path.as_posix(), path.resolve(), home_of(path), before, "".join(f"{line}\n" for line in lines).encode()
    )


def _answer(suggestion: Suggestion, answer: Literal["accepted", "declined"]) -> Answer:
    return Answer(suggestion.id, answer, suggestion.key, suggestion.date)
