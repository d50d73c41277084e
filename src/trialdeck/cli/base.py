"""What the commands share: the group that turns errors into messages, and default arguments."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialdeck.cli.output.failures import explained
from trialdeck.cli.output.streams import fitting
from trialdeck.cli.output.terminal import OutputError, echo, echo_styled, is_plain, refusals_of
from trialdeck.core.build_time import BuildTimeError
from trialdeck.core.build_time import build_time as stated_build_time
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable, printable_lines

if TYPE_CHECKING:
    from trialdeck.decks.deck_request import DeckRequest
    from trialdeck.project.context import BuildOptions
    from trialdeck.records.profile import Profile
    from trialdeck.records.settings import DeckDefinition

PERSPECTIVES = ("mechanism", "clinical", "reviewer")
AUDIENCES = ("student", "resident", "fellow", "attending", "methodologist", "peer-reviewer", "guideline-committee")
REFUSED = ("texts-lost", "cards-vanish", "history-cut", "unusual-share", "ledger-lost", "clock-ahead")
"""The codes of `trialdeck.editions.risks.REFUSED`: a command line is read before that is imported."""
READER_GONE = 141
"""The exit code where the program that read the output has ended: what a shell says of a program that died of it."""
Paths = click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
ForReader = click.option("--profile", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                         help="Take what is for the reader of this profile or for everybody, "
                              "takeaways first.")  # fmt: skip


class Commands(click.Group):
    """The one place where errors become messages: no traceback reaches a user.

    `places` has where in this package each command is, by its name; it is imported when it is asked for.
    """

    def __init__(self, *args: Any, places: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click has it
        """Return the names of all commands."""
        return sorted(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click has it
        """Return a command, or None where there is none of this name."""
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"trialdeck.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named first; where there is none, tell which one may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from trialdeck.core.problem import nearest  # noqa: PLC0415

            if meant := nearest(args[0], self.places):
                raise click.UsageError(f"{error.message} Did you mean '{meant}'?", ctx) from None
            raise

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read what stands before the command, with colours where they are wanted."""
        if is_plain():
            options["color"] = False
        with _errors_told():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what goes wrong ends it with a message and an exit code."""
        with _errors_told():
            return super().invoke(ctx)


@contextmanager
def _errors_told() -> Iterator[None]:
    """Turn what goes wrong into a message and an exit code."""
    try:
        yield
    except click.ClickException as error:
        with refusals_of(sys.stderr):
            _fit_to_show(error).show(sys.stderr)
        sys.exit(error.exit_code)
    except (click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        # What click prints by itself, such as help, ends in the latter.
        if (isinstance(error, OutputError) and error.is_gone) or isinstance(error, BrokenPipeError):
            sys.exit(READER_GONE)
        if os.environ.get("TRIALDECK_DEBUG") and not isinstance(error, (TrialdeckError, OutputError)):
            raise
        say(explained(error))
        sys.exit(1)


def _fit_to_show(error: click.ClickException) -> click.ClickException:
    """Return an error of a call whose message can be printed: where a name is wrong, it repeats the name."""
    said = error.format_message()
    fit = fitting(printable_lines(said), sys.stderr)
    context = error.ctx if isinstance(error, click.UsageError) else None
    return error if fit == said else click.UsageError(fit, context)


def say(error: TrialdeckError) -> None:
    """Print an error and what to do about it to standard error."""
    echo_styled(f"{click.style('error:', fg='red', bold=True)} {printable(error.message)}", err=True)
    if error.hint:
        echo(f"    {error.hint}", err=True)


@contextmanager
def problems_printed() -> Iterator[None]:
    """Print what stops a command to standard error, problems or refused changes, before the error that says so."""
    from trialdeck.cli.output.problems import problems_text  # noqa: PLC0415
    from trialdeck.cli.output.release import release_text  # noqa: PLC0415
    from trialdeck.project.build_result import RefusedReleaseError  # noqa: PLC0415
    from trialdeck.project.check import FaultyRecordsError  # noqa: PLC0415

    try:
        yield
    except FaultyRecordsError as error:
        for line in problems_text(error.checked):
            echo_styled(line, err=True)
        raise
    except RefusedReleaseError as error:
        for line in release_text(error.changes, error.refused):
            echo_styled(line, err=True)
        raise


def asked(paths: Sequence[Path]) -> Sequence[Path]:
    """Return the paths that were named, or else the project's seeds."""
    from trialdeck.records.discovery import SEEDS, find_project  # noqa: PLC0415

    if paths:
        return paths
    project = find_project(Path())
    if project is None:
        raise click.UsageError(f"there is no {SEEDS} folder here or above; name a record or a folder")
    return [shown(project / SEEDS)]


