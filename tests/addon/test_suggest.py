"""A suggestion has what the learner typed for it and the author's texts, and nothing else of the learner's."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import jsonschema
import pytest

from addon_editions import publish_editions
from subscriber import TAG, WORDS, Subscriber, note_of
from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.subscriptions import Subscription
from trialdeck_addon.core.suggest import Draft, Way, Words, draft_of, letter, plain, report_of

WHY = "ember-3/question/why"
RIGHT = "<p>It binds <b>emberin</b> in the palm of the hand.</p>"
WORDS_OF_LEARNER = Words({"Response": RIGHT}, "A typo.", "doi:10.1000/ember", "Jane Doe")
FEED = "https://example.org/decks/"


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subscriber]:
    site = publish_editions(tmp_path_factory.mktemp("editions"), count=1)[0].site
    made = Subscriber(tmp_path_factory.mktemp("learner"))
    made.update(site)
    note = note_of(made.col, WHY)
    note["Extra"] = WORDS
    note.tags.append(TAG)
    made.col.update_note(note)
    yield made
    made.close()


@pytest.fixture
def draft(learner: Subscriber) -> Draft:
    return draft_of(learner.col, note_of(learner.col, WHY).id)


@pytest.fixture
def schema(root: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((root / "schemas" / "suggestions.schema.json").read_bytes())
    return loaded


def test_a_draft_has_the_fields_that_can_be_corrected(draft: Draft) -> None:
    assert [name for name, _ in draft.fields] == ["Question", "Response", "Trial", "Citation", "Source"]
    assert (draft.key, draft.note_type, draft.edition) == (WHY, "Trialdeck Question", "2023-11-14")


def test_the_file_is_what_the_schema_says(draft: Draft, schema: dict[str, object]) -> None:
    made = letter(draft, WORDS_OF_LEARNER, "errors@example.org", FEED, "2026-01-05")
    stored = json.loads(made.file)
    jsonschema.validate(stored, schema)
    (suggestion,) = stored["suggestions"]
    assert suggestion["fields"] == {"Response": {"before": dict(draft.fields)["Response"], "after": RIGHT}}
    assert (suggestion["guid"], suggestion["contributor"]) == (draft.guid, "Jane Doe")
    assert stored["feed"] == FEED


def test_nothing_of_the_learners_is_in_it(draft: Draft) -> None:
    made = letter(
        draft, replace(WORDS_OF_LEARNER, contributor=""), "errors@example.org", "/home/jane/site", "2026-01-05"
    )
    whole = unquote(made.address) + made.text + made.file.decode()
    for word in (WORDS, TAG, "mine::", "trialdeck::", "jane", "Jane", '"Extra"', "contributor", '"feed"'):
        assert word not in whole


def test_a_mail_has_it_all_if_it_is_short(draft: Draft) -> None:
    short = replace(draft, fields=(("Question", "Why?"),))
    made = letter(short, Words({"Question": "How?"}, "B", ""), "errors@example.org", "", "2026-01-05")
    parts = urlsplit(made.address)
    query = parse_qs(parts.query)
    assert (made.way, made.is_filled_in, parts.scheme, parts.path) == (Way.MAIL, True, "mailto", "errors@example.org")
    assert query["subject"] == [f"Suggestion: {WHY}"]
    assert query["body"][0].replace("\r\n", "\n") == made.text


@pytest.mark.parametrize("mailbox", ["a?bcc=b&attach=/etc/passwd&x=@example.org", "a%0D%0Abcc=b#@example.org"])
@pytest.mark.parametrize("words", ["B", "B" * 4000])
def test_a_mailbox_fills_in_nothing_else_of_a_mail(draft: Draft, mailbox: str, words: str) -> None:
    made = letter(draft, Words({"Response": RIGHT}, words, ""), mailbox, "", "2026-01-05")
    parts = urlsplit(made.address)
    assert unquote(parts.path) == mailbox
    assert parse_qs(parts.query).keys() == {"subject", "body"}


def test_a_long_mail_asks_for_the_file(draft: Draft) -> None:
    long = Words({"Response": "x" * 5000}, "B", "")
    made = letter(draft, long, "errors@example.org", "", "2026-01-05")
    assert not made.is_filled_in
    assert made.file_name in unquote(made.address)
    assert len(made.address) < 300


def test_an_issue_is_filled_in_and_keeps_what_its_address_asks_for(draft: Draft) -> None:
    short = replace(draft, fields=(("Question", "Why?"),))
    report = "https://github.com/example/decks/issues/new?labels=error"
    made = letter(short, Words({"Question": "How?"}, "B", ""), report, "", "2026-01-05")
    query = parse_qs(urlsplit(made.address).query)
    assert (made.way, made.is_filled_in, query["labels"]) == (Way.ISSUE, True, ["error"])
    assert "```json\n{" in query["body"][0]


def test_another_page_is_opened_as_it_is(draft: Draft) -> None:
    made = letter(draft, WORDS_OF_LEARNER, "https://example.org/contact", "", "2026-01-05")
    assert (made.way, made.address, made.is_filled_in) == (Way.ISSUE, "https://example.org/contact", False)


def test_without_an_address_it_is_a_file(draft: Draft) -> None:
    made = letter(draft, WORDS_OF_LEARNER, "", "", "2026-01-05")
    assert (made.way, made.address) == (Way.FILE, "")
    assert made.text.startswith(f"A suggestion for {WHY}, edition 2023-11-14: 1 field\n\nResponse, now:\nIt binds")
    assert "Why: A typo.\nSource: doi:10.1000/ember\nFrom: Jane Doe" in made.text


REFUSED = {
    "nothing changed": (Words({}, "B", ""), "nothing is different yet"),
    "only blanks": (Words({"Response": " <same> "}, "B", ""), "nothing is different yet"),
    "no reason": (Words({"Response": RIGHT}, " ", ""), "say why"),
    "Extra": (Words({"Extra": "x"}, "B", ""), "the field Extra cannot be corrected"),
    "too long": (Words({"Response": RIGHT}, "x" * 5001, ""), "reason has more than 5,000 characters"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_is_missing(name: str, draft: Draft) -> None:
    words, line = REFUSED[name]
    given = {field: html.replace("<same>", dict(draft.fields).get(field, "")) for field, html in words.fields.items()}
    with pytest.raises(TrialdeckError, match=line):
        letter(draft, replace(words, fields=given), "", "", "2026-01-05")


def test_a_note_of_somebody_else_gets_none(learner: Subscriber) -> None:
    note = learner.col.new_note(learner.col.models.by_name("Basic"))
    note["Front"] = "mine"
    learner.col.add_note(note, learner.col.decks.id("Mine"))
    with pytest.raises(TrialdeckError, match="none of Trialdeck's"):
        draft_of(learner.col, note.id)


def test_the_project_is_known_by_its_address_for_corrections(learner: Subscriber) -> None:
    note = note_of(learner.col, "ember-3/question/whom")
    note["Report"] = "mailto:errors@example.org?subject=a&amp;body=b"
    learner.col.update_note(note)
    other = Subscription("https://other.example/", "Other", (), "other@example.org")
    ours = Subscription(FEED, "Cold Trials", (), "errors@example.org")
    found = draft_of(learner.col, note.id, (other, ours))
    assert (found.project, found.report, found.feed) == ("Cold Trials", "errors@example.org", FEED)
    assert draft_of(learner.col, note.id).report == "errors@example.org"
    assert draft_of(learner.col, note.id, (other, other)).project == ""


REPORTS = {
    "": "",
    "mailto:a@example.org?subject=x&amp;body=y": "a@example.org",
    "https://github.com/a/b/issues/new?labels=x&amp;title=k&amp;body=y": "https://github.com/a/b/issues/new?labels=x",
    "https://example.org/contact#key%20": "https://example.org/contact",
    "javascript:alert(1)": "",
    "mailto:file%3A///C:/Windows/System32/calc.exe": "",
    "mailto:javascript%3A//x%0Aalert(1)": "",
    "mailto:a@example.org%0D%0ABcc:%20b@example.org": "",
    "mailto:a@example.org,b@example.org": "",
    "https://[example": "",
    'https://exam"ple.org/': "",
}


@pytest.mark.parametrize(("field", "report"), REPORTS.items())
def test_a_note_says_where_corrections_go(field: str, report: str) -> None:
    assert report_of(field) == report


def test_html_is_shown_as_text() -> None:
    assert plain("<p>a &lt; b</p><ul><li>c</li></ul>d<br>e") == "a < b\nc\nd\ne"
