"""What a learner does in Anki with the add-on: scenes for `anki_stage.py`.

A script of its own, which knows nothing of trialdeck but the ids of its note types; it presses what a learner presses,
and looks at the collection as Anki has it.
"""

import importlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
    labels(stage, ADD)


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


def labels(stage: Stage, dialog: str) -> None:
    """Note the labels of a window that would show what a feed says as HTML."""
    from aqt.qt import QLabel, Qt

    found = [each for each in stage.dialog(dialog).findChildren(QLabel) if each.textFormat() != Qt.TextFormat.PlainText]
    stage.report.setdefault("rich", []).extend(each.objectName() for each in found if each.text())


def reported(stage: Stage, answers: Mapping[str, str]) -> Scene:
    """Answer the questions by the keys of their notes, and close the report; its words are noted."""
    yield lambda: stage.dialog(REPORT) or stage.dialog(ASK) or stage.dialog("trialdeck-error")
    if stage.dialog(ASK):
        answered(stage, answers)
        yield stage.shown(REPORT)
    assert stage.dialog(REPORT), stage.dialog("trialdeck-error").text()
    labels(stage, REPORT)
    stage.report.setdefault("reports", []).append(stage.child(REPORT, "words").text())
    stage.press(REPORT, "close")
    yield stage.gone(REPORT)


def answered(stage: Stage, answers: Mapping[str, str]) -> None:
    """Give the answers, and go on; what was asked is noted."""
    dialog = stage.dialog(ASK)
    labels(stage, ASK)
    asked, texts = stage.report.setdefault("asked", []), stage.report.setdefault("texts", [])
    for number, question in enumerate(dialog._questions):
        dialog._list.setCurrentRow(number)
        asked.append(question.key)
        texts.append(stage.child(ASK, "texts").toPlainText())
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


def started(stage: Stage) -> Scene:
    """Note what the add-on has imported when Anki has started, and where it is to be found."""
    found = sorted(name.removeprefix(FOLDER) for name in sys.modules if name.split(".")[0] == FOLDER)
    stage.report["imported"] = found
    yield from opened(stage)
    stage.report["said_at_first"] = stage.child(MAIN, "empty").text()


def refused(stage: Stage, addresses: Mapping[str, str]) -> Scene:
    """Note what the window says of addresses where nothing is to be had."""
    said = stage.report["refused"] = {}
    stage.press(MAIN, "add")
    yield stage.shown(ADD)
    for name, address in addresses.items():
        stage.child(ADD, "said").setText("")
        stage.child(ADD, "address").setText(address)
        stage.press(ADD, "look")
        yield lambda: stage.child(ADD, "said").text() and stage.child(ADD, "look").isEnabled()
        said[name] = stage.child(ADD, "said").text()
        assert not stage.child(ADD, "subscribe").isEnabled()
    stage.press(ADD, "cancel")
    yield stage.gone(ADD)


def seen_first(stage: Stage) -> Scene:
    """Look what would change, and do not update; what the window says is noted."""
    stage.press(MAIN, "see")
    yield stage.shown("trialdeck-plan")
    stage.report["plan"] = stage.child("trialdeck-plan", "words").text()
    stage.report["plan_notes"] = stage.child("trialdeck-plan", "notes").toPlainText()
    stage.press("trialdeck-plan", "cancel")
    yield stage.gone("trialdeck-plan")
    yield lambda: stage.child(MAIN, "update").isEnabled()


def asked_again(stage: Stage) -> Scene:
    """Ask to be asked again for all notes that stay as they are."""
    stage.press(MAIN, "kept")
    yield stage.shown("trialdeck-kept")
    notes = stage.child("trialdeck-kept", "notes")
    stage.report["kept"] = [notes.item(row).text() for row in range(notes.count())]
    notes.selectAll()
    stage.press("trialdeck-kept", "again")
    yield lambda: notes.count() == 0
    stage.press("trialdeck-kept", "close")
    yield stage.gone("trialdeck-kept")


def _look() -> Any:
    """Return what the add-on has for the end of a sync."""
    from aqt import gui_hooks

    (look,) = [hook.__self__ for hook in gui_hooks.sync_did_finish._hooks if hook.__module__.startswith(FOLDER)]
    return look


