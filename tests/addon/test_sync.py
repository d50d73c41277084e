"""Two computers and a phone with a real sync server: normal syncs alone; what is lost is what nobody can keep."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addon_editions import SiteEdition, publish_editions
from subscriber import TAG, WORDS, Subscriber, edit, note_of, study
from trialdeck_addon.core.fetch import fetch_feed, parse_address
from trialdeck_addon.core.updating.news import news_of

WHY, WHOM, FROST = "ember-3/question/why", "ember-3/question/whom", "frost-1/question/why"
NO_CHANGES, NORMAL, FULL_UPLOAD = 0, 1, 4


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[SiteEdition]:
    return publish_editions(tmp_path_factory.mktemp("editions"), count=3)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Anki's own sync server, with a user of the name and password `learner`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        **os.environ, "SYNC_USER1": "learner:learner", "SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port),
        "SYNC_BASE": str(tmp_path_factory.mktemp("server")), "RUST_LOG": "error",
    }  # fmt: skip
    program = subprocess.Popen([sys.executable, "-m", "anki.syncserver"], env=variables, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        program.terminate()
        program.wait(10)


class Device(Subscriber):
    """A collection that syncs."""

    def __init__(self, folder: Path, server: str) -> None:
        super().__init__(folder)
        self._auth = self.col.sync_login("learner", "learner", server)

    def full(self, *, upload: bool) -> None:
        self.col.close_for_full_sync()
        self.col.full_upload_or_download(auth=self._auth, server_usn=None, upload=upload)
        self.col.reopen(after_full_sync=True)

    def sync(self) -> int:
        """Sync, and return what that would need: NORMAL and NO_CHANGES are done, any other is a full sync."""
        required: int = self.col.sync_collection(self._auth, sync_media=False).required
        return required


@pytest.fixture
def devices(server: str, tmp_path: Path, editions: list[SiteEdition]) -> Iterator[list[Any]]:
    """Two computers and a phone with the first edition."""
    desk, laptop, phone = (Device(tmp_path / name, server) for name in ("desk", "laptop", "phone"))
    desk.update(editions[0].site)
    study(desk.col, 10)
    desk.full(upload=True)
    for other in (laptop, phone):
        other.full(upload=False)
    yield [desk, laptop, phone]
    for device in (desk, laptop, phone):
        device.close()


def notes_of(device: Device) -> dict[str, Any]:
    notes: dict[str, Any] = device.state()["notes"]
    return notes


def test_an_update_syncs_as_any_change(devices: list[Device], editions: list[SiteEdition]) -> None:
    desk, laptop, phone = devices
    edit(phone.col, WHY, "Extra", WORDS)
    study(laptop.col, 5)
    laptop.col.tags.bulk_add([note_of(laptop.col, WHOM).id], TAG)
    for device in (phone, laptop, desk):
        assert device.sync() in {NO_CHANGES, NORMAL}
    for edition in editions[1:]:
        desk.update(edition.site)
        assert desk.sync() in {NO_CHANGES, NORMAL}
    for device in (laptop, phone):
        assert device.sync() in {NO_CHANGES, NORMAL}
        assert notes_of(device) == notes_of(desk)
        assert device.state()["cards"] == desk.state()["cards"]
    why = note_of(phone.col, WHY)
    assert "palm of the hand" in why["Response"]
    assert why["Extra"] == WORDS
    assert TAG in note_of(phone.col, WHOM).tags


def test_two_computers_may_update_before_they_sync(devices: list[Device], editions: list[SiteEdition]) -> None:
    desk, laptop, _ = devices
    for device in (desk, laptop):
        device.update(editions[2].site)
    edit(laptop.col, FROST, "Extra", WORDS)
    for device in (desk, laptop, desk):
        assert device.sync() in {NO_CHANGES, NORMAL}
    assert notes_of(desk) == notes_of(laptop)
    assert len(notes_of(desk)) == 32
    assert note_of(desk.col, FROST)["Extra"] == WORDS
    assert desk.plan(editions[2].site).is_empty
    assert laptop.plan(editions[2].site).is_empty


def test_what_another_computer_has_brought_is_nothing_to_do(devices: list[Device], editions: list[SiteEdition]) -> None:
    desk, laptop, _ = devices
    laptop.update(editions[0].site)
    edit(laptop.col, WHY, "Extra", WORDS)
    edit(laptop.col, WHOM, "Response", " Mine.")
    for device in (laptop, desk):
        assert device.sync() in {NO_CHANGES, NORMAL}
    desk.update(editions[2].site)
    for device in (desk, laptop):
        assert device.sync() in {NO_CHANGES, NORMAL}
    before = laptop.state()
    feed = fetch_feed(parse_address(str(editions[2].site)))
    found = news_of(laptop.col, laptop.subscription, feed)
    assert found.may_be_here
    assert laptop.plan(editions[2].site).is_empty
    report = laptop.update(editions[2].site)
    assert (report.words, report.changes) == ("nothing new", None)
    assert news_of(laptop.col, laptop.subscription, feed).decks == ()
    assert laptop.state() == before
    assert laptop.sync() == NO_CHANGES
    assert note_of(laptop.col, WHY)["Extra"] == WORDS
    assert "palm of the hand" in note_of(laptop.col, WHY)["Response"]
    assert note_of(laptop.col, WHOM)["Response"].endswith(" Mine.")


def test_an_edition_that_no_computer_has_brought_is_news(devices: list[Device], editions: list[SiteEdition]) -> None:
    desk, *_ = devices
    found = news_of(desk.col, desk.subscription, fetch_feed(parse_address(str(editions[1].site))))
    assert [deck.id for deck in found.decks] == ["cold-ember-3"]
    assert not found.may_be_here
    assert found.line.endswith("is there, with news in 1 deck.")


def test_what_a_phone_has_not_synced_is_lost_on_notes_that_were_updated(
    devices: list[Device], editions: list[SiteEdition]
) -> None:
    # Anki syncs whole notes, and the newer one wins: no program on the desk can see what the phone has.
    desk, _, phone = devices
    for key in (WHY, FROST):
        edit(phone.col, key, "Extra", WORDS)
    phone.col.db.execute("update notes set mod = mod - 60 where usn = -1")
    desk.update(editions[1].site)
    for device in (desk, phone, desk):
        assert device.sync() in {NO_CHANGES, NORMAL}
    assert note_of(phone.col, WHY)["Extra"] == ""
    assert "palm of the hand" in note_of(phone.col, WHY)["Response"]
    # An update touches only what the authors have changed: on all other notes it stays.
    assert note_of(desk.col, FROST)["Extra"] == WORDS


def test_what_a_phone_writes_after_the_update_keeps_its_text_until_the_next_one(
    devices: list[Device], editions: list[SiteEdition]
) -> None:
    # The phone's note is newer, and has the former text: the next update brings the correction, and keeps the words.
    desk, _, phone = devices
    desk.update(editions[1].site)
    desk.col.db.execute("update notes set mod = mod - 60 where usn = -1")
    edit(phone.col, WHY, "Extra", WORDS)
    for device in (desk, phone, desk):
        assert device.sync() in {NO_CHANGES, NORMAL}
    assert "palm of the hand" not in note_of(desk.col, WHY)["Response"]
    assert desk.update(editions[1].site).words == "1 updated; kept what you wrote on 1"
    assert "palm of the hand" in note_of(desk.col, WHY)["Response"]
    assert note_of(desk.col, WHY)["Extra"] == WORDS
    assert desk.sync() in {NO_CHANGES, NORMAL}
