"""An update that the collection has no more, because it was undone or a backup was restored, is offered again."""

import shutil
from dataclasses import replace
from pathlib import Path

from addon_editions import SiteEdition
from subscriber import Subscriber, cards_of, edit, note_of
from trialdeck_addon.core.fetch import fetch_feed, parse_address
from trialdeck_addon.core.subscriptions import Settings, Store
from trialdeck_addon.core.updating.traces import as_applied

pytest_plugins = ["subscribers"]
WHY, WHOM = "ember-3/question/why", "ember-3/question/whom"


def news(learner: Subscriber, edition: SiteEdition) -> list[str]:
    """What would be offered, as the settings remember it."""
    store = Store(learner.folder)
    store.save(Settings((learner.subscription,)))
    (subscription,) = store.load()[0].subscriptions
    feed = fetch_feed(parse_address(str(edition.site)))
    return [deck.id for deck in as_applied(learner.col, subscription).news(feed)]


def test_an_update_that_was_undone_is_offered_again(learner: Subscriber, editions: list[SiteEdition]) -> None:
    learner.update(editions[1].site)
    assert news(learner, editions[1]) == []
    learner.col.undo()
    assert news(learner, editions[1]) == ["cold-ember-3"]
    learner.col.redo()
    assert news(learner, editions[1]) == []


def test_each_of_several_updates_can_be_undone(learner: Subscriber, editions: list[SiteEdition]) -> None:
    for edition in editions[1:4]:
        learner.update(edition.site)
    for edition in (editions[3], editions[2], editions[1]):
        assert news(learner, edition) == []
        learner.col.undo()
        assert "cold-ember-3" in news(learner, edition)
    assert news(learner, editions[0]) == []
    assert learner.update(editions[3].site).updated > 0
    assert news(learner, editions[3]) == []


def test_a_first_update_that_was_undone_is_offered_again(tmp_path: Path, editions: list[SiteEdition]) -> None:
    learner = Subscriber(tmp_path / "other")
    learner.update(editions[0].site)
    learner.col.undo()
    assert len(news(learner, editions[0])) == 3
    learner.close()


def test_a_new_look_that_was_undone_is_offered_again(learner: Subscriber, editions: list[SiteEdition]) -> None:
    style = learner.col.models.by_name("Trialdeck Question")["css"]
    learner.update(editions[5].site)
    model = learner.col.models.by_name("Trialdeck Question")
    model["css"] = style
    learner.col.models.update_dict(model)
    learner.col.db.execute("update notetypes set mtime_secs = mtime_secs - 60")
    learner.subscription = replace(learner.subscription, seen={})
    assert learner.update(editions[5].site).words == "the look of the cards is new"
    assert news(learner, editions[5]) == []
    learner.col.undo()
    assert news(learner, editions[5])


def test_what_an_undone_update_has_asked_and_suspended_is_forgotten(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    edit(learner.col, WHY, "Response", " Mine.")
    learner.update(editions[3].site, answer="mine", retired="suspend")
    learner.col.undo()
    learner.col.sched.suspend_cards(cards_of(learner.col, [WHOM]))
    assert [question.key for question in learner.plan(editions[3].site).questions] == [WHY]
    learner.update(editions[3].site, answer="theirs")
    assert learner.subscription.kept == ()
    assert "palm" in note_of(learner.col, WHY)["Response"]


def test_cards_that_an_undone_update_has_brought_back_come_back_with_the_next(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    learner.update(editions[3].site, retired="suspend")
    learner.update(editions[4].site, retired="suspend")
    (card,) = cards_of(learner.col, [WHOM])
    learner.col.undo()
    assert learner.col.get_card(card).queue == -1
    learner.update(editions[4].site, retired="suspend")
    assert learner.col.get_card(card).queue != -1


def test_what_a_restored_backup_lacks_is_offered_again(learner: Subscriber, editions: list[SiteEdition]) -> None:
    learner.update(editions[1].site)
    learner.col.close()
    path = learner.folder / "collection.anki2"
    shutil.copyfile(path, learner.folder / "backup")
    learner.reopen()
    for edition in editions[2:4]:
        learner.update(edition.site)
    learner.col.close()
    shutil.copyfile(learner.folder / "backup", path)
    learner.reopen()
    assert news(learner, editions[1]) == []
    assert "cold-ember-3" in news(learner, editions[2])
    # An older edition than the one that was undone is no longer older than what the learner has.
    assert learner.plan(editions[2].site).refused == ""


def test_what_the_learner_does_to_the_notes_is_no_undo(learner: Subscriber, editions: list[SiteEdition]) -> None:
    report = learner.update(editions[3].site)
    why = note_of(learner.col, WHY).id
    assert str(why) in report.subscription.traces
    learner.col.remove_notes([int(note_id) for note_id in report.subscription.traces if note_id != str(why)])
    edit(learner.col, WHY, "Response", " Mine.")
    learner.col.db.execute("update notes set mod = mod + 1, tags = '' where id = ?", why)
    assert news(learner, editions[3]) == []


def test_an_undone_update_is_offered_again_although_its_notes_were_edited_since(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    report = learner.update(editions[3].site)
    why = note_of(learner.col, WHY).id
    learner.col.undo()
    later = max(trace.changed for trace in report.subscription.traces.values()) + 60
    learner.col.db.execute("update notes set mod = ? where id = ?", later, why)
    assert "cold-ember-3" in news(learner, editions[3])


def test_an_update_whose_notes_the_learner_has_deleted_is_not_offered_again(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    report = learner.update(editions[3].site)
    learner.col.remove_notes([int(note_id) for note_id in report.subscription.traces])
    assert news(learner, editions[3]) == []
