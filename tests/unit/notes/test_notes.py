"""From a trial to its notes: which there are, what they hold, and in which order."""

from pathlib import Path

import pytest

from folders import ROOT
from trialdeck.anki.record_paths import target
from trialdeck.markdown.editor_form import as_editor_leaves
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.builder import notes_of
from trialdeck.notes.footer import citation_html
from trialdeck.notes.glance import glance_html
from trialdeck.notes.links import Addresses, link_fields, permalink, site_folder
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Perspective, Source, Trial
from trialdeck.site.anki_template import render_side

SEEDS = sorted((ROOT / "seeds").glob("*.yaml"))


def trial_of(text: str) -> Trial:
    record = load_record_text(text.encode(), "x.yaml")
    assert record.problems == ()
    assert record.trial is not None
    return record.trial


def notes_by_key(*texts: str) -> dict[str, Note]:
    trials = [trial_of(text) for text in texts]
    shared = trial_notes(trials)
    return {note.key: note for trial in trials for note in notes_of(trial, shared)}


def field(note: Note, name: str) -> str:
    return dict(zip(note_type(note.kind).field_names, note.fields, strict=True))[name]


def test_notes_with_cards_follow_the_order_of_the_record(record_text: str) -> None:
    assert [key for key, note in notes_by_key(record_text).items() if note.cards] == [
        "dawn-1/trial",
        "dawn-1/summary",
        "dawn-1/key-findings/points",
        "dawn-1/key-findings/relapse/cloze/delay",
        "dawn-1/limitations/points",
        "dawn-1/result/rfs",
        "dawn-1/question/why",
        "dawn-1/question/whom",
        "dusk-2/trial",
        "dawn-1/takeaway/start",
    ]


def test_a_question_holds_what_its_card_needs(record_text: str) -> None:
    note = notes_by_key(record_text)["dawn-1/question/why"]
    filled = {name: value for name in note_type(Kind.QUESTION).field_names if (value := field(note, name))}
    assert filled == {
        "Question": "<p>Why does dawnol work?</p>",
        "Response": "<p>It binds <strong>dawnin</strong>.</p>",
        "Trial": "DAWN-1",
        "Citation": "NCT00000001",
        "Perspective": "mechanism",
        "Audience": "student",
        "Source": '<a href="https://doi.org/10.1000/dawn">doi:10.1000/dawn</a> · NCT00000001',
        "Review": '<span class="td-pill td-unreviewed">Not yet reviewed</span>',
        "About": as_editor_leaves(glance_html(trial_of(record_text))),
        "Key": "dawn-1/question/why",
    }
    assert note.tags == (
        "trialdeck::audience::student",
        "trialdeck::level::more",
        "trialdeck::perspective::mechanism",
        "trialdeck::specialty::cardiology",
        "trialdeck::topic::example-disease",
        "trialdeck::trial::dawn-1",
    )


def test_a_result_asks_for_numbers_and_gives_them_with_their_data_cut(record_text: str) -> None:
    note = notes_by_key(record_text)["dawn-1/result/rfs"]
    assert field(note, "Question") == (
        "<p>DAWN-1, dawnol v placebo: what was the hazard ratio for <strong>Relapse-free survival</strong>?"
        '</p><p class="td-cut">Data cut: Primary analysis</p>'
    )
    assert field(note, "Response") == (
        '<p class="td-hero"><strong>0.70</strong> <span class="td-beside">95% CI 0.60–0.90</span> '
        '<span class="td-beside">P &lt; 0.001</span></p>'
    )
    assert field(note, "Picture").startswith('<div class="td-plot td-alone" role="img" aria-label="DAWN-1: ')


@pytest.mark.parametrize(
    ("numbers", "question", "answer"),
    [
        ("estimate: 1.5", "X: what was the estimate for", "1.5"),
        ('p: "0.04"', "what was the P value for", "P = 0.04"),
        ("measure: odds ratio, estimate: 2, ci: [1, 3]", "the odds ratio for", "2 CI, level not stated: 1–3"),
        (
            'p: "0.04", measure: odds ratio, ci: [1, 3], ci_level: 90',
            "what was the P value for",
            "P = 0.04 odds ratio not stated, 90% CI 1–3",
        ),
        (
            "arms: [{name: A, median: 20}], ci: [1, 3]",
            "X, A: what was the median",
            "20 estimate not stated, CI, level not stated: 1–3",
        ),
        ("arms: [{name: A, percent: 78}]", "X, A: what was the percentage for", "78%"),
        ("arms: [{name: A, percent: 78}, {name: B, percent: 9}]", "X, A and B: what were the", "78% v 9% A v B"),
        (
            'p: "0.04", arms: [{name: A, median: 2}, {name: B, median: 9}], unit: weeks',
            "X, A v B",
            "2 v 9 weeks A v B P = 0.04",
        ),
        ("analysis: interim, estimate: 1.5", "X, interim analysis: what was", "1.5"),
    ],
)
def test_results_state_only_what_they_have(numbers: str, question: str, answer: str) -> None:
    text = f"format: 1\nid: x\ntitle: X\nresults: [{{id: r, endpoint: Death, {numbers}}}]"
    note = notes_by_key(text)["x/result/r"]
    assert question in readable(field(note, "Question"))
    assert readable(field(note, "Response")) == answer


