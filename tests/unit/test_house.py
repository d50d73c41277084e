"""The house keeps its order: lower rooms never import higher ones."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from folders import ROOT

SOURCE = ROOT / "src" / "trialdeck"
# From the ground up; a module may import from its own floor and from the floors below.
FLOORS = [
    "core",
    "markdown",
    "yamlfile",
    "records",
    "notes",
    "apkg",
    "editions",
    "decks",
    "lint",
    "project",
    "drafts",
    "sheets",
    "anki",
    "incoming",
    "review",
    "site",
    "cards",
    "api",
    "desk",
    "cli",
    "entry",
    "__main__",
]
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if path.name != "__init__.py")


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, inside functions too."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((SOURCE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(module: str) -> int | None:
    """The floor of a module of ours; None for the package itself."""
    parts = module.split(".")
    known = parts[0] == "trialdeck" and len(parts) > 1 and parts[1] in FLOORS
    return FLOORS.index(parts[1]) if known else None


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_rooms_import_downward_only(path: Path) -> None:
    own = FLOORS.index(path.parts[0].removesuffix(".py"))
    higher = [name for name in imports(path) if (floor(name) or 0) > own]
    assert not higher, f"{path} imports from a higher room: {higher}"


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] == "desk"], ids=str)
def test_the_desk_stands_on_the_public_api(path: Path) -> None:
    """It has no logic of its own: what a page needs, a script gets as well. The colours are those of the site."""
    own = {name for name in imports(path) if name.split(".")[0] == "trialdeck"}
    allowed = ("trialdeck.desk", "trialdeck.site.styles")
    assert not [name for name in own if name != "trialdeck" and not name.startswith(allowed)]


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("genanki", {"apkg/writer.py", "apkg/rows.py", "notes/genanki_notes.py"}),
        ("click", {"cli"}),
        ("rich", {"cli"}),
        ("jinja2", {"site", "desk"}),
        ("openpyxl", {"sheets/workbook"}),
        ("markupsafe", {"site", "desk"}),
        ("rispy", {"drafts/citations/ris.py"}),
        ("bibtexparser", {"drafts/citations/bibtex.py"}),
        ("json_repair", {"drafts/model_output/json_text.py"}),
        ("starlette", {"desk"}),
        ("uvicorn", {"desk"}),
    ],
)
def test_foreign_libraries_stay_in_their_rooms(library: str, homes: set[str]) -> None:
    users = {path for path in MODULES if any(name.split(".")[0] == library for name in imports(path))}
    assert users
    assert [path for path in users if not {path.as_posix(), path.parts[0], path.parent.as_posix()} & homes] == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_modules_stay_small(path: Path) -> None:
    lines = (SOURCE / path).read_text(encoding="utf-8").count("\n")
    assert lines <= 350, f"{path} has {lines} lines, 350 at most: move one idea of it into a module of its own"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_one_module_alone_prints(path: Path) -> None:
    text = (SOURCE / path).read_text(encoding="utf-8")
    ways = re.findall(r"click\.s?echo\(|(?<![\w.])print\(|sys\.std\w+\.write|\bConsole\(\)", text)
    assert not ways or path.as_posix() == "cli/terminal/printing.py"


def test_folders_stay_small() -> None:
    sizes = {path.parent.as_posix(): 0 for path in SOURCE.rglob("*.py")}
    for path in SOURCE.rglob("*.py"):
        sizes[path.parent.as_posix()] += 1
    full = {folder: size for folder, size in sizes.items() if size > 15}
    assert not full, "more than 15 files: give those that belong together a folder of their own"


_OWN_PLURAL = re.compile(r"""== 1 else f?["'][^"']*s["']|["']s["'] \* \(|["']["'] if [\w.()]+ == 1 else ["']s["']""")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_one_function_alone_decides_between_one_and_several(path: Path) -> None:
    """`counted` writes 1 note and 2 notes; the numbers of a record keep the form in which they were published."""
    if path.name not in {"text.py", "arm_values.py"}:
        assert not _OWN_PLURAL.findall((SOURCE / path).read_text(encoding="utf-8"))
