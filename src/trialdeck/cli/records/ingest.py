"""The command that drafts records from source material: ingest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from trialdeck.cli.output.problems import drafted_text, findings_text
from trialdeck.cli.paths import output_file
from trialdeck.cli.records.import_deck import import_notes
from trialdeck.cli.terminal.failures import print_error
from trialdeck.cli.terminal.printing import echo, echo_data
from trialdeck.cli.terminal.progress import progress
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.core.text import counted
from trialdeck.drafts.citations.into_record import with_source
from trialdeck.drafts.kinds import STANDARD_INPUT, Material, NotesError, content_of, read_material
from trialdeck.drafts.materials import Drafted, drafts_of
from trialdeck.drafts.model_output.joining import NamedOutput, into_record
from trialdeck.drafts.registry.choices import Choices
from trialdeck.records.discovery import schema_beside
from trialdeck.yamlfile.document import is_json

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True))
@click.option("--id", "trial_id", metavar="ID", help="The trial's id, for ever: small letters, digits, hyphens.")
@click.option("-o", "--out", "out", metavar="FILE", type=click.Path(path_type=Path),
              help="Where the record goes; a folder for several trials.")  # fmt: skip
@click.option("--into", "into", metavar="RECORD", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Add a citation or a model's cards to this record.")  # fmt: skip
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
    record, by NCT number, DOI or PMID. What has no place in a record is listed, with where it is. Notes of Anki and
    tables are read with a map, as by `trialdeck import`: without --map, one to start with is printed.
    """
    faults: list[TrialdeckError] = []
    materials = list(_materials(files, faults))
    if form is not None or (len(files) == 1 and any(isinstance(fault, NotesError) for fault in faults)):
        _import_notes(files, form, out, faults)
        return
    if into is not None:
        _refuse_first(faults)
        _add_to(into, materials)
        return
    _refuse_if_nothing(materials, faults)
    choices = Choices(everything, events=frozenset(term.strip().casefold() for term in events))
    schema = schema_beside(_schema_place(out))
    drafts = drafts_of(materials, trial_id=trial_id, schema=schema, choices=choices, splits=splits, faults=faults)
    _refuse_if_nothing(drafts, faults)
    places = _places(drafts, out, force=force)
    for drafted, place in zip(drafts, places, strict=True):
        _write(drafted, place)
    _end(faults)


def _materials(files: Sequence[str], faults: list[TrialdeckError]) -> Iterator[Material]:
    """Yield the files that can be read; a fault of one of several does not stop the others."""
    names = [name for file in files for name in _files_of(file)]
    if not names:
        raise TrialdeckError("the folder holds no files", "name the files")
    with progress() as shown:
        for name in shown(names, "reading", len(names)):
            try:
                yield read_material(content_of(name), name)
            except TrialdeckError as error:
                where = "" if error.message.startswith(("cannot read", name)) else f"{name}: "
                faults.append(type(error)(f"{where}{error.message}", error.hint))


def _import_notes(files: Sequence[str], form: Path | None, out: Path | None, faults: Sequence[TrialdeckError]) -> None:
    """Make records of the notes of Anki, or of the rows of a table, as `trialdeck import` does."""
    if len(files) > 1 or not any(isinstance(fault, NotesError) for fault in faults):
        raise TrialdeckError("--map says what the fields of one file hold: notes of Anki, or a table", "name that file")
    if files[0] == STANDARD_INPUT or Path(files[0]).is_dir():
        raise TrialdeckError(faults[0].message, "save it in a file of its own, and name that")
    if out is not None and out.exists() and not out.is_dir():
        raise TrialdeckError(f"{out} is a file, and notes may make several records", "name a folder with -o")
    import_notes(Path(files[0]), form, out, proposed=False, dry_run=False)


def _files_of(file: str) -> list[str]:
    path = Path(file)
    if file == STANDARD_INPUT or not path.is_dir():
        return [file]
    return sorted(str(each) for each in path.iterdir() if each.is_file() and not each.name.startswith("."))


def _refuse_first(faults: Sequence[TrialdeckError]) -> None:
    if faults:
        raise faults[0]


