"""Every view of the desk for everybody: axe finds nothing, nothing sticks out, by day and by night, wide and narrow."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]

VIEWS = (
    *("", "new", "add", "trial/aspire.yaml", "cards", "cards/aspire.yaml", "review", "review/aspire.yaml", "release"),
    *("anki", "settings", "decks/landmark-trials", "nothing"),
)
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (
    ("light", 1280),
    ("dark", 1280),
    ("light", 390),
    ("dark", 390),
)


@pytest.fixture(scope="module")
def page(desk: "Desk", chromium: Browser) -> Iterator[Page]:
    page = desk.page(chromium)
    yield page
    page.context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_and_nothing_sticks_out(page: Page, desk: "Desk", view: str) -> None:
    page.goto(desk.root + view)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for colours, width in LOOKS:
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size({"width": width, "height": 860})
        assert violations(page) == [], (colours, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (colours, width)
