"""Whatever README and docs tell a reader to type works, and gives what they say.

A block of `sh` is run here; one of `console` is for another machine, or waits for somebody.
"""

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
from folders import ROOT
from trialdeck.cli import main
from trialdeck.notes.note import guid_of
from trialdeck.project.check import check

ENTER = "set -e\n. .venv/bin/activate\nmkdir -p new\n"
PROGRAM = re.compile(r"^```python\n(.*?)^```$\n\n((?:    [^\n]*\n)+)", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def readme() -> str:
    return page("README.md")


@pytest.fixture
def authors() -> str:
    return page("docs/authors.md")


@pytest.fixture
def sharers() -> str:
    return page("docs/sharers.md")


@pytest.fixture
def record_page() -> str:
    return page("docs/record.md")


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
    assert "make decks\nmake test\n" in SHELL.findall(readme)
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^decks: ", makefile, re.MULTILINE)
    assert re.search(r"^test: ", makefile, re.MULTILINE)


def test_the_continuous_integration_runs_the_test_command_of_the_readme(root: Path) -> None:
    assert "\nmake test\n" in (root / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_runs(name: str, copy: Path, tmp_path: Path) -> None:
    """From the top of the page to its end, in one shell, as somebody types them who reads it."""
    # An export of Anki has a test of its own, below; the targets of make are those of continuous integration.
    blocks = [block for block in SHELL.findall(page(name)) if not re.match("make |trialdeck pull", block)]
    folder = tmp_path / "project"
    if blocks:
        shutil.copytree(copy, folder, symlinks=True, ignore=shutil.ignore_patterns("new", ".git", "*.xlsx"))
        in_shell(folder, f"{ENTER}{''.join(blocks)}")


def test_a_workbook_goes_out_and_in_and_changes_nothing(authors: str, copy: Path) -> None:
    (sheets,) = (block for block in SHELL.findall(authors) if "sheet export" in block)
    git = "git init -q . && git add seeds && git -c user.name=a -c user.email=a@b.c commit -qm first\n"
    in_shell(copy, f"{ENTER}{git}trialdeck build\n{sheets}")
    assert in_shell(copy, "git diff --exit-code seeds") == ""


def test_an_edit_comes_back_from_the_real_anki(authors: str, tmp_path: Path, copy: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(copy, folder, symlinks=True, ignore=shutil.ignore_patterns("new", ".git"))
    (shown,) = re.findall(r"^```diff\n(.*?)^```$", authors, re.MULTILINE | re.DOTALL)
    before, after = (line[1:].strip().partition(": ")[2] for line in shown.splitlines())
    git = "git init -q . && git add seeds && git -c user.name=a -c user.email=a@b.c commit -qm first\n"
    in_shell(folder, f"{ENTER}{git}trialdeck build\n")
    (statement,) = (
        line for line in (folder / "seeds" / "tourmaline-mm1.yaml").read_text().splitlines() if before in line
    )
    key = f"tourmaline-mm1/question/why-combine/cloze/{statement.split(':')[0].strip()}"
    out: Step = {"path": str(folder / "from-anki.apkg"), "legacy": False, "scheduling": True}
    edit: Step = {"guid": guid_of(key), "name": "Text", "value": after}
    imports: list[Step] = [{"import": str(path)} for path in sorted((folder / "decks").glob("*.apkg"))]
    in_anki([*imports, {"set_field": edit}, {"export": out}])
    told = in_shell(
        folder, f"{ENTER}trialdeck pull from-anki.apkg\ntrialdeck pull from-anki.apkg --apply\ngit diff seeds\n"
    )
    assert shown in told
    assert len([line for line in told.splitlines() if re.match(r"[-+] ", line)]) == 2


def test_somebodys_deck_becomes_records(authors: str, copy: Path) -> None:
    (decks,) = (block for block in SHELL.findall(authors) if "trialdeck inspect" in block)
    in_shell(copy, ENTER + decks)
    assert check([copy / "new" / "theirs"]).errors == ()


def in_shell(folder: Path, script: str) -> str:
    """Run a script as a reader would, and return what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_fault_that_a_page_shows_is_reported_as_shown(authors: str, copy: Path) -> None:
    shown = re.search(r"^    new/dawn-1\.yaml:(\d+):.*(?:\n    .*)+$", authors, re.MULTILINE)
    assert shown
    source, record = "docs/examples/dawn-1.txt", copy / "new" / "dawn-1.yaml"
    program = Path(sys.prefix) / "bin" / "trialdeck"
    subprocess.run([program, "ingest", source, "-o", record, "--force"], cwd=copy, check=True, capture_output=True)
    lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
    place = int(shown[1]) - 1
    assert "perspective: mechanism" in lines[place]
    lines[place] = lines[place].replace("perspective", "perspectve")
    record.write_text("".join(lines), encoding="utf-8")
    done = subprocess.run([program, "check", "new"], cwd=copy, capture_output=True, text=True, check=False)
    shutil.rmtree(copy / "new")
    assert f"{dedent(shown[0])}\n" in done.stdout


def test_the_record_of_its_page_is_a_good_one(record_page: str, tmp_path: Path) -> None:
    block = yaml_block(record_page, "trial")
    (tmp_path / "dawn-1.yaml").write_text(block, encoding="utf-8")
    assert check([tmp_path]).problems == ()
    assert yaml.safe_load(block)["id"] == "dawn-1"


def test_the_figures_of_the_page_go_into_its_record(record_page: str, root: Path, tmp_path: Path) -> None:
    (figures,) = re.findall(r"^```yaml\n(    figures:\n.*?)^```$", record_page, re.MULTILINE | re.DOTALL)
    block, last = yaml_block(record_page, "trial"), "    response: It blocks **dawnase**.\n"
    assert last in block
    (tmp_path / "dawn-1.yaml").write_text(block.replace(last, last + figures), encoding="utf-8")
    shutil.copyfile(root / "docs" / "pictures" / "retired-light.png", tmp_path / "pathway.png")
    assert check([tmp_path]).problems == ()


def yaml_block(text: str, schema: str) -> str:
    """The YAML block of a page that names this schema."""
    blocks: list[str] = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if f"/{schema}.schema.json" in block)
    return found


def test_the_settings_of_the_guide_are_good_ones(authors: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    for trial in ("aspire", "pollux"):  # those that the deck of the guide takes
        shutil.copy(root / "seeds" / f"{trial}.yaml", tmp_path / "seeds")
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "project.yaml").write_text(yaml_block(authors, "project"), encoding="utf-8")
    (tmp_path / "decks" / "fellows.yaml").write_text(yaml_block(authors, "deck"), encoding="utf-8")
    checked = check([tmp_path / "seeds", tmp_path / "decks"])
    assert checked.problems == ()
    assert checked.settings.edition == "2026.2"
    assert [definition.id for definition in checked.definitions] == ["myeloma-fellows"]


def test_the_differences_that_the_guide_shows_are_those_that_it_prints(sharers: str, copy: Path) -> None:
    shutil.rmtree(copy / "new", ignore_errors=True)
    blocks = [block for block in SHELL.findall(sharers) if "trialdeck diff" in block]
    told = in_shell(copy, ENTER + "".join(blocks))
    (shown,) = re.findall(r"^```markdown\n(.*?)^```$", sharers, re.MULTILINE | re.DOTALL)
    assert told.endswith(shown)
    words = re.search(r"^    changed:\n(?:    .*\n)+", sharers, re.MULTILINE)
    assert words
    assert re.sub(r"(?m)^    ", "", words[0]) in told


def test_a_program_prints_what_its_page_says(copy: Path) -> None:
    shutil.rmtree(copy / "new", ignore_errors=True)
    ((program, shown),) = PROGRAM.findall(page("docs/python.md"))
    done = subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (re.sub(r"(?m)^    ", "", shown), "")


def test_the_page_on_python_names_what_is_public() -> None:
    text = page("docs/python.md")
    calls = {name for name in td.__all__ if name.islower() and not name.startswith("_")}
    assert {name for name in calls if f"`{name}" in text or f"td.{name}(" in text} == calls


def test_every_command_is_described_and_every_described_command_exists() -> None:
    described = set(re.findall(r"^\| `trialdeck (\w+)", page("docs/commands.md"), re.MULTILINE))
    assert described == set(commands_of(main))
    assert all(isinstance(command, Command) for command in commands_of(main).values())


def test_the_readme_is_short(readme: str) -> None:
    assert len(readme.split()) <= 900


@pytest.mark.parametrize("name", [*PAGES, "CONTRIBUTING.md", "SECURITY.md"])
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page(name), flags=re.MULTILINE | re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match("https?:|mailto:", target)]
    folder = (ROOT / name).parent
    assert [target for target in targets if not is_there(folder, name, target)] == []


def is_there(folder: Path, name: str, target: str) -> bool:
    """Whether a link leads to a file, and to a heading in it."""
    path, _, anchor = target.partition("#")
    file = folder / path if path else ROOT / name
    return file.exists() and (not anchor or file.suffix != ".md" or anchor in anchors_of(file.read_text("utf-8")))


def anchors_of(text: str) -> set[str]:
    """The anchors of the headings of a page, as GitHub and mkdocs make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_documentation_becomes_a_site_that_loads_nothing(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    program = Path(sys.prefix) / "bin" / "zensical"
    done = subprocess.run([program, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {path.stem: path.read_text("utf-8") for path in (tmp_path / "build" / "docs").glob("*.html")}
    assert {Path(name).stem for name in PAGES} - {"README"} <= pages.keys()
    loads = re.compile(r"<(?:script|img|iframe)[^>]* src=\"?https?:|<link[^>]* rel=\"?stylesheet[^>]* href=\"?https?:")
    assert [name for name, html in pages.items() if loads.search(html)] == []
