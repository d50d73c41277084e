"""The command that makes the site: to preview cards, and to share decks."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialdeck.cli.base import (
    ForReader,
    Paths,
    asked,
    build_options,
    build_time,
    decks_folder,
    own_folder,
    problems_printed,
    read_profile,
    wanted,
)
from trialdeck.cli.output.terminal import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable

if TYPE_CHECKING:
    from trialdeck.decks.deck_request import DeckRequest
    from trialdeck.site.publish import PublishedSite
    from trialdeck.site.server import Preview


@click.command()
@Paths
@click.option("--deck", "decks", multiple=True, metavar="ID",
              help="Show the deck definition of this id only (may be repeated).")  # fmt: skip
@ForReader
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the site goes; the project's folder site by default, and a temporary one for "
                   "PATH, --deck or --profile with --serve.")  # fmt: skip
@click.option("--serve", is_flag=True, help="Serve the site to this machine's browser, until Ctrl-C.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), metavar="N",
              help="The port to serve at; a free one by default.")  # fmt: skip
@click.option("--watch", is_flag=True,
              help="Make the site again on every save of a record or a setting; served pages reload.")  # fmt: skip
def site(  # noqa: PLR0913 - one parameter an option
    paths: tuple[Path, ...],
    decks: tuple[str, ...],
    profile: Path | None,
    out: Path | None,
    *,
    serve: bool,
    port: int,
    watch: bool,
) -> None:
    """Make a site of the decks: every card, front and back, as Anki shows it, and the packages to download.

    It is a folder of plain files, which can be opened from the disk or put on any web server. Without PATH it shows the
    decks of the project; with PATH (a record or a folder of records) or --profile, one deck a trial. It shows the
    records as they are now, and builds no deck: before you share the folder, run `trialdeck build`.
    """
    if profile and decks:
        raise click.UsageError("--profile says for whom it is: leave out --deck")
    if decks and paths:
        raise click.UsageError("--deck takes a definition of the project: leave out PATH")
    if port and not serve:
        raise click.UsageError("--port is for --serve")
    from trialdeck.site.publish import publish  # noqa: PLC0415

    places = asked(paths)
    with _folder(out, is_glance=bool(paths or decks or profile) and serve) as folder:

        def make() -> None:
            choice = _choice(paths, decks, profile)
            with problems_printed():
                with build_options() as options:
                    published = publish(places, choice, decks_folder(), folder, build_time(), options)
                _print(published)

        if serve:
            preview = _preview(folder, port, reloads=watch)
            with preview.server:  # which is closed, also where the site cannot be made
                _serve(preview, places, make, watch=watch)
        elif watch:
            _keep_making(places, make)
        else:
            make()


def _choice(paths: Sequence[Path], decks: Sequence[str], profile: Path | None) -> "DeckRequest":
    from trialdeck.decks.deck_request import personal  # noqa: PLC0415
    from trialdeck.records.settings import Selected  # noqa: PLC0415

    return wanted(paths, personal(read_profile(profile), Selected()) if profile else None, decks)


@contextmanager
def _folder(out: Path | None, *, is_glance: bool) -> Iterator[Path]:
    """Give the folder of the site; a glance at some records must not replace the site of all."""
    from trialdeck.core.temporary import scratch_folder  # noqa: PLC0415

    if is_glance and not out:
        with scratch_folder() as folder:
            yield folder
    else:
        yield out or own_folder("site")


def _preview(folder: Path, port: int, *, reloads: bool) -> "Preview":
    from trialdeck.site.server import Preview  # noqa: PLC0415

    try:
        return Preview(folder, reloads=reloads, port=port)
    except OSError as error:
        message = f"cannot serve at port {port}: {error.strerror or error}"
        raise TrialdeckError(message, "name another with --port, or none for a free one") from error


def _keep_making(places: Sequence[Path], make: Callable[[], None]) -> None:
    from trialdeck.cli.watch import keep_building  # noqa: PLC0415

    keep_building([*places, decks_folder()], make)


def _serve(preview: "Preview", places: Sequence[Path], make: Callable[[], None], *, watch: bool) -> None:
    """Make the site and serve it until Ctrl-C."""
    if not watch:
        make()
    try:
        with _served(preview):
            echo(f"serving {preview.address} ; Ctrl-C ends", err=True)
            if watch:
                _keep_making(places, lambda: _made_and_told(preview, make))
            else:
                threading.Event().wait()
    except KeyboardInterrupt:
        echo(err=True)


@contextmanager
def _served(preview: "Preview") -> Iterator[None]:
    thread = threading.Thread(target=preview.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        preview.server.shutdown()


def _made_and_told(preview: "Preview", make: Callable[[], None]) -> None:
    """Make the site and tell open pages, also of what is wrong."""
    try:
        make()
    except TrialdeckError as error:
        preview.refused("\n".join(_problem_lines(error)))
        raise
    preview.renewed()


def _problem_lines(error: TrialdeckError) -> Iterator[str]:
    from trialdeck.cli.output.problems import problems_text  # noqa: PLC0415
    from trialdeck.project.check import FaultyRecordsError  # noqa: PLC0415

    yield f"{printable(error.message)}; this page is as it was before"
    if isinstance(error, FaultyRecordsError):
        yield from map(click.unstyle, problems_text(error.checked))
    elif error.hint:
        yield printable(error.hint)


def _print(published: "PublishedSite") -> None:
    """Say what has been written, and whether it is fit to be shared."""
    made = published.site
    counts = {"trial": len(made.trials), "note": made.notes, "card": made.cards, "package": made.filled}
    words = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items())
    news = f"{len(published.changed)} written, {len(published.removed)} removed"
    echo(f"{published.out.as_posix()}: {words}, {published.size / 1e6:.1f} MB; files: {news}")
    if made.unbuilt:
        echo(f"a preview: {made.unbuilt}; run `trialdeck build` before you share it")