def test_a_result_without_numbers_gives_no_note() -> None:
    text = "format: 1\nid: x\ntitle: X\nresults: [{id: r, endpoint: Death}]"
    assert "x/result/r" not in notes_by_key(text)


def test_a_cloze_note_has_a_card_for_each_deletion(record_text: str) -> None:
    note = notes_by_key(record_text)["dawn-1/key-findings/relapse/cloze/delay"]
    assert field(note, "Text") == (
        "<p>DAWN-1: dawnol delayed relapse by {{c1::two months}}, against {{c2::placebo}}.</p>"
    )
    assert note.cards == (0, 1)
    assert field(note, "Source").endswith("Data: Relapse-free survival: Primary analysis")


def test_cards_of_a_trial_depend_on_what_is_known(record_text: str) -> None:
    notes = notes_by_key(record_text)
    assert notes["dawn-1/trial"].cards == (0, 1, 2)
    assert notes["dusk-2/trial"].cards == (0, 1, 2)
    assert notes_by_key("format: 1\nid: x\ntitle: X\nendpoint: E")["x/trial"].cards == (2,)
    assert notes_by_key("format: 1\nid: x\ntitle: X\nsummary: S")["x/trial"].cards == ()


def test_the_note_of_a_trial_is_as_reviewed_as_all_records_whose_words_stand_on_it(record_text: str) -> None:
    reviewed = "review: {status: reviewed, by: A, on: 2026-01-02}"
    own = f"format: 1\nid: dusk-2\ntitle: Duskol\ntested: Duskol daily\n{reviewed}\n"
    borrowed = notes_by_key(record_text, own)["dusk-2/trial"]
    assert field(borrowed, "Endpoint") == "Survival"
    assert (readable(field(borrowed, "Review")), borrowed.signed) == ("Not yet reviewed", "")
    alone = notes_by_key(record_text, f"{own}endpoint: Survival\n")["dusk-2/trial"]
    assert (readable(field(alone, "Review")), alone.signed) == ("Reviewed by A on 2026-01-02", "2026-01-02, A")


def test_the_own_record_of_a_trial_wins_over_what_others_say(record_text: str) -> None:
    dusk = "format: 1\nid: dusk-2\nacronym: DUSK-2\ntitle: Duskol\ntested: Duskol daily\nsummary: It failed."
    alone = notes_by_key(record_text)["dusk-2/trial"]
    assert field(alone, "Tested") == "Duskol"
    assert field(alone, "Source").startswith("As named in the record of DAWN-1: ")
    together = notes_by_key(record_text, dusk)["dusk-2/trial"]
    assert field(together, "Tested") == "Duskol daily"
    assert field(together, "Endpoint") == "Survival"
    assert field(together, "Summary") == "<p>It failed.</p>"
    assert together.guid == alone.guid


def test_of_two_records_that_name_a_trial_the_first_by_id_is_taken(record_text: str) -> None:
    other = record_text.replace("dawn-1", "aaa-1").replace("tested: Duskol,", "tested: Duskol twice,")
    for order in ((record_text, other), (other, record_text)):
        assert field(notes_by_key(*order)["dusk-2/trial"], "Tested") == "Duskol twice"


def test_takeaways_say_for_whom_they_are(record_text: str) -> None:
    note = notes_by_key(record_text)["dawn-1/takeaway/start"]
    assert field(note, "Question") == "<p>What should a fellow take away from DAWN-1?</p>"
    assert note.specialties == ("oncology",)
    two = record_text.replace(
        "review: {status",
        "  - {id: stop, audience: [fellow], specialties: [oncology], text: Stop late.}\nreview: {status",
    )
    assert field(notes_by_key(two)["dawn-1/takeaway/stop"], "Question").endswith("DAWN-1? (2 of 2)</p>")


