"""What the page on installing says, and what the project says of itself, is so."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from folders import ROOT
from trialdeck import __version__

PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSIONS = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", each)]
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_the_page_names_the_versions_and_the_file() -> None:
    *others, last = VERSIONS
    assert f"You need Python {', '.join(others)} or {last}," in PAGE
    assert set(re.findall(r"trialdeck-[\w.]+?-py3-none-any\.whl", PAGE)) == {
        f"trialdeck-{__version__}-py3-none-any.whl"
    }


def test_the_extras_that_the_page_names_are_there() -> None:
    named = {name for group in re.findall(r"\[([a-z,]+)\]\"", PAGE) for name in group.split(",")}
    assert named | set(re.findall(r"`(word|preview|watch|dask)`", PAGE)) <= PROJECT["optional-dependencies"].keys()
    assert "'" not in "".join(re.findall(r"^.*trialdeck\[.*$", PAGE, re.MULTILINE)), "cmd.exe knows no such quotes"


def test_debian_says_what_the_page_says() -> None:
    notes = list(Path("/usr/lib").glob("python3.*/EXTERNALLY-MANAGED"))
    if not notes:
        pytest.skip("this system's Python is not managed by the system")
    assert "pipx install" in " ".join(notes[0].read_text(encoding="utf-8").split())
    assert "externally-managed-environment" in PAGE


@pytest.mark.parametrize(("shell", "line"), re.findall(r"_TRIALDECK_COMPLETE=(\w+)_source trialdeck(.)", PAGE))
def test_a_shell_is_told_how_to_complete(shell: str, line: str) -> None:
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("bash is not here")
    done = completed(_TRIALDECK_COMPLETE=f"{shell}_source")
    assert "_trialdeck_completion" in done
    assert f"{shell}_complete" in done


def test_commands_and_options_are_completed() -> None:
    def of(words: str) -> list[str]:
        answer = completed(_TRIALDECK_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
        return [line.partition(",")[2] for line in answer.splitlines()]

    assert of("trialdeck bui") == ["build"]
    assert of("trialdeck sheet ex") == ["export"]
    assert of("trialdeck build --ch") == ["--check"]


def completed(**variables: str) -> str:
    """What the program answers to a shell."""
    program = Path(sys.executable).with_name("trialdeck")
    return subprocess.run(
        [program], env={**os.environ, **variables}, capture_output=True, check=False, encoding="utf-8"
    ).stdout


# --- What the project says of itself


def test_one_version_is_named_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert (citation["license"], citation["abstract"]) == (PROJECT["license"], PROJECT["description"])
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]


def test_addresses_are_those_of_the_project() -> None:
    homepage = yaml.safe_load((ROOT / "decks" / "project.yaml").read_text(encoding="utf-8"))["homepage"]
    assert PROJECT["urls"]["Homepage"] == homepage
    assert all(address.startswith(homepage) for address in PROJECT["urls"].values())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_an_issue_template_is_a_form(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "config.yml":
        assert all(link.keys() == {"name", "url", "about"} for link in form["contact_links"])
        return
    assert {"name", "description", "body"} <= form.keys()
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(set(ids)) == len(ids)
    assert all(part["attributes"].get("label") or part["attributes"].get("value") for part in form["body"])
