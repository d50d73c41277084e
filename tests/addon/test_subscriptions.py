"""Subscriptions and settings in the folder of a profile: whole or not at all, and never silently gone."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.feed import Changes, Feed, FeedDeck, RemoteFile
from trialdeck_addon.core.subscriptions import FILE, LARGEST_LOG, LOG, Seen, Settings, Store, Subscription, Trace

ONE = Subscription(
    "https://example.org/decks/", "Trials", ("a", "b"), "errors@example.org", seen={"a": Seen("Spring", 1_700_000_000)},
    places={"Trials::A": 1_700_000_000_001}, descriptions={"Trials::A": "0" * 24}, kept=("g d",),
    suspended=(5, 7), waiting=2, traces={"1700000000002": Trace(1_700_000_000, "1" * 24)}, known=("a", "b", "c"),
    former=(Subscription("https://example.org/decks/", "Trials", ("a",), suspended=(5,)),),
)  # fmt: skip
TWO = Subscription("/home/learner/site", "Größe", ())


def test_settings_are_read_back(tmp_path: Path) -> None:
    settings = Settings((ONE, TWO), offer_after_sync=False, retired="suspend", looked_at=5, contributor="Jane Doe")
    Store(tmp_path).save(settings)
    assert Store(tmp_path).load() == (settings, "")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_new_profile_has_none(tmp_path: Path) -> None:
    assert Store(tmp_path).load() == (Settings(), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 2}', '{"format":1,"retired":"x"}', "\0" * 500, "[" * 100_000]
)
def test_a_damaged_file_is_kept_aside_and_said(text: str, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        settings, line = Store(tmp_path).load()
        assert settings == Settings()
        assert line.startswith(f"your list of subscriptions was damaged: it is kept as trialdeck.damaged-{number}.json")
        assert (tmp_path / f"trialdeck.damaged-{number}.json").read_text(encoding="utf-8") == text
        assert not (tmp_path / FILE).exists()


def test_a_value_of_another_kind_is_damage(tmp_path: Path) -> None:
    Store(tmp_path).save(Settings((ONE,)))
    stored = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    stored["subscriptions"][0]["address"] = 5
    (tmp_path / FILE).write_text(json.dumps(stored), encoding="utf-8")
    assert "was damaged" in Store(tmp_path).load()[1]


def test_a_disk_that_refuses_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.save(Settings((ONE,)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TrialdeckError, match="could not be saved: No space left on device"):
        store.save(Settings((TWO,)))
    assert store.load() == (Settings((ONE,)), "")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_subscription_is_replaced_by_its_address() -> None:
    settings = Settings().with_subscription(ONE).with_subscription(TWO)
    renamed = Subscription(ONE.address, "Other", ("a",))
    assert settings.with_subscription(renamed).subscriptions == (renamed, TWO)
    assert settings.subscription(TWO.address) == TWO
    assert settings.without(ONE.address).subscriptions == (TWO,)
    assert settings.subscription("https://elsewhere.example/") is None


def test_the_log_begins_anew_before_it_is_too_large(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.log("3 updated,\n2 new", 0)
    assert store.log_path.read_text(encoding="utf-8").endswith("3 updated, 2 new\n")
    store.log("x" * LARGEST_LOG, 1)
    store.log("later", 2)
    assert (tmp_path / LOG).read_text(encoding="utf-8").count("\n") == 1
    assert (tmp_path / f"{LOG}.1").read_text(encoding="utf-8").startswith("19")


def test_a_log_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / LOG).mkdir()
    Store(tmp_path).log("a line", 0)


def test_a_site_that_moves_to_one_that_is_followed_already_loses_nothing() -> None:
    there = Subscription(
        "https://example.com/decks/", "Trials", ("b", "c"), seen={"a": Seen("Summer", 1_800_000_000)},
        places={"Trials::C": 3}, kept=("h e",), suspended=(9,),
    )  # fmt: skip
    (moved,) = Settings((ONE, there)).with_moved(ONE.address, there.address).subscriptions
    assert (moved.address, moved.decks, moved.waiting) == (there.address, ("a", "b", "c"), 2)
    assert moved.seen == there.seen
    assert moved.places == {"Trials::A": 1_700_000_000_001, "Trials::C": 3}
    assert (moved.kept, moved.suspended) == (("g d", "h e"), (5, 7, 9))
    (alone,) = Settings((ONE,)).with_moved(ONE.address, there.address).subscriptions
    assert (alone.address, alone.seen, alone.kept) == (there.address, ONE.seen, ONE.kept)
    assert (alone.traces, alone.former) == (ONE.traces, ONE.former)


def test_what_a_learner_chooses_forgets_no_update() -> None:
    chosen = replace(ONE, decks=("a", "c"), seen={}, kept=(), suspended=(), former=(), known=("d",))
    (found,) = Settings((ONE,)).with_choice(chosen).subscriptions
    assert found == replace(ONE, decks=("a", "c"), known=("a", "b", "c", "d"))
    assert Settings().with_choice(chosen).subscriptions == (chosen,)


def test_what_is_chosen_while_an_update_runs_stays_chosen() -> None:
    after = replace(ONE, decks=("a2", "b"), seen={"a": Seen("Summer", 1_800_000_000)}, kept=("g d", "h e"))
    assert Settings((ONE,)).with_update(ONE, after).subscriptions == (after,)
    chosen = replace(ONE, decks=("a", "c"), kept=(), known=("a", "b", "c", "d"))
    (found,) = Settings((chosen,)).with_update(ONE, after).subscriptions
    assert found == replace(after, decks=("a", "c"), kept=("h e",), known=chosen.known)


def test_a_subscription_that_is_removed_or_moved_while_an_update_runs_stays_so() -> None:
    after = replace(ONE, waiting=0)
    assert Settings((TWO,)).with_update(ONE, after).subscriptions == (TWO,)
    target = "https://example.com/decks/"
    moved = Settings((ONE,)).with_moved(ONE.address, target)
    assert moved.with_update(ONE, after, target).subscriptions == (replace(after, address=target),)
    there = Subscription(target, "Trials", ("z",), seen={"z": Seen("May", 3)}, kept=("z z",), suspended=(11,))
    (joined,) = Settings((ONE, there)).with_moved(ONE.address, target).with_update(ONE, after, target).subscriptions
    assert joined.seen == {**ONE.seen, **there.seen}
    assert (joined.address, joined.kept, joined.suspended) == (target, ("g d", "z z"), (5, 7, 11))


def test_a_file_of_before_has_no_traces(tmp_path: Path) -> None:
    Store(tmp_path).save(Settings((ONE,)))
    stored = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    for name in ("traces", "former", "known"):
        del stored["subscriptions"][0][name]
    (tmp_path / FILE).write_text(json.dumps(stored), encoding="utf-8")
    assert Store(tmp_path).load()[0].subscriptions == (replace(ONE, traces={}, former=(), known=()),)


def deck(deck_id: str, group: str = "cold", formerly: tuple[str, ...] = ()) -> FeedDeck:
    file = RemoteFile("a.apkg", 1, "0" * 64)
    return FeedDeck(deck_id, deck_id, deck_id, group, "Spring", 1, file, 1, 1, Changes(0, 0, 0, ""), formerly)


def test_new_decks_of_a_followed_group_are_offered_until_they_are_answered() -> None:
    decks = (deck("a"), deck("b2", formerly=("b",)), deck("c"), deck("d"), deck("e"), deck("f", "warm"))
    feed = Feed("Trials", "", "", "Spring", "", "", "", RemoteFile("p", 1, "0" * 64), decks)
    assert [each.id for each in ONE.fresh(feed)] == ["d", "e"]
    assert replace(ONE, known=()).fresh(feed) == ()
    settings = Settings((ONE,)).with_answer(ONE.address, ["d"], follows=False)
    settings = settings.with_answer(ONE.address, ["e"], follows=True)
    (found,) = settings.subscriptions
    assert found.decks == ("a", "b", "e")
    assert found.fresh(feed) == ()
    assert Settings().with_answer(ONE.address, ["d"], follows=True) == Settings()
