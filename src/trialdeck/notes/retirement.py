"""Retired notes: the text of their cards, and how they differ from live notes.

A retired note keeps all of its texts and travels without cards. Its field `Retired` begins with the day
(YEAR-MONTH-DAY). The reason and what replaces the entry follow as HTML. The templates show it on both sides of a card.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from trialdeck.core.words import translate
from trialdeck.markdown.cloze import uncovered
from trialdeck.markdown.editor_form import as_editor_leaves
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render, render_inline, render_plain
from trialdeck.notes.note import Note, content_hash, text_hash
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.tags import RETIRED
from trialdeck.records.entries import replacement
from trialdeck.records.model import RelatedTrial, Result, Retirement, Trial

_DAY = len("2026-11-23")
READING = "No card asks this any more: it is for reading."
ONE_BY_ONE = "Its points are asked one by one now."
UNDATED = "0000-00-00"
"""In place of the day on which a note was retired: that of the build that finds it so (see `dated`)."""


def retired_html(trial: Trial, section: str, retirements: Sequence[Retirement]) -> str:
    """Return the field `Retired` of a note: the last of some days, with all reasons and replacements.

    `section` is the list of the record that the retired entries are in.
    """
    reasons = (f'<div class="td-why">{render_inline(retirement.reason)}</div>' for retirement in retirements)
    replacements = (replacement(trial, section, retirement.instead) for retirement in retirements if retirement.instead)
    labels = (label_html(entry) for entry in replacements if entry)
    instead = (f'<div class="td-instead">{translate("Instead: {entry}", entry=label)}</div>' for label in labels)
    return "".join([max(retirement.on for retirement in retirements), *dict.fromkeys([*reasons, *instead])])


def label_html(entry: Any) -> str:
    """Return the text by which an entry of a record is known, in one line of HTML."""
    return render_plain(" ".join(readable(render(_text_of(entry))).split()))


def _text_of(entry: Any) -> str:
    """Return the text by which an entry is known."""
    match entry:
        case Result():
            return entry.endpoint
        case RelatedTrial():
            return entry.name
        case _:
            return str(getattr(entry, "question", "") or entry.text)


def retired_on(field: str) -> str:
    """Return the day of a field `Retired`, YEAR-MONTH-DAY; empty for a note that is not retired."""
    return field[:_DAY]


def reason_of(field: str) -> str:
    """Return the reason and the replacement in a field `Retired` as one line of plain text; empty without any."""
    return " ".join(readable(field[_DAY:]).split())


def retired_note(note: Note, retired: str) -> Note:
    """Return a note as it is once it is retired; `retired` is its field of that name."""
    fields = retired_fields(note.kind, note.fields, retired)
    tags = tuple(sorted({*note.tags, RETIRED}))
    return replace(
        note,
        fields=fields,
        cards=(),
        tags=tags,
        signed="",
        digest=content_hash(note.kind, fields, tags, ()),
        own=text_hash([note.own, retired]),
    )


def undated(reason: str) -> str:
    """Return the field `Retired` of a note that no card asks any more, for a reason in plain text."""
    return f'{UNDATED}<div class="td-why">{render_plain(translate(reason))}</div>'


def dated(note: Note, day: str) -> Note:
    """Return a retired note with the day (YEAR-MONTH-DAY), if it has none."""
    if not note.retired.startswith(UNDATED):
        return note
    position = note_type(note.kind).field_names.index("Retired")
    retired = day + note.retired.removeprefix(UNDATED)
    fields = (*note.fields[:position], retired, *note.fields[position + 1 :])
    digest = content_hash(note.kind, fields, note.tags, note.cards)
    return replace(note, fields=fields, digest=digest, own=text_hash([note.own, day]))


def retired_fields(kind: Kind, fields: Iterable[str], retired: str) -> tuple[str, ...]:
    """Return the fields of a note, in order, as they are once it is retired.

    A cloze statement has its answers in place: Anki counts its cards as empty only if there is no deletion. The trial
    at a glance is not there: it is none of the note's own text, and the ledger and every package would carry it for
    good.
    """
    values = dict(zip(note_type(kind).field_names, fields, strict=True))
    values |= {"Retired": as_editor_leaves(retired), "About": "", "Extra": ""}
    if kind is Kind.CLOZE:
        values["Text"] = uncovered(values["Text"])
    return tuple(values.values())
