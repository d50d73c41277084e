"""Print what a build wrote, or would write."""

from typing import TYPE_CHECKING

from trialdeck.cli.output.release import release_text
from trialdeck.cli.output.tables import table_lines
from trialdeck.cli.output.terminal import echo, echo_styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.decks.counts import Tally
    from trialdeck.editions.ledger import Line
    from trialdeck.editions.next_edition import EditionCounts
    from trialdeck.project.build_result import BuildResult, BuiltPackage


_NAMED = 5
"""How many trials a message names."""
_WITHOUT_CARDS = ("retired", "disputed")
"""The counts of the notes of a package that have no cards."""
_ROWS = 20
"""How many packages have a row each; of a whole library, nobody reads them all."""


def print_written(plan: "BuildResult") -> None:
    """Print the packages of a build, and what it changed."""
    built = plan.built
    if len(built) == 1:
        echo(_line(built[0]))
    else:
        _print_table(built)
        echo(f"{_counted(plan)}; each note is counted once")
    _print_untaken(plan)
    _print_changes(plan)
    echo(_summary(plan.counts))


def print_planned(plan: "BuildResult") -> None:
    """Print which files a build would write, and what it would change."""
    for name in plan.changed_files:
        path = plan.out / name
        echo(f"{'would change' if path.exists() else 'would make'} {path.as_posix()}")
    _print_untaken(plan)
    _print_changes(plan)
    echo(_summary(plan.counts) if plan.changed_files else "everything is up to date")
    if plan.refused:
        echo("a build is refused")


def _print_untaken(plan: "BuildResult") -> None:
    """Warn of records of which no deck of the project takes anything."""
    if plan.trials_in_no_deck:
        named = ", ".join(plan.trials_in_no_deck[:_NAMED]) + (" …" if len(plan.trials_in_no_deck) > _NAMED else "")
        is_one = len(plan.trials_in_no_deck) == 1
        count, they = ("1 trial is", "it") if is_one else (f"{len(plan.trials_in_no_deck)} trials are", "them")
        echo(f"warning: {count} in no deck, and learners will not get {they}: {named}", err=True)
        echo(f"    give {they} a topic that a deck selects, or name {they} in a deck definition", err=True)


def _print_changes(plan: "BuildResult") -> None:
    """Print what the edition changes for learners, and what to do about the changes that a build refuses."""
    for line in release_text(plan.changes, plan.refused):
        echo_styled(line)
    # An edition that changes something says it already.
    if plan.ahead and not plan.changes:
        from trialdeck.editions.clock import REPAIRS  # noqa: PLC0415
        from trialdeck.editions.ledger import FILE  # noqa: PLC0415

        echo(f"warning: {(plan.out / FILE).as_posix()}: {plan.ahead.message}", err=True)
        echo(f"    {REPAIRS}", err=True)


def _summary(step: "EditionCounts") -> str:
    counts = {"new": step.new, "changed": step.changed, "retired": step.retired, "brought back": step.returned}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    if step.note_types:
        said.append("a new look of the cards")
    return f"notes: {', '.join(said)}" if said else "no note has changed"


def _counted(plan: "BuildResult") -> str:
    from trialdeck.decks.counts import Tally  # noqa: PLC0415 - only a build needs it

    tally = Tally()
    for output in plan.outputs.values():
        tally.add(output.tally_entries)
    return counted_text(tally, sum(bool(output.notes) for output in plan.outputs.values()))


def counted_text(tally: "Tally", packages: int) -> str:
    """Return how many notes and cards packages hold."""
    return f"{_plural(tally.notes, 'note')}, {_plural(tally.cards, 'card')} in {_plural(packages, 'package')}"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _line(built: "BuiltPackage") -> str:
    without = [f"{count} {name}" for name in _WITHOUT_CARDS if (count := getattr(built, name))]
    facts = [built.title, f"{built.notes} notes", f"{built.cards} cards", *without, _shown_size(built.size)]
    return f"{built.path.as_posix()}: {', '.join(facts)}"


def _shown_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def _print_table(built: "Sequence[BuiltPackage]") -> None:
    """Print a row for each package: deck, notes, cards, notes without cards, size, path; of many, one for the rest."""
    without = [name for name in _WITHOUT_CARDS if any(getattr(each, name) for each in built)]

    def row(title: str, some: "Sequence[BuiltPackage]", path: str) -> list[str]:
        counted = ("notes", "cards", *without)
        counts = [str(sum(getattr(each, name) for each in some)) for name in counted]
        return [title, *counts, _shown_size(sum(each.size for each in some)), path]

    first = built if len(built) <= _ROWS else built[: _ROWS - 1]
    rows = [row(each.title, [each], each.path.as_posix()) for each in first]
    if rest := built[len(first) :]:
        rows.append(row(f"and {len(rest)} more", rest, f"{rest[0].path.parent.as_posix()}/"))
    for line in table_lines(("deck", "notes", "cards", *without, "size", "path"), rows, {"deck", "path"}):
        echo_styled(line)


def print_retired(lines: "Sequence[Line]") -> None:
    """Print a line for each retired note: since when, its key, what it was, and why it was retired if that is known."""
    from trialdeck.editions.tombstone import reason_for  # noqa: PLC0415 - what makes notes is slow to import

    for line in lines:
        reason = f" ({reason_for(line)})" if reason_for(line) else ""
        echo(f"{line.retired}  {line.key}  {line.label}{reason}")
    if not lines:
        echo("no note is retired")
