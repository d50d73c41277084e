"""The command that begins a record: new."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click

from trialdeck.cli.options import build_options
from trialdeck.cli.paths import output_file, own_folder, relative, schema_beside
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.drafts.new_record import Beginning, beginning, refuse_taken, start
from trialdeck.records.discovery import SEEDS, find_project
from trialdeck.records.slugs import refuse_id
from trialdeck.yamlfile.document import json_ending

_PROMPTS = {
    "title": "Title of the publication",
    "acronym": "Acronym (or nothing)",
    "doi": "DOI (or nothing)",
    "registry": "Registry number (or nothing)",
    "url": "Web address (or nothing)",
    "specialties": "Specialties, with commas between them (or nothing)",
}
"""The questions in a terminal, by the names of the options."""


@click.command()
@click.argument("trial_id", metavar="ID")
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
def new(trial_id: str, out: Path | None, *, force: bool, specialties: tuple[str, ...], **texts: str | None) -> None:
    """Begin a record: a file to fill in.

    Every section of it has an explanation and an example. ID is the trial's id, for ever: small letters, digits,
    hyphens. In a terminal, whatever is not given is asked for; elsewhere --title is needed. A FILE that ends in .json
    is a JSON record, which has no comments and no examples.
    """
    refuse_id(trial_id)
    path = output_file(out or _default_path(trial_id))
    if path.exists() and not force:
        raise TrialdeckError(f"{path} exists already", "choose another FILE, or overwrite it with --force")
    _refuse_taken(trial_id, path)
    options = {name: text for name, text in texts.items() if text is not None}
    facts = _completed(trial_id, {**options, "specialties": ",".join(specialties)} if specialties else options)
    replace_file(path, start(facts, schema_beside(path), json_ending(path.name)).encode())
    echo(f"{path.as_posix()}: {trial_id}, to be filled in; `trialdeck check` says what is wrong", err=True)


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
    if not _in_terminal():
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


def _in_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
