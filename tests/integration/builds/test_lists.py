"""A list section as a note: the review that counts, what each point has of its own, and extracts."""

from pathlib import Path

import pytest

from projects import DAY, NOW, Project
from trialdeck.anki.record_paths import points_of_list
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.markdown.from_html import points_of
from trialdeck.notes.builder import own_notes
from trialdeck.notes.lists import points_alone, without_signatures
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import note_type
from trialdeck.project.build import plan
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Review, Trial
from trialdeck.records.review import worst_of

OLD = "{status: reviewed, by: A. Reader, on: 2026-01-02}"
NEW = "{status: reviewed, by: B. Reader, on: 2026-03-04}"
DISPUTED = "{status: disputed, by: C. Reader, on: 2026-05-06, reason: The *interval* is wrong.}"
DISPUTE = "Disputed by C. Reader on 2026-05-06: The <em>interval</em> is wrong."
IN_FOOTER = f'<span class="td-pill td-disputed">{DISPUTE}</span>'


def points_in(html: str) -> list[str]:
    """The points of a field that is a list, without what stands below them."""
    return points_of(points_alone(html))


def trial_of(*points: str, review: str = "{status: unreviewed}") -> Trial:
    """A trial with these limitations: what each has beside its id and text, such as `review: …`."""
    items = "".join(f"  - {{id: p{number}, text: Point {number}.{own}}}\n" for number, own in enumerate(points, 1))
    text = f"format: 1\nid: x\ntitle: X\nsource: {{citation: The paper}}\nlimitations:\n{items}review: {review}\n"
    record = load_record_text(text.encode(), "x.yaml")
    assert record.problems == ()
    assert record.trial is not None
    return record.trial


def notes_of(*points: str, review: str = "{status: unreviewed}") -> dict[str, Note]:
    return {note.key: note for note in own_notes(trial_of(*points, review=review)).notes}


def field(note: Note, name: str) -> str:
    return dict(zip(note_type(note.kind).field_names, note.fields, strict=True))[name]


def own(html: str, look: str = "") -> str:
    return f'<div class="td-own{look}">{html}</div>'


def test_a_disputed_point_is_disputed_on_the_note_and_at_the_point() -> None:
    note = notes_of("", f", review: {DISPUTED}", "")["x/limitations"]
    unreviewed = own("Not yet reviewed", " td-verdict")
    assert field(note, "Review") == IN_FOOTER
    assert field(note, "Response") == (
        f"<ol><li>Point 1.{unreviewed}</li><li>Point 2.{own(DISPUTE, ' td-verdict td-warn')}</li>"
        f"<li>Point 3.{unreviewed}</li></ol>"
    )
    assert not note.reviewed


def test_points_show_their_own_source_audience_and_perspective() -> None:
    note = notes_of(", source: {citation: Another paper}", ", audience: [student, fellow], perspective: clinical", "")[
        "x/limitations"
    ]
    assert field(note, "Response") == (
        f"<ol><li>Point 1.{own('Source: Another paper')}</li>"
        f"<li>Point 2.{own('For: student, fellow · Perspective: clinical')}</li><li>Point 3.</li></ol>"
    )
    assert field(note, "Source") == "The paper"


@pytest.mark.parametrize("same", [", perspective: reviewer", ", source: {citation: The paper}", f", review: {OLD}"])
def test_what_a_point_has_in_common_with_the_note_changes_nothing(same: str) -> None:
    plain, stated = notes_of("", "", review=OLD), notes_of(same, "", review=OLD)
    assert plain["x/limitations"] == stated["x/limitations"]
    assert "td-own" not in field(plain["x/limitations"], "Response")


def test_a_list_is_reviewed_when_all_of_its_points_are_and_as_long_ago_as_the_oldest() -> None:
    note = notes_of(f", review: {NEW}", "", review=OLD)["x/limitations"]
    assert note.signed == "2026-01-02, A. Reader"
    assert field(note, "Review") == "Reviewed by A. Reader on 2026-01-02"
    assert field(note, "Response") == (
        f"<ol><li>Point 1.{own('Reviewed by B. Reader on 2026-03-04', ' td-verdict')}</li><li>Point 2.</li></ol>"
    )


