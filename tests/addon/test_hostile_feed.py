"""A feed that wants harm, or is damaged: each part of it is refused with a line that says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.address import moved, parse_address
from trialdeck_addon.core.feed import parse_feed, parse_published

FILE = {"file": "published.json", "size": 10, "sha256": "0" * 64}
DECK = {
    "id": "all", "name": "All", "deck": "Trials::All", "group": "all", "edition": "2026-01-01",
    "changed": 1_767_000_000, "package": {**FILE, "file": "packages/all.apkg"}, "notes": 3, "cards": 4,
    "changes": {"new": 1, "changed": 1, "retired": 0, "text": "New: 1 note\n- Why?"},
}  # fmt: skip
FEED = {
    "format": 1, "name": "Trials", "homepage": "https://example.org/", "license": "CC BY 4.0", "edition": "2026-01-01",
    "preview": False, "least_addon": "1.0", "report": "errors@example.org", "moved_to": "", "editions": "editions.html",
    "published": FILE, "decks": [DECK],
}  # fmt: skip


def changed(path: str, value: Any) -> bytes:
    """Return the feed with another value at a path such as `decks.0.package.file`; `...` takes it out."""
    feed = json.loads(json.dumps(FEED))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = feed
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(feed).encode()


HOSTILE: list[tuple[str, Any, str]] = [
    ("format", 2, "update the add-on, or the site"),
    ("format", "1", "'format' is missing or no count"),
    ("format", True, "'format' is missing or no count"),
    ("least_addon", "1.0.1", "asks for version 1.0.1 of this add-on, and you have"),
    ("least_addon", "99", "asks for version 99 of this add-on"),
    ("least_addon", "1.x", "is not a version"),
    ("least_addon", ..., "'least_addon' is missing or no text"),
    ("preview", True, "preview of decks that were not built yet"),
    ("preview", 0, "neither true nor false"),
    ("name", ..., "'name' is missing or no text"),
    ("name", " ", "'name' is blank"),
    ("name", "A" * 501, "more than 500 characters"),
    ("name", "Tri\u202eals", "characters that nobody can see"),
    ("name", "Tri\nals", "characters that nobody can see"),
    ("name", {"a": 1}, "'name' is missing or no text"),
    ("homepage", "javascript:alert(1)", "is not a web address"),
    ("homepage", "data:text/html,x", "is not a web address"),
    ("report", "javascript:alert(1)", "is not a web or mail address"),
    ("report", "file:///etc/passwd", "is not a web or mail address"),
    ("report", "a@b.c?cc=everybody@example.org", "is not a web or mail address"),
    ("moved_to", "ftp://example.org/", "is not a web address with a slash at its end"),
    ("moved_to", "https://example.org", "is not a web address with a slash at its end"),
    ("editions", "../../secret", "is not an address below the feed"),
    ("published.file", "/etc/passwd", "is not an address below the feed"),
    ("published.file", "https://example.com/published.json", "is not an address below the feed"),
    ("published.size", 1 << 40, "is the most that this add-on takes"),
    ("published.sha256", "0" * 63, "is not a SHA-256"),
    ("published", [], "'published' is missing or no object"),
    ("decks", {}, "'decks' is missing or no list of objects"),
    ("decks", [1], "'decks' is missing or no list of objects"),
    ("decks", [DECK] * 5001, "5,000 is the most that this add-on takes"),
    ("decks", [DECK, DECK], "has two decks of the id 'all'"),
    ("decks.0.id", "", "'id' is blank"),
    ("decks.0.deck", "Trials::", "is not the name of a deck"),
    ("decks.0.changed", -1, "'changed' is missing or no count"),
    ("decks.0.changed", 1.5, "'changed' is missing or no count"),
    ("decks.0.notes", 10**9, "is the most that this add-on takes"),
    ("decks.0.package.file", "../all.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "packages/../../all.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "packages/%2e%2e/all.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "packages%2f..%2fall.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "packages%5call.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "C%3a/all.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "//example.com/all.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "file:///all.apkg", "is not an address below the feed"),
    ("decks.0.package.file", "a%00.apkg", "is not an address below the feed"),
    ("decks.0.package.size", 2 << 30, "536,870,912 is the most that this add-on takes"),
    ("decks.0.package.size", "10", "'size' is missing or no count"),
    ("decks.0.changes.text", "x" * 50_001, "more than 50,000 characters"),
    ("decks.0.changes.new", None, "'new' is missing or no count"),
    ("decks.0.formerly", "all", "is missing or no list of texts"),
    ("decks.0.formerly", [1], "is missing or no text"),
]


@pytest.mark.parametrize(("path", "value", "line"), HOSTILE, ids=lambda value: str(value)[:40])
def test_a_feed_is_refused(path: str, value: Any, line: str) -> None:
    with pytest.raises(TrialdeckError) as raised:
        parse_feed(changed(path, value))
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 250


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"a": NaN}', b'{"a":1,"a":2}', b"\xff\xfe",
        b'{"format": 1' + b"0" * 5000 + b"}",
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(TrialdeckError):
        parse_feed(data)
    with pytest.raises(TrialdeckError):
        parse_published(data)


def test_markup_in_names_stays_text() -> None:
    feed = parse_feed(changed("name", "<img src=x onerror=alert(1)> & co"))
    assert feed.name == "<img src=x onerror=alert(1)> & co"


def test_the_feed_itself_is_taken() -> None:
    feed = parse_feed(json.dumps({**FEED, "later": {"any": "thing"}}).encode())
    assert [deck.id for deck in feed.decks] == ["all"]
    assert feed.deck("all") == feed.decks[0]
    assert feed.deck("none") is None


def test_a_deck_is_found_by_a_former_id() -> None:
    feed = parse_feed(changed("decks.0.formerly", ["old"]))
    assert feed.deck("old") == feed.decks[0]


PUBLISHED: list[tuple[Any, str]] = [
    ({"format": 2, "notes": {}}, "update the add-on"),
    ({"format": 1}, "'notes' is missing or no object"),
    ({"format": 1, "notes": {"g": "x"}}, "'g' is no list of digests"),
    ({"format": 1, "notes": {"g": ["x"]}}, "'g' has something that is no digest"),
    ({"format": 1, "notes": {"g": [1]}}, "'g' has something that is no digest"),
    ({"format": 1, "notes": {"": []}}, "is no list of digests"),
    ({"format": 1, "notes": {"g" * 201: []}}, "is no list of digests"),
    ({"format": 1, "notes": {}, "parts": []}, "'parts' is missing or no object"),
    ({"format": 1, "notes": {}, "parts": {"1": [""]}}, "'1' has something that is no digest"),
]


@pytest.mark.parametrize(("value", "line"), PUBLISHED, ids=lambda value: str(value)[:40])
def test_published_texts_are_refused(value: Any, line: str) -> None:
    with pytest.raises(TrialdeckError) as raised:
        parse_published(json.dumps(value).encode())
    assert line in str(raised.value)


def test_published_texts_without_parts_are_those_of_an_older_site() -> None:
    published = parse_published(b'{"format":1,"notes":{"g":["' + b"0" * 24 + b'"]}}')
    assert published.notes == {"g": frozenset({"0" * 24})}
    assert published.parts == {}


ADDRESSES = {
    "https://example.org/decks/": "https://example.org/decks/",
    "https://example.org/decks": "https://example.org/decks/",
    "https://Example.org": "https://example.org/",
    " <https://example.org/decks/feed.json> ": "https://example.org/decks/",
    "example.org/decks/index.html?a=b#c": "https://example.org/decks/",
    "https://example.org:8443/a b/": "https://example.org:8443/a%20b/",
    "http://localhost:8000": "http://localhost:8000/",
    "localhost:8000/decks/": "http://localhost:8000/decks/",
    "https://münchen.example/": "https://xn--mnchen-3ya.example/",
}


@pytest.mark.parametrize(("typed", "address"), ADDRESSES.items())
def test_an_address_is_read_as_people_give_it(typed: str, address: str) -> None:
    assert parse_address(typed).text == address


NO_ADDRESSES = {
    "": "give the address of a site",
    "http://example.org/": "is not safe",
    "javascript:alert(1)": "addresses that begin with javascript: are not taken",
    "ftp://example.org/": "addresses that begin with ftp: are not taken",
    "https://user:secret@example.org/": "a user name or a password",
    "https://": "is not a web address",
    "https://intranet/": "it names no host",
    "https://exa mple.org:99999/": "is not a web address",
    "/no/such/folder": "there is no folder",
    "file://server/share": "a folder of another machine",
    "https://example.org/" + "a" * 3000: "is not a web address",
}


@pytest.mark.parametrize(("typed", "line"), NO_ADDRESSES.items(), ids=lambda value: value[:30])
def test_what_is_no_address_is_a_line(typed: str, line: str) -> None:
    with pytest.raises(TrialdeckError) as raised:
        parse_address(typed)
    assert line in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_folder_is_known_by_its_path(tmp_path: Path) -> None:
    assert parse_address(str(tmp_path)).is_folder
    assert (
        parse_address(tmp_path.as_uri()) == parse_address(str(tmp_path / "feed.json")) == parse_address(str(tmp_path))
    )


def test_a_feed_that_moved_is_not_followed_to_where_it_is() -> None:
    here, there = parse_address("https://example.org/a/"), "https://example.org/b/"
    assert moved(here, there) == parse_address(there)
    assert moved(here, "") is moved(here, here.text) is moved(here, "http://example.org/b/") is None