def offered(stage: Stage) -> Scene:
    """End a sync during a review, and see the offer of an update when the review is over."""
    from aqt import gui_hooks

    window = stage.window
    addon("gui.daily")._SOON = 0
    look = _look()
    stage.later(stage.dialog(MAIN).close)
    yield stage.gone(MAIN)
    addon("gui.profile").choose(looked_at=0)
    window.col.decks.select(notes_of(stage)["ember-3/question/why"].cards()[0].did)
    window.moveToState("review")
    yield lambda: window.state == "review" and window.reviewer.card
    gui_hooks.sync_did_finish()
    yield lambda: look._found
    stage.report["offered_in_review"] = stage.dialog("trialdeck-offer") is not None
    window.moveToState("deckBrowser")
    yield stage.shown("trialdeck-offer")
    labels(stage, "trialdeck-offer")
    stage.report["offer"] = stage.dialog("trialdeck-offer").text()
    stage.press("trialdeck-offer", "yes")
    yield from reported(stage, {})
    yield from _quiet(stage, look)


def _quiet(stage: Stage, look: Any) -> Scene:
    """Note the times at which a sync ends and nobody looks for news."""
    from aqt import gui_hooks

    choose, quiet = addon("gui.profile").choose, stage.report.setdefault("looks", [])
    began: list[str] = []
    look._look_at = lambda _: began.append("look")
    gui_hooks.sync_did_finish()
    yield None
    yield None
    quiet.append(["the same day", len(began)])
    choose(looked_at=0, offer_after_sync=False)
    gui_hooks.sync_did_finish()
    yield None
    yield None
    quiet.append(["switched off", len(began)])
    choose(offer_after_sync=True)
    look._closing()
    gui_hooks.sync_did_finish()
    yield None
    yield None
    quiet.append(["the profile is being closed", len(began)])
    look._is_closing = False
    gui_hooks.sync_did_finish()
    yield lambda: began
    quiet.append(["another day", len(began)])
    look._is_looking = False
    del look._look_at


def suggested(stage: Stage, field: str, wrong: str, right: str) -> Scene:
    """Correct the card with a wrong word in the reviewer, and send the suggestion; what is sent is noted."""
    from aqt.qt import QApplication

    window, name = stage.window, "trialdeck-suggest"
    note = next(note for note in notes_of(stage).values() if field in note and wrong in note[field])
    note["Extra"] = "my own words"
    note.tags.append("my::own::tag")
    window.col.update_note(note)
    window.col.decks.select(note.cards()[0].did)
    window.moveToState("review")
    yield lambda: window.state == "review" and window.reviewer.card
    window.reviewer.card = note.cards()[0]
    window.reviewer.showContextMenu()
    menu = QApplication.activePopupWidget()
    (action,) = [each for each in menu.actions() if each.text().startswith("Suggest")]
    stage.report["key"] = action.shortcut().toString()
    menu.close()
    (shortcut,) = [each for each in window.stateShortcuts if each.key().toString() == stage.report["key"]]
    stage.later(shortcut.activated.emit)
    yield stage.shown(name)
    box = stage.child(name, f"field-{field}")
    stage.report["shown"] = box.toPlainText()
    stage.child(name, "html").click()
    stage.report["as_html"] = box.toPlainText()
    stage.child(name, "html").click()
    stage.press(name, "next")
    yield lambda: stage.child(name, "said").text()
    stage.report["nothing_yet"] = stage.child(name, "said").text()
    box.setPlainText(box.toPlainText().replace(wrong, right))
    stage.child(name, "reason").setPlainText("It is a typing error.")
    stage.child(name, "contributor").setText("Ada Example")
    stage.press(name, "next")
    yield lambda: stage.child(name, "letter").toPlainText()
    stage.report["letter"] = stage.child(name, "letter").toPlainText()
    stage.report["goes"] = stage.child(name, "goes").text()
    stage.press(name, "send")
    yield stage.gone(name)
    window.moveToState("deckBrowser")
    yield lambda: window.state == "deckBrowser"


