"""From a trial to its notes: which there are, what they hold, and in which order."""

from pathlib import Path

import pytest

from folders import ROOT
from trialdeck.anki.record_paths import target
from trialdeck.notes.builder import notes_of
from trialdeck.notes.footer import report_html
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Perspective, Trial
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
        "dawn-1/key-findings/relapse/cloze/delay",
        "dawn-1/result/rfs",
        "dawn-1/question/why",
        "dawn-1/question/whom",
        "dusk-2/trial",
    ]


ABOUT = (
    "<dl><dt>Title</dt><dd>Dawnol for Example Disease</dd><dt>Population</dt><dd>Adults with example disease</dd>"
    "<dt>Tested</dt><dd>Dawnol</dd><dt>Comparator</dt><dd>Placebo</dd><dt>Endpoint</dt><dd>Relapse-free survival</dd>"
    "<dt>Arms</dt><dd>dawnol (n = 100); placebo (n = 99)</dd>"
    '<dt>Published</dt><dd><a href="https://doi.org/10.1000/dawn">doi:10.1000/dawn</a> · NCT00000001</dd></dl>'
)


def test_a_question_holds_what_its_card_needs(record_text: str) -> None:
    note = notes_by_key(record_text)["dawn-1/question/why"]
    filled = {name: value for name in note_type(Kind.QUESTION).field_names if (value := field(note, name))}
    assert filled == {
        "Question": "<p>Why does dawnol work?</p>",
        "Response": "<p>It binds <strong>dawnin</strong>.</p>",
        "Trial": "DAWN-1",
        "Title": "Dawnol for Example Disease",
        "Perspective": "mechanism",
        "Audience": "student",
        "Source": '<a href="https://doi.org/10.1000/dawn">doi:10.1000/dawn</a> · NCT00000001',
        "Review": "Not yet reviewed",
        "About": ABOUT,
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
        "<p>DAWN-1 (dawnol v placebo): what were the hazard ratio and the medians for "
        '<strong>Relapse-free survival</strong>?</p><p class="td-cut">Primary analysis</p>'
    )
    assert field(note, "Response") == (
        "<ul><li>Hazard ratio <strong>0.70</strong> (95% CI 0.60 to 0.90), P &lt; 0.001</li>"
        "<li>Median: dawnol (n = 100) 12.0 months; placebo (n = 99) not reached</li></ul>"
    )
    assert field(note, "Picture").startswith("<svg ")
    assert field(note, "Picture").endswith('</svg><figcaption class="td-cut">Data cut: Primary analysis</figcaption>')


@pytest.mark.parametrize(
    ("numbers", "question", "answer"),
    [
        ("estimate: 1.5", "what was the estimate for", "Estimate <strong>1.5</strong>"),
        ('p: "0.04"', "what was the P value for", "<li>P = 0.04</li>"),
        (
            "measure: odds ratio, estimate: 2, ci: [1, 3]",
            "what was the odds ratio for",
            "(CI, level not stated: 1 to 3)",
        ),
        (
            'p: "0.04", measure: odds ratio, ci: [1, 3], ci_level: 90',
            "what was the P value for",
            "<li>Odds ratio not stated (90% CI 1 to 3), P = 0.04</li>",
        ),
        ("arms: [{name: A, median: 20}], ci: [1, 3]", "what were the medians", "Estimate not stated (CI, level not"),
        ("arms: [{name: A, percent: 78}]", "(A): what were the percentages for", "<li>A 78%</li>"),
        ("arms: [{name: A, median: 20}]", "what were the medians for", "<li>Median: A 20</li>"),
    ],
)
def test_results_state_only_what_they_have(numbers: str, question: str, answer: str) -> None:
    text = f"format: 1\nid: x\ntitle: X\nresults: [{{id: r, endpoint: Death, {numbers}}}]"
    note = notes_by_key(text)["x/result/r"]
    assert question in field(note, "Question")
    assert answer in field(note, "Response")
    assert (field(note, "Response") + field(note, "Picture")).count(">Data cut: not stated<") == 1


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
    assert (field(borrowed, "Review"), borrowed.signed) == ("Not yet reviewed", "")
    alone = notes_by_key(record_text, f"{own}endpoint: Survival\n")["dusk-2/trial"]
    assert (field(alone, "Review"), alone.signed) == ("Reviewed by A on 2026-01-02", "2026-01-02, A")


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
    assert field(first, "Review") == "Reviewed by A. Reader on 2020-01-02; as of 2019-12-31"
    assert field(second, "Source") == '<a href="https://x.org/?a=1&amp;b">https://x.org/?a=1&amp;b</a>'
    assert field(second, "Review") == '<strong class="td-warn">Disputed</strong>'


def test_a_trial_without_acronym_goes_by_its_title() -> None:
    notes = notes_by_key("format: 1\nid: x\ntitle: A *study*\nsummary: S")
    assert field(notes["x/summary"], "Trial") == "A <em>study</em>"
    assert field(notes["x/summary"], "Title") == ""


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


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("", ""),
        ("a@example.org", '<a href="mailto:a@example.org?subject=dawn-1/question/why">report an error</a>'),
        ("https://example.org/form", '<a href="https://example.org/form">report an error</a>'),
        ("https://github.com/a/b/issues/new",
         '<a href="https://github.com/a/b/issues/new?title=dawn-1%2Fquestion%2Fwhy">report an error</a>'),
        ("https://github.com/a/b/issues/new?labels=x",
         '<a href="https://github.com/a/b/issues/new?labels=x">report an error</a>'),
    ],
)  # fmt: skip
def test_errors_are_reported_with_the_key_of_the_note(address: str, link: str) -> None:
    assert report_html(address, "dawn-1/question/why") == link


def test_every_note_says_where_to_report_an_error(record_text: str) -> None:
    trial = trial_of(record_text)
    trials = trial_notes([trial], "a@example.org")
    links = {note.key: field(note, "Report") for note in notes_of(trial, trials, "a@example.org")}
    assert links == {key: report_html("a@example.org", key) for key in links}
    assert "dusk-2/trial" in links


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
    label = '<div class="td-mine" dir="ltr">My notes</div>my own words'
    for template in shown.templates:
        assert label in render_side(template.back, fields, 1, is_front=False)
        assert "my own words" not in render_side(template.front, fields, 1, is_front=True)
        assert "My notes" not in render_side(template.back, {**fields, "Extra": ""}, 1, is_front=False)
