"""The form of a trial as a test uses it: a window on one record, and requests that are held back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from conftest import RECORD

if TYPE_CHECKING:
    from desks import Desk

WHY, WHOM = "Why does dawnol work?", "Whom does dawnol help?"
NOTED = RECORD.replace("questions:\n", "questions:\n  # Asked on rounds.\n")
_NUMBERS = count(1)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds: server and browser take their time."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it never came to hold")


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds, while requests of the page go through the hands of the test."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(50)
    pytest.fail("it never came to hold")


@dataclass(frozen=True)
class Form:
    """A window on the form of one record."""

    page: Page
    record: Path

    @property
    def text(self) -> str:
        return self.record.read_text(encoding="utf-8") if self.record.exists() else ""

    def field(self, key: str) -> Locator:
        return self.page.locator(f"#f-{key}")

    def open(self, number: int, part: str = "questions") -> None:
        """Open an entry, from 0."""
        button = self.page.locator(f"#part-{part} .entry-open").nth(number)
        if button.get_attribute("aria-expanded") == "false":
            button.click()

    def asks(self, *questions: str) -> None:
        """The form asks these questions, in this order."""
        expect(self.page.locator("#part-questions .entry-lead")).to_have_text(list(questions))

    def is_saved(self) -> None:
        expect(self.page.locator("#save-state")).to_have_text("Saved")

    def says(self, text: str) -> None:
        """The file says something, sooner or later."""
        eventually(lambda: text in self.text)
        self.is_saved()

    def undo(self) -> None:
        """Take back all that was done: the file has the very bytes that it had."""
        button = self.page.get_by_role("button", name="Undo", exact=True)
        self.is_saved()
        while button.is_enabled():
            steps = button.get_attribute("title") or ""
            button.click()
            expect(button).not_to_have_attribute("title", steps)
        assert self.text == NOTED

    def another(self) -> "Form":
        """Open the same trial in another tab."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        return Form(page, self.record)


def form_of(desk: "Desk", chromium: Browser, text: str = NOTED) -> Form:
    number = next(_NUMBERS)
    record = desk.folder / "seeds" / f"form-{number}.yaml"
    record.parent.mkdir(exist_ok=True)
    record.write_text(text, encoding="utf-8")
    return Form(desk.page(chromium, path=f"trial/{record.name}"), record)


@contextmanager
def kept(page: Page, pattern: str, method: str = "") -> Iterator[list[Route]]:
    """Keep requests, all or those of one method, until the end of the block."""
    held: list[Route] = []
    is_over = False

    def hold(route: Route) -> None:
        if is_over or method not in {"", route.request.method}:
            route.continue_()
        else:
            held.append(route)

    page.route(pattern, hold)
    yield held
    # One may come while the others go on.
    is_over = True
    for route in held:
        route.continue_()
    page.unroute(pattern, hold)


@contextmanager
def held_back(page: Page) -> Iterator[None]:
    """Keep what a page sends until the end of the block, and at least one request."""
    with kept(page, "**/trial/**") as held:
        yield
        until(page, lambda: bool(held))
