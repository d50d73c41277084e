"""A reader's profile: decks and pages with what is meant for one person, takeaways for that person first."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from packages import OpenPackage, open_package
from projects import DAY, NOW, Project
from trialdeck.apkg.reader import read_package
from trialdeck.cli import main
from trialdeck.core.codes import CODES
from trialdeck.decks.deck_request import DeckRequest, ad_hoc_deck, personal
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.project import build as building
from trialdeck.project.context import BuildOptions
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.profile import Profile, ProfileFile, load_profile_text
from trialdeck.records.schema import load_schema, schema_text
from trialdeck.records.settings import DeckDefinition, Order, Selected, Split

PROFILE = "format: 1\nstage: fellow\nspecialties: [cardiology, oncology]\n"
TAKEAWAYS = """takeaways:
  - {id: all, card: true, text: Ask for the trial.}
  - {id: student, card: true, audience: [student], text: Learn the name.}
  - {id: surgeon, card: true, audience: [fellow], specialties: [surgery], text: Operate later.}
  - {id: start, card: true, audience: [fellow], specialties: [oncology], text: Start early.}
  - {id: both, card: true, audience: [attending, fellow], text: Teach it.}"""
OTHERS = {"student", "surgeon"}
SPECIALTIES = ("--specialty", "cardiology", "--specialty", "oncology")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Two trials with takeaways for many roles, a deck, and a profile, from within the project."""
    made = Project(tmp_path)
    for trial in ("dawn-1", "noon-1"):
        path = made.record(trial)
        text = path.read_text(encoding="utf-8")
        old = "takeaways:\n  - {id: start, audience: [fellow], specialties: [oncology], card: true, text: Start early.}"
        assert old in text
        path.write_text(text.replace(old, TAKEAWAYS), encoding="utf-8")
    made.define("all", "name: All")
    (tmp_path / "me.yaml").write_text(PROFILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"SOURCE_DATE_EPOCH": str(NOW)})


def keys_in_order(package: OpenPackage) -> list[str]:
    """The notes that have cards, as their first cards come."""
    return list(dict.fromkeys(key for key, *_ in package.cards))


def profile_of(text: str) -> Profile:
    """The profile in a file, which is to be sound."""
    file = load_profile_text(text.encode(), "me.yaml")
    assert file.problems == ()
    assert file.profile is not None
    return file.profile


# What is written arrives


def test_a_profile_arrives() -> None:
    text = "format: 1\nname: Jane  Doe\nstage: peer-reviewer\nspecialties: [hematology, internal-medicine]\n"
    expected = Profile(Audience.PEER_REVIEWER, ("hematology", "internal-medicine"), "Jane Doe")
    assert profile_of(text) == expected
    assert profile_of("format: 1\nstage: fellow\n") == Profile(Audience.FELLOW)
    assert profile_of("format: 1\nstage: fellow\nname:\nspecialties:\n") == Profile(Audience.FELLOW)


def test_the_schema_and_the_model_have_the_same_parts() -> None:
    schema = load_schema("profile")
    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(Profile.__annotations__) | {"format"}
    assert schema["properties"]["stage"]["enum"] == list(Audience)
    slug = load_schema("trial")["$defs"]["slug"]
    assert schema["$defs"]["slug"] == slug
    assert run("schema", "profile").stdout == schema_text("profile")


