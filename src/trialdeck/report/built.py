"""The table of a build."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialdeck.pipeline.building import Built


def print_built(built: Sequence["Built"]) -> None:
    """Print the table of a build: deck, notes, cards, size, path."""
    from rich import box  # noqa: PLC0415 - rich is slow to import
    from rich.console import Console  # noqa: PLC0415
    from rich.measure import Measurement  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for name in ("deck", "notes", "cards", "size", "path"):
        table.add_column(name, justify="right" if name in {"notes", "cards", "size"} else "left", no_wrap=True)
    for each in built:
        size = f"{each.size / 1000:.1f} kB"
        table.add_row(Text(each.title), str(each.notes), str(each.cards), size, Text(each.path.as_posix()))
    # A path that is broken over two lines cannot be copied: let the terminal wrap what it must.
    console = Console()
    needed = Measurement.get(console, console.options.update_width(10_000), table).maximum
    Console(width=max(needed, console.width)).print(table)
