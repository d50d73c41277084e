"""The desk in a real Chromium, with a real server."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]


def test_the_token_leaves_the_address(desk: "Desk", chromium: Browser) -> None:
    page = desk.page(chromium)
    assert page.url == desk.root
    expect(page.get_by_role("heading", level=1)).to_have_text("Trials")


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("Add", "add"),
        ("Cards", "cards"),
        ("Review", "review"),
        ("Release", "release"),
        ("From Anki", "anki"),
        ("Settings", "settings"),
    ],
)
def test_every_view_is_in_the_navigation(desk: "Desk", chromium: Browser, label: str, path: str) -> None:
    page = desk.page(chromium)
    page.get_by_role("navigation", name="Desk").get_by_role("link", name=label).click()
    expect(page).to_have_url(desk.root + path)
    expect(page.get_by_role("link", name=label, exact=True)).to_have_attribute("aria-current", "page")