@pytest.mark.parametrize(
    ("text", "place", "code", "message", "hint"),
    [
        ("format: 1\nstage: felow\n", (2, 8), "TD110", "unknown stage 'felow'", "did you mean 'fellow'? allowed: stu"),
        ("format: 1\nstage: [fellow]\n", (2, 8), "TD105", "'stage' should be text, not a list", "write one text"),
        ("format: 1\n", (1, 1), "TD104", "'stage' is missing", "for example `stage: fellow`"),
        (f"{PROFILE}stge: x\n", (4, 1), "TD103", "unknown property 'stge'", "did you mean 'stage'?"),
        ("format: 1\nstage: fellow\nspecialties: [a, Onco]\n", (3, 18), "TD111", "'Onco' is not an id", "'onco'"),
        ("format: 1\nstage: fellow\nspecialties: [a, a]\n", (3, 18), "TD124", "'a' stands twice", "keep one"),
        ("format: 2\nstage: fellow\n", (1, 9), "TD123", "format 2 is not known", "write `format: 1`"),
        ("", (1, 1), "TD117", "the profile is empty", "`trialdeck schema profile` shows what a profile holds"),
        ("stage: [", (1, 9), "TD101", "", ""),
    ],
)
def test_a_fault_is_told_where_it_stands(text: str, place: tuple[int, int], code: str, message: str, hint: str) -> None:
    [problem] = load_profile_text(text.encode(), "me.yaml").problems
    assert ((problem.line, problem.column), problem.code, problem.path) == (place, code, "me.yaml")
    assert message in problem.message
    assert hint in problem.hint


NAMES = sorted(load_schema("profile")["properties"])
WORDS = st.sampled_from(["fellow", "student", "Fellow", "oncology", "1", ""])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5) | WORDS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3),
    max_leaves=8,
)


def is_told(file: ProfileFile) -> None:
    assert all(CODES[problem.code] and problem.message for problem in file.problems)
    assert file.profile is not None or file.problems


@given(st.text() | st.text("abc:-[]{}#&*!|>'\"%@`,? \n\t01", max_size=40))
def test_no_text_breaks_the_loader(text: str) -> None:
    is_told(load_profile_text(text.encode("utf-8", "surrogatepass"), "me.yaml"))


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=4))
def test_no_data_break_the_loader(data: dict[str, Any]) -> None:
    is_told(load_profile_text(yaml.safe_dump(data).encode(), "me.yaml"))


@given(st.text("abc*_<>&[]()`\\#-. 1", min_size=1, max_size=30))
def test_whatever_somebody_is_called_stands_in_the_description(name: str) -> None:
    profile = profile_of(yaml.safe_dump({"format": 1, "stage": "fellow", "name": name}))
    description = readable(render(personal(profile, Selected()).description))
    whom = f"{profile.name} (fellow)" if profile.name else "a reader (fellow)"
    assert description == f"Made for {whom}: takeaways for this role come first."


def test_a_profile_narrows_a_deck_and_keeps_the_other_filters() -> None:
    clinical = Selected(perspectives=(Perspective.CLINICAL,))
    made = personal(Profile(Audience.FELLOW, ("oncology",)), clinical, Split.PERSPECTIVE)
    assert made.select == Selected(
        perspectives=(Perspective.CLINICAL,), audiences=(Audience.FELLOW,), specialties=("oncology",)
    )
    assert (made.id, made.name, made.split, made.subdecks) == ("", "", Split.PERSPECTIVE, Split.TRIAL)
    assert made.order is Order.TAKEAWAYS
    assert ad_hoc_deck(clinical) == DeckDefinition("", "", select=clinical, split=Split.TRIAL, subdecks=Split.NONE)


# In a build


def test_a_build_takes_what_the_filters_take_with_own_takeaways_first(project: Project) -> None:
    assert run("build", "--audience", "fellow", *SPECIALTIES, "--out", "plain").exit_code == 0
    assert run("build", "--profile", "me.yaml", "--out", "mine").exit_code == 0
    plain, mine = (Project(project.folder / name) for name in ("plain", "mine"))
    files = [{path.name: path for path in made.folder.glob("*.apkg")} for made in (plain, mine)]
    assert set(files[0]) == set(files[1]) == {"dawn-1.apkg", "noon-1.apkg"}
    for name in files[0]:
        trial = name.removesuffix(".apkg")
        before, after = (keys_in_order(open_package(each[name])) for each in files)
        own = [f"{trial}/takeaway/{each}" for each in ("start", "both")]
        assert after == [*own, *(key for key in before if key not in own)]
        assert f"{trial}/takeaway/all" in after
        assert not {f"{trial}/takeaway/{each}" for each in OTHERS} & set(after)
        titles = [set(read_package(each[name]).decks) for each in files]
        assert titles[0] == titles[1]


