"""The command that serves the desk."""

import os
import sys
import traceback
from pathlib import Path

import click

from trialdeck.cli.terminal.failures import explained, print_error
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.system.extras import install_hint
from trialdeck.project.cache.user_folder import cache_folder
from trialdeck.records.discovery import find_project


@click.command()
@click.argument("folder", metavar="[FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option("--no-open", "opens", is_flag=True, flag_value=False, default=True,
              help="Do not open the browser; print the address only.")  # fmt: skip
@click.option("--port", default=0, type=click.IntRange(0, 65535), metavar="N",
              help="The port to serve at; a free one by default.")  # fmt: skip
def desk(folder: Path | None, *, opens: bool, port: int) -> None:
    """Write, review and release in a browser.

    The desk is a page on this machine for all that the other commands do: it drafts records from files, edits them as
    forms, shows their cards, and builds the decks. FOLDER is a project, or an empty folder where one is to begin; by
    default, it is the project around this folder, or this folder.

    The address that is printed has a key in it: who has it can read and change the project. Ctrl-C ends the desk.
    """
    try:
        from trialdeck.desk.serve import serve  # noqa: PLC0415 - the extra `desk`, which may be missing
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in {"starlette", "uvicorn", "watchfiles"}:
            raise
        raise TrialdeckError(f"the desk needs the library {error.name}", install_hint("desk")) from error
    place = folder or find_project(Path()) or Path()
    shows = has_display()
    announce = _announce if shows or not opens else _announce_without_display
    serve(place, announce, _report, cache=cache_folder(), port=port, opens=opens and shows)


def has_display() -> bool:
    """Tell whether a browser can open a window here; without one, a browser of text would take over the terminal."""
    if sys.platform in {"win32", "cygwin", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _announce(address: str) -> None:
    echo(f"the desk is open at {address} ; Ctrl-C ends", err=True)


def _announce_without_display(address: str) -> None:
    _announce(address)
    echo("this machine has no display: open the address in a browser, here or through ssh -L", err=True)


def _report(error: Exception) -> None:
    if os.environ.get("TRIALDECK_DEBUG"):
        echo("".join(traceback.format_exception(error)), err=True)
    print_error(explained(error))
