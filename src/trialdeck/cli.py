"""The commands. Only this module and `trialdeck.report` know the terminal; heavy imports wait until they are needed."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialdeck import __version__
from trialdeck.errors import TrialdeckError

if TYPE_CHECKING:
    from trialdeck.pipeline import Checked

PERSPECTIVES = ("mechanism", "clinical", "reviewer")
AUDIENCES = ("student", "resident", "fellow", "attending", "methodologist", "peer-reviewer", "guideline-committee")
SCHEMAS = ("trial",)
_Paths = click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))


class _Commands(click.Group):
    """The one place where errors become messages: no traceback reaches a user."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TrialdeckError as error:
            _fail(error)
        except (click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt):
            raise
        except BrokenPipeError:
            raise
        except Exception as error:
            if os.environ.get("TRIALDECK_DEBUG"):
                raise
            name = type(error).__name__
            hint = "this is a fault of trialdeck; set TRIALDECK_DEBUG=1 to see where, and report it"
            _fail(TrialdeckError(f"{name}: {error}", hint))


def _fail(error: TrialdeckError) -> None:
    from trialdeck.report import printable  # noqa: PLC0415

    click.echo(f"{click.style('error:', fg='red', bold=True)} {printable(error.message)}", err=True)
    if error.hint:
        click.echo(f"    {printable(error.hint)}", err=True)
    sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trialdeck")
def main() -> None:
    """Landmark clinical-trial records in, Anki decks out.

    Write what a trial found as a record (a YAML file), or draft one from a saved page with `ingest`; `check` says what
    is wrong with it, and `build` makes Anki packages.
    """


@main.command()
@_Paths
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
              help="Lines of text, one JSON document, or annotations for GitHub.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
def check(paths: tuple[Path, ...], form: str, *, strict: bool) -> None:
    """Check records and report every fault of every file.

    PATH is a record or a folder of records; without one, the project's seeds are checked. Exit code: 0 without errors,
    1 with errors, 2 for a wrong call.
    """
    from trialdeck import pipeline, report  # noqa: PLC0415

    checked = pipeline.check(_asked(paths))
    if form == "json":
        click.echo(report.problems_json(checked))
    else:
        lines = report.problems_text(checked) if form == "text" else report.problems_github(checked)
        for line in lines:
            click.echo(line)
    if checked.errors or (strict and checked.warnings):
        sys.exit(1)


@main.command()
@click.argument("page", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--id", "trial_id", metavar="ID", help="The trial's id, for ever: small letters, digits, hyphens.")
@click.option("-o", "--out", "out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Where the record goes; to standard output by default.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def ingest(page: str, trial_id: str | None, out: Path | None, *, force: bool) -> None:
    """Draft a record from a trial page that was saved as text or HTML.

    PAGE is the saved page, or - for standard input. The record goes to FILE, or else to standard output. Whatever the
    page says that has no place in a record is listed with its line number.
    """
    from trialdeck import pipeline, report  # noqa: PLC0415
    from trialdeck.files import replace_file  # noqa: PLC0415

    if out and out.exists() and not force:
        raise TrialdeckError(f"{out} exists already", "choose another FILE, or overwrite it with --force")
    with click.open_file(page, "rb") as file:
        draft = pipeline.draft(file.read(), trial_id, _schema_beside(out))
    for line in report.notices_text(draft.notices, page):
        click.echo(line, err=True)
    if out:
        replace_file(out, draft.text.encode())
        click.echo(f"{out}: {draft.id}, {draft.counts}", err=True)
    else:
        click.echo(draft.text.encode(), nl=False)


@main.command()
@_Paths
@click.option("--by", type=click.Choice(["trial", "perspective"]), default="trial", show_default=True,
              help="One package a trial, or one a perspective.")  # fmt: skip
@click.option("--perspective", "perspectives", multiple=True, type=click.Choice(PERSPECTIVES),
              help="Take the notes of this perspective only (may be repeated).")  # fmt: skip
@click.option("--audience", "audiences", multiple=True, type=click.Choice(AUDIENCES),
              help="Take what is meant for this audience, or for everybody (may be repeated).")  # fmt: skip
@click.option("--specialty", "specialties", multiple=True, metavar="S",
              help="Take what concerns this specialty, or all of them (may be repeated).")  # fmt: skip
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the packages go; the project's decks folder by default.")  # fmt: skip
def build(  # noqa: PLR0913, PLR0917 - one parameter an option
    paths: tuple[Path, ...],
    by: str,
    perspectives: tuple[str, ...],
    audiences: tuple[str, ...],
    specialties: tuple[str, ...],
    out: Path | None,
) -> None:
    """Build Anki packages from records.

    PATH is a record or a folder of records; without one, the project's seeds are built. The records are checked first;
    with errors, nothing is written.
    """
    from trialdeck import pipeline, report  # noqa: PLC0415
    from trialdeck.decks.selection import Selection  # noqa: PLC0415
    from trialdeck.records.model import Audience, Perspective  # noqa: PLC0415

    selection = Selection(
        frozenset(map(Perspective, perspectives)), frozenset(map(Audience, audiences)), frozenset(specialties)
    )
    try:
        built = pipeline.build(_asked(paths), pipeline.Split(by), selection, out or _decks_folder(), _build_time())
    except pipeline.FaultyRecordsError as error:
        _print_problems(error.checked)
        raise
    report.print_built(built)


@main.command()
@click.argument("name", type=click.Choice(SCHEMAS))
def schema(name: str) -> None:
    """Print a JSON Schema, for editors and other programs."""
    from trialdeck.records.schema import schema_text  # noqa: PLC0415

    click.echo(schema_text(name), nl=False)


def _print_problems(checked: "Checked") -> None:
    from trialdeck import report  # noqa: PLC0415

    for line in report.problems_text(checked):
        click.echo(line, err=True)


def _asked(paths: Sequence[Path]) -> Sequence[Path]:
    """Return the paths that were named, or else the project's seeds."""
    from trialdeck.records.project import SEEDS, find_project  # noqa: PLC0415

    if paths:
        return paths
    project = find_project(Path())
    if project is None:
        raise click.UsageError(f"there is no {SEEDS} folder here or above; name a record or a folder")
    return [_shown(project / SEEDS)]


def _decks_folder() -> Path:
    from trialdeck.records.project import find_project  # noqa: PLC0415

    return _shown((find_project(Path()) or Path()) / "decks")


def _shown(path: Path) -> Path:
    """Return a path as seen from here, where that is possible."""
    return Path(os.path.relpath(path))


def _schema_beside(out: Path | None) -> str | None:
    """Return the schema's path as seen from the record that is written, if the record's project has it."""
    from trialdeck.records.project import find_project  # noqa: PLC0415

    project = find_project(out.parent) if out else None
    if out is None or project is None or not (project / "schemas" / "trial.schema.json").is_file():
        return None
    return Path(os.path.relpath(project / "schemas" / "trial.schema.json", out.parent.resolve())).as_posix()


def _build_time() -> int:
    """Return the build time in seconds of Unix time: now, or SOURCE_DATE_EPOCH."""
    stated = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not stated:
        return int(time.time())
    if not stated.isdigit():
        raise click.UsageError(f"SOURCE_DATE_EPOCH is a number of seconds, not '{stated}'")
    return int(stated)