def chosen_in_browser(stage: Stage) -> Scene:
    """Choose a note in the browser, and Suggest a correction… from its menu."""
    import aqt

    note = next(iter(notes_of(stage).values()))
    browser = aqt.dialogs.open("Browser", stage.window, search=(f"nid:{note.id}",))
    yield browser.table.len
    browser.table.select_all()
    yield lambda: browser.selected_notes() == [note.id]
    (action,) = [each for each in browser.form.menu_Notes.actions() if each.objectName() == "trialdeck-suggest"]
    stage.later(action.trigger)
    yield stage.shown("trialdeck-suggest")
    stage.report["in_browser"] = stage.child("trialdeck-suggest", "words").text()
    stage.press("trialdeck-suggest", "cancel")
    yield stage.gone("trialdeck-suggest")
    browser.close()
    yield lambda: aqt.dialogs._dialogs["Browser"][1] is None


def removed(stage: Stage) -> Scene:
    """Stop following the decks; the notes stay."""
    count = stage.window.col.note_count()
    yield from opened(stage)
    stage.press(MAIN, "remove")
    yield stage.shown("trialdeck-remove")
    labels(stage, "trialdeck-remove")
    stage.press("trialdeck-remove", "yes")
    yield lambda: stage.child(MAIN, "empty").isVisible()
    stage.report["stay"] = stage.window.col.note_count() == count


def stopped(stage: Stage, address: str) -> Scene:
    """Subscribe where packages come slowly, and stop the download."""
    yield from looked(stage, address)
    stage.press(ADD, "subscribe")
    yield stage.gone(ADD)
    yield lambda: stage.child(MAIN, "bar").value() > 0
    before = stage.window.col.db.scalar("select mod from col")
    stage.press(MAIN, "stop")
    yield lambda: stage.child(MAIN, "update").isEnabled()
    stage.report["stopped"] = stage.child(MAIN, "subscriptions").item(0).text()
    stage.report["unchanged"] = stage.window.col.db.scalar("select mod from col") == before
    assert not stage.child(MAIN, "stop").isVisible()


def brought_by_another(stage: Stage) -> Scene:
    """Look for news when the collection has the edition, and this computer has not applied it."""
    profile, look = addon("gui.profile"), _look()
    yield from updated(stage, {"ember-3/question/doubt": "mine_always"})
    (before,) = profile.settings().subscriptions
    former = {name: replace(seen, changed=1) for name, seen in before.seen.items()}
    profile.change(lambda found: replace(found, looked_at=0, subscriptions=(replace(before, seen=former),)))
    written = stage.window.col.db.scalar("select mod from col")
    look.look()
    yield lambda: profile.settings().subscriptions[0].seen == before.seen and look._check is None
    stage.report["brought"] = [len(look._found), stage.window.col.db.scalar("select mod from col") == written]


def undone_and_redone(stage: Stage) -> Scene:
    """Undo an update and redo it; what the open window says is noted."""
    listed = stage.child(MAIN, "subscriptions")
    told = stage.report.setdefault("undone", [listed.item(0).text()])
    for step in (stage.window.undo, stage.window.redo):
        stage.later(step)
        yield lambda: listed.item(0).text() != told[-1]
        told.append(listed.item(0).text())


def new_deck_offered(stage: Stage) -> Scene:
    """See the offer of a deck that is new on the page, do not want it, and want it; what is said then is noted."""
    profile, offer = addon("gui.profile"), "trialdeck-new-decks"
    told, listed = stage.report.setdefault("new_decks", []), stage.child(MAIN, "subscriptions")
    for answer in ("no", "yes"):
        profile.change(_with_a_new_deck)
        stage.press(MAIN, "look")
        yield stage.shown(offer)
        told.append(stage.dialog(offer).text())
        stage.press(offer, answer)
        yield stage.gone(offer)
        told.append([listed.item(0).text(), len(profile.settings().subscriptions[0].decks)])
    yield from reported(stage, {})
    stage.press(MAIN, "look")
    yield lambda: "Looking" not in listed.item(0).text()
    told.append(stage.dialog(offer) is not None)


