"""The commands on sheets: sheet export, import, template."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from trialdeck.cli.arguments import Paths
from trialdeck.cli.new_project import BEGINS_ONE, offer_project
from trialdeck.cli.output.sheets import faults_text, import_text
from trialdeck.cli.paths import own_folder, paths_or_seeds
from trialdeck.cli.terminal.printing import echo, echo_styled
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import CellLocation
from trialdeck.core.text import counted
from trialdeck.incoming.places import output_file
from trialdeck.records.discovery import SEEDS
from trialdeck.sheets.export import FaultySheetsError, export_sheets, write_template
from trialdeck.sheets.files import is_workbook, texts_of
from trialdeck.sheets.import_sheets import import_sheets

_Out = click.option("-o", "--out", "out", metavar="FILE", required=True, type=click.Path(path_type=Path),
                    help="A workbook that ends in .xlsx, or else a folder for CSV files.")  # fmt: skip
_Force = click.option("--force", is_flag=True, help="Overwrite what is there.")


@click.group()
def sheet() -> None:
    """Edit records as a spreadsheet.

    Write records as sheets, fill them in with Excel or LibreOffice, and read them back.
    """


@sheet.command("export")
@Paths
@_Out
@click.option("--template", is_flag=True, help="Write sheets without rows.")
@_Force
def export(paths: tuple[Path, ...], out: Path, *, template: bool, force: bool) -> None:
    """Write records as sheets.

    There is one row a trial, a question, a point, a result. PATH is a record or a folder of records;
    without one, all records of the project are written.
    """
    if template and paths:
        raise click.UsageError("--template writes no records: leave out PATH")
    if template:
        _write_template(out, force=force)
        return
    _refuse_links(out)
    with _faults_printed():
        count = export_sheets(paths_or_seeds(paths), out, force=force)
    echo(f"{out}: {counted(count, 'record')}", err=True)


@sheet.command("template")
@_Out
@_Force
def template(out: Path, *, force: bool) -> None:
    """Write sheets to be filled in.

    They have no rows; it is the same as `sheet export --template`.
    """
    _write_template(out, force=force)


@sheet.command("import")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--delete", is_flag=True, help="Remove entries from the records whose rows are not in the sheets.")
def import_(source: Path, *, dry_run: bool, delete: bool) -> None:
    """Read sheets into the records of the project.

    FILE is a workbook (.xlsx), a folder of CSV files, or one of them. Records are changed in place, and only where a
    cell differs; a trial that has no record gets one in the folder seeds. With a fault anywhere, nothing is written.
    """
    if not offer_project():
        raise TrialdeckError(f"there is no {SEEDS} folder here or above", BEGINS_ONE)
    with _faults_printed(source):
        changes = import_sheets(source, own_folder(SEEDS, option=""), delete=delete, dry_run=dry_run)
    for line in import_text(changes, is_detailed=dry_run):
        echo(line)
    if dry_run:
        echo("a dry run: nothing was written", err=True)


def _write_template(out: Path, *, force: bool) -> None:
    _refuse_links(out)
    write_template(out, force=force)
    echo(f"{out}: sheets to be filled in", err=True)


def _refuse_links(out: Path) -> None:
    """Raise TrialdeckError if a workbook would be written through a link that leads out of its folder."""
    if is_workbook(out):
        output_file(out)


@contextmanager
def _faults_printed(source: Path | None = None) -> Iterator[None]:
    """Print the faults of sheets to standard error, before the error that counts them; `source` has the sheets."""
    try:
        yield
    except FaultySheetsError as error:
        cells = [fault.location for fault in error.faults if isinstance(fault.location, CellLocation)]
        for line in faults_text(error.faults, texts_of(source, cells) if source and cells else {}):
            echo_styled(line, err=True)
        raise
