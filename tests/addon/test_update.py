"""What an update does to a collection, in Anki's newest release: each thing that a learner may have done."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addon_editions import SiteEdition
from subscriber import TAG, WORDS, Subscriber, cards_of, edit, note_of, study
from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.update import STEP
from trialdeck_addon.core.updating import writing
from trialdeck_addon.core.updating.kept import ask_again, kept_notes
from trialdeck_addon.core.updating.merge import MINE

pytest_plugins = ["subscribers"]
WHY, WHOM, DOUBT = "ember-3/question/why", "ember-3/question/whom", "ember-3/question/doubt"
GAIN, HAZE = "ember-3/key-findings/warmth/cloze/gain", "haze-9/trial"
TARGET = "ember-3/question/why/cloze/target"


def suspended(learner: Subscriber, key: str) -> list[bool]:
    return [learner.col.get_card(card).queue == -1 for card in cards_of(learner.col, [key])]


# Of notes


def test_a_correction_comes_beside_what_the_learner_wrote(learner: Subscriber, editions: list[SiteEdition]) -> None:
    note = note_of(learner.col, WHY)
    note["Extra"] = WORDS
    note.tags.append(TAG)
    learner.col.update_note(note)
    report = learner.update(editions[1].site)
    after = note_of(learner.col, WHY)
    assert report.words == "1 updated, 1 new; kept what you wrote on 1"
    assert "palm of the hand" in after["Response"]
    assert after["Extra"] == WORDS
    assert TAG in after.tags
    assert "trialdeck::edition::2023-12-14" in after.tags
    assert "trialdeck::edition::2023-11-14" not in after.tags


def test_nothing_new_writes_nothing(learner: Subscriber, editions: list[SiteEdition]) -> None:
    before = learner.col.mod, learner.state()
    report = learner.update(editions[0].site)
    assert (report.words, report.changes) == ("nothing new", None)
    assert (learner.col.mod, learner.state()) == before
    assert learner.plan(editions[0].site).is_empty


def test_a_plan_says_what_an_update_does_and_writes_nothing(learner: Subscriber, editions: list[SiteEdition]) -> None:
    edit(learner.col, WHY, "Response", " Mine.")
    before = learner.col.mod, learner.state()
    plan = learner.plan(editions[1].site)
    assert (learner.col.mod, learner.state()) == before
    assert plan.new == ("When is emberol given?",)
    assert plan.updated == ()
    (question,) = plan.questions
    assert (question.key, question.label) == (WHY, "Why does emberol work?")
    (difference,) = question.fields
    assert difference.name == "Response"
    assert difference.mine.endswith(" Mine.")
    assert "hand" in difference.theirs


def test_what_both_have_changed_is_asked_once(learner: Subscriber, editions: list[SiteEdition]) -> None:
    edit(learner.col, WHY, "Response", " Mine.")
    waiting = learner.update(editions[1].site)
    assert waiting.words == "1 new; 1 note waits for your answer"
    assert learner.subscription.waiting == 1
    assert note_of(learner.col, WHY)["Response"].endswith(" Mine.")
    learner.update(editions[1].site, answer="mine")
    assert note_of(learner.col, WHY)["Response"].endswith(" Mine.")
    assert learner.plan(editions[1].site).is_empty
    assert learner.subscription.waiting == 0
    # It is asked again only when the author changes it again.
    assert learner.plan(editions[2].site).questions == ()


def test_theirs_replaces_the_learners_text_and_nothing_else(learner: Subscriber, editions: list[SiteEdition]) -> None:
    edit(learner.col, WHY, "Response", " Mine.")
    edit(learner.col, WHY, "Extra", WORDS)
    report = learner.update(editions[1].site, answer="theirs")
    after = note_of(learner.col, WHY)
    assert not after["Response"].endswith(" Mine.")
    assert after["Extra"] == WORDS
    assert f"updated: {WHY}" in report.details


def test_always_mine_is_never_asked_and_has_a_way_back(learner: Subscriber, editions: list[SiteEdition]) -> None:
    edit(learner.col, WHY, "Response", " Mine.")
    learner.update(editions[1].site, answer="mine always")
    assert MINE in note_of(learner.col, WHY).tags
    for edition in editions[2:7]:
        assert learner.plan(edition.site).questions == ()
        learner.update(edition.site)
    assert note_of(learner.col, WHY)["Response"].endswith(" Mine.")
    (kept,) = kept_notes(learner.col, [learner.subscription])
    ask_again(learner.col, [kept])
    (question,) = learner.plan(editions[6].site).questions
    assert question.note_id == kept.note_id


def test_an_answer_counts_only_for_the_text_that_was_shown(learner: Subscriber, editions: list[SiteEdition]) -> None:
    from trialdeck_addon.core.update import Answer, Choices, apply_update

    edit(learner.col, WHY, "Response", " Mine.")
    (question,) = learner.plan(editions[1].site).questions
    edit(learner.col, WHY, "Response", " And more.")
    with learner.edition(editions[1].site) as edition:
        choices = Choices({question.token: Answer.THEIRS})
        report = apply_update(learner.col, edition, learner.subscription, choices)
    assert report.unanswered == 1
    assert note_of(learner.col, WHY)["Response"].endswith(" And more.")


def test_a_note_that_the_learner_has_given_another_type_stays(learner: Subscriber, editions: list[SiteEdition]) -> None:
    note = note_of(learner.col, WHY)
    basic = learner.col.models.by_name("Basic")
    names = [field["name"] for field in learner.col.models.get(note.mid)["flds"]]
    change = learner.col.models.change_notetype_info(old_notetype_id=note.mid, new_notetype_id=basic["id"]).input
    change.note_ids.append(note.id)
    learner.col.models.change_notetype_of_notes(change)
    report = learner.update(editions[1].site)
    assert report.new == 1
    assert len(names) == 16
    assert learner.col.get_note(note.id).mid == basic["id"]
    assert len(learner.col.db.list("select id from notes where guid = ?", note.guid)) == 1


def test_a_note_that_the_learner_has_deleted_comes_back(learner: Subscriber, editions: list[SiteEdition]) -> None:
    # A package has it, and nothing says that it was deleted; docs/subscribe.md tells to suspend instead.
    learner.col.remove_notes([note_of(learner.col, DOUBT).id])
    assert learner.update(editions[0].site).words == "1 new"


def test_an_answer_is_forgotten_once_the_note_has_the_authors_text(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    edit(learner.col, WHY, "Response", " Mine.")
    learner.update(editions[1].site, answer="mine")
    assert len(learner.subscription.kept) == 1
    learner.update(editions[6].site, answer="mine")
    assert len(learner.subscription.kept) == 1
    learner.update(editions[7].site, answer="theirs")
    assert learner.subscription.kept == ()


def test_a_note_of_the_learners_with_the_id_of_a_new_one_stays(
    learner: Subscriber, editions: list[SiteEdition], tmp_path: Path
) -> None:
    other = Subscriber(tmp_path / "other")
    other.update(editions[1].site)
    taken = note_of(other.col, "ember-3/question/when").id
    other.close()
    mine = learner.col.new_note(learner.col.models.by_name("Basic"))
    mine["Front"], mine["Back"] = "mine", "my own answer"
    learner.col.add_note(mine, learner.col.decks.id("Mine"))
    learner.col.db.execute("update cards set nid = ? where nid = ?", taken, mine.id)
    learner.col.db.execute("update notes set id = ? where id = ?", taken, mine.id)
    assert learner.update(editions[1].site).new == 1
    assert learner.col.get_note(taken)["Back"] == "my own answer"
    assert note_of(learner.col, "ember-3/question/when").id != taken


# Of the note types


def test_a_deleted_field_and_template_of_ours_stay_deleted(learner: Subscriber, editions: list[SiteEdition]) -> None:
    trial = learner.col.models.by_name("Trialdeck Trial")
    learner.col.models.remove_template(trial, trial["tmpls"][2])
    learner.col.models.update_dict(trial)
    question = learner.col.models.by_name("Trialdeck Question")
    learner.col.models.remove_field(question, next(field for field in question["flds"] if field["name"] == "Citation"))
    learner.col.models.update_dict(question)
    schema = learner.col.db.scalar("select scm from col")
    for edition in editions[1:]:
        learner.update(edition.site)
    assert len(learner.col.models.by_name("Trialdeck Trial")["tmpls"]) == 2
    assert "Citation" not in [field["name"] for field in learner.col.models.by_name("Trialdeck Question")["flds"]]
    assert learner.col.db.scalar("select scm from col") == schema


def test_fields_are_known_by_their_ids(learner: Subscriber, editions: list[SiteEdition]) -> None:
    model = learner.col.models.by_name("Trialdeck Question")
    fields = {field["name"]: field for field in model["flds"]}
    learner.col.models.rename_field(model, fields["Extra"], "Meine Notizen")
    learner.col.models.rename_field(model, fields["Response"], "Antwort")
    learner.col.models.reposition_field(model, fields["Key"], 0)
    learner.col.models.update_dict(model)
    edit(learner.col, WHY, "Meine Notizen", WORDS)
    assert learner.update(editions[1].site).words == "1 updated, 1 new; kept what you wrote on 1"
    after = note_of(learner.col, WHY)
    assert "palm of the hand" in after["Antwort"]
    assert after["Meine Notizen"] == WORDS
    assert note_of(learner.col, "ember-3/question/when")["Antwort"] == "<p>Before the first frost.</p>"


def test_a_template_of_the_learners_own_gets_its_cards(learner: Subscriber, editions: list[SiteEdition]) -> None:
    model = learner.col.models.by_name("Trialdeck Question")
    own = learner.col.models.new_template("Mine")
    own["qfmt"], own["afmt"] = "{{Response}}", "{{Question}}"
    learner.col.models.add_template(model, own)
    learner.col.models.reposition_template(model, own, 0)
    learner.col.models.update_dict(model)
    learner.update(editions[1].site)
    when = note_of(learner.col, "ember-3/question/when")
    assert [card.template()["name"] for card in when.cards()][-1] == "Question → Response"


def test_the_look_is_renewed_where_it_was_not_edited(learner: Subscriber, editions: list[SiteEdition]) -> None:
    cloze = learner.col.models.by_name("Trialdeck Cloze")
    cloze["css"] += "/* mine */"
    learner.col.models.update_dict(cloze)
    plan = learner.plan(editions[5].site)
    assert plan.looks == ("Trialdeck Question", "Trialdeck Trial")
    learner.update(editions[5].site)
    assert "letter-spacing: .01em" in learner.col.models.by_name("Trialdeck Question")["css"]
    assert learner.col.models.by_name("Trialdeck Cloze")["css"].endswith("/* mine */")
    assert "letter-spacing: .01em" not in learner.col.models.by_name("Trialdeck Cloze")["css"]


def test_another_kind_of_note_type_is_refused(learner: Subscriber, editions: list[SiteEdition]) -> None:
    model = learner.col.models.by_name("Trialdeck Question")
    model["type"] = 1
    model["tmpls"][0]["qfmt"] = model["tmpls"][0]["afmt"] = "{{cloze:Question}}"
    learner.col.models.update_dict(model)
    before = learner.state()
    assert "is no longer of the kind" in learner.plan(editions[1].site).refused
    with pytest.raises(TrialdeckError, match="nothing was changed"):
        learner.update(editions[1].site)
    assert learner.state() == before


# Of cards and decks


def test_new_cards_follow_their_siblings(learner: Subscriber, editions: list[SiteEdition]) -> None:
    learner.update(editions[2].site)
    other = learner.col.decks.id("Elsewhere")
    learner.col.set_deck(cards_of(learner.col, [GAIN]), other)
    learner.col.sched.suspend_cards(cards_of(learner.col, [GAIN]))
    learner.update(editions[3].site)
    cards = [learner.col.get_card(card) for card in cards_of(learner.col, [GAIN])]
    assert [card.ord for card in cards] == [0, 1, 2]
    assert {card.did for card in cards} == {other}
    assert {card.queue for card in cards} == {-1}


def test_a_card_in_a_filtered_deck_has_its_home_where_it_came_from(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    home = learner.col.get_card(cards_of(learner.col, [GAIN])[0]).did
    filtered = learner.col.sched.get_or_create_filtered_deck(0)
    filtered.name = "Filtered"
    filtered.config.search_terms[0].search = "deck:*"
    learner.col.sched.add_or_update_filtered_deck(filtered)
    learner.update(editions[3].site)
    new = learner.col.get_card(cards_of(learner.col, [GAIN])[2])
    assert new.did == home
    assert not any(deck.name.startswith("Filtered::") for deck in learner.col.decks.all_names_and_ids())


def test_a_new_note_comes_to_the_renamed_deck(learner: Subscriber, editions: list[SiteEdition]) -> None:
    deck = learner.col.get_card(cards_of(learner.col, [WHY])[0]).did
    learner.col.decks.rename(deck, "Heart::Ember")
    names = {each.name for each in learner.col.decks.all_names_and_ids()}
    learner.update(editions[1].site)
    assert learner.col.get_card(cards_of(learner.col, ["ember-3/question/when"])[0]).did == deck
    assert {each.name for each in learner.col.decks.all_names_and_ids()} == names


def test_a_new_deck_comes_beside_the_others_with_their_options(tmp_path: Path, editions: list[SiteEdition]) -> None:
    learner = Subscriber(tmp_path / "other")
    learner.update(editions[0].site, decks=["cold-ember-3"])
    root = learner.col.decks.id_for_name("Landmark Trials::Cold Trials")
    learner.col.decks.rename(root, "Studies")
    options = learner.col.decks.add_config("Slow")
    deck = learner.col.decks.get(root)
    deck["conf"] = options["id"]
    learner.col.decks.update_dict(deck)
    learner.update(editions[0].site, decks=["cold-frost-1"])
    frost = learner.col.decks.by_name("Studies::FROST-1")
    assert frost["conf"] == options["id"]
    assert not any(each.name.startswith("Landmark Trials::Cold") for each in learner.col.decks.all_names_and_ids())
    learner.close()


def test_descriptions_are_renewed_unless_the_learner_wrote_one(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    frost = learner.col.decks.by_name("Landmark Trials::Cold Trials::FROST-1")
    frost["desc"] = "mine"
    learner.col.decks.update_dict(frost)
    ember = learner.col.decks.by_name("Landmark Trials::Cold Trials::EMBER-3")["desc"]
    learner.update(editions[5].site)
    assert learner.col.decks.by_name("Landmark Trials::Cold Trials::FROST-1")["desc"] == "mine"
    renewed = learner.col.decks.by_name("Landmark Trials::Cold Trials::EMBER-3")["desc"]
    assert renewed != ember
    assert "2024-04-12" in renewed


# Retired notes

RETIRED = [WHOM, "ember-3/question/whom/cloze/who"]


def test_a_retired_note_is_kept_with_its_reason(learner: Subscriber, editions: list[SiteEdition]) -> None:
    report = learner.update(editions[3].site)
    assert report.words == "5 updated, 1 new, 2 retired"
    assert "warmer" in note_of(learner.col, WHOM)["Retired"]
    assert suspended(learner, WHOM) == [False]


def test_a_retired_note_is_suspended_and_comes_back(learner: Subscriber, editions: list[SiteEdition]) -> None:
    learner.update(editions[3].site, retired="suspend")
    assert suspended(learner, WHOM) == [True]
    assert suspended(learner, WHY) == [False]
    learner.update(editions[4].site, retired="suspend")
    assert suspended(learner, WHOM) == [False]
    assert learner.subscription.suspended == tuple(cards_of(learner.col, ["ember-3/result/warm"]))


def test_what_the_learner_has_suspended_stays_suspended_when_it_comes_back(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    learner.col.sched.suspend_cards(cards_of(learner.col, [WHOM]))
    learner.update(editions[3].site, retired="suspend")
    learner.update(editions[4].site, retired="suspend")
    assert suspended(learner, WHOM) == [True]


def test_the_card_of_a_deletion_that_was_removed_comes_back_with_it(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    learner.update(editions[4].site)
    cards = cards_of(learner.col, [TARGET])
    learner.update(editions[5].site, retired="suspend")
    assert suspended(learner, TARGET) == [False, True]
    learner.col.sched.suspend_cards(cards[:1])
    learner.subscription = replace(learner.subscription, seen={})
    learner.update(editions[4].site, answer="theirs", retired="suspend")
    assert suspended(learner, TARGET) == [True, False]
    assert cards[1] not in learner.subscription.suspended


def test_a_card_comes_back_although_another_device_has_brought_its_text(
    learner: Subscriber, editions: list[SiteEdition], tmp_path: Path
) -> None:
    learner.update(editions[3].site, retired="suspend")
    here, learner.subscription = learner.subscription, None
    learner.update(editions[4].site, retired="suspend")
    learner.subscription = here
    assert suspended(learner, WHOM) == [True]
    assert learner.update(editions[4].site).words == "3 suspended cards are back"
    assert suspended(learner, WHOM) == [False]
    learner.col.sched.suspend_cards(cards_of(learner.col, [WHOM]))
    assert learner.update(editions[4].site).words == "nothing new"
    assert suspended(learner, WHOM) == [True]


def test_a_card_that_the_learner_has_brought_back_is_the_learners_to_suspend(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    learner.update(editions[3].site, retired="suspend")
    learner.col.sched.unsuspend_cards(cards_of(learner.col, [WHOM]))
    learner.update(editions[3].site, retired="suspend")
    learner.col.sched.suspend_cards(cards_of(learner.col, [WHOM]))
    learner.update(editions[4].site, retired="suspend")
    assert suspended(learner, WHOM) == [True]


def test_a_new_card_is_not_suspended_with_siblings_that_come_back(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    learner.update(editions[2].site)
    cards = cards_of(learner.col, [GAIN])
    learner.col.sched.suspend_cards(cards)
    learner.subscription = replace(learner.subscription, suspended=tuple(cards))
    learner.update(editions[3].site)
    assert suspended(learner, GAIN) == [False, False, False]


def test_a_retired_note_is_removed_unless_something_is_written_on_it(
    learner: Subscriber, editions: list[SiteEdition]
) -> None:
    edit(learner.col, RETIRED[1], "Extra", WORDS)
    report = learner.update(editions[3].site, retired="remove")
    assert learner.col.find_notes(f'"Key:{RETIRED[0]}"') == []
    assert note_of(learner.col, RETIRED[1])["Extra"] == WORDS
    assert "did not remove 1 retired note, because you have written something there" in report.details
    assert learner.update(editions[3].site, retired="remove").words == "nothing new"


def test_empty_cards_of_others_are_not_touched(learner: Subscriber, editions: list[SiteEdition]) -> None:
    cloze = learner.col.new_note(learner.col.models.by_name("Cloze"))
    cloze["Text"] = "{{c1::mine}} {{c2::too}}"
    learner.col.add_note(cloze, learner.col.decks.id("Mine"))
    cloze["Text"] = "{{c1::mine}}"
    learner.col.update_note(cloze)
    learner.update(editions[3].site, retired="remove")
    assert len(cloze.card_ids()) == 2


# As a whole


def test_an_update_is_one_step_to_undo(learner: Subscriber, editions: list[SiteEdition]) -> None:
    study(learner.col, 5)
    before = learner.state()
    learner.update(editions[6].site, retired="suspend")
    assert learner.state() != before
    assert learner.col.undo_status().undo == STEP
    learner.col.undo()
    assert learner.state() == before
    learner.col.redo()
    assert learner.plan(editions[6].site).is_empty


@pytest.mark.parametrize(
    "name", ["write_copy", "write_notes", "follow_siblings", "settle_retired", "renew_descriptions"]
)
def test_a_failure_in_the_middle_changes_nothing(
    name: str, learner: Subscriber, editions: list[SiteEdition], monkeypatch: pytest.MonkeyPatch
) -> None:
    study(learner.col, 5)
    before, usn = learner.state(), learner.col.usn()

    def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(writing, name, fail)
        with pytest.raises(TrialdeckError, match=r"could not write the update .the disk is full.; nothing was changed"):
            learner.update(editions[5].site)
    assert (learner.state(), learner.col.usn()) == (before, usn)
    assert learner.col.undo_status().undo == ""
    assert learner.col.undo_status().redo == ""
    assert learner.update(editions[5].site).updated > 5
    learner.reopen()
    assert learner.plan(editions[5].site).is_empty


def test_a_full_sync_is_refused(
    learner: Subscriber, editions: list[SiteEdition], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = learner.state()

    def add_field(steps: Any, *_: Any) -> None:
        model = steps.col.models.by_name("Basic")
        steps.col.models.add_field(model, steps.col.models.new_field("Another"))
        steps.done(steps.col.models.update_dict(model))

    monkeypatch.setattr(writing, "write_notes", add_field)
    with pytest.raises(TrialdeckError, match="would make Anki's next sync a full one"):
        learner.update(editions[1].site)
    assert learner.state() == before
    assert len(learner.col.models.by_name("Basic")["flds"]) == 2


def test_an_older_edition_is_refused(learner: Subscriber, editions: list[SiteEdition]) -> None:
    learner.update(editions[2].site)
    before = learner.state()
    assert (
        "older edition of Cold Trials › EMBER-3 (2023-12-14) than you have (2024-01-13)"
        in learner.plan(editions[1].site).refused
    )
    with pytest.raises(TrialdeckError, match=r"older edition of .* nothing was changed"):
        learner.update(editions[1].site)
    assert learner.state() == before


def test_what_was_imported_by_hand_before_is_taken_on(tmp_path: Path, editions: list[SiteEdition]) -> None:
    learner = Subscriber(tmp_path / "by-hand")
    learner.imported(editions[0].packages)
    learner.turn_back(editions[0].built_at)
    learner.imported(editions[1].packages)
    edit(learner.col, WHY, "Extra", WORDS)
    report = learner.update(editions[3].site)
    assert report.new == 0
    assert report.kept == 0 or note_of(learner.col, WHY)["Extra"] == WORDS
    assert learner.plan(editions[3].site).is_empty
    learner.close()


def test_a_second_site_takes_over_no_note_of_the_first(learner: Subscriber, editions: list[SiteEdition]) -> None:
    """It may publish the digests of all texts of the first: what that one looks after is left out, as are its decks."""
    from trialdeck_addon.core.update import Choices, apply_update, plan_update

    first, before = learner.subscription, note_of(learner.col, WHY)["Response"]
    others = frozenset(first.places.values())
    second = replace(first, address="https://example.org/copy/", seen={}, places={})
    with learner.edition(editions[1].site) as edition:
        assert plan_update(learner.col, edition, second).updated
        assert plan_update(learner.col, edition, second, others).updated == ()
        report = apply_update(learner.col, edition, second, Choices(others=others))
        assert note_of(learner.col, WHY)["Response"] == before
        assert not others & set(report.subscription.places.values())
        assert plan_update(learner.col, edition, first, frozenset()).updated


def test_a_backup_is_made_first(learner: Subscriber, editions: list[SiteEdition], tmp_path: Path) -> None:
    from trialdeck_addon.core.update import Choices, apply_update

    backups = tmp_path / "backups"
    backups.mkdir()
    with learner.edition(editions[1].site) as edition:
        apply_update(learner.col, edition, learner.subscription, Choices(backup_folder=backups))
    assert [path.suffix for path in backups.iterdir()] == [".colpkg"]


def test_without_a_backup_nothing_is_changed(learner: Subscriber, editions: list[SiteEdition], tmp_path: Path) -> None:
    from trialdeck_addon.core.update import Choices, apply_update

    before = learner.state()
    with learner.edition(editions[1].site) as edition, pytest.raises(TrialdeckError, match="could not make a backup"):
        apply_update(learner.col, edition, learner.subscription, Choices(backup_folder=tmp_path / "none" / "there"))
    assert learner.state() == before


def test_decks_that_got_another_id_are_followed(learner: Subscriber, editions: list[SiteEdition]) -> None:
    assert "cold-ember-3" in learner.subscription.decks
    learner.update(editions[9].site)
    assert "cold-ember-iii" in learner.subscription.decks
    assert "cold-ember-3" not in learner.subscription.decks
