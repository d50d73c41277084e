"""Every view of the desk for everybody: axe finds nothing, nothing sticks out, by day and by night, wide and narrow."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]

VIEWS = {
    "": "Home",
    "new": "Home",
    "trial/aspire.yaml": "Home",
    "nothing": "Home",
    "add": "Add",
    "cards": "Cards",
    "review": "Review",
    "review/aspire.yaml": "Review",
    "release": "Release",
    "anki": "From Anki",
    "settings": "Settings",
    "decks/landmark-trials": "Settings",
}
"""The place in the navigation of each."""
STICKING_OUT = """() => {
  const scrolls = each => each && (getComputedStyle(each).overflowX !== "visible" || scrolls(each.parentElement));
  return document.documentElement.scrollWidth <= innerWidth ? [] : [...document.body.querySelectorAll("*")]
  .filter(each => each.getBoundingClientRect().right > innerWidth && !scrolls(each.parentElement))
  .map(each => `${Math.round(each.getBoundingClientRect().right)} ${each.outerHTML.slice(0, 120)}`);
}"""
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


def sticking_out(page: Page) -> list[str]:
    """What is wider than the window, if the page has to be moved sideways to read it."""
    found: list[str] = page.evaluate(STICKING_OUT)
    return found


@pytest.mark.parametrize(("view", "place"), VIEWS.items())
def test_axe_finds_nothing_and_nothing_sticks_out(page: Page, desk: "Desk", view: str, place: str) -> None:
    page.goto(desk.root + view)
    expect(page.locator("nav [aria-current=page]")).to_have_text([place])
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("[inert]")).to_have_count(0)
    for colours, width in LOOKS:
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size({"width": width, "height": 860})
        assert violations(page) == [], (colours, width)
        assert sticking_out(page) == [], (colours, width)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sticking_out(page) == [], "on a phone, with text of twice the size"
