"""Whatever the README tells a reader to type works, and gives what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from click import Command

import trialdeck as td
from anki_exports import Step, in_anki
from commands import commands_of
from trialdeck.cli import main
from trialdeck.notes.note import guid_of
from trialdeck.project.check import check

WAYS = "## From where you work, and back"
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a reader has it after `make decks`."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("seeds", "schemas", "docs"):
        shutil.copytree(root / name, folder / name)
    shutil.copytree(root / "decks", folder / "decks", ignore=shutil.ignore_patterns("*.apkg", ".*"))
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def test_the_two_commands_of_the_set_up_are_targets_of_make(readme: str, root: Path) -> None:
    assert SHELL.findall(readme)[0] == "make decks\nmake test\n"
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^decks: ", makefile, re.MULTILINE)
    assert re.search(r"^test: ", makefile, re.MULTILINE)


def test_the_continuous_integration_runs_the_test_command_of_the_readme(root: Path) -> None:
    assert "\nmake test\n" in (root / ".ci" / "run").read_text(encoding="utf-8")


def test_the_tour_works_from_start_to_end(readme: str, copy: Path) -> None:
    shutil.rmtree(copy / "new", ignore_errors=True)
    before, _, rest = readme.partition(f"\n{WAYS}\n")
    script = "".join(["set -e\n", *SHELL.findall(before + rest.partition("\n## ")[2])[1:]])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(["bash", "-c", script], cwd=copy, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] in readme
    built = sorted(path.relative_to(copy).as_posix() for path in copy.rglob("*.apkg"))
    assert {"new/decks/dawn-1.apkg", "new/perspectives/clinical.apkg", "new/fellow/aspire.apkg"} <= set(built)
    assert "new/journal-club/pollux.apkg" in built


def test_the_ways_from_where_one_works_and_back(readme: str, copy: Path) -> None:
    """A workbook goes out and in, an edit comes back from the real Anki, and somebody's deck becomes records."""
    section = readme.partition(f"\n{WAYS}\n")[2].partition("\n## ")[0]
    sheets, edits, decks = SHELL.findall(section)
    (shown,) = re.findall(r"^```diff\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    before, after = (line[1:].strip().partition(": ")[2] for line in shown.splitlines())
    enter = "set -e\n. .venv/bin/activate\nmkdir -p new\n"
    git = "git init -q . && git add seeds && git -c user.name=a -c user.email=a@b.c commit -qm first\n"
    in_shell(copy, f"{enter}{git}trialdeck build\n{sheets}")
    assert in_shell(copy, "git diff --exit-code seeds") == ""
    (statement,) = (
        line for line in (copy / "seeds" / "tourmaline-mm1.yaml").read_text().splitlines() if before in line
    )
    key = f"tourmaline-mm1/question/why-combine/cloze/{statement.split(':')[0].strip()}"
    out: Step = {"path": str(copy / "from-anki.apkg"), "legacy": False, "scheduling": True}
    edit: Step = {"guid": guid_of(key), "name": "Text", "value": after}
    imports: list[Step] = [{"import": str(path)} for path in sorted((copy / "decks").glob("*.apkg"))]
    in_anki([*imports, {"set_field": edit}, {"export": out}])
    told = in_shell(copy, enter + edits)
    assert shown in told
    assert len([line for line in told.splitlines() if re.match(r"[-+] ", line)]) == 2
    in_shell(copy, enter + decks)
    assert check([copy / "new" / "theirs"]).errors == ()


def in_shell(folder: Path, script: str) -> str:
    """Run a script as a reader would, and return what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_fault_that_the_tour_shows_is_reported_as_shown(readme: str, copy: Path) -> None:
    shown = re.search(r"^    new/dawn-1\.yaml:(\d+):.*(?:\n    .*)+$", readme, re.MULTILINE)
    assert shown
    page, record = "docs/examples/dawn-1.txt", copy / "new" / "dawn-1.yaml"
    program = Path(sys.prefix) / "bin" / "trialdeck"
    subprocess.run([program, "ingest", page, "-o", record, "--force"], cwd=copy, check=True, capture_output=True)
    lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
    place = int(shown[1]) - 1
    assert "perspective: mechanism" in lines[place]
    lines[place] = lines[place].replace("perspective", "perspectve")
    record.write_text("".join(lines), encoding="utf-8")
    done = subprocess.run([program, "check", "new"], cwd=copy, capture_output=True, text=True, check=False)
    shutil.rmtree(copy / "new")
    assert f"{dedent(shown[0])}\n" in done.stdout


def test_the_record_of_the_readme_is_a_good_one(readme: str, tmp_path: Path) -> None:
    block = yaml_block(readme, "trial")
    (tmp_path / "dawn-1.yaml").write_text(block, encoding="utf-8")
    assert check([tmp_path]).problems == ()
    assert yaml.safe_load(block)["id"] == "dawn-1"


def test_the_figures_of_the_readme_go_into_its_record(readme: str, root: Path, tmp_path: Path) -> None:
    (figures,) = re.findall(r"^```yaml\n(    figures:\n.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    block, last = yaml_block(readme, "trial"), "    response: It blocks **dawnase**.\n"
    assert last in block
    (tmp_path / "dawn-1.yaml").write_text(block.replace(last, last + figures), encoding="utf-8")
    shutil.copyfile(root / "docs" / "pictures" / "retired-light.png", tmp_path / "pathway.png")
    assert check([tmp_path]).problems == ()


def yaml_block(readme: str, schema: str) -> str:
    """The YAML block of the README that names this schema."""
    blocks: list[str] = re.findall(r"^```yaml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if f"/{schema}.schema.json" in block)
    return found


def test_the_settings_of_the_readme_are_good_ones(readme: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    for trial in ("aspire", "pollux"):  # those that the deck of the README takes
        shutil.copy(root / "seeds" / f"{trial}.yaml", tmp_path / "seeds")
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "project.yaml").write_text(yaml_block(readme, "project"), encoding="utf-8")
    (tmp_path / "decks" / "fellows.yaml").write_text(yaml_block(readme, "deck"), encoding="utf-8")
    checked = check([tmp_path / "seeds", tmp_path / "decks"])
    assert checked.problems == ()
    assert checked.settings.edition == "2026.2"
    assert [definition.id for definition in checked.definitions] == ["myeloma-fellows"]


def test_the_differences_that_the_readme_shows_are_those_that_it_prints(readme: str, copy: Path) -> None:
    shutil.rmtree(copy / "new", ignore_errors=True)
    commands = ("trialdeck ingest", "trialdeck build new --out", "trialdeck diff new", "trialdeck diff docs")
    blocks = [next(block for block in SHELL.findall(readme) if command in block) for command in commands]
    script = "".join(["set -e\n. .venv/bin/activate\n", *blocks])
    done = subprocess.run(["bash", "-c", script], cwd=copy, capture_output=True, text=True, check=True)
    (shown,) = re.findall(r"^```markdown\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert done.stdout.endswith(shown)
    words = re.search(r"^    changed:\n(?:    .*\n)+", readme, re.MULTILINE)
    assert words
    assert re.sub(r"(?m)^    ", "", words[0]) in done.stdout


def test_the_program_of_the_readme_prints_what_it_says(readme: str, copy: Path) -> None:
    shutil.rmtree(copy / "new", ignore_errors=True)
    ((program, shown),) = re.findall(r"^```python\n(.*?)^```$\n\n((?:    [^\n]*\n)+)", readme, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (re.sub(r"(?m)^    ", "", shown), "")


def test_the_readme_names_what_is_public(readme: str) -> None:
    section = readme.partition("\n## From Python\n")[2].partition("\n## ")[0]
    calls = {name for name in td.__all__ if name.islower() and not name.startswith("_")}
    assert {name for name in calls if f"`{name}" in section or f"td.{name}(" in section} == calls


def test_every_command_is_described_and_every_described_command_exists(readme: str) -> None:
    described = set(re.findall(r"^\| `trialdeck (\w+)", readme, re.MULTILINE))
    assert described == set(commands_of(main))
    assert all(isinstance(command, Command) for command in commands_of(main).values())


def test_links_and_pictures_lead_somewhere(readme: str, root: Path) -> None:
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", readme) if not target.startswith("https://")]
    assert [target for target in targets if not (root / target.partition("#")[0]).exists()] == []
    assert sum(target.endswith(".png") for target in targets) >= 2
