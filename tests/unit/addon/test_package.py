"""The file of the add-on: what Anki needs to install it, and nothing else."""

import ast
import io
import json
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from folders import ROOT
from trialdeck.site.feed.addon import addon_package

SOURCE = ROOT / "addon" / "trialdeck_addon"
STANDARD = sys.stdlib_module_names
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def test_its_files_lie_at_the_root_of_the_zip() -> None:
    with ZipFile(io.BytesIO(addon_package())) as packed:
        assert set(packed.namelist()) == {"manifest.json", *(path.as_posix() for path in MODULES)}
        manifest = json.loads(packed.read("manifest.json"))
    assert manifest["package"] == "trialdeck"
    assert manifest["min_point_version"] == 241100
    assert manifest["max_point_version"] > 0  # if it were negative, newer releases would refuse it


def test_the_same_source_gives_the_same_bytes() -> None:
    assert addon_package() == addon_package()


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_can_be_read_by_the_python_of_anki_24_11(path: Path) -> None:
    ast.parse((SOURCE / path).read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_what_anki_has(path: Path) -> None:
    """Anki names the folder, so its own modules are imported relatively; nobody installs anything for an add-on."""
    foreign = {"anki", "certifi"} | ({"aqt"} if path.parts[0] == "gui" else set())
    for node in ast.walk(ast.parse((SOURCE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= foreign | STANDARD, path


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_stays_small(path: Path) -> None:
    assert (SOURCE / path).read_text(encoding="utf-8").count("\n") <= 350
