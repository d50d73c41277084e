"""The command that builds packages."""

from pathlib import Path

import click

from trialdeck.cli.base import AUDIENCES, PERSPECTIVES, Paths, asked, build_time, decks_folder, print_problems


@click.command()
@Paths
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
    from trialdeck.decks.selection import Selection  # noqa: PLC0415
    from trialdeck.pipeline import building  # noqa: PLC0415
    from trialdeck.pipeline.checking import FaultyRecordsError  # noqa: PLC0415
    from trialdeck.records.model import Audience, Perspective  # noqa: PLC0415
    from trialdeck.report.built import print_built  # noqa: PLC0415

    selection = Selection(
        frozenset(map(Perspective, perspectives)), frozenset(map(Audience, audiences)), frozenset(specialties)
    )
    try:
        built = building.build(asked(paths), building.Split(by), selection, out or decks_folder(), build_time())
    except FaultyRecordsError as error:
        print_problems(error.checked)
        raise
    print_built(built)
