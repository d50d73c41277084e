"""The command that sends packages into a running Anki: push."""

import time
from pathlib import Path

import click
from click.core import ParameterSource

from trialdeck.anki.connect import KEY_VARIABLE, URL_VARIABLE, USUAL, AnkiConnect, refuse_forgotten
from trialdeck.anki.published import open_published
from trialdeck.anki.push import packages_to_push
from trialdeck.anki.push import push as push_packages
from trialdeck.cli.paths import decks_folder
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.text import printable
from trialdeck.project.cache.user_folder import cache_folder


@click.command()
@click.argument("decks", metavar="[DECK.apkg]...", nargs=-1,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--url", default=USUAL, show_default=True, envvar=URL_VARIABLE,
              show_envvar=True, help="The address of AnkiConnect.")  # fmt: skip
@click.option("--key", default="", envvar=KEY_VARIABLE, show_envvar=True,
              help="The apiKey in the settings of AnkiConnect, if there is one.")  # fmt: skip
@click.option("--timeout", "seconds", metavar="SECONDS", default=120, show_default=True,
              type=click.IntRange(1, 86_400), help="How long Anki may take to answer.")  # fmt: skip
@click.pass_context
def push(context: click.Context, decks: tuple[Path, ...], url: str, key: str, seconds: int) -> None:
    """Send packages into the running Anki.

    Anki needs the add-on AnkiConnect (code 2055492159). DECK is a package that trialdeck has built; without one,
    all packages of the project's decks folder are sent. The command prints how many notes are new in Anki, changed,
    or unchanged. It never touches scheduling.

    Unlike an import by hand, it keeps what you wrote into the field Extra or into fields of your own, and your tags, on
    changed notes too. If you edited the author's text, the note stays as it is: what was published says the ledger
    beside the packages.

    Anki opens the file itself, under the same path: it must run on this machine, or see the same folders. To keep what
    you wrote, a copy of the package lies in a hidden folder beside it while Anki reads it. Nothing is ever sent a
    second time by itself. Exit code: 0 if all is in Anki, also if nothing changed, 1 if something failed,
    2 for a wrong call.
    """
    refuse_forgotten(url, named=context.get_parameter_source("url") is ParameterSource.COMMANDLINE)
    packages = list(decks) or packages_to_push(decks_folder())
    with open_published(cache_folder()) as published:
        for pushed in push_packages(packages, AnkiConnect(url, key, seconds), published, int(time.time())):
            echo(f"{printable(pushed.path.as_posix())}: {pushed.summary}")
