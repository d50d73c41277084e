"""Print what a build wrote or would write."""

from collections.abc import Sequence

from trialdeck.cli.output.problems import release_text
from trialdeck.cli.terminal.printing import echo, echo_styled
from trialdeck.cli.terminal.tables import table_lines
from trialdeck.core.text import counted
from trialdeck.decks.counts import Tally
from trialdeck.editions.clock import REPAIRS
from trialdeck.editions.ledger import FILE
from trialdeck.editions.next_edition import EditionCounts
from trialdeck.project.build_result import BuildResult, BuiltPackage

_NAMED = 5
"""How many trials a message names."""
_WITHOUT_CARDS = ("retired", "disputed")
"""The counts, in a package, of the notes that have no cards."""
_ROWS = 20
"""How many rows the table of packages has at most: nobody reads those of a whole library."""


def print_written(plan: BuildResult) -> None:
    """Print the packages of a build, and what it changed."""
    built = plan.built
    if len(built) == 1:
        echo(_line(built[0]))
    else:
        _print_table(built)
        echo(f"{_totals(plan)}, in {_folder_text(plan)}; each note is counted once")
    _warn_of_trials_in_no_deck(plan)
    _print_changes(plan)
    echo(_summary(plan.counts))


def print_planned(plan: BuildResult) -> None:
    """Print which files a build would write, and what it would change."""
    for name in plan.changed_files:
        path = plan.out / name
        echo(f"{'would change' if path.exists() else 'would make'} {path.as_posix()}")
    _warn_of_trials_in_no_deck(plan)
    _print_changes(plan)
    echo(_summary(plan.counts) if plan.changed_files else "everything is up to date")
    if plan.refused:
        echo("a build is refused")


def _warn_of_trials_in_no_deck(plan: BuildResult) -> None:
    """Warn of trials that are in no deck of the project."""
    trials = plan.trials_in_no_deck
    if trials:
        named = ", ".join(trials[:_NAMED]) + (" …" if len(trials) > _NAMED else "")
        they, are = ("it", "is") if len(trials) == 1 else ("them", "are")
        count = counted(len(trials), "trial")
        echo(f"warning: {count} {are} in no deck, and learners will not get {they}: {named}", err=True)
        echo(f"    give {they} a topic that a deck selects, or name {they} in a deck definition", err=True)


def _print_changes(plan: BuildResult) -> None:
    """Print what the edition changes for learners, and what to do about the changes that a build refuses."""
    for line in release_text(plan.changes, plan.refused):
        echo_styled(line)
    # If the edition changes something, its changes already name the wrong clock.
    if plan.ahead and not plan.changes:
        echo(f"warning: {(plan.out / FILE).as_posix()}: {plan.ahead.message}", err=True)
        echo(f"    {REPAIRS}", err=True)


def _summary(step: EditionCounts) -> str:
    counts = {"new": step.new, "changed": step.changed, "retired": step.retired, "brought back": step.returned}
    parts = [f"{count:,} {word}" for word, count in counts.items() if count]
    if step.note_types:
        parts.append("a new look of the cards")
    return f"notes: {', '.join(parts)}" if parts else "no note has changed"


def _totals(plan: BuildResult) -> str:
    tally = Tally()
    for output in plan.outputs.values():
        tally.add(output.tally_entries)
    return counted_text(tally, sum(bool(output.notes) for output in plan.outputs.values()))


def _folder_text(plan: BuildResult) -> str:
    return f"{plan.out.as_posix().rstrip('/')}/"


def counted_text(tally: Tally, packages: int) -> str:
    """Return how many notes and cards packages hold."""
    return f"{counted(tally.notes, 'note')}, {counted(tally.cards, 'card')} in {counted(packages, 'package')}"


def _line(built: BuiltPackage) -> str:
    without = [f"{count} {name}" for name in _WITHOUT_CARDS if (count := getattr(built, name))]
    facts = [built.title, counted(built.notes, "note"), counted(built.cards, "card"), *without, _shown_size(built.size)]
    return f"{built.path.as_posix()}: {', '.join(facts)}"


def _shown_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def _print_table(built: Sequence[BuiltPackage]) -> None:
    """Print a row for each package below the deck that it belongs to: deck, notes, cards, those without, size, file.

    If there are more than `_ROWS`, the last row sums up those that have none.
    """
    without = [name for name in _WITHOUT_CARDS if any(getattr(package, name) for package in built)]

    def row(title: str, packages: Sequence[BuiltPackage], file: str) -> list[str]:
        names = ("notes", "cards", *without)
        counts = [str(sum(getattr(package, name) for package in packages)) for name in names]
        return [title, *counts, _shown_size(sum(package.size for package in packages)), file]

    first = built if len(built) <= _ROWS else built[: _ROWS - 1]
    rows: list[list[str]] = []
    above = ""
    for package in first:
        parent, _, name = package.title.rpartition("::")
        if parent != above:
            rows.append([parent])
            above = parent
        rows.append(row(f"  {name}" if parent else name, [package], package.path.name))
    if others := built[len(first) :]:
        rows.append(row(f"and {len(others)} more", others, ""))
    for line in table_lines(("deck", "notes", "cards", *without, "size", "file"), rows, {"deck", "file"}):
        echo_styled(line)
