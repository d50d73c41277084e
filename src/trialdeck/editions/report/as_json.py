"""Differences between two packages or editions, as JSON."""

from collections.abc import Iterable
from typing import Any

from trialdeck.core.text import json_text
from trialdeck.editions.compare.diff import Changes, FieldChange, Move, NoteChange, NoteState
from trialdeck.editions.compare.note_type_diff import Names, TypeChange
from trialdeck.editions.facts import Facts
from trialdeck.editions.report.wording import counts_of, label_of
from trialdeck.editions.risks import ReleaseChange


def changes_json(changes: Changes) -> str:
    """Return what differs as one JSON document, with whole texts; keys and their order are stable.

        {"new": [{"guid": "8Yw…", "name": "dawn-1/question/why", "note_type": "Trialdeck Question",
                  "label": "Why does dawnol work?"}],
         "changed": [{"guid": …, "name": …, "note_type": …, "label": …,
                      "former_note_type": null,
                      "fields": [{"name": "Response", "before": "<p>It binds.</p>", "after": "<p>It blocks.</p>"}],
                      "tags_added": [], "tags_removed": ["trialdeck::audience::student"], "sent": true}],
         "moved": [{"guid": …, "name": …, "note_type": …, "label": …, "before": ["A::B"], "after": ["A::C"]}],
         "retired": [{"guid": …, "name": …, "note_type": …, "label": …, "retired": "2026-11-23",
                      "reason": "The updated analysis found no difference."}],
         "returned": [{"guid": …, …}],
         "gone": [{"guid": …, …}],
         "note_types": {"new": ["Basic"], "gone": [],
                        "changed": [{"name": "Cloze", "fields": null,
                                     "templates": {"before": ["Cloze"], "after": ["Cloze", "More"]},
                                     "templates_changed": ["Cloze"], "style": true}]},
         "summary": {"new": 1, "changed": 1, "retired": 1, "returned": 1, "moved": 1, "gone": 1, "note_types": 2,
                     "facts": 29},
         "facts": [{"trial": "dawn-1", "notes": 29, "since_last_edition": 29, "since_earlier_editions": 0,
                    "fields": [{"name": "About", "before": …, "after": …, "notes": 29}], "more": 0, "unknown": 0,
                    "tags_added": [], "tags_removed": []}],
         "release": [{"code": "notes-retired", "risk": "medium", "count": 1, "message": …, "hint": …}]}

    `fields` of a changed note are null where the former text is not known; `fields` and `templates` of a note type are
    null where their names are the same. Texts of fields are HTML. A change that is not `sent` is one that learners who
    have the note do not get. `release` is null between packages.
    """
    document = {
        "new": [_note_json(note) for note in changes.new],
        "changed": [_change_json(change) for change in changes.changed],
        "moved": [{**_note_json(move.note), **_sides(move)} for move in changes.moved],
        "retired": [{**_note_json(note), "retired": note.retired, "reason": note.reason} for note in changes.retired],
        "returned": [_note_json(note) for note in changes.returned],
        "gone": [_note_json(note) for note in changes.gone],
        "note_types": {
            "new": changes.note_types.new,
            "gone": changes.note_types.gone,
            "changed": [_type_json(change) for change in changes.note_types.changed],
        },
        "summary": counts_of(changes),
        "facts": [_facts_json(facts) for facts in changes.facts],
        "release": None if changes.release is None else _release_json(changes.release),
    }
    return json_text(document)


def _note_json(note: NoteState) -> dict[str, Any]:
    return {"guid": note.guid, "name": note.name, "note_type": note.note_type, "label": label_of(note)}


def _change_json(change: NoteChange) -> dict[str, Any]:
    fields = change.fields
    return {
        **_note_json(change.note),
        "former_note_type": change.former_type or None,
        "fields": None if fields is None else [{"name": each.name, **_sides(each)} for each in fields],
        "tags_added": change.tags_added,
        "tags_removed": change.tags_removed,
        "sent": change.sent,
    }


def _type_json(change: TypeChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "fields": _sides(change.fields) if change.fields else None,
        "templates": _sides(change.templates) if change.templates else None,
        "templates_changed": change.templates_changed,
        "style": change.style,
    }


def _sides(change: FieldChange | Move | Names) -> dict[str, Any]:
    return {"before": change.before, "after": change.after}


def _facts_json(facts: Facts) -> dict[str, Any]:
    return {
        "trial": facts.trial,
        "notes": facts.notes,
        "since_last_edition": facts.fresh,
        "since_earlier_editions": facts.waiting,
        "fields": [
            {"name": fact.field, "before": fact.before, "after": fact.after, "notes": fact.notes}
            for fact in facts.shown
        ],
        "more": facts.more,
        "unknown": facts.unknown,
        "tags_added": facts.tags_added,
        "tags_removed": facts.tags_removed,
    }


def _release_json(changes: Iterable[ReleaseChange]) -> list[dict[str, Any]]:
    return [
        {
            "code": change.code,
            "risk": str(change.risk),
            "count": change.count,
            "message": change.message,
            "hint": change.hint,
        }
        for change in changes
    ]
