"""The pictures of the docs show what cards, pages and commands look like now."""

import re
from pathlib import Path

import pytest

from folders import ROOT
from pictured import OUT, Pictured, drawn_last

STALE = "it shows what is no longer so: run `make pictures`"
LINK = re.compile(r"!\[[^\]]*\]\(((?:docs/)?pictures/[^)]+)\)")


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digest of what each picture would show today."""
    return Pictured(tmp_path_factory.mktemp("pictured")).digests()


@pytest.mark.parametrize("name", sorted(drawn_last()))
def test_a_picture_shows_what_is_so(name: str, now: dict[str, str]) -> None:
    assert now.get(name) == drawn_last()[name], f"{name}: {STALE}"
    assert [path.suffix for path in OUT.glob(f"{name}.*")] in ([".png"], [".svg"])


def test_everything_is_drawn(now: dict[str, str]) -> None:
    assert set(now) == set(drawn_last()), STALE


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_picture_is_in_a_page_and_every_page_has_its_pictures() -> None:
    linked = {Path(link).name for page in pages() for link in LINK.findall(page.read_text(encoding="utf-8"))}
    there = {path.name for path in OUT.iterdir() if path.suffix in {".png", ".svg"}}
    assert linked - there == set()
    assert there - linked == set()
