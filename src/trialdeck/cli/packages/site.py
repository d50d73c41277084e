"""The command that makes the site: to preview cards, and to share decks."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from trialdeck.cli.arguments import Paths, Profile
from trialdeck.cli.deck_requests import deck_request, read_profile
from trialdeck.cli.options import build_options, build_time
from trialdeck.cli.output.problems import problems_text
from trialdeck.cli.paths import decks_folder, own_folder, paths_or_seeds
from trialdeck.cli.printed_problems import problems_printed
from trialdeck.cli.terminal.browser import open_in_browser
from trialdeck.cli.terminal.printing import echo
from trialdeck.cli.watch import keep_building
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.temporary import scratch_folder
from trialdeck.core.text import counted, printable
from trialdeck.decks.deck_request import DeckRequest, personal
from trialdeck.project.check import FaultyRecordsError
from trialdeck.records.settings import Selected
from trialdeck.site.publish import PublishedSite, publish
from trialdeck.site.server import Preview


@click.command()
@Paths
@click.option("--deck", "decks", multiple=True, metavar="ID",
              help="Show the deck definition of this id only (may be repeated).")  # fmt: skip
@Profile
@click.option("-o", "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the site goes; the project's folder site by default, and a temporary one for "
                   "PATH, --deck or --profile with --serve.")  # fmt: skip
@click.option(
    "--serve", is_flag=True, help="Serve the site to this machine's browser, and open it there, until Ctrl-C."
)
@click.option("--no-open", "opens", is_flag=True, flag_value=False, default=True,
              help="With --serve: do not open the browser.")  # fmt: skip
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
    opens: bool,
    port: int,
    watch: bool,
) -> None:
    """Make a site of the decks.

    The site has every card, front and back, as Anki shows it, and the packages to download. It is a folder of plain
    files, which can be opened from the disk or put on any web server. Without PATH it shows the decks of the
    project; with PATH (a record or a folder of records) or --profile, one deck a trial. It shows the records as
    they are now, and builds no deck: before you share the folder, run `trialdeck build`.
    """
    if profile and decks:
        raise click.UsageError("--profile says for whom it is: leave out --deck")
    if decks and paths:
        raise click.UsageError("--deck takes a definition of the project: leave out PATH")
    if not serve and (port or not opens):
        raise click.UsageError(f"{'--port' if port else '--no-open'} is for --serve")
    sources = paths_or_seeds(paths)
    with _folder(out, is_glance=bool(paths or decks or profile) and serve) as folder:

        def make() -> None:
            request = _deck_request(paths, decks, profile)
            with problems_printed():
                with build_options() as options:
                    published = publish(sources, request, decks_folder(), folder, build_time(), options)
                _print(published)

        if serve:
            preview = _preview(folder, port, reloads=watch)
            with preview.server:  # it is closed even if the site cannot be made
                _serve(preview, make, [*sources, decks_folder()] if watch else (), opens=opens)
        elif watch:
            keep_building([*sources, decks_folder()], make)
        else:
            make()


def _deck_request(paths: Sequence[Path], decks: Sequence[str], profile: Path | None) -> DeckRequest:
    return deck_request(paths, personal(read_profile(profile), Selected()) if profile else None, decks)


@contextmanager
def _folder(out: Path | None, *, is_glance: bool) -> Iterator[Path]:
    """Lend the folder of the site: a temporary one for a glance, which must not replace the site of all records."""
    if is_glance and not out:
        with scratch_folder() as folder:
            yield folder
    else:
        yield out or own_folder("site")


def _preview(folder: Path, port: int, *, reloads: bool) -> Preview:
    """Return the preview server of a folder; raises TrialdeckError if the port is not free."""
    try:
        return Preview(folder, reloads=reloads, port=port)
    except OSError as error:
        message = f"cannot serve at port {port}: {error.strerror or error}"
        raise TrialdeckError(message, "name another with --port, or none for a free one") from error


def _serve(preview: Preview, make: Callable[[], None], watched: Sequence[Path], *, opens: bool) -> None:
    """Make the site and serve it until Ctrl-C; make it again on every save in the paths that are watched."""
    if not watched:
        make()
    try:
        with _serving(preview):
            echo(f"serving {preview.address} ; Ctrl-C ends", err=True)
            # The page opens when there is something to see.
            to_open = iter([preview.address] if opens else [])

            def renew() -> None:
                _make_and_reload(preview, make)
                for address in to_open:
                    open_in_browser(address)

            if watched:
                keep_building(watched, renew)
            else:
                for address in to_open:
                    open_in_browser(address)
                threading.Event().wait()
    except KeyboardInterrupt:
        echo(err=True)


@contextmanager
def _serving(preview: Preview) -> Iterator[None]:
    thread = threading.Thread(target=preview.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        preview.server.shutdown()


def _make_and_reload(preview: Preview, make: Callable[[], None]) -> None:
    """Make the site and let the open pages reload; they show the error if it cannot be made."""
    try:
        make()
    except TrialdeckError as error:
        preview.refused("\n".join(_problem_lines(error)))
        raise
    preview.renewed()


def _problem_lines(error: TrialdeckError) -> Iterator[str]:
    yield f"{printable(error.message)}; this page is as it was before"
    if isinstance(error, FaultyRecordsError):
        yield from map(click.unstyle, problems_text(error.checked))
    elif error.hint:
        yield printable(error.hint)


def _print(published: PublishedSite) -> None:
    """Print what has been written, and a warning if the site shows records that have not been built."""
    result = published.site
    counts = {
        "trial": len(result.trials),
        "note": result.counts.notes,
        "card": result.counts.cards,
        "package": result.filled,
    }
    words = ", ".join(counted(count, noun) for noun, count in counts.items())
    news = f"{len(published.changed)} written, {len(published.removed)} removed"
    echo(f"{published.out.as_posix()}: {words}, {published.size / 1e6:.1f} MB; files: {news}")
    if result.unbuilt:
        echo(f"a preview: {result.unbuilt}; run `trialdeck build` before you share it")
