"""Subscriptions and settings in the folder of a profile: whole or not at all, and never silently gone."""

import json
import os
from pathlib import Path

import pytest

from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.subscriptions import FILE, LARGEST_LOG, LOG, Seen, Settings, Store, Subscription

ONE = Subscription(
    "https://example.org/decks/", "Trials", ("a", "b"), "errors@example.org", seen={"a": Seen("Spring", 1_700_000_000)},
    places={"Trials::A": 1_700_000_000_001}, descriptions={"Trials::A": "0" * 24}, kept=("g d",),
    suspended=(5, 7), waiting=2,
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
