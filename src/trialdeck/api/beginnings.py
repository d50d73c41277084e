"""Begin projects and records."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trialdeck.api.places import record_path
from trialdeck.api.projects import Project, StrPath, options_of
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.drafts.new_project import begin as new_project
from trialdeck.drafts.new_record import beginning, refuse_taken, start
from trialdeck.records.discovery import SEEDS, is_project, schema_beside
from trialdeck.records.slugs import name_slug, refuse_id


@dataclass(frozen=True, slots=True)
class Begun:
    """The files of a project, by their paths below its folder.

    `written` were missing; `kept` were there already, and are as they were.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]


def begin(  # noqa: PLR0913 - the properties of the settings
    folder: StrPath,
    *,
    name: str = "",
    license: str = "",  # noqa: A002 - the word of the settings
    report: str = "",
    authors: Sequence[str] = (),
    homepage: str = "",
    with_example: bool = False,
) -> Begun:
    """Begin a project in a folder; what is there already is left as it is.

        >>> import trialdeck as td
        >>> begun = td.begin("../heart-failure", license="CC BY 4.0", report="errors@example.org")
        >>> begun.written[:2], begun.kept
        (('decks/project.yaml', 'decks/trials.yaml'), ())

    It has a folder for records, settings, a deck by trial that takes every record, a README for those who get it, and
    what git and a check on every change need.

    Args:
        folder: The folder; it is made if it is missing.
        name: The deck above all decks in Anki; made of the name of the folder by default.
        license: Under which licence the decks are shared, in one line of Markdown.
        report: A mail address or a web address where learners report errors.
        authors: Who writes the records.
        homepage: Where the site of the decks will be published.
        with_example: Whether to write the record of an invented trial, to try everything with.

    Raises:
        TrialdeckError: One of these is not valid, the folder is part of another project, or it cannot be written.
    """
    facts = new_project.ProjectFacts(name, license, report, tuple(authors), homepage)
    done = new_project.begin(Path(folder), facts, with_example=with_example)
    return Begun(done.written, done.kept)


def new_record(  # noqa: PLR0913 - the options of the command
    project: Project,
    trial_id: str = "",
    *,
    title: str,
    acronym: str = "",
    doi: str = "",
    registry: str = "",
    url: str = "",
    specialties: Sequence[str] = (),
) -> Path:
    """Begin a record as `trialdeck new` does: a file to fill in, with every section explained.

        >>> import trialdeck as td
        >>> td.new_record(td.load("."), title="Dawnol for Example Disease", acronym="DAWN-1").as_posix()
        'seeds/dawn-1.yaml'

    Args:
        project: The project that it becomes part of.
        trial_id: The id of the trial, for ever; by default, it is made of the acronym or the title.
        title: The title of the publication, in one line of Markdown.
        acronym: What the trial is called.
        doi: The DOI of the publication, bare or as an address.
        registry: The number in a trial registry.
        url: Where to read the publication.
        specialties: The specialties that the trial concerns.

    Returns:
        The file of the record.

    Raises:
        TrialdeckError: One of these is not valid, another record has or had this id, or the file is there already.
    """
    if not is_project(project.path):
        raise TrialdeckError(f"{project.path} is not a project", "begin one first")
    if not title.strip():
        raise TrialdeckError("a record needs a title", "give the title of the publication")
    made = trial_id or name_slug(acronym) or name_slug(title)
    refuse_id(made)
    path = record_path(project, f"{made}.yaml")
    if path.exists():
        raise TrialdeckError(f"{path} exists already", "choose another id, or go on with that record")
    refuse_taken(made, project.path / SEEDS, path, options_of(project))
    texts = {"title": title, "acronym": acronym, "doi": doi, "registry": registry, "url": url}
    facts = beginning(made, {**texts, "specialties": ",".join(specialties)})
    replace_file(path, start(facts, schema_beside(path)).encode())
    return path
