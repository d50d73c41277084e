"""The file that Anki installs: what is in it, and that Anki's own Python can read it."""

import ast
import json
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from folders import ROOT
from trialdeck_addon.core import VERSION
from trialdeck_addon.core.feed import parts_of

SOURCE = ROOT / "addon" / "trialdeck_addon"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
OLDEST_PYTHON = (3, 9)
"""What Anki 24.11 brings along."""


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST_PYTHON)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dist") / "trialdeck.ankiaddon"
    program = f"import make, pathlib; make.make(pathlib.Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT / "addon", check=True)
    return path


def test_its_files_lie_at_the_root_and_are_all_there(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert {"__init__.py", "manifest.json", "LICENSE", "core/update.py", "core/updating/merge.py"} <= set(names)
    assert {name for name in names if name.endswith(".py")} == {path.relative_to(SOURCE).as_posix() for path in MODULES}
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_the_same_source_gives_the_same_bytes(package: Path, tmp_path: Path) -> None:
    program = f"import make, pathlib; make.make(pathlib.Path({str(tmp_path / 'again')!r}))"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT / "addon", check=True)
    assert (tmp_path / "again").read_bytes() == package.read_bytes()


def test_the_manifest_is_what_anki_asks_for(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest.keys() == {"package", "name", "mod", "human_version", "min_point_version", "max_point_version"}
    assert (manifest["package"], manifest["min_point_version"], manifest["max_point_version"]) == (
        "trialdeck",
        241100,
        260903,
    )
    assert parts_of(manifest["human_version"]) == parts_of(VERSION)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_is_python_of_the_oldest_anki(path: Path) -> None:
    tree = parsed(path)
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))
    is_lazy = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in imports)
    assert is_lazy or len(tree.body) <= 12, "annotations of today need `from __future__ import annotations`"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_imports_only_what_every_anki_has(path: Path) -> None:
    tree = parsed(path)
    allowed = sys.stdlib_module_names | {"anki", "certifi"} | (set() if "core" in path.parts else {"aqt"})
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        assert not {name.partition(".")[0] for name in names} - allowed, path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_modules_and_folders_stay_small(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 350
    assert len(list(path.parent.glob("*.py"))) <= 15
