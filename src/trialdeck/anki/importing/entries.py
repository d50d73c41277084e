"""Make entries of records from parts of notes, each with an id of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from trialdeck.anki.importing.media import DeckMedia
from trialdeck.anki.importing.take import Part
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.sections import QUESTIONS
from trialdeck.records.slugs import point_slug, question_slug, unique


def new_entries(
    parts: Sequence[tuple[Part, Mapping[str, str]]], taken: Sequence[str], acronym: str, media: DeckMedia
) -> list[dict[str, Any]]:
    """Return the entries of one section, as a record has them.

    Args:
        parts: The parts, all of one section, each with the source that it has of its own.
        taken: The ids in the section that are taken.
        acronym: The acronym of the trial, which is left out of ids.
        media: The media as records name them.

    Returns:
        The entries, in the order of the parts.
    """
    slugs = [_slug(part, acronym) for part, _ in parts]
    fallback = parts[0][0].section.replace("_", "-").removesuffix("s") if parts else ""
    ids = unique([*taken, *slugs], fallback)[len(taken) :]
    return [_entry(name, part, source, media) for name, (part, source) in zip(ids, parts, strict=True)]


def _slug(part: Part, acronym: str) -> str:
    if part.section == QUESTIONS.property:
        slug = question_slug(readable(render(part.texts["question"])), acronym)
        # Of a front that is nothing but the name of the trial, the year alone would be left.
        return point_slug(readable(render(part.texts["response"])), acronym) if slug.isdecimal() else slug
    # What stands below a cloze statement is not what it is called after.
    return point_slug(readable(render(part.texts["text"].partition("\n\n")[0])), acronym)


def _entry(name: str, part: Part, source: Mapping[str, str], media: DeckMedia) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": name}
    if part.perspective:
        entry["perspective"] = part.perspective
    entry |= part.texts
    if source:
        entry["source"] = dict(source)
    if part.cloze:
        entry["cloze"] = cloze_of(name, part)
    if figures := media.figures(part.media):
        entry["figures"] = figures
    return entry


def cloze_of(name: str, part: Part) -> dict[str, str]:
    """Return the cloze statements of an entry with this id."""
    return {name if position == 1 else f"{name}-{position}": text for position, text in enumerate(part.cloze, 1)}