def test_a_build_may_be_narrowed_and_divided_beside_the_profile(project: Project) -> None:
    assert run("build", "--profile", "me.yaml", "--by", "perspective", "--perspective", "clinical").exit_code == 0
    assert set(project.packages) == {"clinical"}
    first = keys_in_order(project.opened("clinical"))[:5]
    assert first == [
        *(f"{trial}/takeaway/{each}" for each in ("start", "both") for trial in ("dawn-1", "noon-1")),
        "dawn-1/trial",
    ]
    assert run("build", "seeds/dawn-1.yaml", "--profile", "me.yaml", "--out", "one").exit_code == 0
    assert [path.name for path in (project.folder / "one").glob("*.apkg")] == ["dawn-1.apkg"]


def test_what_is_for_no_other_specialty_alone_stays_without_specialties(project: Project) -> None:
    (project.folder / "me.yaml").write_text("format: 1\nstage: fellow\n", encoding="utf-8")
    assert run("build", "--profile", "me.yaml").exit_code == 0
    assert keys_in_order(project.opened("dawn-1"))[:3] == [
        f"dawn-1/takeaway/{each}" for each in ("surgeon", "start", "both")
    ]


def test_the_same_note_is_the_same_note_for_everybody(project: Project) -> None:
    run("build")
    run("build", "--profile", "me.yaml")
    whole, part = project.opened("all"), project.opened("dawn-1")
    for key in part.notes:
        assert part.guids[key] == whole.guids[key]
        assert part.notes[key] == whole.notes[key]


@pytest.mark.parametrize("options", [["--by", "trial"], ["--by", "perspective"]])
def test_a_package_is_made_anew_when_the_profile_changes(options: list[str], project: Project) -> None:
    def recipes() -> dict[str, bytes]:
        profile = profile_of((project.folder / "me.yaml").read_text(encoding="utf-8"))
        wanted = DeckRequest((personal(profile, Selected(), Split(options[1])),))
        means = BuildOptions(1, cache=project.folder / "cache")
        outputs = building.with_plan(
            [project.seeds], wanted, project.decks, NOW + DAY, lambda prepared: prepared.write_packages(), means
        )
        return {name: output.key for name, output in outputs.items()}

    made = [recipes()]
    assert made == [recipes()]
    for text in (
        PROFILE.replace("fellow", "resident"),
        PROFILE.replace("oncology", "surgery"),
        PROFILE.replace("specialties: [cardiology, oncology]\n", ""),
        f"{PROFILE}name: Jane Doe\n",
    ):
        (project.folder / "me.yaml").write_text(text, encoding="utf-8")
        made.append(recipes())
    for name in made[0]:
        assert len({each[name] for each in made}) == len(made)


def test_a_build_sees_that_the_profile_has_changed(project: Project) -> None:
    call = ("build", "--profile", "me.yaml")
    assert run(*call).exit_code == 0
    assert run(*call, "--check").stdout == "everything is up to date\n"
    (project.folder / "me.yaml").write_text(PROFILE.replace("fellow", "student"), encoding="utf-8")
    assert run(*call, "--check").exit_code == 1
    assert run(*call).exit_code == 0
    assert keys_in_order(project.opened("dawn-1"))[0] == "dawn-1/takeaway/student"
    assert "dawn-1/question/why" in project.opened("dawn-1").notes