def _refuse_if_nothing(found: Sequence[Material | Drafted], faults: Sequence[TrialdeckError]) -> None:
    if not found and faults:
        for fault in faults[:-1]:
            print_error(fault)
        raise faults[-1]


def _end(faults: Sequence[TrialdeckError]) -> None:
    """Report the files that could not be read, behind what was written."""
    if faults:
        for fault in faults[:-1]:
            print_error(fault)
        raise faults[-1]


def _schema_place(out: Path | None) -> Path | None:
    return out / "record.yaml" if out is not None and _is_folder(out) else out


def _places(drafts: Sequence[Drafted], out: Path | None, *, force: bool) -> list[Path | None]:
    """Return where each record goes; all are known to be free before the first is written."""
    if out is None:
        if len(drafts) > 1:
            raise TrialdeckError(f"the files hold {len(drafts)} trials", "name a folder with -o")
        return [None]
    if len(drafts) == 1 and not _is_folder(out):
        places = [out]
    else:
        _refuse_no_folder(drafts, out)
        _refuse_one_id(drafts)
        places = [out / f"{drafted.draft.id}.yaml" for drafted in drafts]
    for place in places:
        if is_json(place.name):
            raise TrialdeckError(f"{place}: a draft has comments, and JSON has none", "name a FILE that ends in .yaml")
        if output_file(place).exists() and not force:
            raise TrialdeckError(f"{place} exists already", "choose another FILE, or overwrite it with --force")
    return list(places)


def _is_folder(out: Path) -> bool:
    """Whether a path is a folder, or a new one: a record without an ending would be seen by no command."""
    return out.is_dir() or not (out.suffix or out.exists())


def _refuse_no_folder(drafts: Sequence[Drafted], out: Path) -> None:
    if out.is_file() or (not out.is_dir() and out.suffix in _SUFFIXES):
        trials = "; ".join(f"{drafted.draft.id} ({', '.join(drafted.names)})" for drafted in drafts)
        raise TrialdeckError(f"{out} names one file, and these are {len(drafts)} trials: {trials}",
                             "name a folder with -o, or ingest them one by one")  # fmt: skip


def _refuse_one_id(drafts: Sequence[Drafted]) -> None:
    by_id: dict[str, list[str]] = {}
    for drafted in drafts:
        by_id.setdefault(drafted.draft.id, []).append(drafted.names[0])
    for name, files in by_id.items():
        if len(files) > 1:
            raise TrialdeckError(
                f"two trials would have the id '{name}': {files[0]}, and {files[1]}",
                "ingest them one by one, with --id; if they are one trial, write its NCT number into both",
            )


def _write(drafted: Drafted, place: Path | None) -> None:
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, drafted.draft.text.encode())
    for line in drafted_text(drafted, str(place) if place else ""):
        echo(line, err=True)
    if place is None:
        echo_data(drafted.draft.text)


def _add_to(record: Path, materials: Sequence[Material]) -> None:
    outputs = [NamedOutput(material.name, material.output) for material in materials if material.output]
    if any(material.studies or material.page for material in materials):
        raise TrialdeckError("--into takes a citation or a model's cards", "leave out the study or the page")
    if len(outputs) < len(materials):
        _add_citation(record, materials)
    for output in outputs:
        _add_output(record, output)


def _add_output(record: Path, output: NamedOutput) -> None:
    place = output_file(record)
    change, findings = into_record(output, place.read_bytes(), str(record))
    for line in findings_text(findings, change.checked, output.name):
        echo(line, err=True)
    replace_file(place, change.content)
    echo(
        f"{record}: {counted(change.added, 'part')} added; `trialdeck check {record}` says what is left to do", err=True
    )


def _add_citation(record: Path, materials: Sequence[Material]) -> None:
    citations = [citation for material in materials for citation in material.citations]
    if len(citations) != 1:
        raise TrialdeckError("--into takes one citation", "name one file that holds one publication")
    place = output_file(record)
    change = with_source(place.read_bytes(), str(record), citations[0])
    replace_file(place, change.content)
    for message in change.messages or ("its source says all of it already",):
        echo(f"{record}: {message}", err=True)
