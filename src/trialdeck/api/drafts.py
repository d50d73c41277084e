"""Drafts of records from source material."""

import os
from collections.abc import Collection

from trialdeck.api.projects import StrPath
from trialdeck.api.results import Draft
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.kinds import file_content, read_material
from trialdeck.drafts.materials import drafts_of
from trialdeck.drafts.registry.choices import Choices


def ingest(
    *files: StrPath, trial_id: str | None = None, everything: bool = False, events: Collection[str] = ()
) -> Draft:
    """Draft the record of one trial from its files, as `trialdeck ingest` does.

        >>> import trialdeck as td
        >>> draft = td.ingest("docs/examples/NCT00000001.json", "docs/examples/dawn-1.nbib", events={"Anaemia"})
        >>> "estimate: 0.860" in draft.record, "doi: 10.1000/dawn" in draft.record
        (True, True)
        >>> [notice.place for notice in draft.not_taken if notice.place.startswith("outcome")]
        ['outcome 3']
        >>> [notice.message for notice in draft.inferred if notice.message.startswith("margin")]
        ['margin: 1.30, from the comment on the hypothesis']

    Args:
        files: Registry files, citations, saved pages, notes, model output; each is known by its content.
        trial_id: The id of the trial; by default, it is made from the material.
        everything: Whether all outcomes of the registry are taken, and values without an analysis.
        events: The terms of single adverse events that are taken too.

    Raises:
        TrialdeckError: A file cannot be read or is too large, they hold no trial or several, there is nothing to ask
            about, or no study has one of the events.
    """
    names = [os.fspath(file) for file in files]
    choices = Choices(everything, events=frozenset(term.casefold() for term in events))
    materials = [read_material(file_content(name), name) for name in names]
    drafts = drafts_of(materials, trial_id=trial_id, choices=choices)
    if len(drafts) != 1:
        message = f"{' and '.join(names) or 'no file'}: {len(drafts)} trials, where there should be one"
        raise TrialdeckError(message, "`trialdeck ingest FILE… -o FOLDER` writes a record for each trial")
    draft = drafts[0].draft
    doubts = tuple(notice for notice in draft.notices if notice not in draft.not_taken)
    return Draft(draft.text, draft.not_taken, (*doubts, *draft.inferred, *draft.repaired))
