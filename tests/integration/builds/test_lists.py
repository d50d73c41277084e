"""A list that is asked: the review that counts, what each point has of its own, and decks of what is reviewed."""

from pathlib import Path

import pytest

from projects import DAY, NOW, Project
from trialdeck.anki.record_paths import points_of_list
from trialdeck.editions.tombstone import reason_for
from trialdeck.markdown.cloze import uncovered
from trialdeck.markdown.from_html import points_of
from trialdeck.notes.builder import own_notes
from trialdeck.notes.lists import points_alone, without_signatures
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import note_type
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Review, Trial
from trialdeck.records.review import worst_of

OLD = "{status: reviewed, by: A. Reader, on: 2026-01-02}"
NEW = "{status: reviewed, by: B. Reader, on: 2026-03-04}"
LIST = "dawn-1/limitations/points"
DISPUTED = "{status: disputed, by: C. Reader, on: 2026-05-06, reason: The *interval* is wrong.}"
DISPUTE = "Disputed by C. Reader on 2026-05-06: The <em>interval</em> is wrong."
IN_FOOTER = f'<span class="td-pill td-disputed">{DISPUTE}</span>'


def points_in(html: str) -> list[str]:
    """The points of a field that is a list, without what stands below them."""
    return points_of(points_alone(html))


def trial_of(*points: str, review: str = "{status: unreviewed}") -> Trial:
    """A trial with these limitations: what each has beside its id and text, such as `review: …`."""
    items = "".join(f"  - {{id: p{number}, text: Point {number}.{own}}}\n" for number, own in enumerate(points, 1))
    text = (
        "format: 1\nid: x\ntitle: X\nsource: {citation: The paper}\ncards: [limitations]\n"
        f"limitations:\n{items}review: {review}\n"
    )
    record = load_record_text(text.encode(), "x.yaml")
    assert record.problems == ()
    assert record.trial is not None
    return record.trial


def notes_of(*points: str, review: str = "{status: unreviewed}") -> dict[str, Note]:
    return {note.key: note for note in own_notes(trial_of(*points, review=review)).notes}


def field(note: Note, name: str) -> str:
    return dict(zip(note_type(note.kind).field_names, note.fields, strict=True))[name]


def shown(note: Note) -> str:
    """The list of a note with the answers in place."""
    text = uncovered(field(note, "Text"))
    return text[text.index("<ol>") :]


def own(html: str, look: str = "") -> str:
    return f'<div class="td-own{look}">{html}</div>'


def test_a_disputed_point_is_disputed_on_the_note_and_at_the_point() -> None:
    note = notes_of("", f", review: {DISPUTED}", "")["x/limitations/points"]
    unreviewed = own("Not yet reviewed", " td-verdict")
    assert field(note, "Review") == IN_FOOTER
    assert shown(note) == (
        f"<ol><li>Point 1.{unreviewed}</li><li>Point 2.{own(DISPUTE, ' td-verdict td-warn')}</li>"
        f"<li>Point 3.{unreviewed}</li></ol>"
    )
    assert not note.reviewed


def test_points_show_their_own_source_audience_and_perspective() -> None:
    note = notes_of(", source: {citation: Another paper}", ", audience: [student, fellow], perspective: clinical", "")[
        "x/limitations/points"
    ]
    assert shown(note) == (
        f"<ol><li>Point 1.{own('Source: Another paper')}</li>"
        f"<li>Point 2.{own('For: student, fellow · Perspective: clinical')}</li><li>Point 3.</li></ol>"
    )
    assert field(note, "Source") == "The paper"


@pytest.mark.parametrize("same", [", perspective: reviewer", ", source: {citation: The paper}", f", review: {OLD}"])
def test_what_a_point_has_in_common_with_the_note_changes_nothing(same: str) -> None:
    plain, stated = (notes_of(own, "", review=OLD)["x/limitations/points"] for own in ("", same))
    assert plain == stated
    assert "td-own" not in field(plain, "Text")


def test_a_list_is_reviewed_when_all_of_its_points_are_and_as_long_ago_as_the_oldest() -> None:
    note = notes_of(f", review: {NEW}", "", review=OLD)["x/limitations/points"]
    assert note.signed == "2026-01-02, A. Reader"
    assert field(note, "Review") == ('<span class="td-pill td-reviewed">Reviewed by A. Reader on 2026-01-02</span>')
    assert shown(note) == (
        f"<ol><li>Point 1.{own('Reviewed by B. Reader on 2026-03-04', ' td-verdict')}</li><li>Point 2.</li></ol>"
    )


