"""The note of a forest: what its cards hide, what they show, and which numbers its deletions keep."""

import re

from forest_trials import four_trials, trial_of
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.across.forest_note import forest_note, topic_title
from trialdeck.notes.across.forests import forests_of
from trialdeck.notes.links import Addresses
from trialdeck.notes.note import Note, guid_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.model import Trial
from trialdeck.records.summary import outline_of
from trialdeck.site.anki_template import card_html

ADDRESSES = Addresses(report="errors@example.org")
TITLES = {"example-disease": "Example disease: adding a drug"}


def note_of(*trials: Trial, titles: dict[str, str] | None = None) -> Note:
    (forest,) = forests_of(map(outline_of, trials))
    return forest_note(forest, {trial.id: trial for trial in trials}, titles or {}, ADDRESSES)


def field(note: Note, name: str) -> str:
    return dict(zip(note_type(Kind.CLOZE).field_names, note.fields, strict=True))[name]


def numbers(note: Note) -> dict[str, int]:
    """The number of the deletion that hides each name."""
    return {name: int(number) for number, name in re.findall(r"\{\{c(\d+)::<b>(.*?)</b>", field(note, "Text"))}


def front(note: Note, name: str) -> str:
    """What is seen on the front of the card that hides a trial; new releases of Anki keep it in an attribute too."""
    html = card_html(note, numbers(note)[name] - 1).front.partition("</header>")[2]
    return re.sub(r' data-cloze="[^"]*"', "", html)


def test_each_card_hides_one_name_with_its_drug_and_shows_the_others() -> None:
    note = note_of(*four_trials())
    assert note.cards == tuple(sorted(number - 1 for number in numbers(note).values()))
    assert len(note.cards) == 4
    shown = front(note, "NOON-3")
    assert "NOON" not in shown
    assert "Noonol" not in shown
    assert "[which?]" in shown
    assert all(name in shown for name in ("DAWN-1", "Dawnol", "DUSK-2", "Duskol", "RAIN-4", "0.37", "0.30–0.46"))
    assert "<strong>Which trial is the marked row?</strong>" in shown
    assert (
        "Progression-free survival: hazard ratio (95% CI), all against placebo; never compared head to head." in shown
    )


def test_the_rows_come_by_their_estimate_and_not_by_their_names() -> None:
    text = field(note_of(*four_trials()), "Text")
    assert re.findall(r"<b>(.*?)</b>", text) == ["RAIN-4", "DAWN-1", "DUSK-2", "NOON-3"]
    assert text.count('class="td-null"') == 4
    assert "← lower hazard" in text


def test_the_back_names_the_analyses_and_the_sources_of_all() -> None:
    note = note_of(*four_trials())
    assert (
        field(note, "Back")
        == '<p class="td-cut">DAWN-1, DUSK-2, RAIN-4: primary analysis; NOON-3: interim analysis</p>'
    )
    assert "NOON-3: NOON-3 group. J Examples 2020." in field(note, "Source")
    assert field(note, "About").count("<dt>") == 4
    assert "Noonol added to standard care v Placebo. Adults with example disease" in field(note, "About")
    assert field(note, "Key") == "across:example-disease/pfs"
    assert "mailto:errors@example.org" in field(note, "Report")


def test_the_analysis_of_all_rows_stands_above_them_once() -> None:
    later = [trial_of(trial.name, analysis="final", outcome="os\n    card: true") for trial in four_trials()]
    note = note_of(*later)
    assert "Progression-free survival, final analyses: hazard ratio" in field(note, "Text")
    assert "final analysis" not in field(note, "Text")
    assert field(note, "Back") == ""
    assert "interim analysis" in field(note_of(*four_trials()), "Text")


def test_the_identity_follows_from_topic_and_outcome_and_is_fixed_for_good() -> None:
    assert note_of(*four_trials()).guid == guid_of("across:example-disease/pfs") == "B5DWptwoAP9Dp4kdfmAs"