def test_a_review_at_a_point_is_not_among_the_words_that_it_vouches_for() -> None:
    one = notes_of(f", review: {NEW}", "", review=OLD)["x/limitations"]
    other = notes_of("", "", review=OLD)["x/limitations"]
    assert (one.fields != other.fields, one.words) == (True, other.words)
    disputed = notes_of(f", review: {DISPUTED}", "", review=OLD)["x/limitations"]
    back = field(disputed, "Response")
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


def test_an_extract_holds_the_reviewed_points_of_a_list_where_others_are_not() -> None:
    notes = notes_of(f", review: {NEW}", "", f", review: {DISPUTED}", f", review: {OLD}")
    extract = notes["x/reviewed/limitations"]
    assert extract.guid != notes["x/limitations"].guid
    assert extract.is_extract
    assert not notes["x/limitations"].is_extract
    assert field(extract, "Question") == (
        '<p>Which 2 limitations does X have?</p><p class="td-cut">Only points that have been reviewed.</p>'
    )
    assert points_in(field(extract, "Response")) == ["Point 1.", "Point 4."]
    assert extract.signed == "2026-01-02, A. Reader"


@pytest.mark.parametrize(
    ("points", "review"),
    [(("", ""), OLD), (("", ""), "{status: unreviewed}"), ((f", review: {NEW}", f", review: {OLD}"), DISPUTED)],
)
def test_there_is_no_extract_where_all_points_are_reviewed_or_none(points: tuple[str, ...], review: str) -> None:
    assert "x/reviewed/limitations" not in notes_of(*points, review=review)


def test_points_come_back_from_a_list_and_from_an_extract_without_what_stands_below_them() -> None:
    points = (f", review: {NEW}, source: {{citation: Y}}", "", f", review: {OLD}")
    trial, note = trial_of(*points), notes_of(*points)["x/limitations"]
    assert points_in(field(note, "Response")) == ["Point 1.", "Point 2.", "Point 3."]
    assert points_of_list(trial, "x/limitations", "Response") == [("limitations", each, "text") for each in range(3)]
    assert points_of_list(trial, "x/reviewed/limitations", "Response") == [
        ("limitations", 0, "text"),
        ("limitations", 2, "text"),
    ]
    assert points_of_list(trial, "x/limitations", "Question") == []
    assert points_of_list(trial, "x/question/limitations", "Response") == []


