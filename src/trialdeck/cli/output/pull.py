"""What a pull brings back, and what a person must look at, as lines for the terminal."""

from collections.abc import Iterable, Iterator

import click

from trialdeck.anki.collection_diff import NoteDifference, State, Tagged, new_losses
from trialdeck.anki.pulled import Added, Pulled, WrittenEdit
from trialdeck.cli.output.diff import field_text, words_text
from trialdeck.core.text import counted, printable
from trialdeck.notes.note import label_of
from trialdeck.notes.note_types import Kind

_ADVICE = {
    State.CONFLICT: "edited in Anki and in the record since the last edition: nothing is written, decide by hand",
    State.OUTDATED: "of another edition than the last one: nothing is written; import the last one and export again",
}


def pulled_text(pulled: Pulled, *, applied: bool) -> Iterator[str]:
    """Yield lines of text, a part for each kind of edit, and a closing line with the counts."""
    yield from _part("edited in Anki", _written(pulled.written))
    yield from _part("added in Anki", _added(pulled.added))
    for state, advice in _ADVICE.items():
        differences = [each for each in pulled.returned.of(state) if not _is_written(each, pulled)]
        yield from _part(advice, (line for difference in differences for line in _difference(difference)))
    yield from _part("not accepted", (f"  {_key(edit.key)}" for edit in pulled.left))
    refused = ([f"  {_key(edit.key)}: {edit.reason}", f"    {field_text(edit.field)}"] for edit in pulled.refused)
    yield from _part("edited in Anki, and left alone", (line for lines in refused for line in lines))
    lost = (
        f"  {_key(each.mine.key)}: {field.name}: {printable(', '.join(new_losses(field)))}"
        for each in pulled.returned.of(State.UNSAYABLE)
        for field in each.fields
    )
    yield from _part("in Anki alone, because no record can hold it", lost)
    homeless = (
        f"  {printable(label_of(Kind.QUESTION, next(iter(addition.note.fields.values()), '')))}: {addition.reason}"
        for addition in pulled.homeless
    )
    yield from _part("added in Anki, and left alone", homeless)
    missing = (f"  {_key(note.key)}: {printable(note.label)}" for note in pulled.returned.missing)
    yield from _part("deleted in Anki (the records keep them)", missing)
    yield from _part("tags that a person gave (+) or took (-)", map(_tags, pulled.returned.tagged))
    yield _summary(pulled, applied=applied)


def _is_written(difference: NoteDifference, pulled: Pulled) -> bool:
    """Tell whether the author has accepted all fields of a conflict."""
    written = {(edit.key, edit.field) for edit in pulled.written}
    return all((difference.mine.key, field.name) in written for field in difference.fields)


def _summary(pulled: Pulled, *, applied: bool) -> str:
    conflicts = sum(not _is_written(each, pulled) for each in pulled.returned.of(State.CONFLICT))
    counts = [
        f"{len(pulled.written)} edited",
        f"{len(pulled.added)} added",
        counted(conflicts, "conflict"),
        f"{len(pulled.refused) + len(pulled.homeless) + len(pulled.returned.of(State.OUTDATED))} left alone",
        f"{len(pulled.returned.missing)} deleted",
    ]
    files = len(pulled.contents)
    done = f"{counted(files, 'record')} {'written' if applied else 'would be written (--apply)'}"
    return f"{', '.join(counts)}; {done}"


def _part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    items = list(lines)
    if items:
        yield click.style(f"{heading}:", bold=True)
        yield from items


def _written(written: Iterable[WrittenEdit]) -> Iterator[str]:
    for edit in written:
        yield f"  {_key(edit.key)}"
        position = f"{edit.file} {'.'.join(map(str, edit.path))}"
        yield f"    {printable(position)}: {words_text(edit.before, edit.after)}"
        yield from _taken_without(edit.losses)


def _added(added: Iterable[Added]) -> Iterator[str]:
    for addition in added:
        yield f"  {_key(addition.key)}: {_line(addition.question)}"
        yield from _taken_without(addition.losses)


def _taken_without(losses: tuple[str, ...]) -> Iterator[str]:
    if losses:
        yield f"    taken without {printable(', '.join(losses))}"


def _tags(tagged: Tagged) -> str:
    tags = [*(f"+{tag}" for tag in tagged.added), *(f"-{tag}" for tag in tagged.removed)]
    return f"  {_key(tagged.note.key)}: {printable(' '.join(tags))}"


def _difference(difference: NoteDifference) -> Iterator[str]:
    yield f"  {_key(difference.mine.key)}: {printable(difference.mine.label)}"
    yield from (f"    {field_text(field)}" for field in difference.fields)


def _key(key: str) -> str:
    return click.style(printable(key), bold=True)


def _line(text: str) -> str:
    return printable(" ".join(text.split()))