def test_of_two_trials_one_card_hides_both_names() -> None:
    note = note_of(*four_trials()[2:])
    assert len(note.cards) == 1
    assert "<strong>Which trial is which?</strong>" in front(note, "NOON-3")
    assert front(note, "NOON-3").count("[which?]") == 2


def test_a_further_trial_moves_no_history() -> None:
    trials = four_trials()
    before, after = numbers(note_of(*trials[:3])), numbers(note_of(*trials))
    assert after | before == after
    assert note_of(*trials[:3]).guid == note_of(*trials).guid
    renamed = trial_of("LATE-9", "0.69", title="A Trial of Lateol\nformerly: [dusk-2]")
    assert numbers(note_of(trials[0], renamed, trials[2]))["LATE-9"] == before["DUSK-2"]


def test_the_title_is_that_of_the_project_or_the_topic_in_words() -> None:
    assert field(note_of(*four_trials(), titles=TITLES), "Trial") == "Example disease: adding a drug"
    assert field(note_of(*four_trials()), "Trial") == "Example disease"
    assert topic_title("heart-failure", {}) == "Heart failure"


def test_an_interval_of_another_level_says_so() -> None:
    text = field(note_of(*four_trials(), trial_of("LATE-9", "0.82", level="95.4")), "Text")
    assert "hazard ratio (95% CI unless stated), all against placebo" in text
    assert '<span class="td-whole">95.4% CI 0.66–1.02</span>' in text
    assert '<span class="td-whole">0.30–0.46</span>' in text


def test_a_row_without_an_interval_has_its_estimate_alone() -> None:
    text = field(note_of(*four_trials(), trial_of("LATE-9", "0.94", ci="null")), "Text")
    assert text.count('class="td-square') == 5
    assert text.count('class="td-span') == 4


def test_the_worst_review_counts_and_a_disputed_row_says_so() -> None:
    reviewed = "pfs\n    review: {status: reviewed, by: A, on: 2026-01-02}"
    disputed = "pfs\n    review: {status: disputed, by: B, on: 2026-03-04, reason: Wrong.}"
    one, other = trial_of("DAWN-1", outcome=reviewed), trial_of("DUSK-2", outcome=disputed)
    note = note_of(one, other)
    assert note.disputed
    assert not note.reviewed
    assert field(note, "Review") == '<span class="td-pill td-disputed">Disputed by B on 2026-03-04: Wrong.</span>'
    assert field(note, "Text").count('<span class="td-warn">disputed</span>') == 1
    assert note_of(one, trial_of("DUSK-2", outcome=reviewed)).signed == "2026-01-02, A"


def test_it_is_for_everybody_unless_every_result_names_whom_it_is_for() -> None:
    fellow, student = (
        trial_of(n, outcome=f"pfs\n    audience: [{who}]") for n, who in (("DAWN-1", "fellow"), ("DUSK-2", "student"))
    )
    assert note_of(fellow, student).audience == ("student", "fellow")
    assert note_of(fellow, student, trial_of("NOON-3")).audience == ()
    assert note_of(fellow, student, trial_of("NOON-3")).perspective == "clinical"


def test_its_tags_are_those_of_all_its_trials() -> None:
    note = note_of(trial_of("DAWN-1", topics="example-disease, one"), trial_of("DUSK-2", topics="example-disease, two"))
    assert note.trials == ("dawn-1", "dusk-2")
    assert {"trialdeck::topic::one", "trialdeck::topic::two"} < set(note.tags)


def test_names_that_anki_could_misread_stay_whole() -> None:
    odd = trial_of("DAWN-1")
    named = [trial_of("DUSK-2"), trial_of("NOON-3", acronym="null", title='"A::B}} {{c1::C"')]
    note = note_of(odd, *named)
    text = field(note, "Text")
    assert len(re.findall(r"\{\{c\d+::", text)) == 3
    back = card_html(note, next(iter(note.cards))).back
    assert "{{c1::C" not in text
    assert "A::B}} {{c1::C" in readable(back)
