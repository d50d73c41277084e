"""The wheel, with its runtime dependencies alone, does everything outside the repository."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from uv import find_uv_bin

from packages import open_package

PAGE = """\
Dawnol for Example Disease
Source: View publication →
Dawnol delayed relapse in the DAWN-1 trial.
Guided Discussion
Why does dawnol work in DAWN-1?
Key Response
It binds dawnin.
Clinical Landscape
Noteworthy Related Trials
DUSK-2 Trial
Tested
Duskol
"""


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, root], check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed script, in an environment that has nothing but the wheel and what it depends on."""
    return installed(wheel, tmp_path_factory.mktemp("wheel"), sys.executable)


def installed(wheel: Path, folder: Path, python: str, extra: str = "") -> Path:
    """Install the wheel as the documentation says, `uv tool install`, for one Python; returns the program."""
    places = {"UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    wanted = f"trialdeck{extra} @ {wheel.as_uri()}"
    command = [find_uv_bin(), "tool", "install", "--quiet", "--python", python, wanted]
    subprocess.run(command, check=True, env={**clean(), **places})
    return folder / "bin" / "trialdeck"


def clean() -> dict[str, str]:
    """The variables of this process without those of Python, which would find the source of the repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}


def run(program: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # What a Python warns of, a later one no longer does.
    variables = {**clean(), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [program, *arguments], cwd=folder, env=variables, capture_output=True, check=True, encoding="utf-8"
    )


def files_in(folder: Path, place: str) -> set[str]:
    """The files of a folder, as they are called where it is put."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {f"{place}/{path.as_posix()}" for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_every_file_of_the_package_and_its_licence(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (scripts,) = (archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert "trialdeck = trialdeck.entry:run" in scripts
    wanted = files_in(root / "src" / "trialdeck", "trialdeck") | files_in(root / "schemas", "trialdeck/schemas")
    wanted |= files_in(root / "addon" / "trialdeck_addon", "trialdeck/addon")
    assert wanted - names == set()
    some = (
        "py.typed",
        "schemas/trial.schema.json",
        "site/static/site.css",
        "core/words/de.yaml",
        "addon/manifest.json",
    )
    assert {f"trialdeck/{name}" for name in some} <= wanted
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "seeds/")) for name in names)


def test_the_wheel_does_ingest_check_schema_and_build(program: Path, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    run(program, tmp_path, "ingest", "page.txt", "-o", "dawn.yaml")
    assert "1 record, 0 errors" in run(program, tmp_path, "check", "dawn.yaml").stdout
    assert json.loads(run(program, tmp_path, "schema", "trial").stdout)["title"] == "Trial record"
    run(program, tmp_path, "build", "dawn.yaml", "--out", "out")
    run(program, tmp_path, "diff", "dawn.yaml", "--out", "out")
    run(program, tmp_path, "site", "dawn.yaml", "--out", "site")
    assert "DAWN-1" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert zipfile.is_zipfile(tmp_path / "site" / "trialdeck.ankiaddon")
    notes = open_package(tmp_path / "out" / "dawn-1.apkg").notes
    assert notes["dusk-2/trial"]["Tested"] == "Duskol"
    assert [fields["Response"] for key, fields in notes.items() if "/question/" in key] == ["<p>It binds dawnin.</p>"]


def test_a_desk_without_its_libraries_says_how_to_get_them(program: Path, tmp_path: Path) -> None:
    command: list[str | Path] = [program, "desk", tmp_path, "--no-open"]
    done = subprocess.run(command, env=clean(), capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 1
    hint = r'    uv tool install "trialdeck\[desk\] @ file:///\S+/trialdeck-\S+\.whl"\n'
    assert re.fullmatch(rf"error: the desk needs the library \w+\n{hint}", done.stderr)


def test_the_wheel_with_its_extra_serves_the_desk(wheel: Path, tmp_path: Path) -> None:
    program = installed(wheel, tmp_path / "programs", sys.executable, "[desk]")
    command: list[str | Path] = [program, "desk", tmp_path, "--no-open"]
    variables = {**clean(), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, encoding="utf-8") as desk:
        try:
            assert desk.stderr
            (address,) = re.findall(r"http://\S+", desk.stderr.readline())
            with build_opener(HTTPCookieProcessor()).open(address) as page:
                text = page.read().decode()
        finally:
            desk.send_signal(signal.SIGINT)
    assert "<h1" in text
    assert desk.returncode == 0


# --- Every Python that it says it runs on

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
THIS = "{}.{}".format(*sys.version_info)


def python_of(version: str) -> str:
    """Return an interpreter of a version that is on this machine: on the path, or one that pyenv has."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [*map(str, sorted(pyenv.glob(f"{version}.*/bin/python"))), shutil.which(f"python{version}")]
    for python in filter(None, found):
        # What pyenv puts on the path may lead to no interpreter.
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip(f"Python {version} is not on this machine")


def test_the_versions_are_those_that_the_metadata_names(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert tuple(named) == VERSIONS
    assert project["requires-python"] == f">={VERSIONS[0]}"


@pytest.mark.parametrize("version", [version for version in VERSIONS if version != THIS])
def test_the_first_hour_on_another_python(version: str, wheel: Path, tmp_path: Path) -> None:
    program = installed(wheel, tmp_path / "programs", python_of(version))
    run(program, tmp_path, "init", "hearts", "--example")
    home = tmp_path / "hearts"
    (home / "page.txt").write_text(PAGE.replace("DAWN-1", "EVE-2"), encoding="utf-8")
    run(program, home, "ingest", "page.txt", "-o", "seeds/eve-2.yaml")
    assert "2 records, 1 deck definition, 0 errors" in run(program, home, "check").stdout
    run(program, home, "build", "--workers", "2", "--no-cache")
    assert {path.name for path in (home / "decks").glob("*.apkg")} == {"trials-dawn-1.apkg", "trials-eve-2.apkg"}
    assert run(program, home, "build").stdout.endswith("no note has changed\n")
    run(program, home, "site")
    run(program, home, "sheet", "export", "-o", "sheets")
    assert "nothing was written" in run(program, home, "sheet", "import", "sheets", "--dry-run").stderr
    inspected = json.loads(run(program, home, "inspect", "decks/trials-dawn-1.apkg", "--format", "json").stdout)
    assert inspected
