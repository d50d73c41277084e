"""The pages for developers name what is there: folders, files, modules and what is in them, commands of make."""

import importlib
import re
from collections.abc import Iterator
from functools import reduce

import pytest
from test_house import FLOORS, SOURCE

from folders import ROOT

PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
BEGINNINGS = (ROOT, SOURCE)


def words(page: str) -> Iterator[str]:
    """What a page has between single backticks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    without_blocks = re.sub(r"(?ms)^```.*?^```$", "", text)
    yield from re.findall(r"`([^`\n]+)`", without_blocks)


PATHS = sorted({word for page in PAGES for word in words(page) if re.fullmatch(r"[\w.-]*(?:/[\w.-]*)+|\w+\.py", word)})
NAMES = sorted(
    {
        word
        for page in PAGES
        for word in words(page)
        if word.split(".")[0] in FLOORS and "/" not in word and not word.endswith(".py")
    }
)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_there(path: str) -> None:
    there = [each / path for each in BEGINNINGS if (each / path).exists()]
    assert there, f"{path} is neither in the project nor in src/trialdeck"
    assert there[0].is_dir() == path.endswith("/")


@pytest.mark.parametrize("name", NAMES)
def test_every_module_has_what_is_named(name: str) -> None:
    parts = name.split(".")
    lengths = [n for n in range(len(parts), 0, -1) if is_module(parts[:n])]
    assert lengths, f"no module of this name: {name}"
    module = importlib.import_module(".".join(["trialdeck", *parts[: lengths[0]]]))
    reduce(getattr, parts[lengths[0] :], module)


def is_module(parts: list[str]) -> bool:
    path = SOURCE.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_the_pages_name_enough_to_be_of_use() -> None:
    assert len(PATHS) > 20
    assert len(NAMES) > 10


def test_the_rooms_are_told_from_the_ground_up() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    told = re.findall(r"(?m)^\| `(\w+)/` \|", text)
    assert told == [each for each in FLOORS if (SOURCE / each).is_dir()]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_make_is_in_the_makefile(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"(?m)^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert set(re.findall(r"(?:`|^)make (\w+)", text, re.MULTILINE)) <= set(targets)
