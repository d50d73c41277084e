"""The command that sends packages into a running Anki: push."""

import time
from pathlib import Path

import click
from click.core import ParameterSource

from trialdeck.anki.connect import HERE, AnkiConnect, host_of
from trialdeck.anki.published import open_published
from trialdeck.anki.push import Pushed
from trialdeck.anki.push import push as push_packages
from trialdeck.cli.options import cache_folder
from trialdeck.cli.paths import decks_folder
from trialdeck.cli.terminal.printing import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import counted, printable


@click.command()
@click.argument("decks", metavar="[DECK.apkg]...", nargs=-1,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--url", default="http://127.0.0.1:8765", show_default=True, envvar="TRIALDECK_ANKI_URL",
              show_envvar=True, help="The address of AnkiConnect.")  # fmt: skip
@click.option("--key", default="", envvar="TRIALDECK_ANKI_KEY", show_envvar=True,
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
    changed notes too. If you edited the author's text later than it changed in the package, the note stays as it is.

    Anki opens the file itself, under the same path: it must run on this machine, or see the same folders. To keep what
    you wrote, a copy of the package lies in a hidden folder beside it while Anki reads it. Nothing is ever sent a
    second time by itself. Exit code: 0 if all is in Anki, also if nothing changed, 1 if something failed,
    2 for a wrong call.
    """
    _check_address(url, named=context.get_parameter_source("url") is ParameterSource.COMMANDLINE)
    with open_published(cache_folder()) as published:
        anki = AnkiConnect(url, key, seconds)
        for pushed in push_packages(_packages(decks), anki, published, int(time.time())):
            echo(_line(pushed))


def _check_address(url: str, *, named: bool) -> None:
    """Let no forgotten variable send anything to another machine.

    Raises TrialdeckError if the address is of another machine, unless it was named on the command line.
    """
    host = host_of(url)
    if host not in HERE and not named:
        raise TrialdeckError(f"TRIALDECK_ANKI_URL names another machine: {host}", "if you mean it, name it by --url")


def _packages(decks: tuple[Path, ...]) -> list[Path]:
    """Return the packages to send: those that the call names, or all of the project.

    Raises TrialdeckError if there is none, or if a file is no .apkg.
    """
    folder = decks_folder()
    packages = list(decks) or sorted(folder.glob("*.apkg"))
    if not packages:
        raise TrialdeckError(f"there is no package in {folder.as_posix()}", "make them: trialdeck build")
    for path in packages:
        if path.suffix.lower() != ".apkg":
            raise TrialdeckError(f"{path} is no package that can be pushed", "name a file that ends in .apkg")
    return packages


def _line(pushed: Pushed) -> str:
    counts = [(pushed.new, "new"), (pushed.changed, "changed")]
    parts = [f"{count} {word}" for count, word in counts if count]
    if not parts:
        parts = ["nothing changed"]
    elif pushed.unchanged:
        parts.append(f"{pushed.unchanged} unchanged")
    if pushed.kept:
        parts.append(f"{pushed.kept} kept as {'it is' if pushed.kept == 1 else 'they are'} in Anki")
    line = f"{printable(pushed.path.as_posix())}: {', '.join(parts)}"
    if pushed.personal:
        line += f"; kept what you wrote on {counted(pushed.personal, 'note')}"
    return line
