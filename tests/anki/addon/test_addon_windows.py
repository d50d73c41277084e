"""The windows of the add-on in Anki: what they say, ask and offer, and what goes out."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from jsonschema import Draft202012Validator

from addon_program import Theatre, built_addon
from anki_releases import NEWEST, Release
from folders import ROOT
from many_editions import many_editions
from matrices import IS_FULL
from web_folder import served

RELEASES = (Release("24.11"), NEWEST) if IS_FULL else (NEWEST,)
ASKED = "ember-3/question/why"
EDITED = {ASKED: " mine &lt;b&gt;", "ember-3/question/doubt": " my own"}
SCHEMA = ROOT / "schemas" / "suggestions.schema.json"
STARTED = ("", ".start", ".menus", ".daily", ".profile")


class Faulty(BaseHTTPRequestHandler):
    """A server that answers with a page for everything, and with another host for a redirect."""

    def do_GET(self) -> None:
        if self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", "https://example.org/feed.json")
            self.end_headers()
            return
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><p>Nothing here")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        pass


@contextmanager
def faulty() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Faulty) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module", params=RELEASES, ids=str)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What a tour through all windows has noted."""
    folder = tmp_path_factory.mktemp("tour")
    # The last edition has new ids, which are another matter.
    sites = many_editions(folder, 3).sites[:3]
    current = folder / "current"
    current.symlink_to(sites[0])
    with served(current) as address, served(current, is_slow=True) as slow, faulty() as fault:
        refuse = {
            "nothing": "", "words": "my decks", "scheme": "ftp://example.org/", "folder": str(folder / "no such"),
            "missing": f"{fault}/missing/", "page": f"{fault}/page/", "elsewhere": f"{fault}/elsewhere/",
        }  # fmt: skip
        package = built_addon(folder)
        return Theatre(folder / "anki", package, request.param).play(
            "tour", address=f"{address}trials/ember-3.html", refuse=refuse, current=str(current),
            sites=[str(site) for site in sites[1:]], edited=EDITED, package=str(package), slow=slow,
        )  # fmt: skip


def test_nothing_but_the_menus_is_loaded_when_anki_starts(told: Mapping[str, Any]) -> None:
    assert set(told["imported"]) == {"", ".core", ".core.subscriptions", *map(".gui".__add__, STARTED)}


def test_anki_installs_the_file_of_a_site(told: Mapping[str, Any]) -> None:
    assert told["installed"] == ["Trialdeck: trial decks that stay up to date", True, []]


def test_a_wrong_address_is_a_line_that_says_what_to_do(told: Mapping[str, Any]) -> None:
    refused = told["refused"]
    assert "give the address of a site" in refused["nothing"]
    assert "names no host" in refused["words"]
    assert "give one with https://" in refused["scheme"]
    assert "there is no folder" in refused["folder"]
    assert "is this the address of the folder of the site?" in refused["missing"]
    assert "is a web page, not JSON" in refused["page"]
    assert "https://example.org, which is another host" in refused["elsewhere"]
    assert all("\n" not in line and "Traceback" not in line for line in refused.values())
    assert all(line in told["log"] for line in refused.values())


def test_what_would_change_is_said_and_nothing_is_changed(told: Mapping[str, Any]) -> None:
    assert "updated" in told["plan"]
    assert "to ask you about" in told["plan"]
    assert "Changed by you and by the authors\nWhy does emberol work?" in told["plan_notes"]


def test_both_texts_are_shown_with_what_differs(told: Mapping[str, Any]) -> None:
    texts = [text for key, text in zip(told["asked"], told["texts"], strict=True) if key == ASKED]
    assert len(texts) == 2
    for text in texts:
        assert "palm of the hnad." in text
        assert "mine <b>" in text
        assert "palm of the hand." in text
        assert "mailto:" not in text


def test_a_kept_note_is_asked_for_again_if_the_learner_wants_it(told: Mapping[str, Any]) -> None:
    assert "Why does emberol work?  (until it changes again)" in told["kept"]
    assert told["taken"][ASKED]["Response"] == "<p>It binds <strong>emberin</strong> in the palm of the hand.</p>"


def test_an_update_is_offered_after_a_sync_once_the_review_is_over(told: Mapping[str, Any]) -> None:
    assert told["offered_in_review"] is False
    assert "edition Spring is there" in told["offer"]
    assert told["looks"] == [
        ["the same day", 0],
        ["switched off", 0],
        ["the profile is being closed", 0],
        ["another day", 1],
    ]


def test_the_window_says_that_an_update_was_undone(told: Mapping[str, Any]) -> None:
    before, undone, redone = told["undone"]
    assert "\nNew: edition" in undone
    assert "\nNew: edition" not in before
    assert redone == before


def test_what_another_computer_has_brought_is_remembered_and_not_offered(told: Mapping[str, Any]) -> None:
    assert told["brought"] == [0, True]


def test_a_deck_that_is_new_on_the_page_is_followed_only_if_the_learner_says_so(told: Mapping[str, Any]) -> None:
    text, (declined, few), again, (_, all_decks), is_offered_again = told["new_decks"]
    assert text.startswith("Cold Trials has 1 new deck:\n")
    assert text.endswith("\n\nFollow it as well?")
    assert again == text
    assert "new deck" not in declined
    assert all_decks == few + 1
    assert is_offered_again is False
    assert told["later"]


def test_all_that_is_sent_is_what_was_shown(told: Mapping[str, Any]) -> None:
    assert told["key"] == "Ctrl+Shift+K"
    assert told["shown"] == "It binds emberin in the palm of the hnad."
    assert told["as_html"] == "<p>It binds <strong>emberin</strong> in the palm of the hnad.</p>"
    assert "change the text as it should be" in told["nothing_yet"]
    assert "errors@example.org" in told["goes"]
    (link,) = told["links"]
    address, _, query = link.partition("?")
    assert address == "mailto:errors@example.org"
    assert parse_qs(query)["body"] == [told["letter"].replace("\n", "\r\n")]
    assert "my own words" not in told["letter"]
    assert "my::own::tag" not in told["letter"]
    sent = json.loads(told["letter"][told["letter"].index("{\n") :])
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(sent)
    change = sent["suggestions"][0]["fields"]["Response"]
    assert change["before"] == "<p>It binds <strong>emberin</strong> in the palm of the hnad.</p>"
    assert change["after"] == change["before"].replace("palm", "heel")


def test_a_note_can_be_corrected_from_the_browser(told: Mapping[str, Any]) -> None:
    assert told["in_browser"].startswith("Write what the card should say.")


def test_cards_stay_when_a_subscription_is_removed(told: Mapping[str, Any]) -> None:
    assert told["stay"]


def test_a_download_can_be_stopped(told: Mapping[str, Any]) -> None:
    assert "not fetched yet" in told["stopped"]
    assert told["unchanged"]


def test_what_a_feed_says_is_plain_text(told: Mapping[str, Any]) -> None:
    assert told["rich"] == []


def test_anki_shows_no_error(told: Mapping[str, Any]) -> None:
    assert told["faults"] == []