def test_an_item_may_have_a_perspective_a_source_and_a_review_of_its_own() -> None:
    text = """
format: 1
id: x
title: X
source: {citation: The paper}
review: {status: reviewed, by: A. Reader, on: 2020-01-02, as_of: 2019-12-31}
design:
  - {id: a, text: T, cloze: {c: "{{c1::A}}"}}
  - {id: b, text: T, perspective: mechanism, source: {url: "https://x.org/?a=1&b"}, review: {status: disputed},
     cloze: {c: "{{c1::B}}"}}
"""
    notes = notes_by_key(text)
    first, second = notes["x/design/a/cloze/c"], notes["x/design/b/cloze/c"]
    assert (first.perspective, second.perspective) == (Perspective.REVIEWER, Perspective.MECHANISM)
    assert field(first, "Source") == "The paper"
    assert field(first, "Review") == (
        '<span class="td-pill td-reviewed">Reviewed by A. Reader on 2020-01-02; as of 2019-12-31</span>'
    )
    assert field(second, "Source") == '<a href="https://x.org/?a=1&amp;b">https://x.org/?a=1&amp;b</a>'
    assert field(second, "Review") == '<span class="td-pill td-disputed">Disputed</span>'


def test_a_trial_without_acronym_goes_by_its_title() -> None:
    notes = notes_by_key("format: 1\nid: x\ntitle: A *study*\nsummary: S")
    assert field(notes["x/summary"], "Trial") == "A <em>study</em>"
    assert field(notes["x/summary"], "About") == ""


@pytest.mark.parametrize(
    ("change", "key", "same_as"),
    [
        ({"id: why\n": "id: how\n    formerly: [why]\n"}, "dawn-1/question/how", "dawn-1/question/why"),
        ({"id: why\n": "id: how\n    formerly: [why, who]\n"}, "dawn-1/question/how", "dawn-1/question/why"),
        (
            {"id: relapse\n": "id: delay\n    formerly: [relapse]\n"},
            "dawn-1/key-findings/delay/cloze/delay",
            "dawn-1/key-findings/relapse/cloze/delay",
        ),
        ({"id: dawn-1\n": "id: noon-1\nformerly: [dawn-1]\n"}, "noon-1/question/why", "dawn-1/question/why"),
        ({"id: dawn-1\n": "id: noon-1\nformerly: [dawn-1]\n"}, "noon-1/trial", "dawn-1/trial"),
    ],
)
def test_an_earlier_id_keeps_the_identity(record_text: str, change: dict[str, str], key: str, same_as: str) -> None:
    renamed = record_text
    for old, new in change.items():
        renamed = renamed.replace(old, new, 1)
    assert notes_by_key(renamed)[key].guid == notes_by_key(record_text)[same_as].guid


def test_texts_do_not_change_identities(record_text: str) -> None:
    before = {key: note.guid for key, note in notes_by_key(record_text).items()}
    reworded = record_text.replace("dawnol", "Dawnol®").replace("Why does", "Why, then, does")
    assert {key: note.guid for key, note in notes_by_key(reworded).items()} == before


def test_fields_go_by_their_names() -> None:
    with pytest.raises(KeyError, match="no field Answer"):
        note_type(Kind.QUESTION).filled(Answer="x")


def test_a_record_without_facts_has_nothing_to_fold_out() -> None:
    notes = notes_by_key("format: 1\nid: dawn-1\ntitle: DAWN\nsummary: It worked.\n")
    assert field(notes["dawn-1/summary"], "About") == ""


SAID = ("<p>Why does <b>dawnol</b> work?</p>", "<p>It binds dawnin &amp; more.</p>")
BODY = (
    "What%20is%20wrong%3F%20What%20is%20your%20source%3F%0A%0A%0A--%0Adawn-1/question/why%0AWhy%20does%20dawnol%20work%3F"
    "%0AIt%20binds%20dawnin%20%26%20more.%0ATags%3A%20"
)


@pytest.mark.parametrize(
    ("address", "report"),
    [
        ("", ""),
        ("a@example.org", f"mailto:a@example.org?subject=dawn-1/question/why&amp;body={BODY}"),
        ("https://example.org/form", "https://example.org/form#dawn-1%2Fquestion%2Fwhy%20"),
        ("https://example.org/form#x", "https://example.org/form#xdawn-1%2Fquestion%2Fwhy%20"),
        ("https://github.com/a/b/issues/new",
         f"https://github.com/a/b/issues/new?title=dawn-1%2Fquestion%2Fwhy&amp;body={BODY}"),
        ("https://github.com/a/b/issues/new?labels=x",
         f"https://github.com/a/b/issues/new?labels=x&amp;title=dawn-1%2Fquestion%2Fwhy&amp;body={BODY}"),
    ],
)  # fmt: skip
def test_a_report_has_the_text_of_the_card_and_ends_where_its_tags_follow(address: str, report: str) -> None:
    fields = link_fields(Addresses(report=address), "dawn-1/question/why", SAID)
    assert fields == {"Link": "", "Report": report}


