"""Release: what learners will get, and the build."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import trialdeck as td
from trialdeck.desk.forms.page_words import hint_on_page
from trialdeck.desk.jobs import Job, Line, jobs_of, run
from trialdeck.desk.overviews import overviews_of
from trialdeck.desk.pages import json_body, page, rendered, workspace_of
from trialdeck.desk.views import sharing
from trialdeck.desk.views.faults import faults_in
from trialdeck.desk.views.refused import refused_notes
from trialdeck.desk.workspace import Workspace

_GAP = re.compile(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}")
_MOST = 300
"""How many notes a list of the page names: nobody reads those of a whole library."""
_RISKS = {"low": "usual", "medium": "look twice", "high": "cannot be taken back"}
FIELDS = {
    "About": "Trial at a glance",
    "Back": "Answer",
    "Citation": "Publication",
    "Link": "Link to the site",
    "Report": "Where errors are reported",
    "Response": "Answer",
    "Text": "Sentence with gaps",
}
"""What the fields of notes are called for somebody who does not know Anki's names; the others keep theirs."""


@dataclass(frozen=True, slots=True)
class OfTrial:
    """Changed notes of one trial, or of several trials together; `record` is the name of its record, if known."""

    name: str
    record: str
    notes: Sequence[td.ChangedNote]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an author wants of a build: the name of the edition, and which changes are allowed, which facts sent."""

    edition: str = ""
    edition_was: str = ""
    allow: list[str] = field(default_factory=list)
    refresh: list[str] = field(default_factory=list)


def _release(request: Request) -> Response:
    workspace = workspace_of(request)
    if not workspace.has_records:
        return page(request, "release.html", is_empty=True)
    last = _last_build(workspace)
    running = jobs_of(request).running
    return page(
        request,
        "release.html",
        is_empty=False,
        edition=td.settings(workspace.project).project.value(("edition",)) or "",
        is_current=last is not None,
        packages=sharing.packages_of(workspace, last or getattr(request.app.state, "built", None)),
        sharing=sharing.state_of(workspace),
        running=running.title if running else "",
    )


def _last_build(workspace: Workspace) -> td.BuildResult | None:
    """Return what the last build has written, if nothing was touched since."""
    try:
        return td.last_build(workspace.project)
    except td.TrialdeckError:
        # There are no records, or they cannot be read: the comparison says so.
        return None


async def _changes(request: Request) -> Response:
    """Compare with the last edition, line by line how far that is, and end with the part of the page that shows it."""
    workspace = workspace_of(request)

    def work(job: Job) -> Line:
        changes = td.diff(workspace.project, progress=job.follow)
        return {"html": _shown(request, changes), "edition": changes.edition}

    return run(request, "A comparison", work, lambda error: _explained(request, error), writes=False)


def _shown(request: Request, changes: td.Changes) -> str:
    workspace, records = workspace_of(request), _records(request)
    parts = {name: getattr(changes, name) for name in ("new", "changed", "retired", "returned", "moved")}
    labels = {note.key: label_of(note) for notes in parts.values() for note in notes}
    return rendered(
        request,
        "release_changes.html",
        changes=changes,
        # A note type that is new comes with its first cards: nothing that learners have looks different.
        looks=[line for line in changes.looks if not line.endswith(": new")],
        counts={name: len(notes) for name, notes in parts.items()},
        groups={name: _by_trial(records, notes, changes.acronyms) for name, notes in parts.items()},
        refused_notes=refused_notes(workspace, changes.refused, records, labels),
        label_of=label_of,
        most=_MOST,
        field_names=FIELDS,
        risk_words=_RISKS,
    )


def _by_trial(
    records: Mapping[str, str], notes: Sequence[td.ChangedNote], acronyms: Mapping[str, str]
) -> list[OfTrial]:
    """Return the first notes of a list, by trial."""
    shown = sorted(notes[:_MOST], key=lambda note: note.trial)
    return [
        OfTrial(_name_of(trial, acronyms), records.get(trial, ""), tuple(together))
        for trial, together in groupby(shown, key=lambda note: note.trial)
    ]


def label_of(note: td.ChangedNote) -> str:
    """Return the first words of a note as a learner reads them, its gaps filled; or the last part of its key."""
    return _GAP.sub(r"\1", note.label) or note.key.rpartition("/")[2]


def _name_of(trial: str, acronyms: Mapping[str, str]) -> str:
    """Return the acronym of a trial; or what the trials have in common whose notes these are."""
    _, across, topic = trial.partition("across:")
    return f"Across trials: {topic.replace('-', ' ')}" if across else acronyms.get(trial, trial)


def _records(request: Request) -> dict[str, str]:
    """Return the names of records by the ids of their trials: those of the last overview, or what files are called."""
    paths = (path for path in workspace_of(request).seeds.glob("*.*") if path.suffix in {".yaml", ".json"})
    overview = overviews_of(request).shown(0).overview
    return {path.stem: path.name for path in paths} | {
        trial.id: trial.file for trial in (overview.trials if overview else ())
    }


async def _build(request: Request) -> Response:
    """Build, and end with the packages; the body has the name of the edition, and what is allowed and refreshed."""
    wishes = _wishes(await json_body(request))
    workspace = workspace_of(request)

    def work(job: Job) -> Line:
        if wishes.edition != wishes.edition_was:
            _name_edition(workspace, wishes)
            # The name stays if the build fails: another name is then one in its place.
            job.after_cancel = "No deck was written. The name of the edition is saved."
            job.tell({"stage": "naming the edition", "done": 1, "total": 1, "named": wishes.edition})
        built = td.build(workspace.project, allow=wishes.allow, refresh=wishes.refresh, progress=job.follow)
        request.app.state.built = built
        workspace.events.tell({"release": built.edition})
        packages = sharing.packages_of(workspace, built)
        return {
            "edition": built.edition,
            "html": rendered(request, "release_packages.html", packages=packages, sharing=sharing.state_of(workspace)),
            "report": rendered(request, "release_report.html", built=built),
        }

    return run(request, "A build", work, lambda error: _explained(request, error))


def _wishes(body: Any) -> Wishes:
    """Return what a page asks for; raises TrialdeckError if it is of another form."""
    try:
        wishes = Wishes(**body)
    except TypeError as error:
        raise td.TrialdeckError(f"this is no request for a build: {error}", "reload the page") from error
    for words in (wishes.allow, wishes.refresh, [wishes.edition, wishes.edition_was]):
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise td.TrialdeckError("this is no request for a build", "reload the page")
    return wishes


def _name_edition(workspace: Workspace, wishes: Wishes) -> None:
    """Write the name of the edition into the settings of the project."""
    file, path = td.settings(workspace.project).project, ("edition",)
    td.save_settings(workspace.project, file, {path: wishes.edition or None}, {path: wishes.edition_was})


def _explained(request: Request, error: td.TrialdeckError) -> Line:
    """Return what a page shows of an error: faults with links to where they are, or what was refused."""
    faults = list(faults_in(workspace_of(request), error))
    refused = error.refused if isinstance(error, td.RefusedReleaseError) else ()
    html = rendered(
        request,
        "release_error.html",
        message="" if faults or refused else error.message,
        hint=hint_on_page(error.hint),
        faults=faults[:_MOST],
        more=max(0, len(faults) - _MOST),
        refused=refused,
        refused_notes=refused_notes(workspace_of(request), refused, _records(request) if refused else {}, {}),
        risk_words=_RISKS,
    )
    return {"message": error.message, "hint": hint_on_page(error.hint), "html": html}


async def _cancel(request: Request) -> Response:
    """Cancel the job that runs, from any window."""
    job = jobs_of(request).running
    if job:
        job.cancel()
    return JSONResponse({"cancelled": bool(job)})


ROUTES = (
    Route("/release", _release),
    Route("/release/changes", _changes, methods=["POST"]),
    Route("/release/build", _build, methods=["POST"]),
    Route("/release/cancel", _cancel, methods=["POST"]),
    *sharing.ROUTES,
)
