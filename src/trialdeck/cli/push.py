"""The command that sends packages into a running Anki: push."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from trialdeck.cli.base import cache_folder, decks_folder
from trialdeck.cli.output.terminal import echo
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable

if TYPE_CHECKING:
    from trialdeck.anki.push import Pushed


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
    """Send packages into the Anki that is running, through its add-on AnkiConnect (code 2055492159).

    DECK is a package that trialdeck has built; without one, all packages of the project's decks folder are sent. The
    command prints how many notes are new in Anki, changed, or unchanged. It never touches scheduling.

    Unlike an import by hand, it keeps what you wrote into the field Extra or into fields of your own, and your tags, on
    changed notes too. If you edited the author's text later than it changed in the package, the note stays as it is.

    Anki opens the file itself, under the same path: it must run on this machine, or see the same folders. To keep what
    you wrote, a copy of the package lies in a hidden folder beside it while Anki reads it. Nothing is ever sent a
    second time by itself. Exit code: 0 if all is in Anki, also if nothing changed, 1 if something failed,
    2 for a wrong call.
    """
    from trialdeck.anki.connect import AnkiConnect  # noqa: PLC0415
    from trialdeck.anki.published import open_published  # noqa: PLC0415
    from trialdeck.anki.push import push  # noqa: PLC0415

    _check_address(url, named=context.get_parameter_source("url") is ParameterSource.COMMANDLINE)
    with open_published(cache_folder()) as published:
        for pushed in push(_packages(decks), AnkiConnect(url, key, seconds), published, int(time.time())):
            echo(_line(pushed))


def _check_address(url: str, *, named: bool) -> None:
    """Let no forgotten variable send anything to another machine."""
    from trialdeck.anki.connect import HERE, host_of  # noqa: PLC0415

    host = host_of(url)
    if host not in HERE and not named:
        raise TrialdeckError(f"TRIALDECK_ANKI_URL names another machine: {host}", "if you mean it, name it by --url")


def _packages(decks: tuple[Path, ...]) -> list[Path]:
    folder = decks_folder()
    packages = list(decks) or sorted(folder.glob("*.apkg"))
    if not packages:
        raise TrialdeckError(f"there is no package in {folder.as_posix()}", "make them: trialdeck build")
    for path in packages:
        if path.suffix.lower() != ".apkg":
            raise TrialdeckError(f"{path} is no package that can be pushed", "name a file that ends in .apkg")
    return packages


def _line(pushed: "Pushed") -> str:
    counts = [(pushed.new, "new"), (pushed.changed, "changed")]
    said = [f"{count} {word}" for count, word in counts if count]
    if not said:
        said = ["nothing changed"]
    elif pushed.unchanged:
        said.append(f"{pushed.unchanged} unchanged")
    if pushed.kept:
        said.append(f"{pushed.kept} kept as {'it is' if pushed.kept == 1 else 'they are'} in Anki")
    line = f"{printable(pushed.path.as_posix())}: {', '.join(said)}"
    if pushed.personal:
        line += f"; kept what you wrote on {pushed.personal} note{'' if pushed.personal == 1 else 's'}"
    return line
