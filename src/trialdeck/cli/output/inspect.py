"""Print what a package contains."""

from collections.abc import Iterable, Iterator

import click

from trialdeck.apkg.inspect import OPENS, Inspection
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.text import json_text, printable
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note import LONGEST

_MOST = 15
"""How many decks or media are listed."""
_LONGEST = 240
"""How many characters of a description are shown."""


def inspected_text(found: Inspection) -> Iterator[str]:
    """Yield lines of text, one screen for a usual package."""
    yield click.style(printable(found.path.as_posix()), bold=True)
    yield f"  {_size(found.size)}, {found.form} of schema {found.schema}; opens in {OPENS[found.form]}"
    studied = f", {found.studied:,} studied" if found.studied else ", none studied"
    retired = f", {found.retired:,} retired" if found.retired else ""
    yield f"  {found.notes:,} notes, {found.cards:,} cards{studied}{retired}"
    if found.editions:
        newest = [f"{printable(edition)} ({count:,} notes)" for edition, count in found.editions.items()]
        yield from _part("editions of trialdeck", newest)
    yield from _part("decks", (f"{printable(each.name)}: {each.cards:,} cards" for each in found.decks))
    described = {each.description: None for each in found.decks if each.description}
    yield from _part("descriptions", (printable(_cut(text, _LONGEST)) for text in described))
    types = (
        f"{printable(each.name)}: {each.notes:,} notes; fields {printable(', '.join(each.fields))}; "
        f"cards {printable(', '.join(each.templates))}"
        for each in found.note_types
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
    """Return the same as one JSON document; keys and their order are stable."""
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
        "decks": [{"name": each.name, "cards": each.cards, "description": each.description} for each in found.decks],
        "note_types": [
            {"name": each.name, "fields": each.fields, "templates": each.templates, "notes": each.notes}
            for each in found.note_types
        ],
        "media": [{"name": name, "size": size} for name, size in found.media.sizes.items()],
        "faulty_media": found.media.faulty,
    }
    return json_text(document)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if not found:
        return
    yield f"  {click.style(heading, bold=True)}"
    yield from (f"    {line}" for line in found[:_MOST])
    if len(found) > _MOST:
        yield f"    and {len(found) - _MOST:,} more"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
