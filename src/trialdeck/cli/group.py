"""The group of all commands: it imports the one that is called, and turns errors into messages."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

import click

from trialdeck.cli.terminal.failures import explained, print_error
from trialdeck.cli.terminal.printing import OutputError, is_plain, refusals_of
from trialdeck.cli.terminal.streams import fitting
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.text import printable_lines

READER_GONE = 141
"""The exit code if the program that read the output has ended: what a shell reports of a program that died of it."""


class CommandEntry(NamedTuple):
    """A command: where it is in this package (`folder.module.function`), its line in the list of commands, its group.

    The groups stand in the list in the order of their first commands.
    """

    place: str
    summary: str
    group: str


class Commands(click.Group):
    """The one place where errors become messages: no traceback reaches a user.

    `entries` are the commands by their names. The module of a command imports at its top what the command needs, and is
    itself imported when the command is called: help and the version come at once.
    """

    def __init__(self, *args: Any, entries: Mapping[str, CommandEntry], **options: Any) -> None:
        super().__init__(*args, **options)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature of click
        """Return the names of all commands, group by group."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import and return a command; None if there is none of this name."""
        if cmd_name not in self.entries:
            return None
        module, _, name = self.entries[cmd_name].place.rpartition(".")
        command: click.Command = getattr(import_module(f"trialdeck.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """List the commands in the help, group by group, without importing any of them."""
        groups: dict[str, list[tuple[str, str]]] = {}
        # All groups have the same columns.
        most = max(map(len, self.entries))
        for name, entry in self.entries.items():
            groups.setdefault(entry.group, []).append((name.ljust(most), entry.summary))
        for group, rows in groups.items():
            with formatter.section(group):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a call; the error for an unknown name suggests the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            # Only an unknown command needs it, and it imports difflib and msgspec.
            from trialdeck.core.problem import nearest  # noqa: PLC0415

            if suggestion := nearest(args[0], self.entries):
                raise click.UsageError(f"{error.message} Did you mean '{suggestion}'?", ctx) from None
            raise

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options before the command; colours are off if the user or the terminal wants none."""
        if is_plain():
            options["color"] = False
        with _errors_as_messages():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error ends it with a message and an exit code."""
        with _errors_as_messages():
            return super().invoke(ctx)


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    """Turn every error into a message and an exit code."""
    try:
        yield
    except click.ClickException as error:
        with refusals_of(sys.stderr):
            _with_printable_message(error).show(sys.stderr)
        sys.exit(error.exit_code)
    except (click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        # What click prints by itself, such as help, ends in a BrokenPipeError.
        if (isinstance(error, OutputError) and error.is_gone) or isinstance(error, BrokenPipeError):
            sys.exit(READER_GONE)
        if os.environ.get("TRIALDECK_DEBUG") and not isinstance(error, (TrialdeckError, OutputError)):
            raise
        print_error(explained(error))
        sys.exit(1)


def _with_printable_message(error: click.ClickException) -> click.ClickException:
    """Return an error of a call whose message can be printed: the error of a wrong name repeats that name."""
    message = error.format_message()
    printable_message = fitting(printable_lines(message), sys.stderr)
    context = error.ctx if isinstance(error, click.UsageError) else None
    return error if printable_message == message else click.UsageError(printable_message, context)
