"""The records that we ship go through the real Anki and back: ten kinds of edits are pulled once, and never again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from click.testing import CliRunner

from anki_exports import Step, in_anki
from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.notes.note import guid_of
from trialdeck.project.check import check


class Edit(NamedTuple):
    """What is done to a field in Anki's editor, and what the record says then; nothing if no record can take it."""

    key: str
    field: str
    change: Callable[[str], str]
    written: str


def instead(old: str, new: str) -> Callable[[str], str]:
    """Return what replaces something that has to be there."""

    def change(html: str) -> str:
        assert old in html
        return html.replace(old, new)

    return change


PLATELETS = "platelets &lt;50&times;10<sup>9</sup>/L"
LISTED = f"<div>Watch:</div><ul><li>doses</li><ul><li>missed<br></li></ul><li>{PLATELETS}</li></ul>"
LINES = "<div>&gt;65 years</div><div><br></div><div>- 3.1 points<br>2016. Done</div>"
LINKED = '\\(2^{-1}\\), see <a href="https://example.org/a(05)1">here</a>: HLA-B*57:01 and *2'
EDITS = {
    "bold": Edit(
        "tourmaline-mm1/question/why-combine", "Response", instead("at cereblon", "at <b>cereblon</b>"),
        "Ixazomib at the proteasome, lenalidomide at **cereblon**.",
    ),
    "a list": Edit(
        "tourmaline-mm1/question/oral-therapy-at-home", "Response", lambda _: LISTED,
        "Watch:\n\n- doses\n  - missed\n- platelets <50×10⁹/L",
    ),
    "lines": Edit(
        "aspire/question/fixed-duration", "Response", lambda _: LINES,
        ">65 years\n\n- 3.1 points\n2016. Done",
    ),
    "a hint": Edit(
        "pollux/design/patients/cloze/no-upper-limit", "Text",
        instead("{{c1::at least one}}", "{{c1::at least one::in <i>three</i> words}}"),
        "POLLUX required {{c1::at least one::in *three* words}}.",
    ),
    "struck out": Edit(
        "tourmaline-mm1/question/pfs-as-endpoint", "Response",
        instead("Double blinding", "<strike>Double</strike> blinding"),
        "~~Double~~ blinding with placebo",
    ),
    "a space and an underline": Edit(
        "eloquent-2/question/weight-of-response", "Response",
        instead("with PFS; elsewhere", "with&nbsp;PFS; <u>elsewhere</u>"),
        "It was co-primary with\u00a0PFS; elsewhere PFS alone was primary.",
    ),
    "a line": Edit(
        "pollux/trial", "Tested", instead("(DRd)", "(<b>DRd</b>)"),
        "Daratumumab added to lenalidomide and dexamethasone (**DRd**)",
    ),
    "a question": Edit(
        "tourmaline-mm1/question/informative-censoring", "Question",
        instead("<p>How could", "<p>How<br>could"),
        "How\ncould censoring patients",
    ),
    "a link": Edit(
        "tourmaline-mm1/question/ixazomib-or-bortezomib", "Response", lambda _: LINKED,
        r"\(2^{-1}\), see [here](<https://example.org/a(05)1>): HLA-B*57:01 and *2",
    ),
    "emptied": Edit("tourmaline-mm1/question/place-among-triplets", "Response", lambda _: "<br>", ""),
}  # fmt: skip


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Project:
    """The shipped project, as `make decks` builds it."""
    shutil.copytree(root / "seeds", tmp_path / "seeds")
    shutil.copytree(root / "decks", tmp_path / "decks", ignore=shutil.ignore_patterns("*.apkg", ".*"))
    made = Project(tmp_path)
    made.build(NOW + 400 * DAY)
    return made


def exported(project: Project, *steps: Step) -> Path:
    package = project.folder / "from-anki.apkg"
    decks: list[Step] = [{"import": str(path)} for path in sorted(project.decks.glob("*.apkg"))]
    in_anki([*decks, *steps, {"export": {"path": str(package), "legacy": False, "scheduling": True}}])
    return package


def edited(project: Project) -> Path:
    """Make all edits in Anki, and export."""
    shown = {key: fields for opened in project.packages.values() for key, fields in opened.notes.items()}
    return exported(
        project,
        *(
            {"set_field": {"guid": guid_of(key), "name": field, "value": change(shown[key][field])}}
            for key, field, change, _ in EDITS.values()
        ),
    )


def pull(project: Project, package: Path, *options: str) -> str:
    call = ["pull", str(package), str(project.seeds), "--out", str(project.decks), *options]
    result = CliRunner().invoke(main, call, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def texts(project: Project) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in project.seeds.glob("*.yaml")}


def values(part: object) -> Iterator[str]:
    """Yield all texts of a record."""
    if isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from values(each)
    elif isinstance(part, str):
        yield part


def test_an_export_without_an_edit_changes_nothing(project: Project) -> None:
    before = texts(project)
    shown = pull(project, exported(project), "--apply")
    assert shown == "0 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted; 0 records written\n"
    assert texts(project) == before


def test_edits_of_ten_kinds_are_pulled_once(project: Project) -> None:
    package = edited(project)
    first = pull(project, package, "--apply")
    assert "9 edited, 0 added, 0 conflicts, 1 left alone, 0 deleted; 4 records written" in first
    assert "  tourmaline-mm1/question/place-among-triplets: it is empty in Anki" in first
    assert "taken without the underline of 'elsewhere'" in first
    after = texts(project)
    said = {trial: list(values(yaml.safe_load(text))) for trial, text in after.items()}
    for name, edit in EDITS.items():
        assert any(edit.written in value for value in said[edit.key.partition("/")[0]]), name
    assert any("Nothing direct: its comparator" in value for value in said["tourmaline-mm1"])
    assert check([project.seeds]).errors == ()
    again = pull(project, package, "--apply")
    assert "0 edited, 0 added, 0 conflicts, 1 left alone, 0 deleted; 0 records written" in again
    assert "  tourmaline-mm1/question/place-among-triplets: it is empty in Anki" in again
    assert texts(project) == after


def test_the_next_edition_has_what_was_pulled_and_no_news(project: Project) -> None:
    pull(project, edited(project), "--apply")
    counts = project.build(NOW + 500 * DAY).counts
    assert (counts.changed, counts.new, counts.retired) == (9, 0, 0)
    # The changed line stands on all notes of its trial; two of them are sent anyway, because their own texts changed.
    notes = {key for package in project.packages.values() for key, *_ in package.cards if key.startswith("pollux/")}
    assert counts.shared["pollux"] == len(notes) - 2
    # Notes across trials say what each of their trials tested.
    assert {name for name in counts.shared if not name.startswith("across:")} == {"pollux"}
    shown = pull(project, exported(project))
    assert shown == "0 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted; 0 records would be written (--apply)\n"
