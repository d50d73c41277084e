"""The wheel, with its runtime dependencies alone, does everything outside the repository."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

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
    environment = tmp_path_factory.mktemp("wheel") / "venv"
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python", wheel], check=True)
    return environment / "bin" / "trialdeck"


def run(program: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return subprocess.run(
        [program, *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=True, encoding="utf-8"
    )


def test_the_wheel_holds_schemas_templates_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (scripts,) = (archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert "trialdeck = trialdeck.entry:run" in scripts
    assert {f"trialdeck/schemas/{name}.schema.json" for name in ("trial", "deck", "project", "map")} <= names
    assert "trialdeck/py.typed" in names
    assert {"trialdeck/notes/templates/style.css", "trialdeck/notes/templates/trial/name-back.html"} <= names
    assert {"trialdeck/site/templates/trial.html", "trialdeck/site/static/site.css"} <= names
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
