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


@cache
def text_of(path: Path) -> str:
    return (SOURCE / path).read_text(encoding="utf-8")


def floor(module: str) -> int | None:
    """The floor of a module of ours; None for the package itself."""
    parts = module.split(".")
    known = parts[0] == "trialdeck" and len(parts) > 1 and parts[1] in FLOORS
    return FLOORS.index(parts[1]) if known else None


def test_rooms_import_downward_only() -> None:
    higher = {path.as_posix(): names for path in MODULES if (names := from_higher_rooms(path))}
    assert not higher, "these import from a higher room"


def from_higher_rooms(path: Path) -> list[str]:
    own = FLOORS.index(path.parts[0].removesuffix(".py"))
    return [name for name in imports(path) if (floor(name) or 0) > own]


def test_the_desk_stands_on_the_public_api() -> None:
    """It has no logic of its own: what a page needs, a script gets as well. The colours are those of the site."""
    desk = [path for path in MODULES if path.parts[0] == "desk"]
    own = {(path.as_posix(), name) for path in desk for name in imports(path) if name.split(".")[0] == "trialdeck"}
    allowed = ("trialdeck.desk", "trialdeck.site.styles")
    assert not [(path, name) for path, name in own if name != "trialdeck" and not name.startswith(allowed)]


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


def test_modules_stay_small() -> None:
    lines = {path.as_posix(): text_of(path).count("\n") for path in MODULES}
    large = {path: count for path, count in lines.items() if count > 350}
    assert not large, "350 lines at most: move one idea of each into a module of its own"


def test_one_module_alone_prints() -> None:
    ways = re.compile(r"click\.s?echo\(|(?<![\w.])print\(|sys\.std\w+\.write|\bConsole\(\)")
    assert [path.as_posix() for path in MODULES if ways.search(text_of(path))] == ["cli/terminal/printing.py"]


def test_folders_stay_small() -> None:
    sizes = {path.parent.as_posix(): 0 for path in SOURCE.rglob("*.py")}
    for path in SOURCE.rglob("*.py"):
        sizes[path.parent.as_posix()] += 1
    full = {folder: size for folder, size in sizes.items() if size > 15}
    assert not full, "more than 15 files: give those that belong together a folder of their own"


_OWN_PLURAL = re.compile(r"""== 1 else f?["'][^"']*s["']|["']s["'] \* \(|["']["'] if [\w.()]+ == 1 else ["']s["']""")


def test_one_function_alone_decides_between_one_and_several() -> None:
    """`counted` writes 1 note and 2 notes; the numbers of a record keep the form in which they were published."""
    others = [path for path in MODULES if path.name not in {"text.py", "arm_values.py"}]
    assert not [path.as_posix() for path in others if _OWN_PLURAL.search(text_of(path))]
