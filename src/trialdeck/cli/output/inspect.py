"""The contents of a package, as lines for the terminal or as JSON."""

from collections.abc import Iterable, Iterator

import click

from trialdeck.apkg.inspect import OPENS, Inspection
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.text import counted, json_text, printable
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note import LONGEST

_MOST = 15
"""How many lines a part of the list has at most."""
_LONGEST = 240
"""How many characters of a description are shown."""


def inspected_text(found: Inspection) -> Iterator[str]:
    """Yield lines of text; for a usual package, one screen."""
    yield click.style(printable(found.path.as_posix()), bold=True)
    yield f"  {_size(found.size)}, {found.form} of schema {found.schema}; opens in {OPENS[found.form]}"
    studied = f", {found.studied:,} studied" if found.studied else ", none studied"
    retired = f", {found.retired:,} retired" if found.retired else ""
    yield f"  {counted(found.notes, 'note')}, {counted(found.cards, 'card')}{studied}{retired}"
    if found.editions:
        newest = [f"{printable(edition)} ({counted(count, 'note')})" for edition, count in found.editions.items()]
        yield from _part("editions of trialdeck", newest)
    yield from _part("decks", (f"{printable(deck.name)}: {counted(deck.cards, 'card')}" for deck in found.decks))
    descriptions = {deck.description: None for deck in found.decks if deck.description}
    yield from _part("descriptions", (printable(_cut(text, _LONGEST)) for text in descriptions))
    types = (
        f"{printable(note_type.name)}: {counted(note_type.notes, 'note')}; "
        f"fields {printable(', '.join(note_type.fields))}; cards {printable(', '.join(note_type.templates))}"
        for note_type in found.note_types
    )
    yield from _part("note types", types)
    sizes = found.media.sizes
    if sizes:
        total = sum(size or 0 for size in sizes.values())
        yield from _part(f"media: {len(sizes):,}, {_size(total)}", (printable(name) for name in sizes))
    yield from _part("media that are missing", (printable(name) for name, size in sizes.items() if size is None))
    yield from _part("media whose names lead out of their folder", map(printable, found.media.faulty))


def note_line(note: PackedNote) -> str:
    """Return a note in one line: its key or guid, its note type, the text of its first field."""
    name = note.fields.get("Key") or note.guid
    label = readable(next(iter(note.fields.values()), ""))
    return f"{printable(name)}  {printable(note.note_type)}  {printable(_cut(label, LONGEST))}"


def inspected_json(found: Inspection) -> str:
    """Return the contents as one JSON document; its keys and their order are stable."""
    document = {
        "file": found.path.as_posix(),
        "size": found.size,
        "member": str(found.form),
        "schema": found.schema,
        "opens_in": OPENS[found.form],
        "notes": found.notes,
        "cards": found.cards,
        "studied": found.studied,
        "retired": found.retired,
        "editions": found.editions,
        "decks": [{"name": deck.name, "cards": deck.cards, "description": deck.description} for deck in found.decks],
        "note_types": [
            {
                "name": note_type.name,
                "fields": note_type.fields,
                "templates": note_type.templates,
                "notes": note_type.notes,
            }
            for note_type in found.note_types
        ],
        "media": [{"name": name, "size": size} for name, size in found.media.sizes.items()],
        "faulty_media": found.media.faulty,
    }
    return json_text(document)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    items = list(lines)
    if not items:
        return
    yield f"  {click.style(heading, bold=True)}"
    yield from (f"    {line}" for line in items[:_MOST])
    if len(items) > _MOST:
        yield f"    and {len(items) - _MOST:,} more"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