def test_a_review_at_a_point_is_not_among_the_words_that_it_vouches_for() -> None:
    one = notes_of(f", review: {NEW}", "", review=OLD)["x/limitations/points"]
    other = notes_of("", "", review=OLD)["x/limitations/points"]
    assert (one.fields != other.fields, one.words) == (True, other.words)
    disputed = notes_of(f", review: {DISPUTED}", "", review=OLD)["x/limitations/points"]
    back = field(disputed, "Text")
    assert without_signatures(back) == back.replace(own("Reviewed by A. Reader on 2026-01-02", " td-verdict"), "")
    assert DISPUTE in without_signatures(back)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["reviewed", "disputed", "unreviewed"], "disputed"),
        (["reviewed", "unreviewed"], "unreviewed"),
        (["reviewed"], "reviewed"),
    ],
)
def test_the_worst_review(statuses: list[str], worst: str) -> None:
    assert worst_of(Review(status) for status in statuses).status == worst


def test_points_come_back_from_a_list_without_what_stands_below_them() -> None:
    points = (
        f", review: {NEW}, source: {{citation: Y}}",
        ", retired: {on: 2026-01-02, reason: No.}",
        f", review: {OLD}",
    )
    trial, note = trial_of(*points), notes_of(*points)["x/limitations/points"]
    assert points_in(field(note, "Text")) == ["Point 1.", "Point 3."]
    assert points_of_list(trial, "x/limitations/points", "Text") == [("limitations", each, "text") for each in (0, 2)]
    assert points_of_list(trial, "x/limitations/points", "Back") == []
    assert points_of_list(trial, "x/limitations", "Text") == []
    assert points_of_list(trial, "x/question/points", "Text") == []


# In decks


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two limitations that are asked, of which the first is reviewed; a deck of everything, one of what is reviewed."""
    project = Project(tmp_path)
    one = "{id: short, text: Follow-up was short.}"
    two = f"{{id: short, text: Follow-up was short., review: {OLD}}}\n  - {{id: small, text: It was small.}}"
    path = project.record()
    text = path.read_text(encoding="utf-8").replace(one, two)
    path.write_text(text, encoding="utf-8")
    project.define("all", "name: All")
    project.define("checked", "name: Checked", "select: {reviewed_only: true}")
    return project


def edit(project: Project, old: str, new: str) -> None:
    path = project.seeds / "dawn-1.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def limitations(project: Project, deck: str) -> set[str]:
    notes = project.opened(deck).notes if (project.decks / f"{deck}.apkg").exists() else {}
    return {key for key in notes if "/limitations" in key}


def test_a_disputed_point_is_in_no_deck_of_what_is_reviewed_and_disputed_elsewhere(project: Project) -> None:
    edit(project, "text: It was small.", f"text: It was small., review: {DISPUTED}")
    project.build()
    assert limitations(project, "all") == {LIST}
    assert limitations(project, "checked") == set()
    note = project.opened("all").notes[LIST]
    assert DISPUTE in note["Text"]
    assert note["Review"] == IN_FOOTER


def test_a_list_goes_into_decks_of_what_is_reviewed_when_all_of_its_points_are(project: Project) -> None:
    project.build()
    assert limitations(project, "checked") == set()
    edit(project, "text: It was small.", f"text: It was small., review: {NEW}")
    project.build(NOW + DAY)
    checked, whole = project.opened("checked"), project.opened("all")
    assert checked.notes[LIST] == whole.notes[LIST]


def test_a_list_that_nobody_asks_leaves_no_line_in_the_ledger(project: Project) -> None:
    edit(project, ", limitations]", "]")
    project.build()
    assert not [line for line in project.ledger.notes if "/limitations" in line.key]


def test_a_list_that_is_asked_no_more_is_retired_with_the_reason_and_comes_back(project: Project) -> None:
    project.build()
    edit(project, ", limitations]", "]")
    built = project.build(NOW + DAY)
    assert built.counts.retired == 1
    line = project.line(LIST)
    assert (line.retired, reason_for(line)) == ("2026-09-22", "No card asks this any more: it is for reading.")
    assert project.build(NOW + 2 * DAY).counts.retired == 0
    assert project.line(LIST) == line
    edit(project, ", key_findings]", ", key_findings, limitations]")
    assert project.build(NOW + 3 * DAY).counts.returned == 1
