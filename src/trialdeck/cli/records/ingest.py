"""The command that drafts records from source material: ingest."""

from collections.abc import Sequence
from pathlib import Path

import click

from trialdeck.cli.new_project import hint_at_project
from trialdeck.cli.output.problems import drafted_text, findings_text, notices_text
from trialdeck.cli.records.import_deck import import_notes
from trialdeck.cli.terminal.failures import print_error
from trialdeck.cli.terminal.printing import echo, echo_data
from trialdeck.cli.terminal.progress import progress
from trialdeck.cli.terminal.streams import in_terminal
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.text import counted, printable
from trialdeck.drafts.kinds import STANDARD_INPUT, Material, NotesError
from trialdeck.drafts.materials import Drafted, drafts_of
from trialdeck.drafts.registry.choices import Choices
from trialdeck.incoming.files import files_in, read_files, refuse_first
from trialdeck.incoming.into_record import MoreOfRecord, more_of_record
from trialdeck.incoming.places import places_of, schema_place
from trialdeck.records.discovery import schema_beside


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True))
@click.option("--id", "trial_id", metavar="ID", help="The trial's id, for ever: small letters, digits, hyphens.")
@click.option("-o", "--out", "out", metavar="FILE", type=click.Path(path_type=Path),
              help="Where the record goes; a folder for several trials.")  # fmt: skip
@click.option("--into", "into", metavar="RECORD", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Add what this record lacks of them to it.")  # fmt: skip
@click.option("--map", "form", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Notes of Anki, a table: which field holds what.")  # fmt: skip
@click.option("--split", "splits", is_flag=True, help="Notes of several trials: make a record of each.")
@click.option("--all", "everything", is_flag=True, help="Registry: take other outcomes and bare values too.")
@click.option("--event", "events", multiple=True, metavar="TERM",
              help="Registry: take this adverse event too (may be repeated).")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
def ingest(  # noqa: PLR0913
    files: Sequence[str],
    trial_id: str | None,
    out: Path | None,
    into: Path | None,
    form: Path | None,
    *,
    splits: bool,
    everything: bool,
    force: bool,
    events: Sequence[str],
) -> None:
    """Draft records from source material.

    Each FILE is known by its content: a study of ClinicalTrials.gov (JSON), a citation (.nbib, PubMed XML, RIS,
    CSL-JSON, BibTeX), a trial page saved as text or HTML, notes (Markdown, HTML, Word), or what a language model wrote
    (JSON of a record or of cards); - is standard input, a folder stands for its files. Files of one trial make one
    record, by NCT number, DOI or PMID. With --into, a record that is there gets what it lacks; what it says already
    stays. What has no place in a record is listed, with where it is. Notes of Anki and tables are read with a map, as
    by `trialdeck import`: without --map, one to start with is printed.
    """
    faults: list[TrialdeckError] = []
    names = files_in(files)
    with progress() as shown:
        materials = read_files(shown(names, "reading", len(names)), faults)
    if form is not None or (len(files) == 1 and any(isinstance(fault, NotesError) for fault in faults)):
        _import_notes(files, form, out, faults)
        return
    choices = Choices(everything, events=frozenset(term.strip().casefold() for term in events))
    if into is not None:
        refuse_first(faults)
        _write_more(more_of_record(into, materials, str(into), choices=choices, splits=splits))
        return
    _refuse_if_nothing(materials, faults)
    schema = schema_beside(schema_place(out))
    drafts = drafts_of(materials, trial_id=trial_id, schema=schema, choices=choices, splits=splits, faults=faults)
    _refuse_if_nothing(drafts, faults)
    places = places_of(drafts, out, force=force)
    for drafted, place in zip(drafts, places, strict=True):
        _write(drafted, place)
    if in_terminal():
        hint_at_project((places[-1] or Path()).parent)
    _end(faults)


def _import_notes(files: Sequence[str], form: Path | None, out: Path | None, faults: Sequence[TrialdeckError]) -> None:
    """Make records of the notes of Anki, or of the rows of a table, as `trialdeck import` does."""
    if len(files) > 1 or not any(isinstance(fault, NotesError) for fault in faults):
        raise TrialdeckError("--map says what the fields of one file hold: notes of Anki, or a table", "name that file")
    if files[0] == STANDARD_INPUT or Path(files[0]).is_dir():
        raise TrialdeckError(faults[0].message, "save it in a file of its own, and name that")
    if out is not None and out.exists() and not out.is_dir():
        raise TrialdeckError(f"{out} is a file, and notes may make several records", "name a folder with -o")
    import_notes(Path(files[0]), form, out, proposed=False, dry_run=False)


def _refuse_if_nothing(found: Sequence[Material | Drafted], faults: Sequence[TrialdeckError]) -> None:
    if not found and faults:
        _end(faults)


def _end(faults: Sequence[TrialdeckError]) -> None:
    """Report the files that could not be read, behind what was written."""
    if faults:
        for fault in faults[:-1]:
            print_error(fault)
        raise faults[-1]


def _write(drafted: Drafted, place: Path | None) -> None:
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, drafted.draft.text.encode())
    for line in drafted_text(drafted, str(place) if place else ""):
        echo(line, err=True)
    if place is None:
        echo_data(drafted.draft.text)


def _write_more(more: MoreOfRecord) -> None:
    """Write a record with what was added to it, and say what that is."""
    record = more.path
    for said in more.said:
        for line in findings_text(said.findings, said.checked, said.name):
            echo(line, err=True)
    if more.drafted:
        for line in notices_text(more.drafted.draft.notices, more.drafted.names[0], more.drafted.names[1:]):
            echo(line, err=True)
    replace_file(record, more.after)
    for message in more.messages:
        echo(f"{record}: {message}", err=True)
    for name, there, other in more.comparison.stays:
        echo(f"{record}: {name} stays '{printable(there)}'; the draft says '{printable(other)}'", err=True)
    for addition in more.comparison.additions:
        echo(f"{record}: {addition.key} is new: {printable(addition.label)}", err=True)
    added = len(more.comparison.additions) + sum(said.added for said in more.said)
    if more.drafted or more.said:
        line = f"{record}: {counted(added, 'part')} added; `trialdeck check {record}` says what is left to do"
        echo(line, err=True)
