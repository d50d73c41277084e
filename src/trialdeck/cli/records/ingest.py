"""The command that drafts records from source material: ingest."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from trialdeck.cli.output.problems import drafted_text
from trialdeck.cli.paths import output_file, schema_beside
from trialdeck.cli.terminal.failures import print_error
from trialdeck.cli.terminal.printing import echo, echo_data
from trialdeck.cli.terminal.progress import progress
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.files import replace_file
from trialdeck.drafts.citations.into_record import with_source
from trialdeck.drafts.kinds import STANDARD_INPUT, Material, content_of, read_material
from trialdeck.drafts.materials import Drafted, drafts_of
from trialdeck.drafts.registry.choices import Choices
from trialdeck.yamlfile.document import is_json


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True))
@click.option("--id", "trial_id", metavar="ID", help="The trial's id, for ever: small letters, digits, hyphens.")
@click.option("-o", "--out", "out", metavar="FILE", type=click.Path(path_type=Path),
              help="Where the record goes; a folder for several trials.")  # fmt: skip
@click.option("--into", "into", metavar="RECORD", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Add a citation to the source of this record.")  # fmt: skip
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
    *,
    splits: bool,
    everything: bool,
    force: bool,
    events: Sequence[str],
) -> None:
    """Draft records from source material.

    Each FILE is known by its content: a study of ClinicalTrials.gov (JSON), a citation (.nbib, PubMed XML, RIS,
    CSL-JSON, BibTeX), a trial page saved as text or HTML, or notes (Markdown, HTML, Word); - is standard input, a
    folder stands for its files. Files of one trial make one record, by NCT number, DOI or PMID. What has no place in a
    record is listed, with where it is.
    """
    faults: list[TrialdeckError] = []
    materials = list(_materials(files, faults))
    if into is not None:
        _refuse_first(faults)
        _add_citation(into, materials)
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
                faults.append(TrialdeckError(f"{where}{error.message}", error.hint))


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
    return out / "record.yaml" if out is not None and out.is_dir() else out


def _places(drafts: Sequence[Drafted], out: Path | None, *, force: bool) -> list[Path | None]:
    """Return where each record goes; all are known to be free before the first is written."""
    if out is None:
        if len(drafts) > 1:
            raise TrialdeckError(f"the files hold {len(drafts)} trials", "name a folder with -o")
        return [None]
    if len(drafts) == 1 and not out.is_dir():
        places = [out]
    else:
        ids = [drafted.draft.id for drafted in drafts]
        twice = next((name for name in ids if ids.count(name) > 1), "")
        if twice:
            raise TrialdeckError(f"two trials would have the id '{twice}'", "ingest them one by one, with --id")
        places = [out / f"{name}.yaml" for name in ids]
    for place in places:
        if is_json(place.name):
            raise TrialdeckError(f"{place}: a draft has comments, and JSON has none", "name a FILE that ends in .yaml")
        if output_file(place).exists() and not force:
            raise TrialdeckError(f"{place} exists already", "choose another FILE, or overwrite it with --force")
    return list(places)


def _write(drafted: Drafted, place: Path | None) -> None:
    if place is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, drafted.draft.text.encode())
    for line in drafted_text(drafted, str(place) if place else ""):
        echo(line, err=True)
    if place is None:
        echo_data(drafted.draft.text)


def _add_citation(record: Path, materials: Sequence[Material]) -> None:
    citations = [citation for material in materials for citation in material.citations]
    if len(citations) != 1 or any(material.studies or material.page for material in materials):
        raise TrialdeckError("--into takes one citation", "name one file that holds one publication")
    place = output_file(record)
    change = with_source(place.read_bytes(), str(record), citations[0])
    replace_file(place, change.content)
    for message in change.messages or ("its source says all of it already",):
        echo(f"{record}: {message}", err=True)
