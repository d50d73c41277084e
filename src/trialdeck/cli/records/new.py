"""The command that begins a record: new."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from trialdeck.cli.new_project import hint_at_project, offer_project
from trialdeck.cli.options import build_options
from trialdeck.cli.output.problems import drafted_text
from trialdeck.cli.paths import own_folder, relative
from trialdeck.cli.records.new_from import StudyFiles, ask_choices, ask_name, ask_source
from trialdeck.cli.terminal.printing import echo
from trialdeck.cli.terminal.streams import in_terminal
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.drafts.new_record import Beginning, beginning, refuse_taken, start
from trialdeck.incoming.places import output_file
from trialdeck.records.discovery import SEEDS, find_project, schema_beside
from trialdeck.records.slugs import refuse_id
from trialdeck.yamlfile.document import json_ending

_PROMPTS = {
    "title": "Title of the publication",
    "acronym": "Acronym (Enter for none)",
    "doi": "DOI (Enter for none)",
    "registry": "Registry number (Enter for none)",
    "url": "Web address (Enter for none)",
    "specialties": "Specialties, with commas between them (Enter for none)",
}
"""The questions in a terminal, by the names of the options."""


@click.command()
@click.argument("trial_id", metavar="ID", required=False)
@click.option("--from", "study", metavar="FILE", type=click.Path(exists=True, dir_okay=False),
              help="A study of ClinicalTrials.gov (JSON): asks what to take of it.")  # fmt: skip
@click.option("--cite", "cited", metavar="FILE", multiple=True, type=click.Path(exists=True, dir_okay=False),
              help="With --from: a citation that may be the source (may be repeated).")  # fmt: skip
@click.option("--title", metavar="TEXT", help="The title of the publication, in one line of Markdown.")
@click.option("--acronym", metavar="NAME", help="What the trial is called; it names the deck.")
@click.option("--doi", metavar="DOI", help="The DOI of the publication, bare or as an address.")
@click.option("--registry", metavar="NUMBER", help="The number in a trial registry, such as NCT01564537.")
@click.option("--url", metavar="ADDRESS", help="Where to read the publication.")
@click.option("--specialty", "specialties", multiple=True, metavar="S",
              help="A specialty that the trial concerns, in small letters and hyphens (may be repeated).")  # fmt: skip
@click.option("-o", "--out", "out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Where the record goes; the project's seeds by default, or else here.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def new(  # noqa: PLR0913
    trial_id: str | None,
    out: Path | None,
    study: str | None,
    cited: Sequence[str],
    *,
    force: bool,
    specialties: tuple[str, ...],
    **texts: str | None,
) -> None:
    """Begin a record: a file to fill in.

    Every section of it has an explanation and an example. ID is the trial's id, for ever: small letters, digits,
    hyphens. In a terminal, whatever is not given is asked for; elsewhere --title is needed.

    With --from, the record is drafted from a registry file: the publication, the results and the adverse events to take
    are asked. A FILE that ends in .json is a JSON record, which has no comments and no examples.
    """
    options = {name: text for name, text in texts.items() if text is not None}
    if study is not None:
        _refuse_options(options, specialties)
        _from_study(StudyFiles(study, cited), trial_id, out, force=force)
        return
    if trial_id is None or cited:
        missing = "--cite needs a study" if cited else "a record needs an ID"
        raise click.UsageError(f"{missing}: name a registry file with --from, or see `trialdeck new --help`")
    refuse_id(trial_id)
    if out is None:
        offer_project()
    path = _free_path(trial_id, out, force=force)
    facts = _completed(trial_id, {**options, "specialties": ",".join(specialties)} if specialties else options)
    replace_file(path, start(facts, schema_beside(path), json_ending(path.name)).encode())
    echo(f"{path.as_posix()}: {trial_id}, to be filled in; `trialdeck check` says what is wrong", err=True)
    if out is None:
        hint_at_project()


def _refuse_options(options: Mapping[str, str], specialties: Sequence[str]) -> None:
    """Raise click.UsageError for options that say what the registry file says."""
    names = [*options, *(["specialty"] if specialties else [])]
    if names:
        raise click.UsageError(f"--{names[0]} does not go with --from: what the file says is asked, or yours to add")


def _from_study(files: StudyFiles, trial_id: str | None, out: Path | None, *, force: bool) -> None:
    """Ask what to take of a study, and write the record.

    Raises TrialdeckError if there is no terminal to ask in.
    """
    if not in_terminal():
        hint = f"`trialdeck ingest {files.materials[0].name}` drafts the record without asking"
        raise TrialdeckError("--from asks what to take, and there is no terminal to ask in", hint)

    def refuse(text: str) -> None:
        _free_path(text, out, force=force)

    if out is None:
        offer_project()
    if trial_id is not None:
        refuse(trial_id)
    acronym, made = ask_name(files, refuse, trial_id)
    source = ask_source(files)
    choices = ask_choices(files, acronym)
    path = _free_path(made, out, force=force)
    drafted = files.drafted(made, schema_beside(path), choices, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, drafted.draft.text.encode())
    for line in drafted_text(drafted, path.as_posix()):
        echo(line, err=True)


def _free_path(trial_id: str, out: Path | None, *, force: bool) -> Path:
    """Return the file of a new record; raises TrialdeckError if its id or its file is not free."""
    refuse_id(trial_id)
    path = output_file(out or _default_path(trial_id))
    if path.exists() and not force:
        raise TrialdeckError(f"{path} exists already", "choose another FILE, or overwrite it with --force")
    _refuse_taken(trial_id, path)
    return path


def _default_path(trial_id: str) -> Path:
    project = find_project(Path())
    return own_folder(SEEDS) / f"{trial_id}.yaml" if project else Path(f"{trial_id}.yaml")


def _refuse_taken(trial_id: str, path: Path) -> None:
    """Raise TrialdeckError if another record of the project has this id."""
    project = find_project(path.parent)
    if project:
        with build_options() as options:
            refuse_taken(trial_id, relative(project / SEEDS), path, options)


def _completed(trial_id: str, given: Mapping[str, str]) -> Beginning:
    """Return the facts of the trial; in a terminal, ask for those that were not given.

    Raises click.UsageError if there is no title and no terminal to ask in.
    """
    if not in_terminal():
        if not given.get("title", "").strip():
            raise click.UsageError("a record needs a title, and there is no terminal to ask in: give it with --title")
        return beginning(trial_id, given)

    def validated(name: str, text: str) -> str:
        try:
            start(beginning(trial_id, {"title": trial_id, name: text}))
        except TrialdeckError as error:
            raise click.UsageError(f"{error.message}; {error.hint}") from error
        return text

    # An error in the options ends the command before anything is asked.
    start(beginning(trial_id, {"title": trial_id, **given}))
    answers = {name: _ask(name, validated) for name in _PROMPTS if name not in given}
    return beginning(trial_id, {**given, **answers})


def _ask(name: str, validated: Callable[[str, str], str]) -> str:
    """Ask until the answer is valid; only a title has to be given."""
    default = None if name == "title" else ""
    answer: str = click.prompt(_PROMPTS[name], default, show_default=False, value_proc=partial(validated, name))
    return answer