def new_deck_after_look(stage: Stage) -> Scene:
    """See the same offer after the look that follows a sync, and answer later."""
    profile, offer = addon("gui.profile"), "trialdeck-new-decks"
    stage.later(stage.dialog(MAIN).close)
    yield stage.gone(MAIN)
    profile.change(lambda found: replace(_with_a_new_deck(found), looked_at=0))
    before = profile.settings().subscriptions
    _look().look()
    yield stage.shown(offer)
    stage.later(stage.dialog(offer).close)
    yield stage.gone(offer)
    stage.report["later"] = profile.settings().subscriptions == before
    yield from opened(stage)
    yield stage.shown(offer)
    stage.press(offer, "no")
    yield stage.gone(offer)


def _with_a_new_deck(settings: Any) -> Any:
    """Return the settings of a learner who does not know the last deck of the page."""
    (subscription,) = settings.subscriptions
    known = tuple(sorted(set(subscription.decks) - {"by-trial-gale-2"}))
    found = (each for each in subscription.known if each in known)
    return replace(settings, subscriptions=(replace(subscription, decks=known, known=tuple(found)),))


def tour(
    stage: Stage, address: str, refuse: Mapping[str, str], current: str, sites: Sequence[str],
    edited: Mapping[str, str], package: str, slow: str,
) -> Scene:  # fmt: skip
    """Everything else that a learner may do."""
    yield from started(stage)
    done = stage.window.addonManager.install(package)
    stage.report["installed"] = [done.name, done.compatible, sorted(done.conflicts)]
    yield from refused(stage, refuse)
    yield from subscribed(stage, address, "By trial")
    yield from suggested(stage, "Response", "palm", "heel")
    yield from chosen_in_browser(stage)
    changed_by_the_learner(stage, edited)
    switched(current, sites[0])
    yield from seen_first(stage)
    yield from updated(stage, dict.fromkeys(edited, "mine"))
    yield from undone_and_redone(stage)
    yield from asked_again(stage)
    yield from updated(stage, dict.fromkeys(edited, "theirs"))
    stage.report["taken"] = {key: dict(note.items()) for key, note in notes_of(stage).items() if key in edited}
    yield from new_deck_offered(stage)
    switched(current, sites[1])
    yield from offered(stage)
    yield from brought_by_another(stage)
    yield from new_deck_after_look(stage)
    yield from removed(stage)
    yield from stopped(stage, slow)
    stage.report["log"] = addon("gui.profile").store().log_path.read_text(encoding="utf-8")


def correct(stage: Stage, address: str, current: str, file: str, author: Sequence[Sequence[str]], site: str) -> Scene:
    """Suggest a correction, let the author take it and publish the next edition, and update."""
    yield from opened(stage)
    yield from subscribed(stage, address, "All of it")
    yield from suggested(stage, "Response", "hnad", "hand")
    # What the author gets is a mail with the text that was shown.
    Path(file).write_text(f"Dear author,\n\n{stage.report['letter']}\n\nYours, Ada\n", encoding="utf-8")
    done = [subprocess.run(each, capture_output=True, encoding="utf-8", check=False) for each in author]
    stage.report["author"] = [f"{each.returncode} {each.stdout}{each.stderr}" for each in done]
    switched(current, site)
    yield from updated(stage, {})
    stage.report["corrected"] = dict(notes_of(stage)["ember-3/question/why"].items())


