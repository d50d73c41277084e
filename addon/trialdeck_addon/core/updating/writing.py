"""The operations of an update, in their order: the look of the cards, new notes, merged notes, and what follows."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import TrialdeckError
from ..json_form import counted
from ..note_types import NOTE_TYPES
from .cards import Retirement, follow_siblings, settle_retired
from .decks import give_options, renew_descriptions
from .filtered_copy import Selection, write_copy
from .merge import MINE, merged_fields, merged_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from anki.collection import Collection

    from ..fetch import Edition
    from ..subscriptions import Subscription
    from .plan import Match, Work
    from .steps import Steps


@dataclass(frozen=True)
class Wishes:
    """What the learner wants beside the texts: notes to mark as "always mine", and what to do with retired notes.

    `returning` are the cards that former updates have suspended, and that come back.
    """

    always_mine: Sequence[Match]
    retired: str
    returning: frozenset[int]
    subscription: Subscription


def write(steps: Steps, edition: Edition, work: Work, takes: Sequence[Match], wishes: Wishes) -> Retirement:
    """Write an update.

    Args:
        steps: The step that all of it becomes.
        edition: The verified files.
        work: The comparison with what the learner has.
        takes: The notes that get the author's text.
        wishes: What else the learner wants.

    Returns:
        What became of retired notes.
    """
    renew_looks(steps, edition, work)
    import_new(steps, edition, work)
    write_notes(steps, work, takes)
    mark_as_mine(steps, wishes.always_mine)
    follow_siblings(steps, work, takes, wishes.returning)
    retirement = settle_retired(steps, work, takes, wishes.retired, wishes.returning)
    give_options(steps, work)
    renew_descriptions(steps, edition, work, wishes.subscription)
    return retirement


def renew_looks(steps: Steps, edition: Edition, work: Work) -> None:
    """Give note types the templates and the style of the edition, where the learner has not edited them."""
    for type_id, parts in work.looks.items():
        local = work.learner.types[type_id]
        packed = next(p.contents.types[type_id].model for p in edition.packages if type_id in p.contents.types)
        model = deepcopy(dict(local.model))
        if type_id in parts:
            model["css"] = packed["css"]
        numbers = list(NOTE_TYPES[type_id].templates.values())
        for ours, theirs in local.ordinals.items():
            if numbers[ours] in parts:
                sides = packed["tmpls"][ours]
                model["tmpls"][theirs].update(qfmt=sides["qfmt"], afmt=sides["afmt"])
        steps.done(steps.col.models.update_dict(model))
        steps.col.models._clear_cache()


def import_new(steps: Steps, edition: Edition, work: Work) -> None:
    """Let Anki import what is new; raises TrialdeckError if it does not take all of it."""
    kept = {name.lower() for name in work.learner.decks.values()}
    for number, guids in work.new.items():
        package = edition.packages[number]
        target = package.path.with_suffix(".new.apkg")
        write_copy(package, Selection(guids, work.learner.types, work.places, kept), target)
        _import(steps.col, target)
        steps.done()
        target.unlink()
        missing = len(guids) - _count(steps.col, guids)
        if missing:
            message = f"Anki did not take {counted(missing, 'new note')} of {package.deck.name}"
            raise TrialdeckError(f"{message}; nothing was changed")


def _import(col: Collection, path: Path) -> None:
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest  # noqa: PLC0415
    from anki.import_export_pb2 import ImportAnkiPackageUpdateCondition  # noqa: PLC0415 - see Steps

    never = ImportAnkiPackageUpdateCondition.Value("IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_NEVER")
    options = ImportAnkiPackageOptions(merge_notetypes=True, update_notes=never, update_notetypes=never)
    col.import_anki_package(ImportAnkiPackageRequest(package_path=str(path.resolve()), options=options))


def _count(col: Collection, guids: Iterable[str]) -> int:
    query = "select count(distinct guid) from notes where guid in (select value from json_each(?))"
    database: Any = col.db
    return int(database.scalar(query, json.dumps(list(guids))))


def write_notes(steps: Steps, work: Work, takes: Sequence[Match]) -> None:
    """Give notes the author's text and tags, beside what is the learner's."""
    notes = []
    for match in takes:
        note = steps.col.get_note(match.local.note_id)
        positions = _positions(work, match)
        for name, html in merged_fields(match.local, match.packed).items():
            note.fields[positions[name]] = html
        note.tags = list(merged_tags(note.tags, match.packed.tags))
        notes.append(note)
    if notes:
        steps.done(steps.col.update_notes(notes))


def _positions(work: Work, match: Match) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(work.learner.types[match.local.type_id].fields)}


def mark_as_mine(steps: Steps, matches: Sequence[Match]) -> None:
    """Give notes the tag by which their text stays the learner's for good."""
    if matches:
        steps.done(steps.col.tags.bulk_add([match.local.note_id for match in matches], MINE))