def test_a_card_names_its_place_on_the_site_in_a_report_too() -> None:
    fields = link_fields(Addresses("https://example.org/decks/", "a@example.org"), "dawn-1/question/why", SAID, 2)
    assert fields["Link"] == "https://example.org/decks/trials/dawn-1.html#card.question.why.3"
    assert "%0Ahttps%3A//example.org/decks/trials/dawn-1.html%23card.question.why.3%0ATags" in fields["Report"]


@pytest.mark.parametrize("named", ["", "/", "/?x#y", "/index.html", "/index.html#top"])
def test_a_page_of_the_site_may_be_its_address(named: str) -> None:
    assert (
        permalink(f"https://example.org/a{named}", "dawn-1/trial")
        == "https://example.org/a/trials/dawn-1.html#card.trial.1"
    )


def test_the_card_of_a_trial_without_a_record_stands_on_the_page_that_names_it() -> None:
    link = permalink("https://example.org", "dusk-2/trial", 0, "dawn-1")
    assert link == "https://example.org/trials/dawn-1.html#card.dusk-2.trial.1"
    topic = permalink("https://example.org", "across:example-disease/rfs", 4)
    assert topic == "https://example.org/topics/example-disease.html#card.rfs.5"


def test_a_long_answer_is_shortened_in_a_report() -> None:
    fields = link_fields(Addresses(report="a@example.org"), "dawn-1/question/why", ["<p>Why?</p>", "x" * 5000])
    assert len(fields["Report"]) < 600


def test_every_note_says_where_it_stands_and_where_to_report_an_error(record_text: str) -> None:
    trial, addresses = trial_of(record_text), Addresses("https://example.org", "a@example.org")
    notes = notes_of(trial, trial_notes([trial], addresses), addresses)
    assert "dusk-2/trial" in {note.key for note in notes}
    for note in notes:
        assert field(note, "Link").startswith("https://example.org/trials/dawn-1.html#card.")
        assert field(note, "Report").startswith(f"mailto:a@example.org?subject={note.key}&amp;body=")


@pytest.mark.parametrize(
    ("citation", "words"),
    [
        ("Moreau P, et al. N Engl J Med 2016;374:1621-34.", "NEJM 2016"),
        ("Dimopoulos MA, et al. N Engl J Med 2016.", "NEJM 2016"),
        ("Doe J, et al. The Lancet, 2019; 393: 1-9", "The Lancet 2019"),
        ("Doe J. J Ex 2020;1:1-9.", "J Ex 2020"),
        ("ClinicalTrials.gov, results posted 2021-07-19", "ClinicalTrials.gov, results posted 2021-07-19"),
        ("Label of daratumumab.", "Label of daratumumab"),
        ("Final overall survival report of POLLUX; full reference not yet recorded.",
         "Final overall survival report of POLLUX; full…"),
        ("", "NCT00000001"),
    ],
)  # fmt: skip
def test_a_citation_is_journal_and_year_in_the_line_below_a_card(citation: str, words: str) -> None:
    source = Source(citation=citation, registry="NCT00000001")
    assert citation_html(source) == words
    assert citation_html(source, "interim") == f"{words} · interim analysis"


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_no_note_fills_the_learners_own_field(path: Path) -> None:
    notes = notes_by_key(path.read_text(encoding="utf-8"))
    assert {field(note, "Extra") for note in notes.values()} == {""}
    trial = trial_of(path.read_text(encoding="utf-8"))
    assert {target(trial, key, "Extra") for key in notes} == {()}


@pytest.mark.parametrize("kind", Kind)
def test_every_back_shows_what_the_learner_wrote_and_no_front_does(kind: Kind) -> None:
    shown = note_type(kind)
    fields = dict.fromkeys(shown.field_names, "text") | {"Text": "{{c1::text}}", "Retired": "", "Extra": "my own words"}
    label = "<span>My notes</span></span></div>my own words"
    for template in shown.templates:
        assert label in render_side(template.back, fields, 1, is_front=False)
        assert "my own words" not in render_side(template.front, fields, 1, is_front=True)
        assert "My notes" not in render_side(template.back, {**fields, "Extra": ""}, 1, is_front=False)


@pytest.mark.parametrize(
    ("homepage", "folder"),
    [
        ("", ""),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/decks", "https://example.org/decks/"),
        ("https://example.org/decks/index.html?a=/b#c", "https://example.org/decks/"),
        ("https://index.html", "https://index.html/"),
        ("http://[", "http://[/"),
    ],
)
def test_a_homepage_gives_the_folder_of_the_site(homepage: str, folder: str) -> None:
    assert site_folder(homepage) == folder


def test_a_report_address_that_no_browser_understands_is_no_crash() -> None:
    assert link_fields(Addresses("http://[", "http://["), "a/question/why", ("Why?",))
