"""What a learner does in Anki with the add-on: scenes for `anki_stage.py`.

A script of its own, which knows nothing of trialdeck but the ids of its note types; it presses what a learner presses,
and looks at the collection as Anki has it.
"""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anki_stage import Scene, Stage

FOLDER = "1234567890"
"""The folder of the add-on, as addon_program.py names it."""
TYPES = (1763853001001, 1763853002001, 1763853003001)
MAIN, ADD, ASK, REPORT = "trialdeck", "trialdeck-add", "trialdeck-ask", "trialdeck-report"
OWN_FIELD, OWN_TEMPLATE = "My mnemonic", "<hr>my own line"


def addon(module: str) -> Any:
    """Return a module of the add-on."""
    return importlib.import_module(f"{FOLDER}.{module}")


# --- What is pressed


def opened(stage: Stage) -> Scene:
    """Choose Tools → Trialdeck… ."""
    menu = stage.window.form.menuTools
    (action,) = [each for each in menu.actions() if each.objectName() == MAIN]
    stage.later(action.trigger)
    yield stage.shown(MAIN)


def looked(stage: Stage, address: str) -> Scene:
    """Choose Add…, paste an address, and look what is there."""
    stage.press(MAIN, "add")
    yield stage.shown(ADD)
    stage.child(ADD, "address").setText(address)
    stage.press(ADD, "look")
    yield lambda: stage.child(ADD, "name").text() or stage.child(ADD, "said").text()


def chosen(stage: Stage, deck: str) -> None:
    """Choose a deck, or a group of decks, by its name."""
    from aqt.qt import Qt

    decks = stage.child(ADD, "decks")
    (item,) = decks.findItems(deck, Qt.MatchFlag.MatchExactly)
    item.setCheckState(0, Qt.CheckState.Checked)


def subscribed(stage: Stage, address: str, deck: str) -> Scene:
    """Subscribe to a deck, and see the report."""
    yield from looked(stage, address)
    assert not stage.child(ADD, "said").text(), stage.child(ADD, "said").text()
    chosen(stage, deck)
    stage.press(ADD, "subscribe")
    yield from reported(stage, {})


def reported(stage: Stage, answers: Mapping[str, str]) -> Scene:
    """Answer the questions by the keys of their notes, and close the report; its words are noted."""
    yield lambda: stage.dialog(REPORT) or stage.dialog(ASK) or stage.dialog("trialdeck-error")
    if stage.dialog(ASK):
        answered(stage, answers)
        yield stage.shown(REPORT)
    assert stage.dialog(REPORT), stage.dialog("trialdeck-error").text()
    stage.report.setdefault("reports", []).append(stage.child(REPORT, "words").text())
    stage.press(REPORT, "close")
    yield stage.gone(REPORT)


def answered(stage: Stage, answers: Mapping[str, str]) -> None:
    """Give the answers, and go on; what was asked is noted."""
    dialog = stage.dialog(ASK)
    asked = stage.report.setdefault("asked", [])
    for number, question in enumerate(dialog._questions):
        dialog._list.setCurrentRow(number)
        asked.append(question.key)
        if question.key in answers:
            stage.child(ASK, answers[question.key]).click()
    stage.press(ASK, "agree")


def updated(stage: Stage, answers: Mapping[str, str]) -> Scene:
    """Press Update now, answer, and see the report."""
    stage.press(MAIN, "update")
    yield from reported(stage, answers)


def switched(current: str, site: str) -> None:
    """Let the address lead to another edition."""
    link = Path(f"{current}.new")
    link.symlink_to(site)
    link.replace(current)


def studied(stage: Stage, count: int, deck: str) -> Scene:
    """Study new cards in Anki's reviewer."""
    window = stage.window
    window.col.decks.select(window.col.decks.id_for_name(deck))
    window.moveToState("review")
    for _ in range(count):
        yield lambda: window.state == "review" and window.reviewer.state == "question"
        window.reviewer._showAnswer()
        yield lambda: window.reviewer.state == "answer"
        window.reviewer._answerCard(4)
    yield lambda: window.reviewer.state == "question" or window.state != "review"
    window.moveToState("deckBrowser")
    yield lambda: window.state == "deckBrowser"


