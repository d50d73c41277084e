"""Suggestions, and what became of them, as lines for the terminal."""

from collections.abc import Iterable, Iterator

import click

from trialdeck.anki.pulling.suggested import PulledSuggestions, Standing, SuggestedField, SuggestedNote
from trialdeck.cli.output.diff import field_text, words_text
from trialdeck.core.text import counted, printable
from trialdeck.editions.compare.diff import FieldChange

_HEADINGS = {
    Standing.OPEN: "suggested",
    Standing.CONFLICT: "suggested, but the record has changed since the learner's edition",
    Standing.ACCEPTED: "accepted before (--accept takes them again)",
    Standing.DECLINED: "declined before (--accept takes them after all)",
    Standing.DONE: "the record says it already",
    Standing.REFUSED: "left alone",
}
_SHORT = frozenset({Standing.ACCEPTED, Standing.DECLINED, Standing.DONE, Standing.REFUSED})


def is_waiting(note: SuggestedNote) -> bool:
    """Tell whether the author has to decide about a suggestion."""
    return note.standing in {Standing.OPEN, Standing.CONFLICT}


def suggestions_text(pulled: PulledSuggestions, *, is_asked: bool = False) -> Iterator[str]:
    """Yield a part for each kind of suggestion, and a closing line; those that are asked about come later."""
    for standing, heading in _HEADINGS.items():
        notes = [note for note in pulled.notes if note.standing is standing]
        if notes and not (is_asked and is_waiting(notes[0])):
            yield click.style(f"{heading}:", bold=True)
            for note in notes:
                yield from map("  {}".format, _short_lines(note) if standing in _SHORT else suggestion_lines(note))
    yield from _unreadable(pulled)
    if not is_asked:
        yield _summary(pulled)


def suggestion_lines(note: SuggestedNote) -> Iterator[str]:
    """Yield the lines of one suggestion: what it is about, from whom, why, and what it changes."""
    yield _head(note)
    yield f"  {_about(note)}"
    yield f"  Reason: {_line(note.suggestion.reason)}"
    if note.suggestion.source.strip():
        yield f"  Source: {_line(note.suggestion.source)}"
    for field in note.fields:
        yield from (f"  {line}" for line in _field_lines(field))


def _head(note: SuggestedNote) -> str:
    key = click.style(printable(note.key), bold=True)
    return f"{key}: {printable(note.label)}" if note.label else key


def _about(note: SuggestedNote) -> str:
    suggestion = note.suggestion
    by = f" by {_line(suggestion.contributor)}" if suggestion.contributor.strip() else ""
    edition = f", of the edition {_line(suggestion.edition)}" if suggestion.edition else ""
    return f"suggestion {suggestion.id}, {suggestion.date}{by}{edition}"


def _field_lines(field: SuggestedField) -> Iterator[str]:
    name = printable(field.change.name)
    if field.standing is Standing.DONE:
        yield f"{name}: {field.standing}"
    elif field.standing is Standing.CONFLICT:
        yield f"since that edition: {field_text(FieldChange(field.change.name, field.base, field.change.before))}"
    for edit in field.edits:
        position = f"{edit.file} {'.'.join(map(str, edit.path))}"
        yield f"{printable(position)}: {words_text(edit.before, edit.after)}"
        if edit.losses:
            yield f"taken without {printable(', '.join(edit.losses))}"
    if field.reason:
        yield f"{name}: {printable(field.reason)}"


def _short_lines(note: SuggestedNote) -> Iterator[str]:
    reason = f": {printable(note.reason)}" if note.reason else ""
    yield f"{_head(note)} (suggestion {note.suggestion.id}){reason}"


def _unreadable(pulled: PulledSuggestions) -> Iterator[str]:
    if pulled.unreadable:
        yield click.style("not understood:", bold=True)
        yield from (f"  {printable(each.place)}: {printable(each.reason)}" for each in pulled.unreadable)


def _summary(pulled: PulledSuggestions) -> str:
    words = {Standing.OPEN: "open", Standing.DONE: "done already", Standing.ACCEPTED: "accepted before",
             Standing.DECLINED: "declined before"}  # fmt: skip
    counts = [(sum(note.standing is each for note in pulled.notes), word) for each, word in words.items()]
    conflicts = sum(note.standing is Standing.CONFLICT for note in pulled.notes)
    left = sum(note.standing is Standing.REFUSED for note in pulled.notes) + len(pulled.unreadable)
    said = [f"{counts[0][0]} open", counted(conflicts, "conflict"), *(f"{n} {word}" for n, word in counts[1:] if n)]
    ways = "write with --apply (all that are open), --accept KEY or --decline KEY"
    return f"{', '.join([*said, f'{left} left alone'])}; {ways}"


def written_text(pulled: PulledSuggestions) -> Iterator[str]:
    """Yield what was accepted and declined, what of it no record has taken, and a closing line."""
    by_id = {note.suggestion.id: note for note in pulled.notes}
    yield from _named("accepted", (by_id[name] for name in pulled.accepted))
    yield from _named("declined", (by_id[name] for name in pulled.declined))
    refused = [(by_id[name], part) for name, parts in pulled.refused.items() for part in parts]
    if refused:
        yield click.style("not written:", bold=True)
        yield from (f"  {_head(note)}: {printable(field)}: {printable(why)}" for note, (field, why) in refused)
    yield from _unreadable(pulled)
    files = len({edit.file for edit in pulled.written})
    names = sorted({_line(by_id[name].suggestion.contributor) for name in pulled.accepted} - {""})
    thanked = f"; the next release notes thank {', '.join(names)}" if names else ""
    yield (
        f"{len(pulled.accepted)} accepted, {len(pulled.declined)} declined; {counted(files, 'record')} written{thanked}"
    )


def _named(heading: str, notes: Iterable[SuggestedNote]) -> Iterator[str]:
    lines = [f"  {_head(note)}" for note in notes]
    if lines:
        yield click.style(f"{heading}:", bold=True)
        yield from lines


def _line(text: str) -> str:
    return printable(" ".join(text.split()))
