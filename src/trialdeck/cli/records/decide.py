"""Ask about suggestions in a terminal, one by one."""

from collections.abc import Iterable

import click

from trialdeck.anki.pulling.decisions import Decisions
from trialdeck.anki.pulling.suggested import SuggestedNote
from trialdeck.cli.output.suggestions import is_waiting, suggestion_lines
from trialdeck.cli.terminal.printing import echo, echo_styled
from trialdeck.core.text import is_blank

_QUESTION = "[a] accept  [e] edit, then accept  [d] decline  [s] skip  [q] quit"
_KEYS = ("a", "e", "d", "s", "q")


def decide(notes: Iterable[SuggestedNote]) -> Decisions:
    """Ask about each suggestion that waits; to quit or to interrupt keeps what was decided."""
    accepted: set[str] = set()
    declined: set[str] = set()
    texts: dict[str, str] = {}
    try:
        for note in filter(is_waiting, notes):
            for line in ("", *suggestion_lines(note)):
                echo_styled(line)
            answer = click.prompt(_QUESTION, type=click.Choice(_KEYS), show_choices=False)
            if answer == "q":
                break
            if answer == "e":
                texts |= _edited(note)
            if answer in {"a", "e"}:
                accepted.add(note.suggestion.id)
            elif answer == "d":
                declined.add(note.suggestion.id)
    except click.Abort:
        echo()
    return Decisions(frozenset(accepted), frozenset(declined), texts)


def _edited(note: SuggestedNote) -> dict[str, str]:
    """Return other words for the texts of a suggestion, as far as the author has changed them in an editor."""
    texts: dict[str, str] = {}
    for field in note.fields:
        for edit in field.edits:
            written = click.edit(edit.after, extension=".md")
            text = (written or "").strip("\n")
            if not is_blank(text) and text != edit.after:
                texts[note.name_of(edit)] = text
    return texts
