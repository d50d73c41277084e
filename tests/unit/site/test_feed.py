"""What programs read of a site: the feed, and the published texts."""

import json
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from trialdeck.editions.ledger import NOTE_TYPE, Ledger, Line
from trialdeck.records.schema import schema_text
from trialdeck.site.feed.changes import MOST, DeckChanges, deck_changes
from trialdeck.site.feed.feed import FORMAT, LEAST_ADDON, Feed, FeedDeck, FeedFile, feed_json
from trialdeck.site.feed.published import published_json

FEED = Draft202012Validator(json.loads(schema_text("feed")))
LINE = Line("a/question/why", "g", "h", 1, 1, since="1", edition="1", kind="question", label="Why?")
FILE = FeedFile("published.json", 2, sha256(b"{}").hexdigest())


def lines(count: int, **more: str) -> list[Line]:
    return [replace(LINE, key=f"a/question/{n:03}", guid=str(n), label=f"Q{n}", **more) for n in range(count)]


# changes


def test_a_new_deck_names_none_of_its_notes() -> None:
    assert deck_changes(lines(3), "1", 3) == DeckChanges(3, 0, 0, "New: all of its 3 notes")


def test_new_changed_and_retired_notes_are_named() -> None:
    new = replace(LINE, guid="n", key="a/new", label="New?", since="2", edition="2")
    edited = replace(LINE, guid="e", key="a/edited", label="Edited?", edition="2")
    stone = replace(LINE, guid="r", key="a/gone", label="Gone?", edition="2", retired="2026-11-29")
    assert deck_changes([LINE, stone, edited, new], "2", 3) == DeckChanges(
        1, 1, 1, "New: 1 note\n- New?\nChanged: 1 note\n- Edited?\nRetired: 1 note\n- Gone?"
    )


def test_a_note_that_came_back_is_changed() -> None:
    assert deck_changes([replace(LINE, edition="3"), *lines(2)], "3", 3).changed == 1


def test_a_retired_note_whose_reason_changed_is_not_retired_again() -> None:
    stone = replace(LINE, edition="3", retired="2026-11-29", withdrawn="2")
    assert deck_changes([stone, *lines(2)], "3", 2) == DeckChanges(0, 1, 0, "Changed: 1 note\n- Why?")


def test_an_edition_that_changed_nothing_says_nothing() -> None:
    assert deck_changes(lines(2), "9", 2) == DeckChanges(0, 0, 0, "")


def test_a_long_list_says_how_many_more_there_are() -> None:
    told = deck_changes([replace(line, edition="2") for line in lines(MOST + 5)], "2", MOST + 5).text.split("\n")
    assert len(told) == MOST + 2
    assert told[-1] == "- and 5 more"


def test_a_note_without_a_label_is_called_by_its_key() -> None:
    assert "- a/question/why" in deck_changes([replace(LINE, label="", edition="2"), *lines(1)], "2", 2).text


# published.json


def test_published_texts_are_an_object_of_guids_with_a_line_for_each_note() -> None:
    one, two = replace(LINE, guid="b", published=("1", "2")), replace(LINE, guid='a"', published=("3",))
    content = published_json(Ledger({"b": one, 'a"': two}))
    assert content == b'{"format":1,"notes":{\n"a\\"":["3"],\n"b":["1","2"]\n},"parts":{\n\n}}\n'
    assert json.loads(content) == {"format": 1, "notes": {'a"': ["3"], "b": ["1", "2"]}, "parts": {}}


def test_notes_without_texts_are_not_there() -> None:
    look = replace(LINE, key=f"{NOTE_TYPE}question", guid="1")
    assert json.loads(published_json(Ledger({"1": look, "g": LINE}))) == {"format": 1, "notes": {}, "parts": {}}


def test_styles_and_templates_are_published_by_their_ids() -> None:
    look = replace(LINE, key=f"{NOTE_TYPE}question", guid="1", published=("1:bb", "2:dd", "1:aa"))
    other = replace(LINE, key=f"{NOTE_TYPE}cloze", guid="3", published=("3:cc",))
    parts = json.loads(published_json(Ledger({"1": look, "3": other})))["parts"]
    assert parts == {"1": ["aa", "bb"], "2": ["dd"], "3": ["cc"]}


digests = st.lists(st.text("0123456789abcdef", min_size=24, max_size=24), unique=True).map(sorted).map(tuple)


@given(st.dictionaries(st.text(min_size=1).filter(lambda text: text.isprintable()), digests))
def test_published_texts_can_be_read_back_and_do_not_depend_on_order(notes: dict[str, tuple[str, ...]]) -> None:
    made = [replace(LINE, key=f"a/{guid}", guid=guid, published=texts) for guid, texts in notes.items()]
    content = published_json(Ledger({line.guid: line for line in made}))
    assert json.loads(content)["notes"] == {guid: list(texts) for guid, texts in notes.items() if texts}
    assert published_json(Ledger({line.guid: line for line in reversed(made)})) == content


# feed.json

texts = st.text(st.characters(codec="utf-8"), min_size=1)
counts = st.integers(0, 10**12)
decks = st.builds(
    FeedDeck, id=texts, name=texts, deck=texts, group=texts, edition=texts, changed=counts,
    package=st.just(replace(FILE, file="packages/all-dawn-1.apkg")), notes=counts, cards=counts,
    changes=st.builds(DeckChanges, counts, counts, counts, st.text(st.characters(codec="utf-8"))),
)  # fmt: skip
feeds = st.builds(
    Feed, format=st.just(FORMAT), name=texts, homepage=texts, license=texts, edition=texts, preview=st.booleans(),
    least_addon=st.just(LEAST_ADDON), report=texts, moved_to=st.sampled_from(["", "https://example.org/new/"]),
    editions=st.just("editions.html"), published=st.just(FILE), decks=st.lists(decks, max_size=4).map(tuple),
)  # fmt: skip


@given(feeds)
def test_every_feed_is_what_its_schema_says(feed: Feed) -> None:
    data = json.loads(feed_json(feed))
    FEED.validate(data)
    assert data["name"] == feed.name
    assert [deck["changes"]["text"] for deck in data["decks"]] == [deck.changes.text for deck in feed.decks]


@given(
    feeds, st.sampled_from(["/etc/passwd", "../up.apkg", "a/../../up", "https://example.org/x", "//host/x", "a\\b", ""])
)
def test_the_schema_refuses_an_address_that_leaves_the_site(feed: Feed, address: str) -> None:
    away = replace(feed, published=replace(FILE, file=address))
    assert not FEED.is_valid(json.loads(feed_json(away)))
