"""The command that brings edits and suggestions back: pull."""

from collections.abc import Sequence
from pathlib import Path

import click

from trialdeck.anki import pull as pulling
from trialdeck.anki.pulling.decisions import Decisions
from trialdeck.anki.pulling.suggested import PulledSuggestions, pull_suggestions
from trialdeck.anki.pulling.suggestions import ReadSuggestions, holds_suggestions, read_suggestions
from trialdeck.cli.options import build_options, build_time
from trialdeck.cli.output.pull import pulled_text
from trialdeck.cli.output.suggestions import is_waiting, suggestions_text, written_text
from trialdeck.cli.paths import decks_folder, own_folder, paths_or_seeds
from trialdeck.cli.printed_problems import problems_printed
from trialdeck.cli.records.decide import decide
from trialdeck.cli.terminal.printing import echo_styled
from trialdeck.cli.terminal.streams import in_terminal
from trialdeck.records.discovery import SEEDS
from trialdeck.yamlfile.write_records import complete_left


@click.command()
@click.argument("deck", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--apply", "apply", is_flag=True, help="Write into the records what can be written.")
@click.option("--accept", "accepted", metavar="KEY", multiple=True,
              help="Write this alone, a conflict too (may be repeated).")  # fmt: skip
@click.option("--decline", "declined", metavar="KEY", multiple=True,
              help="Do not write this (may be repeated).")  # fmt: skip
@click.option("-o", "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the ledger is; the project's decks folder by default.")  # fmt: skip
def pull(  # noqa: PLR0913 - one parameter an option
    deck: Path, paths: tuple[Path, ...], out: Path | None, *, apply: bool, accepted: Sequence[str],
    declined: Sequence[str],
) -> None:  # fmt: skip
    """Bring edits made in Anki into the records.

    FILE is a package (.apkg) or collection (.colpkg) that was exported from Anki, in any of its formats, with or
    without scheduling. What differs from the last edition is shown; with --apply it is written into the records, as
    Markdown, in place. What was edited on both sides is a conflict, which is shown and never guessed: --accept KEY
    takes it as it is in Anki. KEY is the key of a note, or one field of it, as in `dawn-1/question/why:Response`.

    FILE may also hold suggestions, which learners write in Anki and send you; several such files may be named. In a
    terminal you are asked about each: accept, edit, decline. A suggestion's KEY is its id, or the key of its note. Who
    is accepted is named in the record, and thanked in the release notes; what is declined is not asked again.

    PATH is a record or a folder of records; without one, the project's seeds. Exit code: 0, also with conflicts; 1 if
    something cannot be read or written.
    """
    decisions = Decisions(frozenset(accepted) if accepted else None, frozenset(declined))
    if holds_suggestions(deck):
        files = [path for path in paths if path.is_file() and holds_suggestions(path)]
        others = tuple(path for path in paths if path not in files)
        _Session(read_suggestions([deck, *files]), others, out).run(decisions, is_applied=apply)
        return
    if declined and not (apply or accepted):
        raise click.UsageError("--decline goes with --apply: it says what of all edits is not written")
    is_written = apply or bool(accepted)
    sources = _sources(paths, is_written=is_written)
    with problems_printed(), build_options() as options:
        pulled = pulling.pull(deck, sources, out or decks_folder(), build_time(), options, decisions)
    if is_written:
        pulling.apply(pulled)
    for line in pulled_text(pulled, applied=is_written):
        echo_styled(line)


def _sources(paths: tuple[Path, ...], *, is_written: bool) -> Sequence[Path]:
    """Return the records; those that are to be written are first brought into order."""
    sources = paths_or_seeds(paths)
    if is_written and not paths:
        own_folder(SEEDS, option="")  # refuses seeds that are a link out of the project
    if is_written:
        complete_left(sources)
    return sources


class _Session:
    """Suggestions, and the records that they are about."""

    def __init__(self, read: ReadSuggestions, paths: tuple[Path, ...], out: Path | None) -> None:
        self.read, self.paths, self.out = read, paths, out

    def run(self, decisions: Decisions, *, is_applied: bool) -> None:
        """List the suggestions, or write what is decided; in a terminal, ask."""
        is_decided = is_applied or decisions.accepted is not None
        if is_decided or decisions.declined:
            # To decline alone accepts nothing.
            kept = decisions if is_decided else Decisions(frozenset(), decisions.declined)
            self._write(kept)
            return
        pulled = self._pulled(None, is_written=False)
        is_asking = in_terminal() and any(map(is_waiting, pulled.notes))
        for line in suggestions_text(pulled, is_asked=is_asking):
            echo_styled(line)
        if is_asking:
            self._write(decide(pulled.notes))

    def _pulled(self, decisions: Decisions | None, *, is_written: bool) -> PulledSuggestions:
        sources = _sources(self.paths, is_written=is_written)
        with problems_printed(), build_options() as options:
            return pull_suggestions(
                self.read, sources, self.out or decks_folder(), build_time(), options, decisions
            )  # fmt: skip

    def _write(self, decisions: Decisions) -> None:
        pulled = self._pulled(decisions, is_written=True)
        pulling.apply(pulled)
        for line in written_text(pulled):
            echo_styled(line)
