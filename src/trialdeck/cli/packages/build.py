"""The command that builds packages."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from trialdeck.cli.arguments import Paths, Profile
from trialdeck.cli.deck_requests import deck_request, read_profile
from trialdeck.cli.options import build_options, build_time
from trialdeck.cli.output.build import print_planned, print_written
from trialdeck.cli.paths import decks_folder, own_folder, paths_or_seeds
from trialdeck.cli.printed_problems import problems_printed
from trialdeck.cli.watch import keep_building
from trialdeck.decks.deck_request import DeckRequest, ad_hoc_deck, personal
from trialdeck.editions.risks import REFUSED
from trialdeck.project import build as building
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.settings import DeckDefinition, Selected, Split


@click.command()
@Paths
@click.option("--deck", "decks", multiple=True, metavar="ID",
              help="Build the deck definition of this id only (may be repeated).")  # fmt: skip
@click.option("--by", type=click.Choice(["trial", "perspective"]),
              help="Leave the deck definitions aside: one package a trial, or one a perspective.")  # fmt: skip
@click.option("--perspective", "perspectives", multiple=True, metavar="NAME",
              type=click.Choice(list(map(str, Perspective))),
              help=f"Take the notes of this perspective only: {', '.join(Perspective)} (may be repeated).")  # fmt: skip
@click.option("--audience", "audiences", multiple=True, metavar="ROLE",
              type=click.Choice(list(map(str, Audience))),
              help="Take what is meant for this audience, or for everybody: "
                   f"{', '.join(Audience)} (may be repeated).")  # fmt: skip
@click.option("--specialty", "specialties", multiple=True, metavar="S",
              help="Take what concerns this specialty, or all of them (may be repeated).")  # fmt: skip
@click.option("--reviewed-only", is_flag=True,
              help="Leave out of every deck what nobody has reviewed, or somebody disputes.")  # fmt: skip
@click.option("--refresh", multiple=True, is_flag=False, flag_value="*", metavar="[TRIAL]",
              help="Send new facts of this trial (its id or its record), or of all, "
                   "to learners who have its notes.")  # fmt: skip
@click.option("--allow", multiple=True, metavar="CODE", type=click.Choice(REFUSED),
              help=f"Do not refuse this change: {', '.join(REFUSED)} (may be repeated).")  # fmt: skip
@Profile
@click.option("-o", "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where packages and ledger go; the project's decks folder by default.")  # fmt: skip
@click.option("--check", is_flag=True,
              help="Write nothing; exit with 1 if the packages or the ledger do not match the records.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@click.option("--workers", default=None, type=click.IntRange(1, 256), metavar="N", show_default="one a core",
              help="How many processes share the work.")  # fmt: skip
@click.option("--dask", default="", metavar="ADDRESS",
              help="Share the work with the Dask cluster of this scheduler (tcp://host:8786).")  # fmt: skip
@click.option("--no-cache", is_flag=True, help="Work everything out anew, and remember nothing of it.")
@click.option("--watch", is_flag=True, help="Build again whenever a record or a setting is saved, until Ctrl-C.")
def build(  # noqa: PLR0913, PLR0917 - one parameter an option
    paths: tuple[Path, ...],
    decks: tuple[str, ...],
    by: str | None,
    perspectives: tuple[str, ...],
    audiences: tuple[str, ...],
    specialties: tuple[str, ...],
    refresh: tuple[str, ...],
    profile: Path | None,
    out: Path | None,
    allow: tuple[str, ...],
    workers: int | None,
    dask: str,
    *,
    reviewed_only: bool,
    no_cache: bool,
    check: bool,
    dry_run: bool,
    watch: bool,
) -> None:
    """Build Anki packages from records.

    Without PATH, every deck definition of the project is built (the .yaml files in its decks folder), or one package a
    trial where there is none. PATH is a record or a folder of records; these are built one package a trial. So are all
    records where --by, a filter or --profile is given. Everything is checked first; with errors, nothing is written.

    A learner's note is updated where its own question, answer, picture or source has changed. What stands on all notes
    of a trial (its facts, its publication, the review) comes with the next such change, or at once with --refresh.

    A build that would harm learners who have the deck is refused, unless that is allowed by name; --dry-run and --check
    exit with 1 then as well.
    """
    is_narrowed = bool(by or perspectives or audiences or specialties)
    for contradicts, message in (
        (profile and (decks or audiences or specialties),
         "--profile says for whom it is: leave out --deck, --audience and --specialty"),
        (decks and (paths or is_narrowed), "--deck takes a definition as it is: leave out PATH, --by and the filters"),
        (check + dry_run + watch > 1, "--check, --dry-run and --watch exclude each other"),
        (refresh and watch, "--refresh is for one build: leave out --watch"),
        (workers and dask, "--dask takes the place of --workers: leave one of the two out"),
    ):  # fmt: skip
        if contradicts:
            raise click.UsageError(message)

    def request() -> DeckRequest:
        is_own = is_narrowed or profile
        own = _deck_of_options(by, perspectives, audiences, specialties, profile) if is_own else None
        return replace(deck_request(paths, own, decks, reviewed_only=reviewed_only), refresh=refresh, allow=allow)

    sources, folder = paths_or_seeds(paths), out or own_folder("decks")

    def write() -> None:
        with problems_printed():
            with build_options(workers or 0, dask, cached=not no_cache) as options:
                built = building.build(sources, request(), folder, build_time(), options)
            print_written(built)

    if watch:
        keep_building([*sources, decks_folder()], write)
    elif check or dry_run:
        with problems_printed(), build_options(workers or 0, dask, cached=not no_cache) as options:
            planned = building.plan(sources, request(), folder, build_time(), options)
        print_planned(planned)
        if planned.refused or (check and planned.changed_files):
            sys.exit(1)
    else:
        write()


def _deck_of_options(
    by: str | None,
    perspectives: Sequence[str],
    audiences: Sequence[str],
    specialties: Sequence[str],
    profile: Path | None,
) -> DeckDefinition:
    """Return the deck that the options describe.

    Args:
        by: What gets a package of its own: `trial` (also by default) or `perspective`.
        perspectives: Take the notes of these perspectives; all by default, here and below.
        audiences: Take what is meant for one of these audiences.
        specialties: Take what concerns one of these specialties.
        profile: The file of the profile of a reader, for whom the deck is.

    Raises:
        TrialdeckError: The profile has errors.
    """
    select = Selected(
        perspectives=tuple(map(Perspective, perspectives)),
        audiences=tuple(map(Audience, audiences)),
        specialties=tuple(specialties),
    )
    split = Split(by or "trial")
    return personal(read_profile(profile), select, split) if profile else ad_hoc_deck(select, split)
