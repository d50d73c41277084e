"""Start a record: see that it is sound, and that its id is free in its project."""

import os
from pathlib import Path

from trialdeck.errors import TrialdeckError
from trialdeck.pipeline.checking import Call, with_store
from trialdeck.pipeline.means import Means
from trialdeck.pipeline.reading import problems_of
from trialdeck.pipeline.readings import Readings
from trialdeck.records.load import load_record_text
from trialdeck.records.outline import Outline
from trialdeck.records.problem import Severity
from trialdeck.records.project import survey
from trialdeck.records.skeleton import Beginning, skeleton


def start(begun: Beginning, schema: str | None = None) -> str:
    """Return the text of a record to fill in; raises TrialdeckError where `trialdeck check` would find an error."""
    text = skeleton(begun, schema)
    problems = problems_of(load_record_text(text.encode(), ""))
    faults = [problem for problem in problems if problem.severity is Severity.ERROR]
    if faults:
        hints = dict.fromkeys(problem.hint for problem in faults if problem.hint)
        raise TrialdeckError("; ".join(problem.message for problem in faults), "; ".join(hints))
    return text


def refuse_taken(trial_id: str, seeds: Path, own: Path, means: Means) -> None:
    """Raise TrialdeckError where a record below the folder `seeds`, other than the file `own`, has or had this id."""
    if not survey([seeds]).records:
        return
    call = Call.of([seeds])
    own_place = os.path.realpath(own)
    members = with_store(means, call, lambda shared: Readings(shared, call.report).read(call.files.records))
    for member in members:
        if member.outline and member.place.real != own_place:
            _refuse(trial_id, member.outline, member.path)


def _refuse(trial_id: str, outline: Outline, path: str) -> None:
    if trial_id == outline.id:
        raise TrialdeckError(f"the id '{trial_id}' is taken by {path}", "choose another id, or go on with that record")
    if trial_id in outline.formerly:
        message = f"'{trial_id}' is an earlier id of {path}"
        raise TrialdeckError(message, "choose another id: learners have notes under this one")
