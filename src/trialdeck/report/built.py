"""What a build has written, or would write."""

from typing import TYPE_CHECKING

from trialdeck.report.terminal import printable, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.decks.editions import Step
    from trialdeck.decks.ledger import Line
    from trialdeck.pipeline.planning import Built, Plan


_NAMED = 5
"""How many trials a message names."""
_ROWS = 20
"""How many packages have a row each; of a whole library, nobody reads them all."""


def print_written(plan: "Plan") -> None:
    """Print the packages of a build, and what it changed."""
    built = plan.built
    if len(built) == 1:
        tell(_line(built[0]))
    else:
        _print_table(built)
    _print_untaken(plan)
    _print_clock(plan)
    _print_changes(plan.step)
    _print_lost(plan.step)


def print_planned(plan: "Plan") -> None:
    """Print which files a build would write, and what it would change."""
    for name in plan.outdated:
        path = plan.out / name
        tell(f"{'would change' if path.exists() else 'would make'} {path.as_posix()}")
    _print_untaken(plan)
    _print_clock(plan)
    if plan.outdated:
        _print_changes(plan.step)
    else:
        tell("everything is up to date")
    _print_lost(plan.step)


def _print_untaken(plan: "Plan") -> None:
    """Warn of records of which no deck of the project takes anything."""
    if plan.untaken:
        named = ", ".join(plan.untaken[:_NAMED]) + (" …" if len(plan.untaken) > _NAMED else "")
        count = "1 trial is" if len(plan.untaken) == 1 else f"{len(plan.untaken)} trials are"
        tell(f"warning: {count} in no deck, and learners will not get them: {named}", err=True)
        tell("    give them a topic that a deck selects, or name them in a deck definition", err=True)


def _print_clock(plan: "Plan") -> None:
    """Warn of a ledger that has times after the build."""
    if plan.ahead:
        from trialdeck.decks.clock import REPAIRS  # noqa: PLC0415
        from trialdeck.decks.ledger import FILE  # noqa: PLC0415

        tell(f"warning: {printable((plan.out / FILE).as_posix())}: {plan.ahead.message}", err=True)
        tell(f"    {REPAIRS}", err=True)


def _print_changes(step: "Step") -> None:
    """Print what a build changes for learners, and which new facts wait for the next change of a note."""
    for trial, count in sorted(step.shared.items()):
        notes = "1 note carries" if count == 1 else f"{count} notes carry"
        tell(f"{notes} new facts of {trial}, for new learners; `trialdeck build --refresh {trial}` sends them to all")
    tell(_summary(step))


def _print_lost(step: "Step") -> None:
    """Print which notes are retired without their text, and how to keep it."""
    if not step.lost:
        return
    notes = "1 retired note" if len(step.lost) == 1 else f"{len(step.lost)} retired notes"
    tell(f"no package here has the text of {notes}, which learners' cards lose with this edition:")
    for line in step.lost[:_ROWS]:
        tell(f"  {line.key}  {line.label}")
    if len(step.lost) > _ROWS:
        tell(f"  and {len(step.lost) - _ROWS} more")
    tell("  to keep it, put the entry back and add `retired: {on: 2026-11-01, reason: Why it was withdrawn.}` to it")


def _summary(step: "Step") -> str:
    counts = {"new": step.new, "changed": step.changed, "retired": step.retired, "brought back": step.returned}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    if step.note_types:
        said.append("a new look of the cards")
    return f"notes: {', '.join(said)}" if said else "no note has changed"


def _line(built: "Built") -> str:
    retired = [f"{built.retired} retired"] * bool(built.retired)
    facts = [built.title, f"{built.notes} notes", f"{built.cards} cards", *retired, _shown_size(built.size)]
    return f"{built.path.as_posix()}: {', '.join(facts)}"


def _shown_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def _print_table(built: "Sequence[Built]") -> None:
    """Print a row for each package: deck, notes, cards, retired notes, size, path; of many, one for all the rest."""
    from rich import box  # noqa: PLC0415 - rich is slow to import
    from rich.console import Console  # noqa: PLC0415
    from rich.measure import Measurement  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    retired = ["retired"] * any(each.retired for each in built)
    for name in ("deck", "notes", "cards", *retired, "size", "path"):
        table.add_column(name, justify="left" if name in {"deck", "path"} else "right", no_wrap=True)

    def add(title: str, some: "Sequence[Built]", path: str) -> None:
        notes, cards = (str(sum(getattr(each, name) for each in some)) for name in ("notes", "cards"))
        gone = [str(sum(each.retired for each in some))] * len(retired)
        table.add_row(
            Text(printable(title)),
            notes,
            cards,
            *gone,
            _shown_size(sum(each.size for each in some)),
            Text(printable(path)),
        )

    first = built if len(built) <= _ROWS else built[: _ROWS - 1]
    for each in first:
        add(each.title, [each], each.path.as_posix())
    if rest := built[len(first) :]:
        add(f"and {len(rest)} more", rest, f"{rest[0].path.parent.as_posix()}/")
    # A path that is broken over two lines cannot be copied: let the terminal wrap what it must.
    console = Console()
    needed = Measurement.get(console, console.options.update_width(10_000), table).maximum
    Console(width=max(needed, console.width)).print(table)


def print_retired(lines: "Sequence[Line]") -> None:
    """Print a line for each retired note: since when, its key, what it was, and why it was retired if that is known."""
    from trialdeck.decks.tombstone import reason_for  # noqa: PLC0415 - what makes notes is slow to import

    for line in lines:
        reason = f" ({reason_for(line)})" if reason_for(line) else ""
        tell(f"{line.retired}  {line.key}  {line.label}{reason}")
    if not lines:
        tell("no note is retired")
