"""What a build has written, or would write."""

from typing import TYPE_CHECKING

import click

from trialdeck.report.problems import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.decks.editions import Step
    from trialdeck.decks.ledger import Line
    from trialdeck.pipeline.planning import Built, Plan


def print_written(plan: "Plan") -> None:
    """Print the table of a build, and what it changed."""
    _print_table(plan.built)
    click.echo(_summary(plan.step))


def print_planned(plan: "Plan") -> None:
    """Print which files a build would write, and what it would change."""
    for name in plan.outdated:
        path = plan.out / name
        click.echo(f"{'would change' if path.exists() else 'would make'} {path.as_posix()}")
    click.echo(_summary(plan.step) if plan.outdated else "everything is up to date")


def _summary(step: "Step") -> str:
    counts = {"new": step.new, "changed": step.changed, "retired": step.retired, "brought back": step.returned}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    if step.note_types:
        said.append("a new look of the cards")
    return f"notes: {', '.join(said)}" if said else "no note has changed"


def _print_table(built: "Sequence[Built]") -> None:
    """Print a row for each package: deck, notes, cards, retired notes, size, path."""
    from rich import box  # noqa: PLC0415 - rich is slow to import
    from rich.console import Console  # noqa: PLC0415
    from rich.measure import Measurement  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    retired = ["retired"] * any(each.retired for each in built)
    for name in ("deck", "notes", "cards", *retired, "size", "path"):
        table.add_column(name, justify="left" if name in {"deck", "path"} else "right", no_wrap=True)
    for each in built:
        gone = [str(each.retired)] * len(retired)
        size = f"{each.size / 1000:.1f} kB"
        table.add_row(Text(each.title), str(each.notes), str(each.cards), *gone, size, Text(each.path.as_posix()))
    # A path that is broken over two lines cannot be copied: let the terminal wrap what it must.
    console = Console()
    needed = Measurement.get(console, console.options.update_width(10_000), table).maximum
    Console(width=max(needed, console.width)).print(table)


def print_retired(lines: "Sequence[Line]") -> None:
    """Print a line for each retired note: since when, its key, and what it was."""
    for line in lines:
        click.echo(f"{line.retired}  {printable(line.key)}  {printable(line.label)}")
    if not lines:
        click.echo("no note is retired")