def wanted(
    paths: Sequence[Path],
    own: "DeckDefinition | None" = None,
    ids: Sequence[str] = (),
    *,
    reviewed_only: bool = False,
) -> "DeckRequest":
    """Return which decks are meant: one of the options' own, or one package a trial for paths, or the project's."""
    from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest  # noqa: PLC0415

    definitions = (own or BY_TRIAL,) if own or paths else ()
    return DeckRequest(definitions, tuple(ids), reviewed_only=reviewed_only)


def decks_folder() -> Path:
    """Return the project's folder for packages, or one here."""
    from trialdeck.records.discovery import find_project  # noqa: PLC0415

    return shown((find_project(Path()) or Path()) / "decks")


def own_folder(name: str, *, option: str = "--out") -> Path:
    """Return a folder of the project, or one here, to write into; `option` is the one that names another.

    Raises TrialdeckError where it is a link out of the project: whoever made the project may have chosen its target.
    """
    from trialdeck.core.safe_paths import refuse_outside  # noqa: PLC0415
    from trialdeck.records.discovery import find_project  # noqa: PLC0415

    project = find_project(Path()) or Path()
    folder = shown(project / name)
    other = f"name that folder with {option}" if option else "go to the project that it leads to"
    refuse_outside(folder, project, of="the project", hint=f"nothing was written; remove the link, or {other}")
    return folder


def output_file(path: Path) -> Path:
    """Return a file that was named, to be written.

    Raises TrialdeckError where it is a link out of its folder, or its folder is one out of the project that it is in.
    """
    from trialdeck.core.files import refusals  # noqa: PLC0415
    from trialdeck.core.safe_paths import refuse_outside, target_of  # noqa: PLC0415
    from trialdeck.records.discovery import home_of  # noqa: PLC0415

    refuse_outside(path.parent, home_of(path), of="the project")
    with refusals(path):
        target_of(path, path.parent)
    return path


def shown(path: Path) -> Path:
    """Return a path as seen from here, where that is possible."""
    return Path(os.path.relpath(path))


def schema_beside(out: Path | None) -> str | None:
    """Return the schema's path as seen from the record that is written, if the record's project has it."""
    from trialdeck.records.discovery import find_project  # noqa: PLC0415

    project = find_project(out.parent) if out else None
    if out is None or project is None or not (project / "schemas" / "trial.schema.json").is_file():
        return None
    return Path(os.path.relpath(project / "schemas" / "trial.schema.json", out.parent.resolve())).as_posix()


def read_profile(path: Path) -> "Profile":
    """Read the profile of a reader and print what is wrong with it; raises TrialdeckError where it has errors."""
    from trialdeck.cli.output.problems import problem_lines  # noqa: PLC0415
    from trialdeck.core.problem import Severity  # noqa: PLC0415
    from trialdeck.records.profile import load_profile  # noqa: PLC0415

    file = load_profile(path, path.as_posix())
    for line in problem_lines(file.problems):
        echo_styled(line, err=True)
    if file.profile is None or any(problem.severity is Severity.ERROR for problem in file.problems):
        hint = "correct it; `trialdeck schema profile` shows what a profile holds"
        raise TrialdeckError(f"nothing was built: the profile {file.path} has errors", hint)
    return file.profile


CACHE = "TRIALDECK_CACHE"
"""The variable that names the folder of the cache."""


@contextmanager
def build_options(workers: int = 0, dask: str = "", *, cached: bool = True) -> "Iterator[BuildOptions]":
    """Lend what a command reads and builds with: processes or a cluster, the user's cache, and a progress bar."""
    from trialdeck.cli.output.progress import progress  # noqa: PLC0415
    from trialdeck.project.context import BuildOptions  # noqa: PLC0415

    with progress() as bars:
        yield BuildOptions(workers, dask, cache_folder() if cached else None, bars)


def cache_folder() -> Path:
    """Return the folder of the cache: one that is private to the user, because it is trusted."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("trialdeck", appauthor=False)


def build_time() -> int:
    """Return the build time in seconds of Unix time; a wrong SOURCE_DATE_EPOCH is a wrong call."""
    try:
        return stated_build_time()
    except BuildTimeError as error:
        raise click.UsageError(error.message) from error
