"""The cards of an entry while its author writes: from a text that is not saved, whatever is wrong elsewhere."""

from pathlib import Path

import pytest

import trialdeck as td
from chromium_dot import DOT
from conftest import RECORD
from forest_trials import trial_text
from projects import Project

FIGURE = "    response: It binds **dawnin**.\n    figures: [{file: dot.png, alt: A dot, license: CC0}]\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.record()
    return project


def previewed(project: Project, *path: str | int, text: str | None = None, **changes: str) -> td.CardPreview:
    """The preview of an entry of the common record, as it is or after changes that are not saved."""
    for old, new in changes.items():
        text = (text or RECORD).replace(old.replace("_", " "), new)
    return td.open_cards(td.load(project.folder)).preview(project.seeds / "dawn-1.yaml", path, text=text)


def keys(preview: td.CardPreview) -> list[tuple[str, int]]:
    return [(card.key.removeprefix("dawn-1/"), card.ordinal) for card in preview.cards]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("questions", 0, "response"), [("question/why", 0)]),
        (("questions", 1), [("question/whom", 0)]),
        (("results", 0, "arms", 1, "n"), [("result/rfs", 0)]),
        (("takeaways", 0), [("takeaway/start", 0)]),
        (("summary",), [("summary", 0)]),
        (("related_trials", 0, "tested"), [("dusk-2/trial", 0), ("dusk-2/trial", 1), ("dusk-2/trial", 2)]),
        (("tested",), [("trial", 0), ("trial", 1), ("trial", 2)]),
        ((), [("trial", 0), ("trial", 1), ("trial", 2)]),
        (("source", "doi"), [("trial", 0), ("trial", 1), ("trial", 2)]),
    ],
)
def test_each_entry_has_its_cards(project: Project, path: tuple[str | int, ...], expected: list[object]) -> None:
    preview = previewed(project, *path)
    assert keys(preview) == expected
    assert preview.why == ""


def test_the_statement_that_is_typed_comes_before_its_point(project: Project) -> None:
    whole, statement = "key-findings/points", "key-findings/relapse/cloze/delay"
    cards = keys(previewed(project, "key_findings", 0, "cloze", "delay"))
    assert [key for key, _ in cards] == [statement, statement, whole]
    assert [key for key, _ in keys(previewed(project, "key_findings", 0, "text"))] == [whole, statement, statement]


def test_each_point_of_a_list_has_its_own_card(project: Project) -> None:
    two = RECORD.replace(
        "text: Follow-up was short.}", "text: Follow-up was short.}\n  - {id: few, text: Few took part.}"
    )
    fronts = [previewed(project, "limitations", index, text=two).cards for index in (0, 1)]
    assert [len(cards) for cards in fronts] == [1, 1]
    assert "Few took part." in fronts[0][0].face().front
    assert "Few took part." not in fronts[1][0].face().front


def test_what_is_not_saved_is_shown_and_nothing_is_written(project: Project) -> None:
    before = (project.seeds / "dawn-1.yaml").read_bytes()
    face = previewed(project, "questions", 0, It_binds="It **blocks**").cards[0].face()
    assert "<strong>blocks</strong>" in face.back
    assert "blocks" not in face.front
    assert (project.seeds / "dawn-1.yaml").read_bytes() == before


def test_a_statement_of_the_trial_that_is_not_saved_is_on_its_card(project: Project) -> None:
    face = previewed(project, "tested", text=RECORD.replace("tested: Dawnol", "tested: Dawnol twice")).cards[0].face()
    assert "Dawnol twice" in face.back


def test_errors_of_the_entry_stand_in_place_of_its_card(project: Project) -> None:
    preview = previewed(project, "questions", 0, text=RECORD.replace("response: It binds **dawnin**.", "response: ''"))
    assert (preview.cards, preview.why) == ((), "errors")
    assert [problem.code for problem in preview.problems] != []
    assert {problem.line for problem in preview.problems} == {RECORD[: RECORD.index("response: It")].count("\n") + 1}


@pytest.mark.parametrize(
    "broken",
    [
        "response: Adults with example disease.|response: ''",
        "status: unreviewed|status: unknown",
        "title: Dawnol for Example Disease|title: ''",
        "estimate: 0.70|estimate: a lot",
        "id: dusk-2|id: Dusk 2",
    ],
)
def test_errors_elsewhere_do_not_matter(project: Project, broken: str) -> None:
    old, new = broken.split("|")
    preview = previewed(project, "questions", 0, text=RECORD.replace(old, new))
    assert keys(preview) == [("question/why", 0)]
    assert preview.problems == ()


def test_warnings_come_with_the_card(project: Project) -> None:
    text = RECORD.replace("question: Why does dawnol work?", "question: Why does <b>dawnol</b> work?")
    preview = previewed(project, "questions", 0, text=text)
    assert [problem.severity for problem in preview.problems] == ["warning"]
    assert len(preview.cards) == 1


def test_too_long_a_list_is_an_error_of_its_points_alone(project: Project) -> None:
    points = "\n".join(f"  - {{id: p{number}, text: Point {number}.}}" for number in range(500))
    text = RECORD.replace("  - {id: short, text: Follow-up was short.}", points)
    assert previewed(project, "limitations", 3, text=text).why == "errors"
    assert keys(previewed(project, "questions", 0, text=text)) == [("question/why", 0)]