@pytest.mark.parametrize("command", ["build", "site"])
def test_a_faulty_profile_is_told_and_nothing_is_built(command: str, project: Project) -> None:
    (project.folder / "me.yaml").write_text("format: 1\nstage: felow\n", encoding="utf-8")
    result = run(command, "--profile", "me.yaml")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "me.yaml:2:8: error [TD110] unknown stage 'felow'",
        "   2 | stage: felow",
        "     |        ^~~~~",
        f"    did you mean 'fellow'? allowed: {', '.join(Audience)}",
        "error: the profile me.yaml has errors",
        "    correct it; `trialdeck schema profile` shows what a profile holds",
    ]
    assert not list(project.folder.rglob("*.apkg"))
    assert not (project.folder / "site").exists()


@pytest.mark.parametrize(
    "call",
    [
        ["build", "--deck", "all"],
        ["build", "--audience", "fellow"],
        ["build", "--specialty", "oncology"],
        ["site", "--deck", "all"],
    ],
)
def test_a_profile_excludes_other_choices_of_a_reader(call: list[str], project: Project) -> None:
    result = run(*call, "--profile", "me.yaml")
    assert result.exit_code == 2
    assert "--profile says for whom it is: leave out --deck" in result.stderr
    assert not list(project.folder.rglob("*.apkg"))


def test_a_profile_that_is_not_there_is_a_wrong_call(project: Project) -> None:
    assert run("build", "--profile", "you.yaml").exit_code == 2
    assert not (project.folder / "decks" / "ledger.jsonl").exists()


# A deck that begins with takeaways


@pytest.mark.parametrize(
    ("select", "first"),
    [
        ("", ["all", "student", "surgeon", "start", "both"]),
        ("select: {audiences: [student]}", ["student"]),
        ("select: {audiences: [student, attending]}", ["student", "both"]),
    ],
)
def test_a_definition_may_order_takeaways_first(select: str, first: list[str], project: Project) -> None:
    project.define("plain", "name: Plain", select)
    project.define("tailored", "name: Tailored", "order: takeaways", select)
    project.build()
    ahead = [f"{trial}/takeaway/{each}" for each in first for trial in ("dawn-1", "noon-1")]
    rest = [key for key in keys_in_order(project.opened("plain")) if key not in ahead]
    assert keys_in_order(project.opened("tailored")) == [*ahead, *rest]


# On a site


def page(folder: Path, trial: str) -> BeautifulSoup:
    return BeautifulSoup((folder / "trials" / f"{trial}.html").read_bytes(), "html.parser")


def headings_of(found: BeautifulSoup) -> list[str]:
    return [str(each["id"]) for each in found.select("h2[id]")]


def test_a_site_shows_what_the_profile_takes_with_own_takeaways_first(project: Project) -> None:
    assert run("site", "--profile", "me.yaml", "--out", "mine").exit_code == 0
    assert {path.name for path in (project.folder / "mine" / "packages").iterdir()} == {"dawn-1.apkg", "noon-1.apkg"}
    for trial in ("dawn-1", "noon-1"):
        found = page(project.folder / "mine", trial)
        anchors = [str(each["id"]) for each in found.select("[id^='card.']")]
        others = [anchor for anchor in anchors if not anchor.startswith("card.trial.")]
        assert others[:2] == ["card.takeaway.start.1", "card.takeaway.both.1"]
        assert "card.takeaway.all.1" in others
        assert not [anchor for anchor in anchors if anchor.split(".")[2] in OTHERS]
        headings = headings_of(found)
        assert headings[:2] == ["trial", "takeaways"]
        assert headings.count("takeaways") == 1
        section = found.select_one("[aria-labelledby=takeaways]")
        assert section is not None
        told = [each.get_text(strip=True) for each in section.select(".prose")]
        assert told == ["Start early.", "Teach it.", "Ask for the trial.", "Learn the name.", "Operate later."]


def test_without_a_profile_a_page_keeps_the_order_of_its_record(project: Project) -> None:
    assert run("site", "--out", "all").exit_code == 0
    found = page(project.folder / "all", "dawn-1")
    assert str(found.select("[id^='card.']")[0]["id"]) == "card.trial.1"
    headings = headings_of(found)
    assert headings.index("takeaways") > headings.index("related-trials") > headings.index("results")