def pictures(
    stage: Stage, look: str, address: str, current: str, sites: Sequence[str], edited: Mapping[str, str]
) -> Scene:  # fmt: skip
    """Save what each window shows; `look` is the end of the names of the pictures."""

    def shot(name: str, dialog: str) -> None:
        stage.picture(f"addon-{name}-{look}", stage.dialog(dialog))

    yield from opened(stage)
    yield from looked(stage, address)
    # Nobody's own machine is to be seen.
    for name in ("address", "about"):
        box = stage.child(ADD, name)
        box.setText(box.text().replace(address, "https://example.org/decks/"))
    shot("add", ADD)
    stage.press(ADD, "cancel")
    yield stage.gone(ADD)
    yield from subscribed(stage, address, "By trial")
    changed_by_the_learner(stage, edited)
    switched(current, sites[0])
    stage.press(MAIN, "look")
    yield lambda: "New:" in stage.child(MAIN, "subscriptions").item(0).text()
    details = stage.child(MAIN, "details")
    details.setHtml(details.toHtml().replace(address, "https://example.org/decks/"))
    shot("subscriptions", MAIN)
    stage.press(MAIN, "see")
    yield stage.shown("trialdeck-plan")
    shot("plan", "trialdeck-plan")
    stage.press("trialdeck-plan", "agree")
    yield stage.shown(ASK)
    stage.child(ASK, "mine").click()
    shot("ask", ASK)
    stage.press(ASK, "agree")
    yield stage.shown(REPORT)
    shot("report", REPORT)
    stage.press(REPORT, "close")
    yield stage.gone(REPORT)
    addon("gui.profile").change(_with_a_new_deck)
    stage.press(MAIN, "look")
    yield stage.shown("trialdeck-new-decks")
    shot("new-decks", "trialdeck-new-decks")
    stage.press("trialdeck-new-decks", "no")
    yield stage.gone("trialdeck-new-decks")
    for name, window in (("kept", "trialdeck-kept"), ("log", "trialdeck-log"), ("remove", "trialdeck-remove")):
        stage.press(MAIN, name)
        yield stage.shown(window)
        shot(name, window)
        stage.later(stage.dialog(window).close)
        yield stage.gone(window)
    stage.press(MAIN, "add")
    yield stage.shown(ADD)
    stage.child(ADD, "address").setText("my decks")
    stage.press(ADD, "look")
    yield lambda: stage.child(ADD, "said").text()
    shot("wrong-address", ADD)
    stage.press(ADD, "cancel")
    yield stage.gone(ADD)
    addon("gui.daily")._SOON = 0
    switched(current, sites[1])
    yield from _offer_pictured(stage, shot)
    yield from _suggestion_pictured(stage, shot)
    stage.later(lambda: addon("gui.widgets").show_error(stage.window, ValueError("not enough values to unpack")))
    yield stage.shown("trialdeck-error")
    shot("error", "trialdeck-error")


def _offer_pictured(stage: Stage, shot: Callable[[str, str], None]) -> Scene:
    from aqt import gui_hooks

    stage.later(stage.dialog(MAIN).close)
    yield stage.gone(MAIN)
    addon("gui.profile").choose(looked_at=0)
    gui_hooks.sync_did_finish()
    yield stage.shown("trialdeck-offer")
    shot("offer", "trialdeck-offer")
    stage.later(stage.dialog("trialdeck-offer").close)
    yield stage.gone("trialdeck-offer")


def _suggestion_pictured(stage: Stage, shot: Callable[[str, str], None]) -> Scene:
    name, note = "trialdeck-suggest", notes_of(stage)["ember-3/question/whom"]
    stage.later(lambda: addon("gui.windows.suggest").suggest(stage.window, note.id))
    yield stage.shown(name)
    box = stage.child(name, "field-Response")
    box.setPlainText(box.toPlainText().replace("cold", "very cold"))
    stage.child(name, "reason").setPlainText("Cold hands were no reason to enrol; very cold hands were.")
    stage.child(name, "source").setText("doi:10.1000/ember, table 1")
    shot("suggest", name)
    stage.press(name, "next")
    yield lambda: stage.child(name, "letter").toPlainText()
    letter = stage.child(name, "letter")
    feed = re.compile(r"http://127\.0\.0\.1:\d+/")
    letter.setPlainText(feed.sub("https://example.org/decks/", letter.toPlainText()))
    shot("send", name)
    stage.later(stage.dialog(name).close)
    yield stage.gone(name)


def first(stage: Stage, address: str) -> Scene:
    """Subscribe, so that the next start of Anki has something to look for."""
    yield from opened(stage)
    yield from subscribed(stage, address, "All of it")


def unnoticed(stage: Stage) -> Scene:
    """Look for news at the start, where there are none; note how many seconds of the main thread it took."""
    daily, profile = addon("gui.daily"), addon("gui.profile")
    used: list[float] = []

    def timed(step: Callable[..., None]) -> Callable[..., None]:
        def run(*arguments: Any) -> None:
            began = time.thread_time()
            step(*arguments)
            used.append(time.thread_time() - began)

        return run

    for name in ("look", "_looked"):
        setattr(daily.DailyLook, name, timed(getattr(daily.DailyLook, name)))
    _look().look()
    yield lambda: profile.settings().looked_at
    stage.report["look"] = sum(used)
    stage.report["dialogs"] = [dialog.objectName() for dialog in stage.dialogs()]