# --- What is in the collection


def notes_of(stage: Stage) -> dict[str, Any]:
    """Return all notes of the three note types, by their keys."""
    col = stage.window.col
    notes = [col.get_note(each) for each in col.db.list(f"select id from notes where mid in {TYPES} order by id")]
    return {note["Key"]: note for note in notes}


def collection(stage: Stage) -> dict[str, Any]:
    """Return all that a learner has."""
    col = stage.window.col
    cards = col.db.all(
        """select n.guid, c.ord, c.did, c.queue, c.type, c.due, c.ivl, c.reps, c.flags from cards c
        join notes n on n.id = c.nid order by n.guid, c.ord"""
    )
    return {
        "notes": [
            {"guid": note.guid, "type": note.mid, "key": key, "fields": dict(note.items()), "tags": note.tags}
            for key, note in notes_of(stage).items()
        ],
        "count": col.note_count(),
        "cards": cards,
        "decks": {str(each.id): each.name for each in col.decks.all_names_and_ids()},
        "types": [each.name for each in col.models.all_names_and_ids() if each.name.startswith("Trialdeck")],
        "fronts": {str(each): col.models.get(each)["tmpls"][0]["qfmt"] for each in TYPES if col.models.get(each)},
        "schema": col.db.scalar("select scm from col"),
        "undo": col.undo_status().undo,
        "empty": len(col.get_empty_cards().notes),
    }


def changed_by_the_learner(stage: Stage, edited: Mapping[str, str]) -> None:
    """Write, tag, flag, suspend, move, rename, edit, add a field and edit a template, as learners do."""
    col = stage.window.col
    model = col.models.get(TYPES[0])
    col.models.add_field(model, col.models.new_field(OWN_FIELD))
    model["tmpls"][0]["qfmt"] += OWN_TEMPLATE
    col.models.update_dict(model)
    for number, (key, note) in enumerate(notes_of(stage).items()):
        note["Extra"] = f"my words on {key} & <b>more</b>"
        note.tags.append(f"mine::{number % 3}")
        if OWN_FIELD in note:
            note[OWN_FIELD] = f"a rhyme on {key}"
        if key in edited:
            name = note.keys()[1]
            note[name] += edited[key]
        col.update_note(note)
    cards = col.db.list("select id from cards order by id")
    col.set_user_flag_for_cards(3, cards[::7])
    col.sched.suspend_cards(cards[3::11])
    aside = col.decks.id("My own deck")
    col.set_deck(cards[5::13], aside)
    deck = col.decks.id_for_name("Cold Trials")
    if deck:
        col.decks.rename(deck, "Hands and Frost")


# --- Scenes


def follow(
    stage: Stage, address: str, deck: str, current: str, sites: Sequence[str], edited: Mapping[str, str],
    answers: Mapping[str, str],
) -> Scene:  # fmt: skip
    """Subscribe, study, change, and take all later editions; then take the last one back, and take it again."""
    yield from opened(stage)
    yield from subscribed(stage, address, deck)
    yield from studied(stage, 20, "Cold Trials")
    changed_by_the_learner(stage, edited)
    stage.report["before"] = collection(stage)
    former: dict[str, Any] = {}
    for site in sites:
        former = collection(stage)
        switched(current, site)
        yield from updated(stage, answers)
    stage.report["after"] = collection(stage)
    stage.window.undo()
    yield lambda: stage.window.col.undo_status().redo
    stage.report["former"], stage.report["undone"] = former, collection(stage)
    stage.window.redo()
    yield lambda: not stage.window.col.undo_status().redo
    stage.report["redone"] = collection(stage)