def test_why_there_is_no_card(project: Project) -> None:
    text = RECORD.replace("cards: [summary, key_findings, limitations]\n", "").replace(
        "    response: It binds **dawnin**.\n",
        "    response: It binds **dawnin**.\n    retired: {on: 2026-01-01, reason: Withdrawn.}\n",
    )
    assert previewed(project, "limitations", 0, text=text).why == "reading"
    assert previewed(project, "questions", 0, text=text).why == "retired"
    assert previewed(project, "questions", 7, text=text).why == "missing"
    assert previewed(project, "history", text=text).why == "missing"


def test_a_summary_for_reading_stands_on_the_cards_of_its_trial(project: Project) -> None:
    preview = previewed(project, "summary", text=RECORD.replace("cards: [summary, ", "cards: ["))
    assert keys(preview) == [("trial", 0), ("trial", 1), ("trial", 2)]
    assert "Dawnol delayed relapse." in preview.cards[0].face().back


def test_a_text_that_is_no_yaml_has_the_problem_of_the_file(project: Project) -> None:
    preview = previewed(project, "questions", 0, text="questions: [")
    assert (preview.cards, preview.why) == ((), "errors")
    assert preview.problems


def test_pictures_are_part_of_the_face(project: Project) -> None:
    (project.seeds / "dot.png").write_bytes(DOT)
    text = RECORD.replace("    response: It binds **dawnin**.\n", FIGURE)
    back = previewed(project, "questions", 0, text=text).cards[0].face().back
    assert '<img src="data:image/png;base64,iVBOR' in back
    assert "trialdeck-" not in back


def test_a_picture_that_is_missing_is_an_error_of_its_entry(project: Project) -> None:
    text = RECORD.replace("    response: It binds **dawnin**.\n", FIGURE)
    assert [problem.code for problem in previewed(project, "questions", 0, text=text).problems] == ["TD211"]
    assert keys(previewed(project, "questions", 1, text=text)) == [("question/whom", 0)]


def test_a_name_of_a_file_in_a_text_stays_a_text(project: Project) -> None:
    name = f'src="trialdeck-{"0" * 20}.png"'
    assert name in previewed(project, "questions", 0, It_binds=name).cards[0].face().back.replace("&quot;", '"')


@pytest.mark.parametrize(("response", "has_formula"), [(r"It is \\(x^2\\).", True), ("It costs $5 and $6.", False)])
def test_formulas_are_told(project: Project, response: str, *, has_formula: bool) -> None:
    text = RECORD.replace("response: It binds **dawnin**.", f'response: "{response}"')
    assert previewed(project, "questions", 0, text=text).cards[0].face().has_formula is has_formula


def test_a_forest_shows_the_row_of_the_result_that_is_typed(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    for name in ("DAWN-1", "DUSK-2", "NOON-3"):
        project.text(name.lower(), trial_text(name))
    cards = td.open_cards(td.load(project.folder))
    file = project.seeds / "dusk-2.yaml"
    text = trial_text("DUSK-2", "0.41")
    result, forest = cards.preview(file, ("results", 0), text=text).cards
    assert (result.key, forest.key) == ("dusk-2/result/pfs", "across:example-disease/pfs")
    face = forest.face()
    assert "DUSK-2" not in face.front.partition("<footer")[0]
    assert "0.41" in face.back
    assert "DAWN-1" in face.front
    # A third of the same name takes part no more, so that no two others make a forest that teaches something.
    alone = cards.preview(file, ("results", 0), text=text.replace("outcome: pfs", "outcome: os"))
    assert [card.key for card in alone.cards] == ["dusk-2/result/pfs"]


def test_a_new_record_has_cards_before_it_is_saved(project: Project) -> None:
    cards = td.open_cards(td.load(project.folder))
    preview = cards.preview(project.seeds / "noon-3.yaml", (), text=RECORD.replace("dawn-1", "noon-3"))
    assert [card.key for card in preview.cards] == ["noon-3/trial"] * 3


def test_what_is_typed_is_shown_whatever_others_have_written(project: Project) -> None:
    cards, file = td.open_cards(td.load(project.folder)), project.seeds / "dawn-1.yaml"
    typed = td.Change(("questions", 0, "response"), "It **blocks**.", was="It binds **dawnin**.", names=("why",))
    project.edit("dawn-1", response="It holds")
    before = file.read_bytes()
    assert "<strong>blocks</strong>" in cards.preview(file, ("questions", 0), changes=[typed]).cards[0].face().back
    assert file.read_bytes() == before
    emptied = td.Change(("questions", 0, "response"), "", was="It holds **dawnin**.")
    assert cards.preview(file, ("questions", 0), changes=[emptied]).why == "errors"


def test_an_entry_that_others_have_moved_is_changed_where_it_stands(project: Project) -> None:
    cards, file = td.open_cards(td.load(project.folder)), project.seeds / "dawn-1.yaml"
    moved = RECORD.replace("id: why", "id: x").replace("id: whom", "id: why").replace("id: x", "id: whom")
    typed = td.Change(("questions", 0, "question"), "Why then?", was="Why does dawnol work?", names=("why",))
    fronts = [
        cards.preview(file, ("questions", index), text=moved, changes=[typed]).cards[0].face().front for index in (0, 1)
    ]
    assert ["Why then?" in front for front in fronts] == [False, True]
