"""A deck map: which fields of somebody else's deck hold a question, its response, and the name of its trial."""

from pathlib import Path

import msgspec

from trialdeck.errors import TrialdeckError
from trialdeck.records.document import read_document
from trialdeck.records.model import Perspective
from trialdeck.records.parts import choice_of, text_of
from trialdeck.records.problem import Problem
from trialdeck.records.schema import typed
from trialdeck.records.validate import validate


class DeckMap(msgspec.Struct, frozen=True):
    """The names of fields, and how a note names its trial: by a field, a tag, an id for all, or else by its deck."""

    question: str
    response: str
    note_type: str = ""
    trial_field: str = ""
    trial_tag: str = ""
    trial_id: str = ""
    perspective: Perspective = Perspective.CLINICAL


def read_deck_map(path: Path) -> DeckMap:
    """Read a deck map; raises TrialdeckError, which names file, line and column, at its first fault."""
    document, problems = read_document(path, str(path))
    if document is None:
        raise _error(problems[0])
    data = typed(document.data, "map")
    faults = sorted({*problems, *validate(document, data, "map")})
    if faults:
        raise _error(faults[0])
    return DeckMap(
        question=text_of(data, "question"),
        response=text_of(data, "response"),
        note_type=text_of(data, "note_type"),
        trial_field=text_of(data, "trial_field"),
        trial_tag=text_of(data, "trial_tag"),
        trial_id=text_of(data, "trial_id"),
        perspective=choice_of(data, "perspective", Perspective.CLINICAL),
    )


def _error(problem: Problem) -> TrialdeckError:
    place = f"{problem.path}:{problem.line}:{problem.column}"
    return TrialdeckError(f"{place}: {problem.code} {problem.message}", problem.hint)