# In decks


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two limitations, of which the first is reviewed, in a deck of everything and in one of what is reviewed."""
    project = Project(tmp_path)
    one = "{id: short, text: Follow-up was short.}"
    two = f"{{id: short, text: Follow-up was short., review: {OLD}}}\n  - {{id: small, text: It was small.}}"
    path = project.record()
    path.write_text(path.read_text(encoding="utf-8").replace(one, two), encoding="utf-8")
    project.define("all", "name: All")
    return project


def edit(project: Project, old: str, new: str) -> None:
    path = project.seeds / "dawn-1.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def limitations(project: Project, deck: str) -> set[str]:
    return {key for key in project.opened(deck).notes if key.endswith("limitations")}


def lines(project: Project) -> dict[str, str]:
    return {line.key: line.text for line in project.ledger.notes if line.key.endswith("limitations")}


CHECKED = ("name: Checked", "select: {reviewed_only: true}")


def test_a_disputed_point_is_in_no_deck_of_what_is_reviewed_and_disputed_elsewhere(project: Project) -> None:
    project.define("checked", *CHECKED)
    edit(project, "text: It was small.", f"text: It was small., review: {DISPUTED}")
    project.build()
    assert limitations(project, "all") == {"dawn-1/limitations"}
    assert limitations(project, "checked") == {"dawn-1/reviewed/limitations"}
    whole, part = project.opened("all").notes, project.opened("checked").notes
    assert DISPUTE in whole["dawn-1/limitations"]["Response"]
    assert whole["dawn-1/limitations"]["Review"] == IN_FOOTER
    assert "small" not in str(part)
    assert "Disputed" not in str(part)


def test_a_project_without_decks_of_what_is_reviewed_has_no_extracts(project: Project) -> None:
    project.build()
    assert set(lines(project)) == {"dawn-1/limitations"}


def test_builds_without_extracts_leave_their_lines_alone(project: Project) -> None:
    project.define("checked", *CHECKED)
    project.build()
    before = lines(project)["dawn-1/reviewed/limitations"]
    edit(project, "Follow-up was short.", "Follow-up was too short.")
    built = project.build(NOW + DAY, "all")
    assert built.counts.changed == 1
    assert lines(project)["dawn-1/reviewed/limitations"] == before
    built = project.build(NOW + 2 * DAY)
    assert (built.counts.changed, built.counts.retired) == (1, 0)
    assert lines(project)["dawn-1/reviewed/limitations"] != before


def test_a_list_that_is_reviewed_as_a_whole_takes_the_place_of_its_extract(project: Project) -> None:
    project.define("checked", *CHECKED)
    project.build()
    edit(project, "text: It was small.", f"text: It was small., review: {NEW}")
    built = project.build(NOW + DAY)
    assert built.counts.retired == 1
    checked, whole = project.opened("checked"), project.opened("all")
    assert checked.notes["dawn-1/limitations"] == whole.notes["dawn-1/limitations"]
    assert checked.notes["dawn-1/reviewed/limitations"]["Retired"] == "2026-09-22"
    assert "dawn-1/reviewed/limitations" not in whole.notes
    assert project.build(NOW + 2 * DAY).counts.retired == 0


def test_a_build_of_what_is_reviewed_finds_the_same_as_a_deck_of_it(project: Project) -> None:
    planned = plan([project.seeds], DeckRequest(reviewed_only=True), project.decks, NOW)
    assert [(each.notes, each.cards) for each in planned.built] == [(1, 1)]


REVIEWED = DeckRequest(reviewed_only=True)
EXTRACT = "dawn-1/reviewed/limitations"


def alternate(project: Project) -> None:
    """Build the reviewed notes alone, then all notes into the same folder: no package has the extract any more."""
    project.build(NOW, wanted=REVIEWED)
    project.build(NOW + DAY)


def test_an_extract_that_its_list_replaces_keeps_its_text_without_a_package_of_it(project: Project) -> None:
    alternate(project)
    edit(project, "text: It was small.", f"text: It was small., review: {NEW}")
    project.build(NOW + 2 * DAY)
    planned = plan([project.seeds], REVIEWED, project.decks, NOW + 3 * DAY)
    assert {change.code for change in planned.changes} == {"notes-retired"}
    project.build(NOW + 3 * DAY, wanted=REVIEWED)
    (stone,) = (found.notes[EXTRACT] for found in project.packages.values() if EXTRACT in found.notes)
    assert points_in(stone["Response"]) == ["Follow-up was short.", "It was small."]
    assert stone["Retired"] == "2026-09-24"


def test_an_extract_is_retired_with_its_record_by_a_build_without_decks_of_what_is_reviewed(project: Project) -> None:
    project.record("dawn-3")
    alternate(project)
    (project.seeds / "dawn-1.yaml").unlink()
    project.build(NOW + 2 * DAY)
    assert [line.key for line in project.ledger.notes if line.trial == "dawn-1" and not line.retired] == []
    line = project.line(EXTRACT)
    assert points_in(line.kept[1]) == ["Follow-up was short.", "It was small."]
    assert line.kept[-1] == EXTRACT


def test_an_extract_is_retired_with_its_list(project: Project) -> None:
    alternate(project)
    path = project.seeds / "dawn-1.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("limitations:"), text.index("results:\n")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    project.build(NOW + 2 * DAY)
    assert project.line(EXTRACT).retired == "2026-09-23"
    assert project.line(EXTRACT).kept


def test_the_text_of_an_extract_is_lost_only_if_that_of_its_list_is(project: Project) -> None:
    project.record("dawn-3")
    alternate(project)
    for package in project.decks.glob("*.apkg"):
        package.unlink()
    (project.seeds / "dawn-1.yaml").unlink()
    planned = plan([project.seeds], DeckRequest(), project.decks, NOW + 2 * DAY)
    (lost,) = (change for change in planned.changes if change.code == "texts-lost")
    assert EXTRACT in lost.message
