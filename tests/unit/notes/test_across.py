"""One endpoint across related trials: when there is such a card, and what it says."""

import pytest

from trialdeck.notes.builder import notes_of
from trialdeck.notes.cross_trial import MOST
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.plots.forest import CROSS_TRIAL
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.model import Trial
from trials import trial

EVENING = {
    "id: dawn-1": "id: dusk-2",
    "DAWN-1": "DUSK-2",
    "id: dusk-2, name: DUSK-2, tested: Duskol": "id: dawn-1, name: DAWN-1, tested: Dawnol",
    "estimate: 0.70": "estimate: 0.85",
    "ci: [0.60, 0.90]": "ci: [0.70, 1.03]",
    "Primary analysis": "Second cut",
}


def landscapes(*trials: Trial) -> dict[str, Note]:
    shared, own = trial_notes(trials), {each.id: each for each in trials}
    notes = [note for each in trials for note in notes_of(each, shared, "", own)]
    return {note.key: note for note in notes if "/landscape/" in note.key}


def field(note: Note, name: str) -> str:
    return dict(zip(note_type(Kind.QUESTION).field_names, note.fields, strict=True))[name]


def test_trials_that_name_each_other_and_report_the_same_ratio(record_text: str) -> None:
    notes = landscapes(trial(record_text), trial(record_text, EVENING))
    assert set(notes) == {"dawn-1/landscape/rfs", "dusk-2/landscape/rfs"}
    note = notes["dawn-1/landscape/rfs"]
    assert field(note, "Question") == (
        "<p>DAWN-1 and a related trial: which hazard ratios were reported for "
        "<strong>Relapse-free survival</strong>, each against its own comparator?</p>"
    )
    back = field(note, "Response")
    assert back.index("DAWN-1: Hazard ratio <strong>0.70</strong> (95% CI 0.60 to 0.90)") < back.index(
        "DUSK-2: Hazard ratio <strong>0.85</strong> (95% CI 0.70 to 1.03)"
    )
    assert "Data cut: Primary analysis" in back
    assert "Data cut: Second cut" in back
    assert CROSS_TRIAL in back
    assert field(note, "Picture").startswith("<svg")
    assert field(note, "Source").startswith('DAWN-1: <a href="https://doi.org/10.1000/dawn">')
    assert "<br>DUSK-2: " in field(note, "Source")
    assert note.cards == (0,)


def test_the_worst_review_counts_and_a_disputed_number_is_marked(record_text: str) -> None:
    reviewed = {"review: {status: unreviewed}": "review: {status: reviewed, by: A, on: 2026-01-02}"}
    disputed = {"review: {status: unreviewed}": "review: {status: disputed, by: B, on: 2026-03-04, reason: Wrong.}"}
    one, other = trial(record_text, reviewed), trial(record_text, EVENING | disputed)
    note = landscapes(one, other)["dawn-1/landscape/rfs"]
    assert field(note, "Review") == '<strong class="td-warn">Disputed by B on 2026-03-04: Wrong.</strong>'
    assert not note.reviewed
    mine, theirs = field(note, "Response").split("</li>")[:2]
    assert mine.endswith('<div class="td-own td-verdict">Reviewed by A on 2026-01-02</div>')
    assert theirs.endswith('<div class="td-own td-verdict td-warn">Disputed by B on 2026-03-04: Wrong.</div>')
    both = landscapes(one, trial(record_text, EVENING | reviewed))["dawn-1/landscape/rfs"]
    assert both.reviewed
    assert "td-own" not in field(both, "Response")


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint: Relapse-free survival\n    data": "endpoint: Survival\n    data"},
        {"measure: hazard ratio": "measure: odds ratio"},
        {"    estimate: 0.85\n    ci: [0.70, 1.03]\n    ci_level: 95\n": ""},
    ],
)
def test_another_endpoint_or_measure_is_not_set_beside_it(changes: dict[str, str], record_text: str) -> None:
    assert landscapes(trial(record_text), trial(record_text, EVENING | changes)) == {}


def test_a_trial_without_a_record_of_its_own_has_reported_nothing(record_text: str) -> None:
    assert landscapes(trial(record_text)) == {}


def test_a_difference_is_not_set_beside_others(record_text: str) -> None:
    other = {"measure: hazard ratio": "measure: risk difference"}
    assert landscapes(trial(record_text, other), trial(record_text, EVENING | other)) == {}


def test_a_renamed_result_keeps_its_card(record_text: str) -> None:
    renamed = {
        "  - id: rfs\n": "  - id: relapse-free\n    formerly: [rfs]\n",
        "results: [rfs]": "results: [relapse-free]",
    }
    before = landscapes(trial(record_text), trial(record_text, EVENING))["dawn-1/landscape/rfs"]
    after = landscapes(trial(record_text, renamed), trial(record_text, EVENING))["dawn-1/landscape/relapse-free"]
    assert after.guid == before.guid


def test_a_picture_holds_no_more_trials_than_can_be_read(record_text: str) -> None:
    names = [f"trial-{number}" for number in range(12)]
    related = "".join(f"  - {{id: {name}, name: {name}}}\n" for name in names)
    own = trial(record_text, {"  - {id: dusk-2, name: DUSK-2, tested: Duskol, endpoint: Survival}\n": related})
    others = [trial(record_text, {"id: dawn-1": f"id: {name}", "DAWN-1": name}) for name in names]
    back = field(landscapes(own, *others)["dawn-1/landscape/rfs"], "Response")
    assert back.count("<li>") == MOST
